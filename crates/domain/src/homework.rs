//! The rules of homework: states, scores that count, stars.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ExerciseId, RecordingId};

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

    /// Whether the learner has done it, looked at or not.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Done | Self::Reviewed)
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

/// One recording as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempt {
    /// The recording.
    pub recording: RecordingId,
    /// Where it stands.
    pub state: RecordingState,
    /// The machine's total, 0–100; `None` before it was understood.
    pub machine: Option<u8>,
    /// What the teacher decided, and the teacher's own total if there is one.
    pub review: Option<(Decision, Option<u8>)>,
}

impl Attempt {
    /// The total that counts: the teacher's where there is one, else the machine's.
    pub fn total(&self) -> Option<u8> {
        self.review.and_then(|(_, total)| total).or(self.machine)
    }
}

/// What counts of one exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExerciseResult {
    /// The exercise.
    pub exercise: ExerciseId,
    /// The recording that counts: the latest of the best ones, or the latest of all if none was understood. Once the
    /// teacher has asked for another try, only what came after that is looked at. `None` where answers are chosen.
    pub recording: Option<RecordingId>,
    /// Recordings made or answers given so far.
    pub attempts: u32,
    /// Its total, 0–100; `None` before one was understood, or the right answer found.
    pub best: Option<u8>,
    /// A recording waits to be heard.
    pub waiting: bool,
    /// The teacher asked for another try, and none has come since.
    pub returned: bool,
    /// The teacher has looked at the recording that counts; of chosen answers there is nothing to be looked at.
    pub reviewed: bool,
}

/// What counts of the attempts at one exercise, given from the first to the last; `None` without any.
pub fn result_of(exercise: ExerciseId, attempts: &[Attempt]) -> Option<ExerciseResult> {
    let last = attempts.last()?;
    let is_returned = |attempt: &Attempt| attempt.review.is_some_and(|(decision, _)| decision == Decision::Returned);
    // What came after the teacher asked for another try is what the teacher asked for.
    let since = attempts.iter().rposition(is_returned).map_or(0, |returned| returned + 1);
    let candidates = if since < attempts.len() { &attempts[since..] } else { attempts };
    let counts = candidates.iter().filter(|attempt| attempt.total().is_some()).max_by_key(|attempt| attempt.total());
    let counts = counts.unwrap_or(last);
    Some(ExerciseResult {
        exercise,
        recording: Some(counts.recording),
        attempts: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
        best: counts.total(),
        waiting: attempts.iter().any(|attempt| attempt.state == RecordingState::Waiting),
        returned: is_returned(last),
        reviewed: counts.review.is_some(),
    })
}

/// What counts of the answers chosen at one exercise, given from the first to the last (whether each was right); `None`
/// without any. The more answers before the right one, the fewer points; until it is found, the exercise is open.
pub fn result_of_answers(exercise: ExerciseId, right: &[bool]) -> Option<ExerciseResult> {
    let points = |wrong: usize| match wrong {
        0 => 100,
        1 => 80,
        2 => 65,
        _ => 50,
    };
    (!right.is_empty()).then(|| ExerciseResult {
        exercise,
        recording: None,
        attempts: u32::try_from(right.len()).unwrap_or(u32::MAX),
        best: right.iter().position(|right| *right).map(points),
        waiting: false,
        returned: false,
        reviewed: true,
    })
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
        let (exercise, recording) = (ExerciseId(Uuid::nil()), Some(RecordingId(Uuid::nil())));
        ExerciseResult { exercise, recording, attempts: 1, best, waiting: false, returned, reviewed }
    }

    fn attempt(number: u128, machine: Option<u8>, review: Option<(Decision, Option<u8>)>) -> Attempt {
        let state = if machine.is_some() { RecordingState::Evaluated } else { RecordingState::Waiting };
        Attempt { recording: RecordingId(Uuid::from_u128(number)), state, machine, review }
    }

    #[test]
    fn the_latest_of_the_best_counts_and_the_teachers_word_stands_above_the_machines() {
        let of = |attempts: &[Attempt]| result_of(ExerciseId(Uuid::nil()), attempts);
        let number = |result: ExerciseResult| result.recording.unwrap().0.as_u128();
        let counts = |attempts: &[Attempt]| of(attempts).map(|result| (number(result), result.best));
        assert_eq!(counts(&[]), None);
        assert_eq!(counts(&[attempt(1, None, None)]), Some((1, None)));
        assert_eq!(counts(&[attempt(1, Some(70), None), attempt(2, Some(60), None)]), Some((1, Some(70))));
        assert_eq!(counts(&[attempt(1, Some(70), None), attempt(2, Some(70), None)]), Some((2, Some(70))));
        let corrected = attempt(2, Some(60), Some((Decision::Accepted, Some(95))));
        assert_eq!(counts(&[attempt(1, Some(70), None), corrected]), Some((2, Some(95))));
        let returned = attempt(1, Some(40), Some((Decision::Returned, None)));
        assert!(of(&[returned]).unwrap().returned);
        assert!(!of(&[returned, attempt(2, None, None)]).unwrap().returned, "the other try is on its way");
        assert!(of(&[returned, attempt(2, None, None)]).unwrap().waiting);
        let result = of(&[returned, attempt(2, Some(30), None)]).unwrap();
        assert!(!result.reviewed && !result.returned);
        assert_eq!((number(result), result.best), (2, Some(30)), "the other try counts, and waits");
    }

    #[test]
    fn the_right_answer_counts_for_more_the_sooner_it_is_found() {
        let best = |right: &[bool]| result_of_answers(ExerciseId(Uuid::nil()), right).map(|result| result.best);
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[false]), Some(None), "nothing is held against anyone; it is still open");
        assert_eq!(best(&[true]), Some(Some(100)));
        assert_eq!(best(&[false, true]), Some(Some(80)));
        assert_eq!(best(&[false, false, true]), Some(Some(65)));
        assert_eq!(best(&[false, false, false, true]), Some(Some(50)));
        let found = result_of_answers(ExerciseId(Uuid::nil()), &[true]).unwrap();
        assert_eq!(state_of(&[found], 1), SubmissionState::Reviewed, "there is nothing for the teacher to hear");
    }

    #[test]
    fn results_kept_before_answers_could_be_chosen_are_read() {
        let old = r#"[{"exercise":"00000000-0000-0000-0000-000000000001","recording":"00000000-0000-0000-0000-000000000002",
            "attempts":1,"best":70,"waiting":false,"returned":false,"reviewed":false}]"#;
        let read: Vec<ExerciseResult> = serde_json::from_str(old).unwrap();
        assert_eq!(read[0].recording, Some(RecordingId(Uuid::from_u128(2))));
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
