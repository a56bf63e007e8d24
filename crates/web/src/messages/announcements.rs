//! `GET` and `POST /announcements`, `POST /announcements/{announcement}/withdrawal`: somebody of the school says something to a
//! class or a campus, and sees to how many it has come. A service message that advertises is refused (clause 10.4).

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{AnnouncementId, CampusId, ClassId};
use jiayin_domain::message::{Class, promotion_in};
use jiayin_domain::role::Role;
use jiayin_store::Viewer;
use jiayin_store::messages::{Audience, Draft};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest title in characters.
const TITLE_MAX: usize = 80;
/// Longest text in characters.
const BODY_MAX: usize = 4000;

/// What may be wrong with an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftError {
    /// No title, or one that is too long.
    Title,
    /// No text, or one that is too long.
    Body,
    /// To whom was not chosen.
    Audience,
    /// A service message with a word of advertising.
    Promotion(&'static str),
}

impl DraftError {
    fn message(self, l: &Localizer) -> String {
        match self {
            Self::Title => l.t1("announcement-error-title", "max", TITLE_MAX),
            Self::Body => l.t1("announcement-error-body", "max", BODY_MAX),
            Self::Audience => l.t("announcement-error-audience"),
            Self::Promotion(word) => l.t1("announcement-error-promotion", "word", word),
        }
    }
}

/// An announcement as its author sees it.
pub struct SaidView {
    /// Id; a part of the address at which it is taken back.
    pub id: AnnouncementId,
    /// What it is for its readers.
    pub class: Class,
    /// To whom.
    pub audience: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// When.
    pub at: Moment,
    /// It was taken back.
    pub withdrawn: bool,
    /// How far it has come.
    pub reach: String,
}

/// The page.
#[derive(Template)]
#[template(path = "messages/announcements.html")]
pub struct AnnouncementsPage {
    /// Frame; staff is signed in.
    pub layout: Layout,
    /// To whom something can be said: value of the field, and name.
    pub audiences: Vec<(String, String)>,
    /// What it can be for its readers.
    pub classes: Vec<Class>,
    /// What was said.
    pub said: Vec<SaidView>,
    /// What was typed.
    pub form: AnnouncementForm,
    /// What is wrong with it.
    pub error: Option<String>,
    /// It was just sent.
    pub sent: bool,
    /// Mails that could not be sent at all.
    pub undelivered: u32,
}

/// The form.
#[derive(Deserialize, Default)]
pub struct AnnouncementForm {
    /// `class:<id>` or `campus:<id>`.
    #[serde(default)]
    pub audience: String,
    /// What it is for its readers.
    #[serde(default)]
    pub class: String,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// Text.
    #[serde(default)]
    pub body: String,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    sent: Option<u8>,
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
    let page = page(&app, &visitor, &viewer, AnnouncementForm::default(), None).await?;
    Ok(html(&AnnouncementsPage { sent: shown.sent == Some(1), ..page })?.into_response())
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    form: AnnouncementForm,
    error: Option<DraftError>,
) -> Result<AnnouncementsPage, AppError> {
    let (l, now) = (&visitor.l, app.clock.now());
    let audiences = app.store.audiences(viewer).await?;
    let said = app.store.own_announcements(viewer).await?.into_iter().map(|one| SaidView {
        reach: l.tn("announcement-reach", &[("told", one.told.to_string()), ("read", one.read.to_string())]),
        id: one.announcement,
        class: one.class,
        audience: one.audience,
        title: one.title,
        body: one.body,
        at: Moment::new(l, one.at, now),
        withdrawn: one.withdrawn_at.is_some(),
    });
    Ok(AnnouncementsPage {
        said: said.collect(),
        audiences: audiences.into_iter().map(|(audience, name)| (written(audience), name)).collect(),
        classes: classes(viewer.role),
        form,
        error: error.map(|error| error.message(l)),
        sent: false,
        undelivered: u32::try_from(app.store.undelivered(viewer).await?).unwrap_or(u32::MAX),
        layout: Layout::new(visitor, app),
    })
}

/// What somebody of this role may say: a teacher speaks of lessons, a campus's manager of the service and of news, too.
/// Advertising has its own consent, and its own place.
fn classes(role: Role) -> Vec<Class> {
    match role {
        Role::CampusManager => vec![Class::Service, Class::Learning, Class::News],
        _ => vec![Class::Learning],
    }
}

/// The value of a field that chooses an audience.
pub(crate) fn written(audience: Audience) -> String {
    match audience {
        Audience::Class(class) => format!("class:{class}"),
        Audience::Campus(campus) => format!("campus:{campus}"),
    }
}

/// The audience that a field's value stands for.
pub(crate) fn audience(typed: &str) -> Option<Audience> {
    match typed.split_once(':')? {
        ("class", id) => id.parse::<ClassId>().ok().map(Audience::Class),
        ("campus", id) => id.parse::<CampusId>().ok().map(Audience::Campus),
        _ => None,
    }
}

/// What the form says, checked.
fn draft(form: &AnnouncementForm, role: Role) -> Result<Draft, DraftError> {
    let title = form.title.trim().to_owned();
    let body = form.body.replace("\r\n", "\n").trim().to_owned();
    if !(1..=TITLE_MAX).contains(&title.chars().count()) {
        return Err(DraftError::Title);
    }
    if !(1..=BODY_MAX).contains(&body.chars().count()) {
        return Err(DraftError::Body);
    }
    let audience = audience(&form.audience).ok_or(DraftError::Audience)?;
    let may = classes(role);
    let class = match (Class::from_tag(&form.class), &*may) {
        (Some(class), may) if may.contains(&class) => class,
        (_, [only]) => *only,
        _ => return Err(DraftError::Audience),
    };
    if class == Class::Service
        && let Some(word) = promotion_in(&title).or_else(|| promotion_in(&body))
    {
        return Err(DraftError::Promotion(word));
    }
    Ok(Draft { audience, class, title, body })
}

/// `POST /announcements`.
///
/// # Errors
/// [`AppError::NotFound`] for somebody else's class or campus.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<AnnouncementForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("announcement form"))?;
    match draft(&form, viewer.role) {
        Ok(draft) => {
            app.store.make_announcement(&viewer, &draft).await?.ok_or(AppError::NotFound)?;
            app.wake_workers();
            Ok(see_other("/announcements?sent=1"))
        }
        Err(error) => {
            let page = page(&app, &visitor, &viewer, form, Some(error)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
        }
    }
}

/// `POST /announcements/{announcement}/withdrawal`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has said no such thing.
pub async fn withdraw(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<AnnouncementId>,
) -> Result<Response, AppError> {
    match app.store.withdraw_announcement(&viewer, id).await? {
        true => Ok(see_other("/announcements")),
        false => Err(AppError::NotFound),
    }
}
