//! Seeing: what is kept of a person, how much of each kind, page by page, and the files to listen to.

use std::ops::Range;
use std::sync::Arc;

use jiayin_domain::id::PersonId;
use jiayin_privacy::blob::{self, BlobOpener};
use jiayin_privacy::map::{self, BlobEntry};
use jiayin_privacy::plan::{self, Reading};
use jiayin_privacy::{Grant, SubjectKey, purpose};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use uuid::Uuid;

use super::Claim;
use super::rows::Row;
use crate::{Store, StoreError};

/// A kind of file.
#[derive(Debug, Clone, Copy)]
pub struct Kind(pub(super) &'static BlobEntry);

impl Kind {
    /// The kind with this id; `None` if the map has none.
    pub fn from_id(id: &str) -> Option<Self> {
        map::blob(id).map(Self)
    }

    /// What the map says of it.
    pub fn entry(self) -> &'static BlobEntry {
        self.0
    }
}

/// A file that is open to the person whose it is. What it holds is read in pieces of any size.
pub struct File {
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub length: u64,
    kind: &'static BlobEntry,
    id: Uuid,
    key: Arc<SubjectKey>,
    grant: Grant<purpose::Rights>,
}

impl Store {
    /// Everything that is kept of the person: each reading with the number of its rows; those without rows are left out.
    ///
    /// # Errors
    /// If it cannot be counted.
    pub async fn kept(&self, claim: &Claim) -> Result<Vec<(Reading, u64)>, StoreError> {
        let mut found = Vec::new();
        for reading in plan::readings() {
            let count = self.count_rows(&reading, claim.person).await?;
            if count > 0 {
                found.push((reading, count));
            }
        }
        Ok(found)
    }

    /// Rows of one reading, from the oldest on.
    ///
    /// # Errors
    /// If they cannot be read or opened.
    pub async fn kept_rows(&self, claim: &Claim, reading: &Reading, page: (u64, u64)) -> Result<Vec<Row>, StoreError> {
        let grant = self.open_claim(claim, None).await?;
        let key = self.keys.key(claim.person).await?;
        self.read_rows(reading, &key, &grant, page).await
    }

    /// A file of the person. `None` if there is none of this kind and id.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn open_file(&self, claim: &Claim, kind: Kind, id: Uuid) -> Result<Option<File>, StoreError> {
        let kind = kind.0;
        if kind.parts || !self.has_file(kind, id, claim.person).await? {
            return Ok(None);
        }
        let grant = self.open_claim(claim, Some((kind.kind, id))).await?;
        let key = self.keys.key(claim.person).await?;
        let Some(length) = self.blobs.plain_len(kind.kind, id).await? else { return Err(StoreError::Lost) };
        let mime = self.mime_of(kind, id).await?;
        Ok(Some(File { mime, length, kind, id, key, grant }))
    }

    async fn has_file(&self, kind: &BlobEntry, id: Uuid, person: PersonId) -> Result<bool, StoreError> {
        let (table, column) = kind.place();
        let mut found = Query::select();
        found.column(Alias::new("id")).from(Alias::new(table));
        found.and_where(Expr::col(Alias::new("id")).eq(id)).and_where(Expr::col(Alias::new(column)).eq(person.0));
        if let Some(only) = kind.only {
            found.and_where(Expr::col(Alias::new(only)).eq(kind.kind));
        }
        Ok(self.db.query_one(&found).await?.is_some())
    }

    /// The media type, which the row of a recording has.
    pub(super) async fn mime_of(&self, kind: &BlobEntry, id: Uuid) -> Result<String, StoreError> {
        let (table, _) = kind.place();
        if map::column(table, "mime").is_none()
            && !map::PLAIN.iter().any(|it| it.table == table && it.columns.contains(&"mime"))
        {
            return Ok("application/octet-stream".to_owned());
        }
        let mut select = Query::select();
        select.column(Alias::new("mime")).from(Alias::new(table)).and_where(Expr::col(Alias::new("id")).eq(id));
        let row = self.db.query_one(&select).await?;
        Ok(row.map(|row| row.try_get("", "mime")).transpose()?.unwrap_or_default())
    }

    /// Bytes of a file; what lies beyond its end is left out.
    ///
    /// # Errors
    /// If they cannot be read or do not open.
    pub async fn read_file(&self, file: &File, range: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let cover = blob::cover(range, file.length);
        let (header, sealed) = self.blobs.sealed_range(file.kind.kind, file.id, &cover).await?;
        let opener = BlobOpener::mapped(&file.key, file.kind, file.id, &header, &file.grant)?;
        Ok(opener.range(&cover, &sealed)?)
    }

    /// A file that a plan has found, under the grant of the plan.
    pub(super) async fn plain_file(
        &self,
        kind: &'static BlobEntry,
        id: Uuid,
        (key, grant): (&SubjectKey, &Grant<purpose::Rights>),
        range: Range<u64>,
        length: u64,
    ) -> Result<Vec<u8>, StoreError> {
        let cover = blob::cover(range, length);
        let (header, sealed) = self.blobs.sealed_range(kind.kind, id, &cover).await?;
        Ok(BlobOpener::mapped(key, kind, id, &header, grant)?.range(&cover, &sealed)?)
    }
}
