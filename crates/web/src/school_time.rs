//! The school's clock: moments are kept in UTC, and shown and typed as they are on the wall of the school.

use jiff::civil::{self, Date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use crate::locale::Localizer;

/// Asia/Shanghai: eight hours ahead of UTC, without summer time since 1991.
pub const OFFSET: Offset = Offset::constant(8);

const WEEKDAYS: [&str; 7] = ["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"];
const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9", "month-10",
    "month-11", "month-12",
];

/// The school's time zone.
pub fn zone() -> TimeZone {
    TimeZone::fixed(OFFSET)
}

/// The wall clock of the school at a moment.
pub fn wall(at: Timestamp) -> civil::DateTime {
    at.to_zoned(zone()).datetime()
}

/// The moment at which the wall clock of the school shows this; `None` outside the calendar.
pub fn moment(wall: civil::DateTime) -> Option<Timestamp> {
    OFFSET.to_timestamp(wall).ok()
}

/// The day so many days after another.
pub fn days_after(date: Date, days: i64) -> Date {
    date.checked_add(Span::new().days(days)).unwrap_or(date)
}

/// Monday, midnight, of the week of a moment.
pub fn week_of(at: Timestamp) -> Timestamp {
    let date = wall(at).date();
    let monday = days_after(date, -i64::from(date.weekday().to_monday_zero_offset()));
    moment(monday.to_datetime(civil::Time::midnight())).unwrap_or(at)
}

/// A moment to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, for `<time datetime>`.
    pub iso: String,
    /// As people say it: “tomorrow 20:00”, “Sun 8 Mar 20:00”.
    pub text: String,
}

impl Moment {
    /// A moment as it is said now.
    pub fn new(l: &Localizer, at: Timestamp, now: Timestamp) -> Self {
        let (then, today) = (wall(at), wall(now).date());
        let time = format!("{:02}:{:02}", then.hour(), then.minute());
        let date = then.date();
        let key = if date == today {
            Some("day-today")
        } else if date == days_after(today, 1) {
            Some("day-tomorrow")
        } else if date == days_after(today, -1) {
            Some("day-yesterday")
        } else {
            None
        };
        let text = match key {
            Some(key) => l.t1(key, "time", time),
            None => l.tn(
                "day-other",
                &[
                    ("weekday", l.t(weekday(date))),
                    ("day", date.day().to_string()),
                    ("month", l.t(MONTHS[date.month().clamp(1, 12) as usize - 1])),
                    ("time", time),
                ],
            ),
        };
        Self { iso: at.to_string(), text }
    }
}

/// Key of a day's name.
pub fn weekday(date: Date) -> &'static str {
    WEEKDAYS[date.weekday().to_monday_zero_offset().clamp(0, 6) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Catalogs, Locale};

    #[test]
    fn moments_are_said_as_people_say_them() {
        let catalogs = Catalogs::load().unwrap();
        let (zh, en) = (catalogs.get(Locale::ZhCn), catalogs.get(Locale::En));
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        for (at, chinese, english) in [
            ("2026-03-02T12:00:00Z", "今天 20:00", "today 20:00"),
            // Already the next day at the school.
            ("2026-03-02T16:30:00Z", "明天 00:30", "tomorrow 00:30"),
            ("2026-03-01T12:05:00Z", "昨天 20:05", "yesterday 20:05"),
            ("2026-03-08T12:00:00Z", "3月8日 周日 20:00", "Sun 8 Mar 20:00"),
        ] {
            let at = at.parse().unwrap();
            assert_eq!(Moment::new(&zh, at, now).text, chinese);
            assert_eq!(Moment::new(&en, at, now).text, english);
        }
    }

    #[test]
    fn the_wall_clock_goes_back_and_forth() {
        let at: Timestamp = "2026-03-02T16:30:00Z".parse().unwrap();
        assert_eq!(wall(at).to_string(), "2026-03-03T00:30:00");
        assert_eq!(moment(wall(at)), Some(at));
    }
}
