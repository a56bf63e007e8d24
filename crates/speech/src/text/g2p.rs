//! Pronunciations of words that no dictionary has: a small neural network, trained by `training/g2p.py`.

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};
use std::sync::Arc;

use super::TextError;
use crate::phone::{ARPABET, Phone};
use crate::prompt::Pronunciation;

/// Longest piece of a word that the network takes at once, letters.
const MAX_LETTERS: usize = 32;
/// Output classes: the CTC blank, 15 vowels with three degrees of stress each, 24 consonants.
const CLASSES: usize = 1 + 15 * 3 + 24;

/// A loaded grapheme-to-phoneme network. `Send + Sync`; all calls share one worker thread (a word takes well under 1 ms).
pub struct G2p {
    model: Model,
    input: NodeId,
    output: NodeId,
    pool: Arc<ThreadPool>,
    classes: Vec<Phone>,
}

impl G2p {
    /// Loads the network from the bytes of its ONNX file.
    ///
    /// # Errors
    /// If the bytes are not such a network.
    pub fn load(bytes: &[u8]) -> Result<Self, TextError> {
        let model = Model::load(bytes.to_vec()).map_err(|error| TextError(error.to_string()))?;
        let node = |name: &str| model.node_id(name).map_err(|error| TextError(error.to_string()));
        let (input, output) = (node("letters")?, node("logits")?);
        let loaded = Self { model, input, output, pool: Arc::new(ThreadPool::with_num_threads(1)), classes: classes() };
        loaded.run(&[1, 2]).map(|_| loaded)
    }

    /// The pronunciation of a word, or `None` if it has no English letter. Case, and what is no letter, is ignored.
    pub fn pronounce(&self, word: &str) -> Option<Pronunciation> {
        let mut ids: Vec<i32> = word.chars().filter_map(letter).collect();
        if ids.iter().all(|id| *id == APOSTROPHE) {
            return None;
        }
        // A word of more letters is no word; it is read in pieces all the same.
        let mut phones = Vec::new();
        while !ids.is_empty() {
            let rest = ids.split_off(ids.len().min(MAX_LETTERS));
            phones.extend(self.run(&ids).ok()?);
            ids = rest;
        }
        if phones.is_empty() {
            return None;
        }
        stress_one(&mut phones);
        Some(phones)
    }

    fn run(&self, ids: &[i32]) -> Result<Pronunciation, TextError> {
        let input = NdTensorView::from_data([1, ids.len()], ids);
        let options = Some(RunOptions::default().with_thread_pool(Some(self.pool.clone())));
        let [logits] = self
            .model
            .run_n(vec![(self.input, input.into())], [self.output], options)
            .map_err(|error| TextError(error.to_string()))?;
        let logits: NdTensor<f32, 3> =
            logits.try_into().map_err(|_| TextError("output of another shape".to_owned()))?;
        if logits.shape() != [1, logits.shape()[1], CLASSES] {
            return Err(TextError("output of another shape".to_owned()));
        }
        let best = (0..logits.shape()[1]).map(|frame| {
            (0..CLASSES)
                .max_by(|a, b| logits[[0, frame, *a]].total_cmp(&logits[[0, frame, *b]]).then(b.cmp(a)))
                .unwrap_or(0)
        });
        // CTC: repeats become one, blanks go.
        let mut last = 0;
        Ok(best
            .filter(|class| std::mem::replace(&mut last, *class) != *class)
            .filter_map(|class| self.classes.get(class.checked_sub(1)?).copied())
            .collect())
    }
}

const APOSTROPHE: i32 = 27;

fn letter(c: char) -> Option<i32> {
    match c.to_ascii_lowercase() {
        c @ 'a'..='z' => Some(c as i32 - 'a' as i32 + 1),
        '\'' => Some(APOSTROPHE),
        _ => None,
    }
}

/// The phones of the output classes, without the blank, in the order of the training script.
fn classes() -> Vec<Phone> {
    let phones = || (0..ARPABET.len()).filter_map(|index| Phone::new(index, None));
    let vowels = phones().filter(|phone| phone.is_vowel());
    let stressed = vowels.flat_map(|vowel| (0..3).filter_map(move |digit| Phone::new(vowel.index(), Some(digit))));
    stressed.chain(phones().filter(|phone| !phone.is_vowel())).collect()
}

/// Gives a word without a primary stress one: on the vowel with secondary stress, or else on the first.
fn stress_one(phones: &mut [Phone]) {
    let vowels = || phones.iter().enumerate().filter(|(_, phone)| phone.is_vowel());
    if vowels().any(|(_, phone)| phone.stress() == Some(1)) {
        return;
    }
    let place = vowels().find(|(_, phone)| phone.stress() == Some(2)).or_else(|| vowels().next()).map(|(at, _)| at);
    if let Some(at) = place
        && let Some(phone) = Phone::new(phones[at].index(), Some(1))
    {
        phones[at] = phone;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_are_those_of_the_training_script() {
        let classes = classes();
        assert_eq!(classes.len() + 1, CLASSES);
        assert_eq!(classes[0].to_string(), "AA0");
        assert_eq!(classes[44].to_string(), "UW2");
        assert_eq!(classes[45].to_string(), "B");
        assert_eq!(classes[68].to_string(), "ZH");
    }

    #[test]
    fn rubbish_is_no_network() {
        assert!(G2p::load(b"").is_err());
        assert!(G2p::load(b"not a network at all").is_err());
    }
}
