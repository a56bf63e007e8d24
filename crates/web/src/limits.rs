//! How often something may be done: counts in memory, bounded, under keyed digests of what they are about. Neither a phone
//! number nor an address of the network can be read from them, and nothing of them is stored.
//!
//! Each process counts for itself: behind `n` servers an attacker has at most `n` times as many tries.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counts that are kept at once; each takes less than a hundred bytes.
const KEPT: usize = 100_000;

/// What a count is about, digested with a key.
pub type Digest = [u8; 32];

/// So many, within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How many are allowed.
    pub most: u32,
    /// Counted from the first one on.
    pub within: Duration,
}

struct Count {
    taken: u32,
    until: Duration,
}

/// The counts.
#[derive(Default)]
pub struct Limits(Mutex<HashMap<(Digest, u64), Count>>);

impl Limits {
    /// Counts one more under each of the keys, if none of their rules is exhausted; else nothing is counted, and the time
    /// to wait comes back.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, now: Duration, keys: &[(Rule, Digest)]) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = keys.iter().filter_map(|(rule, key)| wait(&counts, now, *rule, key));
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for (rule, key) in keys {
            let fresh = Count { taken: 0, until: now.saturating_add(rule.within) };
            let count = counts.entry(slot(*rule, key)).or_insert(fresh);
            if count.until <= now {
                *count = Count { taken: 0, until: now.saturating_add(rule.within) };
            }
            count.taken = count.taken.saturating_add(1);
        }
        shrink(&mut counts, now);
        Ok(())
    }

    /// How long until the rule allows one more; `None` if it does now.
    pub fn wait(&self, now: Duration, rule: Rule, key: &Digest) -> Option<Duration> {
        wait(&self.0.lock().unwrap_or_else(PoisonError::into_inner), now, rule, key)
    }

    /// Forgets what was counted under a key.
    pub fn forget(&self, rule: Rule, key: &Digest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&slot(rule, key));
    }
}

/// Rules of another length count apart, even for the same thing.
fn slot(rule: Rule, key: &Digest) -> (Digest, u64) {
    (*key, rule.within.as_secs())
}

fn wait(counts: &HashMap<(Digest, u64), Count>, now: Duration, rule: Rule, key: &Digest) -> Option<Duration> {
    let count = counts.get(&slot(rule, key))?;
    (count.until > now && count.taken >= rule.most).then(|| count.until.saturating_sub(now))
}

/// Keeps the number of counts bounded: first what is over goes, then the tenth that is over soonest.
fn shrink(counts: &mut HashMap<(Digest, u64), Count>, now: Duration) {
    if counts.len() <= KEPT {
        return;
    }
    counts.retain(|_, count| count.until > now);
    if counts.len() > KEPT {
        let mut ends: Vec<Duration> = counts.values().map(|count| count.until).collect();
        let (_, end, _) = ends.select_nth_unstable(KEPT / 10);
        let end = *end;
        counts.retain(|_, count| count.until > end);
    }
}

/// Whole minutes to wait, at least one, as pages say it.
pub fn minutes(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs().div_ceil(60)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { most: 2, within: Duration::from_secs(60) };

    #[test]
    fn a_rule_allows_so_many_and_then_waits() {
        let limits = Limits::default();
        let at = Duration::from_secs;
        let (a, b) = ([1; 32], [2; 32]);
        assert_eq!(limits.take(at(0), &[(RULE, a)]), Ok(()));
        assert_eq!(limits.take(at(10), &[(RULE, a), (RULE, b)]), Ok(()));
        assert_eq!(limits.take(at(20), &[(RULE, a), (RULE, b)]), Err(at(40)), "and nothing is counted for the other");
        assert_eq!(limits.take(at(20), &[(RULE, b)]), Ok(()));
        assert_eq!(limits.wait(at(59), RULE, &a), Some(at(1)));
        assert_eq!(limits.take(at(60), &[(RULE, a)]), Ok(()));
        limits.forget(RULE, &b);
        assert_eq!(limits.wait(at(20), RULE, &b), None);
    }

    #[test]
    fn the_number_of_counts_is_bounded() {
        let limits = Limits::default();
        for number in 0..(KEPT as u64 + KEPT as u64 / 2) {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            limits.take(Duration::from_millis(number), &[(RULE, key)]).unwrap();
        }
        assert!(limits.0.lock().unwrap().len() <= KEPT);
    }
}
