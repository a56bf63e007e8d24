//! A ZIP archive that is written from the front to the back, so that it never stands in memory as a whole.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::sink::Sink;
use crate::StoreError;

/// So much may wait before it goes to the sink.
const WAITING: usize = 64 * 1024;

/// What the archive writes collects here until it is taken.
#[derive(Clone, Default)]
struct Tap(Arc<Mutex<Vec<u8>>>);

impl Tap {
    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive on its way into a sink.
pub(super) struct Archive<'s, S> {
    zip: ZipWriter<StreamWriter<Tap>>,
    tap: Tap,
    sink: &'s mut S,
    time: DateTime,
}

fn broken(error: zip::result::ZipError) -> StoreError {
    StoreError::Files(object_store::Error::Generic { store: "zip", source: Box::new(error) })
}

impl<'s, S: Sink> Archive<'s, S> {
    /// An empty archive; its files bear this time.
    pub(super) fn new(sink: &'s mut S, at: Timestamp) -> Self {
        let tap = Tap::default();
        let utc = jiff::tz::TimeZone::UTC.to_datetime(at);
        let part = |number: i8| u8::try_from(number).unwrap_or(0);
        let year = u16::try_from(utc.year()).unwrap_or(0);
        let (month, day) = (part(utc.month()), part(utc.day()));
        let time =
            DateTime::from_date_and_time(year, month, day, part(utc.hour()), part(utc.minute()), part(utc.second()));
        Self { zip: ZipWriter::new_stream(tap.clone()), tap, sink, time: time.unwrap_or_default() }
    }

    /// Begins a file. Text is compressed; sound and pictures are so already.
    pub(super) fn begin(&mut self, name: &str, is_text: bool) -> Result<(), StoreError> {
        let method = if is_text { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(self.time);
        self.zip.start_file(name, options).map_err(broken)
    }

    /// Goes on with the file that was begun last.
    pub(super) async fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.zip.write_all(bytes).map_err(|error| broken(error.into()))?;
        if self.tap.len() >= WAITING {
            self.sink.write(&self.tap.take()).await?;
        }
        Ok(())
    }

    /// Writes the list of contents.
    pub(super) async fn finish(self) -> Result<(), StoreError> {
        self.zip.finish().map_err(broken)?;
        self.sink.write(&self.tap.take()).await
    }
}
