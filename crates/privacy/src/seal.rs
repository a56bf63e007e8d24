//! Sealed columns. A value is JSON, encrypted with XChaCha20-Poly1305 under its subject's key and bound to the version of
//! this format, its table, column, row and subject: moved anywhere else, it does not open.
//!
//! Layout: version (1 byte), nonce (24, random), ciphertext, tag (16).

use std::fmt;
use std::marker::PhantomData;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{Tag, XNonce};
use jiayin_domain::provide::Entropy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::category::Category;
use crate::grant::{Grant, OutOfScope};
use crate::key::SubjectKey;
use crate::map::ColumnEntry;
use crate::personal::Personal;
use crate::purpose;

const VERSION: u8 = 1;
pub(crate) const NONCE: usize = 24;
pub(crate) const TAG: usize = 16;
const HEAD: usize = 1 + NONCE;

/// What a piece of ciphertext is, as the first byte of what it is bound to: no kind can pass for another.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Bound {
    Column = b'c',
    Blob = b'b',
    SubjectKey = b's',
    SystemKey = b'y',
    Backup = b'k',
    Token = b't',
}

/// What a piece of ciphertext is bound to. Texts are at most 255 bytes (the data map allows 40).
pub(crate) fn bound_to(kind: Bound, version: u8, texts: &[&str], ids: &[Uuid]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend([kind as u8, version]);
    for text in texts {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    for id in ids {
        bytes.extend(id.as_bytes());
    }
    bytes
}

/// A sealed column of category `C`. The constants in [`crate::column`] are all there are.
pub struct Column<C> {
    table: &'static str,
    name: &'static str,
    category: PhantomData<fn() -> C>,
}

impl<C> Clone for Column<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Column<C> {}

impl<C: Category> Column<C> {
    pub(crate) const fn new(table: &'static str, name: &'static str) -> Self {
        Self { table, name, category: PhantomData }
    }

    /// Name of its table.
    pub fn table(self) -> &'static str {
        self.table
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// A column that holds keyed blind indexes. The constants in [`crate::column`] are all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexColumn {
    table: &'static str,
    name: &'static str,
}

impl IndexColumn {
    pub(crate) const fn new(table: &'static str, name: &'static str) -> Self {
        Self { table, name }
    }

    /// Name of its table.
    pub fn table(self) -> &'static str {
        self.table
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// A sealed value of category `C`, as it stands in the database.
pub struct Sealed<C> {
    bytes: Vec<u8>,
    category: PhantomData<fn() -> C>,
}

impl<C: Category> Sealed<C> {
    /// What a column holds. Nothing is checked before it is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, category: PhantomData }
    }

    /// For the column.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// For the column.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<C> Clone for Sealed<C> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), category: PhantomData }
    }
}

impl<C> fmt::Debug for Sealed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}

/// Why something cannot be sealed. Says nothing of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The value has no JSON.
    #[error("the value cannot be written as JSON")]
    Shape,
    /// The cipher refuses: too long by far.
    #[error("the value is too long to be sealed")]
    TooLong,
    /// The value is about another person than the key.
    #[error("the value is about another person than the key")]
    Subject,
    /// The last chunk has been sealed, or a chunk is not of the size it must have.
    #[error("a chunk that does not belong here")]
    Chunk,
}

/// Why something sealed does not open. Says nothing of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Sealed by a format that this program does not know.
    #[error("sealed in an unknown format")]
    UnknownVersion,
    /// Edited, cut, moved from another place or person, or sealed with another key.
    #[error("damaged, moved, or sealed with another key")]
    Damaged,
    /// Genuine, but not the kind of value that was asked for.
    #[error("sealed, but another kind of value")]
    Shape,
    /// The grant does not reach it.
    #[error(transparent)]
    OutOfScope(#[from] OutOfScope),
}

impl SubjectKey {
    /// Seals a value for one column of one row.
    ///
    /// # Errors
    /// [`SealError`] if the value has no JSON or is longer than 256 GiB.
    pub fn seal<T: Serialize + ?Sized, C: Category>(
        &self,
        column: Column<C>,
        row: Uuid,
        value: &T,
        entropy: &dyn Entropy,
    ) -> Result<Sealed<C>, SealError> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        // One buffer from the plain text to the sealed one, wiped if sealing fails; large enough that it seldom grows.
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        bytes.push(VERSION);
        bytes.extend(nonce);
        serde_json::to_writer(&mut *bytes, value).map_err(|_| SealError::Shape)?;
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &bound(column.table, column.name, row, self.subject().0),
                InOutBuf::from(&mut bytes[HEAD..]),
            )
            .map_err(|_| SealError::TooLong)?;
        bytes.extend(tag);
        Ok(Sealed::from_bytes(std::mem::take(&mut *bytes)))
    }

    /// Seals what is already [`Personal`].
    ///
    /// # Errors
    /// As [`Self::seal`], and [`SealError::Subject`] if it is about another person.
    pub fn seal_personal<T: Serialize, C: Category>(
        &self,
        column: Column<C>,
        row: Uuid,
        value: &Personal<T, C>,
        entropy: &dyn Entropy,
    ) -> Result<Sealed<C>, SealError> {
        if value.subject() != self.subject() {
            return Err(SealError::Subject);
        }
        self.seal(column, row, value.to_seal(), entropy)
    }

    /// Opens a value of one column of one row. What comes out can be read with a grant only.
    ///
    /// # Errors
    /// [`OpenError`], which does not tell an edited value from one of another row, column or person: neither does the
    /// cipher.
    pub fn open<T: DeserializeOwned, C: Category>(
        &self,
        column: Column<C>,
        row: Uuid,
        sealed: &Sealed<C>,
    ) -> Result<Personal<T, C>, OpenError> {
        let value = self.opened(column.table, column.name, row, &sealed.bytes)?;
        Ok(Personal::new(self.subject(), value))
    }
}

impl SubjectKey {
    /// Whether what stands in a sealed column is whole and this person's. It tells nothing of the value: for whoever checks
    /// a backup, and may not read it.
    ///
    /// # Errors
    /// [`OpenError`] if it is not.
    pub fn check(&self, table: &str, column: &str, row: Uuid, sealed: &[u8]) -> Result<(), OpenError> {
        let bound = bound_to(Bound::Column, VERSION, &[table, column], &[row, self.subject().0]);
        self.decrypt(&bound, sealed).map(drop)
    }

    /// Opens a value of a column that only the map names, for the person who asks by right what is kept of them. The
    /// categories are compared when it runs, and no other purpose can come this way.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::OutOfScope`] if the grant reaches neither this person nor the column's category.
    pub fn open_mapped(
        &self,
        column: &'static ColumnEntry,
        row: Uuid,
        sealed: &[u8],
        grant: &Grant<purpose::Rights>,
    ) -> Result<serde_json::Value, OpenError> {
        grant.covers_named(column.category, self.subject())?;
        self.opened(column.table, column.column, row, sealed)
    }

    fn opened<T: DeserializeOwned>(&self, table: &str, column: &str, row: Uuid, sealed: &[u8]) -> Result<T, OpenError> {
        let plain = self.decrypt(&bound(table, column, row, self.subject().0), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| OpenError::Shape)
    }

    fn decrypt(&self, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (version, rest) = sealed.split_first().ok_or(OpenError::Damaged)?;
        if *version != VERSION {
            return Err(OpenError::UnknownVersion);
        }
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(OpenError::Damaged)?;
        let (text, tag) = rest.split_last_chunk::<TAG>().ok_or(OpenError::Damaged)?;
        let mut plain = Zeroizing::new(text.to_vec());
        self.cipher()
            .decrypt_inout_detached(&XNonce::from(*nonce), bound, InOutBuf::from(&mut plain[..]), &Tag::from(*tag))
            .map_err(|_| OpenError::Damaged)?;
        Ok(plain)
    }
}

fn bound(table: &str, column: &str, row: Uuid, subject: Uuid) -> Vec<u8> {
    bound_to(Bound::Column, VERSION, &[table, column], &[row, subject])
}
