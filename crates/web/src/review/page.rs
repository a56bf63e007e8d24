//! One recording with everything the teacher needs, or the news that all are heard: what the templates show. How it is
//! filled stands in `hear.rs`, the queue in `queue.rs`.

use askama::Template;
use jiayin_domain::homework::{Decision, RecordingState, stars};
use jiayin_domain::id::{AssignmentId, RecordingId};
use jiayin_speech::Evaluation;
use jiayin_speech::evaluation::Verdict;

use super::form::{ReviewError, ReviewForm};
use super::phrases::Phrases;
use super::queue::Place;
use crate::courses::lesson::{SoundView, no_microphone};
use crate::faces::FaceView;
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::tryout::view::{ScoreView, WordView, notes, scores, verdict_code, words};
use crate::visitor::Layout;

/// One attempt of the learner at this sentence.
pub struct Attempt {
    /// The recording.
    pub id: RecordingId,
    /// From 1.
    pub number: u32,
    /// Its total, if it has one.
    pub score: Option<u8>,
    /// Shown now.
    pub current: bool,
}

/// What is known of a recording.
pub struct Heard {
    /// The recording.
    pub id: RecordingId,
    /// Learner's name.
    pub learner: String,
    /// What stands beside it.
    pub face: FaceView,
    /// Name of the class.
    pub class: String,
    /// Title of the lesson.
    pub lesson: String,
    /// The assignment.
    pub assignment: AssignmentId,
    /// The sentence.
    pub sentence: String,
    /// Address of the sound.
    pub audio: String,
    /// The course audio of the sentence.
    pub model_audio: Option<SoundView>,
    /// When it was recorded.
    pub at: Moment,
    /// Length of the sound.
    pub duration_ms: u32,
    /// How far the ear is with it.
    pub state: RecordingState,
    /// All attempts at this sentence, the first first.
    pub attempts: Vec<Attempt>,
    /// What was decided before.
    pub decision: Option<Decision>,
    /// What was said aloud.
    pub voice: Option<SoundView>,
}

/// A word in the drawing of the sound; lengths in percent of the whole.
pub struct WaveWord {
    /// As in [`WordView`].
    pub number: usize,
    /// The word.
    pub text: String,
    /// Class name of its colour.
    pub tag: &'static str,
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// Middle.
    pub middle: String,
}

/// Totals for one to five stars: the middle of what gives so many (`stars` of the domain).
const QUICK: [(usize, u8); 5] = [(1, 35), (2, 55), (3, 70), (4, 84), (5, 95)];

/// One recording with everything the teacher needs.
#[derive(Template)]
#[template(path = "review/part.html")]
pub struct ReviewPart {
    /// Texts.
    pub l: Localizer,
    /// Place in the queue.
    pub place: Place,
    /// The recording.
    pub heard: Heard,
    /// Key of what the ear said instead of scores; empty if there are scores.
    pub verdict: String,
    /// Total and its four parts; none without scores.
    pub scores: Vec<ScoreView>,
    /// The words; none without scores.
    pub words: Vec<WordView>,
    /// Remarks on the recording itself.
    pub notes: Vec<String>,
    /// What is in the form.
    pub form: ReviewForm,
    /// What was wrong with it.
    pub errors: Vec<ReviewError>,
    /// Phrases at hand.
    pub phrases: Phrases,
}

impl ReviewPart {
    /// The view of a recording. `form` is what was sent and refused, or what the teacher said before.
    pub fn new(
        l: &Localizer,
        place: Place,
        heard: Heard,
        evaluation: Option<&Evaluation>,
        (form, errors): (ReviewForm, Vec<ReviewError>),
        phrases: Phrases,
    ) -> Self {
        let scored = evaluation.filter(|evaluation| evaluation.verdict == Verdict::Scored);
        let verdict = match (evaluation, heard.state) {
            (Some(evaluation), _) if scored.is_none() => {
                format!("verdict-{}", verdict_code(evaluation.verdict).replace('_', "-"))
            }
            (None, RecordingState::Unreadable) => "review-unreadable".to_owned(),
            (None, _) => "review-waiting".to_owned(),
            _ => String::new(),
        };
        Self {
            l: l.clone(),
            place,
            heard,
            verdict,
            scores: scored.map(|evaluation| scores(l, &evaluation.scores)).unwrap_or_default(),
            words: scored.map(|evaluation| words(l, &evaluation.words)).unwrap_or_default(),
            notes: evaluation.map(|one| notes(l, one.verdict, &one.audio)).unwrap_or_default(),
            form,
            errors,
            phrases,
        }
    }

    /// Address of a recording of this queue.
    pub fn address(&self, id: &RecordingId) -> String {
        format!("/review/{id}{}", self.place.query)
    }

    /// Address after this one: the next recording, or the queue's end.
    pub fn after(&self) -> String {
        self.place.next.as_ref().map_or_else(|| format!("/review{}", self.place.query), |next| self.address(next))
    }

    /// Where what was said aloud is taken back.
    pub fn voice_removal(&self) -> String {
        format!("/review/{}/voice/removal{}", self.heard.id, self.place.query)
    }

    /// What the recorder says when there is no microphone: reason, title, step.
    pub fn no_microphone(&self) -> [(&'static str, String, String); 5] {
        no_microphone(&self.l)
    }

    /// Id of the next recording for the form; empty at the end.
    pub fn next_id(&self) -> String {
        self.place.next.map(|next| next.to_string()).unwrap_or_default()
    }

    /// The machine's total.
    pub fn machine(&self) -> Option<u8> {
        self.scores.first().map(|score| score.value)
    }

    /// Stars for the total that counts: the teacher's, else the machine's.
    pub fn stars(&self) -> usize {
        self.form.score.trim().parse().ok().or(self.machine()).map_or(0, |total: u8| stars(f32::from(total)))
    }

    /// What is wrong with the score; empty if nothing is.
    pub fn score_error(&self) -> String {
        self.message(ReviewError::Score)
    }

    /// What is wrong with the comment; empty if nothing is.
    pub fn comment_error(&self) -> String {
        self.message(ReviewError::Comment)
    }

    /// What is wrong with the decision; empty if nothing is.
    pub fn decision_error(&self) -> String {
        self.message(ReviewError::Decision)
    }

    fn message(&self, error: ReviewError) -> String {
        if self.errors.contains(&error) { self.l.t(error.key()) } else { String::new() }
    }

    /// Class name and sign of what was decided.
    pub fn decided(&self) -> Option<(&'static str, &'static str, String)> {
        self.heard.decision.map(|decision| match decision {
            Decision::Accepted => ("good", "✓", self.l.t("decision-accepted")),
            Decision::Returned => ("extra", "↩", self.l.t("decision-returned")),
        })
    }

    /// The quick scores: stars and the total each stands for.
    pub fn quick(&self) -> [(usize, u8); 5] {
        QUICK
    }

    /// Length of the sound, in seconds.
    pub fn seconds(&self) -> String {
        format!("{:.1}", f64::from(self.heard.duration_ms) / 1000.0)
    }

    /// Width of the drawing in pixels: words need room to be read; what is too wide scrolls.
    pub fn wave_width(&self) -> u32 {
        let whole = u64::from(self.heard.duration_ms.max(1));
        let needed = |word: &WordView| {
            let letters = word.text.chars().count() as u64;
            (letters * 8 + 10) * whole / u64::from(word.end_ms.saturating_sub(word.start_ms).max(60))
        };
        let widest = self.words.iter().filter(|word| !word.phones.is_empty()).map(needed).max().unwrap_or(0);
        u32::try_from(widest).unwrap_or(u32::MAX).clamp(280, 2400)
    }

    /// The words in the drawing of the sound; those that were not said are not there.
    pub fn wave_words(&self) -> Vec<WaveWord> {
        let whole = f64::from(self.heard.duration_ms.max(1));
        let percent = |ms: f64| format!("{:.2}%", (ms / whole * 100.0).clamp(0.0, 100.0));
        let said = self.words.iter().filter(|word| !word.phones.is_empty() && word.end_ms > word.start_ms);
        said.map(|word| {
            let (start, end) = (f64::from(word.start_ms), f64::from(word.end_ms));
            WaveWord {
                number: word.number,
                text: word.text.clone(),
                tag: word.grade.tag(),
                x: percent(start),
                width: percent(end - start),
                middle: percent(f64::midpoint(start, end)),
            }
        })
        .collect()
    }
}

/// The queue is empty.
#[derive(Template)]
#[template(path = "review/empty.html")]
pub struct EmptyPart {
    /// Texts.
    pub l: Localizer,
}

/// What is in the page.
pub enum Inside {
    /// A recording.
    Recording(Box<ReviewPart>),
    /// Nothing is left to hear.
    Empty(EmptyPart),
}

/// The keys, as the help shows them: key, text.
const KEYS: [(&str, &str); 12] = [
    ("Space", "key-play"),
    ("[ ]", "key-speed"),
    ("← →", "key-words"),
    ("N / J", "key-next"),
    ("P / K", "key-previous"),
    ("1 – 5", "key-stars"),
    ("0", "key-machine"),
    ("C", "key-comment"),
    ("V", "key-voice"),
    ("/", "key-bank"),
    ("Enter", "key-accept"),
    ("R", "key-return"),
];

/// The whole page.
#[derive(Template)]
#[template(path = "review/page.html")]
pub struct ReviewPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub inside: Inside,
}

impl ReviewPage {
    /// The keys and what they do.
    pub fn keys(&self) -> [(&'static str, String); 12] {
        KEYS.map(|(key, text)| (key, self.layout.l.t(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_scores_give_their_stars() {
        assert!(QUICK.iter().all(|(count, total)| stars(f32::from(*total)) == *count));
    }
}
