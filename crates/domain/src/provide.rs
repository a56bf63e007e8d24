//! Time and randomness as parameters (design invariant 6). Who provides them stands outside this crate.

use std::time::Duration;

use jiff::Timestamp;

/// Where the program takes its time from.
pub trait Clock: Send + Sync {
    /// Time since some fixed moment, never going back.
    fn monotonic(&self) -> Duration;

    /// The time of day, UTC.
    fn now(&self) -> Timestamp;
}

/// Where the program takes its randomness from. Keys are made of it: an implementation that cannot give unpredictable
/// bytes must not return.
pub trait Entropy: Send + Sync {
    /// Fills the slice with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}
