//! What comes out: the evaluation of one recording, from the utterance down to the phone.
//!
//! The serialised form is the contract of `jiayin score`; scores are 0–100, times are milliseconds from the start
//! of the recording.

use serde::{Serialize, Serializer};

use crate::phone::Phone;

/// Whether, and if not why not, a recording could be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
