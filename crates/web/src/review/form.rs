//! `POST /review/{recording}`: what the teacher says of a recording.

use jiayin_domain::homework::Decision;
use jiayin_domain::id::RecordingId;
use serde::Deserialize;

/// Longest comment, in characters.
pub const COMMENT_MAX: usize = 1000;

/// The form.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ReviewForm {
    /// 0–100; empty keeps the machine's.
    #[serde(default)]
    pub score: String,
    /// For the learner; may be empty.
    #[serde(default)]
    pub comment: String,
    /// `accepted` or `returned`.
    #[serde(default)]
    pub decision: String,
    /// Id of the recording to show afterwards; empty at the end of the queue.
    #[serde(default)]
    pub next: String,
}

/// What the form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The teacher's total, 0–100, beside the machine's.
    pub score: Option<u8>,
    /// For the learner.
    pub comment: Option<String>,
    /// It counts, or another try.
    pub decision: Decision,
    /// The recording to show afterwards.
    pub next: Option<RecordingId>,
}

/// What is wrong with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// Not a whole number of 0–100.
    #[error("not a score")]
    Score,
    /// Longer than [`COMMENT_MAX`].
    #[error("comment too long")]
    Comment,
    /// Neither accepted nor returned.
    #[error("no decision")]
    Decision,
}

impl ReviewError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Score => "review-error-score",
            Self::Comment => "review-error-comment",
            Self::Decision => "review-error-decision",
        }
    }
}

impl ReviewForm {
    /// Checks the form.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<Review, Vec<ReviewError>> {
        let score = match self.score.trim() {
            "" => Ok(None),
            score => score.parse().ok().filter(|score| *score <= 100).map(Some).ok_or(ReviewError::Score),
        };
        let comment = self.comment.replace("\r\n", "\n");
        let comment = comment.trim();
        let comment = match comment.chars().count() {
            0 => Ok(None),
            1..=COMMENT_MAX => Ok(Some(comment.to_owned())),
            _ => Err(ReviewError::Comment),
        };
        let decision = Decision::from_tag(&self.decision).ok_or(ReviewError::Decision);
        match (score, comment, decision) {
            (Ok(score), Ok(comment), Ok(decision)) => {
                Ok(Review { score, comment, decision, next: self.next.parse().ok() })
            }
            (score, comment, decision) => {
                Err([score.err(), comment.err(), decision.err()].into_iter().flatten().collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(score: &str, comment: &str, decision: &str) -> ReviewForm {
        ReviewForm { score: score.into(), comment: comment.into(), decision: decision.into(), next: String::new() }
    }

    #[test]
    fn an_empty_score_keeps_the_machines() {
        let review = form(" ", " Well done!\r\n", "accepted").check().unwrap();
        assert_eq!((review.score, review.comment.as_deref()), (None, Some("Well done!")));
        assert_eq!(form("100", "", "returned").check().unwrap().score, Some(100));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        for score in ["101", "-1", "4.5", "abc"] {
            assert_eq!(form(score, "", "accepted").check(), Err(vec![ReviewError::Score]));
        }
        let long = "长".repeat(COMMENT_MAX + 1);
        assert_eq!(
            form("x", &long, "").check(),
            Err(vec![ReviewError::Score, ReviewError::Comment, ReviewError::Decision])
        );
    }
}
