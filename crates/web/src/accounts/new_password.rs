//! What makes a new password good enough. Its length counts, no rule says what must be in it (NIST SP 800-63B, 3.1.1.2); what is
//! on the list of common ones or guessed in few tries is refused.

use sha2::{Digest, Sha256};
use zxcvbn::{Score, zxcvbn};

use crate::locale::Localizer;

/// Shortest password, in characters.
pub const SHORTEST: usize = 8;
/// Longest password, in bytes.
pub const LONGEST: usize = 1000;

/// The first four bytes of the SHA-256 of each common password, sorted (`build.rs`, `passwords/ATTRIBUTION.md`).
static COMMON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/common_passwords.bin"));

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer than [`SHORTEST`] characters.
    TooShort,
    /// More than [`LONGEST`] bytes.
    TooLong,
    /// On the list of common ones.
    Common,
    /// Not on the list, but guessed in fewer than a million tries: a name, a date, a row of keys.
    Guessable,
}

impl PasswordError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::TooShort => l.t1("password-too-short", "shortest", u32::try_from(SHORTEST).unwrap_or(u32::MAX)),
            Self::TooLong => l.t("password-too-long"),
            Self::Common => l.t("password-common"),
            Self::Guessable => l.t("password-guessable"),
        }
    }
}

/// Judges a new password; `about` is what others know of its owner: name, phone number, address.
///
/// # Errors
/// [`PasswordError`].
pub fn judge(password: &str, about: &[&str]) -> Result<(), PasswordError> {
    if password.len() > LONGEST {
        return Err(PasswordError::TooLong);
    }
    if password.chars().count() < SHORTEST {
        return Err(PasswordError::TooShort);
    }
    if is_common(password) {
        return Err(PasswordError::Common);
    }
    let known: Vec<&str> = about.iter().copied().chain(["jiayin", "佳音"]).collect();
    if zxcvbn(password, &known).score() < Score::Two { Err(PasswordError::Guessable) } else { Ok(()) }
}

fn is_common(password: &str) -> bool {
    let digest: [u8; 32] = Sha256::digest(password.to_lowercase()).into();
    let (table, _) = COMMON.as_chunks::<4>();
    table.binary_search_by(|entry| entry[..].cmp(&digest[..4])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_common_ones_are_refused() {
        assert_eq!(judge("kurz", &[]), Err(PasswordError::TooShort));
        assert_eq!(judge("七个汉字也不够", &[]), Err(PasswordError::TooShort));
        assert_eq!(judge(&"长".repeat(400), &[]), Err(PasswordError::TooLong));
        for common in ["password", "12345678", "PassWord1", "iloveyou"] {
            assert_eq!(judge(common, &[]), Err(PasswordError::Common), "{common}");
        }
        for guessable in ["aaaaaaaaaaaa", "qwertzuiop1", "wangfang", "20120304"] {
            assert_eq!(judge(guessable, &["Wang Fang", "wangfang"]), Err(PasswordError::Guessable), "{guessable}");
        }
        for good in ["correct horse battery", "小明每天骑自行车上学", "vK3-fennel.drum", "jiayin-demo"] {
            assert_eq!(judge(good, &[]), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_whole_list_is_in_the_table() {
        let list = include_str!("../../passwords/common.txt");
        assert!(list.lines().count() > 5_000 && list.lines().all(is_common));
        assert!(COMMON.len() < 1_000_000);
    }
}
