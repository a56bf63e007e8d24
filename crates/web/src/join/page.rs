//! `GET` and `POST /join/{ticket}`: first the policy and the consents, then the phone number or mailbox, then the code, the
//! names and the password. Who stops on the way leaves nothing behind.

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use jiayin_domain::consent::Surface;
use jiayin_domain::role::Role;
use jiayin_privacy::map::PurposeEntry;
use jiayin_privacy::{AskedOf, Identifier};
use jiayin_store::Viewer;
use jiayin_store::consent::{Shown, asked_of};
use jiayin_store::invitations::{Invitation, Ticket, TicketState};
use jiayin_store::join::{Holder, Joined, NewChild};
use jiayin_store::policy::PolicyRef;
use jiayin_store::sessions::Token;

use super::form::{self, Fields, Wrong, field};
use super::view::{JoinPage, Step, Switch, Trouble, closed};
use crate::accounts::device::ThisDevice;
use crate::accounts::sign_in::welcome;
use crate::app::AppState;
use crate::codes::{self, CodePurpose, SendError, Tell};
use crate::consent::signal;
use crate::error::{AppError, html};
use crate::network::Network;
use crate::school_time::wall;
use crate::visitor::{Layout, Visitor};

/// What a request of this page is about.
struct Asked {
    app: AppState,
    visitor: Visitor,
    ticket: String,
    invitation: Invitation,
    policy: PolicyRef,
    signal: bool,
    viewer: Option<Viewer>,
}

impl Asked {
    /// Looks at the ticket. `Err` is the answer if it opens nothing.
    async fn of(
        app: AppState,
        visitor: Visitor,
        headers: &HeaderMap,
        ticket: String,
        viewer: Option<Viewer>,
    ) -> Result<Result<Self, Response>, AppError> {
        let token = Token::from_text(&ticket).ok_or(AppError::NotFound)?;
        let invitation = app.store.invitation(&token).await?.ok_or(AppError::NotFound)?;
        let key = match invitation.state {
            TicketState::Open => None,
            TicketState::Used => Some("join-used"),
            TicketState::Expired => Some("join-expired"),
        };
        if let Some(key) = key {
            return Ok(Err(closed(&app, &visitor, key, StatusCode::GONE)?));
        }
        let policy = app.store.current_policy().await?;
        let signal = signal::is_sent(headers);
        // Only a guardian's account can bring a child; whoever else is signed in joins as somebody new.
        let family = !matches!(invitation.ticket, Ticket::Staff { .. });
        let viewer = viewer.filter(|viewer| family && viewer.role == Role::Guardian);
        Ok(Ok(Self { app, visitor, ticket, invitation, policy, signal, viewer }))
    }

    fn with_child(&self) -> bool {
        matches!(self.invitation.ticket, Ticket::Child { .. })
    }

    fn switches(&self, fields: &Fields, child: bool) -> Vec<Switch> {
        let zh = self.visitor.l.locale() == crate::locale::Locale::ZhCn;
        let switch = |purpose: &PurposeEntry| {
            let name = form::switch(child, purpose.id);
            let without = if zh { purpose.without_zh } else { purpose.without_en };
            let asked = if child { purpose.asked_of_child } else { purpose.asked_of_adult };
            Switch {
                on: field(fields, &name) == "on",
                name,
                title: if zh { purpose.title_zh } else { purpose.title_en },
                without: without.unwrap_or_default(),
                needed: asked == AskedOf::Required,
            }
        };
        let asked = asked_of(child).into_iter().filter(|purpose| !(self.signal && purpose.signal));
        asked.map(switch).collect()
    }

    fn page(self, step: Step, fields: Fields, trouble: Option<Trouble>, sent: Sent) -> Result<Response, AppError> {
        let for_child = if self.with_child() { self.switches(&fields, true) } else { Vec::new() };
        let status = match trouble {
            None => StatusCode::OK,
            Some(Trouble::Send(SendError::TooMany { .. })) => StatusCode::TOO_MANY_REQUESTS,
            Some(Trouble::Send(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut layout = Layout::new(&self.visitor, &self.app);
        layout.path = format!("/join/{}", self.ticket);
        let page = JoinPage {
            layout,
            for_oneself: self.switches(&fields, false),
            for_child,
            ticket: self.ticket,
            invitation: self.invitation,
            step,
            trouble,
            policy: self.policy.number,
            signal: self.signal,
            fields,
            sent_to: sent.to,
            shown_code: sent.shown,
            known: self.viewer.is_some(),
        };
        Ok((status, html(&page)?).into_response())
    }

    fn shown(&self) -> Shown {
        Shown {
            version: self.policy.number.into(),
            digest: self.policy.digest,
            language: self.visitor.l.locale().tag(),
            surface: Surface::Join,
        }
    }
}

/// Where a code was sent.
#[derive(Default)]
struct Sent {
    to: String,
    shown: Option<String>,
}

/// `GET /join/{ticket}`.
///
/// # Errors
/// [`AppError::NotFound`] for a ticket that never was or was taken back.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(ticket): Path<String>,
    viewer: Option<Extension<Viewer>>,
) -> Result<Response, AppError> {
    match Asked::of(app, visitor, &headers, ticket, viewer.map(|Extension(viewer)| viewer)).await? {
        Ok(asked) => asked.page(Step::Consents, Fields::new(), None, Sent::default()),
        Err(closed) => Ok(closed),
    }
}

/// `GET /join/{ticket}/declined`: nothing was kept, and the ticket stays good.
///
/// # Errors
/// If the template fails.
pub async fn declined(State(app): State<AppState>, visitor: Visitor) -> Result<Response, AppError> {
    closed(&app, &visitor, "join-declined", StatusCode::OK)
}

/// `POST /join/{ticket}/consents`, `/contact`, and `/join/{ticket}` itself: the steps. Each looks at all that came before.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn consents(
    State(app): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(ticket): Path<String>,
    viewer: Option<Extension<Viewer>>,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, AppError> {
    let fields = fields(form)?;
    let asked = match Asked::of(app, visitor, &headers, ticket, viewer.map(|Extension(viewer)| viewer)).await? {
        Ok(asked) => asked,
        Err(closed) => return Ok(closed),
    };
    let decided = form::decisions(&fields, asked.with_child(), asked.signal);
    match form::agreed(&fields, &decided, asked.policy.number) {
        Ok(()) if asked.viewer.is_some() => asked.page(Step::Details, fields, None, Sent::default()),
        Ok(()) => asked.page(Step::Contact, fields, None, Sent::default()),
        Err(wrong) => asked.page(Step::Consents, fields, Some(Trouble::Field(wrong)), Sent::default()),
    }
}

/// `POST /join/{ticket}/contact`: sends a code.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn contact(
    State(app): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    network: Network,
    Path(ticket): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, AppError> {
    let mut fields = fields(form)?;
    let asked = match Asked::of(app, visitor, &headers, ticket, None).await? {
        Ok(asked) => asked,
        Err(closed) => return Ok(closed),
    };
    let decided = form::decisions(&fields, asked.with_child(), asked.signal);
    if let Err(wrong) = form::agreed(&fields, &decided, asked.policy.number) {
        return asked.page(Step::Consents, fields, Some(Trouble::Field(wrong)), Sent::default());
    }
    let Ok(identifier) = Identifier::parse(field(&fields, "identifier")) else {
        return asked.page(Step::Contact, fields, Some(Trouble::Field(Wrong::Contact)), Sent::default());
    };
    let l = &asked.visitor.l;
    match codes::send_code(&asked.app, &identifier, purpose(&asked.invitation), Tell::Code, &network, l).await? {
        Ok(challenge) => {
            fields.insert("token".to_owned(), challenge.token);
            let sent = Sent { to: challenge.sent_to, shown: challenge.shown };
            asked.page(Step::Details, fields, None, sent)
        }
        Err(error) => asked.page(Step::Contact, fields, Some(Trouble::Send(error)), Sent::default()),
    }
}

fn fields(form: Result<Form<Fields>, FormRejection>) -> Result<Fields, AppError> {
    let Form(fields) = form.map_err(|_| AppError::BadRequest("join form"))?;
    if form::only_what_is_asked(&fields) { Ok(fields) } else { Err(AppError::BadRequest("a field that is not asked")) }
}

fn purpose(invitation: &Invitation) -> CodePurpose {
    match invitation.ticket {
        Ticket::Staff { .. } => CodePurpose::Registration,
        Ticket::Child { .. } | Ticket::Guardian { .. } => CodePurpose::Guardian,
    }
}

/// `POST /join/{ticket}`: the last step. Only now anything is kept, the consents first.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    device: ThisDevice,
    headers: HeaderMap,
    Path(ticket): Path<String>,
    viewer: Option<Extension<Viewer>>,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, AppError> {
    let fields = fields(form)?;
    let asked = match Asked::of(app, visitor, &headers, ticket, viewer.map(|Extension(viewer)| viewer)).await? {
        Ok(asked) => asked,
        Err(closed) => return Ok(closed),
    };
    match join(&asked, &fields).await? {
        Ok(Joined::Welcome { person, .. }) => welcome(&asked.app, &asked.visitor, person, "/", &device).await,
        Ok(Joined::NotOpen) => closed(&asked.app, &asked.visitor, "join-used", StatusCode::GONE),
        Ok(Joined::NoConsent) => {
            asked.page(Step::Consents, fields, Some(Trouble::Field(Wrong::Needed)), Sent::default())
        }
        Ok(Joined::Taken | Joined::OtherRole) => again(asked, fields, Trouble::OtherRole),
        Ok(Joined::Already) => again(asked, fields, Trouble::Already),
        Err(trouble) => again(asked, fields, trouble),
    }
}

/// Shows the step again on which something is wrong; a code that is used up is asked for anew.
fn again(asked: Asked, fields: Fields, trouble: Trouble) -> Result<Response, AppError> {
    let sent_to = codes::sent_to(&asked.app, field(&fields, "token"), purpose(&asked.invitation)).unwrap_or_default();
    let step = match trouble {
        Trouble::Field(Wrong::NotAgreed | Wrong::Needed | Wrong::Outdated) => Step::Consents,
        Trouble::Code(error) if !error.may_try_again() => Step::Contact,
        Trouble::OtherRole | Trouble::Already if asked.viewer.is_none() => Step::Contact,
        _ => Step::Details,
    };
    asked.page(step, fields, Some(trouble), Sent { to: sent_to, shown: None })
}

async fn join(asked: &Asked, fields: &Fields) -> Result<Result<Joined, Trouble>, AppError> {
    let app = &asked.app;
    let decided = form::decisions(fields, asked.with_child(), asked.signal);
    if let Err(wrong) = form::agreed(fields, &decided, asked.policy.number) {
        return Ok(Err(Trouble::Field(wrong)));
    }
    let child = match asked.with_child().then(|| form::child(fields, wall(app.clock.now()).date())).transpose() {
        Ok(child) => child,
        Err(wrong) => return Ok(Err(Trouble::Field(wrong))),
    };
    let brought = child.as_ref().map(|(name, born)| NewChild { name, born: *born });
    if let Some(viewer) = &asked.viewer {
        let holder = Holder::Known(viewer.person);
        return Ok(Ok(app.store.join(&asked.invitation, holder, brought, &decided, &asked.shown()).await?));
    }
    let (name, password) = match form::newcomer(fields) {
        Ok(newcomer) => newcomer,
        Err(wrong) => return Ok(Err(Trouble::Field(wrong))),
    };
    // The code comes last: it is good once, and nothing that can still be mended should use it up.
    let proved = match codes::check(app, field(fields, "token"), purpose(&asked.invitation), field(fields, "code")) {
        Ok(proved) => proved,
        Err(error) => return Ok(Err(Trouble::Code(error))),
    };
    let holder = match app.store.owner_of(proved.identifier()).await? {
        // They have shown that it is theirs; the account that is there goes on as it is.
        Some(person) => Holder::Known(person),
        None => Holder::New { identifier: proved.into_identifier(), name: &name, password },
    };
    Ok(Ok(app.store.join(&asked.invitation, holder, brought, &decided, &asked.shown()).await?))
}
