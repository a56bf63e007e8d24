//! How a person wants the pages, beside language and theme: large text, less motion, nothing that plays by itself, and how
//! much of the network may be used. One cookie, `look`; of who is signed in also kept with the account.
//!
//! Where nothing is chosen, the device's own settings hold: the style sheet and the scripts ask for those themselves.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::set_cookie;
use crate::app::AppState;
use crate::error::AppError;
use crate::session::{Person, see_other};
use crate::visitor::{PARTIAL_HEADER, Visitor};

/// Name of the cookie.
pub const LOOK_COOKIE: &str = "look";
/// The cookie of who has chosen nothing.
const PLAIN: &str = "plain";

/// When sound waits until it is asked for, and recordings are made small.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Saver {
    /// As the device is set.
    #[default]
    Device,
    /// Always.
    Always,
    /// On mobile networks; in browsers that do not tell their network, always.
    Mobile,
    /// Never, whatever the device says.
    Never,
}

impl Saver {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Device, Self::Always, Self::Mobile, Self::Never];

    /// The word in the cookie, in the form, and in `<html data-saver>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Always => "always",
            Self::Mobile => "mobile",
            Self::Never => "never",
        }
    }

    /// The choice with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|saver| saver.tag() == tag)
    }
}

/// Something that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Larger text.
    Large,
    /// Nothing moves.
    Still,
    /// Nothing plays by itself.
    Quiet,
    /// Recordings are sent on Wi-Fi only.
    Wifi,
}

impl Switch {
    /// All of them, as they stand on the page.
    pub const ALL: [Self; 4] = [Self::Large, Self::Still, Self::Quiet, Self::Wifi];

    /// The word in the cookie and in the form.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Still => "still",
            Self::Quiet => "quiet",
            Self::Wifi => "wifi",
        }
    }
}

/// How a person wants the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Larger text.
    pub large: bool,
    /// Nothing moves, whatever the device says.
    pub still: bool,
    /// Nothing plays by itself; what is tapped still plays.
    pub quiet: bool,
    /// Recordings are sent on Wi-Fi only, where the browser tells its network.
    pub wifi: bool,
    /// When sound waits until it is asked for.
    pub saver: Saver,
}

impl Look {
    /// Whether something is on.
    pub fn has(&self, switch: &Switch) -> bool {
        match switch {
            Switch::Large => self.large,
            Switch::Still => self.still,
            Switch::Quiet => self.quiet,
            Switch::Wifi => self.wifi,
        }
    }

    fn switched(mut self, switch: Switch, on: bool) -> Self {
        match switch {
            Switch::Large => self.large = on,
            Switch::Still => self.still = on,
            Switch::Quiet => self.quiet = on,
            Switch::Wifi => self.wifi = on,
        }
        self
    }

    /// The value of the cookie: the words of what is chosen, with dots between.
    pub fn tag(&self) -> String {
        let mut words: Vec<&str> = Switch::ALL.into_iter().filter(|switch| self.has(switch)).map(Switch::tag).collect();
        if self.saver != Saver::Device {
            words.push(self.saver.tag());
        }
        if words.is_empty() { PLAIN.to_owned() } else { words.join(".") }
    }

    /// Reads what [`Look::tag`] wrote; `None` for anything else.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let mut look = Self::default();
        if tag == PLAIN {
            return Some(look);
        }
        for word in tag.split('.') {
            match Switch::ALL.into_iter().find(|switch| switch.tag() == word) {
                Some(switch) => look = look.switched(switch, true),
                None => look.saver = Saver::from_tag(word)?,
            }
        }
        (look.tag() == tag).then_some(look)
    }
}

/// One button of the settings.
#[derive(Deserialize)]
pub struct LookForm {
    large: Option<String>,
    still: Option<String>,
    quiet: Option<String>,
    wifi: Option<String>,
    saver: Option<String>,
}

impl LookForm {
    fn onto(&self, mut look: Look) -> Result<Look, AppError> {
        let switches = [
            (Switch::Large, &self.large),
            (Switch::Still, &self.still),
            (Switch::Quiet, &self.quiet),
            (Switch::Wifi, &self.wifi),
        ];
        for (switch, sent) in switches {
            look = match sent.as_deref() {
                None => look,
                Some("on") => look.switched(switch, true),
                Some("off") => look.switched(switch, false),
                Some(_) => return Err(AppError::BadRequest("unknown setting")),
            };
        }
        if let Some(saver) = &self.saver {
            look.saver = Saver::from_tag(saver).ok_or(AppError::BadRequest("unknown setting"))?;
        }
        Ok(look)
    }
}

/// `POST /profile/look`: changes what was pressed, and keeps the rest as it is in this browser.
///
/// # Errors
/// [`AppError`].
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    headers: HeaderMap,
    form: Result<Form<LookForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("look form"))?;
    let look = form.onto(visitor.look)?.tag();
    app.store.prefer_look(&viewer, &look).await?;
    let mut response = if headers.contains_key(PARTIAL_HEADER) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        see_other("/profile#look-title")
    };
    set_cookie(&app, &mut response, LOOK_COOKIE, &look);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_written_as_its_words_and_read_back() {
        for (look, tag) in [
            (Look::default(), "plain"),
            (Look { large: true, ..Look::default() }, "large"),
            (Look { still: true, wifi: true, saver: Saver::Mobile, ..Look::default() }, "still.wifi.mobile"),
            (
                Look { large: true, still: true, quiet: true, wifi: true, saver: Saver::Never },
                "large.still.quiet.wifi.never",
            ),
        ] {
            assert_eq!(look.tag(), tag);
            assert_eq!(Look::from_tag(tag), Some(look));
        }
    }

    #[test]
    fn anything_else_is_no_look() {
        for tag in ["", "huge", "large.large", "still.large", "device", "always.never", "large.plain", "large."] {
            assert_eq!(Look::from_tag(tag), None, "{tag}");
        }
    }
}
