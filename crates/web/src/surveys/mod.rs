//! Surveys: made, published and counted by staff; answered, and taken back, by those whom they ask.

pub mod answer;
pub mod asked;
pub mod builder;
pub mod cards;
pub mod list;
pub mod publication;
pub mod question;
pub mod questions;
pub mod results;
mod sent;
pub mod voice;
pub mod withdrawal;

use jiayin_domain::consent::Surface;
use jiayin_domain::id::SurveyId;
use jiayin_store::consent::Shown;

use crate::app::AppState;
use crate::error::AppError;
use crate::visitor::Visitor;

/// Most bytes of a form with answers: as many texts as there can be questions, in letters of three bytes, each of which
/// travels as nine, and as much again, so that who has typed too much is told at the question.
pub const FORM_MAX: usize = 600 * 1024;

/// The address of a survey.
fn path_of(survey: SurveyId) -> String {
    format!("/surveys/{survey}")
}

/// The policy in force, as it is agreed to by answering.
async fn policy_shown(app: &AppState, visitor: &Visitor) -> Result<Shown, AppError> {
    let policy = app.store.current_policy().await?;
    Ok(Shown {
        version: policy.number.into(),
        digest: policy.digest,
        language: visitor.l.locale().tag(),
        surface: Surface::Survey,
    })
}

/// Paragraphs of a text that was typed.
fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}
