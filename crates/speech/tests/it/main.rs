//! The integration tests of the crate, in one binary.

// Helpers of tests, which clippy does not take for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::sync::LazyLock;
use std::time::Duration;

use jiayin_speech::Scorer;

mod decode;
mod decode_damage;
mod score;
mod take;
mod text;
mod wav;

/// The model that is shipped, loaded once.
static SCORER: LazyLock<Scorer> = LazyLock::new(|| Scorer::load(include_bytes!("../../../../models/ear.jym")).unwrap());

/// Runs `work` and says how long it took: processor time of this thread where the system tells it (a busy machine must
/// not fail a test), else time on the wall. The one place of the tests that looks at a clock.
#[allow(clippy::disallowed_methods)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let on_processor = || {
        let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        statistics.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    let (began, began_processor) = (std::time::Instant::now(), on_processor());
    let result = work();
    let took = on_processor().zip(began_processor).map(|(end, begin)| end.saturating_sub(begin));
    (result, took.unwrap_or_else(|| began.elapsed()))
}
