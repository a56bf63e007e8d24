//! Passkeys: keys in somebody's device, by which they sign in without a password. Kept of each are its public half and a few
//! bytes that betray a copy of it; what is in them is for the caller to say.

use jiayin_domain::id::{PasskeyId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Sealed, category, column, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::audit::own;
use crate::entity::{passkey, person};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, time, write};

/// Most passkeys of one person.
pub const PASSKEYS_MOST: u64 = 20;

/// A passkey that its device has just made.
pub struct NewPasskey {
    /// The credential's id, as the device chose it.
    pub credential: Vec<u8>,
    /// The public key, and what does not change.
    pub public_key: Vec<u8>,
    /// What changes with each use: the device's counter.
    pub state: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
}

/// How adding a passkey went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is kept.
    Yes,
    /// It is known already.
    Known,
    /// There are [`PASSKEYS_MOST`].
    TooMany,
}

/// One's own passkey.
pub struct OwnPasskey {
    /// The passkey.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: Personal<String, category::Device>,
    /// The credential's id, so that no device makes a second one.
    pub credential: Personal<Vec<u8>, category::Credential>,
    /// When it was made.
    pub added: Timestamp,
    /// When somebody last signed in with it.
    pub used: Option<Timestamp>,
}

/// A passkey by which somebody says to be its owner.
pub struct KnownPasskey {
    /// The passkey.
    pub id: PasskeyId,
    /// Its owner.
    pub person: PersonId,
    /// Opens the key.
    pub grant: Grant<purpose::Security>,
    /// The public key, and what does not change.
    pub public_key: Personal<Vec<u8>, category::Credential>,
    /// What changed with its last use.
    pub state: Vec<u8>,
}

impl Store {
    fn passkey_lookup(&self, credential: &[u8]) -> Vec<u8> {
        self.keys.lookup(column::passkey::LOOKUP, &hex::encode(credential))
    }

    /// One's own passkeys, the oldest first, with the grant that opens them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn passkeys(&self, viewer: &Viewer) -> Result<(Grant<purpose::Account>, Vec<OwnPasskey>), StoreError> {
        let rows = passkey::Entity::find()
            .filter(passkey::Column::PersonId.eq(viewer.person.0))
            .order_by_asc(passkey::Column::Id)
            .all(&self.db)
            .await?;
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let key = self.keys.key(viewer.person).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.push(OwnPasskey {
                id: PasskeyId(row.id),
                name: key.open(column::passkey::NAME, row.id, &Sealed::from_bytes(row.name))?,
                credential: key.open(column::passkey::CREDENTIAL, row.id, &Sealed::from_bytes(row.credential))?,
                added: time(row.created_at),
                used: row.used_at.map(time),
            });
        }
        Ok((grant, found))
    }

    /// Keeps a passkey of one's own.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn add_passkey(&self, viewer: &Viewer, new: &NewPasskey) -> Result<Added, StoreError> {
        let id = PasskeyId::new(&*self.clock, &*self.entropy).0;
        let key = self.keys.key(viewer.person).await?;
        let row = passkey::ActiveModel {
            id: Set(id),
            school_id: Set(viewer.school.0),
            person_id: Set(viewer.person.0),
            lookup: Set(self.passkey_lookup(&new.credential)),
            credential: Set(key.seal(column::passkey::CREDENTIAL, id, &new.credential, &*self.entropy)?.into_bytes()),
            public_key: Set(key.seal(column::passkey::PUBLIC_KEY, id, &new.public_key, &*self.entropy)?.into_bytes()),
            name: Set(key.seal(column::passkey::NAME, id, &new.name, &*self.entropy)?.into_bytes()),
            state: Set(new.state.clone()),
            ceremony: Set(0),
            created_at: Set(self.now_ms()),
            used_at: Set(None),
        };
        let transaction = write::begin(&self.db).await?;
        let mine = passkey::Entity::find().filter(passkey::Column::PersonId.eq(viewer.person.0));
        if mine.count(&transaction).await? >= PASSKEYS_MOST {
            return Ok(Added::TooMany);
        }
        match passkey::Entity::insert(row).exec_without_returning(&transaction).await {
            Err(error) if is_duplicate(&error) => return Ok(Added::Known),
            other => other?,
        };
        transaction.commit().await?;
        Ok(Added::Yes)
    }

    /// Removes a passkey of one's own: nobody signs in with it any more. False if it is none of theirs.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_passkey(&self, viewer: &Viewer, id: PasskeyId) -> Result<bool, StoreError> {
        let removed = passkey::Entity::delete_many()
            .filter(passkey::Column::Id.eq(id.0))
            .filter(passkey::Column::PersonId.eq(viewer.person.0))
            .exec(&self.db)
            .await?;
        Ok(removed.rows_affected > 0)
    }

    /// The passkey with this credential id; `None` if there is none whose owner's account is open.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn passkey(&self, credential: &[u8]) -> Result<Option<KnownPasskey>, StoreError> {
        let lookup = self.passkey_lookup(credential);
        let found = passkey::Entity::find().filter(passkey::Column::Lookup.eq(lookup)).one(&self.db).await?;
        let Some(row) = found else { return Ok(None) };
        let owner = person::Entity::find_by_id(row.person_id).one(&self.db).await?;
        let open = |owner: &person::Model| owner.closed_at.is_none() && owner.role != Role::Learner.tag();
        if !owner.as_ref().is_some_and(open) {
            return Ok(None);
        }
        let person = PersonId(row.person_id);
        let grant = self.grant(own(person, row.school_id.into())).await?;
        let key = self.keys.key(person).await?;
        let public_key = key.open(column::passkey::PUBLIC_KEY, row.id, &Sealed::from_bytes(row.public_key))?;
        Ok(Some(KnownPasskey { id: PasskeyId(row.id), person, grant, public_key, state: row.state }))
    }

    /// Whether a ceremony that began then (milliseconds since 1970) may end with this passkey: each ends once, and none that
    /// began before the last. One statement decides, however many come at once; with it the new state is kept.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn passkey_used(&self, id: PasskeyId, began: i64, state: Vec<u8>) -> Result<bool, StoreError> {
        let taken = passkey::Entity::update_many()
            .col_expr(passkey::Column::Ceremony, Expr::value(began))
            .col_expr(passkey::Column::State, Expr::value(state))
            .col_expr(passkey::Column::UsedAt, Expr::value(Some(self.now_ms())))
            .filter(passkey::Column::Id.eq(id.0))
            .filter(passkey::Column::Ceremony.lt(began))
            .exec(&self.db)
            .await?;
        Ok(taken.rows_affected > 0)
    }
}
