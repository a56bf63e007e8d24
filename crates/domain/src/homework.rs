//! The rules of homework: states, scores that count, stars.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::ExerciseId;

/// Where a learner stands with an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Something is still to be recorded.
    Open,
    /// Every exercise has a recording that was understood; the teacher may look.
    Done,
    /// The teacher has looked.
    Reviewed,
    /// The teacher wants another try.
    Returned,
}

impl SubmissionState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Done, Self::Reviewed, Self::Returned];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Reviewed => "reviewed",
            Self::Returned => "returned",
        }
    }

    /// The state with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.tag() == tag)
    }
}

/// Where a recording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// Kept; the ear has not heard it yet.
    Waiting,
    /// Heard.
    Evaluated,
    /// The ear could not make anything of the file; the recording is kept for the teacher.
    Unreadable,
}

impl RecordingState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Evaluated, Self::Unreadable];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Evaluated => "evaluated",
            Self::Unreadable => "unreadable",
        }
    }

    /// The state with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.tag() == tag)
    }
}

/// What a teacher decided about a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It counts.
    Accepted,
    /// Another try, please.
    Returned,
}

impl Decision {
    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Returned => "returned",
        }
    }

    /// The decision with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Accepted, Self::Returned].into_iter().find(|decision| decision.tag() == tag)
    }
}

/// What counts of one exercise: the latest of its best recordings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExerciseResult {
    /// The exercise.
    pub exercise: ExerciseId,
    /// Recordings made so far.
    pub attempts: u32,
    /// Best total, 0–100: the teacher's where there is one, else the machine's; `None` before one was understood.
    pub best: Option<u8>,
    /// The teacher asked for another try, and none has come since.
    pub returned: bool,
    /// The teacher has looked at the recording that counts.
    pub reviewed: bool,
}

/// The state that follows from the results of `exercises` exercises.
pub fn state_of(results: &[ExerciseResult], exercises: usize) -> SubmissionState {
    let understood = results.iter().filter(|result| result.best.is_some()).count();
    if results.iter().any(|result| result.returned) {
        SubmissionState::Returned
    } else if exercises == 0 || understood < exercises {
        SubmissionState::Open
    } else if results.iter().all(|result| result.reviewed) {
        SubmissionState::Reviewed
    } else {
        SubmissionState::Done
    }
}

/// Stars for a total of 0–100. Who has read the sentence has at least one.
pub fn stars(total: f32) -> usize {
    match total {
        90.0.. => 5,
        78.0.. => 4,
        62.0.. => 3,
        45.0.. => 2,
        _ => 1,
    }
}

/// How a due time looks from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Past.
    Overdue,
    /// Within a day.
    Soon,
    /// Later.
    Later,
}

/// How a due time looks from `now`.
pub fn due(due_at: Timestamp, now: Timestamp) -> Due {
    let seconds = due_at.as_second() - now.as_second();
    match seconds {
        ..0 => Due::Overdue,
        0..86_400 => Due::Soon,
        _ => Due::Later,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn result(best: Option<u8>, returned: bool, reviewed: bool) -> ExerciseResult {
        ExerciseResult { exercise: ExerciseId(Uuid::nil()), attempts: 1, best, returned, reviewed }
    }

    #[test]
    fn the_state_follows_from_the_results() {
        let good = result(Some(80), false, false);
        let seen = result(Some(80), false, true);
        for (results, exercises, expected) in [
            (vec![], 2, SubmissionState::Open),
            (vec![good], 2, SubmissionState::Open),
            (vec![good, result(None, false, false)], 2, SubmissionState::Open),
            (vec![good, good], 2, SubmissionState::Done),
            (vec![good, seen], 2, SubmissionState::Done),
            (vec![seen, seen], 2, SubmissionState::Reviewed),
            (vec![seen, result(Some(40), true, true)], 2, SubmissionState::Returned),
            (vec![], 0, SubmissionState::Open),
        ] {
            assert_eq!(state_of(&results, exercises), expected);
        }
    }

    #[test]
    fn due_times_are_told_apart() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        assert_eq!(due(at(-1), now), Due::Overdue);
        assert_eq!(due(at(60), now), Due::Soon);
        assert_eq!(due(at(90_000), now), Due::Later);
    }
}
