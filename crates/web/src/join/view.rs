//! What the pages of joining show.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::role::Role;
use jiayin_store::invitations::{Invitation, Ticket};

use super::form::{Fields, Wrong, field};
use crate::app::AppState;
use crate::codes::{CodeError, SendError};
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::visitor::{Layout, Visitor};

/// Where the visitor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the policy and deciding.
    Consents,
    /// Saying where a code can be sent.
    Contact,
    /// Names, password, code.
    Details,
}

/// What is shown above the form when something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A field.
    Field(Wrong),
    /// The code.
    Code(CodeError),
    /// No code was sent.
    Send(SendError),
    /// The account that the phone number or address belongs to can bring no child.
    OtherRole,
    /// They are the child's guardian already.
    Already,
}

impl Trouble {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Field(wrong) => l.t(wrong.key()),
            Self::Code(error) => error.message(l),
            Self::Send(error) => error.message(l),
            Self::OtherRole => l.t("join-wrong-other-role"),
            Self::Already => l.t("join-wrong-already"),
        }
    }
}

/// A purpose with its switch.
pub struct Switch {
    /// Name of the field.
    pub name: String,
    /// What it is for.
    pub title: &'static str,
    /// What there is not without it.
    pub without: &'static str,
    /// Whether the service needs it.
    pub needed: bool,
    /// Whether it is on: never before the visitor has put it on.
    pub on: bool,
}

/// The page of every step.
#[derive(Template)]
#[template(path = "join/page.html")]
pub struct JoinPage {
    /// Frame.
    pub layout: Layout,
    /// The ticket's secret, for the forms' addresses.
    pub ticket: String,
    /// Who invites to what.
    pub invitation: Invitation,
    /// Where the visitor is.
    pub step: Step,
    /// What is wrong.
    pub trouble: Option<Trouble>,
    /// Number of the policy's version.
    pub policy: u32,
    /// What is asked for the child.
    pub for_child: Vec<Switch>,
    /// What is asked for the visitor.
    pub for_oneself: Vec<Switch>,
    /// The browser asks not to be advertised to, so that marketing is not asked.
    pub signal: bool,
    /// What was filled in before.
    pub fields: Fields,
    /// Where the code was sent, mostly hidden.
    pub sent_to: String,
    /// The code itself, in a demo.
    pub shown_code: Option<String>,
    /// The visitor has an account and is signed in.
    pub known: bool,
}

impl JoinPage {
    /// A field as it was filled in.
    pub fn value(&self, name: &str) -> &str {
        field(&self.fields, name)
    }

    /// Whether the visitor brings a child.
    pub fn brings_child(&self) -> bool {
        matches!(self.invitation.ticket, Ticket::Child { .. })
    }

    /// Whether the visitor joins as a guardian.
    pub fn is_family(&self) -> bool {
        !matches!(self.invitation.ticket, Ticket::Staff { .. })
    }

    /// Key of what the ticket is for.
    pub fn kind(&self) -> &'static str {
        match self.invitation.ticket {
            Ticket::Child { .. } => "join-kind-child",
            Ticket::Guardian { .. } => "join-kind-guardian",
            Ticket::Staff { role: Role::CampusManager, .. } => "join-kind-manager",
            Ticket::Staff { role: Role::PrivacyOfficer, .. } => "join-kind-officer",
            Ticket::Staff { .. } => "join-kind-teacher",
        }
    }

    /// The choices of the first step, for the hidden fields of the later ones.
    pub fn carried(&self) -> Vec<(&str, &str)> {
        let switches = self.for_child.iter().chain(&self.for_oneself).map(|switch| switch.name.as_str());
        let names = ["policy", "agree"].into_iter().chain(switches);
        names.filter_map(|name| Some((name, self.fields.get(name)?.as_str()))).collect()
    }
}

/// The page of a ticket that opens nothing any more, and of who declines.
#[derive(Template)]
#[template(path = "join/closed.html")]
pub struct ClosedPage {
    /// Frame.
    pub layout: Layout,
    /// Key of the title; its text is at `<key>-text`.
    pub key: &'static str,
}

/// The page of what opens nothing any more.
///
/// # Errors
/// If the template fails.
pub fn closed(app: &AppState, visitor: &Visitor, key: &'static str, status: StatusCode) -> Result<Response, AppError> {
    let mut layout = Layout::new(visitor, app);
    layout.path = "/".to_owned();
    Ok((status, html(&ClosedPage { layout, key })?).into_response())
}
