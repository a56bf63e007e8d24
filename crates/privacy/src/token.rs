//! Tokens: what the program gives a browser to hold and takes back, so that nothing of it need be kept here. They are
//! sealed, and bound to what they are for.
//!
//! Layout: version (1 byte), nonce (24, random), ciphertext, tag (16).

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use jiayin_domain::provide::Entropy;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::key::{KeyError, RootKey, Secret, WrappedKey, hmac, secret};
use crate::seal::{Bound, NONCE, OpenError, SealError, TAG, bound_to};

const VERSION: u8 = 1;

/// The key of the tokens. Sealing and digests each have a key of their own, made from it.
pub struct TokenKey {
    whole: Secret,
    sealing: Secret,
    digests: Secret,
}

impl TokenKey {
    fn new(whole: Secret) -> Self {
        let made = |name: &[u8]| Zeroizing::new(hmac(&whole, &[name]));
        let (sealing, digests) = (made(b"jiayin tokens: sealing"), made(b"jiayin tokens: digests"));
        Self { whole, sealing, digests }
    }

    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::new(secret(entropy))
    }

    /// Wraps the key under the name it has among the system's keys.
    ///
    /// # Errors
    /// [`SealError::TooLong`] if the cipher refuses, which it does not for 32 bytes.
    pub fn wrap(&self, root: &RootKey, name: &str, entropy: &dyn Entropy) -> Result<WrappedKey, SealError> {
        root.wrap_secret(&self.whole, Bound::SystemKey, name, Uuid::nil(), entropy)
    }

    /// Unwraps the key of this name.
    ///
    /// # Errors
    /// [`KeyError`], which tells another root key from damage.
    pub fn unwrap(root: &RootKey, name: &str, wrapped: &WrappedKey) -> Result<Self, KeyError> {
        root.unwrap_secret(wrapped, Bound::SystemKey, name, Uuid::nil()).map(Self::new)
    }

    /// Seals what a token says. It opens as a token of the same kind only.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond 256 GiB.
    pub fn seal(&self, kind: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let aad = bound_to(Bound::Token, VERSION, &[kind], &[]);
        let text = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| SealError::TooLong)?;
        let mut bytes = Vec::with_capacity(1 + NONCE + plain.len() + TAG);
        bytes.push(VERSION);
        bytes.extend(nonce);
        bytes.extend(text);
        Ok(bytes)
    }

    /// Opens a token of this kind.
    ///
    /// # Errors
    /// [`OpenError`] for what this key has not sealed as this kind.
    pub fn open(&self, kind: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (version, rest) = sealed.split_first().ok_or(OpenError::Damaged)?;
        if *version != VERSION {
            return Err(OpenError::UnknownVersion);
        }
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(OpenError::Damaged)?;
        let aad = bound_to(Bound::Token, VERSION, &[kind], &[]);
        self.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| OpenError::Damaged)
    }

    /// A keyed digest (HMAC-SHA-256) of the parts, for this use only: without the key it cannot be made by trial.
    pub fn digest(&self, use_for: &str, parts: &[&[u8]]) -> [u8; 32] {
        let all: Vec<&[u8]> = std::iter::once(use_for.as_bytes()).chain(parts.iter().copied()).collect();
        hmac(&self.digests, &all)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.sealing).into())
    }
}
