//! `GET /surveys/{survey}/answer/voices/{voice}` and `GET /surveys/{survey}/results/voices/{voice}`: what was said aloud, for
//! who said it, and for who asked.

use axum::extract::{Path, State};
use axum::response::Response;
use jiayin_domain::id::{MediaId, SurveyId};

use crate::app::AppState;
use crate::error::AppError;
use crate::recordings::audio::Wanted;
use crate::session::Person;

/// See the module; the store knows whose it is.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else.
pub async fn get(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((survey, voice)): Path<(SurveyId, MediaId)>,
    wanted: Wanted,
) -> Result<Response, AppError> {
    let found = app.store.survey_voice(&viewer, survey, voice, wanted.of_file()).await?;
    wanted.answer(&app, found).await
}
