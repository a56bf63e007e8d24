//! `GET` and `POST /homework/{assignment}/exercises/{exercise}`: hear it, say it, see how it went.

use askama::Template;

use super::attempt::AttemptPart;
use super::step::Step;
use super::words::{CommentView, DueView};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::tryout::stage::{RefusedPart, WayOn, ways_on};
use crate::visitor::Layout;

/// The page of one exercise.
#[derive(Template)]
#[template(path = "homework/exercise.html")]
pub struct ExercisePage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// Sentence, recorder, upload.
    pub stage: ExerciseStage,
    /// The exercises of the homework, this one among them.
    pub steps: Vec<Step>,
    /// The latest attempt, or the one that was just sent without our script.
    pub latest: Option<AttemptPart>,
    /// What the teacher said of this exercise.
    pub comment: Option<CommentView>,
    /// One's own attempts, the latest first.
    pub history: Vec<AttemptRow>,
}

/// Sentence, recorder and upload.
pub struct ExerciseStage {
    /// Texts.
    pub l: Localizer,
    /// Id of the homework.
    pub assignment: String,
    /// Id of the exercise.
    pub exercise: String,
    /// Title of the homework.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// The sentence.
    pub text: String,
    /// Its meaning; may be empty.
    pub gloss: String,
    /// Address of what comes after it: the next exercise, or the end of the homework.
    pub next: String,
    /// Course audio of the sentence.
    pub model: Option<ModelAudio>,
    /// Largest upload.
    pub max_mb: u32,
    /// What was wrong with a file sent without our script.
    pub error: Option<RefusedPart>,
}

impl ExerciseStage {
    /// What the page says when there is no microphone, by reason.
    pub fn ways_on(&self) -> Vec<WayOn> {
        ways_on(&self.l)
    }

    /// Address of the exercise.
    pub fn path(&self) -> String {
        format!("/homework/{}/exercises/{}", self.assignment, self.exercise)
    }

    /// Where the words are in the course audio, for our script.
    pub fn model_words(&self) -> String {
        let words = self.model.as_ref().map_or(&[][..], |model| &model.words);
        words.iter().map(|(start, end)| format!("{start}-{end}")).collect::<Vec<_>>().join(",")
    }
}

/// The teacher's recording of a sentence.
pub struct ModelAudio {
    /// Address: `/media/{id}`.
    pub src: String,
    /// Start and end of each word in milliseconds, as the ear found them; none if it has not heard it. For the word
    /// numbers of the result to fit, one for each word of the sentence.
    pub words: Vec<(u32, u32)>,
}

/// One of one's own attempts.
pub struct AttemptRow {
    /// Address of the recording.
    pub audio: String,
    /// When it was made.
    pub when: Moment,
    /// `waiting`, `evaluated`, `unreadable`.
    pub state: &'static str,
    /// 1–5 if it has scores, else 0.
    pub stars: usize,
    /// The one that counts.
    pub best: bool,
}
