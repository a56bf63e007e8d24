//! The facade: a loaded model that scores recordings.

use std::ops::Range;
use std::sync::Arc;

use rten::ThreadPool;

use crate::align::{Alignment, Penalties, align};
use crate::audio::Audio;
use crate::departures::{self, mean};
use crate::evaluation::{AudioQuality, Evaluation, Verdict};
use crate::features::{self, MelExtractor, PitchTracker, frame_energy};
pub use crate::inference::ScoreError;
use crate::inference::{self, Encoded, ScorerInput, Threads};
use crate::model::LoadedModel;
pub use crate::model::ModelError;
use crate::phone::{CLASSES, Phone, SILENCE};
use crate::phone_features::phone_features;
use crate::prompt::{Prompt, PromptError, PromptWord};
use crate::quality::{SILENT_BELOW, quality};
use crate::report::{self, Heard};
use crate::statistics::{Tracks, utterance_statistics};
use crate::text::{G2p, TextReader};

/// Longest speech that is scored, in samples: a minute for a paragraph, and a breath before and after.
const MAX_SAMPLES: usize = 65 * 16_000;
/// Least speech, seconds, that a phone of the prompt needs on average: a third of the fastest talkers' pace.
const SECONDS_A_PHONE: f32 = 0.02;
/// Least length of what counts as speech at all, seconds.
const SHORTEST_SPEECH: f32 = 0.12;
/// Below this signal-to-noise ratio (dB), what does not fit is blamed on the noise.
const NOISY_BELOW: f32 = 6.0;
/// Longest speech that is scored, milliseconds.
pub const MAX_SPEECH_MS: u32 = (MAX_SAMPLES / 16) as u32;

/// A loaded model. `Send + Sync`; one is enough for any number of threads.
pub struct Scorer {
    model: LoadedModel,
    reader: TextReader,
    mel: MelExtractor,
    pitch: PitchTracker,
    threads: Threads,
}

impl Scorer {
    /// Loads a model from the bytes of a model file.
    ///
    /// # Errors
    /// If the bytes are not a model of a version this code knows.
    pub fn load(bytes: &'static [u8]) -> Result<Self, ModelError> {
        let model = LoadedModel::load(bytes)?;
        let reader = TextReader::new(G2p::load(model.g2p)?)?;
        Ok(Self { model, reader, mel: MelExtractor::new(), pitch: PitchTracker::new(), threads: Threads::default() })
    }

    /// Name and version of the model, to be kept with every evaluation.
    pub fn model_version(&self) -> &str {
        &self.model.version
    }

    /// Reads an English text as people read it: words with their accepted pronunciations.
    ///
    /// # Errors
    /// If the text has nothing to read, is not English, or is too long.
    pub fn prompt(&self, text: &str) -> Result<Prompt, PromptError> {
        Prompt::new(self.reader.read(text)?)
    }

    /// What reads texts: the dictionary and the network for unknown words.
    pub fn reader(&self) -> &TextReader {
        &self.reader
    }

    /// Evaluates a recording against a prompt, on one thread. The same input gives the same output, however many
    /// threads score at once.
    ///
    /// # Errors
    /// If the inference runtime fails.
    pub fn score(&self, audio: &Audio, prompt: &Prompt) -> Result<Evaluation, ScoreError> {
        let energy = frame_energy(audio.samples());
        let audio_quality = quality(audio, &energy);
        let range = features::trim(audio.samples(), &energy);
        if let Some(verdict) = verdict_by_loudness(&audio_quality, &range, prompt) {
            return Ok(unscored(prompt, verdict, audio_quality));
        }
        self.threads
            .run(|pool| self.score_speech(&audio.samples()[range.clone()], range.start, prompt, audio_quality, pool))
    }

    fn score_speech(
        &self,
        samples: &[f32],
        offset: usize,
        prompt: &Prompt,
        audio: AudioQuality,
        pool: &Arc<ThreadPool>,
    ) -> Result<Evaluation, ScoreError> {
        let encoded = self.encode(samples, pool)?;
        let posteriors = encoded.mean_log_posteriors();
        if sounding(&posteriors) < SHORTEST_SPEECH {
            return Ok(unscored(prompt, noisy_or(Verdict::NoSpeech, &audio), audio));
        }
        let words = prompt.words();
        let forced = align(&posteriors, &self.model.log_prior, words, &Penalties::forced(words.len()));
        if forced.words.iter().any(|word| word.spans.is_empty()) {
            return Ok(unscored(prompt, Verdict::TooShort, audio));
        }
        let tracks = (frame_energy(samples), self.pitch.track(samples));
        let score = |alignment: &Alignment| {
            inference::score(&self.model, &self.scorer_input(&tracks, &encoded, alignment, words), pool)
        };
        let decisions = &self.model.decisions;
        let mut scored = score(&forced)?;
        if 50.0 * scored.phones.iter().sum::<f32>() / (scored.phones.len() as f32) < decisions.wrong_text_below {
            return Ok(unscored(prompt, noisy_or(Verdict::WrongText, &audio), audio));
        }
        let mut departures = departures::find(&posteriors, &self.model, words, &forced, &scored.phones);
        if departures.any {
            let other = score(&departures.alignment)?;
            if departures.explain(&forced, &scored.phones, &other.phones, decisions.worse_by / 50.0) {
                // Speech between the words says little of the words themselves: of the two alignments the kinder one counts.
                if departures.omits() || mean(&other.phones) >= mean(&scored.phones) {
                    scored = other;
                }
            } else {
                departures = departures.forget(forced);
            }
        }
        if departures.said() * 2 < words.len() {
            return Ok(unscored(prompt, Verdict::WrongText, audio));
        }
        let heard = Heard { posteriors: &posteriors, offset_ms: (offset / 16) as u32, decisions };
        Ok(report::evaluation(prompt, &departures, &scored, &heard, audio))
    }

    /// What the encoder says of the speech, which is heard piece by piece where it is longer than the encoder has positions for.
    fn encode(&self, samples: &[f32], pool: &Arc<ThreadPool>) -> Result<Encoded, ScoreError> {
        let pieces = features::pieces(samples);
        let last = pieces.len().saturating_sub(1);
        let mut whole: Option<Encoded> = None;
        for (place, piece) in pieces.into_iter().enumerate() {
            let frames = piece.len() / features::ENCODER_STEP;
            let encoded = inference::encode(&self.model, &self.mel.extract(&samples[piece]), pool)?;
            // What is heard of the silence behind a piece belongs to the last one only.
            let encoded = if place == last { encoded } else { encoded.first(frames) };
            whole = Some(match whole {
                Some(whole) => whole.join(encoded),
                None => encoded,
            });
        }
        match whole {
            Some(encoded) => Ok(encoded),
            None => inference::encode(&self.model, &self.mel.extract(samples), pool),
        }
    }

    /// What the scorer is to look at: the words that were said.
    fn scorer_input(
        &self,
        (energy, pitch): &(Vec<f32>, Vec<f32>),
        encoded: &Encoded,
        alignment: &Alignment,
        words: &[PromptWord],
    ) -> ScorerInput {
        let mut input = ScorerInput::default();
        let mut spans: Vec<Range<usize>> = Vec::new();
        let mut classes = Vec::new();
        let mut vowels = Vec::new();
        for (aligned, word) in alignment.words.iter().zip(words).filter(|(aligned, _)| !aligned.spans.is_empty()) {
            let phones = &word.pronunciations[aligned.pronunciation];
            let index = input.words.len() as i32;
            input.words.push(spans.len()..spans.len() + phones.len());
            spans.extend(aligned.spans.iter().cloned());
            for (place, (phone, stress)) in phones.iter().zip(stress_classes(phones)).enumerate() {
                classes.push(phone.index());
                vowels.push(phone.is_vowel());
                input.phones.push([phone.index() as i32, stress, place_class(place, phones.len()), index.min(31)]);
            }
        }
        let tracks = Tracks { energy, pitch };
        for head in 0..self.model.heads {
            let found = phone_features(&encoded.head(head), &spans, &classes);
            let statistics = utterance_statistics(&spans, &vowels, input.words.len(), &tracks, &found.fits);
            input.statistics.extend(statistics);
            input.features.extend(found.features);
            input.vectors.extend(found.vectors);
        }
        input
    }
}

/// An evaluation that says only why there is none: all scores zero.
pub fn unscored(prompt: &Prompt, verdict: Verdict, audio: AudioQuality) -> Evaluation {
    report::unscored(prompt, verdict, audio)
}

/// What can be said without listening.
fn verdict_by_loudness(audio: &AudioQuality, range: &Range<usize>, prompt: &Prompt) -> Option<Verdict> {
    let phones: usize =
        prompt.words().iter().map(|word| word.pronunciations.iter().map(Vec::len).min().unwrap_or(0)).sum();
    let seconds = audio.speech_ms as f32 / 1000.0;
    if range.len() > MAX_SAMPLES {
        Some(Verdict::TooLong)
    } else if audio.speech_ms == 0 || audio.level_db < SILENT_BELOW {
        Some(if audio.duration_ms < 300 { Verdict::TooShort } else { Verdict::NoSpeech })
    } else if seconds < SECONDS_A_PHONE * phones as f32 {
        Some(Verdict::TooShort)
    } else {
        None
    }
}

/// Blames the noise where there is much of it.
fn noisy_or(verdict: Verdict, audio: &AudioQuality) -> Verdict {
    if audio.snr_db < NOISY_BELOW && audio.speech_ms > 0 { Verdict::TooNoisy } else { verdict }
}

/// Seconds of frames that sound like a phone rather than silence or noise.
fn sounding(log_posteriors: &[f32]) -> f32 {
    let half = 0.5f32.ln();
    let frames = log_posteriors.chunks_exact(CLASSES).filter(|frame| frame[SILENCE] < half).count();
    frames as f32 * crate::statistics::SECONDS
}

/// The scorer's stress input; see `stress_classes` in `training/ear/phones.py`.
fn stress_classes(phones: &[Phone]) -> Vec<i32> {
    let vowels = phones.iter().filter(|phone| phone.is_vowel()).count();
    let class = |phone: &Phone| match (phone.is_vowel(), vowels, phone.stress()) {
        (false, ..) => 0,
        (true, 1, _) => 1,
        (true, _, Some(0)) => 2,
        (true, _, Some(_)) => 3,
        (true, _, None) => 4,
    };
    phones.iter().map(class).collect()
}

/// The scorer's place input: 0 only, 1 first, 2 middle, 3 last.
fn place_class(place: usize, length: usize) -> i32 {
    match (place, length) {
        (0, 1) => 0,
        (0, _) => 1,
        (place, length) if place + 1 == length => 3,
        _ => 2,
    }
}
