//! What is to be said: words, each with the pronunciations that are accepted for it.

use crate::phone::Phone;

/// Longest prompt that is taken, in words.
pub const MAX_WORDS: usize = 120;
/// Longest prompt that is taken, in phones (of the longest pronunciations).
pub const MAX_PHONES: usize = 800;

/// One accepted pronunciation: at least one phone.
pub type Pronunciation = Vec<Phone>;

/// A word of the prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptWord {
    /// As the reader sees it, with its punctuation ("bear!", "$5").
    pub text: String,
    /// Accepted pronunciations, at least one; the best-fitting one is scored. What is written as one word but read as
    /// several ("$5") has the sounds of all of them here.
    pub pronunciations: Vec<Pronunciation>,
}

/// What is to be said. Not empty, and within [`MAX_WORDS`] and [`MAX_PHONES`].
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    words: Vec<PromptWord>,
}

/// Why a text cannot be a prompt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// No letter or digit in it.
    #[error("the text has no word that can be read aloud")]
    Empty,
    /// Letters of another script; the first such word is given.
    #[error("\"{0}\" is not written in English letters")]
    NotEnglish(String),
    /// Longer than can be scored at once.
    #[error("the text is too long: {words} words, at most {MAX_WORDS} are taken at once")]
    TooLong {
        /// Number of words found.
        words: usize,
    },
    /// Phones given by the caller do not fit the text.
    #[error("phones are given for {phones} words, but the text has {words}")]
    PhonesMismatch {
        /// Words in the text.
        words: usize,
        /// Words with phones.
        phones: usize,
    },
    /// A word was given without any phone.
    #[error("no phone is given for word {0}")]
    NoPhones(usize),
}

impl Prompt {
    /// A prompt of the given words.
    ///
    /// # Errors
    /// If there is no word, a word has no phone, or there are too many.
    pub fn new(words: Vec<PromptWord>) -> Result<Self, PromptError> {
        if words.is_empty() {
            return Err(PromptError::Empty);
        }
        for (index, word) in words.iter().enumerate() {
            if word.pronunciations.is_empty() || word.pronunciations.iter().any(Vec::is_empty) {
                return Err(PromptError::NoPhones(index + 1));
            }
        }
        let phones: usize = words.iter().map(|word| word.pronunciations.iter().map(Vec::len).max().unwrap_or(0)).sum();
        if words.len() > MAX_WORDS || phones > MAX_PHONES {
            return Err(PromptError::TooLong { words: words.len() });
        }
        Ok(Self { words })
    }

    /// A prompt whose pronunciations the caller gives, one list of phones for each white-space separated word of `text`.
    ///
    /// # Errors
    /// If the numbers of words differ, a word has no phone, or there are too many.
    pub fn with_phones(text: &str, phones: Vec<Pronunciation>) -> Result<Self, PromptError> {
        let texts: Vec<&str> = text.split_whitespace().collect();
        if texts.len() != phones.len() {
            return Err(PromptError::PhonesMismatch { words: texts.len(), phones: phones.len() });
        }
        let words = texts
            .into_iter()
            .zip(phones)
            .map(|(text, phones)| PromptWord { text: text.to_owned(), pronunciations: vec![phones] })
            .collect();
        Self::new(words)
    }

    /// The words in order.
    pub fn words(&self) -> &[PromptWord] {
        &self.words
    }
}
