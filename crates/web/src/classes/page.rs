//! `GET /classes/{class}` (`?assignment=…`): who has read what, and how well. 40 learners × 10 sentences stay light, so a
//! cell is a link with a number and a word for those who do not see its colour, and no more.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use jiayin_domain::homework::{Due, ExerciseResult, SubmissionState, due, stars};
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId};
use jiayin_store::classes;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::list::{count, few};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::faces::FaceView;
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// Which assignment is shown; without one, the newest.
#[derive(Deserialize, Default)]
pub struct Choice {
    /// Id of the assignment.
    pub assignment: Option<String>,
}

/// An assignment to choose.
pub struct AssignmentTab {
    /// The assignment.
    pub id: AssignmentId,
    /// Title of its lesson.
    pub lesson: String,
    /// When it is due.
    pub due: Moment,
    /// How that looks from now.
    pub due_state: Due,
    /// Recordings that wait for the teacher.
    pub to_hear: u32,
    /// Shown now.
    pub current: bool,
}

/// How a learner stands with one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellState {
    /// Read, and the teacher has not heard it.
    New,
    /// The teacher has heard it.
    Heard,
    /// Another try was asked for.
    Returned,
    /// Sent; the ear has not heard it yet.
    Waiting,
    /// The ear could make nothing of it.
    Unread,
    /// Not read yet.
    Missing,
    /// Not read, and the time is over.
    Late,
}

impl CellState {
    /// All of them, in the order of the legend.
    pub const ALL: [Self; 7] =
        [Self::New, Self::Heard, Self::Returned, Self::Waiting, Self::Unread, Self::Missing, Self::Late];

    /// Class name of the cell.
    pub fn tag(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Heard => "heard-it",
            Self::Returned => "back",
            Self::Waiting => "wait",
            Self::Unread => "odd",
            Self::Missing => "none",
            Self::Late => "late",
        }
    }

    /// A sign beside the colour, for those who do not see colours.
    pub fn sign(self) -> &'static str {
        match self {
            Self::New => "●",
            Self::Heard => "✓",
            Self::Returned => "↩",
            Self::Waiting => "…",
            Self::Unread => "?",
            Self::Missing => "–",
            Self::Late => "!",
        }
    }

    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "cell-new",
            Self::Heard => "cell-heard",
            Self::Returned => "cell-returned",
            Self::Waiting => "cell-waiting",
            Self::Unread => "cell-unreadable",
            Self::Missing => "cell-missing",
            Self::Late => "cell-late",
        }
    }

    /// The state that follows from what is known of a sentence.
    pub fn of(result: Option<&ExerciseResult>, due: Due) -> Self {
        match result {
            Some(ExerciseResult { waiting: true, .. }) => Self::Waiting,
            Some(ExerciseResult { returned: true, .. }) => Self::Returned,
            Some(ExerciseResult { best: Some(_), reviewed: true, .. }) => Self::Heard,
            Some(ExerciseResult { best: Some(_), .. }) => Self::New,
            Some(_) => Self::Unread,
            None if due == Due::Overdue => Self::Late,
            None => Self::Missing,
        }
    }
}

/// One learner's reading of one sentence.
pub struct Cell {
    /// How it stands.
    pub state: CellState,
    /// Best total, 0–100.
    pub score: Option<u8>,
    /// The recording that counts.
    pub recording: Option<RecordingId>,
}

impl Cell {
    /// Stars for the score.
    pub fn stars(&self) -> usize {
        self.score.map_or(0, |score| stars(f32::from(score)))
    }
}

/// One learner.
pub struct Row {
    /// The learner.
    pub learner: PersonId,
    /// Name.
    pub name: String,
    /// What stands beside it.
    pub face: FaceView,
    /// How the learner stands with the assignment.
    pub state: SubmissionState,
    /// A cell for each sentence.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Sentences that were read and understood.
    pub fn read(&self) -> usize {
        self.cells.iter().filter(|cell| cell.score.is_some()).count()
    }
}

/// What is in the page.
#[derive(Template)]
#[template(path = "classes/page_part.html")]
pub struct ClassPart {
    /// Texts.
    pub l: Localizer,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Recordings of the shown assignment that wait for the teacher.
    pub to_hear: u32,
    /// Assignments, the newest first.
    pub tabs: Vec<AssignmentTab>,
    /// The sentences of the shown assignment.
    pub sentences: Vec<String>,
    /// The learners.
    pub rows: Vec<Row>,
    /// Learners who are not shown, since processing is restricted.
    pub left_out: usize,
    /// Names of the states, in the order of [`CellState::ALL`]; looked up once, not 400 times.
    names: [String; 7],
}

impl ClassPart {
    /// The part for a class and its shown assignment.
    pub fn new(
        l: &Localizer,
        class: ClassId,
        name: String,
        tabs: Vec<AssignmentTab>,
        sentences: Vec<String>,
        rows: Vec<Row>,
    ) -> Self {
        let to_hear = tabs.iter().filter(|tab| tab.current).map(|tab| tab.to_hear).sum();
        Self {
            l: l.clone(),
            class,
            name,
            to_hear,
            tabs,
            sentences,
            rows,
            left_out: 0,
            names: CellState::ALL.map(|state| l.t(state.key())),
        }
    }

    /// The assignment that is shown.
    pub fn shown(&self) -> Option<&AssignmentTab> {
        self.tabs.iter().find(|tab| tab.current)
    }

    /// Name of a state.
    pub fn word(&self, state: &CellState) -> &str {
        CellState::ALL.iter().position(|other| other == state).map_or("", |place| &self.names[place])
    }

    /// The states that occur, for the legend.
    pub fn legend(&self) -> Vec<CellState> {
        let occurs = |state: &CellState| self.rows.iter().any(|row| row.cells.iter().any(|cell| cell.state == *state));
        CellState::ALL.into_iter().filter(occurs).collect()
    }

    /// Whether so much is late that a colour for each cell would say nothing any more.
    pub fn calm(&self) -> bool {
        let cells = || self.rows.iter().flat_map(|row| &row.cells);
        !few(cells().filter(|cell| cell.state == CellState::Late).count(), cells().count())
    }

    /// Learners who have read every sentence.
    pub fn complete(&self) -> usize {
        self.rows.iter().filter(|row| row.read() == self.sentences.len()).count()
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "classes/page.html")]
pub struct ClassPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: ClassPart,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class, or it has no such assignment.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<Uuid>,
    Query(choice): Query<Choice>,
) -> Result<Html<String>, AppError> {
    let class = ClassId(class);
    let asked = match choice.assignment.as_deref() {
        None | Some("") => None,
        Some(id) => Some(id.parse().map_err(|_| AppError::NotFound)?),
    };
    let kept = app.store.class_page(&viewer, class, asked).await?.ok_or(AppError::NotFound)?;
    let part = part((&app, &visitor.l), kept, app.clock.now())?;
    html(&ClassPage { layout: Layout::new(&visitor, &app), part })
}

fn part((app, l): (&AppState, &Localizer), kept: classes::ClassPage, now: Timestamp) -> Result<ClassPart, AppError> {
    let tab = |given: &classes::Given| AssignmentTab {
        id: given.assignment,
        lesson: given.title.clone(),
        due: Moment::new(l, given.due_at, now),
        due_state: due(given.due_at, now),
        to_hear: count(given.to_hear),
        current: kept.shown == Some(given.assignment),
    };
    let tabs: Vec<AssignmentTab> = kept.assignments.iter().map(tab).collect();
    let due_state = tabs.iter().find(|tab| tab.current).map_or(Due::Later, |tab| tab.due_state);
    let rows =
        kept.learners.iter().map(|learner| row(app, &kept, learner, due_state)).collect::<Result<_, AppError>>()?;
    let sentences = kept.exercises.iter().map(|(_, text)| text.clone()).collect();
    let left_out = kept.left_out;
    Ok(ClassPart { left_out, ..ClassPart::new(l, kept.class, kept.name.clone(), tabs, sentences, rows) })
}

fn row(
    app: &AppState,
    kept: &classes::ClassPage,
    learner: &classes::LearnerRow,
    due_state: Due,
) -> Result<Row, AppError> {
    let results: &[ExerciseResult] = match &learner.results {
        Some(results) => results.read(&kept.grant)?,
        None => &[],
    };
    let cell = |(exercise, _): &(ExerciseId, String)| {
        let result = results.iter().find(|result| result.exercise == *exercise);
        Cell {
            state: CellState::of(result, due_state),
            score: result.and_then(|result| result.best),
            recording: result.and_then(|result| result.recording).filter(|recording| learner.has(*recording)),
        }
    };
    let name = learner.known.name.read(&kept.grant)?;
    Ok(Row {
        learner: learner.learner,
        name: name.clone(),
        face: FaceView::of(app, &learner.known.face, name),
        state: learner.state,
        cells: kept.exercises.iter().map(cell).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_follows_from_the_result() {
        let result = |best, waiting, returned, reviewed| ExerciseResult {
            exercise: ExerciseId(Uuid::nil()),
            recording: Some(RecordingId(Uuid::nil())),
            attempts: 1,
            best,
            waiting,
            returned,
            reviewed,
        };
        for (result, due, expected) in [
            (None, Due::Soon, CellState::Missing),
            (None, Due::Overdue, CellState::Late),
            (Some(result(None, true, false, false)), Due::Overdue, CellState::Waiting),
            (Some(result(Some(80), false, false, false)), Due::Overdue, CellState::New),
            (Some(result(Some(80), false, false, true)), Due::Later, CellState::Heard),
            (Some(result(Some(80), false, true, true)), Due::Later, CellState::Returned),
            (Some(result(Some(80), true, false, true)), Due::Later, CellState::Waiting),
            (Some(result(None, false, false, false)), Due::Later, CellState::Unread),
        ] {
            assert_eq!(CellState::of(result.as_ref(), due), expected);
        }
    }
}
