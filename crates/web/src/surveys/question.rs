//! What changes the questions of a draft. Below `/surveys/{survey}`: `POST …/questions` adds one, `…/questions/{question}`
//! changes one, `…/copies` makes another like it, `…/removal` takes it out; `…/order` moves one.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use jiayin_domain::id::SurveyId;
use jiayin_domain::survey::{
    Change, Choice, END_MAX, Kind, OPTION_MAX, OPTIONS_MAX, OPTIONS_MIN, QUESTION_MAX, QUESTIONS_MAX, Question,
    QuestionError, SPOKEN_MAX, Typed,
};
use jiayin_store::Viewer;
use jiayin_store::surveys::Edited;
use serde::Deserialize;

use super::builder::{Refused, draft, page};
use super::path_of;
use crate::app::AppState;
use crate::error::AppError;
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::Visitor;

/// The form of a question.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct QuestionForm {
    /// What kind of answer it takes.
    #[serde(default)]
    pub kind: String,
    /// What is asked.
    #[serde(default)]
    pub text: String,
    /// Not empty: it has to be answered.
    #[serde(default)]
    pub required: String,
    /// Options, one on each line.
    #[serde(default)]
    pub options: String,
    /// Not empty: faces beside the numbers of a scale.
    #[serde(default)]
    pub faces: String,
    /// What the first step of a scale means.
    #[serde(default)]
    pub low: String,
    /// What its last step means.
    #[serde(default)]
    pub high: String,
}

impl QuestionForm {
    /// Whether the form is about this kind.
    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind == kind.tag()
    }

    fn read(&self, kind: Kind) -> Result<Question, QuestionError> {
        let typed = Typed {
            text: &self.text,
            required: !self.required.is_empty(),
            options: &self.options,
            faces: !self.faces.is_empty(),
            low: &self.low,
            high: &self.high,
        };
        Question::read(kind, &typed)
    }

    /// The form of a question as it stands.
    fn of(question: &Question) -> Self {
        let on = |is: bool| if is { "1".to_owned() } else { String::new() };
        let (faces, low, high) = match &question.choice {
            Choice::Scale { faces, low, high } => (*faces, low.clone(), high.clone()),
            _ => Default::default(),
        };
        Self {
            kind: question.choice.kind().tag().to_owned(),
            text: question.text.clone(),
            required: on(question.required),
            options: question.choice.options().join("\n"),
            faces: on(faces),
            low,
            high,
        }
    }
}

/// A question's form on the page.
pub struct Fields {
    /// What kind of answer it takes.
    pub kind: Kind,
    /// What makes the ids of its fields unique.
    pub base: String,
    /// What is filled in.
    pub form: QuestionForm,
    /// What is wrong; empty if nothing is.
    pub error: String,
}

impl Fields {
    /// The form of a question, or of a new one; `typed` is what was refused.
    pub fn new(kind: Kind, question: Option<&Question>, typed: Option<(QuestionForm, String)>) -> Self {
        let base = question.map_or_else(|| kind.tag().to_owned(), |question| question.id.to_string());
        let fresh = || QuestionForm { required: "1".to_owned(), faces: "1".to_owned(), ..QuestionForm::default() };
        let kept = question.map_or_else(fresh, QuestionForm::of);
        let (form, error) = typed.unwrap_or_else(|| (kept, String::new()));
        Self { kind, base, form, error }
    }

    /// Whether there are options to be typed.
    pub fn has_options(&self) -> bool {
        matches!(self.kind, Kind::Single | Kind::Multiple)
    }
}

/// What is wrong, in words.
fn message(l: &Localizer, error: QuestionError) -> String {
    match error {
        QuestionError::Text => l.t1(error.key(), "max", QUESTION_MAX),
        QuestionError::Options => {
            l.tn(error.key(), &[("min", OPTIONS_MIN.to_string()), ("max", OPTIONS_MAX.to_string())])
        }
        QuestionError::Option => l.t1(error.key(), "max", OPTION_MAX),
        QuestionError::Twice => l.t(error.key()),
        QuestionError::Ends => l.t1(error.key(), "max", END_MAX),
        QuestionError::Many => l.t1(error.key(), "max", QUESTIONS_MAX),
        QuestionError::Spoken => l.t1(error.key(), "max", SPOKEN_MAX),
    }
}

/// Makes a change and leads back to the question that it was about.
async fn change(app: &AppState, viewer: &Viewer, id: SurveyId, change: Change) -> Result<Edited, AppError> {
    Ok(app.store.edit_survey(viewer, id, change).await?)
}

/// `POST /surveys/{survey}/questions`.
///
/// # Errors
/// [`AppError`]; what is wrong with the question is shown on the page instead.
pub async fn add(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    form: Result<Form<QuestionForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("question form"))?;
    let survey = draft(&app, &viewer, id).await?;
    let kind = Kind::from_tag(&form.kind).ok_or(AppError::BadRequest("kind of question"))?;
    let edited = match form.read(kind) {
        Ok(question) => change(&app, &viewer, id, Change::Add(question)).await?,
        Err(error) => Edited::Refused(error),
    };
    match edited {
        Edited::Question(number) => Ok(see_other(&format!("{}#question-{number}", path_of(id)))),
        Edited::Gone => Err(AppError::Conflict),
        Edited::Refused(error) => {
            let refused = Some((None, form, message(&visitor.l, error)));
            page(&app, &visitor, &survey, Refused { question: refused, front: None })
        }
    }
}

/// `POST /surveys/{survey}/questions/{question}`.
///
/// # Errors
/// [`AppError`]; what is wrong with the question is shown on the page instead.
pub async fn edit(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((id, number)): Path<(SurveyId, u32)>,
    form: Result<Form<QuestionForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("question form"))?;
    let survey = draft(&app, &viewer, id).await?;
    let question = survey.sheet.0.iter().find(|question| question.id == number).ok_or(AppError::NotFound)?;
    // Of what kind it is has been decided; the form changes what is in it.
    let kind = question.choice.kind();
    let edited = match form.read(kind) {
        Ok(question) => change(&app, &viewer, id, Change::Replace(number, question)).await?,
        Err(error) => Edited::Refused(error),
    };
    match edited {
        Edited::Question(number) => Ok(see_other(&format!("{}#question-{number}", path_of(id)))),
        Edited::Gone => Err(AppError::Conflict),
        Edited::Refused(error) => {
            let form = QuestionForm { kind: kind.tag().to_owned(), ..form };
            let refused = Some((Some(number), form, message(&visitor.l, error)));
            page(&app, &visitor, &survey, Refused { question: refused, front: None })
        }
    }
}

/// `POST /surveys/{survey}/questions/{question}/copies`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such question, [`AppError::Conflict`] if there is no room for another.
pub async fn copy(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((id, number)): Path<(SurveyId, u32)>,
) -> Result<Response, AppError> {
    draft(&app, &viewer, id).await?;
    match change(&app, &viewer, id, Change::Copy(number)).await? {
        Edited::Question(number) => Ok(see_other(&format!("{}#question-{number}", path_of(id)))),
        Edited::Gone => Err(AppError::NotFound),
        Edited::Refused(_) => Err(AppError::Conflict),
    }
}

/// `POST /surveys/{survey}/questions/{question}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such question.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((id, number)): Path<(SurveyId, u32)>,
) -> Result<Response, AppError> {
    draft(&app, &viewer, id).await?;
    match change(&app, &viewer, id, Change::Remove(number)).await? {
        Edited::Question(_) => Ok(see_other(&path_of(id))),
        Edited::Gone | Edited::Refused(_) => Err(AppError::NotFound),
    }
}

/// The form that moves a question.
#[derive(Deserialize)]
pub struct MoveForm {
    item: u32,
    to: Way,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Way {
    Up,
    Down,
}

/// `POST /surveys/{survey}/order`. The focus comes back to the button that was pressed, or to the other one at the edge, where
/// that one can no longer be pressed.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such question.
pub async fn order(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    form: Result<Form<MoveForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(MoveForm { item, to }) = form.map_err(|_| AppError::BadRequest("order form"))?;
    let survey = draft(&app, &viewer, id).await?;
    let moved = if to == Way::Up { Change::Up(item) } else { Change::Down(item) };
    match change(&app, &viewer, id, moved).await? {
        Edited::Question(_) => {}
        Edited::Gone | Edited::Refused(_) => return Err(AppError::NotFound),
    }
    let questions = &survey.sheet.0;
    let at = questions.iter().position(|question| question.id == item).unwrap_or(0);
    let button = match to {
        Way::Up if at > 1 => "up",
        Way::Down if at + 2 >= questions.len() => "up",
        Way::Up | Way::Down => "down",
    };
    Ok(see_other(&format!("{}#{button}-{item}", path_of(id))))
}
