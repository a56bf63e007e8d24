//! What several pages say of homework: when it is due, what the teacher said, how good a score is.

use jiayin_domain::homework::{Due, due, stars};
use jiayin_domain::id::RecordingId;
use jiayin_domain::sound::Gain;
use jiff::Timestamp;

use crate::courses::lesson::SoundView;
use crate::faces::FaceView;
use crate::locale::Localizer;
use crate::school_time::Moment;

/// When homework is due.
#[derive(Clone)]
pub struct DueView {
    /// `overdue`, `soon`, `later`: class name.
    pub tag: &'static str,
    /// "by tomorrow 20:00".
    pub text: String,
    /// For `<time datetime>`.
    pub iso: String,
}

impl DueView {
    /// A due time, seen from `now`. It presses nobody who is done.
    pub fn new(l: &Localizer, at: Timestamp, now: Timestamp, done: bool) -> Self {
        let Moment { iso, text } = Moment::new(l, at, now);
        let (tag, key) = match due(at, now) {
            _ if done => ("later", "due-was"),
            Due::Overdue => ("overdue", "due-overdue"),
            Due::Soon => ("soon", "due-by"),
            Due::Later => ("later", "due-by"),
        };
        Self { tag, text: l.t1(key, "when", text), iso }
    }
}

/// What a teacher said of a recording.
#[derive(Clone)]
pub struct CommentView {
    /// The teacher's name.
    pub teacher: String,
    /// What stands beside it.
    pub face: FaceView,
    /// What was written; may be empty if the recording was only returned.
    pub text: String,
    /// What was said aloud.
    pub voice: Option<SoundView>,
    /// The sentence that it is about.
    pub sentence: String,
    /// Address of the exercise; empty where the page is it.
    pub href: String,
    /// The teacher asks for another try.
    pub returned: bool,
    /// When.
    pub when: Moment,
}

/// What a teacher said aloud of a recording.
pub(crate) fn spoken(recording: RecordingId, gain: Gain) -> SoundView {
    SoundView { src: format!("/recordings/{recording}/voice"), gain: gain.db().to_string(), faults: Vec::new() }
}

/// A score in a word.
pub fn score_word(l: &Localizer, score: u8) -> String {
    l.t(match stars(f32::from(score)) {
        5 => "score-word-5",
        4 => "score-word-4",
        3 => "score-word-3",
        2 => "score-word-2",
        _ => "score-word-1",
    })
}
