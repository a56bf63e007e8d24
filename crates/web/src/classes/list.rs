//! `GET /classes`: the teacher's classes, those first that need something now.

use askama::Template;
use jiayin_domain::homework::Due;
use jiayin_domain::id::{AssignmentId, ClassId};

use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::visitor::Layout;

/// Names shown of those who are late; the rest is a number.
const NAMES: usize = 6;

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
