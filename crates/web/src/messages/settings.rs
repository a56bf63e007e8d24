//! `GET` and `POST /messages/settings`: what one wants to be told, and how. Service messages are listed and cannot be switched
//! off (clause 10.4); everything else can be (clause 10.2).

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::message::{Channel, Class, QuietHours};
use jiayin_domain::role::Role;
use jiayin_store::Viewer;
use jiayin_store::messages::Choices;
use serde::Deserialize;

use super::work;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A switch.
pub struct Switch {
    /// Name of its field: `<class>.<channel>`.
    pub name: String,
    /// The channel.
    pub channel: Channel,
    /// On.
    pub on: bool,
    /// Cannot be changed here.
    pub fixed: bool,
}

/// A class of messages with its switches.
pub struct ClassRow {
    /// The class.
    pub class: Class,
    /// A switch for each channel that there is.
    pub switches: Vec<Switch>,
    /// It needs a consent that is not there; nothing of it is sent.
    pub asks: bool,
}

/// Whether browsers show what is new.
pub struct PushHere {
    /// The key by which the browser knows our messages, in base64url.
    pub key: String,
    /// This one does.
    pub on: bool,
    /// So many others of the person do.
    pub others: u64,
}

/// The page.
#[derive(Template)]
#[template(path = "messages/settings.html")]
pub struct SettingsPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// The classes.
    pub rows: Vec<ClassRow>,
    /// Quiet hours: from and until, `HH:MM`.
    pub quiet: (String, String),
    /// Whether anything is sent to this person anywhere else.
    pub sends: bool,
    /// Messages that browsers show, if there are any.
    pub push: Option<PushHere>,
    /// Since when the mailbox refuses mail.
    pub refused: Option<Moment>,
    /// Since when there is a link for calendars.
    pub calendar: Option<Moment>,
    /// A link that was just made, to be copied now.
    pub link: Option<String>,
    /// Whether homework comes up in a calendar of this person.
    pub calendars: bool,
    /// It was just saved.
    pub saved: bool,
    /// The hours could not be read.
    pub wrong_hours: bool,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    saved: Option<u8>,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    let page = page(&app, &visitor, &viewer, None).await?;
    Ok(html(&SettingsPage { saved: shown.saved == Some(1), ..page })?.into_response())
}

/// The page as it stands, with a link that was just made.
///
/// # Errors
/// [`AppError`].
pub(super) async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    link: Option<String>,
) -> Result<SettingsPage, AppError> {
    let choices = app.store.message_choices(viewer).await?;
    let now = app.clock.now();
    let child = viewer.role == Role::Learner;
    // A child is told of lessons and of what one has to know, and nothing else.
    let classes = Class::ALL.into_iter().filter(|class| !child || matches!(class, Class::Service | Class::Learning));
    let has =
        |channel: &Channel| work::has(app, *channel) && !(child && matches!(channel, Channel::Mail | Channel::Text));
    let channels: Vec<Channel> = Channel::ALL.into_iter().filter(has).collect();
    let push = match app.egress.push_key() {
        Some(key) => {
            let (on, others) = app.store.pushes_to(viewer).await?;
            Some(PushHere { key: key.to_owned(), on, others })
        }
        None => None,
    };
    let calendar = app.store.calendar_link(viewer).await?.map(|since| Moment::new(&visitor.l, since, now));
    Ok(SettingsPage {
        rows: classes.map(|class| row(&choices, class, &channels)).collect(),
        quiet: (clock(choices.quiet.from()), clock(choices.quiet.until())),
        sends: channels.len() > 1,
        push,
        refused: choices.refused_since.map(|since| Moment::new(&visitor.l, since, now)),
        calendar,
        link,
        calendars: matches!(viewer.role, Role::Learner | Role::Guardian | Role::Teacher),
        saved: false,
        wrong_hours: false,
        layout: Layout::new(visitor, app),
    })
}

fn row(choices: &Choices, class: Class, channels: &[Channel]) -> ClassRow {
    let asks = !choices.may(class);
    let switch = |channel: Channel| Switch {
        name: format!("{}.{}", class.tag(), channel.tag()),
        channel,
        on: choices.wants(class, channel) && !asks,
        fixed: class == Class::Service || asks,
    };
    ClassRow { class, switches: channels.iter().copied().map(switch).collect(), asks }
}

fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Minutes of the day that a time field says.
fn minutes(typed: &str) -> Option<i64> {
    let (hours, minutes) = typed.trim().split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// `POST /messages/settings`. A switch that is off is not in the form.
///
/// # Errors
/// [`AppError::BadRequest`] if it is not the page's form.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(fields) = form.map_err(|_| AppError::BadRequest("message settings"))?;
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let hours = |name: &str| field(name).and_then(minutes);
    let quiet = match (hours("quiet_from"), hours("quiet_until")) {
        (Some(from), Some(until)) => QuietHours::from_minutes(from, until),
        // Where nothing is sent there is nothing to be quiet about, and the page has no such fields.
        (None, None) if field("quiet_from").is_none() => Some(app.store.message_choices(&viewer).await?.quiet),
        _ => None,
    };
    let before = page(&app, &visitor, &viewer, None).await?;
    let Some(quiet) = quiet else {
        let page = SettingsPage { wrong_hours: true, ..before };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
    };
    let mut wanted = Vec::new();
    for row in &before.rows {
        let free = row.switches.iter().filter(|switch| !switch.fixed);
        wanted.extend(free.map(|switch| (row.class, switch.channel, field(&switch.name).is_some())));
    }
    app.store.choose_messages(&viewer, &wanted, quiet).await?;
    Ok(see_other("/messages/settings?saved=1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_written() {
        for (typed, read) in
            [("21:00", Some(1260)), ("08:05", Some(485)), ("8:05", Some(485)), ("23:59:00", Some(1439))]
        {
            assert_eq!(minutes(typed), read, "{typed}");
        }
        for typed in ["", "24:00", "12:60", "noon", "12", "-1:00", "12:é", ":"] {
            assert_eq!(minutes(typed), None, "{typed}");
        }
        assert_eq!(clock(485), "08:05");
    }
}
