//! The pronouncing dictionary: CMUdict and a small supplement, packed by `build.rs` and searched where it lies.

use super::TextError;
use crate::phone::Phone;
use crate::prompt::Pronunciation;

static MAP: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.fst"));
static PHONES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.phones"));

/// The embedded dictionary. Costs nothing to load and next to no memory of its own.
pub struct Lexicon {
    map: fst::Map<&'static [u8]>,
}

impl Lexicon {
    /// The dictionary that is built into the library.
    ///
    /// # Errors
    /// If the embedded data is damaged.
    pub fn embedded() -> Result<Self, TextError> {
        let map = fst::Map::new(MAP).map_err(|error| TextError(error.to_string()))?;
        Ok(Self { map })
    }

    /// Pronunciations of a lower-case word, the usual one first; empty if the word is not in the dictionary.
    pub fn get(&self, word: &str) -> Vec<Pronunciation> {
        self.map.get(word).and_then(|place| unpack(PHONES.get(place as usize..)?)).unwrap_or_default()
    }

    /// Whether the dictionary has the lower-case word.
    pub fn contains(&self, word: &str) -> bool {
        self.map.contains_key(word)
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no word at all.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Bytes of the embedded data.
    pub fn size(&self) -> usize {
        MAP.len() + PHONES.len()
    }
}

fn unpack(bytes: &[u8]) -> Option<Vec<Pronunciation>> {
    let (&count, mut rest) = bytes.split_first()?;
    let mut pronunciations = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (&length, tail) = rest.split_first()?;
        let (phones, tail) = tail.split_at_checked(usize::from(length))?;
        let phone = |byte: &u8| Phone::new(usize::from(byte >> 2), Some(byte & 3).filter(|stress| *stress < 3));
        pronunciations.push(phones.iter().map(phone).collect::<Option<Pronunciation>>()?);
        rest = tail;
    }
    Some(pronunciations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(word: &str) -> Vec<String> {
        let phones = |p: Pronunciation| p.iter().map(Phone::to_string).collect::<Vec<_>>().join(" ");
        Lexicon::embedded().unwrap().get(word).into_iter().map(phones).collect()
    }

    #[test]
    fn words_have_all_their_pronunciations() {
        assert_eq!(said("bear"), ["B EH1 R"]);
        assert_eq!(said("read"), ["R EH1 D", "R IY1 D"]);
        assert_eq!(said("the"), ["DH AH0", "DH AH1", "DH IY0", "DH IY1"]);
        assert_eq!(said("of"), ["AH1 V", "AH0 V", "AH0"]);
        assert!(said("qqq").is_empty());
    }

    #[test]
    fn every_entry_can_be_unpacked() {
        use fst::Streamer;
        let lexicon = Lexicon::embedded().unwrap();
        let mut stream = lexicon.map.stream();
        while let Some((word, _)) = stream.next() {
            let word = std::str::from_utf8(word).unwrap();
            let pronunciations = lexicon.get(word);
            assert!(!pronunciations.is_empty() && pronunciations.iter().all(|p| !p.is_empty()), "{word}");
        }
        assert!(lexicon.len() > 125_000 && lexicon.size() < 2_500_000, "{} {}", lexicon.len(), lexicon.size());
    }

    #[test]
    fn every_letter_has_a_name() {
        for letter in 'a'..='z' {
            assert!(!said(&format!("{letter}.")).is_empty(), "{letter}");
        }
    }
}
