//! The stage: the sentence, the recorder, the upload, and what is said when one of them fails.

use askama::Template;
use jiayin_speech::prompt::{MAX_WORDS, PromptError};

use super::samples::{self, LEVELS, PER_LEVEL};
use crate::ear::HearError;
use crate::locale::Localizer;

/// A level to choose.
pub struct LevelView {
    /// From 1.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Shown now.
    pub current: bool,
}

/// Sentence, recorder and upload.
pub struct Stage {
    /// Texts.
    pub l: Localizer,
    /// All levels.
    pub levels: Vec<LevelView>,
    /// Level shown, from 1.
    pub level: usize,
    /// Sentence shown, from 1.
    pub n: usize,
    /// Sentences in a level.
    pub count: usize,
    /// The visitor writes the sentence.
    pub own: bool,
    /// The sentence.
    pub text: String,
    /// Its Chinese.
    pub gloss: &'static str,
    /// Largest upload.
    pub max_mb: u32,
    /// What was wrong with what was sent.
    pub error: Option<RefusedPart>,
}

impl Stage {
    /// The stage with a sample sentence, or with an empty field for one's own.
    pub fn sample(l: &Localizer, max_mb: u32, level: usize, n: usize, own: bool) -> Self {
        let (level, n) = (level.clamp(1, LEVELS.len()), n.clamp(1, PER_LEVEL));
        let sample = samples::at(level, n);
        let levels = (1..=LEVELS.len())
            .map(|number| LevelView { number, name: l.t(&format!("level-{number}")), current: number == level && !own })
            .collect();
        Self {
            l: l.clone(),
            levels,
            level,
            n,
            count: PER_LEVEL,
            own,
            text: if own { String::new() } else { sample.text.to_owned() },
            gloss: if own { "" } else { sample.gloss },
            max_mb,
            error: None,
        }
    }

    /// The stage with the text that was sent. A sample that was changed on the way is the visitor's own text.
    pub fn with_text(mut self, text: &str) -> Self {
        if self.own || text != self.text {
            self.own = true;
            text.clone_into(&mut self.text);
            self.gloss = "";
            self.levels.iter_mut().for_each(|level| level.current = false);
        }
        self
    }

    /// The stage with a complaint.
    pub fn with_error(mut self, error: RefusedPart) -> Self {
        self.error = Some(error);
        self
    }

    /// Number of the sentence before this one, going round.
    pub fn previous(&self) -> usize {
        if self.n == 1 { self.count } else { self.n - 1 }
    }

    /// Number of the sentence after this one, going round.
    pub fn next(&self) -> usize {
        self.n % self.count + 1
    }

    /// What the page says when there is no microphone, by reason.
    pub fn ways_on(&self) -> Vec<WayOn> {
        ways_on(&self.l)
    }

    /// The page's address.
    pub fn path(&self) -> String {
        if self.own { "/tryout?own=1".to_owned() } else { format!("/tryout?level={}&n={}", self.level, self.n) }
    }

    /// The complaint about the text, if there is one.
    pub fn text_error(&self) -> Option<&RefusedPart> {
        self.error.as_ref().filter(|error| error.field == "text")
    }

    /// The complaint about the recording, if there is one.
    pub fn recording_error(&self) -> Option<&RefusedPart> {
        self.error.as_ref().filter(|error| error.field == "recording")
    }
}

/// What was wrong with the text or the recording.
#[derive(Template)]
#[template(path = "tryout/refused.html")]
pub struct RefusedPart {
    /// `text` or `recording`: where the message belongs.
    pub field: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl RefusedPart {
    /// The message for an error, in the visitor's language.
    pub fn new(l: &Localizer, error: &HearError) -> Self {
        let code = error.code();
        let key = match error {
            HearError::Prompt(_) => code.replace('_', "-"),
            _ => format!("recording-{}", code.replace('_', "-")),
        };
        let message = match error {
            HearError::Prompt(PromptError::NotEnglish(word)) => {
                l.t1(&key, "word", word.chars().take(20).collect::<String>())
            }
            HearError::Prompt(PromptError::TooLong { .. }) => l.t1(&key, "max", MAX_WORDS),
            _ => l.t(&key),
        };
        Self { field: if matches!(error, HearError::Prompt(_)) { "text" } else { "recording" }, code, message }
    }
}

/// Reasons why there is no microphone, as the recorder's script names them.
pub const WAYS_ON: [&str; 5] = ["denied", "missing", "taken", "insecure", "unsupported"];
/// Steps that are shown for each.
pub const WAY_STEPS: usize = 2;

/// A way on without, or back to, the microphone.
pub struct WayOn {
    /// One of [`WAYS_ON`].
    pub tag: &'static str,
    /// What is the matter.
    pub title: String,
    /// What to do.
    pub steps: Vec<String>,
}

/// What a page with a recorder says when there is no microphone, by reason.
pub fn ways_on(l: &Localizer) -> Vec<WayOn> {
    let way = |tag: &'static str| WayOn {
        tag,
        title: l.t(&format!("way-{tag}")),
        steps: (1..=WAY_STEPS).map(|step| l.t(&format!("way-{tag}-{step}"))).collect(),
    };
    WAYS_ON.into_iter().map(way).collect()
}
