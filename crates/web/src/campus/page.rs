//! `GET /campus`: the classes of a campus and what goes on in them. Numbers of classes, not of children.

use askama::Template;
use jiayin_domain::id::ClassId;
use jiff::civil::Date;

use crate::locale::Localizer;
use crate::school_time::{days_after, weekday};
use crate::visitor::Layout;

/// Days that are shown.
pub const DAYS: usize = 14;

/// Size of the drawing, in its own units.
const WIDTH: f32 = 140.0;
const HEIGHT: f32 = 32.0;

/// A class.
pub struct CampusClass {
    /// The class.
    pub id: ClassId,
    /// Its name.
    pub name: String,
    /// Names of its teachers.
    pub teachers: String,
    /// Learners in it.
    pub learners: u32,
    /// Learners who recorded something this week.
    pub active: u32,
    /// Recordings of this week.
    pub recordings: u32,
    /// Share of the homework due this week that was done, in percent; `None` if none was due.
    pub done: Option<u8>,
    /// Recordings a day, the last one today.
    pub days: [u32; DAYS],
}

/// One day of the table behind a drawing.
pub struct Day {
    /// Its name.
    pub name: String,
    /// RFC 3339.
    pub iso: String,
    /// Recordings.
    pub count: u32,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "campus/page_part.html")]
pub struct CampusPart {
    /// Texts.
    pub l: Localizer,
    /// Name of the campus.
    pub name: String,
    /// The classes.
    pub classes: Vec<CampusClass>,
    /// Today at the school.
    pub today: Date,
}

impl CampusPart {
    /// Learners of all classes.
    pub fn learners(&self) -> u32 {
        self.classes.iter().map(|class| class.learners).sum()
    }

    /// Active learners of all classes.
    pub fn active(&self) -> u32 {
        self.classes.iter().map(|class| class.active).sum()
    }

    /// Recordings of all classes.
    pub fn recordings(&self) -> u32 {
        self.classes.iter().map(|class| class.recordings).sum()
    }

    /// Recordings of all classes, day by day.
    pub fn total(&self) -> [u32; DAYS] {
        let mut total = [0; DAYS];
        for class in &self.classes {
            total.iter_mut().zip(class.days).for_each(|(sum, count)| *sum += count);
        }
        total
    }

    /// The days with their names.
    pub fn table(&self, counts: &[u32; DAYS]) -> Vec<Day> {
        counts
            .iter()
            .enumerate()
            .map(|(index, count)| {
                let date = days_after(self.today, index as i64 + 1 - DAYS as i64);
                let name = format!("{} {}/{}", self.l.t(weekday(date)), date.month(), date.day());
                Day { name, iso: date.to_string(), count: *count }
            })
            .collect()
    }

    /// One sentence that says what the drawing shows.
    pub fn summary(&self, counts: &[u32; DAYS]) -> String {
        let sum = |days: &[u32]| days.iter().sum::<u32>().to_string();
        let (before, last) = counts.split_at(DAYS / 2);
        self.l.tn("campus-trend", &[("before", sum(before)), ("last", sum(last))])
    }
}

/// Points of the line of a drawing, for `<polyline points>`.
pub fn line(counts: &[u32; DAYS]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let step = WIDTH / (DAYS - 1) as f32;
    let point = |(index, count): (usize, &u32)| {
        format!("{:.1},{:.1}", index as f32 * step, HEIGHT - 2.0 - *count as f32 / most * (HEIGHT - 4.0))
    };
    counts.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

/// The whole page.
#[derive(Template)]
#[template(path = "campus/page.html")]
pub struct CampusPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: CampusPart,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stays_inside_the_drawing() {
        assert!(line(&[0; DAYS]).starts_with("0.0,30.0"));
        let mut counts = [1; DAYS];
        counts[DAYS - 1] = 900;
        assert!(line(&counts).ends_with("140.0,2.0"));
    }
}
