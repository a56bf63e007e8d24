//! Sample data: an evaluation that has one of everything.

use jiayin_speech::evaluation::{AudioQuality, Miscue, PhoneEvaluation, Scores, Verdict, WordEvaluation};
use jiayin_speech::phone::Phone;
use jiayin_speech::{Evaluation, Prompt};

/// Some phones for a word, from its letters: good enough to look at.
pub fn phones(word: &str) -> Vec<Phone> {
    let known = match word.to_ascii_lowercase().trim_matches(|letter: char| !letter.is_ascii_alphabetic()) {
        "i" => "AY1",
        "three" => "TH R IY1",
        "thought" => "TH AO1 T",
        "little" => "L IH1 T AH0 L",
        "very" => "V EH1 R IY0",
        "rabbit" => "R AE1 B AH0 T",
        "the" => "DH AH0",
        "runs" => "R AH1 N Z",
        "fast" => "F AE1 S T",
        "red" => "R EH1 D",
        "bird" => "B ER1 D",
        "see" => "S IY1",
        "ship" => "SH IH1 P",
        "sheep" => "SH IY1 P",
        _ => "K AE1 T",
    };
    known.split(' ').map(|phone| phone.parse().unwrap()).collect()
}

/// An evaluation in which the third word is weak, the fourth fair and the last left out.
pub fn evaluation(prompt: &Prompt) -> Evaluation {
    let count = prompt.words().len();
    let words = prompt.words().iter().enumerate().map(|(index, word)| {
        let omitted = index + 1 == count && count > 4;
        let start = 300 + 400 * index as u32;
        let total = if omitted { 0.0 } else { [92.0, 84.0, 47.0, 63.0][index % 4] };
        let phone = |(place, phone): (usize, &Phone)| PhoneEvaluation {
            phone: *phone,
            ipa: phone.ipa(),
            accuracy: if omitted {
                0.0
            } else if index % 4 == 2 && place == 0 {
                21.0
            } else {
                75.0 + place as f32
            },
            start_ms: start + 90 * place as u32,
            end_ms: start + 90 * (place as u32 + 1),
            flagged: !omitted && index % 4 == 2 && place == 0,
            heard: (!omitted && index % 4 == 2 && place == 0).then(|| "W".parse().unwrap()),
        };
        WordEvaluation {
            text: word.text.clone(),
            accuracy: total,
            stress: 88.0,
            total,
            start_ms: start,
            end_ms: start + 380,
            miscue: if omitted { Miscue::Omission } else { Miscue::None },
            phones: word.pronunciations[0].iter().enumerate().map(phone).collect(),
        }
    });
    Evaluation {
        verdict: Verdict::Scored,
        scores: Scores { accuracy: 72.4, fluency: 85.0, prosody: 68.0, completeness: 80.0, total: 74.0 },
        words: words.collect(),
        audio: AudioQuality { duration_ms: 3200, speech_ms: 2100, level_db: -24.0, snr_db: 31.0, clipped: 0.02 },
    }
}

/// An evaluation without scores.
pub fn unscored(verdict: Verdict) -> Evaluation {
    Evaluation { verdict, scores: Scores::default(), words: Vec::new(), audio: AudioQuality::default() }
}
