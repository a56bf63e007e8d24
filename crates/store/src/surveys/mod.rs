//! Surveys: drafts, to whom they go, answers, results.
//!
//! Named answers are the person's: sealed with their key, in their export, gone when they take them back (`replies`).
//! Anonymous ones are nobody's: all of a survey lie in one box without any way back (`ballot`).

mod audience;
mod ballot;
mod drafts;
mod replies;
mod results;
mod voices;

use jiayin_domain::id::{PersonId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_domain::survey::{Answer, Answers, Question, Sheet};
use jiayin_privacy::{Grant, Personal, category, purpose};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::entity::survey;
use crate::messages::Audience;
use crate::{StoreError, time};

pub use ballot::{CLOSE_SURVEY, Code, Dropped};
pub use drafts::{Edited, Published};
pub use voices::NewVoice;

/// Whom a survey asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Of which class, or of the classes of which campus.
    pub place: Audience,
    /// In which role; `None` asks learners, guardians and teachers.
    pub role: Option<Role>,
}

/// The roles that can be asked.
pub const ASKED: [Role; 3] = [Role::Learner, Role::Guardian, Role::Teacher];

/// Where a survey stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It can be changed, and nobody is asked.
    Draft,
    /// It can be answered.
    Open,
    /// It cannot be answered any longer.
    Closed,
}

impl Stage {
    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// A survey as those who made it see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// What stands before the questions; may be empty.
    pub intro: String,
    /// The questions.
    pub sheet: Sheet,
    /// Where it stands.
    pub stage: Stage,
    /// Whom it asks: the name of the class or campus, and the role; `None` for a draft.
    pub asks: Option<(String, Option<Role>)>,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// How many were asked when it was published.
    pub invited: u64,
    /// How many answers there are.
    pub answers: usize,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it closes or has closed, if that is set.
    pub closes_at: Option<Timestamp>,
}

/// A survey in the list of somebody who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// How many questions it has.
    pub questions: usize,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// It can be answered now.
    pub open: bool,
    /// This person has answered; of a closed anonymous survey nobody knows any longer.
    pub answered: bool,
    /// When it closes, if that is set.
    pub closes_at: Option<Timestamp>,
}

/// A survey as somebody who is asked sees it.
pub struct ToAnswer {
    /// The survey, as it stands in the list.
    pub asked: Asked,
    /// What stands before the questions; may be empty.
    pub intro: String,
    /// The questions.
    pub questions: Vec<Question>,
    /// What this person has answered under their name.
    pub given: Option<Given>,
}

/// What somebody has answered under their name.
pub struct Given {
    /// Opens it.
    pub grant: Grant<purpose::Surveys>,
    /// The answers.
    pub said: Personal<Vec<Said>, category::SurveyAnswer>,
}

/// An answer as it is sealed: with the question and in words, so that its giver's export can be read without the survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What was asked.
    pub question: String,
    /// What was answered, in words.
    pub says: String,
    /// The question's number in the survey.
    pub id: u32,
    /// The answer.
    pub answer: Answer,
}

impl Said {
    /// Answers with their questions.
    fn all(questions: &[Question], answers: &Answers) -> Vec<Self> {
        let said = |question: &Question| {
            let answer = answers.get(&question.id)?.clone();
            Some(Self { question: question.text.clone(), says: answer.in_words(question), id: question.id, answer })
        };
        questions.iter().filter_map(said).collect()
    }

    /// The answers alone.
    pub fn answers(said: &[Self]) -> Answers {
        said.iter().map(|one| (one.id, one.answer.clone())).collect()
    }
}

/// A named answer in the results.
pub struct Replied {
    /// Whose.
    pub person: PersonId,
    /// Their name.
    pub name: Personal<String, category::Name>,
    /// What they said.
    pub said: Personal<Vec<Said>, category::SurveyAnswer>,
}

/// What came of a survey.
pub enum Outcome {
    /// Answers that may not be shown: too few, or more may come.
    Hidden,
    /// Nobody has answered under their name, or nobody whose answers may be opened.
    Nothing,
    /// Answers without names, in the order of random numbers.
    Anonymous(Vec<Answers>),
    /// Answers with names, in the order of the people's ids.
    Named(Grant<purpose::Surveys>, Vec<Replied>),
}

fn stage(row: &survey::Model, now_ms: i64) -> Stage {
    let over = row.closed_at.is_some() || row.closes_at.is_some_and(|at| at <= now_ms);
    match row.published_at {
        None => Stage::Draft,
        Some(_) if over => Stage::Closed,
        Some(_) => Stage::Open,
    }
}

fn sheet(row: &survey::Model) -> Result<Sheet, StoreError> {
    serde_json::from_str(&row.questions).map_err(|_| StoreError::Damaged("the questions of a survey".to_owned()))
}

/// When a survey closes or has closed.
fn closes_at(row: &survey::Model) -> Option<Timestamp> {
    row.closed_at.or(row.closes_at).map(time)
}
