//! Browsers that show messages also when no page of ours is open (Web Push): the address that a browser has been given by its
//! maker, and the keys by which only it can read what is sent there. An address belongs to the session in which somebody
//! asked for it and ends with that, so that on a shared tablet nobody reads what is meant for another.

use std::collections::HashSet;

use jiayin_domain::id::{PersonId, new_uuid};
use jiayin_privacy::{Allows, Grant, Personal, Purpose, Relation, Scope, Sealed, category, column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::audit::asking;
use crate::entity::{person, push_address, session};
use crate::{Store, StoreError, Viewer, write};

/// What a browser says of itself when it is asked to show messages.
pub struct NewBrowser {
    /// Where to send to: an address at a service of the browser's maker.
    pub endpoint: String,
    /// Its public key (P-256, 65 bytes) and, behind it, the secret that both sides share (16 bytes).
    pub keys: Vec<u8>,
}

/// A browser that shows messages.
pub struct Browser {
    /// Its row.
    pub id: Uuid,
    /// Where to send to.
    pub endpoint: Personal<String, category::Contact>,
    /// As [`NewBrowser::keys`].
    pub keys: Personal<Vec<u8>, category::Contact>,
}

/// The browsers of somebody, opened for one purpose.
pub struct Browsers<P: Purpose> {
    /// Opens their addresses.
    pub grant: Grant<P>,
    /// The browsers.
    pub all: Vec<Browser>,
    /// The language that the person has chosen, if any.
    pub language: Option<String>,
}

impl Store {
    /// Has the viewer's messages shown by the browser that they are using.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing is.
    pub async fn push_to(&self, viewer: &Viewer, browser: &NewBrowser) -> Result<(), StoreError> {
        let id = new_uuid(&*self.clock, &*self.entropy);
        let lookup = self.keys.lookup(column::push_address::LOOKUP, &browser.endpoint);
        let key = self.keys.key(viewer.person).await?;
        let endpoint = key.seal(column::push_address::ENDPOINT, id, &browser.endpoint, &*self.entropy)?.into_bytes();
        let keys = key.seal(column::push_address::KEYS, id, &browser.keys, &*self.entropy)?.into_bytes();
        let transaction = write::begin(&self.db).await?;
        // Whoever used this browser before does not use it now.
        let same = Condition::any()
            .add(push_address::Column::Lookup.eq(lookup.clone()))
            .add(push_address::Column::SessionId.eq(viewer.session.0));
        push_address::Entity::delete_many().filter(same).exec(&transaction).await?;
        let row = push_address::ActiveModel {
            id: Set(id),
            school_id: Set(viewer.school.0),
            person_id: Set(viewer.person.0),
            session_id: Set(viewer.session.0),
            lookup: Set(lookup),
            endpoint: Set(endpoint),
            keys: Set(keys),
            created_at: Set(self.now_ms()),
        };
        push_address::Entity::insert(row).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Has messages no longer shown by the browser that the viewer is using.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn push_no_more(&self, viewer: &Viewer) -> Result<(), StoreError> {
        push_address::Entity::delete_many()
            .filter(push_address::Column::SessionId.eq(viewer.session.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Whether the browser that the viewer is using shows messages, and how many others of theirs do.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn pushes_to(&self, viewer: &Viewer) -> Result<(bool, u64), StoreError> {
        let sessions: Vec<Uuid> = push_address::Entity::find()
            .select_only()
            .column(push_address::Column::SessionId)
            .filter(push_address::Column::PersonId.eq(viewer.person.0))
            .filter(self.live())
            .into_tuple()
            .all(&self.db)
            .await?;
        let others = sessions.iter().filter(|session| **session != viewer.session.0).count() as u64;
        Ok((sessions.contains(&viewer.session.0), others))
    }

    /// A browser is told no more: its maker's service does not know it any longer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn forget_browser(&self, id: Uuid) -> Result<(), StoreError> {
        push_address::Entity::delete_by_id(id).exec(&self.db).await?;
        Ok(())
    }

    /// Where the browsers of a person are told, for a purpose; `None` if there are none. The audit log says that it was looked
    /// up. Those in which nobody is signed in any more are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if the purpose may not open it: there is no consent, or processing is restricted.
    pub async fn browsers<P: Purpose + Allows<category::Contact>>(
        &self,
        person: PersonId,
    ) -> Result<Option<Browsers<P>>, StoreError> {
        let Some(row) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        push_address::Entity::delete_many()
            .filter(push_address::Column::PersonId.eq(person.0))
            .filter(self.live().not())
            .exec(&self.db)
            .await?;
        let rows =
            push_address::Entity::find().filter(push_address::Column::PersonId.eq(person.0)).all(&self.db).await?;
        if rows.is_empty() || row.closed_at.is_some() {
            return Ok(None);
        }
        let grant = self.grant(asking(None, row.school_id.into(), Relation::System, Scope::One(person))).await?;
        let key = self.keys.key(person).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(Browser {
                id: row.id,
                endpoint: key.open(column::push_address::ENDPOINT, row.id, &Sealed::from_bytes(row.endpoint))?,
                keys: key.open(column::push_address::KEYS, row.id, &Sealed::from_bytes(row.keys))?,
            });
        }
        Ok(Some(Browsers { grant, all, language: row.language }))
    }

    /// Who of some people has a browser that shows messages.
    pub(super) async fn with_browser(&self, people: &[PersonId]) -> Result<HashSet<PersonId>, StoreError> {
        let rows: Vec<Uuid> = push_address::Entity::find()
            .select_only()
            .column(push_address::Column::PersonId)
            .filter(push_address::Column::PersonId.is_in(people.iter().map(|person| person.0)))
            .filter(self.live())
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(PersonId).collect())
    }

    /// Those in whose session somebody is still signed in.
    fn live(&self) -> Condition {
        let sessions = Query::select()
            .column(session::Column::Id)
            .from(session::Entity)
            .and_where(session::Column::ExpiresAt.gt(self.now_ms()))
            .to_owned();
        Condition::all().add(push_address::Column::SessionId.in_subquery(sessions))
    }
}
