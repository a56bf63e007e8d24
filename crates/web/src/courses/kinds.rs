//! The forms in which teachers write exercises, each kind in its own, and what is checked of them.

use jiayin_domain::exercise::{Content, ContentError, Kind, Line};
use jiayin_speech::prompt::PromptError;
use jiayin_speech::text::contrast::contrast;
use jiayin_store::courses::Sentence;
use jiayin_store::exercises::NewExercise;
use serde::Deserialize;

use crate::ear::{Ear, HearError};

/// Longest sentence, in characters.
pub const SENTENCE_MAX: usize = 300;
/// Longest paragraph, in characters; its words are counted as well.
pub const PARAGRAPH_MAX: usize = 1200;
/// Most exercises in a lesson.
pub const LESSON_MAX: usize = 60;

/// The form that adds exercises, or changes one. Each kind uses some of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ExerciseForm {
    /// Tag of a [`Kind`]; sentences to repeat if there is none.
    pub kind: String,
    /// New sentences or a whole dialogue, one a line; of a dialogue that is changed, the lines before the learner's.
    pub lines: String,
    /// What is said or heard; of a pair the first word.
    pub text: String,
    /// Of a pair the second word.
    pub other: String,
    /// Of a dialogue the learner's role.
    pub role: String,
    /// An answer to choose.
    pub choice1: String,
    /// An answer to choose.
    pub choice2: String,
    /// An answer to choose; may be empty.
    pub choice3: String,
    /// An answer to choose; may be empty.
    pub choice4: String,
    /// Number of the right answer, from 1.
    pub right: String,
}

/// What is wrong with an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SentenceError {
    /// Nothing there.
    #[error("empty")]
    Empty,
    /// Longer than [`SENTENCE_MAX`] or [`PARAGRAPH_MAX`].
    #[error("too long")]
    Long,
    /// No English letters, or others as well.
    #[error("not English")]
    NotEnglish,
    /// The ear does not know how it is read aloud.
    #[error("cannot be read aloud")]
    Unreadable,
    /// More than [`LESSON_MAX`] exercises.
    #[error("too many")]
    Many,
    /// A line of a dialogue without a role before it.
    #[error("a line without a role")]
    NoRole,
    /// No line of the dialogue is the learner's.
    #[error("no line for the learner")]
    NoLine,
    /// A picture is not described.
    #[error("no description")]
    NoAlt,
    /// Something of its kind is missing or too much.
    #[error(transparent)]
    Content(#[from] ContentError),
}

impl SentenceError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "sentence-error-empty",
            Self::Long => "sentence-error-long",
            Self::NotEnglish => "sentence-error-not-english",
            Self::Unreadable => "sentence-error-unreadable",
            Self::Many => "sentence-error-many",
            Self::NoRole | Self::Content(ContentError::Role) => "exercise-error-role",
            Self::NoLine => "exercise-error-no-line",
            Self::NoAlt => "exercise-error-alt",
            Self::Content(ContentError::ParagraphLong) => "exercise-error-paragraph",
            Self::Content(ContentError::Choices) => "exercise-error-choices",
            Self::Content(ContentError::ChoicesSame) => "exercise-error-choices-same",
            Self::Content(ContentError::ChoiceLong) => "exercise-error-choice-long",
            Self::Content(ContentError::NoRight) => "exercise-error-right",
            Self::Content(ContentError::Lines) => "exercise-error-lines",
            Self::Content(ContentError::NotAPair) => "exercise-error-pair",
        }
    }
}

/// A text with single spaces that the ear can hear.
pub(super) fn checked(text: &str, longest: usize, ear: &dyn Ear) -> Result<String, SentenceError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(SentenceError::Empty);
    }
    if text.chars().count() > longest {
        return Err(SentenceError::Long);
    }
    if !text.chars().any(|letter| letter.is_ascii_alphabetic())
        || text.chars().any(|letter| letter.is_alphabetic() && letter > '\u{24f}')
    {
        return Err(SentenceError::NotEnglish);
    }
    match ear.prompt(&text, None) {
        Ok(_) => Ok(text),
        Err(HearError::Prompt(PromptError::NotEnglish(_))) => Err(SentenceError::NotEnglish),
        Err(HearError::Prompt(PromptError::TooLong { .. })) => Err(SentenceError::Long),
        Err(_) => Err(SentenceError::Unreadable),
    }
}

impl ExerciseForm {
    /// The form as it would write an exercise.
    pub fn of(sentence: &Sentence) -> Self {
        let mut form =
            Self { kind: sentence.content.kind().tag().to_owned(), text: sentence.text.clone(), ..Self::default() };
        match &sentence.content {
            Content::Repeat | Content::Paragraph | Content::Picture => {}
            Content::Dialogue { role, before } => {
                form.role.clone_from(role);
                let lines = before.iter().map(|line| format!("{}: {}", line.role, line.text));
                form.lines = lines.collect::<Vec<_>>().join("\n");
            }
            Content::Pair { .. } => {
                let (first, second) = sentence.text.split_once(' ').unwrap_or((&sentence.text, ""));
                (form.text, form.other) = (first.to_owned(), second.to_owned());
            }
            Content::Choose { choices, right } => {
                let mut all = choices.iter().cloned();
                let mut next = || all.next().unwrap_or_default();
                (form.choice1, form.choice2, form.choice3, form.choice4) = (next(), next(), next(), next());
                form.right = (right + 1).to_string();
            }
        }
        form
    }

    /// The kind that is asked for.
    pub fn kind(&self) -> Kind {
        Kind::from_tag(&self.kind).unwrap_or(Kind::Repeat)
    }

    /// The answers to choose, in their places, and whether each is the right one.
    pub fn choices(&self) -> [(usize, &str, bool); 4] {
        let fields = [&self.choice1, &self.choice2, &self.choice3, &self.choice4];
        [0, 1, 2, 3].map(|place| (place + 1, fields[place].as_str(), self.right == (place + 1).to_string()))
    }

    /// The new exercises; `present` are in the lesson already. Numbers at the beginning of pasted lines are taken off.
    ///
    /// # Errors
    /// What is wrong, and in which line (from 1; 0 for all of them).
    pub fn check(&self, present: usize, ear: &dyn Ear) -> Result<Vec<NewExercise>, (usize, SentenceError)> {
        let all = |error: SentenceError| (0, error);
        let new = match self.kind() {
            Kind::Repeat => {
                let sentence = |(line, text): (usize, &str)| match checked(text, SENTENCE_MAX, ear) {
                    Ok(text) => Ok(NewExercise::sentence(&text)),
                    Err(error) => Err((line, error)),
                };
                let lines = self.written_lines();
                if present + lines.len() > LESSON_MAX {
                    return Err(all(SentenceError::Many));
                }
                lines.into_iter().map(sentence).collect::<Result<Vec<_>, _>>()?
            }
            Kind::Dialogue => self.dialogue(ear)?,
            _ => vec![self.one(ear).map_err(all)?],
        };
        match new.len() {
            0 => Err(all(SentenceError::Empty)),
            count if present + count > LESSON_MAX => Err(all(SentenceError::Many)),
            _ => Ok(new),
        }
    }

    /// One exercise as it is to be.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn one(&self, ear: &dyn Ear) -> Result<NewExercise, SentenceError> {
        let (text, content) = match self.kind() {
            Kind::Repeat => (checked(&self.text, SENTENCE_MAX, ear)?, Content::Repeat),
            Kind::Picture => (checked(&self.text, SENTENCE_MAX, ear)?, Content::Picture),
            Kind::Paragraph => {
                // Told apart before the ear refuses what is too long for it.
                Content::Paragraph.check(&self.text)?;
                (checked(&self.text, PARAGRAPH_MAX, ear)?, Content::Paragraph)
            }
            Kind::Dialogue => {
                let before = self.spoken_lines(ear).map_err(|(_, error)| error)?;
                let role = self.role.trim().to_owned();
                (checked(&self.text, SENTENCE_MAX, ear)?, Content::Dialogue { role, before })
            }
            Kind::Pair => self.pair(ear)?,
            Kind::Choose => {
                let text = checked(&self.text, SENTENCE_MAX, ear)?;
                let written = || self.choices().into_iter().filter(|(_, choice, _)| !choice.trim().is_empty());
                let choices: Vec<String> = written().map(|(_, choice, _)| choice.trim().to_owned()).collect();
                let right = written().position(|(.., right)| right).unwrap_or(usize::MAX);
                (text, Content::Choose { choices, right })
            }
        };
        content.check(&text)?;
        Ok(NewExercise { text, content })
    }

    /// Two words, and the sounds in which they differ.
    fn pair(&self, ear: &dyn Ear) -> Result<(String, Content), SentenceError> {
        let word = |text: &str| checked(text, SENTENCE_MAX, ear);
        let text = format!("{} {}", word(&self.text)?, word(&self.other)?);
        let prompt = ear.prompt(&text, None).map_err(|_| SentenceError::Unreadable)?;
        let [first, second] = prompt.words() else { return Err(ContentError::NotAPair.into()) };
        let (one, other) = contrast(first, second).ok_or(ContentError::NotAPair)?;
        Ok((text, Content::Pair { sounds: [one.ipa().to_owned(), other.ipa().to_owned()] }))
    }

    /// A whole dialogue: one exercise for each line of the learner's role.
    fn dialogue(&self, ear: &dyn Ear) -> Result<Vec<NewExercise>, (usize, SentenceError)> {
        let lines = self.spoken_lines(ear)?;
        let role = self.role.trim();
        let mut new = Vec::new();
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.role.eq_ignore_ascii_case(role)) {
            let content = Content::Dialogue { role: line.role.clone(), before: lines[..place].to_vec() };
            content.check(&line.text).map_err(|error| (0, error.into()))?;
            new.push(NewExercise { text: line.text.clone(), content });
        }
        if new.is_empty() { Err((0, SentenceError::NoLine)) } else { Ok(new) }
    }

    /// The lines of a dialogue, “Anna: How are you?”.
    fn spoken_lines(&self, ear: &dyn Ear) -> Result<Vec<Line>, (usize, SentenceError)> {
        let spoken = |(number, line): (usize, &str)| {
            let Some((role, text)) = line.split_once([':', '：']) else { return Err((number, SentenceError::NoRole)) };
            let text = checked(text, SENTENCE_MAX, ear).map_err(|error| (number, error))?;
            Ok(Line { role: role.trim().to_owned(), text })
        };
        self.written_lines().into_iter().map(spoken).collect()
    }

    /// The lines that are not empty, with their numbers from 1.
    fn written_lines(&self) -> Vec<(usize, &str)> {
        let lines = self.lines.lines().map(|line| without_number(line.trim())).enumerate();
        lines.map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.is_empty()).collect()
    }
}

/// Takes “1. ”, “2) ” or “3、” off.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = line.len() - rest.len();
    match rest.strip_prefix(['.', ')', '、', '．', '）']) {
        Some(text) if (1..=3).contains(&digits) && !text.starts_with(|letter: char| letter.is_ascii_digit()) => {
            text.trim_start()
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: Kind) -> ExerciseForm {
        ExerciseForm { kind: kind.tag().to_owned(), ..ExerciseForm::default() }
    }

    fn lines(lines: &str) -> Result<Vec<String>, (usize, SentenceError)> {
        let ear = crate::model::load().unwrap();
        let new = ExerciseForm { lines: lines.to_owned(), ..ExerciseForm::default() }.check(0, &ear)?;
        Ok(new.into_iter().map(|new| new.text).collect())
    }

    #[test]
    fn many_lines_are_pasted_at_once() {
        let sentences = lines("1. I see a cat.\r\n\r\n2)\tIt is  red.\n3.5 is a number\n").unwrap();
        assert_eq!(sentences, ["I see a cat.", "It is red.", "3.5 is a number"]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        assert_eq!(lines(" \n "), Err((0, SentenceError::Empty)));
        assert_eq!(lines("One.\n我看见一只猫。"), Err((2, SentenceError::NotEnglish)));
        assert_eq!(lines("I see a cat. | 我看见一只猫。"), Err((1, SentenceError::NotEnglish)));
        assert_eq!(lines(&"a".repeat(SENTENCE_MAX + 1)), Err((1, SentenceError::Long)));
        assert_eq!(lines(&"Yes.\n".repeat(LESSON_MAX + 1)), Err((0, SentenceError::Many)));
        assert!(lines("“Café”, she said.").is_ok());
    }

    #[test]
    fn a_paragraph_of_121_words_is_too_long_and_one_of_120_is_not() {
        let ear = crate::model::load().unwrap();
        let paragraph = |words: usize| ExerciseForm {
            text: "we see ".repeat(60) + &"it ".repeat(words - 120),
            ..form(Kind::Paragraph)
        };
        assert!(paragraph(120).one(&ear).is_ok());
        assert_eq!(paragraph(121).one(&ear), Err(ContentError::ParagraphLong.into()));
    }

    #[test]
    fn a_dialogue_becomes_an_exercise_for_each_line_of_the_learner() {
        let ear = crate::model::load().unwrap();
        let lines = "Anna: How are you?\nBen: I am fine.\nAnna：Where is the cat?\nBen: It is here.";
        let dialogue = |role: &str, lines: &str| ExerciseForm {
            role: role.to_owned(),
            lines: lines.to_owned(),
            ..form(Kind::Dialogue)
        };
        let new = dialogue("ben", lines).check(0, &ear).unwrap();
        assert_eq!(new.iter().map(|new| new.text.as_str()).collect::<Vec<_>>(), ["I am fine.", "It is here."]);
        let Content::Dialogue { role, before } = &new[1].content else { panic!("{:?}", new[1]) };
        assert_eq!((role.as_str(), before.len(), before[2].role.as_str()), ("Ben", 3, "Anna"));
        assert_eq!(dialogue("Tom", lines).check(0, &ear), Err((0, SentenceError::NoLine)));
        assert_eq!(dialogue("Ben", "Anna: Hi.\nHello.").check(0, &ear), Err((2, SentenceError::NoRole)));
        let back = Sentence {
            exercise: jiayin_domain::id::ExerciseId(uuid::Uuid::nil()),
            text: new[1].text.clone(),
            content: new[1].content.clone(),
            audio: None,
            picture: None,
        };
        assert_eq!(ExerciseForm::of(&back).one(&ear), Ok(new[1].clone()), "the form writes what it was made of");
    }

    #[test]
    fn the_sounds_of_a_pair_are_found() {
        let ear = crate::model::load().unwrap();
        let pair = |first: &str, second: &str| {
            ExerciseForm { text: first.to_owned(), other: second.to_owned(), ..form(Kind::Pair) }.one(&ear)
        };
        let sounds = ["ɪ", "i"].map(str::to_owned);
        assert_eq!(pair("ship", "sheep").unwrap().content, Content::Pair { sounds });
        assert_eq!(pair("ship", "chip").unwrap().text, "ship chip");
        assert_eq!(pair("ship", "boat"), Err(ContentError::NotAPair.into()));
        assert_eq!(pair("ship", ""), Err(SentenceError::Empty));
    }

    #[test]
    fn the_right_one_of_the_choices_is_the_one_that_was_marked() {
        let ear = crate::model::load().unwrap();
        let choose = |choices: [&str; 4], right: &str| {
            let [choice1, choice2, choice3, choice4] = choices.map(str::to_owned);
            let (text, right) = ("cat".to_owned(), right.to_owned());
            ExerciseForm { text, choice1, choice2, choice3, choice4, right, ..form(Kind::Choose) }.one(&ear)
        };
        let right = |choices, right| match choose(choices, right).unwrap().content {
            Content::Choose { choices, right } => choices[right].clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(right(["狗", "猫", "", ""], "2"), "猫");
        assert_eq!(right(["cut", "", "cat", ""], "3"), "cat", "an empty place in between");
        assert_eq!(choose(["cut", "cat", "", ""], ""), Err(ContentError::NoRight.into()));
        assert_eq!(choose(["cut", "cat", "", ""], "3"), Err(ContentError::NoRight.into()));
        assert_eq!(choose(["cat", "", "", ""], "1"), Err(ContentError::Choices.into()));
    }
}
