//! `GET` and `POST /sign-in`.

use askama::Template;

use crate::locale::Localizer;
use crate::visitor::Layout;

/// The page to sign in.
#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
pub struct SignInPage {
    /// Frame.
    pub layout: Layout,
    /// Phone number or e-mail address as it was typed.
    pub identifier: String,
    /// Where to go afterwards: a path of our own, or empty.
    pub next: String,
    /// What was wrong.
    pub error: Option<SignInError>,
    /// Whether the demo accounts are on the start page.
    pub demo: bool,
}

/// Why nobody was signed in. It never says whether the account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInError {
    /// A field was left empty.
    Incomplete,
    /// No such account, or another password.
    Wrong,
    /// Too many tries.
    TooMany {
        /// Minutes until the next one counts, at least 1.
        minutes: u32,
    },
    /// The session ended while a recording was on its way; it waits in the browser.
    SessionOver,
}

impl SignInError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Incomplete => l.t("sign-in-incomplete"),
            Self::Wrong => l.t("sign-in-wrong"),
            Self::TooMany { minutes } => l.t1("sign-in-too-many", "minutes", minutes),
            Self::SessionOver => l.t("sign-in-session-over"),
        }
    }
}
