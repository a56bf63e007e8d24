//! Who needs help, and why: reasons that a teacher can check, in words.

use crate::locale::Localizer;

/// Days without a recording from which on somebody is missed.
const DAYS_AWAY: i64 = 7;
/// Homework that was due and is not done from which on somebody is behind.
const HOMEWORK_BEHIND: usize = 2;
/// Mean of the latest homework below which it is hard.
const MEAN_LOW: u8 = 60;
/// Points by which the latest homework lies below those before it.
const POINTS_FALLING: u8 = 15;
/// Sounds that are hard at once.
const SOUNDS_MANY: usize = 3;
/// The latest homework that is looked at.
const LATEST: usize = 3;

/// What is known of a learner.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Mean of each homework that was begun, the oldest first.
    pub means: Vec<u8>,
    /// Homework that was due and is not done.
    pub behind: usize,
    /// Homework that was given at all.
    pub given: usize,
    /// Days since the last recording; `None` if there is none.
    pub away: Option<i64>,
    /// Sounds that are weak, in IPA.
    pub weak: Vec<&'static str>,
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was ever recorded, though there was homework.
    Never,
    /// No recording for so many days.
    Away(i64),
    /// So many homeworks were due and are not done.
    Behind(usize),
    /// The latest homework has this mean.
    Low(u8),
    /// From the mean before to that of the latest homework.
    Falling(u8, u8),
    /// These sounds are hard.
    Sounds(String),
}

impl Reason {
    /// The reasons to help somebody, the most urgent first; none if all goes well.
    pub fn all(known: &Known) -> Vec<Self> {
        let mut reasons = Vec::new();
        match known.away {
            None if known.given > 0 => reasons.push(Self::Never),
            Some(days) if days >= DAYS_AWAY && known.given > 0 => reasons.push(Self::Away(days)),
            _ => {}
        }
        if known.behind >= HOMEWORK_BEHIND && known.away.is_some() {
            reasons.push(Self::Behind(known.behind));
        }
        let latest = &known.means[known.means.len().saturating_sub(LATEST)..];
        if let Some(low) = mean(latest).filter(|mean| *mean < MEAN_LOW) {
            reasons.push(Self::Low(low));
        }
        if let Some((last, before)) = latest.split_last()
            && let Some(before) = mean(before).filter(|before| last.saturating_add(POINTS_FALLING) <= *before)
        {
            reasons.push(Self::Falling(before, *last));
        }
        if known.weak.len() >= SOUNDS_MANY {
            reasons.push(Self::Sounds(known.weak.join(" ")));
        }
        reasons
    }

    /// The reason in words.
    pub fn text(&self, l: &Localizer) -> String {
        match self {
            Self::Never => l.t("help-never"),
            Self::Away(days) => l.t1("help-away", "days", *days),
            Self::Behind(count) => l.t1("help-behind", "count", *count),
            Self::Low(mean) => l.t1("help-low", "mean", *mean),
            Self::Falling(from, to) => l.tn("help-falling", &[("from", from.to_string()), ("to", to.to_string())]),
            Self::Sounds(sounds) => l.t1("help-sounds", "sounds", sounds.as_str()),
        }
    }
}

/// The rounded mean; `None` of nothing.
pub fn mean(values: &[u8]) -> Option<u8> {
    let sum: usize = values.iter().map(|value| usize::from(*value)).sum();
    let count = values.len();
    (count > 0).then(|| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_has_a_reason_and_nobody_is_named_without_one() {
        let well = Known { means: vec![80, 85, 78], given: 3, away: Some(1), ..Known::default() };
        assert_eq!(Reason::all(&well), []);
        assert_eq!(Reason::all(&Known::default()), [], "no homework, nothing to miss");
        for (known, expected) in [
            (Known { given: 2, behind: 2, ..Known::default() }, vec![Reason::Never]),
            (Known { away: Some(9), behind: 3, ..well.clone() }, vec![Reason::Away(9), Reason::Behind(3)]),
            (Known { means: vec![95, 50, 55, 60], ..well.clone() }, vec![Reason::Low(55)]),
            (Known { means: vec![90, 88, 70], ..well.clone() }, vec![Reason::Falling(89, 70)]),
            (Known { weak: vec!["θ", "r"], ..well.clone() }, vec![]),
            (Known { weak: vec!["θ", "r", "v"], ..well }, vec![Reason::Sounds("θ r v".to_owned())]),
        ] {
            assert_eq!(Reason::all(&known), expected, "{known:?}");
        }
    }
}
