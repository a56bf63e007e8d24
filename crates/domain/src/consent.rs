//! Consent: what is decided and where, and how old somebody is as far as that matters.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What was decided about a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Given,
    /// No, when first asked.
    Refused,
    /// No, after a yes.
    Withdrawn,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Given, Self::Refused, Self::Withdrawn];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The decision with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.tag() == tag)
    }
}

/// Where a decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// While joining, by invitation.
    Join,
    /// On the page of consents.
    Settings,
    /// The browser's own signal (Global Privacy Control).
    Signal,
    /// By answering a survey under one's own name, or taking the answers back.
    Survey,
    /// The demo school's people, who are invented.
    Demo,
}

impl Surface {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Join, Self::Settings, Self::Signal, Self::Survey, Self::Demo];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Settings => "settings",
            Self::Signal => "signal",
            Self::Survey => "survey",
            Self::Demo => "demo",
        }
    }
}

/// The month in which somebody was born; the day is never asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BirthMonth {
    year: i16,
    month: i8,
}

/// It tells how old somebody is: it stays out of logs.
impl fmt::Debug for BirthMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthMonth")
    }
}

/// No month, or none in which somebody who is alive was born.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month of birth")]
pub struct NotABirthMonth;

impl BirthMonth {
    /// Reads `2017-03`.
    ///
    /// # Errors
    /// [`NotABirthMonth`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotABirthMonth> {
        let (year, month) = text.trim().split_once('-').ok_or(NotABirthMonth)?;
        let (year, month): (i16, i8) =
            (year.parse().map_err(|_| NotABirthMonth)?, month.parse().map_err(|_| NotABirthMonth)?);
        if (1900..=9999).contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(NotABirthMonth)
        }
    }

    /// As [`BirthMonth::parse`] reads it.
    pub fn to_text(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// The years that somebody born in this month has certainly completed on a day; `None` before the month is over, so for
    /// a month that is still to come. Who may still be too young counts as too young.
    pub fn full_years(self, on: Date) -> Option<u16> {
        let months = (i32::from(on.year()) - i32::from(self.year)) * 12 + i32::from(on.month()) - i32::from(self.month);
        // In the month of birth itself the birthday may be still to come.
        u16::try_from((months - 1).div_euclid(12)).ok()
    }
}

impl TryFrom<String> for BirthMonth {
    type Error = NotABirthMonth;

    fn try_from(text: String) -> Result<Self, NotABirthMonth> {
        Self::parse(&text)
    }
}

impl From<BirthMonth> for String {
    fn from(month: BirthMonth) -> Self {
        month.to_text()
    }
}

/// Below so many years the rules for children hold, and data are sensitive (PIPL 28, 31).
pub const CHILD_YEARS: u16 = 14;
/// From so many years on one decides alone (Civil Code 17).
pub const ADULT_YEARS: u16 = 18;

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_may_still_be_too_young_counts_as_too_young() {
        let born = BirthMonth::parse("2012-11").unwrap();
        assert_eq!(born.full_years(date(2026, 10, 31)), Some(13));
        assert_eq!(born.full_years(date(2026, 11, 30)), Some(13), "the birthday may be tomorrow");
        assert_eq!(born.full_years(date(2026, 12, 1)), Some(14));
        assert_eq!(born.full_years(date(2012, 11, 30)), None, "perhaps not yet born");
        assert_eq!(born.full_years(date(2011, 1, 1)), None);
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["", "2017", "2017-13", "2017-0", "1899-12", "17-03-04", "２０１７-03", "2017-03-04"] {
            assert_eq!(BirthMonth::parse(text).err(), Some(NotABirthMonth), "{text}");
        }
        assert_eq!(format!("{:?}", BirthMonth::parse("2017-3").unwrap()), "BirthMonth");
    }

    proptest! {
        #[test]
        fn months_read_back(year in 1900i16..=9999, month in 1i8..=12) {
            let born = BirthMonth { year, month };
            prop_assert_eq!(BirthMonth::parse(&born.to_text()), Ok(born));
        }

        #[test]
        fn nobody_grows_younger(year in 1900i16..=2026, month in 1i8..=12, days in 0i32..40_000) {
            let born = BirthMonth { year, month };
            let day = date(1990, 1, 1).saturating_add(jiff::Span::new().days(days));
            let next = day.saturating_add(jiff::Span::new().days(1));
            prop_assert!(born.full_years(day) <= born.full_years(next));
        }
    }
}
