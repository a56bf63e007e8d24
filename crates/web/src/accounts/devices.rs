//! `GET /profile/devices`: where one is signed in, and what is kept of these devices.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SessionId;
use jiayin_privacy::map;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Locale;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// One's own devices.
#[derive(Template)]
#[template(path = "accounts/devices.html")]
pub struct DevicesPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Someone has signed in on a new device since this browser was last told.
    pub notice: bool,
    /// The browsers, the most recently used first.
    pub devices: Vec<DeviceView>,
}

/// A browser in which the person is signed in.
pub struct DeviceView {
    /// Id of its session; goes out as `session` with `POST /profile/devices/end`.
    pub session: String,
    /// In short, what it is: `Chrome 126 · Android 14`.
    pub name: String,
    /// Each attribute that is kept of it: its name in the data map, and what it is.
    pub attributes: Vec<(&'static str, String)>,
    /// Since when it is signed in.
    pub since: Moment,
    /// When it was last used.
    pub last: Moment,
    /// This very browser.
    pub current: bool,
}

/// `GET /profile/devices`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    mut visitor: Visitor,
    Person(viewer): Person,
) -> Result<Response, AppError> {
    let notice = visitor.person.as_ref().is_some_and(|person| person.notice);
    if notice {
        app.store.noticed(&viewer).await?;
    }
    if let Some(person) = &mut visitor.person {
        person.notice = false;
    }
    let now = app.clock.now();
    let (grant, found) = app.store.devices(&viewer).await?;
    let mut devices = Vec::with_capacity(found.len());
    for device in found {
        let attributes = match &device.about {
            Some(about) => vec![
                (label(&visitor, "browser"), about.browser.read(&grant)?.clone()),
                (label(&visitor, "system"), about.system.read(&grant)?.clone()),
                (label(&visitor, "model"), about.model.read(&grant)?.clone()),
            ],
            None => Vec::new(),
        };
        devices.push(DeviceView {
            session: device.session.to_string(),
            name: name(&visitor, &attributes),
            attributes: attributes.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            since: Moment::new(&visitor.l, device.since, now),
            last: Moment::new(&visitor.l, device.seen, now),
            current: device.session == viewer.session,
        });
    }
    Ok(html(&DevicesPage { layout: Layout::new(&visitor, &app), notice, devices })?.into_response())
}

/// What the data map calls an attribute of a device.
fn label(visitor: &Visitor, column: &str) -> &'static str {
    let Some(entry) = map::column("device", column) else { return "" };
    match visitor.l.locale() {
        Locale::ZhCn => entry.export_zh.unwrap_or_default(),
        Locale::En => entry.export_en.unwrap_or_default(),
    }
}

fn name(visitor: &Visitor, attributes: &[(&'static str, String)]) -> String {
    let known: Vec<&str> = attributes.iter().take(2).map(|(_, value)| &**value).filter(|v| !v.is_empty()).collect();
    if known.is_empty() { visitor.l.t("devices-unknown") } else { known.join(" · ") }
}

/// The form that signs another browser out.
#[derive(Deserialize)]
pub struct EndForm {
    session: SessionId,
}

/// `POST /profile/devices/end`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not one of one's own.
pub async fn end(
    State(app): State<AppState>,
    Person(viewer): Person,
    form: Result<Form<EndForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("session form"))?;
    if app.store.revoke(&viewer, form.session).await? {
        Ok(see_other("/profile/devices"))
    } else {
        Err(AppError::NotFound)
    }
}

/// `POST /profile/devices/end-others`.
///
/// # Errors
/// [`AppError`].
pub async fn end_others(State(app): State<AppState>, Person(viewer): Person) -> Result<Response, AppError> {
    app.store.revoke_others(&viewer).await?;
    Ok(see_other("/profile/devices"))
}
