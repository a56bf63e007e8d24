//! How a learner says one sound or word: how well of late, and when it is due again.

use fsrs::{FSRS, MemoryState};
use serde::{Deserialize, Serialize};

const DAY_MS: f32 = 86_400_000.0;
/// How much the latest recording weighs in the recent means.
const WEIGHT: f32 = 0.3;
/// Recent share of flagged recordings from which on something is weak: one alone does not reach it.
const WEAK: f32 = 0.4;
/// Below this share nothing has been flagged in the last three recordings.
const CLEAR: f32 = 0.11;
/// Recordings before anything is weak.
const HEARD_WEAK: u32 = 3;
/// Recordings before anything is mastered.
const HEARD_MASTERED: u32 = 5;
/// Recent mean accuracy of what is mastered.
const MASTERED: f32 = 80.0;
/// The chance to say it well at which it is due again.
const RETENTION: f32 = 0.9;

/// What FSRS knows of something.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Memory {
    /// Days until the chance has fallen to nine in ten.
    stability: f32,
    /// 1–10.
    difficulty: f32,
}

/// How something is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Skill {
    /// Recordings in which it was heard.
    pub heard: u32,
    /// Recent mean of its accuracy, 0–100.
    pub mean: f32,
    /// Recent share of the recordings in which it was flagged, 0–1.
    pub flagged: f32,
    /// When it was heard last, in milliseconds since 1970 UTC.
    pub last_ms: i64,
    /// When it is due again, in milliseconds since 1970 UTC.
    pub due_ms: i64,
    memory: Option<Memory>,
}

/// How a skill is to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Flagged more than once of late.
    Weak,
    /// Neither.
    Growing,
    /// Heard often, and well.
    Mastered,
}

impl Standing {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 3] = [Self::Weak, Self::Growing, Self::Mastered];

    /// Class name and end of the text's key.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Growing => "growing",
            Self::Mastered => "mastered",
        }
    }
}

impl Skill {
    /// Before it was ever heard.
    pub(crate) const NEW: Self = Self { heard: 0, mean: 0.0, flagged: 0.0, last_ms: 0, due_ms: 0, memory: None };

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        if self.heard >= HEARD_WEAK && self.flagged >= WEAK {
            Standing::Weak
        } else if self.heard >= HEARD_MASTERED && self.flagged < CLEAR && self.mean >= MASTERED {
            Standing::Mastered
        } else {
            Standing::Growing
        }
    }

    /// Takes in a recording in which it was heard with this accuracy.
    pub(crate) fn look(&mut self, scheduler: &FSRS, at_ms: i64, accuracy: f32, flagged: bool) {
        let accuracy = accuracy.clamp(0.0, 100.0);
        let days = if self.heard == 0 { 0.0 } else { (at_ms.saturating_sub(self.last_ms)).max(0) as f32 / DAY_MS };
        self.mean = if self.heard == 0 { accuracy } else { self.mean + WEIGHT * (accuracy - self.mean) };
        self.flagged += WEIGHT * (f32::from(u8::from(flagged)) - self.flagged);
        self.heard = self.heard.saturating_add(1);
        self.last_ms = self.last_ms.max(at_ms);
        let known = self.memory.map(|Memory { stability, difficulty }| MemoryState { stability, difficulty });
        let next = scheduler.next_states(known, RETENTION, days as u32);
        // What cannot be scheduled is begun anew with the next recording.
        let next = next.ok().map(|next| match accuracy {
            _ if flagged => next.again,
            ..65.0 => next.hard,
            ..85.0 => next.good,
            _ => next.easy,
        });
        self.memory =
            next.as_ref().map(|next| Memory { stability: next.memory.stability, difficulty: next.memory.difficulty });
        let interval = next.map_or(1.0, |next| next.interval);
        self.due_ms = at_ms.saturating_add((interval.clamp(0.0, 3650.0) * DAY_MS) as i64);
    }
}
