//! What a request says of its visitor: language, theme, and whether the page or only a part of it is wanted.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use jiayin_domain::policy::{Action, may};
use jiayin_domain::role::Role;

use crate::app::AppState;
use crate::faces::FaceView;
use crate::locale::{Locale, Localizer};
use crate::policy::frame::PolicyFrame;
use crate::preferences::look::{LOOK_COOKIE, Look};

/// Name of the cookie that keeps the language.
pub const LANG_COOKIE: &str = "lang";
/// Name of the cookie that keeps the theme.
pub const THEME_COOKIE: &str = "theme";
/// Header by which our script asks for a page that is to be kept for when there is no network.
pub const ALONG_HEADER: &str = "x-along";
/// Header by which our script asks for a part of a page instead of the whole.
pub const PARTIAL_HEADER: &str = "x-partial";

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the device is set.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The word in the cookie and in `<html data-theme>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.tag() == tag)
    }
}

/// The person who is signed in, as far as every page shows them.
#[derive(Clone)]
pub struct SignedIn {
    /// Id, for the outbox in the browser: what one child recorded is not sent in another's name.
    pub id: String,
    /// Name.
    pub name: String,
    /// What stands beside the name.
    pub face: FaceView,
    /// What the person is to the school.
    pub role: Role,
    /// Someone has signed in on a new device, and this browser has not shown it yet.
    pub notice: bool,
    /// Messages that the person has not read.
    pub unread: u32,
    /// Conversations that wait for the person's help desk.
    pub waiting: u64,
}

/// A link to an area.
pub struct NavLink {
    /// Address.
    pub href: &'static str,
    /// Key of its name.
    pub key: &'static str,
}

impl SignedIn {
    /// The areas of the person's role, the first one first.
    pub fn links(&self) -> &'static [NavLink] {
        const fn link(href: &'static str, key: &'static str) -> NavLink {
            NavLink { href, key }
        }
        const TEACHER: [NavLink; 5] = [
            link("/classes", "nav-classes"),
            link("/courses", "nav-courses"),
            link("/review", "nav-review"),
            link("/announcements", "nav-announcements"),
            link("/surveys", "nav-surveys"),
        ];
        const MANAGER: [NavLink; 4] = [
            link("/campus", "nav-campus"),
            link("/desk", "nav-desk"),
            link("/announcements", "nav-announcements"),
            link("/surveys", "nav-surveys"),
        ];
        match self.role {
            Role::Learner => const { &[link("/home", "nav-home")] },
            Role::Guardian => const { &[link("/family", "nav-family"), link("/consent", "nav-consent")] },
            Role::Teacher => &TEACHER,
            Role::CampusManager => &MANAGER,
            Role::PrivacyOfficer => const { &[link("/officer", "nav-officer"), link("/desk", "nav-desk")] },
        }
    }

    /// What waits in an area.
    pub fn waiting_in(&self, link: &NavLink) -> u64 {
        if link.href == "/desk" { self.waiting } else { 0 }
    }

    /// Whether this person records homework, so that pages show what waits in the browser to be sent.
    pub fn keeps_outbox(&self) -> bool {
        self.role == Role::Learner
    }

    /// Whether this person may show a picture of themselves: grown-ups; children choose a drawing.
    pub fn may_keep_portrait(&self) -> bool {
        may(Some(self.role), Action::KeepPortrait)
    }

    /// Whether this person works for the school.
    pub fn is_staff(&self) -> bool {
        matches!(self.role, Role::Teacher | Role::CampusManager | Role::PrivacyOfficer)
    }

    /// Whether this person may protect their account with a second step.
    pub fn may_keep_second_step(&self) -> bool {
        may(Some(self.role), Action::KeepSecondStep)
    }

    /// Whether this person may make tokens for programs.
    pub fn may_keep_tokens(&self) -> bool {
        may(Some(self.role), Action::KeepTokens)
    }

    /// The page that a person of this role begins with.
    pub fn front(&self) -> &'static str {
        self.links().first().map_or("/", |link| link.href)
    }
}

/// The visitor of a request.
#[derive(Clone)]
pub struct Visitor {
    /// Texts in the visitor's language.
    pub l: Localizer,
    /// Light or dark.
    pub theme: Theme,
    /// Large text, less motion, silence, data saver.
    pub look: Look,
    /// Our script asks, and wants a part only.
    pub partial: bool,
    /// The page is to be kept in the browser: nothing that was scored or said is to be in it.
    pub along: bool,
    /// Path of the page, for the way back after a change of language.
    pub path: String,
    /// Who is signed in.
    pub person: Option<SignedIn>,
    /// The policy that holds, and what is new of it.
    pub policy: PolicyFrame,
}

impl Visitor {
    /// Reads a request.
    pub fn read(headers: &HeaderMap, path: &str, app: &AppState) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let locale =
            cookie(headers, LANG_COOKIE).and_then(Locale::from_tag).unwrap_or_else(|| Locale::negotiate(accepted));
        Self {
            l: app.catalogs.get(locale),
            theme: cookie(headers, THEME_COOKIE).and_then(Theme::from_tag).unwrap_or(Theme::Auto),
            look: cookie(headers, LOOK_COOKIE).and_then(Look::from_tag).unwrap_or_default(),
            partial: headers.contains_key(PARTIAL_HEADER),
            along: headers.contains_key(ALONG_HEADER),
            path: path.to_owned(),
            person: None,
            policy: PolicyFrame::default(),
        }
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut visitor = Self::read(&parts.headers, path, app);
        visitor.person = parts.extensions.get::<SignedIn>().cloned();
        visitor.policy = parts.extensions.get::<PolicyFrame>().cloned().unwrap_or_default();
        Ok(visitor)
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// What every page's frame needs.
pub struct Layout {
    /// Texts in the visitor's language.
    pub l: Localizer,
    /// Light or dark.
    pub theme: Theme,
    /// Large text, less motion, silence, data saver.
    pub look: Look,
    /// Address of the style sheet.
    pub css: String,
    /// Address of the one that only the staff need; empty for others.
    pub office: String,
    /// Address of the script.
    pub js: String,
    /// Address of the icon.
    pub icon: String,
    /// Path of the page.
    pub path: String,
    /// All languages.
    pub locales: [Locale; 2],
    /// All themes.
    pub themes: [Theme; 3],
    /// Who is signed in.
    pub person: Option<SignedIn>,
    /// The policy that holds, and what is new of it.
    pub policy: PolicyFrame,
}

impl Layout {
    /// The frame for a visitor.
    pub fn new(visitor: &Visitor, app: &AppState) -> Self {
        Self {
            l: visitor.l.clone(),
            theme: visitor.theme,
            look: visitor.look,
            css: app.assets.url("app.css"),
            office: match &visitor.person {
                Some(person) if person.is_staff() => app.assets.url("office.css"),
                _ => String::new(),
            },
            js: app.assets.url("app.js"),
            icon: app.assets.url("icon.svg"),
            path: visitor.path.clone(),
            locales: Locale::ALL,
            themes: Theme::ALL,
            person: visitor.person.clone(),
            policy: visitor.policy.clone(),
        }
    }

    /// Whether the page is this link's, or one below it.
    pub fn is_at(&self, href: &str) -> bool {
        let rest = self.path.strip_prefix(href);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    /// Whether the person looks after work that failed.
    pub fn sees_failures(&self) -> bool {
        may(self.person.as_ref().map(|person| person.role), Action::SeeFailures)
    }

    /// Where the name of the school leads.
    pub fn front(&self) -> &'static str {
        self.person.as_ref().map_or("/", SignedIn::front)
    }
}
