//! `GET /recordings/{recording}/result`: what has become of a recording.

use askama::Template;

use crate::locale::Localizer;
use crate::tryout::view::ResultPart;

/// Header of an answer that is not the last word yet: our script asks again.
pub const WAITING_HEADER: &str = "x-waiting";

/// One attempt at an exercise; a part of its page, and the answer to our script.
#[derive(Template)]
#[template(path = "homework/attempt.html")]
pub struct AttemptPart {
    /// Texts.
    pub l: Localizer,
    /// Id of the recording.
    pub recording: String,
    /// Address of the exercise.
    pub exercise: String,
    /// Address of the recording's sound.
    pub audio: String,
    /// Where it stands.
    pub state: AttemptState,
}

/// Where an attempt stands.
pub enum AttemptState {
    /// Kept, not heard yet.
    Waiting,
    /// Heard.
    Evaluated(Box<ResultPart>),
    /// Kept, but the file could not be understood.
    Unreadable,
}
