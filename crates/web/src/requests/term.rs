//! The clock of a request: the last moment of its term, and how much is left.

use jiayin_domain::workdays::{Left, TERM, Workdays};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

use crate::locale::Localizer;
use crate::school_time::{moment, wall};

/// So many working days before the last one it is time.
const SOON: u32 = 3;

/// The last moment for an answer to what comes in now: the end of the fifteenth working day at the school.
pub fn due(days: &Workdays, received: Timestamp) -> Timestamp {
    due_within(days, received, TERM)
}

/// The last moment of a term of so many working days: the end of the last one at the school.
pub fn due_within(days: &Workdays, received: Timestamp, count: u16) -> Timestamp {
    end_of(days.after(wall(received).date(), count)).unwrap_or(received)
}

/// The last moment once the term is made longer by another of the same length.
pub fn extended(days: &Workdays, due_at: Timestamp) -> Timestamp {
    end_of(days.after(wall(due_at).date(), TERM)).unwrap_or(due_at)
}

fn end_of(day: Date) -> Option<Timestamp> {
    moment(day.to_datetime(Time::constant(23, 59, 59, 0)))
}

/// How much of a term is left, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftView {
    /// The last day: `2026-03-23`.
    pub last: String,
    /// How much is left, in words.
    pub text: String,
    /// Class of its colour.
    pub tone: &'static str,
}

impl LeftView {
    /// What is left now of a term that ends at `due_at`.
    pub fn new(l: &Localizer, days: &Workdays, due_at: Timestamp, now: Timestamp) -> Self {
        let last = wall(due_at).date();
        let (text, tone) = match days.left(wall(now).date(), last) {
            Left::Over => (l.t("request-overdue"), "weak"),
            Left::Days(0) => (l.t("request-due-today"), "weak"),
            Left::Days(left) => {
                (l.t1("request-days-left", "days", left.to_string()), if left <= SOON { "fair" } else { "" })
            }
        };
        Self { last: last.to_string(), text, tone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Catalogs, Locale};

    #[test]
    fn a_term_ends_with_its_last_day_at_the_school() {
        let days = Workdays::new(&[], &[]);
        // Monday, 2 March 2026, 23:30 at the school, when it is still afternoon in Europe.
        let received: Timestamp = "2026-03-02T15:30:00Z".parse().unwrap();
        let due_at = due(&days, received);
        assert_eq!(due_at.to_string(), "2026-03-23T15:59:59Z");
        assert_eq!(due(&days, "2026-03-02T16:30:00Z".parse().unwrap()).to_string(), "2026-03-24T15:59:59Z");
        assert_eq!(extended(&days, due_at).to_string(), "2026-04-14T15:59:59Z", "6 April is a holiday");
    }

    #[test]
    fn what_is_left_is_said_in_both_languages() {
        let (days, catalogs) = (Workdays::new(&[], &[]), Catalogs::load().unwrap());
        let due_at: Timestamp = "2026-03-23T15:59:59Z".parse().unwrap();
        for (now, en, zh, tone) in [
            ("2026-03-02T08:00:00Z", "Working days left: 15", "还剩 15 个工作日", ""),
            ("2026-03-18T08:00:00Z", "Working days left: 3", "还剩 3 个工作日", "fair"),
            ("2026-03-23T15:59:59Z", "Due today", "今天到期", "weak"),
            ("2026-03-23T16:00:00Z", "Overdue", "已逾期", "weak"),
        ] {
            let now = now.parse().unwrap();
            let view = |locale| LeftView::new(&catalogs.get(locale), &days, due_at, now);
            assert_eq!((view(Locale::En).text.as_str(), view(Locale::ZhCn).text.as_str()), (en, zh));
            assert_eq!((view(Locale::En).tone, view(Locale::En).last.as_str()), (tone, "2026-03-23"));
        }
    }
}
