//! The kinds of exercise: what each asks of the learner, and what it must have.

use serde::{Deserialize, Serialize};

/// Most words of a paragraph; what the ear hears in one go.
pub const PARAGRAPH_WORDS: usize = 120;
/// Fewest and most answers to choose from.
pub const CHOICES: std::ops::RangeInclusive<usize> = 2..=4;
/// Longest answer to choose, in characters.
pub const CHOICE_MAX: usize = 60;
/// Most lines that stand before the learner's own in a dialogue.
pub const DIALOGUE_LINES: usize = 20;
/// Longest name of a role, in characters.
pub const ROLE_MAX: usize = 30;

/// What a learner does in an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Listens to a word or sentence and says it.
    Repeat,
    /// Reads a paragraph aloud.
    Paragraph,
    /// Looks at a picture and says what it shows.
    Picture,
    /// Speaks one role of a dialogue, line by line.
    Dialogue,
    /// Says two words that differ in one sound.
    Pair,
    /// Listens and chooses; nothing is recorded.
    Choose,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Repeat, Self::Picture, Self::Paragraph, Self::Dialogue, Self::Pair, Self::Choose];

    /// The word in the database, in forms and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Paragraph => "paragraph",
            Self::Picture => "picture",
            Self::Dialogue => "dialogue",
            Self::Pair => "pair",
            Self::Choose => "choose",
        }
    }

    /// The kind with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag)
    }

    /// Whether the learner speaks: there are recordings, and the ear evaluates them against the text.
    pub fn spoken(self) -> bool {
        self != Self::Choose
    }

    /// Whether there is nothing to do without a picture.
    pub fn needs_picture(self) -> bool {
        self == Self::Picture
    }
}

/// A line of a dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who speaks.
    pub role: String,
    /// What is said.
    pub text: String,
}

/// What an exercise has beside its text. The text is what the learner says; of [`Content::Choose`] it is what is heard.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Nothing.
    #[default]
    Repeat,
    /// Nothing; the text is longer.
    Paragraph,
    /// Nothing; the picture is a file.
    Picture,
    /// The text is one line of a dialogue.
    Dialogue {
        /// The learner's role.
        role: String,
        /// The lines before it, from the first.
        before: Vec<Line>,
    },
    /// The text is two words.
    Pair {
        /// The sounds in which they differ, in signs of the International Phonetic Alphabet, in the order of the words.
        sounds: [String; 2],
    },
    /// The text is heard, and one of the choices is right.
    Choose {
        /// What there is to choose from.
        choices: Vec<String>,
        /// Which is right, counted from 0.
        right: usize,
    },
}

/// What is wrong with the content of an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// More words than [`PARAGRAPH_WORDS`].
    #[error("more than {PARAGRAPH_WORDS} words")]
    ParagraphLong,
    /// Fewer or more choices than [`CHOICES`].
    #[error("not two to four choices")]
    Choices,
    /// Two choices are the same.
    #[error("two choices are the same")]
    ChoicesSame,
    /// A choice is longer than [`CHOICE_MAX`].
    #[error("a choice is too long")]
    ChoiceLong,
    /// None of the choices is the right one.
    #[error("no choice is right")]
    NoRight,
    /// A role without a name, or with one longer than [`ROLE_MAX`].
    #[error("a role without a fitting name")]
    Role,
    /// More than [`DIALOGUE_LINES`] lines before the learner's.
    #[error("too many lines")]
    Lines,
    /// Not two words that differ in one sound.
    #[error("not a pair")]
    NotAPair,
}

impl Content {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Repeat => Kind::Repeat,
            Self::Paragraph => Kind::Paragraph,
            Self::Picture => Kind::Picture,
            Self::Dialogue { .. } => Kind::Dialogue,
            Self::Pair { .. } => Kind::Pair,
            Self::Choose { .. } => Kind::Choose,
        }
    }

    /// Whether it has all that its kind needs. Whether `text` is English that can be read aloud, the caller knows.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self, text: &str) -> Result<(), ContentError> {
        match self {
            Self::Repeat | Self::Picture => Ok(()),
            Self::Paragraph if text.split_whitespace().count() > PARAGRAPH_WORDS => Err(ContentError::ParagraphLong),
            Self::Paragraph => Ok(()),
            Self::Pair { sounds } => match text.split_whitespace().count() {
                2 if sounds[0] != sounds[1] => Ok(()),
                _ => Err(ContentError::NotAPair),
            },
            Self::Dialogue { role, before } => {
                let named = |role: &str| (1..=ROLE_MAX).contains(&role.trim().chars().count());
                if before.len() > DIALOGUE_LINES {
                    Err(ContentError::Lines)
                } else if !named(role) || before.iter().any(|line| !named(&line.role)) {
                    Err(ContentError::Role)
                } else {
                    Ok(())
                }
            }
            Self::Choose { choices, right } => check_choices(choices, *right),
        }
    }
}

fn check_choices(choices: &[String], right: usize) -> Result<(), ContentError> {
    let same = |(place, choice): (usize, &String)| choices[..place].iter().any(|other| other == choice);
    if !CHOICES.contains(&choices.len()) {
        Err(ContentError::Choices)
    } else if choices.iter().any(|choice| choice.chars().count() > CHOICE_MAX) {
        Err(ContentError::ChoiceLong)
    } else if choices.iter().enumerate().any(same) {
        Err(ContentError::ChoicesSame)
    } else if right >= choices.len() {
        Err(ContentError::NoRight)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_has_120_words_at_most() {
        assert_eq!(Content::Paragraph.check(&"yes ".repeat(PARAGRAPH_WORDS)), Ok(()));
        assert_eq!(Content::Paragraph.check(&"yes ".repeat(PARAGRAPH_WORDS + 1)), Err(ContentError::ParagraphLong));
    }

    #[test]
    fn of_two_to_four_different_choices_one_is_right() {
        let check = |choices: &[&str], right| {
            let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
            Content::Choose { choices, right }.check("cat")
        };
        assert_eq!(check(&["cat", "cut"], 1), Ok(()));
        assert_eq!(check(&["cat"], 0), Err(ContentError::Choices));
        assert_eq!(check(&["a", "b", "c", "d", "e"], 0), Err(ContentError::Choices));
        assert_eq!(check(&["cat", "cat"], 0), Err(ContentError::ChoicesSame));
        assert_eq!(check(&["cat", "cut"], 2), Err(ContentError::NoRight));
        assert_eq!(check(&["cat", &"c".repeat(CHOICE_MAX + 1)], 0), Err(ContentError::ChoiceLong));
    }

    #[test]
    fn every_role_of_a_dialogue_has_a_name() {
        let line = |role: &str| Line { role: role.to_owned(), text: "Hello.".to_owned() };
        let dialogue = |role: &str, before| Content::Dialogue { role: role.to_owned(), before };
        assert_eq!(dialogue("Ben", vec![line("Anna")]).check("Hello."), Ok(()));
        assert_eq!(dialogue(" ", vec![]).check("Hello."), Err(ContentError::Role));
        assert_eq!(dialogue("Ben", vec![line("")]).check("Hello."), Err(ContentError::Role));
        assert_eq!(dialogue("Ben", vec![line("Anna"); 21]).check("Hello."), Err(ContentError::Lines));
    }

    #[test]
    fn a_pair_is_two_words_with_two_sounds() {
        let pair = |first: &str, second: &str| Content::Pair { sounds: [first.to_owned(), second.to_owned()] };
        assert_eq!(pair("ɪ", "i").check("ship sheep"), Ok(()));
        assert_eq!(pair("ɪ", "ɪ").check("ship ship"), Err(ContentError::NotAPair));
        assert_eq!(pair("ɪ", "i").check("ship sheep shop"), Err(ContentError::NotAPair));
    }

    #[test]
    fn words_of_kinds_lead_back_to_them() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_tag(kind.tag()), Some(kind));
        }
        assert_eq!(Kind::from_tag("sing"), None);
    }
}
