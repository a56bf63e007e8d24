//! Keys: one for each person, wrapped by the root key, which stands outside the data and its backups. Destroying a person's
//! wrapped key makes everything sealed under it noise, in backups too.

use std::fmt;

use base64ct::{Base64, Encoding};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use jiayin_domain::id::PersonId;
use jiayin_domain::provide::Entropy;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::seal::{Bound, NONCE, SealError, TAG, bound_to};

/// Length of a key in bytes.
pub(crate) const KEY: usize = 32;
const VERSION: u8 = 1;
const ROOT_ID: usize = 8;

/// Secret bytes, wiped when dropped.
pub(crate) type Secret = Zeroizing<[u8; KEY]>;

pub(crate) fn secret(entropy: &dyn Entropy) -> Secret {
    let mut bytes = Zeroizing::new([0; KEY]);
    entropy.fill(&mut *bytes);
    bytes
}

/// HMAC-SHA-256 over the parts, each with its length before it.
pub(crate) fn hmac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key up to its block with zeros (RFC 2104); done here, there is no length that could be wrong.
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY].copy_from_slice(&**key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key of one person. Everything personal about them is sealed under it.
pub struct SubjectKey {
    subject: PersonId,
    key: Secret,
}

impl SubjectKey {
    /// A new key.
    pub fn generate(subject: PersonId, entropy: &dyn Entropy) -> Self {
        Self { subject, key: secret(entropy) }
    }

    /// Whose it is.
    pub fn subject(&self) -> PersonId {
        self.subject
    }

    pub(crate) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

/// The key that wraps all others. It stands in the operator's key file, not with the data.
pub struct RootKey {
    key: Secret,
    id: RootKeyId,
}

/// Tells root keys apart without telling anything of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RootKeyId([u8; ROOT_ID]);

impl fmt::Display for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for RootKeyId {
    type Err = KeyError;

    /// From what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut id = [0; ROOT_ID];
        if text.len() != 2 * ROOT_ID || !text.is_ascii() {
            return Err(KeyError::Damaged);
        }
        for (byte, digits) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| KeyError::Damaged)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| KeyError::Damaged)?;
        }
        Ok(Self(id))
    }
}

/// Why a key cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes in base64.
    #[error("not a key: 32 bytes in base64 are expected")]
    NotAKey,
    /// Wrapped by another root key.
    #[error("made with another root key ({0})")]
    AnotherRoot(RootKeyId),
    /// Wrapped in a format that this program does not know.
    #[error("wrapped in an unknown format")]
    UnknownVersion,
    /// Edited, cut, or wrapped for someone else.
    #[error("a damaged key")]
    Damaged,
}

/// A key under the root key, as it stands in the key ring.
///
/// Layout: version (1 byte), id of the root key (8), nonce (24, random), ciphertext (32), tag (16).
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey(Vec<u8>);

impl WrappedKey {
    /// What the key ring holds. Nothing is checked before it is unwrapped.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Which root key it is under.
    ///
    /// # Errors
    /// [`KeyError`] if this is no wrapped key.
    pub fn root_id(&self) -> Result<RootKeyId, KeyError> {
        let (version, rest) = self.0.split_first().ok_or(KeyError::Damaged)?;
        if *version != VERSION {
            return Err(KeyError::UnknownVersion);
        }
        rest.first_chunk().map(|id| RootKeyId(*id)).ok_or(KeyError::Damaged)
    }

    /// For the key ring.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For the key ring.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({} bytes)", self.0.len())
    }
}

impl RootKey {
    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::from_secret(secret(entropy))
    }

    /// The key from its text: 32 bytes in base64, white space around it allowed.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`].
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; KEY]);
        match Base64::decode(text.trim(), &mut *key) {
            Ok(bytes) if bytes.len() == KEY => Ok(Self::from_secret(key)),
            _ => Err(KeyError::NotAKey),
        }
    }

    fn from_secret(key: Secret) -> Self {
        let mut id = [0; ROOT_ID];
        id.copy_from_slice(&hmac(&key, &[b"jiayin root key id"])[..ROOT_ID]);
        Self { key, id: RootKeyId(id) }
    }

    /// The key as text, for the operator's key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64::encode_string(&*self.key))
    }

    /// Its id.
    pub fn id(&self) -> RootKeyId {
        self.id
    }

    /// Wraps a person's key.
    ///
    /// # Errors
    /// [`SealError::TooLong`] if the cipher refuses, which it does not for 32 bytes.
    pub fn wrap(&self, key: &SubjectKey, entropy: &dyn Entropy) -> Result<WrappedKey, SealError> {
        self.wrap_secret(&key.key, Bound::SubjectKey, "", key.subject.0, entropy)
    }

    /// Unwraps the key of `subject`.
    ///
    /// # Errors
    /// [`KeyError`], which tells another root key from damage.
    pub fn unwrap(&self, subject: PersonId, wrapped: &WrappedKey) -> Result<SubjectKey, KeyError> {
        let key = self.unwrap_secret(wrapped, Bound::SubjectKey, "", subject.0)?;
        Ok(SubjectKey { subject, key })
    }

    /// Takes the key that the system has under `name` over from another root key.
    ///
    /// # Errors
    /// [`KeyError`] if it is not under `from`, or damaged.
    pub fn take_over_system_key(
        &self,
        from: &Self,
        name: &str,
        wrapped: &WrappedKey,
        entropy: &dyn Entropy,
    ) -> Result<WrappedKey, KeyError> {
        let key = from.unwrap_secret(wrapped, Bound::SystemKey, name, Uuid::nil())?;
        self.wrap_secret(&key, Bound::SystemKey, name, Uuid::nil(), entropy).map_err(|_| KeyError::Damaged)
    }

    /// Takes a person's key over from another root key.
    ///
    /// # Errors
    /// [`KeyError`] if it is not under `from`, or damaged.
    pub fn take_over(
        &self,
        from: &Self,
        subject: PersonId,
        wrapped: &WrappedKey,
        entropy: &dyn Entropy,
    ) -> Result<WrappedKey, KeyError> {
        self.wrap(&from.unwrap(subject, wrapped)?, entropy).map_err(|_| KeyError::Damaged)
    }

    pub(crate) fn wrap_secret(
        &self,
        key: &Secret,
        kind: Bound,
        name: &str,
        subject: Uuid,
        entropy: &dyn Entropy,
    ) -> Result<WrappedKey, SealError> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let text = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: &**key, aad: &self.bound(kind, name, subject) })
            .map_err(|_| SealError::TooLong)?;
        let mut bytes = Vec::with_capacity(1 + ROOT_ID + NONCE + KEY + TAG);
        bytes.push(VERSION);
        bytes.extend(self.id.0);
        bytes.extend(nonce);
        bytes.extend(text);
        Ok(WrappedKey(bytes))
    }

    pub(crate) fn unwrap_secret(
        &self,
        wrapped: &WrappedKey,
        kind: Bound,
        name: &str,
        subject: Uuid,
    ) -> Result<Secret, KeyError> {
        let id = wrapped.root_id()?;
        if id != self.id {
            return Err(KeyError::AnotherRoot(id));
        }
        let (nonce, text) = wrapped.0[1 + ROOT_ID..].split_first_chunk::<NONCE>().ok_or(KeyError::Damaged)?;
        let plain = self
            .cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: &self.bound(kind, name, subject) })
            .map(Zeroizing::new)
            .map_err(|_| KeyError::Damaged)?;
        let mut key = Zeroizing::new([0; KEY]);
        if plain.len() != KEY {
            return Err(KeyError::Damaged);
        }
        key.copy_from_slice(&plain);
        Ok(key)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }

    fn bound(&self, kind: Bound, name: &str, subject: Uuid) -> Vec<u8> {
        let mut bytes = bound_to(kind, VERSION, &[name], &[subject]);
        bytes.extend(self.id.0);
        bytes
    }
}
