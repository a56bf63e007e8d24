//! What is known of a sound that people listen to: by how much it is made louder or softer, and what is wrong with it.

use serde::{Deserialize, Serialize};

/// By how much a sound is made louder when it is played, in hundredths of a decibel; below zero, softer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gain(pub i64);

impl Gain {
    /// The nearest to so many decibels.
    pub fn from_db(db: f32) -> Self {
        Self((f64::from(db) * 100.0).round() as i64)
    }

    /// In decibels.
    pub fn db(self) -> f32 {
        self.0 as f32 / 100.0
    }
}

/// What is wrong with a sound that can be listened to all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its peaks are cut off: it was too loud for the microphone.
    Clipped,
    /// The background is loud.
    Noisy,
    /// Made as loud as it may be, it is still too quiet.
    Quiet,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clipped, Self::Noisy, Self::Quiet];

    /// Its name in storage and in pages.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Clipped => "clipped",
            Self::Noisy => "noisy",
            Self::Quiet => "quiet",
        }
    }

    /// The one with this name.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.tag() == tag)
    }

    /// Some of them, as one text.
    pub fn written(faults: &[Self]) -> String {
        faults.iter().map(|fault| fault.tag()).collect::<Vec<_>>().join(" ")
    }

    /// Those of a text; what is no name of one is left out.
    pub fn read(text: &str) -> Vec<Self> {
        text.split_whitespace().filter_map(Self::from_tag).collect()
    }
}

/// A sound that was listened to before it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// How it is played.
    pub gain: Gain,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_written() {
        let faults = vec![Fault::Clipped, Fault::Quiet];
        assert_eq!(Fault::read(&Fault::written(&faults)), faults);
        assert_eq!(Fault::read("noisy unheard-of"), [Fault::Noisy]);
        assert_eq!((Gain::from_db(-3.456), Gain(-346).db()), (Gain(-346), -3.46));
    }
}
