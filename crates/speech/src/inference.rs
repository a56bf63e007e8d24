//! Runs the model's graphs, each call on one thread of its own.

use std::sync::{Arc, Mutex, PoisonError};

use rten::{Model, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use crate::features::MELS;
use crate::model::LoadedModel;
use crate::phone::CLASSES;
use crate::phone_features;
use crate::statistics;

/// The model failed; never caused by the recording or the prompt alone.
#[derive(Debug, thiserror::Error)]
#[error("the speech model failed: {0}")]
pub struct ScoreError(String);

impl ScoreError {
    fn new(error: impl ToString) -> Self {
        Self(error.to_string())
    }
}

/// Threads for the runtime, one a caller: a caller takes one and brings it back, so there are never more than callers.
#[derive(Default)]
pub(crate) struct Threads {
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

impl Threads {
    /// Runs `work` on a thread that belongs to it alone.
    pub(crate) fn run<R: Send>(&self, work: impl FnOnce(&Arc<ThreadPool>) -> R + Send) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let pool = taken.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)));
        let result = pool.run(|| work(&pool));
        idle().push(pool);
        result
    }
}

/// What the encoder says, for each head.
pub(crate) struct Encoded {
    /// Number of frames of 20 ms.
    frames: usize,
    heads: usize,
    width: usize,
    /// T × heads × 40.
    log_posteriors: Vec<f32>,
    /// T × heads × width.
    vectors: Vec<f32>,
}

impl Encoded {
    /// Frame posteriors and vectors of one head.
    pub(crate) fn head(&self, head: usize) -> phone_features::Frames<'_> {
        phone_features::Frames {
            log_posteriors: &self.log_posteriors,
            vectors: &self.vectors,
            width: self.width,
            head,
            heads: self.heads,
        }
    }

    /// The first frames alone.
    pub(crate) fn first(mut self, frames: usize) -> Self {
        self.frames = self.frames.min(frames);
        self.log_posteriors.truncate(self.frames * self.heads * CLASSES);
        self.vectors.truncate(self.frames * self.heads * self.width);
        self
    }

    /// With the frames of what was said after it.
    pub(crate) fn join(mut self, mut after: Self) -> Self {
        self.frames += after.frames;
        self.log_posteriors.append(&mut after.log_posteriors);
        self.vectors.append(&mut after.vectors);
        self
    }

    /// Log posteriors averaged over the heads, T × 40.
    pub(crate) fn mean_log_posteriors(&self) -> Vec<f32> {
        let mut mean = vec![0.0; self.frames * CLASSES];
        let frames = self.log_posteriors.chunks_exact(self.heads * CLASSES);
        for (slots, heads) in mean.chunks_exact_mut(CLASSES).zip(frames) {
            for head in heads.chunks_exact(CLASSES) {
                for (slot, value) in slots.iter_mut().zip(head) {
                    *slot += value / self.heads as f32;
                }
            }
        }
        mean
    }
}

/// The phones and words that the scorer looks at.
#[derive(Default)]
pub(crate) struct ScorerInput {
    /// heads × P × 88.
    pub(crate) features: Vec<f32>,
    /// heads × P × width.
    pub(crate) vectors: Vec<f32>,
    /// heads × 28.
    pub(crate) statistics: Vec<f32>,
    /// Class, stress class, place class and word of each phone.
    pub(crate) phones: Vec<[i32; 4]>,
    /// Phones of each word, as a range.
    pub(crate) words: Vec<std::ops::Range<usize>>,
}

/// The scorer's output on the scale 0–2.
pub(crate) struct Scored {
    pub(crate) phones: Vec<f32>,
    /// Accuracy, stress, total.
    pub(crate) words: Vec<[f32; 3]>,
    /// Accuracy, completeness, fluency, prosody, total.
    pub(crate) utterance: [f32; 5],
}

fn run<const N: usize>(
    model: &Model,
    inputs: Vec<(&str, ValueOrView<'_>)>,
    outputs: [&str; N],
    pool: &Arc<ThreadPool>,
) -> Result<[Vec<f32>; N], ScoreError> {
    let mut ids = Vec::with_capacity(inputs.len());
    for (name, value) in inputs {
        ids.push((model.node_id(name).map_err(ScoreError::new)?, value));
    }
    let mut wanted = Vec::with_capacity(N);
    for name in outputs {
        wanted.push(model.node_id(name).map_err(ScoreError::new)?);
    }
    let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
    let values = model.run(ids, &wanted, Some(options)).map_err(ScoreError::new)?;
    let mut found = Vec::with_capacity(N);
    for value in values {
        let Value::FloatTensor(tensor) = value else {
            return Err(ScoreError::new("an output is not of floats"));
        };
        found.push(tensor.to_vec());
    }
    found.try_into().map_err(|_| ScoreError::new("an output is missing"))
}

/// Runs the encoder over an 80 × F log-mel, row-major, F even.
pub(crate) fn encode(model: &LoadedModel, mel: &[f32], pool: &Arc<ThreadPool>) -> Result<Encoded, ScoreError> {
    let mel = NdTensorView::from_data([1, MELS, mel.len() / MELS], mel);
    let frames = mel.size(2) / 2;
    let [log_posteriors, vectors] =
        run(&model.encoder, vec![("mel", mel.into())], ["log_posteriors", "vectors"], pool)?;
    if log_posteriors.len() != model.heads * frames * CLASSES || vectors.len() != model.heads * frames * model.vector {
        return Err(ScoreError::new("the encoder's outputs have an unexpected shape"));
    }
    Ok(Encoded { frames, heads: model.heads, width: model.vector, log_posteriors, vectors })
}

/// Runs the scorer.
pub(crate) fn score(model: &LoadedModel, input: &ScorerInput, pool: &Arc<ThreadPool>) -> Result<Scored, ScoreError> {
    let (heads, count, words) = (model.heads, input.phones.len(), input.words.len());
    let features = NdTensorView::from_data([heads, count, phone_features::COUNT], input.features.as_slice());
    let vectors = NdTensorView::from_data([heads, count, model.vector], input.vectors.as_slice());
    let statistics = NdTensorView::from_data([heads, statistics::COUNT], input.statistics.as_slice());
    let ids = |which: usize| {
        NdTensor::from_data([1, count], input.phones.iter().map(|phone| phone[which]).collect::<Vec<i32>>())
    };
    let longest = input.words.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    let mut gather = vec![0i32; words * longest];
    let mut mask = vec![0.0f32; words * longest];
    for (word, phones) in input.words.iter().enumerate() {
        for (slot, phone) in phones.clone().enumerate() {
            gather[word * longest + slot] = phone as i32;
            mask[word * longest + slot] = 1.0;
        }
    }
    let inputs = vec![
        ("features", features.into()),
        ("vectors", vectors.into()),
        ("statistics", statistics.into()),
        ("phone", ids(0).into()),
        ("stress", ids(1).into()),
        ("place", ids(2).into()),
        ("word", ids(3).into()),
        ("gather", NdTensor::from_data([1, words, longest], gather).into()),
        ("gather_mask", NdTensor::from_data([1, words, longest], mask).into()),
    ];
    let [phones, words_out, utterance] =
        run(&model.scorer, inputs, ["phone_scores", "word_scores", "utterance_scores"], pool)?;
    let utterance = utterance.as_slice().try_into().map_err(ScoreError::new)?;
    if phones.len() != count || words_out.len() != words * 3 {
        return Err(ScoreError::new("the scorer's outputs have an unexpected shape"));
    }
    Ok(Scored { phones, words: words_out.chunks_exact(3).map(|w| [w[0], w[1], w[2]]).collect(), utterance })
}
