//! Questions as they are shown to be answered: on the page itself, and in the preview.

use std::collections::BTreeMap;

use jiayin_domain::survey::{Answer, AnswerError, Answers, Choice, Kind, Question, STEPS, Spoken};

use crate::locale::Localizer;

/// Something that can be chosen.
pub struct OptionView {
    /// Value of the field.
    pub value: String,
    /// What it says.
    pub label: String,
    /// It is chosen.
    pub checked: bool,
}

/// A question to be answered.
pub struct QuestionView {
    /// Its number; a part of the field's name.
    pub id: u32,
    /// What is asked.
    pub text: String,
    /// It has to be answered.
    pub required: bool,
    /// What kind of answer it takes.
    pub kind: Kind,
    /// What can be chosen: options, or the steps of a scale.
    pub options: Vec<OptionView>,
    /// Faces stand beside the numbers of a scale.
    pub faces: bool,
    /// What the first step of a scale means.
    pub low: String,
    /// What its last step means.
    pub high: String,
    /// What was typed.
    pub typed: String,
    /// What was said aloud before.
    pub spoken: Option<SpokenView>,
    /// What is wrong with the answer; empty if nothing is.
    pub error: String,
}

impl QuestionView {
    /// The questions, with what `filled` gives for each: the values of its field.
    pub fn all(
        questions: &[Question],
        filled: impl Fn(u32) -> Vec<String>,
        spoken: impl Fn(u32) -> Option<SpokenView>,
        wrong: &BTreeMap<u32, String>,
    ) -> Vec<Self> {
        let view = |question: &Question| {
            let id = question.id;
            Self::new(question, filled(id), spoken(id), wrong.get(&id).cloned().unwrap_or_default())
        };
        questions.iter().map(view).collect()
    }

    fn new(question: &Question, filled: Vec<String>, spoken: Option<SpokenView>, error: String) -> Self {
        let option = |value: String, label: String| OptionView { checked: filled.contains(&value), value, label };
        let (mut faces, mut low, mut high) = (false, String::new(), String::new());
        let options = match &question.choice {
            Choice::Single { options } | Choice::Multiple { options } => {
                options.iter().enumerate().map(|(at, label)| option(at.to_string(), label.clone())).collect()
            }
            Choice::Scale { faces: shown, low: first, high: last } => {
                (faces, low, high) = (*shown, first.clone(), last.clone());
                (1..=STEPS).map(|step| option(step.to_string(), step.to_string())).collect()
            }
            Choice::Text | Choice::Voice => Vec::new(),
        };
        Self {
            id: question.id,
            text: question.text.clone(),
            required: question.required,
            kind: question.choice.kind(),
            options,
            faces,
            low,
            high,
            typed: if question.choice == Choice::Text {
                filled.into_iter().next().unwrap_or_default()
            } else {
                String::new()
            },
            spoken,
            error,
        }
    }
}

/// What is wrong with an answer, in words.
pub fn message(l: &Localizer, error: AnswerError) -> String {
    match error {
        AnswerError::Long => l.t1(error.key(), "max", jiayin_domain::survey::TEXT_MAX),
        AnswerError::Missing | AnswerError::Unknown => l.t(error.key()),
    }
}

/// A recording as it is played.
#[derive(Debug, Clone, PartialEq)]
pub struct SpokenView {
    /// Value of the field that keeps it.
    pub value: String,
    /// Its address.
    pub src: String,
    /// How much louder it is played, dB.
    pub gain: f32,
}

impl SpokenView {
    /// Below the address of the survey's page on which it is played.
    pub fn new(page: &str, spoken: Spoken) -> Self {
        let value = spoken.media.to_string();
        Self { src: format!("{page}/voices/{value}"), value, gain: spoken.gain.db() }
    }

    /// The recording of an answer, if it is one.
    pub fn of(page: &str, answer: &Answer) -> Option<Self> {
        match answer {
            Answer::Voice(spoken) => Some(Self::new(page, *spoken)),
            _ => None,
        }
    }
}

/// Name of a question's field.
pub fn field(id: u32) -> String {
    format!("q{id}")
}

/// The values of a field that an answer comes from.
pub fn values(answers: &Answers, id: u32) -> Vec<String> {
    match answers.get(&id) {
        Some(Answer::One(one)) => vec![one.to_string()],
        Some(Answer::Several(several)) => several.iter().map(ToString::to_string).collect(),
        Some(Answer::Step(step)) => vec![step.to_string()],
        Some(Answer::Text(text)) => vec![text.clone()],
        Some(Answer::Voice(spoken)) => vec![spoken.media.to_string()],
        None => Vec::new(),
    }
}
