//! `GET /` (also `/tryout`) and `POST /tryout`.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiayin_speech::Evaluation;
use jiayin_speech::prompt::PromptError;
use serde::Deserialize;

use super::stage::{RefusedPart, Stage};
use super::upload::{self, TEXT_MAX, Upload};
use super::view::{ResultPart, verdict_code};
use crate::app::AppState;
use crate::ear::{HearError, guarded};
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// Which sentence is shown. The visitor's own text never stands in an address.
#[derive(Deserialize, Default)]
pub struct Choice {
    level: Option<usize>,
    n: Option<usize>,
    own: Option<u8>,
}

/// The whole page.
#[derive(Template)]
#[template(path = "tryout/page.html")]
pub struct TryoutPage {
    /// Frame.
    pub layout: Layout,
    /// Sentence, recorder, upload.
    pub stage: Stage,
    /// What came of a recording that was sent without our script.
    pub result: Option<ResultPart>,
}

/// Shows a sentence to read.
///
/// # Errors
/// If the template fails.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    choice: Result<Query<Choice>, QueryRejection>,
) -> Result<Html<String>, AppError> {
    let choice = choice.map(|Query(choice)| choice).unwrap_or_default();
    let stage = Stage::sample(
        &visitor.l,
        app.config.upload_max_mb,
        choice.level.unwrap_or(1),
        choice.n.unwrap_or(1),
        choice.own == Some(1),
    );
    html(&TryoutPage { layout: Layout::new(&visitor, &app), stage, result: None })
}

/// Evaluates a recording. Answers with the page, or to our script with the result alone; keeps nothing.
///
/// # Errors
/// [`AppError`]: too large, too busy …; what is wrong with text or recording is shown on the page instead.
pub async fn post(State(app): State<AppState>, mut visitor: Visitor, request: Request) -> Result<Response, AppError> {
    let form = upload::read(&app, request).await?;
    let stage = Stage::sample(&visitor.l, app.config.upload_max_mb, form.level, form.n, form.own).with_text(&form.text);
    visitor.path = stage.path();
    match evaluate(&app, form).await? {
        Ok(evaluation) => {
            let result = ResultPart::new(&visitor.l, &evaluation, &stage);
            Ok(if visitor.partial {
                html(&result)?.into_response()
            } else {
                html(&TryoutPage { layout: Layout::new(&visitor, &app), stage, result: Some(result) })?.into_response()
            })
        }
        Err(error) => refused(&app, &visitor, stage, &error),
    }
}

async fn evaluate(app: &AppState, form: Upload) -> Result<Result<Evaluation, HearError>, AppError> {
    let Upload { text, recording, memory, .. } = form;
    if text.len() > TEXT_MAX {
        return Ok(Err(PromptError::TooLong { words: text.split_whitespace().count() }.into()));
    }
    let ear = Arc::clone(&app.ear);
    let clock = Arc::clone(&app.clock);
    let work = move || {
        let began = clock.monotonic();
        let outcome = guarded(|| {
            let prompt = ear.prompt(&text, None)?;
            let missing = || HearError::Recording { code: "missing", reason: "no recording was sent".to_owned() };
            ear.hear(&recording.ok_or_else(missing)?, &prompt)
        });
        drop(memory);
        (outcome, clock.monotonic().saturating_sub(began))
    };
    let Ok((outcome, took)) = app.pool.run(work).await else {
        app.metrics.refused();
        return Err(AppError::Busy { retry_after_s: 2 });
    };
    app.metrics
        .scoring(outcome.as_ref().map_or_else(HearError::code, |evaluation| verdict_code(evaluation.verdict)), took);
    match outcome {
        Err(HearError::Internal(reason)) => Err(AppError::Internal(reason)),
        outcome => Ok(outcome),
    }
}

fn refused(app: &AppState, visitor: &Visitor, stage: Stage, error: &HearError) -> Result<Response, AppError> {
    let status = match error.code() {
        "unknown_format" | "unsupported_codec" | "no_audio_track" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let part = RefusedPart::new(&visitor.l, error);
    let body = if visitor.partial {
        html(&part)?
    } else {
        html(&TryoutPage { layout: Layout::new(visitor, app), stage: stage.with_error(part), result: None })?
    };
    Ok((status, body).into_response())
}
