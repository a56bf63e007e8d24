//! The sounds: the 39 ARPAbet phones of American English, their stress digits and their IPA signs.

use std::fmt;
use std::str::FromStr;

/// ARPAbet symbols in the order of the model's output classes; class 39 is silence.
pub const ARPABET: [&str; 39] = [
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH", "K",
    "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
];

const IPA: [&str; 39] = [
    "ɑ", "æ", "ʌ", "ɔ", "aʊ", "aɪ", "b", "tʃ", "d", "ð", "ɛ", "ɝ", "eɪ", "f", "ɡ", "h", "ɪ", "i", "dʒ", "k", "l", "m",
    "n", "ŋ", "oʊ", "ɔɪ", "p", "ɹ", "s", "ʃ", "t", "θ", "ʊ", "u", "v", "w", "j", "z", "ʒ",
];

const VOWELS: u64 = {
    // AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW
    let indices = [0, 1, 2, 3, 4, 5, 10, 11, 12, 16, 17, 24, 25, 32, 33];
    let mut bits = 0u64;
    let mut i = 0;
    while i < indices.len() {
        bits |= 1 << indices[i];
        i += 1;
    }
    bits
};

/// The class of silence in the model's posteriors.
pub const SILENCE: usize = 39;
/// Number of classes in the model's posteriors: 39 phones and silence.
pub const CLASSES: usize = 40;

/// One sound of a word: an ARPAbet phone and, on a vowel, its lexical stress.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Phone {
    index: u8,
    stress: Option<u8>,
}

/// A symbol that is not one of the 39 ARPAbet phones with an optional stress digit 0–2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an ARPAbet phone (such as AH0, IY1 or TH)")]
pub struct UnknownPhone(pub String);

impl Phone {
    /// The phone with the given class index (0–38) and stress; `None` outside that range.
    pub fn new(index: usize, stress: Option<u8>) -> Option<Self> {
        let vowel = index < ARPABET.len() && VOWELS >> index & 1 == 1;
        (index < ARPABET.len() && stress.is_none_or(|digit| vowel && digit <= 2))
            .then_some(Self { index: index as u8, stress })
    }

    /// Class index in the model's posteriors, 0–38.
    pub fn index(self) -> usize {
        usize::from(self.index)
    }

    /// Lexical stress: 0 none, 1 primary, 2 secondary; `None` where not given or on a consonant.
    pub fn stress(self) -> Option<u8> {
        self.stress
    }

    /// Whether this is one of the 15 vowels.
    pub fn is_vowel(self) -> bool {
        VOWELS >> self.index & 1 == 1
    }

    /// The ARPAbet symbol without its stress digit.
    pub fn symbol(self) -> &'static str {
        ARPABET[self.index()]
    }

    /// The sign of the International Phonetic Alphabet; unstressed AH is schwa, unstressed ER its rhotic form.
    pub fn ipa(self) -> &'static str {
        match (self.symbol(), self.stress) {
            ("AH", Some(0)) => "ə",
            ("ER", Some(0)) => "ɚ",
            _ => IPA[self.index()],
        }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())?;
        self.stress.map_or(Ok(()), |digit| write!(f, "{digit}"))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Phone {
    type Err = UnknownPhone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownPhone(text.chars().take(16).collect());
        let (symbol, stress) = match text.as_bytes().last() {
            Some(digit @ b'0'..=b'2') => (&text[..text.len() - 1], Some(digit - b'0')),
            _ => (text, None),
        };
        let symbol = symbol.to_ascii_uppercase();
        let index = ARPABET.iter().position(|known| *known == symbol).ok_or_else(unknown)?;
        Phone::new(index, stress).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_round_trip() {
        for text in ["AH0", "IY1", "TH", "ER2", "ZH", "AA"] {
            assert_eq!(text.parse::<Phone>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn junk_is_refused() {
        for text in ["", "1", "XX", "T1", "AH3", "é", "AH01"] {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }

    #[test]
    fn schwa_is_written_as_schwa() {
        assert_eq!("AH0".parse::<Phone>().unwrap().ipa(), "ə");
        assert_eq!("AH1".parse::<Phone>().unwrap().ipa(), "ʌ");
    }
}
