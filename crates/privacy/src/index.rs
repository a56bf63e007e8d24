//! The blind index: how a row is found by a phone number that stands nowhere in readable form.

use jiayin_domain::provide::Entropy;
use uuid::Uuid;

use crate::key::{KeyError, RootKey, Secret, WrappedKey, hmac, secret};
use crate::seal::{Bound, IndexColumn, SealError};

/// The key of the blind indexes. Without it, an index says nothing and cannot be made by trial.
pub struct IndexKey(Secret);

impl IndexKey {
    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(secret(entropy))
    }

    /// Wraps the key under the name it has among the system's keys.
    ///
    /// # Errors
    /// [`SealError::TooLong`] if the cipher refuses, which it does not for 32 bytes.
    pub fn wrap(&self, root: &RootKey, name: &str, entropy: &dyn Entropy) -> Result<WrappedKey, SealError> {
        root.wrap_secret(&self.0, Bound::SystemKey, name, Uuid::nil(), entropy)
    }

    /// Unwraps the key of this name.
    ///
    /// # Errors
    /// [`KeyError`], which tells another root key from damage.
    pub fn unwrap(root: &RootKey, name: &str, wrapped: &WrappedKey) -> Result<Self, KeyError> {
        root.unwrap_secret(wrapped, Bound::SystemKey, name, Uuid::nil()).map(Self)
    }

    /// What stands in the column for this text: HMAC-SHA-256 of table, column and text, its first 16 bytes. The same text
    /// gives something else in another column.
    pub fn lookup(&self, column: IndexColumn, normalised: &str) -> [u8; 16] {
        let whole = hmac(&self.0, &[column.table().as_bytes(), column.name().as_bytes(), normalised.as_bytes()]);
        let mut first = [0; 16];
        first.copy_from_slice(&whole[..16]);
        first
    }
}
