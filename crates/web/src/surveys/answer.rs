//! `GET` and `POST /surveys/{survey}/answer`: all questions on one page; what is missing is told at the question, and nothing
//! that was filled in is lost.
//!
//! Named answers can be changed here until the survey closes. After an anonymous one the page shows the code by which it can
//! be taken back, this once: the code comes with the form, so that sending it twice answers once.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SurveyId;
use jiayin_domain::role::Role;
use jiayin_domain::survey::{AnswerError, Answers, Kind, read_answers};
use jiayin_store::surveys::{Code, Dropped, Said, ToAnswer};
use serde::Deserialize;

use super::questions::{QuestionView, field, values};
use super::{paragraphs, policy_shown};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The form.
#[derive(Template)]
#[template(path = "surveys/answer.html")]
pub struct AnswerPage {
    /// Frame; somebody is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// What stands before the questions.
    pub intro: Vec<String>,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// The questions.
    pub questions: Vec<QuestionView>,
    /// The code of an anonymous answer; empty otherwise.
    pub code: String,
    /// When the survey closes.
    pub closes: Option<Moment>,
    /// A grown-up answers, and agrees by it.
    pub agrees: bool,
    /// Number of questions with something wrong.
    pub wrong: usize,
}

/// Why there is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The answers have just been kept.
    Thanks,
    /// The viewer has answered before.
    Answered,
    /// The survey is closed.
    Closed,
}

impl Done {
    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Thanks => "thanks",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}

/// What is shown instead of the form.
#[derive(Template)]
#[template(path = "surveys/done.html")]
pub struct DonePage {
    /// Frame; somebody is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// Why there is no form.
    pub done: Done,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// It can still be answered.
    pub open: bool,
    /// The code of the anonymous answer that was just kept; empty otherwise.
    pub code: String,
    /// The viewer's own answers: what was asked, and what they said.
    pub said: Vec<(String, String)>,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    sent: Option<u8>,
    change: Option<u8>,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if no such survey asks the viewer.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    let to = app.store.survey_to_answer(&viewer, id).await?.ok_or(AppError::NotFound)?;
    let given = given(&to)?;
    let changing = shown.change == Some(1) && !to.asked.anonymous;
    if to.asked.open && (!to.asked.answered || changing) {
        let answers = given.as_deref().map(Said::answers).unwrap_or_default();
        let code = if to.asked.anonymous { app.store.survey_code().to_text() } else { String::new() };
        let filled = |question| values(&answers, question);
        return Ok(html(&form_page(&app, &visitor, &to, filled, &BTreeMap::new(), code))?.into_response());
    }
    let done = match (to.asked.open, shown.sent) {
        (_, Some(1)) if given.is_some() => Done::Thanks,
        (false, _) => Done::Closed,
        _ => Done::Answered,
    };
    let said = given.unwrap_or_default();
    Ok(html(&done_page(&app, &visitor, &to, done, String::new(), said))?.into_response())
}

/// What the viewer has answered under their name.
fn given(to: &ToAnswer) -> Result<Option<Vec<Said>>, AppError> {
    Ok(match &to.given {
        Some(given) => Some(given.said.read(&given.grant)?.clone()),
        None => None,
    })
}

fn form_page(
    app: &AppState,
    visitor: &Visitor,
    to: &ToAnswer,
    filled: impl Fn(u32) -> Vec<String>,
    wrong: &BTreeMap<u32, AnswerError>,
    code: String,
) -> AnswerPage {
    let role = visitor.person.as_ref().map(|person| person.role);
    AnswerPage {
        survey: to.asked.survey,
        title: to.asked.title.clone(),
        intro: paragraphs(&to.intro),
        anonymous: to.asked.anonymous,
        questions: QuestionView::all(&visitor.l, &to.questions, filled, wrong),
        code,
        closes: to.asked.closes_at.map(|at| Moment::new(&visitor.l, at, app.clock.now())),
        agrees: !to.asked.anonymous && role != Some(Role::Learner),
        wrong: wrong.len(),
        layout: Layout::new(visitor, app),
    }
}

fn done_page(app: &AppState, visitor: &Visitor, to: &ToAnswer, done: Done, code: String, said: Vec<Said>) -> DonePage {
    DonePage {
        survey: to.asked.survey,
        title: to.asked.title.clone(),
        done,
        anonymous: to.asked.anonymous,
        open: to.asked.open,
        code,
        said: said.into_iter().map(|one| (one.question, one.says)).collect(),
        layout: Layout::new(visitor, app),
    }
}

/// The fields as they came, several of one name among them.
type Fields = Vec<(String, String)>;

fn sent(fields: &Fields, name: &str) -> Vec<String> {
    fields.iter().filter(|(of, _)| of == name).map(|(_, value)| value.clone()).collect()
}

/// `POST /surveys/{survey}/answer`.
///
/// # Errors
/// [`AppError::NotFound`] if no such survey asks the viewer; [`AppError::BadRequest`] for a field that the form does not have.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(fields) = form.map_err(|_| AppError::BadRequest("survey form"))?;
    let to = app.store.survey_to_answer(&viewer, id).await?.ok_or(AppError::NotFound)?;
    let known = |name: &String| name == "code" || to.questions.iter().any(|question| field(question.id) == *name);
    if !fields.iter().all(|(name, _)| known(name)) {
        return Err(AppError::BadRequest("survey field"));
    }
    let code = sent(&fields, "code").first().and_then(|code| Code::parse(code));
    let code = code.unwrap_or_else(|| app.store.survey_code());
    let value = |question: u32| {
        let name = field(question);
        fields.iter().filter(|(of, _)| *of == name).map(|(_, value)| value.as_str()).collect()
    };
    match read_answers(&to.questions, value) {
        Ok(answers) if to.asked.anonymous => unnamed(&app, &visitor, &viewer, &to, &answers, &code).await,
        Ok(answers) => {
            let shown = policy_shown(&app, &visitor).await?;
            let kept = app.store.answer_named(&viewer, id, &answers, &shown).await?.ok_or(AppError::NotFound)?;
            let end = if kept { "?sent=1" } else { "" };
            Ok(see_other(&format!("/surveys/{id}/answer{end}")))
        }
        Err(wrong) => {
            let code = if to.asked.anonymous { code.to_text() } else { String::new() };
            let page = form_page(&app, &visitor, &to, |question| sent(&fields, &field(question)), &wrong, code);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
        }
    }
}

async fn unnamed(
    app: &AppState,
    visitor: &Visitor,
    viewer: &jiayin_store::Viewer,
    to: &ToAnswer,
    answers: &Answers,
    code: &Code,
) -> Result<Response, AppError> {
    let dropped = app.store.answer_unnamed(viewer, to.asked.survey, answers, code).await?.ok_or(AppError::NotFound)?;
    let (done, code) = match dropped {
        Dropped::Kept => (Done::Thanks, code.to_text()),
        Dropped::Already => (Done::Answered, String::new()),
        Dropped::Closed => (Done::Closed, String::new()),
    };
    Ok(html(&done_page(app, visitor, to, done, code, Vec::new()))?.into_response())
}
