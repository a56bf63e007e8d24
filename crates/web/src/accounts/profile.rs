//! `GET` and `POST /profile`.

use askama::Template;

use crate::school_time::Moment;
use crate::visitor::Layout;

/// One's own profile.
#[derive(Template)]
#[template(path = "accounts/profile.html")]
pub struct ProfilePage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Name as stored, or as it was typed.
    pub name: String,
    /// What was wrong with the name.
    pub error: Option<NameError>,
    /// The name was just saved.
    pub saved: bool,
    /// Phone numbers and e-mail addresses to sign in with, mostly hidden: `138****5678`.
    pub identifiers: Vec<String>,
    /// Where this person is signed in, the most recent first.
    pub sessions: Vec<SessionView>,
}

/// What may be wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Nothing in it.
    Empty,
    /// More than [`NAME_MAX`] characters.
    TooLong,
}

/// Longest name in characters.
pub const NAME_MAX: usize = 40;

impl NameError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "profile-name-empty",
            Self::TooLong => "profile-name-too-long",
        }
    }
}

/// The name as it will be kept: trimmed, inner blanks made one.
///
/// # Errors
/// [`NameError`] if there is no name left, or too much of it.
pub fn name(typed: &str) -> Result<String, NameError> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(NameError::Empty),
        1..=NAME_MAX => Ok(name),
        _ => Err(NameError::TooLong),
    }
}

/// A browser in which the person is signed in.
pub struct SessionView {
    /// Id; goes out as `session` with `POST /profile/sessions/end`.
    pub session: String,
    /// Kind of browser and device, as far as it is known: `Chrome · Android`.
    pub device: String,
    /// When it was last used.
    pub last: Moment,
    /// This very browser.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("  王  小明 "), Ok("王 小明".to_owned()));
        assert_eq!(name(" \t"), Err(NameError::Empty));
        assert_eq!(name(&"长".repeat(NAME_MAX)).map(|name| name.chars().count()), Ok(NAME_MAX));
        assert_eq!(name(&"长".repeat(NAME_MAX + 1)), Err(NameError::TooLong));
    }
}
