//! `GET /classes/{class}` (`?assignment=…`): who has read what, and how well. 40 learners × 10 sentences stay light, so a
//! cell is a link with a number and a word for those who do not see its colour, and no more.

use askama::Template;
use jiayin_domain::homework::{Due, ExerciseResult, SubmissionState, stars};
use jiayin_domain::id::{AssignmentId, ClassId, PersonId, RecordingId};
use serde::Deserialize;

use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::visitor::Layout;

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

    /// The state that follows from what is known of a sentence. `waiting`: a recording waits for the ear.
    pub fn of(result: Option<&ExerciseResult>, waiting: bool, due: Due) -> Self {
        match result {
            Some(ExerciseResult { returned: true, .. }) if !waiting => Self::Returned,
            _ if waiting => Self::Waiting,
            Some(ExerciseResult { best: Some(_), reviewed: true, .. }) => Self::Heard,
            Some(ExerciseResult { best: Some(_), .. }) => Self::New,
            Some(ExerciseResult { attempts: 1.., .. }) => Self::Unread,
            _ if due == Due::Overdue => Self::Late,
            _ => Self::Missing,
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

#[cfg(test)]
mod tests {
    use jiayin_domain::id::ExerciseId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cell_follows_from_the_result() {
        let result = |attempts, best, returned, reviewed| ExerciseResult {
            exercise: ExerciseId(Uuid::nil()),
            attempts,
            best,
            returned,
            reviewed,
        };
        for (result, waiting, due, expected) in [
            (None, false, Due::Soon, CellState::Missing),
            (None, false, Due::Overdue, CellState::Late),
            (None, true, Due::Overdue, CellState::Waiting),
            (Some(result(2, Some(80), false, false)), false, Due::Overdue, CellState::New),
            (Some(result(2, Some(80), false, true)), false, Due::Later, CellState::Heard),
            (Some(result(2, Some(80), true, true)), false, Due::Later, CellState::Returned),
            (Some(result(3, Some(80), true, true)), true, Due::Later, CellState::Waiting),
            (Some(result(1, None, false, false)), false, Due::Later, CellState::Unread),
        ] {
            assert_eq!(CellState::of(result.as_ref(), waiting, due), expected);
        }
    }
}
