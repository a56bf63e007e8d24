//! Which days count in the terms that people are promised: those within which requests are answered.

use jiayin_domain::workdays::Workdays;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{ConfigError, range};

/// What is set of the calendar of working days, in addition to the years that the program knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Public holidays.
    pub holidays: Vec<Date>,
    /// Saturdays and Sundays that are worked in place of others.
    pub extra_working_days: Vec<Date>,
}

impl Terms {
    /// The calendar.
    pub fn workdays(&self) -> Workdays {
        Workdays::new(&self.holidays, &self.extra_working_days)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        range(
            !self.extra_working_days.iter().any(|day| self.holidays.contains(day)),
            "privacy.extra_working_days",
            "days that are not in `privacy.holidays` too",
        )
    }
}
