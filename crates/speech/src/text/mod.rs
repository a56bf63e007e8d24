//! English text to the sounds that are expected for it.
//!
//! `normalise` finds the words as a reader sees them and what is said for each ("$5" is "five dollars"); `lexicon`
//! gives the pronunciations of known words, `derive` those of their relatives, `g2p` those of all others.

pub mod contrast;
mod derive;
mod expand;
mod figures;
pub mod g2p;
pub mod lexicon;
pub mod normalise;
mod numbers;

pub use g2p::G2p;
pub use lexicon::Lexicon;

use crate::prompt::{PromptError, PromptWord, Pronunciation};
use normalise::{Reading, Spoken, normalise};

/// Most pronunciations that are accepted for one word of a prompt.
pub const MAX_PRONUNCIATIONS: usize = 6;

/// Why the dictionary or the network cannot be loaded. Never caused by a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text reader cannot be loaded: {0}")]
pub struct TextError(pub String);

/// Reads English text: words with their accepted pronunciations. `Send + Sync`.
pub struct TextReader {
    /// Known words.
    pub lexicon: Lexicon,
    /// The network for unknown ones.
    pub g2p: G2p,
}

impl TextReader {
    /// A reader with the embedded dictionary and the given network.
    ///
    /// # Errors
    /// If the dictionary is damaged.
    pub fn new(g2p: G2p) -> Result<Self, TextError> {
        Ok(Self { lexicon: Lexicon::embedded()?, g2p })
    }

    /// The words of a text in order, each with one to [`MAX_PRONUNCIATIONS`] pronunciations, the usual one first.
    ///
    /// # Errors
    /// If the text has nothing to read, is not English, or has more than [`crate::prompt::MAX_WORDS`] words.
    pub fn read(&self, text: &str) -> Result<Vec<PromptWord>, PromptError> {
        let words: Vec<PromptWord> = normalise(text, &self.lexicon)?
            .into_iter()
            .map(|token| PromptWord { pronunciations: self.pronounce(&token.readings), text: token.text })
            .filter(|word| !word.pronunciations.is_empty())
            .collect();
        if words.is_empty() { Err(PromptError::Empty) } else { Ok(words) }
    }

    /// Pronunciations of a token: first the usual one of each reading, then those with one word said differently.
    fn pronounce(&self, readings: &[Reading]) -> Vec<Pronunciation> {
        let readings: Vec<Vec<Vec<Pronunciation>>> = readings
            .iter()
            .map(|reading| reading.iter().map(|spoken| self.say(spoken)).filter(|ways| !ways.is_empty()).collect())
            .collect();
        let usual =
            |words: &[Vec<Pronunciation>]| words.iter().filter_map(|ways| ways.first()).flatten().copied().collect();
        let mut all: Vec<Pronunciation> = readings.iter().map(|words| usual(words)).collect();
        for words in &readings {
            for (at, ways) in words.iter().enumerate() {
                all.extend(ways.iter().skip(1).map(|way| {
                    let before = words[..at].iter().filter_map(|ways| ways.first()).flatten();
                    let after = words[at + 1..].iter().filter_map(|ways| ways.first()).flatten();
                    before.chain(way).chain(after).copied().collect()
                }));
            }
        }
        let mut distinct: Vec<Pronunciation> = Vec::new();
        for pronunciation in all {
            if !pronunciation.is_empty() && !distinct.contains(&pronunciation) {
                distinct.push(pronunciation);
            }
        }
        distinct.truncate(MAX_PRONUNCIATIONS);
        distinct
    }

    fn say(&self, spoken: &Spoken) -> Vec<Pronunciation> {
        match spoken {
            Spoken::Letter(letter) => self.lexicon.get(&format!("{letter}.")),
            Spoken::Letters(letter) => {
                self.lexicon.get(&format!("{letter}.")).iter().filter_map(derive::with_s).collect()
            }
            Spoken::Word(word) => {
                let known = derive::known(word, &self.lexicon);
                if known.is_empty() { self.g2p.pronounce(word).into_iter().collect() } else { known }
            }
        }
    }
}
