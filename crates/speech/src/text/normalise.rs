//! A text as a reader sees it: tokens parted by white space, each cleaned and with the words that are said for it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::expand::{Context, expand};
use super::lexicon::Lexicon;
use crate::prompt::{MAX_WORDS, PromptError};

/// What is said for a piece of text: a word to be looked up, or the name of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// A word in lower case.
    Word(String),
    /// The name of a lower-case letter.
    Letter(char),
    /// The name of a letter in the plural or possessive: the "Ds" of "DVDs".
    Letters(char),
}

/// One way of reading a token.
pub type Reading = Vec<Spoken>;

/// A token that is read aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As written, with its punctuation.
    pub text: String,
    /// Ways in which it is read, the usual one first; at least one, none of them empty.
    pub readings: Vec<Reading>,
}

/// Longest text that is looked at, bytes for each word that a prompt may have.
const MAX_BYTES: usize = 64 * MAX_WORDS;

/// Splits a text into tokens and finds out how each is read. What is not read aloud (emoji, stray punctuation) is left
/// out.
///
/// # Errors
/// [`PromptError::Empty`], [`PromptError::NotEnglish`] or [`PromptError::TooLong`].
pub fn normalise(text: &str, lexicon: &Lexicon) -> Result<Vec<Token>, PromptError> {
    if text.len() > MAX_BYTES {
        return Err(PromptError::TooLong { words: text.split_whitespace().count().max(MAX_WORDS + 1) });
    }
    let mut pieces = Vec::new();
    for piece in text.split_whitespace().flat_map(split) {
        let cleaned = clean(piece)?;
        if !cleaned.is_empty() {
            pieces.push((piece, cleaned));
        }
    }
    let shouting = !pieces.iter().any(|(_, cleaned)| cleaned.contains(|c: char| c.is_ascii_lowercase()));
    let mut tokens = Vec::new();
    for (at, (piece, cleaned)) in pieces.iter().enumerate() {
        let context = Context {
            before: at.checked_sub(1).map_or("", |before| &pieces[before].1),
            after: pieces.get(at + 1).map_or("", |(_, after)| after),
            shouting,
            lexicon,
        };
        let readings = expand(cleaned, &context);
        if !readings.is_empty() {
            tokens.push(Token { text: (*piece).to_owned(), readings });
        }
    }
    match tokens.len() {
        0 => Err(PromptError::Empty),
        1..=MAX_WORDS => Ok(tokens),
        words => Err(PromptError::TooLong { words }),
    }
}

/// Parts what is written without a space but is two words for every reader: "Hello,world", "yes—no", "Well...I".
fn split(chunk: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last_letter = false; // whether a letter stood before the punctuation
    let mut in_punctuation = false;
    for (at, c) in chunk.char_indices() {
        if c.is_alphabetic() {
            if in_punctuation {
                pieces.push(&chunk[start..at]);
                start = at;
            }
            (last_letter, in_punctuation) = (true, false);
        } else if "—…,;:!?，；：！？。、".contains(c) || chunk[at..].starts_with("...") {
            in_punctuation = last_letter;
        } else if !matches!(c, '.' | '"' | '“' | '”') {
            (last_letter, in_punctuation) = (false, false);
        }
    }
    pieces.push(&chunk[start..]);
    pieces
}

/// Folds full-width forms, curly quotes, dashes, accents; refuses letters and digits of other scripts.
fn clean(piece: &str) -> Result<String, PromptError> {
    let mut prepared = String::with_capacity(piece.len());
    for c in piece.chars() {
        match c {
            '™'
            | '®'
            | '©'
            | '\u{00AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2060}'
            | '\u{FE0E}'
            | '\u{FE0F}'
            | '\u{20E3}' => {}
            '½' | '¼' | '¾' | '⅓' | '⅔' | '⅛' | '⅜' | '⅝' | '⅞' | '⅕' | '⅙' => {
                if prepared.ends_with(|before: char| before.is_ascii_digit()) {
                    prepared.push('-');
                }
                prepared.push(c);
            }
            '´' => prepared.push('\''),
            _ => prepared.push(c),
        }
    }
    let mut cleaned = String::with_capacity(prepared.len());
    // Compatibility forms first (full width, ligatures), then letters apart from their accents.
    for c in prepared.nfkc().nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            '‘' | '’' | 'ʼ' | '`' | '′' => cleaned.push('\''),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => cleaned.push('-'),
            '⁄' | '∕' => cleaned.push('/'),
            '×' | '✕' => cleaned.push('*'),
            'ß' => cleaned.push_str("ss"),
            'æ' | 'Æ' => cleaned.push_str("ae"),
            'œ' | 'Œ' => cleaned.push_str("oe"),
            'ø' | 'Ø' => cleaned.push('o'),
            'đ' | 'ð' => cleaned.push('d'),
            'ł' | 'Ł' => cleaned.push('l'),
            'ı' => cleaned.push('i'),
            _ if c.is_alphanumeric() && !c.is_ascii() => return Err(PromptError::NotEnglish(foreign(piece))),
            _ => cleaned.push(c),
        }
    }
    // Marks of other scripts (such as Arabic vowels) alone are no letters; the rest of the symbols is no speech.
    cleaned.retain(|c| c.is_ascii_graphic() || "£€¥°÷".contains(c));
    Ok(cleaned)
}

/// The part of a piece that is in another script, to show to the user.
fn foreign(piece: &str) -> String {
    let is_foreign = |c: char| c.is_alphanumeric() && !c.nfkc().nfd().next().is_some_and(|base| base.is_ascii());
    piece.chars().skip_while(|c| !is_foreign(*c)).take_while(|c| is_foreign(*c)).take(16).collect()
}
