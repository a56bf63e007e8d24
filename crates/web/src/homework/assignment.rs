//! `GET /assignments/{assignment}`: who has done it. It can be taken back: `POST /assignments/{assignment}/withdrawal`.

use askama::Template;
use jiayin_domain::homework::{Due, SubmissionState};
use jiayin_domain::id::{AssignmentId, ClassId, PersonId, RecordingId};

use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::visitor::Layout;

/// How far a learner has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Another try was asked for.
    Returned,
    /// Nothing was read.
    NotBegun,
    /// Some sentences were read.
    Partly,
    /// All were read.
    Done,
}

impl Progress {
    /// All of them; those first that may need a word from the teacher.
    pub const ALL: [Self; 4] = [Self::NotBegun, Self::Partly, Self::Returned, Self::Done];

    /// From the state of a submission and the number of sentences that were read.
    pub fn of(state: SubmissionState, read: u32) -> Self {
        match state {
            SubmissionState::Returned => Self::Returned,
            SubmissionState::Done | SubmissionState::Reviewed => Self::Done,
            SubmissionState::Open if read == 0 => Self::NotBegun,
            SubmissionState::Open => Self::Partly,
        }
    }

    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotBegun => "progress-not-begun",
            Self::Partly => "progress-partly",
            Self::Returned => "progress-returned",
            Self::Done => "progress-done",
        }
    }

    /// Class name.
    pub fn tag(self) -> &'static str {
        match self {
            Self::NotBegun => "missed",
            Self::Partly => "fair",
            Self::Returned => "extra",
            Self::Done => "good",
        }
    }

    /// A sign beside the colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::NotBegun => "○",
            Self::Partly => "◐",
            Self::Returned => "↩",
            Self::Done => "✓",
        }
    }
}

/// One learner.
pub struct LearnerRow {
    /// The learner.
    pub learner: PersonId,
    /// Name.
    pub name: String,
    /// How far.
    pub progress: Progress,
    /// Sentences read and understood.
    pub read: u32,
    /// Mean of the best totals, 0–100.
    pub average: Option<u8>,
    /// Recordings that wait for the teacher.
    pub to_hear: u32,
    /// The first of them, else the newest recording.
    pub recording: Option<RecordingId>,
    /// When the learner last recorded.
    pub last: Option<Moment>,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "homework/assignment_part.html")]
pub struct AssignmentPart {
    /// Texts.
    pub l: Localizer,
    /// The assignment.
    pub id: AssignmentId,
    /// Title of its lesson.
    pub lesson: String,
    /// Its sentences.
    pub sentences: Vec<String>,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub class_name: String,
    /// When it is due.
    pub due: Moment,
    /// How that looks from now.
    pub due_state: Due,
    /// When it was given.
    pub given: Moment,
    /// The learners.
    pub rows: Vec<LearnerRow>,
    /// It was taken back.
    pub withdrawn: bool,
}

impl AssignmentPart {
    /// Puts those first who may need a word from the teacher; by name among them.
    pub fn in_order(mut self) -> Self {
        let place = |progress: Progress| Progress::ALL.iter().position(|other| *other == progress);
        self.rows.sort_by(|a, b| place(a.progress).cmp(&place(b.progress)).then_with(|| a.name.cmp(&b.name)));
        self
    }

    /// How many learners are so far.
    pub fn count(&self, progress: &Progress) -> usize {
        self.rows.iter().filter(|row| row.progress == *progress).count()
    }

    /// Recordings that wait for the teacher.
    pub fn to_hear(&self) -> u32 {
        self.rows.iter().map(|row| row.to_hear).sum()
    }

    /// Whether the time is over.
    pub fn late(&self) -> bool {
        self.due_state == Due::Overdue
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "homework/assignment.html")]
pub struct AssignmentPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: AssignmentPart,
}
