//! Answers: what counts as one, and how they add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::MediaId;
use crate::sound::Gain;

use super::{Choice, Question, STEPS, TEXT_MAX};

/// An answer to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// An option, counted from 0.
    One(usize),
    /// Options, counted from 0, in their order, each once.
    Several(Vec<usize>),
    /// A step of a scale, from 1 on.
    Step(u8),
    /// Words.
    Text(String),
    /// Words said aloud.
    Voice(Spoken),
}

/// A recording as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// The file.
    pub media: MediaId,
    /// How it is played.
    pub gain: Gain,
    /// How long it is, ms.
    pub duration_ms: u32,
}

/// Answers by the numbers of their questions; what was left out is not in it.
pub type Answers = BTreeMap<u32, Answer>;

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.key())]
pub enum AnswerError {
    /// It has to be answered.
    Missing,
    /// There is no such option.
    Unknown,
    /// It is too long.
    Long,
}

impl AnswerError {
    /// Key of the text that tells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Missing => "survey-answer-missing",
            Self::Unknown => "survey-answer-unknown",
            Self::Long => "survey-answer-long",
        }
    }
}

/// Reads what was sent for each question; `sent` gives all values that were sent for one, in any order, and `spoken` the
/// recording that came for it, or that stands from before.
///
/// # Errors
/// What is wrong, by the numbers of the questions.
pub fn read_answers<'a>(
    questions: &[Question],
    sent: impl Fn(u32) -> Vec<&'a str>,
    spoken: impl Fn(u32) -> Option<Spoken>,
) -> Result<Answers, BTreeMap<u32, AnswerError>> {
    let (mut answers, mut wrong) = (Answers::new(), BTreeMap::new());
    for question in questions {
        let read = match question.choice {
            Choice::Voice => Ok(spoken(question.id).map(Answer::Voice)),
            _ => read_answer(question, &sent(question.id)),
        };
        match read {
            Ok(Some(answer)) => drop(answers.insert(question.id, answer)),
            Ok(None) if question.required => drop(wrong.insert(question.id, AnswerError::Missing)),
            Ok(None) => {}
            Err(error) => drop(wrong.insert(question.id, error)),
        }
    }
    if wrong.is_empty() { Ok(answers) } else { Err(wrong) }
}

fn read_answer(question: &Question, sent: &[&str]) -> Result<Option<Answer>, AnswerError> {
    let sent: Vec<&str> = sent.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    let of = question.choice.options().len();
    let option = |value: &str| value.parse().ok().filter(|option: &usize| *option < of).ok_or(AnswerError::Unknown);
    Ok(match (&question.choice, &sent[..]) {
        (_, []) => None,
        (Choice::Single { .. }, [value]) => Some(Answer::One(option(value)?)),
        (Choice::Multiple { .. }, values) => {
            let mut chosen = values.iter().map(|value| option(value)).collect::<Result<Vec<usize>, _>>()?;
            chosen.sort_unstable();
            chosen.dedup();
            Some(Answer::Several(chosen))
        }
        (Choice::Scale { .. }, [value]) => {
            let step = value.parse().ok().filter(|step| (1..=STEPS).contains(step));
            Some(Answer::Step(step.ok_or(AnswerError::Unknown)?))
        }
        (Choice::Text, [text]) => {
            // Browsers send line ends as two characters, and count them as one.
            let text = text.replace("\r\n", "\n");
            if text.chars().count() > TEXT_MAX {
                return Err(AnswerError::Long);
            }
            Some(Answer::Text(text))
        }
        // Several values where one is asked for.
        _ => return Err(AnswerError::Unknown),
    })
}

impl Answer {
    /// The answer in words, for its giver's own copy and for tables. An option that the question does not have says nothing.
    pub fn in_words(&self, question: &Question) -> String {
        let options = question.choice.options();
        match self {
            Self::One(one) => options.get(*one).cloned().unwrap_or_default(),
            Self::Several(several) => {
                let words: Vec<&str> = several.iter().filter_map(|one| options.get(*one)).map(String::as_str).collect();
                words.join("; ")
            }
            Self::Step(step) => format!("{step}/{STEPS}"),
            Self::Text(text) => text.clone(),
            Self::Voice(Spoken { duration_ms, .. }) => {
                let seconds = duration_ms.div_ceil(1000);
                format!("♪ {}:{:02}", seconds / 60, seconds % 60)
            }
        }
    }
}

/// What the answers to a question come to.
#[derive(Debug, Clone, PartialEq)]
pub enum Tally {
    /// How often each option or step was chosen, in their order.
    Counts {
        /// The counts.
        counts: Vec<usize>,
        /// How many have answered the question.
        answered: usize,
        /// The mean step of a scale that anybody has answered.
        mean: Option<f64>,
    },
    /// What was written, sorted by the letters: the order says neither who wrote nor when, and a person's two texts do not
    /// stand at the same place.
    Texts(Vec<String>),
    /// How many have said something aloud.
    Voices(usize),
}

/// Adds up the answers to a question. What does not fit it is not counted.
pub fn tally<'a>(question: &Question, answers: impl IntoIterator<Item = &'a Answers>) -> Tally {
    let given = answers.into_iter().filter_map(|answers| answers.get(&question.id));
    if question.choice == Choice::Text {
        let mut texts: Vec<String> = given
            .filter_map(|answer| match answer {
                Answer::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect();
        texts.sort_unstable();
        return Tally::Texts(texts);
    }
    if question.choice == Choice::Voice {
        return Tally::Voices(given.filter(|answer| matches!(answer, Answer::Voice(_))).count());
    }
    let scale = matches!(question.choice, Choice::Scale { .. });
    let mut counts = vec![0; if scale { usize::from(STEPS) } else { question.choice.options().len() }];
    let mut answered = 0;
    for answer in given {
        let chosen = match (answer, &question.choice) {
            (Answer::One(one), Choice::Single { .. }) => vec![*one],
            (Answer::Several(several), Choice::Multiple { .. }) => several.clone(),
            (Answer::Step(step), Choice::Scale { .. }) => vec![usize::from(step.saturating_sub(1))],
            _ => continue,
        };
        answered += 1;
        for one in chosen {
            if let Some(count) = counts.get_mut(one) {
                *count += 1;
            }
        }
    }
    let sum: usize = counts.iter().enumerate().map(|(at, count)| (at + 1) * count).sum();
    let mean = (scale && answered > 0).then(|| sum as f64 / answered as f64);
    Tally::Counts { counts, answered, mean }
}
