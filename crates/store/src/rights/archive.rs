//! The archive: `data.json` for programs (docs/export.schema.json), `index.html` for people, and every file opened. Rows
//! and files are read page by page, so that a large account needs no more memory than a small one.

use jiayin_domain::id::PersonId;
use jiayin_privacy::map::{BLOBS, BlobEntry};
use jiayin_privacy::plan::{Reading, Shown};
use jiayin_privacy::{Grant, SubjectKey, purpose};
use jiff::Timestamp;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::export::{Controller, Progress};
use super::rows::Row;
use super::sink::Sink;
use super::zip::Archive;
use super::{Claim, Kind, html};
use crate::{Store, StoreError, time};

/// Name and version of the form of `data.json`.
const FORMAT: (&str, u32) = ("jiayin-export", 1);
/// Rows that are read at once.
const PAGE: u64 = 200;
/// Bytes of a file that are opened at once.
const PIECE: u64 = 1 << 20;

/// A file as it will lie in the archive.
struct Filed {
    kind: Kind,
    id: Uuid,
    parts: Vec<(Uuid, u64)>,
    path: String,
    mime: String,
}

impl Store {
    /// Writes the whole archive.
    pub(super) async fn write_archive<S: Sink>(
        &self,
        claim: &Claim,
        controller: &Controller,
        sink: &mut S,
        mut progress: Progress<'_>,
    ) -> Result<(), StoreError> {
        let grant = self.open_claim(claim, None).await?;
        let key = self.keys.key(claim.person).await?;
        let open = (&*key, &grant);
        let readings = self.kept(claim).await?;
        let files = self.list_files(claim.person).await?;
        let rows: u64 = readings.iter().map(|(_, count)| count).sum();
        progress.begin(2 * rows + files.len() as u64).await?;
        let now = time(self.now_ms());
        let mut archive = Archive::new(sink, now);
        archive.begin("data.json", true)?;
        archive.put(opening(claim, controller, now)?.as_bytes()).await?;
        for (place, (reading, _)) in readings.iter().enumerate() {
            archive.put(if place == 0 { b"\n" } else { b",\n" }).await?;
            archive.put(without_end(&described(reading))?.as_bytes()).await?;
            archive.put(b",\"rows\":[").await?;
            let mut first = true;
            self.each_row(reading, open, &mut progress, &mut archive, |row| {
                let text = json_row(reading, row, path_of(&files, row))?;
                let before = if std::mem::take(&mut first) { "\n" } else { ",\n" };
                Ok(format!("{before}{text}"))
            })
            .await?;
            archive.put(b"]}").await?;
        }
        archive.put(format!("],\n\"files\":{}}}\n", listed(&files)?).as_bytes()).await?;
        archive.begin("index.html", true)?;
        archive.put(html::head(now, &controller.name).as_bytes()).await?;
        for (reading, _) in &readings {
            archive.put(html::begin_table(reading).as_bytes()).await?;
            self.each_row(reading, open, &mut progress, &mut archive, |row| {
                Ok(html::row(reading, row, path_of(&files, row)))
            })
            .await?;
            archive.put(html::END_TABLE.as_bytes()).await?;
        }
        archive.put(html::END.as_bytes()).await?;
        for file in &files {
            archive.begin(&file.path, false)?;
            self.put_file(file, open, &mut archive).await?;
            progress.advance().await?;
        }
        archive.finish().await
    }

    /// Writes the rows of a reading, each as `told`.
    async fn each_row<S: Sink>(
        &self,
        reading: &Reading,
        (key, grant): (&SubjectKey, &Grant<purpose::Rights>),
        progress: &mut Progress<'_>,
        archive: &mut Archive<'_, S>,
        mut told: impl FnMut(&Row) -> Result<String, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let mut offset = 0;
        loop {
            let rows = self.read_rows(reading, key, grant, (offset, PAGE)).await?;
            for row in &rows {
                archive.put(told(row)?.as_bytes()).await?;
                progress.advance().await?;
            }
            offset += PAGE;
            if (rows.len() as u64) < PAGE {
                return Ok(());
            }
        }
    }

    async fn put_file<S: Sink>(
        &self,
        file: &Filed,
        open: (&SubjectKey, &Grant<purpose::Rights>),
        archive: &mut Archive<'_, S>,
    ) -> Result<(), StoreError> {
        for (id, length) in &file.parts {
            let mut at = 0;
            while at < *length {
                let piece = at..Ord::min(at + PIECE, *length);
                at = piece.end;
                archive.put(&self.plain_file(file.kind.entry(), *id, open, piece, *length).await?).await?;
            }
        }
        Ok(())
    }

    /// The files of a person that the export holds, and where they will lie.
    async fn list_files(&self, person: PersonId) -> Result<Vec<Filed>, StoreError> {
        let mut files = Vec::new();
        for kind in BLOBS.iter().filter(|kind| kind.in_export) {
            for (id, at) in files_of(&self.db, kind, person).await? {
                let parts = self.blobs.parts_of(kind, id).await?;
                if parts.is_empty() {
                    continue;
                }
                let mime = self.mime_of(kind, id).await?;
                let (folder, ending) = place_of(&mime);
                let path = format!("{folder}/{}-{}-{:04}.{ending}", kind.kind, day(at), files.len() + 1);
                files.push(Filed { kind: Kind(kind), id, parts, path, mime });
            }
        }
        Ok(files)
    }
}

/// The rows of a kind of file: id, and when it was made.
pub(super) async fn files_of<D: ConnectionTrait>(
    db: &D,
    kind: &BlobEntry,
    person: PersonId,
) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let (table, column) = kind.place();
    let mut select = Query::select();
    select.columns([Alias::new("id"), Alias::new("created_at")]).from(Alias::new(table));
    select.and_where(Expr::col(Alias::new(column)).eq(person.0)).order_by(Alias::new("id"), Order::Asc);
    if let Some(only) = kind.only {
        select.and_where(Expr::col(Alias::new(only)).eq(kind.kind));
    }
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "created_at")?))).collect()
}

/// The folder and the ending that fit a media type.
fn place_of(mime: &str) -> (&'static str, &'static str) {
    const ENDINGS: [(&str, &str); 9] = [
        ("webm", "webm"),
        ("mp4", "m4a"),
        ("ogg", "ogg"),
        ("opus", "opus"),
        ("wav", "wav"),
        ("mpeg", "mp3"),
        ("flac", "flac"),
        ("png", "png"),
        ("jpeg", "jpg"),
    ];
    let ending = ENDINGS.iter().find(|(word, _)| mime.contains(word)).map_or("bin", |(_, ending)| ending);
    let folder = match mime.split('/').next() {
        Some("audio" | "video") => "audio",
        Some("image") => "pictures",
        _ => "files",
    };
    (folder, ending)
}

/// The day, for a file's name.
fn day(at_ms: i64) -> String {
    time(at_ms).strftime("%Y-%m-%d").to_string()
}

fn path_of<'f>(files: &'f [Filed], row: &Row) -> Option<&'f str> {
    let (kind, id) = row.file?;
    let is_it = |file: &&Filed| file.id == id && file.kind.entry().kind == kind.entry().kind;
    files.iter().find(is_it).map(|file| file.path.as_str())
}

fn shape(error: serde_json::Error) -> StoreError {
    StoreError::Sealed(error.to_string())
}

/// An object without its closing brace, to be gone on with.
fn without_end(object: &Value) -> Result<String, StoreError> {
    let mut text = serde_json::to_string(object).map_err(shape)?;
    text.pop();
    Ok(text)
}

fn both(zh: &str, en: &str) -> Value {
    json!({ "zh-CN": zh, "en": en })
}

/// The beginning of `data.json`, up to the list of tables.
fn opening(claim: &Claim, controller: &Controller, at: Timestamp) -> Result<String, StoreError> {
    let head = json!({
        "format": FORMAT.0,
        "version": FORMAT.1,
        "made_at": at.to_string(),
        "person": claim.person,
        "controller": controller,
    });
    Ok(without_end(&head)? + ",\"tables\":[")
}

/// What `data.json` says of a table before its rows.
fn described(reading: &Reading) -> Value {
    let (zh, en) = reading.titles();
    let column = |shown: &Shown| {
        let (zh, en) = shown.labels();
        let mut about = json!({ "name": shown.column(), "label": both(zh, en) });
        if let Shown::Personal(entry) = shown {
            about["category"] = entry.category.into();
            about["purposes"] = entry.purposes.into();
            about["clauses"] = entry.clauses.into();
        }
        about
    };
    let mut table = json!({
        "table": reading.about.table,
        "role": reading.about.column,
        "title": both(zh, en),
        "columns": reading.columns.iter().map(column).collect::<Vec<_>>(),
    });
    if let Some(retention) = reading.retention {
        table["retention"] = both(retention.title_zh, retention.title_en);
    }
    table
}

fn json_row(reading: &Reading, row: &Row, file: Option<&str>) -> Result<String, StoreError> {
    let mut object = Map::new();
    for (name, value) in [("began", row.began_ms), ("expires", row.expires_ms)] {
        if let Some(at) = html::moment_of(value) {
            object.insert(name.to_owned(), at.into());
        }
    }
    if let Some(file) = file {
        object.insert("file".to_owned(), file.into());
    }
    let values: Map<String, Value> = reading
        .columns
        .iter()
        .zip(&row.values)
        .map(|(shown, value)| (shown.column().to_owned(), value.clone()))
        .collect();
    object.insert("values".to_owned(), values.into());
    serde_json::to_string(&object).map_err(shape)
}

/// The files, each with where it lies.
fn listed(files: &[Filed]) -> Result<String, StoreError> {
    let list: Vec<Value> = files
        .iter()
        .map(|file| {
            let entry = file.kind.entry();
            json!({
                "kind": entry.kind,
                "label": both(entry.export_zh, entry.export_en),
                "path": file.path,
                "mime": file.mime,
                "bytes": file.parts.iter().map(|(_, length)| length).sum::<u64>(),
            })
        })
        .collect();
    serde_json::to_string(&list).map_err(shape)
}
