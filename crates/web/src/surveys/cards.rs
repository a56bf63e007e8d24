//! The cards by which people find a survey that asks them: on the page of messages, and on a learner's first page. They stand
//! beside everything else and stop nobody.

use jiayin_domain::id::SurveyId;
use jiayin_store::Viewer;

use crate::app::AppState;
use crate::error::AppError;

/// A survey that waits for an answer.
pub struct SurveyCard {
    /// Id; a part of the address.
    pub id: SurveyId,
    /// Its title.
    pub title: String,
    /// How many questions it has.
    pub questions: usize,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
}

/// The surveys that wait for the viewer's answer, the newest first.
///
/// # Errors
/// [`AppError`].
pub async fn waiting(app: &AppState, viewer: &Viewer) -> Result<Vec<SurveyCard>, AppError> {
    let asked = app.store.surveys_for(viewer).await?;
    let card = |asked: jiayin_store::surveys::Asked| SurveyCard {
        id: asked.survey,
        title: asked.title,
        questions: asked.questions,
        anonymous: asked.anonymous,
    };
    Ok(asked.into_iter().filter(|asked| asked.open && !asked.answered).map(card).collect())
}
