//! Files: recordings, course audio, parts of uploads. Each is sealed in chunks, so that a range can be opened without the
//! rest. The object store sees a kind and an id, nothing else.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use jiayin_domain::provide::Entropy;
use jiayin_privacy::blob::{self, BlobKind, BlobOpener};
use jiayin_privacy::map::BlobEntry;
use jiayin_privacy::{Allows, Category, Grant, Purpose, SubjectKey};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt};
use uuid::Uuid;

use crate::StoreError;
use crate::uploads::part_id;

/// The object store.
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Files in a folder, which is made if need be. A file is written beside its place and moved there, and it is on the
    /// disk before the call returns.
    pub(crate) fn folder(folder: &Path) -> Result<Self, StoreError> {
        let problem = |source| object_store::Error::Generic { store: "folder", source: Box::new(source) };
        std::fs::create_dir_all(folder).map_err(problem)?;
        Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))))
    }

    /// Seals and stores a file.
    pub(crate) async fn put<C: Category>(
        &self,
        key: &SubjectKey,
        kind: BlobKind<C>,
        id: Uuid,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        let sealed = blob::seal_all(key, kind, id, plain, entropy)?;
        self.0.put(&path(kind.id(), id), sealed.into()).await?;
        Ok(())
    }

    /// The stored files that a row of a kind stands for, with the length of each: one, or as many as it has parts.
    pub(crate) async fn parts_of(&self, kind: &BlobEntry, id: Uuid) -> Result<Vec<(Uuid, u64)>, StoreError> {
        if !kind.parts {
            return Ok(self.plain_len(kind.kind, id).await?.map(|length| (id, length)).into_iter().collect());
        }
        let (mut parts, mut at) = (Vec::new(), 0);
        loop {
            let part = part_id(id, at);
            match self.plain_len(kind.kind, part).await? {
                Some(length) if length > 0 => {
                    parts.push((part, length));
                    at += length;
                }
                _ => return Ok(parts),
            }
        }
    }

    /// Removes the file of a row, or all parts of it; how many they were. They go from the last to the first: whoever begins
    /// again finds the others by those before them.
    pub(crate) async fn remove_parts(&self, kind: &BlobEntry, id: Uuid) -> Result<u64, StoreError> {
        let parts = self.parts_of(kind, id).await?;
        for (part, _) in parts.iter().rev() {
            self.remove(kind.kind, *part).await?;
        }
        Ok(parts.len() as u64)
    }

    /// Opens a whole file.
    pub(crate) async fn get<C: Category, P: Purpose + Allows<C>>(
        &self,
        key: &SubjectKey,
        kind: BlobKind<C>,
        id: Uuid,
        grant: &Grant<P>,
    ) -> Result<Vec<u8>, StoreError> {
        let sealed = self.0.get(&path(kind.id(), id)).await?.bytes().await?;
        Ok(blob::open_all(key, kind, id, &sealed, grant)?)
    }

    /// Opens a range of a file of `length` bytes.
    pub(crate) async fn get_range<C: Category, P: Purpose + Allows<C>>(
        &self,
        key: &SubjectKey,
        kind: BlobKind<C>,
        id: Uuid,
        (length, range): (u64, Range<u64>),
        grant: &Grant<P>,
    ) -> Result<Vec<u8>, StoreError> {
        let place = path(kind.id(), id);
        let header = self.0.get_range(&place, 0..blob::HEADER as u64).await?;
        let opener = BlobOpener::new(key, kind, id, &header, grant)?;
        let cover = blob::cover(range, length);
        let sealed = self.0.get_range(&place, cover.sealed.clone()).await?;
        Ok(opener.range(&cover, &sealed)?)
    }

    /// All files, as they are at the moment: place and length.
    pub(crate) fn all(&self) -> impl Stream<Item = Result<(String, u64), StoreError>> + use<'_> {
        self.0.list(None).map_ok(|file| (file.location.to_string(), file.size)).err_into()
    }

    /// Where a file lies.
    pub(crate) fn place(kind: &str, id: Uuid) -> String {
        path(kind, id).to_string()
    }

    /// A file as it lies there, sealed; `None` if it has gone.
    pub(crate) async fn sealed(&self, place: &str) -> Result<Option<Bytes>, StoreError> {
        match self.0.get(&place.into()).await {
            Ok(file) => Ok(Some(file.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a sealed file where it lay when it was backed up.
    pub(crate) async fn put_sealed(&self, place: &str, sealed: Bytes) -> Result<(), StoreError> {
        self.0.put(&place.into(), sealed.into()).await?;
        Ok(())
    }

    /// Length of a file's plain text; `None` if there is no such file.
    pub(crate) async fn plain_len(&self, kind: &str, id: Uuid) -> Result<Option<u64>, StoreError> {
        match self.0.head(&path(kind, id)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(found) => Ok(blob::plain_len(found.size)),
        }
    }

    /// The header of a file and the sealed bytes that a [`blob::Cover`] asks for.
    pub(crate) async fn sealed_range(
        &self,
        kind: &str,
        id: Uuid,
        cover: &blob::Cover,
    ) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
        let place = path(kind, id);
        let header = self.0.get_range(&place, 0..blob::HEADER as u64).await?;
        let sealed = self.0.get_range(&place, cover.sealed.clone()).await?;
        Ok((header.to_vec(), sealed.to_vec()))
    }

    /// Begins a file that comes in pieces, sealed already. It is not there before it is completed.
    pub(crate) async fn begin(
        &self,
        kind: &str,
        id: Uuid,
    ) -> Result<Box<dyn object_store::MultipartUpload>, StoreError> {
        Ok(self.0.put_multipart(&path(kind, id)).await?)
    }

    /// Removes a file; one that is not there is removed already.
    pub(crate) async fn remove(&self, kind: &str, id: Uuid) -> Result<(), StoreError> {
        match self.0.delete(&path(kind, id)).await {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The last byte of a UUIDv7 is random: it spreads the files over 256 folders.
fn path(kind: &str, id: Uuid) -> object_store::path::Path {
    format!("{kind}/{:02x}/{id}", id.as_bytes()[15]).into()
}
