//! `GET /assignments/{assignment}`: who has done it. It can be taken back: `POST /assignments/{assignment}/withdrawal`.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiayin_domain::homework::{Due, ExerciseResult, SubmissionState, due};
use jiayin_domain::id::{AssignmentId, ClassId, PersonId, RecordingId};
use jiayin_store::{classes, reviews};
use jiff::Timestamp;
use uuid::Uuid;

use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

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

/// `GET /assignments/{assignment}`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach its class.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Html<String>, AppError> {
    let kept = app.store.assignment_page(&viewer, AssignmentId(id)).await?.ok_or(AppError::NotFound)?;
    let part = part(&visitor.l, kept, app.clock.now())?;
    html(&AssignmentPage { layout: Layout::new(&visitor, &app), part })
}

fn part(l: &Localizer, kept: reviews::AssignmentPage, now: Timestamp) -> Result<AssignmentPart, AppError> {
    let rows = kept.learners.iter().map(|learner| row(l, &kept, learner, now)).collect::<Result<_, AppError>>()?;
    let part = AssignmentPart {
        l: l.clone(),
        id: kept.assignment,
        lesson: kept.title,
        sentences: kept.exercises.into_iter().map(|(_, text)| text).collect(),
        class: kept.class,
        class_name: kept.class_name,
        due: Moment::new(l, kept.due_at, now),
        due_state: due(kept.due_at, now),
        given: Moment::new(l, kept.given_at, now),
        rows,
        withdrawn: kept.withdrawn,
    };
    Ok(part.in_order())
}

fn row(
    l: &Localizer,
    kept: &reviews::AssignmentPage,
    learner: &classes::LearnerRow,
    now: Timestamp,
) -> Result<LearnerRow, AppError> {
    let all: &[ExerciseResult] = match &learner.results {
        Some(results) => results.read(&kept.grant)?,
        None => &[],
    };
    let asked = |(exercise, _): &(_, String)| all.iter().find(|result| result.exercise == *exercise);
    let results: Vec<&ExerciseResult> = kept.exercises.iter().filter_map(asked).collect();
    let totals: Vec<u32> = results.iter().filter_map(|result| result.best.map(u32::from)).collect();
    let there = results.iter().filter(|result| result.recording.is_some_and(|recording| learner.has(recording)));
    let (read, waiting) = (count(totals.len()), there.clone().filter(|result| !result.reviewed));
    let average = totals.iter().sum::<u32>().checked_div(read);
    let first = waiting.clone().next().or_else(|| there.max_by_key(|result| result.recording));
    Ok(LearnerRow {
        learner: learner.learner,
        name: learner.known.name.read(&kept.grant)?.clone(),
        progress: Progress::of(learner.state, read),
        read,
        average: average.and_then(|average| u8::try_from(average).ok()),
        to_hear: count(waiting.count()),
        recording: first.and_then(|result| result.recording),
        last: kept.last.get(&learner.learner).map(|at| Moment::new(l, *at, now)),
    })
}

/// `POST /assignments/{assignment}/withdrawal`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach its class.
pub async fn withdraw(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Response, AppError> {
    if !app.store.withdraw(&viewer, AssignmentId(id)).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&format!("/assignments/{id}")))
}
