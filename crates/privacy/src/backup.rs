//! The key of backups, and what is sealed with it: tables, lists of files, the key ring. The rows in a sealed table hold their
//! personal values as the database does, sealed under each person's own key: who can open a backup still needs the key ring
//! and a grant to read anything personal in it.

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use jiayin_domain::provide::Entropy;
use uuid::Uuid;

use crate::blob::{BlobOpener, BlobSealer};
use crate::key::{KeyError, RootKey, Secret, WrappedKey, secret};
use crate::seal::{Bound, OpenError, SealError, bound_to};

const VERSION: u8 = 1;

/// The key under which backups are sealed.
pub struct BackupKey(Secret);

impl BackupKey {
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

    /// Begins the file `name` of a backup. It opens under this name and in this backup only.
    pub fn sealer(&self, backup: Uuid, name: &str, entropy: &dyn Entropy) -> BlobSealer {
        BlobSealer::begin(self.cipher(), bound(backup, name), entropy)
    }

    /// Opens the file `name` of a backup, of which `header` is the beginning.
    ///
    /// # Errors
    /// [`OpenError`] if the header is no header.
    pub fn opener(&self, backup: Uuid, name: &str, header: &[u8]) -> Result<BlobOpener, OpenError> {
        BlobOpener::begin(self.cipher(), bound(backup, name), header)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

fn bound(backup: Uuid, name: &str) -> Vec<u8> {
    bound_to(Bound::Backup, VERSION, &[name], &[backup])
}
