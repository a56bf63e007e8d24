//! Where an archive goes as it grows: into a sealed file of the store, or wherever the caller likes.

use jiayin_privacy::SubjectKey;
use jiayin_privacy::blob::{self, BlobSealer, CHUNK};
use object_store::MultipartUpload;
use uuid::Uuid;

use crate::{Store, StoreError};

/// Takes the bytes of an archive, one after the other.
pub trait Sink: Send {
    /// Takes some.
    ///
    /// # Errors
    /// [`StoreError::Full`] if there is no room left.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Sealed bytes are handed over in parts of at least this size, as S3 wants them.
const PART: usize = 5 << 20;

/// A file that is sealed while it is written. It is not there before [`SealedFile::finish`]; dropped, it leaves nothing.
pub(super) struct SealedFile {
    upload: Box<dyn MultipartUpload>,
    sealer: BlobSealer,
    plain: Vec<u8>,
    sealed: Vec<u8>,
    written: u64,
}

impl SealedFile {
    /// Begins the copy `id` of a person.
    pub(super) async fn begin(store: &Store, key: &SubjectKey, id: Uuid) -> Result<Self, StoreError> {
        let sealer = BlobSealer::new(key, blob::EXPORT, id, &*store.entropy);
        let upload = store.blobs.begin(blob::EXPORT.id(), id).await?;
        let sealed = sealer.header();
        Ok(Self { upload, sealer, plain: Vec::with_capacity(2 * CHUNK), sealed, written: 0 })
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let part = std::mem::take(&mut self.sealed);
        Ok(self.upload.put_part(part.into()).await?)
    }

    /// Seals what is left, and puts the file in its place. The number of its bytes.
    pub(super) async fn finish(mut self) -> Result<u64, StoreError> {
        let last = self.sealer.chunk(&self.plain, true)?;
        self.sealed.extend(last);
        let ended = match self.flush().await {
            Ok(()) => self.upload.complete().await.map_err(StoreError::from).map(drop),
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => Ok(self.written),
            Err(error) => Err(self.give_up(error).await),
        }
    }

    /// Takes away what was written so far. The error is the caller's, and goes back to it.
    pub(super) async fn give_up(mut self, error: StoreError) -> StoreError {
        if let Err(left) = self.upload.abort().await {
            tracing::warn!(error = %left, "the beginning of a copy could not be removed");
        }
        error
    }
}

impl Sink for SealedFile {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.written = self.written.saturating_add(bytes.len() as u64);
        self.plain.extend_from_slice(bytes);
        // One chunk is held back: the last one is sealed as such.
        while self.plain.len() > CHUNK {
            let sealed = self.sealer.chunk(&self.plain[..CHUNK], false)?;
            self.plain.drain(..CHUNK);
            self.sealed.extend(sealed);
            if self.sealed.len() >= PART {
                self.flush().await?;
            }
        }
        Ok(())
    }
}
