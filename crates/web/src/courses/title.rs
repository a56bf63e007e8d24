//! Titles of courses and lessons.

use serde::Deserialize;

/// Longest title, in characters.
pub const TITLE_MAX: usize = 80;

/// The form with a title: `POST /courses`, `/courses/{course}`, `/courses/{course}/lessons`, `…/lessons/{lesson}`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TitleForm {
    /// As typed.
    #[serde(default)]
    pub title: String,
}

/// What is wrong with a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TitleError {
    /// Nothing but spaces.
    #[error("empty title")]
    Empty,
    /// Longer than [`TITLE_MAX`].
    #[error("title too long")]
    Long,
}

impl TitleError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "title-error-empty",
            Self::Long => "title-error-long",
        }
    }
}

impl TitleForm {
    /// The title, with single spaces.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn check(&self) -> Result<String, TitleError> {
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        match title.chars().count() {
            0 => Err(TitleError::Empty),
            1..=TITLE_MAX => Ok(title),
            _ => Err(TitleError::Long),
        }
    }
}

/// A title as it was sent, with what was wrong.
#[derive(Debug, Clone, Default)]
pub struct SentTitle {
    /// As typed.
    pub title: String,
    /// Key of the message; empty if nothing was wrong.
    pub error: &'static str,
}

impl SentTitle {
    /// For the page that is shown again.
    pub fn refused(form: TitleForm, error: TitleError) -> Self {
        Self { title: form.title, error: error.key() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_trimmed_and_bounded() {
        let check = |title: &str| TitleForm { title: title.to_owned() }.check();
        assert_eq!(check("  At  the zoo "), Ok("At the zoo".to_owned()));
        assert_eq!(check(" \u{3000} "), Err(TitleError::Empty));
        assert_eq!(check(&"词".repeat(TITLE_MAX + 1)), Err(TitleError::Long));
    }
}
