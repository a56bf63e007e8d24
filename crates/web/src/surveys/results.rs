//! `GET /surveys/{survey}/results`: how many were asked and have answered, and what they said; `…/results.csv` the same as a
//! file. The table of a question is its chart: a bar stands in each row beside the number that it shows.
//!
//! Of anonymous answers the file has what the page has, and no line for each: what somebody said to one question is not tied
//! to what they said to another.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiayin_domain::id::SurveyId;
use jiayin_domain::survey::{Answers, Choice, Question, SHOWN_FROM, STEPS, Tally, tally};
use jiayin_store::Viewer;
use jiayin_store::surveys::{Outcome, Said, Stage, Survey};

use super::answer::OwnAnswer;
use super::list::asks;
use super::path_of;
use super::questions::SpokenView;
use crate::app::AppState;
use crate::csv::Csv;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// A bar of a chart.
pub struct Bar {
    /// What was chosen.
    pub label: String,
    /// How often.
    pub count: usize,
    /// Its share of those who answered the question, 0–100.
    pub percent: usize,
}

/// A question and what was said to it.
pub struct QuestionResult {
    /// Its place, from 1 on.
    pub number: usize,
    /// What was asked.
    pub text: String,
    /// How many have answered it.
    pub answered: usize,
    /// The bars; none for a question that asks for words.
    pub bars: Vec<Bar>,
    /// The mean step of a scale, with one digit; empty otherwise.
    pub mean: String,
    /// What was written.
    pub texts: Vec<String>,
    /// What was said aloud, in the order of the names.
    pub voices: Vec<VoiceRow>,
}

/// A named answer, whole.
pub struct PersonRow {
    /// Whose.
    pub name: String,
    /// Each question and what they said to it, in words; empty if nothing.
    pub says: Vec<OwnAnswer>,
}

/// A voice among the answers to a question.
pub struct VoiceRow {
    /// Whose.
    pub name: String,
    /// What is played.
    pub spoken: SpokenView,
}

/// The page.
#[derive(Template)]
#[template(path = "surveys/results.html")]
pub struct ResultsPage {
    /// Frame; staff is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// Whom it asks.
    pub asks: String,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// When it closes or has closed.
    pub closes: Option<Moment>,
    /// How many were asked.
    pub invited: u64,
    /// How many answers there are.
    pub answers: usize,
    /// The answers may not be shown, or not yet.
    pub hidden: bool,
    /// Anonymous answers are shown from so many on.
    pub shown_from: usize,
    /// The questions; none if nothing may be shown.
    pub questions: Vec<QuestionResult>,
    /// Named answers, one by one.
    pub people: Vec<PersonRow>,
}

impl ResultsPage {
    /// Class name of the stage's tag.
    pub fn tone(&self) -> &'static str {
        if self.stage == Stage::Open { "good" } else { "missed" }
    }
}

/// What may be shown, opened.
struct Opened {
    hidden: bool,
    answers: Vec<Answers>,
    people: Vec<(String, Vec<Said>)>,
}

fn opened(outcome: &Outcome) -> Result<Opened, AppError> {
    Ok(match outcome {
        Outcome::Hidden => Opened { hidden: true, answers: Vec::new(), people: Vec::new() },
        Outcome::Nothing => Opened { hidden: false, answers: Vec::new(), people: Vec::new() },
        Outcome::Anonymous(answers) => Opened { hidden: false, answers: answers.clone(), people: Vec::new() },
        Outcome::Named(grant, replied) => {
            let mut people = Vec::with_capacity(replied.len());
            for one in replied {
                people.push((one.name.read(grant)?.clone(), one.said.read(grant)?.clone()));
            }
            people.sort_by(|one, other| one.0.cmp(&other.0));
            let answers = people.iter().map(|(_, said)| Said::answers(said)).collect();
            Opened { hidden: false, answers, people }
        }
    })
}

/// The words beside the bars of a question.
fn labels(l: &Localizer, choice: &Choice) -> Vec<String> {
    match choice {
        Choice::Single { options } | Choice::Multiple { options } => options.clone(),
        Choice::Scale { low, high, .. } => (1..=STEPS)
            .map(|step| match step {
                1 if !low.is_empty() => l.tn("survey-step", &[("step", step.to_string()), ("word", low.clone())]),
                STEPS if !high.is_empty() => l.tn("survey-step", &[("step", step.to_string()), ("word", high.clone())]),
                _ => step.to_string(),
            })
            .collect(),
        Choice::Text | Choice::Voice => Vec::new(),
    }
}

fn result(l: &Localizer, number: usize, question: &Question, answers: &[Answers]) -> QuestionResult {
    let (answered, counts, mean, texts) = match tally(question, answers) {
        Tally::Counts { counts, answered, mean } => (answered, counts, mean, Vec::new()),
        Tally::Texts(texts) => (texts.len(), Vec::new(), None, texts),
        Tally::Voices(voices) => (voices, Vec::new(), None, Vec::new()),
    };
    let bar = |(label, count): (String, usize)| {
        let percent = (count * 200 + answered).checked_div(answered * 2).unwrap_or(0);
        Bar { label, count, percent }
    };
    QuestionResult {
        number,
        text: question.text.clone(),
        answered,
        bars: labels(l, &question.choice).into_iter().zip(counts).map(bar).collect(),
        mean: mean.map(|mean| format!("{mean:.1}")).unwrap_or_default(),
        texts,
        voices: Vec::new(),
    }
}

/// What was said aloud to a question, person by person.
fn voices(survey: &Survey, question: &Question, people: &[(String, Vec<Said>)]) -> Vec<VoiceRow> {
    let page = format!("{}/results", path_of(survey.survey));
    let voice = |(name, said): &(String, Vec<Said>)| {
        let answer = said.iter().find(|one| one.id == question.id)?;
        Some(VoiceRow { name: name.clone(), spoken: SpokenView::of(&page, &answer.answer)? })
    };
    people.iter().filter_map(voice).collect()
}

fn results(l: &Localizer, survey: &Survey, opened: &Opened) -> Vec<QuestionResult> {
    let of = |(question, number): (&Question, usize)| QuestionResult {
        voices: voices(survey, question, &opened.people),
        ..result(l, number, question, &opened.answers)
    };
    survey.sheet.0.iter().zip(1..).map(of).collect()
}

fn person(survey: &Survey, (name, said): &(String, Vec<Said>)) -> PersonRow {
    let page = format!("{}/results", path_of(survey.survey));
    let says = |question: &Question| {
        let own = said.iter().find(|one| one.id == question.id);
        OwnAnswer {
            question: question.text.clone(),
            says: own.map(|one| one.says.clone()).unwrap_or_default(),
            spoken: own.and_then(|one| SpokenView::of(&page, &one.answer)),
        }
    };
    PersonRow { name: name.clone(), says: survey.sheet.0.iter().map(says).collect() }
}

/// A survey of the viewer's that has been published, with what came of it.
async fn kept(app: &AppState, viewer: &Viewer, id: SurveyId) -> Result<(Survey, Opened), AppError> {
    let (survey, outcome) = app.store.survey_results(viewer, id).await?.ok_or(AppError::NotFound)?;
    let opened = opened(&outcome)?;
    Ok((survey, opened))
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's, or a draft.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Html<String>, AppError> {
    let (survey, opened) = kept(&app, &viewer, id).await?;
    let l = &visitor.l;
    html(&ResultsPage {
        survey: id,
        title: survey.title.clone(),
        stage: survey.stage,
        asks: asks(l, &survey),
        anonymous: survey.anonymous,
        closes: survey.closes_at.map(|at| Moment::new(l, at, app.clock.now())),
        invited: survey.invited,
        answers: survey.answers,
        hidden: opened.hidden,
        shown_from: SHOWN_FROM,
        questions: if opened.hidden { Vec::new() } else { results(l, &survey, &opened) },
        people: opened.people.iter().map(|one| person(&survey, one)).collect(),
        layout: Layout::new(&visitor, &app),
    })
}

/// `GET /surveys/{survey}/results.csv`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's, or nothing may be shown.
pub async fn table(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Response, AppError> {
    let (survey, opened) = kept(&app, &viewer, id).await?;
    if opened.hidden {
        return Err(AppError::NotFound);
    }
    let l = &visitor.l;
    if !survey.anonymous {
        let mut head = vec![l.t("survey-csv-name")];
        head.extend(survey.sheet.0.iter().map(|question| question.text.clone()));
        let mut csv = Csv::new(&head)?;
        for one in &opened.people {
            let row = person(&survey, one);
            csv.row(std::iter::once(row.name).chain(row.says.into_iter().map(|own| own.says)))?;
        }
        return csv.answer("survey.csv");
    }
    let head = ["survey-csv-question", "survey-csv-answer", "survey-csv-count", "survey-csv-share"].map(|key| l.t(key));
    let mut csv = Csv::new(&head)?;
    for question in results(l, &survey, &opened) {
        for bar in question.bars {
            let (count, share) = (bar.count.to_string(), format!("{}%", bar.percent));
            csv.row([question.text.as_str(), &bar.label, &count, &share])?;
        }
        for text in question.texts {
            csv.row([question.text.as_str(), &text, "", ""])?;
        }
    }
    csv.answer("survey.csv")
}
