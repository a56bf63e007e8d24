//! `GET /campus`: the classes of a campus and what goes on in them. Numbers of classes, not of children.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use jiayin_domain::id::ClassId;
use jiayin_privacy::{Grant, purpose};
use jiayin_store::campus::ClassActivity;
use jiayin_store::support::Counts;
use jiayin_store::terms::Term;
use jiff::civil::{Date, Time};

use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::{days_after, moment, wall, weekday};
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

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
    /// The term to which it belongs; empty if to none.
    pub term: String,
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

/// A term that is over, with its classes.
pub struct PastTerm {
    /// Its name.
    pub name: String,
    /// Its classes: id and name.
    pub classes: Vec<(ClassId, String)>,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "campus/page_part.html")]
pub struct CampusPart {
    /// Texts.
    pub l: Localizer,
    /// Name of the campus.
    pub name: String,
    /// The classes, but for those of terms that are over.
    pub classes: Vec<CampusClass>,
    /// Terms that are over, the latest first.
    pub past: Vec<PastTerm>,
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
    /// Conversations of the help desk.
    pub help: Counts,
    /// The part inside.
    pub part: CampusPart,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer manages no campus.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
) -> Result<Html<String>, AppError> {
    let now = app.clock.now();
    let today = wall(now).date();
    // Midnight before the first of so many days that end today.
    let first_of = |days: usize| {
        let date = days_after(today, 1 - i64::try_from(days).unwrap_or(1));
        moment(date.to_datetime(Time::midnight())).unwrap_or(now)
    };
    let kept = app.store.campus_page(&viewer, first_of(DAYS), first_of(DAYS / 2)).await?.ok_or(AppError::NotFound)?;
    let term_of = |class: &ClassActivity| kept.terms.iter().find(|term| Some(term.id) == class.term);
    let standing = kept.classes.iter().filter(|class| !term_of(class).is_some_and(|term| term.is_over(today)));
    let named = |class| activity(class, term_of(class).map_or("", |term| &term.name), today, &kept.grant);
    let classes = standing.map(named).collect::<Result<_, _>>()?;
    let past = past(&kept.terms, &kept.classes, today);
    let part = CampusPart { l: visitor.l.clone(), name: kept.name, classes, past, today };
    let help = app.store.ticket_counts(&viewer).await?;
    html(&CampusPage { layout: Layout::new(&visitor, &app), help, part })
}

/// The terms that are over and have classes.
fn past(terms: &[Term], classes: &[ClassActivity], today: Date) -> Vec<PastTerm> {
    let of = |term: &Term| PastTerm {
        name: term.name.clone(),
        classes: classes
            .iter()
            .filter(|class| class.term == Some(term.id))
            .map(|class| (class.class, class.name.clone()))
            .collect(),
    };
    terms.iter().filter(|term| term.is_over(today)).map(of).filter(|term| !term.classes.is_empty()).collect()
}

fn activity(
    class: &ClassActivity,
    term: &str,
    today: Date,
    grant: &Grant<purpose::Administration>,
) -> Result<CampusClass, AppError> {
    let first = days_after(today, 1 - DAYS as i64);
    let mut days = [0; DAYS];
    for at in &class.recordings {
        let day = wall(*at).date().since(first).map_or(-1, |span| i64::from(span.get_days()));
        if let Some(day) = usize::try_from(day).ok().and_then(|day| days.get_mut(day)) {
            *day += 1;
        }
    }
    let mut names = Vec::with_capacity(class.teachers.len());
    for name in &class.teachers {
        names.push(name.read(grant)?.as_str());
    }
    names.sort_unstable();
    let done = (class.done.min(class.expected) * 100).checked_div(class.expected);
    Ok(CampusClass {
        id: class.class,
        name: class.name.clone(),
        term: term.to_owned(),
        teachers: names.join("、"),
        learners: count(class.learners),
        active: count(class.active),
        recordings: days[DAYS / 2..].iter().sum(),
        done: done.and_then(|percent| u8::try_from(percent).ok()),
        days,
    })
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
