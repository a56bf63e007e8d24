//! `GET /family/{learner}`: one child's week.

use askama::Template;

use super::page::HomeworkRow;
use crate::homework::words::{CommentView, score_word};
use crate::locale::Localizer;
use crate::tryout::view::WeakSound;
use crate::visitor::Layout;

/// One child's week.
#[derive(Template)]
#[template(path = "family/learner.html")]
pub struct LearnerPage {
    /// Frame; a guardian is signed in.
    pub layout: Layout,
    /// The child's name.
    pub name: String,
    /// Class; empty if there is none yet.
    pub class: String,
    /// The week that is shown.
    pub week: WeekView,
    /// Stars earned in it.
    pub stars: usize,
    /// Recordings made in it.
    pub recordings: usize,
    /// The homework of the week.
    pub homework: Vec<HomeworkView>,
    /// Sounds to practise at home, the weakest first.
    pub weak: Vec<WeakSound>,
}

/// A week.
pub struct WeekView {
    /// "1 June – 7 June".
    pub name: String,
    /// Address of the week before; empty if there is nothing.
    pub previous: String,
    /// Address of the week after; empty if this is the present one.
    pub next: String,
    /// The days, Monday first.
    pub days: Vec<DayView>,
}

/// A day of the week.
pub struct DayView {
    /// Name of the day.
    pub name: String,
    /// Recordings made on it.
    pub recordings: usize,
    /// Today.
    pub today: bool,
}

impl DayView {
    /// Height of its bar in a drawing 40 high, full from eight recordings on.
    pub fn height(&self) -> usize {
        self.recordings.min(8) * 5
    }
}

/// A homework with what the child made of it.
pub struct HomeworkView {
    /// Title, due time, state.
    pub row: HomeworkRow,
    /// Its exercises.
    pub exercises: Vec<ExerciseView>,
}

/// An exercise with the recording that counts.
pub struct ExerciseView {
    /// From 1.
    pub number: usize,
    /// The sentence.
    pub text: String,
    /// Its meaning; may be empty.
    pub gloss: String,
    /// Recordings made of it.
    pub attempts: usize,
    /// The best one that was understood.
    pub best: Option<BestView>,
    /// What the teacher said.
    pub comment: Option<CommentView>,
}

/// The recording that counts.
pub struct BestView {
    /// Address of the sound.
    pub audio: String,
    /// 1–5.
    pub stars: usize,
    /// Scores in words.
    pub scores: Vec<ScoreWord>,
}

/// A score in a word.
pub struct ScoreWord {
    /// Name of the score.
    pub name: String,
    /// How good.
    pub word: String,
    /// 0–100.
    pub value: u8,
}

/// Accuracy, fluency, melody and completeness, 0–100 each, in words.
pub fn score_words(l: &Localizer, scores: [u8; 4]) -> Vec<ScoreWord> {
    [l.t("score-accuracy"), l.t("score-fluency"), l.t("score-prosody"), l.t("score-completeness")]
        .into_iter()
        .zip(scores)
        .map(|(name, value)| ScoreWord { name, word: score_word(l, value), value })
        .collect()
}
