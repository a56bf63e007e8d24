//! What comes out: the evaluation of one recording, from the utterance down to the phone.
//!
//! The serialised form is the contract of `jiayin score`; scores are 0–100, times are milliseconds from the start
//! of the recording.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::phone::Phone;

/// Whether, and if not why not, a recording could be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Speech that is a reading of the prompt.
    Scored,
    /// Nothing that sounds like speech.
    NoSpeech,
    /// Speech, but far too little of it for the prompt.
    TooShort,
    /// Speech that is drowned in noise.
    TooNoisy,
    /// Speech that is not a reading of the prompt.
    WrongText,
    /// Longer than the scorer takes.
    TooLong,
}

/// How a word of the prompt was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Miscue {
    /// Read as expected.
    None,
    /// Left out.
    Omission,
    /// Said, but not in the prompt: an entry of its own, without text or phones.
    Insertion,
    /// Read, and said more than once.
    Repetition,
    /// Another word was said in its place.
    Substitution,
}

/// Scores of the utterance, 0–100. All zero unless the verdict is `scored`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Accuracy of the sounds.
    pub accuracy: f32,
    /// Flow: speed, pauses, repetitions.
    pub fluency: f32,
    /// Intonation, rhythm and stress.
    pub prosody: f32,
    /// Share of the prompt that was said.
    pub completeness: f32,
    /// Overall.
    pub total: f32,
}

/// One sound of a word.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhoneEvaluation {
    /// The canonical phone, serialised as ARPAbet with its stress digit (`AH0`).
    #[serde(rename = "arpabet", serialize_with = "display")]
    pub phone: Phone,
    /// The same in the International Phonetic Alphabet.
    pub ipa: &'static str,
    /// 0–100.
    pub accuracy: f32,
    /// Start in milliseconds.
    pub start_ms: u32,
    /// End in milliseconds.
    pub end_ms: u32,
    /// Mispronounced, and sure enough to tell a child.
    pub flagged: bool,
    /// The sound it was taken for (ARPAbet without stress), or `None` where unsure.
    #[serde(serialize_with = "display_option")]
    pub heard: Option<Phone>,
}

/// One word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordEvaluation {
    /// As written in the prompt; empty for an insertion.
    pub text: String,
    /// Accuracy of the word's sounds, 0–100.
    pub accuracy: f32,
    /// Stress on the right syllable, 0–100.
    pub stress: f32,
    /// Overall, 0–100.
    pub total: f32,
    /// Start in milliseconds.
    pub start_ms: u32,
    /// End in milliseconds.
    pub end_ms: u32,
    /// How the word was read.
    pub miscue: Miscue,
    /// Its sounds in order, one for each canonical phone.
    pub phones: Vec<PhoneEvaluation>,
}

/// What the recording itself is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct AudioQuality {
    /// Length of the recording in milliseconds.
    pub duration_ms: u32,
    /// Of which speech.
    pub speech_ms: u32,
    /// Level of the speech in dB relative to full scale (RMS).
    pub level_db: f32,
    /// Speech against background, dB.
    pub snr_db: f32,
    /// Share of samples at full scale, 0–1.
    pub clipped: f32,
}

/// The evaluation of one recording against one prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Whether it could be scored.
    pub verdict: Verdict,
    /// Scores of the whole.
    pub scores: Scores,
    /// Words in the order they were said.
    pub words: Vec<WordEvaluation>,
    /// The recording itself.
    pub audio: AudioQuality,
}

fn display<S: Serializer>(phone: &Phone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(phone)
}

fn display_option<S: Serializer>(phone: &Option<Phone>, serializer: S) -> Result<S::Ok, S::Error> {
    match phone {
        Some(phone) => serializer.collect_str(phone),
        None => serializer.serialize_none(),
    }
}

/// A phone as it is written down, before the symbols are looked up.
#[derive(Deserialize)]
struct WrittenPhone {
    arpabet: String,
    accuracy: f32,
    start_ms: u32,
    end_ms: u32,
    flagged: bool,
    heard: Option<String>,
}

impl<'de> Deserialize<'de> for PhoneEvaluation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = WrittenPhone::deserialize(deserializer)?;
        let phone: Phone = written.arpabet.parse().map_err(D::Error::custom)?;
        let heard = written.heard.map(|heard| heard.parse()).transpose().map_err(D::Error::custom)?;
        Ok(Self {
            phone,
            ipa: phone.ipa(),
            accuracy: written.accuracy,
            start_ms: written.start_ms,
            end_ms: written.end_ms,
            flagged: written.flagged,
            heard,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read_back() {
        let phone = |symbol: &str, heard: Option<&str>| {
            let phone: Phone = symbol.parse().unwrap();
            let heard = heard.map(|heard| heard.parse().unwrap());
            let ipa = phone.ipa();
            PhoneEvaluation { phone, ipa, accuracy: 51.5, start_ms: 10, end_ms: 90, flagged: true, heard }
        };
        let word = WordEvaluation {
            text: "Bear".to_owned(),
            accuracy: 60.0,
            stress: 99.5,
            total: 61.0,
            start_ms: 10,
            end_ms: 400,
            miscue: Miscue::Repetition,
            phones: vec![phone("B", None), phone("EH1", Some("AE")), phone("R", None)],
        };
        let evaluation = Evaluation {
            verdict: Verdict::Scored,
            scores: Scores { total: 70.0, ..Scores::default() },
            words: vec![word],
            audio: AudioQuality { duration_ms: 900, level_db: -20.5, ..AudioQuality::default() },
        };
        let written = serde_json::to_string(&evaluation).unwrap();
        assert_eq!(serde_json::from_str::<Evaluation>(&written).unwrap(), evaluation);
        assert!(serde_json::from_str::<Evaluation>(&written.replace("EH1", "QQ")).is_err());
    }
}
