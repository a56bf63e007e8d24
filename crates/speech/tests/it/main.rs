//! The integration tests of the crate, in one binary.

mod decode;
mod decode_damage;
mod wav;

/// Runs `work` and says how long it took: the one place of the tests that looks at the clock.
#[allow(clippy::disallowed_methods)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, std::time::Duration) {
    let began = std::time::Instant::now();
    (work(), began.elapsed())
}
