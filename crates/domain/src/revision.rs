//! When a new version of the policy may take effect: it is announced first, and people have time to read it (clause 12.1).

use jiff::{SignedDuration, Timestamp};

/// Days between the announcement of a version and its effect, if the configuration does not ask for more.
pub const NOTICE_DAYS: u16 = 7;

/// Why a version cannot take effect when it is meant to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// That moment is over, or is now.
    #[error("the moment has passed")]
    Past,
    /// People would have less time to read than they are promised.
    #[error("not before {earliest}")]
    TooEarly {
        /// The first moment that would do.
        earliest: Timestamp,
    },
}

/// The first moment at which a version that is announced now may take effect.
pub fn earliest(announced: Timestamp, notice_days: u16) -> Timestamp {
    let notice = SignedDuration::from_hours(24 * i64::from(notice_days));
    announced.checked_add(notice).unwrap_or(Timestamp::MAX)
}

/// Whether a version that is announced now may take effect then.
///
/// # Errors
/// [`NoticeError`].
pub fn check(announced: Timestamp, effective: Timestamp, notice_days: u16) -> Result<(), NoticeError> {
    let earliest = earliest(announced, notice_days);
    if effective <= announced {
        Err(NoticeError::Past)
    } else if effective < earliest {
        Err(NoticeError::TooEarly { earliest })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_waits_until_people_could_read_it() {
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let week: Timestamp = "2026-03-09T08:00:00Z".parse().unwrap();
        let at = |seconds: i64| week.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!(check(now, now, NOTICE_DAYS), Err(NoticeError::Past));
        assert_eq!(check(now, at(-1), NOTICE_DAYS), Err(NoticeError::TooEarly { earliest: week }));
        assert_eq!(check(now, week, NOTICE_DAYS), Ok(()));
        assert_eq!(check(now, Timestamp::MAX, u16::MAX), Ok(()));
        assert_eq!(earliest(Timestamp::MAX, 7), Timestamp::MAX);
    }
}
