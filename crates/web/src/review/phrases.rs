//! The phrases that are at hand in a review: the teacher's own first, then the ready ones in both languages. The first nine
//! of them have a digit.

use jiayin_store::bank::Bank;

use crate::error::AppError;
use crate::locale::{Catalogs, Locale, Localizer};

/// Keys of the ready phrases. They are offered, and kept only when a teacher takes one into the bank.
const READY: [&str; 8] =
    ["phrase-1", "phrase-2", "phrase-3", "phrase-4", "phrase-5", "phrase-6", "phrase-7", "phrase-8"];

/// Phrases that a digit can stand for.
const DIGITS: usize = 9;

/// A phrase for the comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The words.
    pub text: String,
    /// The digit that puts it in; none for the later ones.
    pub digit: Option<usize>,
    /// Language of a ready one; of the teacher's own nobody knows it.
    pub locale: Option<Locale>,
}

/// The phrases at hand.
#[derive(Debug, Clone, Default)]
pub struct Phrases(Vec<Phrase>);

impl Phrases {
    /// The teacher's own, then the ready ones, the visitor's language first. What the teacher has taken is not said twice.
    pub fn new(catalogs: &Catalogs, l: &Localizer, own: Vec<String>) -> Self {
        let mut phrases: Vec<Phrase> = own.into_iter().map(|text| Phrase { text, digit: None, locale: None }).collect();
        for (locale, text) in ready(catalogs, l) {
            if !phrases.iter().any(|known| known.text == text) {
                phrases.push(Phrase { text, digit: None, locale: Some(locale) });
            }
        }
        for (place, phrase) in phrases.iter_mut().take(DIGITS).enumerate() {
            phrase.digit = Some(place + 1);
        }
        Self(phrases)
    }

    /// The teacher's own.
    pub fn own(&self) -> impl Iterator<Item = &Phrase> {
        self.0.iter().filter(|phrase| phrase.locale.is_none())
    }

    /// Whether there are any of the teacher's own.
    pub fn has_own(&self) -> bool {
        self.own().next().is_some()
    }

    /// The ready ones.
    pub fn ready(&self) -> impl Iterator<Item = &Phrase> {
        self.0.iter().filter(|phrase| phrase.locale.is_some())
    }
}

/// The ready phrases in both languages, the visitor's first.
pub fn ready(catalogs: &Catalogs, l: &Localizer) -> Vec<(Locale, String)> {
    let mut locales = Locale::ALL;
    locales.sort_by_key(|locale| *locale != l.locale());
    let texts = |locale| READY.iter().map(move |key| (locale, catalogs.get(locale).t(key)));
    locales.into_iter().flat_map(texts).collect()
}

/// The teacher's own phrases, opened.
///
/// # Errors
/// If they are not of the person for whom they were opened.
pub fn opened(bank: &Bank) -> Result<Vec<String>, AppError> {
    bank.phrases.iter().map(|(_, text)| Ok(text.read(&bank.grant)?.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_phrases_come_first_and_nine_have_a_digit() {
        let catalogs = Catalogs::load().unwrap();
        let l = catalogs.get(Locale::En);
        let taken = l.t("phrase-2");
        let phrases = Phrases::new(&catalogs, &l, vec!["Nice R!".to_owned(), taken.clone()]);
        let own: Vec<_> = phrases.own().map(|phrase| (phrase.digit, phrase.text.as_str())).collect();
        assert_eq!(own, [(Some(1), "Nice R!"), (Some(2), taken.as_str())]);
        let ready: Vec<_> = phrases.ready().collect();
        assert_eq!(ready.len(), 15, "the one that was taken is not offered again");
        assert_eq!((ready[0].digit, ready[0].locale), (Some(3), Some(Locale::En)));
        assert_eq!(ready.iter().filter_map(|phrase| phrase.digit).max(), Some(9));
        assert_eq!(ready[14].locale, Some(Locale::ZhCn));
    }
}
