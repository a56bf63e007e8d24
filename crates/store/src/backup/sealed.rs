//! A sealed file of a backup, written and read as a stream: a line of plain text that says what it is, the id of the backup,
//! and the chunks. It opens under its own name, in its own backup, to its very end.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use jiayin_domain::provide::Entropy;
use jiayin_privacy::blob::{self, CHUNK};
use jiayin_privacy::{BackupKey, BlobOpener, BlobSealer, OpenError};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::BackupError;

/// The first line of every sealed file; with another number, an older program says so instead of calling it damaged.
const MAGIC: &[u8; 16] = b"jiayin backup 1\n";
const ID: usize = 16;

/// What came out of writing a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Written {
    /// Length in bytes.
    pub(super) bytes: u64,
    /// SHA-256 in hex.
    pub(super) sha256: String,
}

/// Writes one.
pub(super) struct SealedWriter {
    out: BufWriter<File>,
    path: PathBuf,
    sealer: BlobSealer,
    buffer: Vec<u8>,
    hash: Sha256,
    bytes: u64,
}

impl SealedWriter {
    /// Makes a file that opens as `name` of the backup `id`. `before` stands between the first line and the chunks, in the open.
    pub(super) fn create(
        path: &Path,
        (id, name): (Uuid, &str),
        before: &[u8],
        key: &BackupKey,
        entropy: &dyn Entropy,
    ) -> Result<Self, BackupError> {
        let file = File::create(path).map_err(BackupError::disk(path))?;
        let sealer = key.sealer(id, name, entropy);
        let header = [MAGIC.as_slice(), id.as_bytes(), before, &sealer.header()].concat();
        let (out, buffer) = (BufWriter::with_capacity(2 * CHUNK, file), Vec::with_capacity(CHUNK));
        let mut writer = Self { out, path: path.to_owned(), sealer, buffer, hash: Sha256::new(), bytes: 0 };
        writer.put(&header).map_err(BackupError::disk(path))?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.sealer.chunk(&self.buffer, last).map_err(io::Error::other)?;
        self.buffer.clear();
        self.put(&sealed)
    }

    /// Seals what is left and flushes it to the disk.
    pub(super) fn finish(mut self) -> Result<Written, BackupError> {
        let done = self.seal(true).and_then(|()| self.out.flush()).and_then(|()| self.out.get_ref().sync_all());
        done.map_err(BackupError::disk(&self.path))?;
        Ok(Written { bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk is sealed when more comes: whether it is the last one is known only then.
        if self.buffer.len() == CHUNK {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads one.
pub(super) struct SealedReader {
    file: File,
    opener: BlobOpener,
    next: u32,
    /// Bytes of sealed chunks that have not been read yet.
    left: u64,
    open: Vec<u8>,
    read: usize,
}

impl SealedReader {
    /// Opens a file as `name`. `key` makes the key of the `N` bytes that stand in the open.
    pub(super) fn open<const N: usize>(
        path: &Path,
        name: &str,
        key: impl FnOnce([u8; N]) -> Result<BackupKey, BackupError>,
    ) -> Result<Self, BackupError> {
        Self::with(path, |before, id, header| Ok(key(before)?.opener(id, name, header)))
    }

    /// Opens a file as `name`, under the key of backups.
    pub(super) fn under(path: &Path, name: &str, key: &BackupKey) -> Result<Self, BackupError> {
        Self::with(path, |[]: [u8; 0], id, header| Ok(key.opener(id, name, header)))
    }

    fn with<const N: usize>(
        path: &Path,
        opener: impl FnOnce([u8; N], Uuid, &[u8]) -> Result<Result<BlobOpener, OpenError>, BackupError>,
    ) -> Result<Self, BackupError> {
        let mut file = File::open(path).map_err(BackupError::disk(path))?;
        let (mut magic, mut id, mut before, mut header) = ([0; MAGIC.len()], [0; ID], [0; N], [0; blob::HEADER]);
        let read = file
            .read_exact(&mut magic)
            .and_then(|()| file.read_exact(&mut id))
            .and_then(|()| file.read_exact(&mut before))
            .and_then(|()| file.read_exact(&mut header));
        read.map_err(BackupError::disk(path))?;
        if magic != *MAGIC {
            return Err(BackupError::damaged(path, "it does not begin as a backup of this version does"));
        }
        let length = file.metadata().map_err(BackupError::disk(path))?.len();
        let left = length - (MAGIC.len() + ID + N + blob::HEADER) as u64;
        let id = Uuid::from_bytes(id);
        let opener = opener(before, id, &header)?.map_err(|error| BackupError::damaged(path, error.to_string()))?;
        Ok(Self { file, opener, next: 0, left, open: Vec::new(), read: 0 })
    }

    fn chunk(&mut self) -> io::Result<()> {
        let full = blob::sealed_len(CHUNK as u64) - blob::HEADER as u64;
        let mut sealed = vec![0; usize::try_from(self.left.min(full)).map_err(io::Error::other)?];
        self.file.read_exact(&mut sealed)?;
        self.left -= sealed.len() as u64;
        self.open = self.opener.chunk(self.next, self.left == 0, &sealed).map_err(io::Error::other)?;
        self.read = 0;
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}

impl Read for SealedReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The first chunk is there even in an empty file, and says that nothing was cut off.
        if self.read == self.open.len() && (self.left > 0 || self.next == 0) {
            self.chunk()?;
        }
        let taken = out.len().min(self.open.len() - self.read);
        out[..taken].copy_from_slice(&self.open[self.read..self.read + taken]);
        self.read += taken;
        Ok(taken)
    }
}

/// Length and hash of a file as it lies there.
pub(super) fn measure(path: &Path) -> Result<Written, BackupError> {
    let mut file = File::open(path).map_err(BackupError::disk(path))?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 2 * CHUNK]);
    loop {
        match file.read(&mut buffer).map_err(BackupError::disk(path))? {
            0 => return Ok(Written { bytes, sha256: hex::encode(hash.finalize()) }),
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}
