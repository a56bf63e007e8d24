//! Minimal pairs: two words that differ in one sound.

use crate::phone::Phone;
use crate::prompt::PromptWord;

/// The sounds in which two words differ, if they differ in exactly one and have the same number of sounds, in any of their
/// accepted pronunciations (the usual ones first). Stress is not looked at.
pub fn contrast(first: &PromptWord, second: &PromptWord) -> Option<(Phone, Phone)> {
    let pairs = first.pronunciations.iter().flat_map(|one| second.pronunciations.iter().map(move |other| (one, other)));
    pairs.filter(|(one, other)| one.len() == other.len()).find_map(|(one, other)| {
        let mut differing = one.iter().zip(other).filter(|(one, other)| one.index() != other.index());
        match (differing.next(), differing.next()) {
            (Some((one, other)), None) => Some((*one, *other)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(pronunciations: &[&str]) -> PromptWord {
        let sounds = |text: &&str| text.split(' ').map(|phone| phone.parse().unwrap()).collect();
        PromptWord { text: String::new(), pronunciations: pronunciations.iter().map(sounds).collect() }
    }

    #[test]
    fn words_that_differ_in_one_sound_are_a_pair() {
        let of = |first: &[&str], second: &[&str]| {
            contrast(&word(first), &word(second)).map(|(one, other)| (one.symbol(), other.symbol()))
        };
        assert_eq!(of(&["SH IH1 P"], &["SH IY1 P"]), Some(("IH", "IY")));
        assert_eq!(of(&["TH IH1 NG K"], &["S IH1 NG K"]), Some(("TH", "S")));
        assert_eq!(of(&["SH IH1 P"], &["SH IH1 P"]), None, "the same");
        assert_eq!(of(&["SH IH1 P"], &["CH IY1 P"]), None, "two sounds");
        assert_eq!(of(&["SH IH1 P"], &["SH IH1 P S"]), None, "one more sound");
        assert_eq!(of(&["R IY1 D", "R EH1 D"], &["R AE1 D"]), Some(("IY", "AE")), "the usual pronunciation first");
        assert_eq!(of(&["AH0 M"], &["AH1 M"]), None, "stress alone");
    }
}
