//! Working days of mainland China: weekends are off, public holidays too, and some weekends are worked in their place.
//! Terms in law count them: a request by right is answered within fifteen.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::{Date, Weekday, date};

/// Working days within which a request of a person about their data is decided.
pub const TERM: u16 = 15;

/// Public holidays as they were announced (General Office of the State Council, 4 November 2025, for 2026): the first day
/// and how many there are. Each year's are announced in the autumn before; until a program knows them, they are configured.
const HOLIDAYS: [(Date, i8); 7] = [
    (date(2026, 1, 1), 3),
    (date(2026, 2, 15), 9),
    (date(2026, 4, 4), 3),
    (date(2026, 5, 1), 5),
    (date(2026, 6, 19), 3),
    (date(2026, 9, 25), 3),
    (date(2026, 10, 1), 7),
];

/// Saturdays and Sundays that are worked in their place, from the same announcement.
const WORKED: [Date; 6] =
    [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)];

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workdays {
    holidays: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

/// How much of a term is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// So many working days after today, the last one counted; none if it ends today.
    Days(u32),
    /// The last day is over.
    Over,
}

impl Workdays {
    /// The days that the program knows, and what is configured in addition; what is configured wins.
    pub fn new(holidays: &[Date], worked: &[Date]) -> Self {
        let known = HOLIDAYS.iter().flat_map(|(first, days)| first.series(Span::new().days(1)).take(*days as usize));
        let mut off: BTreeSet<Date> = known.filter(|day| !worked.contains(day)).collect();
        off.extend(holidays);
        let mut on: BTreeSet<Date> = WORKED.into_iter().filter(|day| !holidays.contains(day)).collect();
        on.extend(worked);
        Self { holidays: off, worked: on }
    }

    /// The first year whose holidays are not known, if a term that begins today, once made longer by as much again, can reach
    /// into it: its holidays then count as working days, and terms seem to end earlier than they do.
    pub fn unknown_year(&self, today: Date) -> Option<i16> {
        let last = self.after(self.after(today, TERM), TERM);
        let known = |year: i16| self.holidays.iter().any(|day| day.year() == year);
        (today.year()..=last.year()).find(|year| !known(*year))
    }

    /// Whether a day is worked.
    pub fn is_worked(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.worked.contains(&day) || (!weekend && !self.holidays.contains(&day))
    }

    /// The working day with which a term of so many ends. The day on which it begins does not count (Civil Code 201).
    pub fn after(&self, begin: Date, count: u16) -> Date {
        let mut day = begin;
        let mut left = count;
        while left > 0 {
            // The calendar's last day ends every term.
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            left -= u16::from(self.is_worked(day));
        }
        day
    }

    /// How much is left, today, of a term with this last day.
    pub fn left(&self, today: Date, last: Date) -> Left {
        if today > last {
            return Left::Over;
        }
        let days = today.series(Span::new().days(1)).skip(1).take_while(|day| *day <= last);
        Left::Days(u32::try_from(days.filter(|day| self.is_worked(*day)).count()).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weekends_do_not_count_and_neither_does_the_first_day() {
        let days = Workdays::new(&[], &[]);
        // Monday, 2 March 2026.
        assert_eq!(days.after(date(2026, 3, 2), 1), date(2026, 3, 3));
        assert_eq!(days.after(date(2026, 3, 2), TERM), date(2026, 3, 23));
        assert_eq!(days.after(date(2026, 3, 7), 1), date(2026, 3, 9), "begun on a Saturday");
        assert_eq!(days.after(date(2026, 3, 2), 0), date(2026, 3, 2));
    }

    #[test]
    fn the_spring_festival_makes_a_term_longer_and_the_days_worked_for_it_shorter() {
        let days = Workdays::new(&[], &[]);
        assert!(days.is_worked(date(2026, 2, 14)) && days.is_worked(date(2026, 2, 28)), "Saturdays");
        assert!(!days.is_worked(date(2026, 2, 16)) && !days.is_worked(date(2026, 2, 23)), "Mondays");
        // 14 February, then 24 to 28, 2 to 6 March, 9 to 12.
        assert_eq!(days.after(date(2026, 2, 13), TERM), date(2026, 3, 12));
        assert_eq!(days.after(date(2026, 9, 30), 3), date(2026, 10, 10), "the National Day");
    }

    #[test]
    fn what_is_configured_wins() {
        let days = Workdays::new(&[date(2027, 2, 8), date(2026, 2, 28)], &[date(2026, 10, 2), date(2027, 2, 20)]);
        assert!(!days.is_worked(date(2027, 2, 8)) && days.is_worked(date(2027, 2, 20)));
        assert!(!days.is_worked(date(2026, 2, 28)) && days.is_worked(date(2026, 10, 2)));
        assert_eq!(days.after(date(2027, 2, 5), 1), date(2027, 2, 9));
    }

    #[test]
    fn a_year_without_known_holidays_is_told_as_soon_as_a_term_may_reach_it() {
        let days = Workdays::new(&[], &[]);
        assert_eq!(days.unknown_year(date(2026, 3, 2)), None);
        assert_eq!(days.unknown_year(date(2026, 11, 18)), None, "thirty working days later it is 30 December");
        assert_eq!(days.unknown_year(date(2026, 11, 23)), Some(2027));
        assert_eq!(days.unknown_year(date(2027, 3, 1)), Some(2027));
        assert_eq!(days.unknown_year(date(2025, 12, 1)), Some(2025));
        let days = Workdays::new(&[date(2027, 1, 1)], &[]);
        assert_eq!(days.unknown_year(date(2026, 11, 23)), None);
    }

    #[test]
    fn what_is_left_is_told_until_the_last_day_is_over() {
        let days = Workdays::new(&[], &[]);
        let last = date(2026, 3, 23);
        for (today, left) in [
            (date(2026, 3, 2), Left::Days(15)),
            (date(2026, 3, 20), Left::Days(1)),
            (date(2026, 3, 22), Left::Days(1)),
            (last, Left::Days(0)),
            (date(2026, 3, 24), Left::Over),
        ] {
            assert_eq!(days.left(today, last), left, "{today}");
        }
    }

    proptest! {
        #[test]
        fn a_term_has_as_many_working_days_as_it_says(ahead in 0i32..3000, count in 0u16..60, holiday in 0i32..3000) {
            let at = |days: i32| date(2025, 6, 1).saturating_add(Span::new().days(days));
            let days = Workdays::new(&[at(holiday)], &[]);
            let last = days.after(at(ahead), count);
            prop_assert_eq!(days.left(at(ahead), last), Left::Days(u32::from(count)));
            prop_assert!(count == 0 || days.is_worked(last));
        }
    }
}
