//! What a learner's sounds and words are like: how often they were heard, how well of late, and when they are to be
//! practised again.
//!
//! A recording is one look at each of its sounds and words. What follows from it is careful, since a wrong accusation is
//! worse than a miss: nothing is called weak that the ear has not flagged more than once of late, and nothing mastered that
//! was not heard often. When something is due again says FSRS 6 with its published weights (open-spaced-repetition).

use std::collections::{BTreeMap, HashSet};

use fsrs::FSRS;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::ExerciseId;
pub use crate::skill::{Skill, Standing};

/// Most words that are remembered of a learner; the one that was not heard for longest makes room.
const WORDS_MAX: usize = 400;
/// Words that are remembered as examples of a sound.
const EXAMPLES_MAX: usize = 4;

/// A sound of a learner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sound {
    /// How it is said.
    pub skill: Skill,
    /// Words in which it was flagged last, the latest first.
    pub examples: Vec<String>,
}

/// A word of a learner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// How it is said.
    pub skill: Skill,
    /// The sentence in which it was heard last.
    pub exercise: ExerciseId,
}

/// What is known of a learner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// By ARPAbet symbol, without stress.
    pub sounds: BTreeMap<String, Sound>,
    /// By the word in small letters.
    pub words: BTreeMap<String, Word>,
}

/// What one recording says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The sentence.
    pub exercise: ExerciseId,
    /// When it was said.
    pub at: Timestamp,
    /// Its words.
    pub words: Vec<ReadWord>,
}

/// A word of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadWord {
    /// As it stands in the sentence.
    pub text: String,
    /// 0–100.
    pub total: f32,
    /// It was said at all; of one that was not, its sounds say nothing.
    pub said: bool,
    /// Another word was said in its place.
    pub replaced: bool,
    /// Its sounds: symbol without stress, accuracy 0–100, flagged.
    pub sounds: Vec<(String, f32, bool)>,
}

impl ReadWord {
    fn is_flagged(&self) -> bool {
        !self.said || self.replaced || self.sounds.iter().any(|(_, _, flagged)| *flagged)
    }

    /// The word in small letters, without what stands around it.
    fn key(&self) -> String {
        self.text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase()
    }
}

/// What several occurrences in one recording say together.
#[derive(Default)]
struct Look {
    sum: f32,
    count: f32,
    flagged: bool,
    examples: Vec<String>,
}

/// Something to practise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item<'a> {
    /// A sound, by its symbol.
    Sound(&'a str),
    /// A word.
    Word(&'a str),
}

/// One step of a round of practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The sentence.
    pub exercise: ExerciseId,
    /// What it is practised for.
    pub item: Item<'a>,
}

impl Progress {
    /// Takes in what a recording says.
    pub fn take_in(&mut self, reading: &Reading) {
        let Ok(scheduler) = FSRS::new(&[]) else { return };
        let at_ms = reading.at.as_millisecond();
        let (mut sounds, mut words) = (BTreeMap::<&str, Look>::new(), BTreeMap::<String, Look>::new());
        for word in &reading.words {
            let key = word.key();
            if key.is_empty() {
                continue;
            }
            let look = words.entry(key.clone()).or_default();
            (look.sum, look.count) = (look.sum + word.total, look.count + 1.0);
            look.flagged |= word.is_flagged();
            for (symbol, accuracy, flagged) in word.sounds.iter().filter(|_| word.said && !word.replaced) {
                let look = sounds.entry(symbol).or_default();
                (look.sum, look.count) = (look.sum + accuracy, look.count + 1.0);
                look.flagged |= flagged;
                if *flagged && !look.examples.contains(&key) {
                    look.examples.push(key.clone());
                }
            }
        }
        for (symbol, look) in sounds {
            let sound = self.sounds.entry(symbol.to_owned());
            let sound = sound.or_insert(Sound { skill: Skill::NEW, examples: Vec::new() });
            sound.skill.look(&scheduler, at_ms, look.sum / look.count, look.flagged);
            sound.examples.retain(|known| !look.examples.contains(known));
            sound.examples.splice(0..0, look.examples);
            sound.examples.truncate(EXAMPLES_MAX);
        }
        for (key, look) in words {
            let word = self.words.entry(key).or_insert(Word { skill: Skill::NEW, exercise: reading.exercise });
            word.exercise = reading.exercise;
            word.skill.look(&scheduler, at_ms, look.sum / look.count, look.flagged);
        }
        while self.words.len() > WORDS_MAX {
            let oldest = self.words.iter().min_by_key(|(_, word)| word.skill.last_ms).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            self.words.remove(&oldest);
        }
    }

    /// The weak sounds, the weakest first.
    pub fn weak_sounds(&self) -> Vec<(&str, &Sound)> {
        let weak = self.sounds.iter().filter(|(_, sound)| sound.skill.standing() == Standing::Weak);
        let mut weak: Vec<(&str, &Sound)> = weak.map(|(symbol, sound)| (symbol.as_str(), sound)).collect();
        weak.sort_by(|(_, a), (_, b)| {
            b.skill.flagged.total_cmp(&a.skill.flagged).then(a.skill.mean.total_cmp(&b.skill.mean))
        });
        weak
    }

    /// How many sounds are mastered.
    pub fn mastered(&self) -> usize {
        self.sounds.values().filter(|sound| sound.skill.standing() == Standing::Mastered).count()
    }

    /// A round of practice of at most `size` sentences out of those that may be practised: for what is weak first, then for
    /// what is not mastered and due, each in the order in which it is due.
    pub fn round(&self, may: &HashSet<ExerciseId>, size: usize, now: Timestamp) -> Vec<Step<'_>> {
        let sounds = self.sounds.iter().map(|(symbol, sound)| (Item::Sound(symbol), &sound.skill));
        let words = self.words.iter().map(|(key, word)| (Item::Word(key), &word.skill));
        let mut items: Vec<(Item<'_>, &Skill)> = sounds.chain(words).collect();
        let now_ms = now.as_millisecond();
        items.retain(|(_, skill)| match skill.standing() {
            Standing::Weak => true,
            Standing::Growing => skill.due_ms <= now_ms,
            Standing::Mastered => false,
        });
        items.sort_by_key(|(_, skill)| (skill.standing() != Standing::Weak, skill.due_ms));
        let mut steps: Vec<Step<'_>> = Vec::new();
        for (item, _) in items {
            if steps.len() == size {
                break;
            }
            let free =
                |exercise: &ExerciseId| may.contains(exercise) && !steps.iter().any(|step| step.exercise == *exercise);
            if let Some(exercise) = self.sentence_for(item, free) {
                steps.push(Step { exercise, item });
            }
        }
        steps
    }

    /// A sentence in which something can be practised: for a sound, that of a word in which it was flagged.
    fn sentence_for(&self, item: Item<'_>, free: impl Fn(&ExerciseId) -> bool) -> Option<ExerciseId> {
        let of_word = |key: &str| self.words.get(key).map(|word| word.exercise).filter(|exercise| free(exercise));
        match item {
            Item::Word(key) => of_word(key),
            Item::Sound(symbol) => self.sounds.get(symbol)?.examples.iter().find_map(|key| of_word(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const DAY: i64 = 86_400;

    fn exercise(number: u128) -> ExerciseId {
        ExerciseId(Uuid::from_u128(number))
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_772_438_400 + day * DAY).unwrap()
    }

    fn word(text: &str, total: f32, flagged: Option<&str>) -> ReadWord {
        let sounds = [("TH", total), ("R", total), ("IY", total)];
        let sounds = sounds.map(|(symbol, accuracy)| (symbol.to_owned(), accuracy, flagged == Some(symbol)));
        ReadWord { text: text.to_owned(), total, said: true, replaced: false, sounds: sounds.into() }
    }

    fn read(progress: &mut Progress, number: u128, day: i64, words: Vec<ReadWord>) {
        progress.take_in(&Reading { exercise: exercise(number), at: at(day), words });
    }

    #[test]
    fn one_flag_accuses_nobody_and_two_of_late_do() {
        let mut progress = Progress::default();
        let standing = |progress: &Progress| progress.sounds["TH"].skill.standing();
        for day in 0..2 {
            read(&mut progress, 1, day, vec![word("Three,", 90.0, None)]);
        }
        read(&mut progress, 1, 2, vec![word("three", 50.0, Some("TH"))]);
        assert_eq!(standing(&progress), Standing::Growing);
        read(&mut progress, 1, 3, vec![word("three", 50.0, Some("TH"))]);
        assert_eq!(standing(&progress), Standing::Weak);
        assert_eq!(progress.sounds["R"].skill.standing(), Standing::Growing, "what was not flagged is not weak");
        assert_eq!(progress.weak_sounds().iter().map(|(symbol, _)| *symbol).collect::<Vec<_>>(), ["TH"]);
        assert_eq!(progress.sounds["TH"].examples, ["three"]);
        for day in 4..9 {
            read(&mut progress, 1, day, vec![word("three", 95.0, None)]);
        }
        assert_eq!(standing(&progress), Standing::Mastered);
        assert_eq!((progress.mastered(), progress.words["three"].skill.heard), (3, 9));
    }

    #[test]
    fn what_goes_well_is_due_later_and_what_was_flagged_soon() {
        let mut progress = Progress::default();
        for day in [0, 3, 10] {
            read(&mut progress, 1, day, vec![word("well", 95.0, None), word("badly", 40.0, Some("R"))]);
        }
        let due = |key: &str| (progress.words[key].skill.due_ms - at(10).as_millisecond()) / (DAY * 1000);
        assert!(due("well") > 20, "{}", due("well"));
        assert!(due("badly") <= 2, "{}", due("badly"));
    }

    #[test]
    fn the_sounds_of_a_word_that_was_not_said_are_no_worse_for_it() {
        let mut progress = Progress::default();
        let left_out = ReadWord { said: false, ..word("three", 0.0, None) };
        read(&mut progress, 1, 0, vec![left_out, ReadWord { text: "–".to_owned(), ..word("", 90.0, None) }]);
        assert!(progress.sounds.is_empty());
        assert_eq!(progress.words.len(), 1);
        assert!(progress.words["three"].skill.flagged > 0.0, "but the word is");
    }

    #[test]
    fn a_round_begins_with_what_is_weak_and_takes_each_sentence_once() {
        let mut progress = Progress::default();
        for day in 0..4 {
            read(&mut progress, 1, day, vec![word("three", 40.0, Some("TH"))]);
            read(&mut progress, 2, day, vec![word("river", 70.0, None)]);
            read(&mut progress, 3, day, vec![word("gone", 30.0, Some("R"))]);
        }
        let may: HashSet<_> = [exercise(1), exercise(2)].into();
        let round = progress.round(&may, 6, at(60));
        assert_eq!(round.iter().map(|step| step.exercise).collect::<Vec<_>>(), [exercise(1), exercise(2)]);
        assert_eq!(round[1].item, Item::Word("river"), "it is due, and not mastered");
        assert_eq!(progress.round(&may, 1, at(60)).len(), 1);
        assert_eq!(progress.round(&may, 6, at(3)).len(), 1, "nothing is practised before it is due, unless it is weak");
        assert_eq!(Progress::default().round(&may, 6, at(0)), []);
    }

    #[test]
    fn no_more_words_are_remembered_than_fit() {
        let mut progress = Progress::default();
        for number in 0..450 {
            read(&mut progress, 1, number, vec![word(&format!("w{number}"), 80.0, None)]);
        }
        assert_eq!(progress.words.len(), WORDS_MAX);
        assert!(!progress.words.contains_key("w49") && progress.words.contains_key("w50"));
    }
}
