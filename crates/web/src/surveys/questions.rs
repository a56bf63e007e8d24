//! Questions as they are shown to be answered: on the page itself, and in the preview.

use std::collections::BTreeMap;

use jiayin_domain::survey::{Answer, AnswerError, Answers, Choice, Kind, Question, STEPS};

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
    /// What is wrong with the answer; empty if nothing is.
    pub error: String,
}

impl QuestionView {
    /// The questions, with what `filled` gives for each: the values of its field.
    pub fn all(
        l: &Localizer,
        questions: &[Question],
        filled: impl Fn(u32) -> Vec<String>,
        wrong: &BTreeMap<u32, AnswerError>,
    ) -> Vec<Self> {
        questions.iter().map(|question| Self::new(l, question, filled(question.id), wrong.get(&question.id))).collect()
    }

    fn new(l: &Localizer, question: &Question, filled: Vec<String>, wrong: Option<&AnswerError>) -> Self {
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
            Choice::Text => Vec::new(),
        };
        let error = wrong.map(|error| match error {
            AnswerError::Long => l.t1(error.key(), "max", jiayin_domain::survey::TEXT_MAX),
            AnswerError::Missing | AnswerError::Unknown => l.t(error.key()),
        });
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
            error: error.unwrap_or_default(),
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
        None => Vec::new(),
    }
}
