//! `GET` and `POST /surveys/{survey}/withdrawal`: an answer is taken back: one's own at any time, an anonymous one by its code
//! until the survey closes (clause 2.5).

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SurveyId;
use jiayin_store::surveys::{Asked, Code};
use serde::Deserialize;

use super::policy_shown;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "surveys/withdrawal.html")]
pub struct WithdrawalPage {
    /// Frame; somebody is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// The answer is found by its code.
    pub anonymous: bool,
    /// What was typed as the code.
    pub code: String,
    /// There is no answer with that code.
    pub unknown: bool,
}

/// The form.
#[derive(Deserialize, Default)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
}

fn page(app: &AppState, visitor: &Visitor, asked: &Asked, code: String, unknown: bool) -> WithdrawalPage {
    WithdrawalPage {
        layout: Layout::new(visitor, app),
        survey: asked.survey,
        title: asked.title.clone(),
        anonymous: asked.anonymous,
        code,
        unknown,
    }
}

/// What may be taken back: what the viewer has answered, and every open anonymous survey, of which we do not know.
fn may_take_back(asked: &Asked) -> bool {
    if asked.anonymous { asked.open } else { asked.answered }
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if there is nothing to be taken back.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Response, AppError> {
    let to = app.store.survey_to_answer(&viewer, id).await?.ok_or(AppError::NotFound)?;
    if !may_take_back(&to.asked) {
        return Err(AppError::NotFound);
    }
    Ok(html(&page(&app, &visitor, &to.asked, String::new(), false))?.into_response())
}

/// `POST /surveys/{survey}/withdrawal`.
///
/// # Errors
/// [`AppError::NotFound`] if there is nothing to be taken back; [`AppError::Held`] under a legal hold.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    form: Result<Form<CodeForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("withdrawal form"))?;
    let to = app.store.survey_to_answer(&viewer, id).await?.ok_or(AppError::NotFound)?;
    if !may_take_back(&to.asked) {
        return Err(AppError::NotFound);
    }
    let gone = if to.asked.anonymous {
        match Code::parse(&form.code) {
            Some(code) => app.store.take_unnamed_back(&viewer, id, &code).await?,
            None => false,
        }
    } else {
        let shown = policy_shown(&app, &visitor).await?;
        app.store.take_named_back(&viewer, id, &shown).await?
    };
    if gone {
        return Ok(see_other("/surveys/asked?back=1"));
    }
    let page = page(&app, &visitor, &to.asked, form.code, true);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}
