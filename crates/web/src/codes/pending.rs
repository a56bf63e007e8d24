//! The codes that are on their way: a random number, the tries so far, an end. Nothing of whom they were sent to.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{GOOD_FOR, TRIES};

/// Codes that may be on their way at once; beyond them none is sent until others have expired.
const KEPT: usize = 100_000;

/// Random number of a code.
pub(super) type Id = [u8; 16];

struct Entry {
    tries: u8,
    used: bool,
    until: Duration,
}

/// See the module. What is not known here is not good: a code does not survive a restart, and is good at the server alone that
/// sent it.
#[derive(Default)]
pub struct Pending(Mutex<HashMap<Id, Entry>>);

/// Why a try is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Wrong { left: u8 },
    TooManyTries,
    Used,
    Unknown,
}

impl Pending {
    /// Begins to count the tries of a code; false if there is no room.
    pub(super) fn begin(&self, id: Id, now: Duration) -> bool {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= KEPT {
            entries.retain(|_, entry| entry.until > now);
        }
        if entries.len() >= KEPT {
            return false;
        }
        entries.insert(id, Entry { tries: 0, used: false, until: now.saturating_add(GOOD_FOR) });
        true
    }

    /// One more try, right or wrong.
    pub(super) fn tried(&self, id: &Id, right: bool, now: Duration) -> Result<(), Refused> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get_mut(id).filter(|entry| entry.until > now).ok_or(Refused::Unknown)?;
        if entry.used {
            return Err(Refused::Used);
        }
        if entry.tries >= TRIES {
            return Err(Refused::TooManyTries);
        }
        entry.tries += 1;
        if right {
            entry.used = true;
            return Ok(());
        }
        match TRIES - entry.tries {
            0 => Err(Refused::TooManyTries),
            left => Err(Refused::Wrong { left }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_for_five_tries() {
        let pending = Pending::default();
        let now = Duration::ZERO;
        assert!(pending.begin([1; 16], now) && pending.begin([2; 16], now));
        assert_eq!(pending.tried(&[1; 16], false, now), Err(Refused::Wrong { left: 4 }));
        assert_eq!(pending.tried(&[1; 16], true, now), Ok(()));
        assert_eq!(pending.tried(&[1; 16], true, now), Err(Refused::Used));
        for left in [4, 3, 2, 1] {
            assert_eq!(pending.tried(&[2; 16], false, now), Err(Refused::Wrong { left }));
        }
        assert_eq!(pending.tried(&[2; 16], false, now), Err(Refused::TooManyTries));
        assert_eq!(pending.tried(&[2; 16], true, now), Err(Refused::TooManyTries), "the right one comes too late");
        assert_eq!(pending.tried(&[3; 16], true, now), Err(Refused::Unknown));
        assert!(pending.begin([4; 16], now));
        assert_eq!(pending.tried(&[4; 16], true, GOOD_FOR), Err(Refused::Unknown));
    }

    #[test]
    fn there_is_room_for_so_many_and_expired_ones_make_room() {
        let pending = Pending::default();
        for number in 0..KEPT as u128 {
            assert!(pending.begin(number.to_be_bytes(), Duration::ZERO));
        }
        assert!(!pending.begin([255; 16], Duration::ZERO));
        assert!(pending.begin([255; 16], GOOD_FOR));
    }
}
