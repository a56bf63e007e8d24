//! The model file: one header and the graphs it names.
//!
//! ```text
//! "JYEAR\0\0\2"  u32 little-endian length of the header  header (JSON)  zeros to a multiple of 64  part  part …
//! ```
//! Offsets in the header count from the start of the file. `training/ear/export.py` writes it.

use rten::{Model, ModelOptions};
use serde::Deserialize;

use crate::phone::CLASSES;
use crate::text::TextError;

const MAGIC: &[u8; 8] = b"JYEAR\0\0\x02";

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not a model file, or one that was cut off.
    #[error("this is not a model file of a version that is known here")]
    NotAModel,
    /// The header does not say what is expected.
    #[error("the model's header is wrong: {0}")]
    Header(#[from] serde_json::Error),
    /// A part that is needed is not there.
    #[error("the model has no part \"{0}\"")]
    MissingPart(&'static str),
    /// The dictionary or the network for unknown words.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The inference runtime refuses a graph.
    #[error("the model's part \"{part}\" cannot be loaded: {reason}")]
    Graph {
        /// Its name.
        part: &'static str,
        /// The runtime's reason.
        reason: String,
    },
}

#[derive(Debug, Deserialize)]
struct Part {
    name: String,
    offset: usize,
    length: usize,
}

#[derive(Debug, Deserialize)]
struct Header {
    version: String,
    heads: usize,
    vector: usize,
    log_prior: Vec<f32>,
    decisions: Decisions,
    parts: Vec<Part>,
}

/// Thresholds that were set on held-out speakers; see the model's card.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Decisions {
    /// Phones that score below this (0–100) are flagged.
    pub(crate) flag_below: f32,
    /// Mean posterior that another sound must have to be named as the one that was heard.
    pub(crate) heard_above: f32,
    /// Mean score of all phones (0–100) below which the text was another one.
    pub(crate) wrong_text_below: f32,
    /// Nats for leaving a word out, for beginning other speech, and for each of its frames.
    pub(crate) omission: f32,
    /// See `omission`.
    pub(crate) filler: f32,
    /// See `omission`.
    pub(crate) filler_frame: f32,
    /// Mean posterior of a word's phones, where they would have to be, above which it was said after all.
    pub(crate) said_above: f32,
    /// Frames a phone within which a word that is missing alone has to be squeezed.
    pub(crate) omission_frames: usize,
    /// Mean score of its phones (0–100) below which it is believed to be missing.
    pub(crate) omission_below: f32,
    /// How much worse (0–100) the rest of the reading may fit for a departure from the prompt to be believed.
    pub(crate) worse_by: f32,
    /// Frames of other speech, per phone of a word, that count as something said in its place.
    pub(crate) substitution_frames: usize,
    /// Frames of other speech that are worth a word.
    pub(crate) insertion_frames: usize,
    /// Total (0–100) below which a word in whose place there seems to be other speech was another word.
    pub(crate) substitution_below: f32,
}

/// A loaded model: its graphs and constants.
pub(crate) struct LoadedModel {
    pub(crate) version: String,
    pub(crate) heads: usize,
    pub(crate) vector: usize,
    pub(crate) log_prior: [f32; CLASSES],
    pub(crate) decisions: Decisions,
    pub(crate) encoder: Model,
    pub(crate) scorer: Model,
    pub(crate) g2p: &'static [u8],
}

impl LoadedModel {
    pub(crate) fn load(bytes: &'static [u8]) -> Result<Self, ModelError> {
        let header = header(bytes)?;
        let part = |name: &'static str| {
            let found = header.parts.iter().find(|part| part.name == name).ok_or(ModelError::MissingPart(name))?;
            let end = found.offset.checked_add(found.length).ok_or(ModelError::NotAModel)?;
            bytes.get(found.offset..end).ok_or(ModelError::NotAModel)
        };
        let graph = |name: &'static str| {
            // Weights are used by every recording: laid out once for the multiplication, they are read faster.
            let loaded = ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(part(name)?);
            loaded.map_err(|error| ModelError::Graph { part: name, reason: error.to_string() })
        };
        let log_prior = header.log_prior.as_slice().try_into().map_err(|_| ModelError::NotAModel)?;
        Ok(Self {
            encoder: graph("encoder")?,
            scorer: graph("scorer")?,
            g2p: part("g2p")?,
            version: header.version,
            heads: header.heads,
            vector: header.vector,
            log_prior,
            decisions: header.decisions,
        })
    }
}

fn header(bytes: &[u8]) -> Result<Header, ModelError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(ModelError::NotAModel)?;
    let json = rest.get(..u32::from_le_bytes(*length) as usize).ok_or(ModelError::NotAModel)?;
    Ok(serde_json::from_slice(json)?)
}
