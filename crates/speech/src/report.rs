//! From the scorer's numbers to an evaluation: scale, miscues, what is flagged and what was heard.

use std::ops::Range;

use crate::align::Alignment;
use crate::departures::Departures;
use crate::evaluation::{AudioQuality, Evaluation, Miscue, PhoneEvaluation, Scores, Verdict, WordEvaluation};
use crate::inference::Scored;
use crate::model::Decisions;
use crate::phone::{CLASSES, Phone, SILENCE};
use crate::prompt::{Prompt, PromptWord};

/// Length of an encoder frame, milliseconds.
const FRAME_MS: usize = 20;
/// What the frames sounded like.
pub(crate) struct Heard<'a> {
    /// T × 40, averaged over the heads.
    pub(crate) posteriors: &'a [f32],
    /// Where the first frame lies in the recording.
    pub(crate) offset_ms: u32,
    pub(crate) decisions: &'a Decisions,
}

impl Heard<'_> {
    fn ms(&self, frame: usize) -> u32 {
        self.offset_ms + (frame * FRAME_MS) as u32
    }

    /// The sound that the frames of `phone` were taken for, if that is another one and sure enough.
    fn instead_of(&self, phone: Phone, span: &Range<usize>) -> Option<Phone> {
        let mut mean = [0.0f32; CLASSES];
        for row in self.rows(span) {
            for (slot, log) in mean.iter_mut().zip(row) {
                *slot += log.exp() / span.len() as f32;
            }
        }
        let (best, posterior) = mean[..SILENCE].iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let heard = Phone::new(best, None).filter(|heard| heard.is_vowel() == phone.is_vowel())?;
        // A vowel taken for a consonant is a matter of boundaries, not of what was said.
        (posterior > self.decisions.heard_above && best != phone.index()).then_some(heard)
    }

    fn rows(&self, span: &Range<usize>) -> std::slice::ChunksExact<'_, f32> {
        self.posteriors[span.start * CLASSES..span.end * CLASSES].chunks_exact(CLASSES)
    }

    /// The phones one would write down for these frames, without repeats and silence.
    fn transcript(&self, span: &Range<usize>) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        let mut last = SILENCE;
        for row in self.rows(span) {
            let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(SILENCE, |(class, _)| class);
            if best != last && best != SILENCE {
                found.push(best);
            }
            last = best;
        }
        found
    }
}

/// From 0–2 to 0–100 with one decimal.
fn percent(score: f32) -> f32 {
    (score.clamp(0.0, 2.0) * 500.0).round() / 10.0
}

/// Puts an evaluation together.
pub(crate) fn evaluation(
    prompt: &Prompt,
    departures: &Departures,
    scored: &Scored,
    heard: &Heard<'_>,
    audio: AudioQuality,
) -> Evaluation {
    let alignment = &departures.alignment;
    let repeated = repetitions(prompt.words(), alignment, heard);
    let mut words = Vec::with_capacity(prompt.words().len());
    let (mut next_word, mut next_phone) = (0, 0);
    let mut at = heard.ms(first_frame(alignment));
    for (index, (word, aligned)) in prompt.words().iter().zip(&alignment.words).enumerate() {
        words.extend(insertions(alignment, index, &repeated, heard));
        if aligned.spans.is_empty() {
            words.push(blank(word, Miscue::Omission, at));
            continue;
        }
        let phones = &word.pronunciations[aligned.pronunciation];
        let scores = &scored.phones[next_phone..next_phone + phones.len()];
        let mut evaluated = WordEvaluation {
            text: word.text.clone(),
            accuracy: percent(scored.words[next_word][0]),
            stress: percent(scored.words[next_word][1]),
            total: percent(scored.words[next_word][2]),
            start_ms: heard.ms(aligned.spans[0].start),
            end_ms: heard.ms(aligned.spans[phones.len() - 1].end),
            miscue: if repeated.contains(&index) { Miscue::Repetition } else { Miscue::None },
            phones: Vec::with_capacity(phones.len()),
        };
        if departures.replaced.contains(&index) && evaluated.total < heard.decisions.substitution_below {
            evaluated.miscue = Miscue::Substitution;
        }
        for ((&phone, span), &score) in phones.iter().zip(&aligned.spans).zip(scores) {
            let accuracy = percent(score);
            let flagged = accuracy < heard.decisions.flag_below && evaluated.miscue != Miscue::Substitution;
            evaluated.phones.push(PhoneEvaluation {
                phone,
                ipa: phone.ipa(),
                accuracy,
                start_ms: heard.ms(span.start),
                end_ms: heard.ms(span.end),
                flagged,
                heard: if flagged { heard.instead_of(phone, span) } else { None },
            });
        }
        at = evaluated.end_ms;
        next_word += 1;
        next_phone += phones.len();
        words.push(evaluated);
    }
    words.extend(insertions(alignment, prompt.words().len(), &repeated, heard));
    let scores = utterance_scores(&scored.utterance, &words);
    Evaluation { verdict: Verdict::Scored, scores, words, audio }
}

/// The utterance's scores. The scorer has heard only what was said, so what was left out takes its share; of fluency and
/// prosody less, which are of what was said.
fn utterance_scores(utterance: &[f32; 5], words: &[WordEvaluation]) -> Scores {
    let of_prompt = || words.iter().filter(|word| word.miscue != Miscue::Insertion);
    let share_without = |miscues: &[Miscue]| {
        let missing = of_prompt().filter(|word| miscues.contains(&word.miscue)).count();
        1.0 - missing as f32 / of_prompt().count().max(1) as f32
    };
    let share = share_without(&[Miscue::Omission]);
    let [accuracy, _, fluency, prosody, total] = utterance.map(|score| score.clamp(0.0, 2.0));
    Scores {
        accuracy: percent(accuracy * share),
        fluency: percent(fluency * share.sqrt()),
        prosody: percent(prosody * share.sqrt()),
        completeness: percent(2.0 * share_without(&[Miscue::Omission, Miscue::Substitution])),
        total: percent(total * share),
    }
}

fn first_frame(alignment: &Alignment) -> usize {
    alignment.words.iter().find_map(|word| word.spans.first()).map_or(0, |span| span.start)
}

/// Words whose sounds were said once more right before or after them.
fn repetitions(words: &[PromptWord], alignment: &Alignment, heard: &Heard<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    for (before, span) in
        alignment.fillers.iter().filter(|(_, span)| span.len() >= heard.decisions.insertion_frames / 2)
    {
        let said = heard.transcript(span);
        let neighbours = [before.checked_sub(1), Some(*before)];
        let candidates = neighbours.into_iter().flatten().filter(|&index| index < words.len());
        found.extend(candidates.filter(|&index| {
            words[index].pronunciations.iter().any(|phones| {
                let phones: Vec<usize> = phones.iter().map(|phone| phone.index()).collect();
                2 * strsim::generic_levenshtein(&phones, &said) <= phones.len()
            })
        }));
    }
    found
}

/// Other speech before word `index`, unless it was that word or the one before once more.
fn insertions<'a>(
    alignment: &'a Alignment,
    index: usize,
    repeated: &'a [usize],
    heard: &'a Heard<'_>,
) -> impl Iterator<Item = WordEvaluation> + 'a {
    let is_repetition = repeated.contains(&index) || index.checked_sub(1).is_some_and(|i| repeated.contains(&i));
    let here = alignment.fillers.iter().filter(move |(before, _)| *before == index && !is_repetition);
    here.filter(|(_, span)| span.len() >= heard.decisions.insertion_frames).map(|(_, span)| WordEvaluation {
        text: String::new(),
        accuracy: 0.0,
        stress: 0.0,
        total: 0.0,
        start_ms: heard.ms(span.start),
        end_ms: heard.ms(span.end),
        miscue: Miscue::Insertion,
        phones: Vec::new(),
    })
}

/// A word that was not said, or that nobody listened to.
fn blank(word: &PromptWord, miscue: Miscue, at: u32) -> WordEvaluation {
    let phone = |&phone: &Phone| PhoneEvaluation {
        phone,
        ipa: phone.ipa(),
        accuracy: 0.0,
        start_ms: at,
        end_ms: at,
        flagged: false,
        heard: None,
    };
    WordEvaluation {
        text: word.text.clone(),
        accuracy: 0.0,
        stress: 0.0,
        total: 0.0,
        start_ms: at,
        end_ms: at,
        miscue,
        phones: word.pronunciations.first().map_or_else(Vec::new, |phones| phones.iter().map(phone).collect()),
    }
}

/// An evaluation that says only why there is none: all scores zero, every word there with miscue `none`.
pub(crate) fn unscored(prompt: &Prompt, verdict: Verdict, audio: AudioQuality) -> Evaluation {
    let words = prompt.words().iter().map(|word| blank(word, Miscue::None, 0)).collect();
    Evaluation { verdict, scores: Scores::default(), words, audio }
}
