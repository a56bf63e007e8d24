//! What the evaluation of a recording looks like, for the document. What is sent is the engine's own form, the same that
//! `jiayin score` writes; a test holds the two together.

use serde::Serialize;
use utoipa::ToSchema;

/// All that the ear said of a recording: scores are 0–100, times milliseconds from its beginning.
#[derive(Serialize, ToSchema)]
#[schema(as = Evaluation)]
pub struct EvaluationForm {
    /// Whether, and if not why not, it could be scored.
    verdict: VerdictForm,
    /// Scores of the whole; all zero unless the verdict is `scored`.
    scores: ScoresForm,
    /// Words in the order in which they were said.
    words: Vec<WordForm>,
    /// The recording itself.
    audio: AudioForm,
}

/// Whether it could be scored.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Verdict)]
pub enum VerdictForm {
    /// A reading of the text.
    Scored,
    /// Nothing that sounds like speech.
    NoSpeech,
    /// Far too little speech for the text.
    TooShort,
    /// Speech that is drowned in noise.
    TooNoisy,
    /// Speech that is not a reading of the text.
    WrongText,
    /// Longer than the scorer takes.
    TooLong,
}

/// Scores of the whole.
#[derive(Serialize, ToSchema)]
#[schema(as = Scores)]
pub struct ScoresForm {
    /// Accuracy of the sounds.
    #[schema(minimum = 0, maximum = 100, example = 72.4)]
    accuracy: f32,
    /// Flow: speed, pauses, repetitions.
    #[schema(minimum = 0, maximum = 100, example = 85.0)]
    fluency: f32,
    /// Intonation, rhythm and stress.
    #[schema(minimum = 0, maximum = 100, example = 68.0)]
    prosody: f32,
    /// Share of the text that was said.
    #[schema(minimum = 0, maximum = 100, example = 100.0)]
    completeness: f32,
    /// Overall.
    #[schema(minimum = 0, maximum = 100, example = 74.0)]
    total: f32,
}

/// How a word of the text was read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Miscue)]
pub enum MiscueForm {
    /// As expected.
    None,
    /// Left out.
    Omission,
    /// Said, but not in the text.
    Insertion,
    /// Said more than once.
    Repetition,
    /// Another word was said in its place.
    Substitution,
}

/// One word.
#[derive(Serialize, ToSchema)]
#[schema(as = Word)]
pub struct WordForm {
    /// As written in the text; empty for an insertion.
    #[schema(example = "rabbit")]
    text: String,
    /// Accuracy of its sounds.
    #[schema(minimum = 0, maximum = 100, example = 84.0)]
    accuracy: f32,
    /// Stress on the right syllable.
    #[schema(minimum = 0, maximum = 100, example = 88.0)]
    stress: f32,
    /// Overall.
    #[schema(minimum = 0, maximum = 100, example = 84.0)]
    total: f32,
    /// Its start.
    #[schema(example = 300)]
    start_ms: u32,
    /// Its end.
    #[schema(example = 680)]
    end_ms: u32,
    /// How it was read.
    miscue: MiscueForm,
    /// Its sounds in order.
    phones: Vec<PhoneForm>,
}

/// One sound of a word.
#[derive(Serialize, ToSchema)]
#[schema(as = Phone)]
pub struct PhoneForm {
    /// The sound in ARPAbet with its stress.
    #[schema(example = "AE1")]
    arpabet: String,
    /// The same in the International Phonetic Alphabet.
    #[schema(example = "æ")]
    ipa: String,
    /// Accuracy.
    #[schema(minimum = 0, maximum = 100, example = 76.0)]
    accuracy: f32,
    /// Its start.
    #[schema(example = 390)]
    start_ms: u32,
    /// Its end.
    #[schema(example = 480)]
    end_ms: u32,
    /// Mispronounced, and sure enough to tell a child.
    flagged: bool,
    /// The sound it was taken for (ARPAbet without stress); `null` where unsure.
    #[schema(example = "EH")]
    heard: Option<String>,
}

/// What the recording itself is like.
#[derive(Serialize, ToSchema)]
#[schema(as = AudioQuality)]
pub struct AudioForm {
    /// Length in milliseconds.
    #[schema(example = 3200)]
    duration_ms: u32,
    /// Of which speech.
    #[schema(example = 2100)]
    speech_ms: u32,
    /// Level of the speech in dB relative to full scale.
    #[schema(example = -24.0)]
    level_db: f32,
    /// Speech against background in dB.
    #[schema(example = 31.0)]
    snr_db: f32,
    /// Share of samples at full scale, 0–1.
    #[schema(minimum = 0, maximum = 1, example = 0.0)]
    clipped: f32,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiayin_speech::Evaluation;
    use jiayin_speech::evaluation::{AudioQuality, Miscue, PhoneEvaluation, Scores, Verdict, WordEvaluation};
    use serde_json::Value;

    use super::*;

    /// The names of a value, and of what is in it.
    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                found.insert(name.clone());
                names(value, found);
            }),
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }

    fn named(value: impl Serialize) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        names(&serde_json::to_value(value).unwrap(), &mut found);
        found
    }

    #[test]
    fn the_form_is_the_engines() {
        let phone = "AE1".parse().unwrap();
        let sent = Evaluation {
            verdict: Verdict::Scored,
            scores: Scores::default(),
            words: vec![WordEvaluation {
                text: "cat".to_owned(),
                accuracy: 1.0,
                stress: 1.0,
                total: 1.0,
                start_ms: 0,
                end_ms: 1,
                miscue: Miscue::None,
                phones: vec![PhoneEvaluation {
                    phone,
                    ipa: "æ",
                    accuracy: 1.0,
                    start_ms: 0,
                    end_ms: 1,
                    flagged: false,
                    heard: None,
                }],
            }],
            audio: AudioQuality::default(),
        };
        let phone = PhoneForm {
            arpabet: String::new(),
            ipa: String::new(),
            accuracy: 0.0,
            start_ms: 0,
            end_ms: 0,
            flagged: false,
            heard: None,
        };
        let word = WordForm {
            text: String::new(),
            accuracy: 0.0,
            stress: 0.0,
            total: 0.0,
            start_ms: 0,
            end_ms: 0,
            miscue: MiscueForm::None,
            phones: vec![phone],
        };
        let described = EvaluationForm {
            verdict: VerdictForm::Scored,
            scores: ScoresForm { accuracy: 0.0, fluency: 0.0, prosody: 0.0, completeness: 0.0, total: 0.0 },
            words: vec![word],
            audio: AudioForm { duration_ms: 0, speech_ms: 0, level_db: 0.0, snr_db: 0.0, clipped: 0.0 },
        };
        assert_eq!(named(&sent), named(&described));
        for (ours, theirs) in [
            (VerdictForm::NoSpeech, Verdict::NoSpeech),
            (VerdictForm::TooShort, Verdict::TooShort),
            (VerdictForm::TooNoisy, Verdict::TooNoisy),
            (VerdictForm::WrongText, Verdict::WrongText),
            (VerdictForm::TooLong, Verdict::TooLong),
        ] {
            assert_eq!(serde_json::to_value(ours).unwrap(), serde_json::to_value(theirs).unwrap());
        }
        for (ours, theirs) in [
            (MiscueForm::Omission, Miscue::Omission),
            (MiscueForm::Insertion, Miscue::Insertion),
            (MiscueForm::Repetition, Miscue::Repetition),
            (MiscueForm::Substitution, Miscue::Substitution),
        ] {
            assert_eq!(serde_json::to_value(ours).unwrap(), serde_json::to_value(theirs).unwrap());
        }
    }
}
