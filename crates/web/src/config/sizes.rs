//! How much of everything: threads, queues, memory, requests.

use super::{Config, ConfigError, range};

impl Config {
    /// What would be too little to work with, or more than makes sense.
    pub(super) fn check_sizes(&self) -> Result<(), ConfigError> {
        range(self.scoring_threads <= 1024, "scoring_threads", "between 0 (one per core) and 1024")?;
        range((1..=100_000).contains(&self.scoring_queue), "scoring_queue", "between 1 and 100000")?;
        range((1..=1000).contains(&self.upload_max_mb), "upload_max_mb", "between 1 and 1000")?;
        range(
            (self.upload_max_mb..=1_000_000).contains(&self.upload_memory_mb),
            "upload_memory_mb",
            "at least `upload_max_mb` and at most 1000000",
        )?;
        range(
            (1..=1_000_000).contains(&self.api_requests_per_minute),
            "api_requests_per_minute",
            "between 1 and 1000000",
        )
    }
}
