//! Which sentences are practised today: those that were practised already, and those that are due.

use std::collections::{HashMap, HashSet};

use jiayin_domain::id::{AssignmentId, ExerciseId};
use jiayin_domain::progress::{Item, Progress};
use jiayin_privacy::{Grant, purpose};
use jiayin_speech::phone::ARPABET;
use jiayin_store::class_progress::Practised;
use jiayin_store::homework::Task;
use jiff::Timestamp;

use crate::error::AppError;
use crate::tryout::view::EXAMPLES;

/// Sentences of a round.
pub const ROUND: usize = 6;

/// What a sentence is practised for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Focus {
    /// A sound: its place in [`ARPABET`].
    Sound(usize),
    /// A word.
    Word(String),
}

impl Focus {
    /// What an item stands for; `None` for a sound of no name.
    pub fn of(item: Item<'_>) -> Option<Self> {
        match item {
            Item::Sound(symbol) => ARPABET.iter().position(|known| *known == symbol).map(Self::Sound),
            Item::Word(word) => Some(Self::Word(word.to_owned())),
        }
    }

    /// The sound in IPA; empty for a word.
    pub fn ipa(&self) -> &'static str {
        match self {
            Self::Sound(index) => ipa(*index),
            Self::Word(_) => "",
        }
    }

    /// The word, or one that everybody knows with the sound.
    pub fn word(&self) -> &str {
        match self {
            Self::Sound(index) => EXAMPLES.get(*index).copied().unwrap_or_default(),
            Self::Word(word) => word,
        }
    }

    /// Key of how to make the sound; empty for a word.
    pub fn hint(&self) -> String {
        match self {
            Self::Sound(index) => ARPABET.get(*index).map(|symbol| format!("sound-{symbol}")).unwrap_or_default(),
            Self::Word(_) => String::new(),
        }
    }
}

/// A sound in IPA, by its place in [`ARPABET`].
pub fn ipa(index: usize) -> &'static str {
    ARPABET
        .get(index)
        .and_then(|symbol| symbol.parse::<jiayin_speech::phone::Phone>().ok())
        .map_or("", |phone| phone.ipa())
}

/// A sentence that comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// The homework in which the learner has had it.
    pub assignment: AssignmentId,
    /// The sentence.
    pub exercise: ExerciseId,
    /// What it is practised for.
    pub focus: Focus,
}

impl NextStep {
    /// Its address.
    pub fn href(&self) -> String {
        format!("/practice/{}/{}", self.assignment, self.exercise)
    }
}

/// Where a learner stands with today's round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Sentences practised today.
    pub done: usize,
    /// Those that follow, in their order.
    pub next: Vec<NextStep>,
    /// Sounds that are mastered.
    pub mastered: usize,
}

impl Round {
    /// Today's round of a learner.
    ///
    /// # Errors
    /// If what is known is not of the person for whom it was opened.
    pub fn of(
        grant: &Grant<purpose::Teaching>,
        tasks: &[Task],
        practised: &Practised,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let empty = Progress::default();
        let skills = match &practised.skills {
            Some(skills) => skills.read(grant)?,
            None => &empty,
        };
        let homework: HashMap<ExerciseId, AssignmentId> = tasks
            .iter()
            .flat_map(|task| task.sentences.iter().map(|sentence| (sentence.exercise, task.assignment)))
            .collect();
        let free: HashSet<ExerciseId> =
            homework.keys().filter(|exercise| !practised.done.contains(exercise)).copied().collect();
        let left = ROUND.saturating_sub(practised.done.len());
        let step = |step: &jiayin_domain::progress::Step<'_>| {
            let assignment = *homework.get(&step.exercise)?;
            Some(NextStep { assignment, exercise: step.exercise, focus: Focus::of(step.item)? })
        };
        let next = skills.round(&free, left, now).iter().filter_map(step).collect();
        Ok(Self { done: practised.done.len(), next, mastered: skills.mastered() })
    }

    /// Sentences of the whole round.
    pub fn count(&self) -> usize {
        self.done + self.next.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_focus_has_a_sound_a_word_and_a_hint() {
        let sound = Focus::of(Item::Sound("TH")).unwrap();
        assert_eq!((sound.ipa(), sound.word(), sound.hint().as_str()), ("θ", "think", "sound-TH"));
        let word = Focus::of(Item::Word("river")).unwrap();
        assert_eq!((word.ipa(), word.word(), word.hint().as_str()), ("", "river", ""));
        assert_eq!(Focus::of(Item::Sound("QQ")), None);
    }
}
