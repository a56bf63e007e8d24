//! Time and randomness as parameters (design invariant 6): the only two places that read them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub use jiayin_domain::provide::{Clock, Entropy};
use jiff::Timestamp;

/// The machine's own clock.
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock that starts at zero now.
    #[expect(clippy::disallowed_methods, reason = "this is the provider")]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the provider")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Only a kernel older than any we run on can fail here. Keys are made of these bytes: better no server.
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the operating system gives no randomness");
            std::process::abort();
        }
    }
}

/// Where the fixed clock starts: 2026-03-02, a Monday, 08:00 UTC, in milliseconds since 1970.
const FIXED_START: i64 = 1_772_438_400_000;

/// A clock that moves only when told to, for tests.
#[derive(Default)]
pub struct FixedClock(AtomicU64);

impl FixedClock {
    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(FIXED_START.saturating_add(passed)).unwrap_or(Timestamp::MAX)
    }
}

/// Bytes that count up from a seed, for tests.
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// Starts counting at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}
