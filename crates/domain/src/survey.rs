//! Surveys: what can be asked, what counts as an answer, and how answers add up.
//!
//! A sheet changes until it is published, and never after: an answer points to its question by the question's number.

mod answers;

use serde::{Deserialize, Serialize};

pub use answers::{Answer, AnswerError, Answers, Spoken, Tally, read_answers, tally};

/// Longest title in characters.
pub const TITLE_MAX: usize = 80;
/// Longest introduction in characters.
pub const INTRO_MAX: usize = 1000;
/// Most questions of a survey.
pub const QUESTIONS_MAX: usize = 30;
/// Longest question in characters.
pub const QUESTION_MAX: usize = 300;
/// Fewest options to choose from.
pub const OPTIONS_MIN: usize = 2;
/// Most options to choose from.
pub const OPTIONS_MAX: usize = 12;
/// Longest option in characters.
pub const OPTION_MAX: usize = 100;
/// Longest word at an end of a scale in characters.
pub const END_MAX: usize = 40;
/// Steps of a scale, counted from 1.
pub const STEPS: u8 = 5;
/// Longest answer that is typed in characters.
pub const TEXT_MAX: usize = 1000;
/// Most questions of a survey that are answered aloud: the recordings come with the form.
pub const SPOKEN_MAX: usize = 5;
/// Anonymous answers are shown from so many on: among fewer, one would be recognised by what they say.
pub const SHOWN_FROM: usize = 5;

/// Kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One of several options.
    Single,
    /// Any number of several options.
    Multiple,
    /// A step on a scale.
    Scale,
    /// Words of one's own.
    Text,
    /// Words of one's own, said aloud.
    Voice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Single, Self::Multiple, Self::Scale, Self::Text, Self::Voice];

    /// The word in forms and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
            Self::Scale => "scale",
            Self::Text => "text",
            Self::Voice => "voice",
        }
    }

    /// The kind with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag)
    }
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// One of the options.
    Single {
        /// The options.
        options: Vec<String>,
    },
    /// Any number of the options.
    Multiple {
        /// The options.
        options: Vec<String>,
    },
    /// A step from 1 to [`STEPS`].
    Scale {
        /// Faces stand beside the numbers.
        faces: bool,
        /// What the first step means; may be empty.
        low: String,
        /// What the last step means; may be empty.
        high: String,
    },
    /// Words of one's own.
    Text,
    /// Words of one's own, said aloud.
    Voice,
}

impl Choice {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Single { .. } => Kind::Single,
            Self::Multiple { .. } => Kind::Multiple,
            Self::Scale { .. } => Kind::Scale,
            Self::Text => Kind::Text,
            Self::Voice => Kind::Voice,
        }
    }

    /// The options; none where nothing is chosen from a list.
    pub fn options(&self) -> &[String] {
        match self {
            Self::Single { options } | Self::Multiple { options } => options,
            Self::Scale { .. } | Self::Text | Self::Voice => &[],
        }
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its number in the survey, which stays when questions are moved. From 1 on; 0 until it stands in a sheet.
    pub id: u32,
    /// What is asked.
    pub text: String,
    /// It has to be answered.
    pub required: bool,
    /// What may be answered.
    pub choice: Choice,
}

/// A question as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed<'a> {
    /// What is asked.
    pub text: &'a str,
    /// It has to be answered.
    pub required: bool,
    /// Options, one on each line.
    pub options: &'a str,
    /// Faces beside the numbers of a scale.
    pub faces: bool,
    /// What the first step of a scale means.
    pub low: &'a str,
    /// What its last step means.
    pub high: &'a str,
}

/// What is wrong with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.key())]
pub enum QuestionError {
    /// Nothing is asked, or it is too long.
    Text,
    /// Too few options, or too many.
    Options,
    /// An option is too long.
    Option,
    /// The same option twice.
    Twice,
    /// A word at the end of the scale is too long.
    Ends,
    /// The survey has as many questions as it may have.
    Many,
    /// It has as many that are answered aloud as it may have.
    Spoken,
}

impl QuestionError {
    /// Key of the text that tells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Text => "survey-error-question",
            Self::Options => "survey-error-options",
            Self::Option => "survey-error-option",
            Self::Twice => "survey-error-twice",
            Self::Ends => "survey-error-ends",
            Self::Many => "survey-error-many",
            Self::Spoken => "survey-error-spoken",
        }
    }
}

impl Question {
    /// A question of this kind, checked.
    ///
    /// # Errors
    /// [`QuestionError`], the first that is found.
    pub fn read(kind: Kind, typed: &Typed<'_>) -> Result<Self, QuestionError> {
        let text = typed.text.trim().to_owned();
        if !(1..=QUESTION_MAX).contains(&text.chars().count()) {
            return Err(QuestionError::Text);
        }
        let choice = match kind {
            Kind::Single => Choice::Single { options: options(typed.options)? },
            Kind::Multiple => Choice::Multiple { options: options(typed.options)? },
            Kind::Scale => {
                let (low, high) = (typed.low.trim().to_owned(), typed.high.trim().to_owned());
                if [&low, &high].iter().any(|end| end.chars().count() > END_MAX) {
                    return Err(QuestionError::Ends);
                }
                Choice::Scale { faces: typed.faces, low, high }
            }
            Kind::Text => Choice::Text,
            Kind::Voice => Choice::Voice,
        };
        Ok(Self { id: 0, text, required: typed.required, choice })
    }
}

fn options(lines: &str) -> Result<Vec<String>, QuestionError> {
    let options: Vec<String> =
        lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if !(OPTIONS_MIN..=OPTIONS_MAX).contains(&options.len()) {
        return Err(QuestionError::Options);
    }
    if options.iter().any(|option| option.chars().count() > OPTION_MAX) {
        return Err(QuestionError::Option);
    }
    let mut sorted: Vec<&String> = options.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|two| matches!(two, [one, other] if one == other)) {
        return Err(QuestionError::Twice);
    }
    Ok(options)
}

/// The questions of a survey, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sheet(pub Vec<Question>);

impl Sheet {
    /// Whether something is answered aloud: such a survey has names, since a voice is one.
    pub fn is_spoken(&self) -> bool {
        self.0.iter().any(|question| question.choice == Choice::Voice)
    }
}

/// A change of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A question is added at the end.
    Add(Question),
    /// Another question takes the place of the one with this number.
    Replace(u32, Question),
    /// One more like this, behind it.
    Copy(u32),
    /// It goes.
    Remove(u32),
    /// It changes places with the one before it.
    Up(u32),
    /// It changes places with the one behind it.
    Down(u32),
}

impl Sheet {
    /// Makes a change. `Ok(None)` if there is no such question; otherwise its number, or that of the new one.
    ///
    /// # Errors
    /// [`QuestionError::Many`] if there is no room for another, [`QuestionError::Spoken`] if there is none for another that is
    /// answered aloud.
    pub fn change(&mut self, change: Change) -> Result<Option<u32>, QuestionError> {
        let questions = &mut self.0;
        let next = questions.iter().map(|question| question.id).max().unwrap_or(0).saturating_add(1);
        let grows = matches!(change, Change::Add(_) | Change::Copy(_));
        if grows && questions.len() >= QUESTIONS_MAX {
            return Err(QuestionError::Many);
        }
        let spoken = |question: &Question| question.choice == Choice::Voice;
        let one_more = match &change {
            Change::Add(new) => spoken(new),
            Change::Replace(id, new) => spoken(new) && !questions.iter().any(|one| one.id == *id && spoken(one)),
            Change::Copy(id) => questions.iter().any(|one| one.id == *id && spoken(one)),
            Change::Remove(_) | Change::Up(_) | Change::Down(_) => false,
        };
        if one_more && questions.iter().filter(|one| spoken(one)).count() >= SPOKEN_MAX {
            return Err(QuestionError::Spoken);
        }
        let of = |id: u32| questions.iter().position(|question| question.id == id);
        Ok(match change {
            Change::Add(question) => {
                questions.push(Question { id: next, ..question });
                Some(next)
            }
            Change::Replace(id, question) => of(id).map(|at| {
                questions[at] = Question { id, ..question };
                id
            }),
            Change::Copy(id) => of(id).map(|at| {
                questions.insert(at + 1, Question { id: next, ..questions[at].clone() });
                next
            }),
            Change::Remove(id) => of(id).map(|at| questions.remove(at).id),
            Change::Up(id) => of(id).map(|at| {
                questions.swap(at, at.saturating_sub(1));
                id
            }),
            Change::Down(id) => of(id).map(|at| {
                let last = questions.len() - 1;
                questions.swap(at, last.min(at + 1));
                id
            }),
        })
    }
}

/// Whether the answers of a survey may be shown. Anonymous ones only when no more come, since what has been added between
/// two looks is the answer of whoever came in between, and only if there are enough of them.
pub fn may_show(anonymous: bool, closed: bool, answers: usize) -> bool {
    !anonymous || (closed && answers >= SHOWN_FROM)
}

#[cfg(test)]
mod tests;
