//! `GET /courses/{course}/lessons/{lesson}`: its sentences, one a row, with their audio. `POST` to it renames it;
//! `…/exercises` adds sentences, `…/exercises/{exercise}` changes one, `…/exercises/{exercise}/removal` takes one out,
//! `…/exercises/{exercise}/audio` takes a file from browsers without scripts, `…/order` moves one, `…/withdrawal` takes
//! the lesson out of use.

use askama::Template;
use jiayin_domain::id::{CourseId, ExerciseId, LessonId};
use serde::Deserialize;

use super::title::SentTitle;
use crate::locale::Localizer;
use crate::visitor::Layout;

/// Longest sentence, in characters.
pub const SENTENCE_MAX: usize = 300;
/// Most sentences in a lesson.
pub const LESSON_MAX: usize = 60;

/// The form that adds sentences: one a line, its Chinese after a `|`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LinesForm {
    /// As typed or pasted.
    #[serde(default)]
    pub lines: String,
}

/// The form that changes a sentence.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SentenceForm {
    /// To be read aloud.
    #[serde(default)]
    pub text: String,
    /// In Chinese; may be empty.
    #[serde(default)]
    pub gloss: String,
}

/// A sentence that is fit to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// To be read aloud.
    pub text: String,
    /// In Chinese; may be empty.
    pub gloss: String,
}

/// What is wrong with a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SentenceError {
    /// Nothing there.
    #[error("empty")]
    Empty,
    /// Longer than [`SENTENCE_MAX`].
    #[error("too long")]
    Long,
    /// No English letters, or others as well. What else cannot be read aloud, the ear says (`Ear::prompt`).
    #[error("not English")]
    NotEnglish,
    /// More than [`LESSON_MAX`] sentences.
    #[error("too many")]
    Many,
}

impl SentenceError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "sentence-error-empty",
            Self::Long => "sentence-error-long",
            Self::NotEnglish => "sentence-error-not-english",
            Self::Many => "sentence-error-many",
        }
    }
}

impl SentenceForm {
    /// Checks the sentence.
    ///
    /// # Errors
    /// If it is empty, too long or not English.
    pub fn check(&self) -> Result<Sentence, SentenceError> {
        let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, gloss) = (tidy(&self.text), tidy(&self.gloss));
        if text.is_empty() {
            Err(SentenceError::Empty)
        } else if text.chars().count() > SENTENCE_MAX || gloss.chars().count() > SENTENCE_MAX {
            Err(SentenceError::Long)
        } else if !text.chars().any(|letter| letter.is_ascii_alphabetic())
            || text.chars().any(|letter| letter.is_alphabetic() && letter > '\u{24f}')
        {
            Err(SentenceError::NotEnglish)
        } else {
            Ok(Sentence { text, gloss })
        }
    }
}

impl LinesForm {
    /// The sentences; `present` are in the lesson already. Numbers at the beginning of pasted lines are taken off.
    ///
    /// # Errors
    /// What is wrong, and in which line (from 1; 0 for all of them).
    pub fn check(&self, present: usize) -> Result<Vec<Sentence>, (usize, SentenceError)> {
        let mut sentences = Vec::new();
        for (index, line) in self.lines.lines().enumerate() {
            let line = without_number(line.trim());
            if line.is_empty() {
                continue;
            }
            let (text, gloss) = line.split_once(['|', '｜', '\t']).unwrap_or((line, ""));
            let form = SentenceForm { text: text.to_owned(), gloss: gloss.to_owned() };
            sentences.push(form.check().map_err(|error| (index + 1, error))?);
        }
        match sentences.len() {
            0 => Err((0, SentenceError::Empty)),
            count if present + count > LESSON_MAX => Err((0, SentenceError::Many)),
            _ => Ok(sentences),
        }
    }
}

/// Takes “1. ”, “2) ” or “3、” off.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = line.len() - rest.len();
    match rest.strip_prefix(['.', ')', '、', '．', '）']) {
        Some(text) if (1..=3).contains(&digits) && !text.starts_with(|letter: char| letter.is_ascii_digit()) => {
            text.trim_start()
        }
        _ => line,
    }
}

/// Lines as they were sent, with what was wrong.
#[derive(Debug, Clone, Default)]
pub struct SentLines {
    /// As typed.
    pub lines: String,
    /// The line, from 1; 0 for all of them.
    pub line: usize,
    /// Key of the message; empty if nothing was wrong.
    pub error: &'static str,
}

/// A sentence of the lesson.
pub struct SentenceRow {
    /// The sentence.
    pub id: ExerciseId,
    /// To be read aloud.
    pub text: String,
    /// In Chinese; may be empty.
    pub gloss: String,
    /// Address of its audio; `None` before it was recorded.
    pub audio: Option<String>,
    /// Key of what was wrong with a change of it; empty if nothing was.
    pub error: &'static str,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "courses/lesson_part.html")]
pub struct LessonPart {
    /// Texts.
    pub l: Localizer,
    /// The course.
    pub course: CourseId,
    /// Its title.
    pub course_title: String,
    /// The lesson.
    pub id: LessonId,
    /// Its title.
    pub title: String,
    /// Sentences, in order.
    pub sentences: Vec<SentenceRow>,
    /// Classes that have the lesson as homework now; a change shows there at once.
    pub in_use: u32,
    /// Largest file, in megabytes.
    pub max_mb: u32,
    /// New sentences as they were sent, if they were refused.
    pub sent: SentLines,
    /// The new title as it was sent, if it was refused.
    pub rename: SentTitle,
}

/// Why there is no microphone, as the recorder's script names it; titles and first steps are those of the try-it page.
const NO_MICROPHONE: [(&str, &str, &str); 5] = [
    ("denied", "way-denied", "way-denied-1"),
    ("missing", "way-missing", "way-missing-1"),
    ("taken", "way-taken", "way-taken-1"),
    ("insecure", "way-insecure", "way-insecure-1"),
    ("unsupported", "way-unsupported", "way-unsupported-1"),
];

impl LessonPart {
    /// Address of the page.
    pub fn path(&self) -> String {
        format!("/courses/{}/lessons/{}", self.course, self.id)
    }

    /// Sentences that have audio.
    pub fn with_audio(&self) -> usize {
        self.sentences.iter().filter(|sentence| sentence.audio.is_some()).count()
    }

    /// The message about the new sentences.
    pub fn lines_error(&self) -> String {
        match (self.sent.error, self.sent.line) {
            ("", _) => String::new(),
            (key, 0) => self.l.t(key),
            (key, line) => self.l.tn("sentence-error-line", &[("line", line.to_string()), ("message", self.l.t(key))]),
        }
    }

    /// What the recorder says when there is no microphone: reason, title, step.
    pub fn no_microphone(&self) -> [(&'static str, String, String); 5] {
        NO_MICROPHONE.map(|(why, title, step)| (why, self.l.t(title), self.l.t(step)))
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "courses/lesson.html")]
pub struct LessonPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: LessonPart,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &str) -> Result<Vec<Sentence>, (usize, SentenceError)> {
        LinesForm { lines: lines.to_owned() }.check(0)
    }

    #[test]
    fn many_lines_are_pasted_at_once() {
        let sentences = lines("1. I see a cat. | 我看见一只猫。\r\n\r\n2)\tIt is  red.\n3.5 is a number\n").unwrap();
        let pairs: Vec<_> = sentences.iter().map(|one| (one.text.as_str(), one.gloss.as_str())).collect();
        assert_eq!(pairs, [("I see a cat.", "我看见一只猫。"), ("It is red.", ""), ("3.5 is a number", "")]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        assert_eq!(lines(" \n "), Err((0, SentenceError::Empty)));
        assert_eq!(lines("One.\n我看见一只猫。"), Err((2, SentenceError::NotEnglish)));
        assert_eq!(lines(&"a".repeat(SENTENCE_MAX + 1)), Err((1, SentenceError::Long)));
        assert_eq!(lines(&"Yes.\n".repeat(LESSON_MAX + 1)), Err((0, SentenceError::Many)));
        assert!(lines("“Café”, she said.").is_ok());
    }
}
