//! The key ring: a key for each person, wrapped by the root key, in a database apart from the data. Destroying a person's
//! key makes everything sealed with it unreadable, in every backup too.

mod roots;
mod rotation;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiayin_domain::id::PersonId;
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_privacy::{BackupKey, IndexColumn, IndexKey, RootKey, SubjectKey, TokenKey, WrappedKey};
use quick_cache::sync::Cache;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::{subject_key, system_key};
use crate::error::is_duplicate;
use crate::{StoreError, connect, write};

pub use roots::RootKeySource;
use roots::{Roots, Under};

/// Keys held in memory; a key is 32 bytes and a little.
const CACHED: usize = 4096;
/// Names of the system's keys: of the blind indexes, of the backups.
const INDEX_KEY: &str = "blind-index";
const BACKUP_KEY: &str = "backup";
/// Name of the key of the tokens.
const TOKEN_KEY: &str = "tokens";

/// See the module.
pub struct KeyRing {
    db: DatabaseConnection,
    roots: Roots,
    index: IndexKey,
    backup: BackupKey,
    tokens: TokenKey,
    entropy: Arc<dyn Entropy>,
    cache: Cache<PersonId, Arc<SubjectKey>>,
    /// Counts destroyed keys, so that a key read before its end is not put into the cache after it.
    destroyed: AtomicU64,
}

impl KeyRing {
    /// Opens the key ring at this address of a database, makes its tables and the system's keys if need be.
    ///
    /// # Errors
    /// [`StoreError::Keys`] if it is damaged, or the root key is not its own.
    pub async fn at(
        url: &str,
        source: Arc<dyn RootKeySource>,
        clock: &dyn Clock,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        Self::open(connect::key_ring(url).await?, Roots::open(source).await?, clock, entropy).await
    }

    async fn open(
        db: DatabaseConnection,
        roots: Roots,
        clock: &dyn Clock,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let now_ms = clock.now().as_millisecond();
        let under = settle(&db, &roots, now_ms).await?;
        let root = roots.get(under.id).await?;
        let index = IndexKey::generate(&*entropy).wrap(&root, INDEX_KEY, &*entropy)?;
        let wrapped = system(&db, INDEX_KEY, index, now_ms).await?;
        let index = IndexKey::unwrap(&*roots.get(wrapped.root_id()?).await?, INDEX_KEY, &wrapped)?;
        let backup = BackupKey::generate(&*entropy).wrap(&root, BACKUP_KEY, &*entropy)?;
        let wrapped = system(&db, BACKUP_KEY, backup, now_ms).await?;
        let backup = BackupKey::unwrap(&*roots.get(wrapped.root_id()?).await?, BACKUP_KEY, &wrapped)?;
        let tokens = TokenKey::generate(&*entropy).wrap(&root, TOKEN_KEY, &*entropy)?;
        let wrapped = system(&db, TOKEN_KEY, tokens, now_ms).await?;
        let tokens = TokenKey::unwrap(&*roots.get(wrapped.root_id()?).await?, TOKEN_KEY, &wrapped)?;
        let cache = Cache::new(CACHED);
        Ok(Self { db, roots, index, backup, tokens, entropy, cache, destroyed: AtomicU64::new(0) })
    }

    /// Closes it, before its folder is moved.
    ///
    /// # Errors
    /// If the database does not let go.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }

    async fn under(&self) -> Result<Under, StoreError> {
        let under = roots::under(&self.db, false).await?;
        under.ok_or_else(|| StoreError::Keys("it does not say which root key it is under".to_owned()))
    }

    /// Whether nobody has or had a key.
    pub(crate) async fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(subject_key::Entity::find().one(&self.db).await?.is_none())
    }

    /// The root key that the ring is under.
    pub(crate) async fn root(&self) -> Result<Arc<RootKey>, StoreError> {
        self.roots.get(self.under().await?.id).await
    }

    /// Where the ring is kept.
    pub(crate) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Everybody whose key has been destroyed, and when (milliseconds since 1970 UTC).
    pub(crate) async fn tombstones(&self) -> Result<Vec<(Uuid, i64)>, StoreError> {
        let gone = subject_key::Entity::find().filter(subject_key::Column::DestroyedAt.is_not_null());
        let gone = gone.all(&self.db).await?;
        Ok(gone.into_iter().map(|row| (row.subject_id, row.destroyed_at.unwrap_or(0))).collect())
    }

    /// How many keys have been destroyed since a moment (milliseconds since 1970 UTC).
    pub(crate) async fn destroyed_since(&self, since_ms: i64) -> Result<u64, StoreError> {
        let gone = subject_key::Entity::find().filter(subject_key::Column::DestroyedAt.gte(since_ms));
        Ok(gone.count(&self.db).await?)
    }

    /// The key under which backups are sealed.
    pub(crate) fn backup_key(&self) -> &BackupKey {
        &self.backup
    }

    /// The blind index of a value: who knows the value can find the row, and who sees the row does not learn the value.
    pub(crate) fn lookup(&self, column: IndexColumn, normalised: &str) -> Vec<u8> {
        self.index.lookup(column, normalised).to_vec()
    }

    /// The key of the tokens.
    pub(crate) fn tokens(&self) -> &TokenKey {
        &self.tokens
    }

    /// Makes a person's key. It is kept before anything can be sealed with it.
    pub(crate) async fn make(&self, person: PersonId, now_ms: i64) -> Result<Arc<SubjectKey>, StoreError> {
        let key = SubjectKey::generate(person, &*self.entropy);
        while !self.keep(person, &key, now_ms).await? {}
        let key = Arc::new(key);
        self.cache.insert(person, Arc::clone(&key));
        Ok(key)
    }

    /// Keeps a new key under the root key that the ring is under. `false` if the ring has gone over to another one between the
    /// two questions: what is wrapped by the old one after that would be lost with it.
    async fn keep(&self, person: PersonId, key: &SubjectKey, now_ms: i64) -> Result<bool, StoreError> {
        let under = self.under().await?;
        let root = self.roots.get(under.id).await?;
        let tx = write::begin(&self.db).await?;
        if roots::under(&tx, true).await?.is_none_or(|now| now.id != under.id) {
            return Ok(false);
        }
        let row = subject_key::ActiveModel {
            subject_id: Set(person.0),
            wrapped: Set(Some(root.wrap(key, &*self.entropy)?.into_bytes())),
            created_at: Set(now_ms),
            destroyed_at: Set(None),
        };
        subject_key::Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes back a key that was just made for somebody who did not come to be.
    pub(crate) async fn forget(&self, person: PersonId) -> Result<(), StoreError> {
        self.cache.remove(&person);
        subject_key::Entity::delete_by_id(person.0).exec(&self.db).await?;
        Ok(())
    }

    /// The key of a person; an error if there is none, since whoever asks holds something sealed with it.
    pub(crate) async fn key(&self, person: PersonId) -> Result<Arc<SubjectKey>, StoreError> {
        if let Some(key) = self.cache.get(&person) {
            return Ok(key);
        }
        self.keys(&[person]).await?.remove(&person).ok_or_else(|| StoreError::Keys("a person's key is gone".to_owned()))
    }

    /// The keys of several people, those that are there.
    pub(crate) async fn keys(&self, people: &[PersonId]) -> Result<HashMap<PersonId, Arc<SubjectKey>>, StoreError> {
        let mut found = HashMap::with_capacity(people.len());
        let mut missing = Vec::new();
        for person in people {
            match self.cache.get(person) {
                Some(key) => drop(found.insert(*person, key)),
                None => missing.push(person.0),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let destroyed = self.destroyed.load(Ordering::SeqCst);
        let rows =
            subject_key::Entity::find().filter(subject_key::Column::SubjectId.is_in(missing)).all(&self.db).await?;
        for row in rows {
            let Some(wrapped) = row.wrapped else { continue };
            let person = PersonId(row.subject_id);
            let wrapped = WrappedKey::from_bytes(wrapped);
            let key = Arc::new(self.roots.get(wrapped.root_id()?).await?.unwrap(person, &wrapped)?);
            self.cache.insert(person, Arc::clone(&key));
            found.insert(person, key);
        }
        if self.destroyed.load(Ordering::SeqCst) != destroyed {
            people.iter().for_each(|person| drop(self.cache.remove(person)));
        }
        Ok(found)
    }

    /// Destroys a person's key: what is sealed with it is noise from now on, in every backup too. The row stays as the
    /// tombstone that a restore replays; it is made if there was no key, so that none can come back. Doing it again changes
    /// nothing.
    pub(crate) async fn destroy(&self, person: PersonId, now_ms: i64) -> Result<(), StoreError> {
        let tombstone = subject_key::ActiveModel {
            subject_id: Set(person.0),
            wrapped: Set(None),
            created_at: Set(now_ms),
            destroyed_at: Set(Some(now_ms)),
        };
        let unless_there = OnConflict::column(subject_key::Column::SubjectId).do_nothing().to_owned();
        subject_key::Entity::insert(tombstone).on_conflict(unless_there).exec_without_returning(&self.db).await?;
        subject_key::Entity::update_many()
            .col_expr(subject_key::Column::Wrapped, Expr::value(None::<Vec<u8>>))
            .col_expr(subject_key::Column::DestroyedAt, Expr::value(now_ms))
            .filter(subject_key::Column::SubjectId.eq(person.0))
            .filter(subject_key::Column::DestroyedAt.is_null())
            .exec(&self.db)
            .await?;
        self.destroyed.fetch_add(1, Ordering::SeqCst);
        self.cache.remove(&person);
        connect::forget_old_pages(&self.db).await
    }
}

/// Which root key the ring is under. A ring that does not say is new, or older than that note: then its own keys tell.
async fn settle(db: &DatabaseConnection, roots: &Roots, now_ms: i64) -> Result<Under, StoreError> {
    if let Some(under) = roots::under(db, false).await? {
        return Ok(under);
    }
    let index = system_key::Entity::find_by_id(INDEX_KEY.to_owned()).one(db).await?;
    let id = match index {
        Some(row) => WrappedKey::from_bytes(row.wrapped).root_id()?,
        None => roots.known().first().ok_or_else(|| StoreError::Keys("no root key was given".to_owned()))?.id(),
    };
    roots::note(db, id, now_ms).await?;
    let under = roots::under(db, false).await?;
    under.ok_or_else(|| StoreError::Keys("it does not keep what is written".to_owned()))
}

/// The system's key of this name; `fresh` if the ring is new.
async fn system(
    db: &DatabaseConnection,
    name: &'static str,
    fresh: WrappedKey,
    now_ms: i64,
) -> Result<WrappedKey, StoreError> {
    let find = || system_key::Entity::find_by_id(name.to_owned()).one(db);
    if find().await?.is_none() {
        if name == INDEX_KEY && subject_key::Entity::find().one(db).await?.is_some() {
            return Err(StoreError::Keys("the key of the blind indexes is gone".to_owned()));
        }
        let row = system_key::ActiveModel {
            name: Set(name.to_owned()),
            wrapped: Set(fresh.into_bytes()),
            created_at: Set(now_ms),
        };
        match system_key::Entity::insert(row).exec_without_returning(db).await {
            Err(error) if !is_duplicate(&error) => return Err(error.into()),
            _ => {}
        }
    }
    // Read back in any case: of two processes that start at once, one has been the first.
    let row = find().await?.ok_or_else(|| StoreError::Keys(format!("the key {name} is gone")))?;
    Ok(WrappedKey::from_bytes(row.wrapped))
}
