//! Sealed files. The file is cut into chunks of 64 KiB, each sealed by itself with its number and whether it is the last
//! (the STREAM construction: Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that a range of bytes can be opened without the
//! rest, and chunks cannot be left out, put in another order or taken from another file.
//!
//! Layout: version (1 byte), prefix of the nonces (19, random), chunks; a chunk is ciphertext and tag (16). Every chunk but
//! the last is full; the last is empty only if the file is.

use std::marker::PhantomData;
use std::ops::Range;

use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::Payload;
use jiayin_domain::provide::Entropy;
use uuid::Uuid;

use crate::category::Category;
use crate::grant::Grant;
use crate::key::SubjectKey;
use crate::map::BlobEntry;
use crate::purpose::{self, Allows, Purpose};
use crate::seal::{Bound, OpenError, SealError, TAG, bound_to};

/// Bytes of plain text in a full chunk.
pub const CHUNK: usize = 64 * 1024;
/// Bytes before the first chunk.
pub const HEADER: usize = 1 + PREFIX;

const VERSION: u8 = 1;
const PREFIX: usize = 19;
const SEALED_CHUNK: usize = CHUNK + TAG;

include!(concat!(env!("OUT_DIR"), "/blob.rs"));

/// A kind of stored file, of category `C`. The constants beside it are all there are.
pub struct BlobKind<C> {
    id: &'static str,
    category: PhantomData<fn() -> C>,
}

impl<C> Clone for BlobKind<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for BlobKind<C> {}

impl<C: Category> BlobKind<C> {
    const fn new(id: &'static str) -> Self {
        Self { id, category: PhantomData }
    }

    /// Its id in the data map.
    pub fn id(self) -> &'static str {
        self.id
    }
}

/// Length of the sealed file for a plain text of `plain_len` bytes.
pub fn sealed_len(plain_len: u64) -> u64 {
    (HEADER as u64).saturating_add(plain_len).saturating_add(chunks(plain_len).saturating_mul(TAG as u64))
}

/// Length of the plain text of a sealed file; `None` if no file has this length.
pub fn plain_len(sealed_len: u64) -> Option<u64> {
    let body = sealed_len.checked_sub(HEADER as u64)?;
    let plain = body.checked_sub(body.div_ceil(SEALED_CHUNK as u64).max(1).saturating_mul(TAG as u64))?;
    (self::sealed_len(plain) == sealed_len).then_some(plain)
}

/// Chunks of a file; an empty one has one too.
fn chunks(plain_len: u64) -> u64 {
    plain_len.div_ceil(CHUNK as u64).max(1)
}

/// Which part of a sealed file must be read to have a range of its plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// Number of the first chunk, from 0.
    pub first_chunk: u32,
    /// Number of the last chunk that is needed.
    pub last_chunk: u32,
    /// Whether that is the last chunk of the file.
    pub to_the_end: bool,
    /// Bytes of the sealed file, header not included.
    pub sealed: Range<u64>,
    /// Bytes of plain text to drop from the front.
    pub skip: usize,
    /// Bytes of plain text that then follow; fewer than were asked for where the file ends before.
    pub take: usize,
}

/// Which part of a sealed file must be read to have the bytes `range` of a plain text of `plain_len` bytes. What lies
/// beyond the end is left out; for an empty range a chunk is still read, and nothing taken.
pub fn cover(range: Range<u64>, plain_len: u64) -> Cover {
    let number = |chunk: u64| u32::try_from(chunk).unwrap_or(u32::MAX);
    let start = range.start.min(plain_len);
    let end = range.end.clamp(start, plain_len);
    let count = chunks(plain_len);
    let first = (start / CHUNK as u64).min(count - 1);
    let last = if end > start { (end - 1) / CHUNK as u64 } else { first };
    let place = |chunk: u64| (HEADER as u64).saturating_add(chunk.saturating_mul(SEALED_CHUNK as u64));
    Cover {
        first_chunk: number(first),
        last_chunk: number(last),
        to_the_end: last + 1 == count,
        sealed: place(first)..place(last + 1).min(sealed_len(plain_len)),
        skip: usize::try_from(start - first * CHUNK as u64).unwrap_or(usize::MAX),
        take: usize::try_from(end - start).unwrap_or(usize::MAX),
    }
}

/// What sealing and opening share.
struct Stream {
    cipher: StreamBE32<XChaCha20Poly1305>,
    bound: Vec<u8>,
}

impl Stream {
    fn new(cipher: XChaCha20Poly1305, prefix: [u8; PREFIX], bound: Vec<u8>) -> Self {
        Self { cipher: StreamBE32::from_aead(cipher, &prefix.into()), bound }
    }
}

/// What the chunks of a person's file are bound to.
fn bound(key: &SubjectKey, kind: &str, id: Uuid) -> Vec<u8> {
    bound_to(Bound::Blob, VERSION, &[kind], &[id, key.subject().0])
}

/// Whether a chunk of `len` bytes of plain text may stand there.
fn fits(index: u32, last: bool, len: usize) -> bool {
    if last { len <= CHUNK && (len > 0 || index == 0) } else { len == CHUNK }
}

/// Seals a file, chunk after chunk.
pub struct BlobSealer {
    stream: Stream,
    prefix: [u8; PREFIX],
    /// Number of the next chunk; `None` after the last.
    next: Option<u32>,
}

impl BlobSealer {
    /// Begins the file `id`. It must be sealed to its end by this sealer: a chunk sealed twice would give both away, so there
    /// is no way to take up where another left off.
    pub fn new<C: Category>(key: &SubjectKey, kind: BlobKind<C>, id: Uuid, entropy: &dyn Entropy) -> Self {
        Self::begin(key.cipher(), bound(key, kind.id, id), entropy)
    }

    pub(crate) fn begin(cipher: XChaCha20Poly1305, bound: Vec<u8>, entropy: &dyn Entropy) -> Self {
        let mut prefix = [0; PREFIX];
        entropy.fill(&mut prefix);
        Self { stream: Stream::new(cipher, prefix, bound), prefix, next: Some(0) }
    }

    /// What stands before the first chunk.
    pub fn header(&self) -> Vec<u8> {
        let mut header = vec![VERSION];
        header.extend(self.prefix);
        header
    }

    /// Seals the next chunk: [`CHUNK`] bytes, in the last one what is left of the file.
    ///
    /// # Errors
    /// [`SealError::Chunk`] after the last chunk or for one of the wrong size; [`SealError::TooLong`] beyond 256 TiB.
    pub fn chunk(&mut self, plain: &[u8], last: bool) -> Result<Vec<u8>, SealError> {
        let index = self.next.ok_or(SealError::Chunk)?;
        if !fits(index, last, plain.len()) {
            return Err(SealError::Chunk);
        }
        let sealed = self
            .stream
            .cipher
            .encrypt(index, last, Payload { msg: plain, aad: &self.stream.bound })
            .map_err(|_| SealError::TooLong)?;
        self.next = match (last, index.checked_add(1)) {
            (true, _) => None,
            (false, Some(next)) => Some(next),
            (false, None) => return Err(SealError::TooLong),
        };
        Ok(sealed)
    }
}

/// Opens a sealed file, chunk by chunk, in any order.
pub struct BlobOpener {
    stream: Stream,
}

impl BlobOpener {
    /// Opens the file `id`, of which `header` is the beginning, for a purpose that may open its category.
    ///
    /// # Errors
    /// [`OpenError::OutOfScope`] if the grant does not reach the subject or the category; [`OpenError::UnknownVersion`] or
    /// [`OpenError::Damaged`] if the header is no header.
    pub fn new<P: Purpose + Allows<C>, C: Category>(
        key: &SubjectKey,
        kind: BlobKind<C>,
        id: Uuid,
        header: &[u8],
        grant: &Grant<P>,
    ) -> Result<Self, OpenError> {
        grant.covers::<C>(key.subject())?;
        Self::begin(key.cipher(), bound(key, kind.id, id), header)
    }

    /// The same for a kind that only the map names, for the person who asks by right what is kept of them
    /// ([`SubjectKey::open_mapped`]).
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn mapped(
        key: &SubjectKey,
        kind: &'static BlobEntry,
        id: Uuid,
        header: &[u8],
        grant: &Grant<purpose::Rights>,
    ) -> Result<Self, OpenError> {
        grant.covers_named(kind.category, key.subject())?;
        Self::begin(key.cipher(), bound(key, kind.kind, id), header)
    }

    pub(crate) fn begin(cipher: XChaCha20Poly1305, bound: Vec<u8>, header: &[u8]) -> Result<Self, OpenError> {
        let (version, prefix) = header.split_first().ok_or(OpenError::Damaged)?;
        if *version != VERSION {
            return Err(OpenError::UnknownVersion);
        }
        let prefix: [u8; PREFIX] = prefix.try_into().map_err(|_| OpenError::Damaged)?;
        Ok(Self { stream: Stream::new(cipher, prefix, bound) })
    }

    /// Opens one chunk: its number, whether it is the last of the file, its sealed bytes.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] if it is not exactly that chunk of this file.
    pub fn chunk(&self, index: u32, last: bool, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let len = sealed.len().checked_sub(TAG).ok_or(OpenError::Damaged)?;
        if !fits(index, last, len) {
            return Err(OpenError::Damaged);
        }
        self.stream
            .cipher
            .decrypt(index, last, Payload { msg: sealed, aad: &self.stream.bound })
            .map_err(|_| OpenError::Damaged)
    }

    /// Opens what a [`Cover`] asks for: `sealed` is the bytes [`Cover::sealed`] of the file.
    ///
    /// # Errors
    /// As [`Self::chunk`].
    pub fn range(&self, cover: &Cover, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let mut plain = Vec::with_capacity(sealed.len());
        let mut rest = sealed;
        for index in cover.first_chunk..=cover.last_chunk {
            let (chunk, after) = rest.split_at(rest.len().min(SEALED_CHUNK));
            plain.extend(self.chunk(index, cover.to_the_end && index == cover.last_chunk, chunk)?);
            rest = after;
        }
        let end = cover.skip.saturating_add(cover.take);
        if !rest.is_empty() || end > plain.len() {
            return Err(OpenError::Damaged);
        }
        plain.truncate(end);
        plain.drain(..cover.skip);
        Ok(plain)
    }
}

/// Seals a whole file.
///
/// # Errors
/// As [`BlobSealer::chunk`].
pub fn seal_all<C: Category>(
    key: &SubjectKey,
    kind: BlobKind<C>,
    id: Uuid,
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let mut sealer = BlobSealer::new(key, kind, id, entropy);
    let mut sealed = sealer.header();
    let mut rest = plain;
    loop {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK));
        sealed.extend(sealer.chunk(chunk, after.is_empty())?);
        if after.is_empty() {
            return Ok(sealed);
        }
        rest = after;
    }
}

/// Opens a whole file, for a purpose that may open its category.
///
/// # Errors
/// As [`BlobOpener::new`] and [`BlobOpener::chunk`].
pub fn open_all<P: Purpose + Allows<C>, C: Category>(
    key: &SubjectKey,
    kind: BlobKind<C>,
    id: Uuid,
    sealed: &[u8],
    grant: &Grant<P>,
) -> Result<Vec<u8>, OpenError> {
    let (header, body) = sealed.split_at(sealed.len().min(HEADER));
    let opener = BlobOpener::new(key, kind, id, header, grant)?;
    let len = plain_len(sealed.len() as u64).ok_or(OpenError::Damaged)?;
    opener.range(&cover(0..len, len), body)
}

impl SubjectKey {
    /// Whether a sealed file is whole and this person's. It tells nothing of what is in it: for whoever checks a backup, and
    /// may not hear it.
    ///
    /// # Errors
    /// [`OpenError`] if it is not.
    pub fn check_file(&self, kind: &str, id: Uuid, sealed: &[u8]) -> Result<(), OpenError> {
        let (header, body) = sealed.split_at(sealed.len().min(HEADER));
        let opener = BlobOpener::begin(self.cipher(), bound(self, kind, id), header)?;
        let len = plain_len(sealed.len() as u64).ok_or(OpenError::Damaged)?;
        opener.range(&cover(0..len, len), body).map(drop)
    }
}
