//! The form of joining: what each step brings along, and what may be wrong with it.

use std::collections::HashMap;

use jiayin_domain::consent::{ADULT_YEARS, BirthMonth, Decision};
use jiayin_privacy::AskedOf;
use jiayin_privacy::map::PurposeEntry;
use jiayin_store::consent::asked_of;
use jiayin_store::join::Decisions;
use jiff::civil::Date;

use crate::accounts::new_password::{PasswordError, judge};
use crate::accounts::profile::{NameError, name};

/// The fields as they came.
pub type Fields = HashMap<String, String>;

/// What may be wrong with a step. Each has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The policy was not agreed to.
    NotAgreed,
    /// A purpose that the service needs was not granted.
    Needed,
    /// Another version of the policy has come into force since the page was opened.
    Outdated,
    /// No phone number, and no e-mail address.
    Contact,
    /// The visitor's name is empty or too long.
    Name,
    /// The child's name is empty or too long.
    ChildName,
    /// No month, or one that cannot be.
    Born,
    /// Too young to be a learner, or no child any more.
    Age,
    /// The visitor did not say that they are an adult and the child's guardian.
    NotGuardian,
    /// The password is too short or too long.
    Password,
    /// The password is one of the common ones.
    Common,
    /// The password is guessed in few tries.
    Guessable,
}

impl Wrong {
    /// Key of the text that says what is wrong and what to do.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotAgreed => "join-wrong-not-agreed",
            Self::Needed => "join-wrong-needed",
            Self::Outdated => "join-wrong-outdated",
            Self::Contact => "join-wrong-contact",
            Self::Name => "join-wrong-name",
            Self::ChildName => "join-wrong-child-name",
            Self::Born => "join-wrong-born",
            Self::Age => "join-wrong-age",
            Self::NotGuardian => "join-wrong-not-guardian",
            Self::Password => "join-wrong-password",
            Self::Common => "password-common",
            Self::Guessable => "password-guessable",
        }
    }
}

/// Ages that a learner may have; younger ones cannot read yet, older ones need no guardian.
const LEARNERS: std::ops::Range<u16> = 2..ADULT_YEARS;

/// What is asked about people, and the column in which it is kept: nothing that the data map does not have.
pub const KEPT: [(&str, &str, &str); 5] = [
    ("identifier", "identifier", "value"),
    ("name", "person", "name"),
    ("password", "password", "hash"),
    ("child-name", "person", "name"),
    ("born", "person", "birth_month"),
];
/// What only leads from step to step.
const PASSING: [&str; 5] = ["policy", "agree", "token", "code", "guardian"];

/// Whether there is no field but those that are asked: whatever else comes is refused, not dropped in silence.
pub fn only_what_is_asked(fields: &Fields) -> bool {
    let switches: Vec<String> =
        [true, false].iter().flat_map(|child| asked_of(*child).into_iter().map(|p| switch(*child, p.id))).collect();
    fields.keys().all(|name| {
        KEPT.iter().any(|(kept, ..)| kept == name) || PASSING.contains(&name.as_str()) || switches.contains(name)
    })
}

/// A field, empty if it is missing.
pub fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

/// Name of the switch of a purpose.
pub fn switch(child: bool, purpose: &str) -> String {
    format!("{}-{purpose}", if child { "child" } else { "own" })
}

/// What was decided about every purpose that is asked: a switch that is not on is a no. `signal`: the browser asks not to be
/// advertised to (Global Privacy Control), which is a no to what the map marks.
pub fn decisions(fields: &Fields, with_child: bool, signal: bool) -> Decisions {
    let of = |child: bool| {
        let decide = |purpose: &PurposeEntry| {
            let on = field(fields, &switch(child, purpose.id)) == "on" && !(signal && purpose.signal);
            (purpose.id, if on { Decision::Given } else { Decision::Refused })
        };
        asked_of(child).into_iter().map(decide).collect()
    };
    Decisions { child: if with_child { of(true) } else { Vec::new() }, own: of(false) }
}

/// Looks at the first step: the agreement, and what cannot be done without.
///
/// # Errors
/// What is wrong.
pub fn agreed(fields: &Fields, decisions: &Decisions, version: u32) -> Result<(), Wrong> {
    if field(fields, "policy").parse() != Ok(version) {
        return Err(Wrong::Outdated);
    }
    if field(fields, "agree") != "on" {
        return Err(Wrong::NotAgreed);
    }
    let refused = |(id, decision): &(&str, Decision)| {
        let needed = asked_of(true).iter().any(|p| p.id == *id && p.asked_of_child == AskedOf::Required);
        needed && *decision != Decision::Given
    };
    if decisions.child.iter().any(refused) { Err(Wrong::Needed) } else { Ok(()) }
}

/// The visitor's name and password.
///
/// # Errors
/// What is wrong.
pub fn newcomer(fields: &Fields) -> Result<(String, &str), Wrong> {
    let name = name(field(fields, "name")).map_err(|_: NameError| Wrong::Name)?;
    let password = field(fields, "password");
    match judge(password, &[&name]) {
        Ok(()) => Ok((name, password)),
        Err(PasswordError::TooShort | PasswordError::TooLong) => Err(Wrong::Password),
        Err(PasswordError::Common) => Err(Wrong::Common),
        Err(PasswordError::Guessable) => Err(Wrong::Guessable),
    }
}

/// The child's name and month of birth, and that the visitor is the guardian.
///
/// # Errors
/// What is wrong.
pub fn child(fields: &Fields, today: Date) -> Result<(String, BirthMonth), Wrong> {
    let name = name(field(fields, "child-name")).map_err(|_: NameError| Wrong::ChildName)?;
    let born = BirthMonth::parse(field(fields, "born")).map_err(|_| Wrong::Born)?;
    match born.full_years(today) {
        None => return Err(Wrong::Born),
        Some(years) if !LEARNERS.contains(&years) => return Err(Wrong::Age),
        Some(_) => {}
    }
    if field(fields, "guardian") == "on" { Ok((name, born)) } else { Err(Wrong::NotGuardian) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const MARKETING: &str = <jiayin_privacy::purpose::Marketing as jiayin_privacy::Purpose>::ID;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_switch_that_is_not_on_is_a_no_and_the_browsers_signal_too() {
        let all = fields(&[("child-teaching", "on"), ("own-marketing", "on"), ("child-marketing", "on")]);
        let said = decisions(&all, true, false);
        assert!(said.child.contains(&("teaching", Decision::Given)));
        assert!(said.child.contains(&("improvement", Decision::Refused)));
        assert!(!said.child.iter().any(|(id, _)| *id == MARKETING), "never asked for a child");
        assert_eq!(said.own, [(MARKETING, Decision::Given), ("news", Decision::Refused)]);
        assert_eq!(decisions(&all, true, true).own, [(MARKETING, Decision::Refused), ("news", Decision::Refused)]);
    }

    #[test]
    fn agreeing_needs_the_version_the_tick_and_what_is_needed() {
        let good = [("policy", "3"), ("agree", "on"), ("child-teaching", "on")];
        let check = |pairs: &[(&str, &str)]| {
            let fields = fields(pairs);
            agreed(&fields, &decisions(&fields, true, false), 3)
        };
        assert_eq!(check(&good), Ok(()));
        assert_eq!(check(&good[1..]), Err(Wrong::Outdated));
        assert_eq!(check(&[good[0], good[2]]), Err(Wrong::NotAgreed));
        assert_eq!(check(&good[..2]), Err(Wrong::Needed));
    }

    #[test]
    fn children_are_children() {
        let check = |born: &str| {
            child(&fields(&[("child-name", "小明"), ("born", born), ("guardian", "on")]), date(2026, 11, 22))
                .map(|_| ())
        };
        assert_eq!(check("2018-05"), Ok(()));
        for (born, wrong) in [
            ("2026-12", Wrong::Born),
            ("", Wrong::Born),
            ("2018-05-06", Wrong::Born),
            ("2025-11", Wrong::Age),
            ("2008-10", Wrong::Age),
        ] {
            assert_eq!(check(born), Err(wrong), "{born}");
        }
        let no_guardian = fields(&[("child-name", "小明"), ("born", "2018-05")]);
        assert_eq!(child(&no_guardian, date(2026, 11, 22)).err(), Some(Wrong::NotGuardian));
    }
}
