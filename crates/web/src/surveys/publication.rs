//! `GET` and `POST /surveys/{survey}/publication`: whom a draft asks, under their names or not, and until when; from then on
//! neither that nor the questions can be changed. `POST …/closing` ends it.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SurveyId;
use jiayin_domain::role::Role;
use jiayin_domain::survey::SHOWN_FROM;
use jiayin_store::Viewer;
use jiayin_store::messages::Audience;
use jiayin_store::surveys::{ASKED, Published, Reach, Survey};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::Deserialize;

use super::builder::draft;
use super::path_of;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::messages::announcements::{audience, written};
use crate::school_time::{days_after, moment, wall};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The last day on which a survey may close, counted from today.
const FURTHEST_DAYS: i64 = 365;
/// A survey is open so many days unless another day is chosen.
const USUAL_DAYS: i64 = 7;

/// What may be wrong with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishError {
    /// Whom it asks was not chosen.
    Audience,
    /// Nobody would be asked.
    Nobody,
    /// Whether it is anonymous was not chosen.
    Names,
    /// The closing time is none, or too soon or too far away.
    Closing,
    /// It has no question.
    Empty,
    /// Something is answered aloud, and that has a name.
    Spoken,
}

impl PublishError {
    /// Key of its text.
    pub fn key(self) -> &'static str {
        match self {
            Self::Audience => "survey-error-audience",
            Self::Nobody => "survey-error-nobody",
            Self::Names => "survey-error-names",
            Self::Closing => "survey-error-closing",
            Self::Empty => "survey-error-empty",
            Self::Spoken => "survey-error-anonymous-voice",
        }
    }
}

/// The form.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PublishForm {
    /// `class:<id>` or `campus:<id>`.
    #[serde(default)]
    pub audience: String,
    /// A role, or `everyone`.
    #[serde(default)]
    pub role: String,
    /// `anonymous` or `named`.
    #[serde(default)]
    pub names: String,
    /// The day on which it closes; empty if it is closed by hand.
    #[serde(default)]
    pub closes_date: String,
    /// The time of that day.
    #[serde(default)]
    pub closes_time: String,
}

/// The form, checked.
struct Wanted {
    reach: Reach,
    anonymous: bool,
    closes_at: Option<Timestamp>,
}

impl PublishForm {
    fn first(now: Timestamp) -> Self {
        Self {
            role: "everyone".to_owned(),
            closes_date: days_after(wall(now).date(), USUAL_DAYS).to_string(),
            closes_time: "20:00".to_owned(),
            ..Self::default()
        }
    }

    fn check(&self, now: Timestamp) -> Result<Wanted, PublishError> {
        let place: Audience = audience(&self.audience).ok_or(PublishError::Audience)?;
        let role = match &*self.role {
            "everyone" => None,
            tag => Some(Role::from_tag(tag).filter(|role| ASKED.contains(role)).ok_or(PublishError::Audience)?),
        };
        let anonymous = match &*self.names {
            "anonymous" => true,
            "named" => false,
            _ => return Err(PublishError::Names),
        };
        let closes_at = self.closes_at(now)?;
        Ok(Wanted { reach: Reach { place, role }, anonymous, closes_at })
    }

    fn closes_at(&self, now: Timestamp) -> Result<Option<Timestamp>, PublishError> {
        if self.closes_date.trim().is_empty() {
            return Ok(None);
        }
        let date: Date = self.closes_date.trim().parse().map_err(|_| PublishError::Closing)?;
        let time: Time = self.closes_time.trim().parse().map_err(|_| PublishError::Closing)?;
        let at = moment(date.to_datetime(time)).ok_or(PublishError::Closing)?;
        let last = days_after(wall(now).date(), FURTHEST_DAYS);
        if at > now && date <= last { Ok(Some(at)) } else { Err(PublishError::Closing) }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "surveys/publication.html")]
pub struct PublicationPage {
    /// Frame; staff is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// How many questions it has.
    pub questions: usize,
    /// Something is answered aloud: it has names.
    pub spoken: bool,
    /// Whom it can ask: value of the field, and name.
    pub audiences: Vec<(String, String)>,
    /// Values of the roles, everyone first.
    pub roles: Vec<&'static str>,
    /// What is filled in.
    pub form: PublishForm,
    /// First and last day that can be chosen.
    pub range: [String; 2],
    /// Anonymous answers are shown from so many on.
    pub shown_from: usize,
    /// What is wrong.
    pub error: Option<PublishError>,
}

fn page(
    l: &Localizer,
    layout: Layout,
    survey: &Survey,
    audiences: Vec<(Audience, String)>,
    (form, error): (PublishForm, Option<PublishError>),
    now: Timestamp,
) -> PublicationPage {
    let today = wall(now).date();
    let audiences = audiences.into_iter().map(|(place, name)| {
        let what = l.t(if matches!(place, Audience::Class(_)) { "survey-place-class" } else { "survey-place-campus" });
        (written(place), format!("{what} {name}"))
    });
    PublicationPage {
        survey: survey.survey,
        title: survey.title.clone(),
        questions: survey.sheet.0.len(),
        spoken: survey.sheet.is_spoken(),
        audiences: audiences.collect(),
        roles: std::iter::once("everyone").chain(ASKED.into_iter().map(Role::tag)).collect(),
        form,
        range: [today.to_string(), days_after(today, FURTHEST_DAYS).to_string()],
        shown_from: SHOWN_FROM,
        error,
        layout,
    }
}

async fn answer(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    survey: &Survey,
    sent: (PublishForm, Option<PublishError>),
) -> Result<Response, AppError> {
    let status = if sent.1.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let audiences = app.store.audiences(viewer).await?;
    let layout = Layout::new(visitor, app);
    let page = page(&visitor.l, layout, survey, audiences, sent, app.clock.now());
    Ok((status, html(&page)?).into_response())
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's, [`AppError::Conflict`] if it is published already.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Response, AppError> {
    let survey = draft(&app, &viewer, id).await?;
    let names = if survey.sheet.is_spoken() { "named".to_owned() } else { String::new() };
    let form = PublishForm { names, ..PublishForm::first(app.clock.now()) };
    let error = survey.sheet.0.is_empty().then_some(PublishError::Empty);
    answer(&app, &visitor, &viewer, &survey, (form, error)).await
}

/// `POST /surveys/{survey}/publication`. Sent twice, it leads to the survey that is open already.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    form: Result<Form<PublishForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("publication form"))?;
    let survey = draft(&app, &viewer, id).await?;
    let wanted = match form.check(app.clock.now()) {
        Ok(wanted) => wanted,
        Err(error) => return answer(&app, &visitor, &viewer, &survey, (form, Some(error))).await,
    };
    let done = app.store.publish_survey(&viewer, id, wanted.reach, wanted.anonymous, wanted.closes_at).await?;
    let error = match done {
        Published::Asks(_) => {
            app.wake_workers();
            return Ok(see_other(&format!("{}/results", path_of(id))));
        }
        Published::Gone => return Err(AppError::NotFound),
        Published::Empty => PublishError::Empty,
        Published::Nobody => PublishError::Nobody,
        Published::Spoken => PublishError::Spoken,
    };
    answer(&app, &visitor, &viewer, &survey, (form, Some(error))).await
}

/// `POST /surveys/{survey}/closing`.
///
/// # Errors
/// [`AppError::NotFound`] if no such survey of the viewer's is open.
pub async fn close(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Response, AppError> {
    match app.store.close_survey(&viewer, id).await? {
        true => Ok(see_other(&format!("{}/results", path_of(id)))),
        false => Err(AppError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_closes_later_and_within_a_year_or_by_hand() {
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let first = PublishForm::first(now);
        let at = |date: &str, time: &str| {
            let form = PublishForm { closes_date: date.to_owned(), closes_time: time.to_owned(), ..first.clone() };
            form.closes_at(now).map(|at| at.map(|at| at.to_string()))
        };
        assert_eq!(at(&first.closes_date, &first.closes_time), Ok(Some("2026-03-09T12:00:00Z".to_owned())));
        assert_eq!(at(" ", "20:00"), Ok(None));
        for (date, time) in [
            ("2026-03-02", "16:00"),
            ("2026-03-01", "20:00"),
            ("2027-03-03", "00:00"),
            ("2026-02-30", "20:00"),
            ("2026-03-09", ""),
            ("9999-12-31", "23:59"),
        ] {
            assert_eq!(at(date, time), Err(PublishError::Closing), "{date} {time}");
        }
    }

    #[test]
    fn whom_it_asks_and_how_must_be_chosen() {
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let good = PublishForm {
            audience: "class:0192b7a0-0000-7000-8000-000000000001".to_owned(),
            names: "named".to_owned(),
            ..PublishForm::first(now)
        };
        assert!(good.check(now).is_ok_and(|wanted| wanted.reach.role.is_none() && !wanted.anonymous));
        for (form, error) in [
            (PublishForm { audience: "class:x".to_owned(), ..good.clone() }, PublishError::Audience),
            (PublishForm { role: "privacy_officer".to_owned(), ..good.clone() }, PublishError::Audience),
            (PublishForm { role: String::new(), ..good.clone() }, PublishError::Audience),
            (PublishForm { names: String::new(), ..good.clone() }, PublishError::Names),
        ] {
            assert_eq!(form.check(now).err(), Some(error), "{form:?}");
        }
    }
}
