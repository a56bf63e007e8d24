//! Signing in with a password, and new passwords.
//!
//! Strangers cannot lock anybody out: what they get wrong is counted apart from what happens on devices on which the person
//! has signed in before.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiayin_domain::id::{PersonId, new_uuid};
use jiayin_privacy::{Identifier, column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::devices::DeviceToken;
use crate::entity::{device, identifier, passkey, password, person, session, sign_in_attempt};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, passwords, write};

/// How an attempt to sign in went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// It is they.
    Welcome(PersonId),
    /// No such account, or another password; which of the two is not told.
    Wrong,
    /// Too many wrong passwords from devices that are not known for this account; try again later.
    TooMany {
        /// Whole minutes to wait.
        minutes: u32,
    },
}

/// Wrong passwords from unknown devices, all together, for one account…
pub const ATTEMPTS: i64 = 50;
/// …within this time.
const WINDOW: Duration = Duration::from_secs(24 * 3600);

impl Store {
    /// Who has this phone number or address; `None` for nobody whose account is open.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn person_of(&self, identifier: &Identifier) -> Result<Option<PersonId>, StoreError> {
        let lookup = self.keys.lookup(column::identifier::LOOKUP, identifier.normalised());
        let found = identifier::Entity::find().filter(identifier::Column::Lookup.eq(lookup)).one(&self.db).await?;
        // Asked in either case, so that time tells nothing.
        let id = found.as_ref().map_or(uuid::Uuid::nil(), |row| row.person_id);
        let open = person::Entity::find_by_id(id).one(&self.db).await?.filter(|row| row.closed_at.is_none());
        Ok(open.map(|row| PersonId(row.id)))
    }

    /// Whether the person behind a phone number or address has signed in on this device before. Asks as much for nobody.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn knows_device(&self, identifier: &Identifier, token: Option<&DeviceToken>) -> Result<bool, StoreError> {
        let Some(token) = token else { return Ok(false) };
        let person = self.person_of(identifier).await?.unwrap_or(PersonId(uuid::Uuid::nil()));
        let known = device::Entity::find()
            .filter(device::Column::PersonId.eq(person.0))
            .filter(device::Column::TokenHash.eq(self.device_hash(token, person)))
            .one(&self.db)
            .await?;
        Ok(known.is_some())
    }

    /// Looks whether someone is who they say. Takes as long for an account that does not exist as for one that does. On an
    /// unknown device the attempt is counted before the password is looked at, so that no flood outruns the count.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn sign_in(
        &self,
        identifier: &Identifier,
        password: String,
        known_device: bool,
    ) -> Result<SignIn, StoreError> {
        let lookup = self.keys.lookup(column::identifier::LOOKUP, identifier.normalised());
        if !known_device && let Some(minutes) = self.count_attempt(&lookup).await? {
            return Ok(SignIn::TooMany { minutes });
        }
        let person = self.person_of(identifier).await?;
        let id = person.map_or(uuid::Uuid::nil(), |person| person.0);
        let hash = password::Entity::find_by_id(id).one(&self.db).await?.map(|row| row.hash);
        let outdated = hash.as_deref().is_some_and(passwords::is_outdated);
        let fits = self.fits(password.clone(), hash).await?;
        let Some(person) = person.filter(|_| fits) else { return Ok(SignIn::Wrong) };
        if outdated && let Some(row) = self.new_password(person, password).await? {
            replace(&self.db, row).await?;
        }
        if !known_device {
            self.take_attempt_back(lookup).await?;
        }
        Ok(SignIn::Welcome(person))
    }

    /// How many passwords were looked at since the start.
    pub fn passwords_checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Whether this is one's own password: asked again before something weighty.
    ///
    /// # Errors
    /// If it cannot be looked at.
    pub async fn own_password_fits(&self, viewer: &Viewer, password: String) -> Result<bool, StoreError> {
        let row = password::Entity::find_by_id(viewer.person.0).one(&self.db).await?;
        self.fits(password, row.map(|row| row.hash)).await
    }

    pub(crate) async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, StoreError> {
        self.checked.fetch_add(1, Ordering::Relaxed);
        passwords::verify(password, hash).await
    }

    /// Counts an attempt, or says how many minutes to wait. One statement decides, however many come at once.
    async fn count_attempt(&self, lookup: &[u8]) -> Result<Option<u32>, StoreError> {
        use sign_in_attempt::Column::{At, Count, Lookup};
        let now = self.now_ms();
        let window = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
        let begun = now.saturating_sub(window);
        let mine = || sign_in_attempt::Entity::update_many().filter(Lookup.eq(lookup.to_vec()));
        let another = mine().col_expr(Count, Expr::col(Count).add(1)).filter(At.gt(begun)).filter(Count.lt(ATTEMPTS));
        if another.exec(&self.db).await?.rows_affected > 0 {
            return Ok(None);
        }
        let anew = mine().col_expr(Count, Expr::value(1)).col_expr(At, Expr::value(now)).filter(At.lte(begun));
        if anew.exec(&self.db).await?.rows_affected > 0 {
            return Ok(None);
        }
        let row = sign_in_attempt::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            lookup: Set(lookup.to_vec()),
            at: Set(now),
            count: Set(1),
        };
        match sign_in_attempt::Entity::insert(row).exec_without_returning(&self.db).await {
            // There is a row, and it is full; or another attempt made it just now, and this one may come again.
            Err(error) if is_duplicate(&error) => {}
            other => return other.map(|_| None).map_err(StoreError::from),
        }
        let full = sign_in_attempt::Entity::find().filter(Lookup.eq(lookup.to_vec())).one(&self.db).await?;
        let left = full.map_or(0, |row| row.at.saturating_add(window).saturating_sub(now));
        Ok(Some(u32::try_from(left / 60_000).unwrap_or(0).saturating_add(1)))
    }

    /// An attempt that was right does not count.
    async fn take_attempt_back(&self, lookup: Vec<u8>) -> Result<(), StoreError> {
        use sign_in_attempt::Column::{Count, Lookup};
        sign_in_attempt::Entity::update_many()
            .col_expr(Count, Expr::col(Count).sub(1))
            .filter(Lookup.eq(lookup))
            .filter(Count.gt(0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Changes one's own password; all other sessions end, and all tokens. False if the old one is not right.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn change_password(&self, viewer: &Viewer, old: String, new: String) -> Result<bool, StoreError> {
        let row = password::Entity::find_by_id(viewer.person.0).one(&self.db).await?;
        if !self.fits(old, row.map(|row| row.hash)).await? {
            return Ok(false);
        }
        let Some(row) = self.new_password(viewer.person, new).await? else { return Ok(false) };
        let transaction = write::begin(&self.db).await?;
        replace(&transaction, row).await?;
        session::Entity::delete_many()
            .filter(session::Column::PersonId.eq(viewer.person.0))
            .filter(session::Column::Id.ne(viewer.session.0))
            .exec(&transaction)
            .await?;
        self.end_tokens(&transaction, viewer.person).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Gives a person a new password in place of a forgotten one. All sessions and tokens end, all devices are forgotten and
    /// all passkeys removed, a thief's among them. The caller has proof that it is they.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn reset_password(&self, person: PersonId, new: String) -> Result<(), StoreError> {
        let Some(row) = self.new_password(person, new).await? else { return Ok(()) };
        let transaction = write::begin(&self.db).await?;
        replace(&transaction, row).await?;
        session::Entity::delete_many().filter(session::Column::PersonId.eq(person.0)).exec(&transaction).await?;
        device::Entity::delete_many().filter(device::Column::PersonId.eq(person.0)).exec(&transaction).await?;
        passkey::Entity::delete_many().filter(passkey::Column::PersonId.eq(person.0)).exec(&transaction).await?;
        self.end_tokens(&transaction, person).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The row of a new password; `None` if there is no such person.
    async fn new_password(&self, person: PersonId, new: String) -> Result<Option<password::ActiveModel>, StoreError> {
        let Some(owner) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        Ok(Some(password::ActiveModel {
            person_id: Set(person.0),
            school_id: Set(owner.school_id),
            hash: Set(passwords::hash(new, &*self.entropy).await?),
            changed_at: Set(self.now_ms()),
        }))
    }
}

/// Keeps a password in place of the one before, if there was one.
async fn replace(db: &impl ConnectionTrait, row: password::ActiveModel) -> Result<(), StoreError> {
    let replace = OnConflict::column(password::Column::PersonId)
        .update_columns([password::Column::Hash, password::Column::ChangedAt])
        .to_owned();
    password::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
