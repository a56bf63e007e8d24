//! `GET` and `POST /surveys/{survey}/answer`: all questions on one page; what is missing is told at the question, and nothing
//! that was filled in is lost.
//!
//! Named answers can be changed here until the survey closes. After an anonymous one the page shows the code by which it can
//! be taken back, this once: the code comes with the form, so that sending it twice answers once.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SurveyId;
use jiayin_domain::role::Role;
use jiayin_domain::survey::{Answer, Answers, Kind, Spoken, read_answers};
use jiayin_store::surveys::{Code, Dropped, Said, ToAnswer};
use serde::Deserialize;

use super::questions::{QuestionView, SpokenView, field, message, values};
use super::{paragraphs, path_of, policy_shown, sent};
use crate::app::AppState;
use crate::courses::lesson::no_microphone;
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
    /// The viewer's own answers.
    pub said: Vec<OwnAnswer>,
}

/// One of the viewer's own answers.
pub struct OwnAnswer {
    /// What was asked.
    pub question: String,
    /// What they said, in words.
    pub says: String,
    /// What they said aloud.
    pub spoken: Option<SpokenView>,
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
        let spoken = |question| match answers.get(&question) {
            Some(Answer::Voice(spoken)) => Some(*spoken),
            _ => None,
        };
        return Ok(html(&form_page(&app, &visitor, &to, (filled, spoken), &BTreeMap::new(), code))?.into_response());
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
    (filled, spoken): (impl Fn(u32) -> Vec<String>, impl Fn(u32) -> Option<Spoken>),
    wrong: &BTreeMap<u32, String>,
    code: String,
) -> AnswerPage {
    let page = format!("{}/answer", path_of(to.asked.survey));
    let spoken = |question| spoken(question).map(|spoken| SpokenView::new(&page, spoken));
    let role = visitor.person.as_ref().map(|person| person.role);
    AnswerPage {
        survey: to.asked.survey,
        title: to.asked.title.clone(),
        intro: paragraphs(&to.intro),
        anonymous: to.asked.anonymous,
        questions: QuestionView::all(&to.questions, filled, spoken, wrong),
        code,
        closes: to.asked.closes_at.map(|at| Moment::new(&visitor.l, at, app.clock.now())),
        agrees: !to.asked.anonymous && role != Some(Role::Learner),
        wrong: wrong.len(),
        layout: Layout::new(visitor, app),
    }
}

impl AnswerPage {
    /// Whether something is answered aloud.
    pub fn is_spoken(&self) -> bool {
        self.questions.iter().any(|question| question.kind == Kind::Voice)
    }

    /// What to do where there is no microphone, by the cause.
    pub fn no_microphone(&self) -> [(&'static str, String, String); 5] {
        no_microphone(&self.layout.l)
    }
}

fn own_answer(survey: SurveyId, said: Said) -> OwnAnswer {
    let spoken = SpokenView::of(&format!("{}/answer", path_of(survey)), &said.answer);
    OwnAnswer { question: said.question, says: said.says, spoken }
}

fn done_page(app: &AppState, visitor: &Visitor, to: &ToAnswer, done: Done, code: String, said: Vec<Said>) -> DonePage {
    DonePage {
        survey: to.asked.survey,
        title: to.asked.title.clone(),
        done,
        anonymous: to.asked.anonymous,
        open: to.asked.open,
        code,
        said: said.into_iter().map(|one| own_answer(to.asked.survey, one)).collect(),
        layout: Layout::new(visitor, app),
    }
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
    request: Request,
) -> Result<Response, AppError> {
    let to = app.store.survey_to_answer(&viewer, id).await?.ok_or(AppError::NotFound)?;
    let sent = sent::read(&app, request).await?;
    let known = |name: &str| name == "code" || to.questions.iter().any(|question| field(question.id) == name);
    if !sent.names().all(known) {
        return Err(AppError::BadRequest("survey field"));
    }
    let code = sent.values("code").first().and_then(|code| Code::parse(code));
    let code = code.unwrap_or_else(|| app.store.survey_code());
    let voices = sent::voices(&app, &visitor.l, &to.questions, &sent, &given(&to)?.unwrap_or_default()).await?;
    let read = read_answers(
        &to.questions,
        |question| sent.values(&field(question)),
        |question| voices.spoken.get(&question).copied(),
    );
    let answers = match read {
        Ok(answers) if voices.wrong.is_empty() => answers,
        read => {
            let missing = read.err().unwrap_or_default();
            let mut wrong: BTreeMap<u32, String> =
                missing.into_iter().map(|(question, error)| (question, message(&visitor.l, error))).collect();
            wrong.extend(voices.wrong);
            let code = if to.asked.anonymous { code.to_text() } else { String::new() };
            let filled = |question| sent.values(&field(question)).into_iter().map(str::to_owned).collect();
            // Only what is kept already can be played again; the page's script still has the others.
            let stands = |question| voices.spoken.get(&question).filter(|_| sent.is_kept(question)).copied();
            let page = form_page(&app, &visitor, &to, (filled, stands), &wrong, code);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
        }
    };
    if to.asked.anonymous {
        return unnamed(&app, &visitor, &viewer, &to, &answers, &code).await;
    }
    let shown = policy_shown(&app, &visitor).await?;
    let kept = app.store.answer_named(&viewer, id, &answers, &voices.to_keep(), &shown).await?;
    let end = if kept.ok_or(AppError::NotFound)? { "?sent=1" } else { "" };
    Ok(see_other(&format!("{}/answer{end}", path_of(id))))
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
