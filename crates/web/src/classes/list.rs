//! `GET /classes`: the teacher's classes, those first that need something now.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use jiayin_domain::homework::{Due, due};
use jiayin_domain::id::{AssignmentId, ClassId};
use jiayin_store::classes;
use jiff::Timestamp;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// Homework that is not done by everybody stays under way so long after it was due: a fortnight.
const PATIENCE_S: i64 = 14 * 24 * 3600;
/// Names shown of those who are late; the rest is a number.
const NAMES: usize = 6;

/// Whether so few are late that each of them is worth a sign; where many are, a class has got behind, and it is said once.
pub(crate) fn few(late: usize, of: usize) -> bool {
    late * 3 <= of
}

/// Homework that is under way.
pub struct OpenAssignment {
    /// The assignment.
    pub id: AssignmentId,
    /// Title of its lesson.
    pub lesson: String,
    /// When it is due.
    pub due: Moment,
    /// How that looks from now.
    pub due_state: Due,
    /// Learners who are done.
    pub done: u32,
    /// Learners in all.
    pub of: u32,
}

impl OpenAssignment {
    /// Whether the time is over.
    pub fn late(&self) -> bool {
        self.due_state == Due::Overdue
    }

    /// Whether the time is over, and only a few are not done.
    pub fn few_late(&self) -> bool {
        self.late() && few((self.of - self.done) as usize, self.of as usize)
    }

    /// Whether it is due within a day.
    pub fn soon(&self) -> bool {
        self.due_state == Due::Soon
    }
}

/// A class.
pub struct ClassCard {
    /// The class.
    pub id: ClassId,
    /// Its name.
    pub name: String,
    /// Learners in it.
    pub learners: u32,
    /// Recordings that wait for the teacher.
    pub to_hear: u32,
    /// Homework under way, the next due first.
    pub assignments: Vec<OpenAssignment>,
    /// Names of learners who are late with something.
    pub overdue: Vec<String>,
}

impl ClassCard {
    /// Whether only a few are late; they are named.
    pub fn few_late(&self) -> bool {
        few(self.overdue.len(), self.learners as usize)
    }

    /// The names that are shown.
    pub fn named(&self) -> String {
        self.overdue.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(" · ")
    }

    /// How many more are late.
    pub fn more(&self) -> usize {
        self.overdue.len().saturating_sub(NAMES)
    }
}

/// What is in the page.
#[derive(Template)]
#[template(path = "classes/list_part.html")]
pub struct ClassesPart {
    /// Texts.
    pub l: Localizer,
    /// The classes, in order of need.
    pub classes: Vec<ClassCard>,
    /// Recordings that wait, over all classes.
    pub to_hear: u32,
}

impl ClassesPart {
    /// The part; puts first what needs the teacher.
    pub fn new(l: &Localizer, mut classes: Vec<ClassCard>) -> Self {
        classes.sort_by(|a, b| {
            (b.to_hear, b.overdue.len()).cmp(&(a.to_hear, a.overdue.len())).then_with(|| a.name.cmp(&b.name))
        });
        let to_hear = classes.iter().map(|class| class.to_hear).sum();
        Self { l: l.clone(), classes, to_hear }
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "classes/list.html")]
pub struct ClassesPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: ClassesPart,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
) -> Result<Html<String>, AppError> {
    let now = app.clock.now();
    let kept = app.store.my_classes(&viewer).await?;
    let cards = kept.iter().map(|class| card(&visitor.l, class, now)).collect::<Result<_, _>>()?;
    html(&ClassesPage { layout: Layout::new(&visitor, &app), part: ClassesPart::new(&visitor.l, cards) })
}

fn card(l: &Localizer, class: &classes::ClassCard, now: Timestamp) -> Result<ClassCard, AppError> {
    let is_under_way = |given: &&classes::AssignmentCard| {
        let everybody = class.learners.iter().all(|(learner, _)| given.done.contains(learner));
        given.due_at >= now || (!everybody && now.as_second() - given.due_at.as_second() < PATIENCE_S)
    };
    let mut under_way: Vec<&classes::AssignmentCard> = class.assignments.iter().filter(is_under_way).collect();
    under_way.sort_by_key(|given| given.due_at);
    let mut overdue = Vec::new();
    for (learner, name) in &class.learners {
        if under_way.iter().any(|given| given.due_at < now && !given.done.contains(learner)) {
            overdue.push(name.read(&class.grant)?.clone());
        }
    }
    let open = |given: &classes::AssignmentCard| OpenAssignment {
        id: given.assignment,
        lesson: given.title.clone(),
        due: Moment::new(l, given.due_at, now),
        due_state: due(given.due_at, now),
        done: count(class.learners.iter().filter(|(learner, _)| given.done.contains(learner)).count()),
        of: count(class.learners.len()),
    };
    Ok(ClassCard {
        id: class.class,
        name: class.name.clone(),
        learners: count(class.learners.len()),
        to_hear: count(class.to_hear),
        assignments: under_way.into_iter().map(open).collect(),
        overdue,
    })
}

/// A number as the pages show it.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_many_are_a_number() {
        for (late, of, expected) in [(0, 0, true), (1, 12, true), (4, 12, true), (5, 12, false), (12, 12, false)] {
            assert_eq!(few(late, of), expected, "{late} of {of}");
        }
    }
}
