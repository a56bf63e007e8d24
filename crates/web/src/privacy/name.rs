//! `POST /family/{learner}/data/name`: a guardian puts the name of a child right.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Whose, data};
use crate::accounts::profile::name;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::see_other;
use crate::visitor::Visitor;

/// The form.
#[derive(Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
}

/// See the module.
///
/// # Errors
/// [`AppError`]; what is wrong with the name is shown on the page.
pub async fn post(
    State(app): State<AppState>,
    mut visitor: Visitor,
    whose: Whose,
    form: Result<Form<NameForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("name form"))?;
    match name(&form.name) {
        Ok(name) => {
            app.store.correct_name(&whose.claim, &name).await?;
            Ok(see_other(&format!("{}?saved=1", whose.base)))
        }
        Err(error) => {
            visitor.path.clone_from(&whose.base);
            let page = data::page(&app, &visitor, &whose, Some((form.name, error)), false).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
        }
    }
}
