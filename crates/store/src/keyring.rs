//! The key ring: a key for each person, wrapped by the root key, in a database apart from the data. Destroying a person's
//! key makes everything sealed with it unreadable, in every backup too.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiayin_domain::id::PersonId;
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_privacy::{IndexColumn, IndexKey, RootKey, SubjectKey, TokenKey, WrappedKey};
use quick_cache::sync::Cache;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};

use crate::StoreError;
use crate::entity::{subject_key, system_key};
use crate::error::is_duplicate;

/// Keys held in memory; a key is 32 bytes and a little.
const CACHED: usize = 4096;
/// Name of the key of the blind indexes.
const INDEX_KEY: &str = "blind-index";
/// Name of the key of the tokens.
const TOKEN_KEY: &str = "tokens";

/// See the module.
pub struct KeyRing {
    db: DatabaseConnection,
    root: RootKey,
    index: IndexKey,
    tokens: TokenKey,
    entropy: Arc<dyn Entropy>,
    cache: Cache<PersonId, Arc<SubjectKey>>,
    /// Counts destroyed keys, so that a key read before its end is not put into the cache after it.
    destroyed: AtomicU64,
}

impl KeyRing {
    pub(crate) async fn open(
        db: DatabaseConnection,
        root: RootKey,
        clock: &dyn Clock,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let now = clock.now().as_millisecond();
        let fresh = IndexKey::generate(&*entropy).wrap(&root, INDEX_KEY, &*entropy)?;
        let index = IndexKey::unwrap(&root, INDEX_KEY, &system(&db, INDEX_KEY, fresh, now).await?)?;
        let fresh = TokenKey::generate(&*entropy).wrap(&root, TOKEN_KEY, &*entropy)?;
        let tokens = TokenKey::unwrap(&root, TOKEN_KEY, &system(&db, TOKEN_KEY, fresh, now).await?)?;
        Ok(Self { db, root, index, tokens, entropy, cache: Cache::new(CACHED), destroyed: AtomicU64::new(0) })
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
        let row = subject_key::ActiveModel {
            subject_id: Set(person.0),
            wrapped: Set(Some(self.root.wrap(&key, &*self.entropy)?.into_bytes())),
            created_at: Set(now_ms),
            destroyed_at: Set(None),
        };
        subject_key::Entity::insert(row).exec_without_returning(&self.db).await?;
        let key = Arc::new(key);
        self.cache.insert(person, Arc::clone(&key));
        Ok(key)
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
            let key = Arc::new(self.root.unwrap(person, &WrappedKey::from_bytes(wrapped))?);
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
        Ok(())
    }
}

/// The system's key of this name; the fresh one if there was none yet.
async fn system(
    db: &DatabaseConnection,
    name: &'static str,
    fresh: WrappedKey,
    now_ms: i64,
) -> Result<WrappedKey, StoreError> {
    if system_key::Entity::find_by_id(name.to_owned()).one(db).await?.is_none() {
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
    let row = system_key::Entity::find_by_id(name.to_owned()).one(db).await?;
    let row = row.ok_or_else(|| StoreError::Keys(format!("the system's key {name} is gone")))?;
    Ok(WrappedKey::from_bytes(row.wrapped))
}
