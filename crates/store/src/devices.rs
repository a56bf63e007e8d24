//! The devices on which a person has signed in: a random number in a cookie of the browser, of which the table has a keyed
//! digest. The same browser gives another digest for another person: siblings on one tablet are not tied together.

use jiayin_domain::id::{DeviceId, PersonId, SessionId};
use jiayin_privacy::{Grant, IdentifierKind, Personal, Relation, Scope, Sealed, category, column, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::audit::{asking, own};
use crate::entity::{device, identifier, person, session};
use crate::sessions::Token;
use crate::{Store, StoreError, Viewer, write};

/// The random number of a browser, as its cookie carries it.
#[derive(Clone)]
pub struct DeviceToken([u8; 32]);

impl DeviceToken {
    /// In hexadecimal.
    pub fn to_text(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads what [`DeviceToken::to_text`] wrote; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// What a browser says of itself (clause 2.7: these three, and no other). Empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The browser: `Chrome 126`.
    pub browser: String,
    /// The operating system: `Android 14`.
    pub system: String,
    /// The device: `iPad`, `M2012K11AC`.
    pub model: String,
}

/// Someone has signed in.
pub struct Arrival {
    /// For the session's cookie.
    pub token: Token,
    /// For the device's cookie.
    pub device: DeviceToken,
    /// The person has signed in before, but never on this device: they are to be told.
    pub alarming: bool,
}

/// A browser in which a person is signed in.
pub struct SignedInDevice {
    /// Its session.
    pub session: SessionId,
    /// Since when.
    pub since: jiff::Timestamp,
    /// When it was last used.
    pub seen: jiff::Timestamp,
    /// What it says of itself, if it is remembered.
    pub about: Option<AboutSealed>,
}

/// What a browser says of itself, to be opened with the grant that comes with it.
pub struct AboutSealed {
    /// The browser.
    pub browser: Personal<String, category::Device>,
    /// The operating system.
    pub system: Personal<String, category::Device>,
    /// The device.
    pub model: Personal<String, category::Device>,
}

/// Where a person can be reached about their own account.
pub struct Contacts {
    /// Opens them.
    pub grant: Grant<purpose::Security>,
    /// Phone numbers and addresses.
    pub values: Vec<(IdentifierKind, Personal<String, category::Contact>)>,
    /// The language they have chosen, if any.
    pub language: Option<String>,
}

impl Store {
    pub(crate) fn device_hash(&self, token: &DeviceToken, person: PersonId) -> Vec<u8> {
        self.keys.tokens().digest("device", &[&token.0, person.0.as_bytes()]).to_vec()
    }

    /// Signs a person in on a device, and remembers it as theirs. `None` if there is no such person.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn arrive(
        &self,
        person: PersonId,
        token: Option<DeviceToken>,
        about: &About,
    ) -> Result<Option<Arrival>, StoreError> {
        let Some(row) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        let token = token.unwrap_or_else(|| {
            let mut bytes = [0; 32];
            self.entropy.fill(&mut bytes);
            DeviceToken(bytes)
        });
        let hash = self.device_hash(&token, person);
        let known = device::Entity::find().filter(device::Column::PersonId.eq(person.0)).all(&self.db).await?;
        let before = known.iter().find(|device| device.token_hash == hash);
        let id = before.map_or_else(|| DeviceId::new(&*self.clock, &*self.entropy), |device| DeviceId(device.id));
        let alarming = before.is_none() && !known.is_empty();
        let (session_token, new) = self.new_session(&row, Some(id));
        let remembered = self.device(&row, id, hash, about).await?;
        let transaction = write::begin(&self.db).await?;
        if alarming {
            session::Entity::update_many()
                .col_expr(session::Column::NoticeAt, Expr::value(self.now_ms()))
                .filter(session::Column::PersonId.eq(person.0))
                .exec(&transaction)
                .await?;
        }
        match before {
            Some(before) => {
                device::Entity::update_many()
                    .col_expr(device::Column::SeenAt, Expr::value(self.now_ms()))
                    .filter(device::Column::Id.eq(before.id))
                    .exec(&transaction)
                    .await?;
            }
            None => drop(device::Entity::insert(remembered).exec_without_returning(&transaction).await?),
        }
        session::Entity::insert(new).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(Some(Arrival { token: session_token, device: token, alarming }))
    }

    async fn device(
        &self,
        person: &person::Model,
        id: DeviceId,
        hash: Vec<u8>,
        about: &About,
    ) -> Result<device::ActiveModel, StoreError> {
        let key = self.keys.key(PersonId(person.id)).await?;
        let seal = |column, text: &String| key.seal(column, id.0, text, &*self.entropy).map(Sealed::into_bytes);
        Ok(device::ActiveModel {
            id: Set(id.0),
            school_id: Set(person.school_id),
            person_id: Set(person.id),
            token_hash: Set(hash),
            browser: Set(seal(column::device::BROWSER, &about.browser)?),
            system: Set(seal(column::device::SYSTEM, &about.system)?),
            model: Set(seal(column::device::MODEL, &about.model)?),
            created_at: Set(self.now_ms()),
            seen_at: Set(self.now_ms()),
        })
    }

    /// The browsers in which a person is signed in, the most recently used first, with the grant that opens what they say.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn devices(&self, viewer: &Viewer) -> Result<(Grant<purpose::Account>, Vec<SignedInDevice>), StoreError> {
        let sessions = session::Entity::find()
            .filter(session::Column::PersonId.eq(viewer.person.0))
            .filter(session::Column::ExpiresAt.gt(self.now_ms()))
            .order_by_desc(session::Column::SeenAt)
            .all(&self.db)
            .await?;
        let devices = device::Entity::find().filter(device::Column::PersonId.eq(viewer.person.0)).all(&self.db).await?;
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let key = self.keys.key(viewer.person).await?;
        let mut found = Vec::with_capacity(sessions.len());
        for row in sessions {
            let device = devices.iter().find(|device| Some(device.id) == row.device_id);
            let open = |column, sealed: &Vec<u8>, id| key.open(column, id, &Sealed::from_bytes(sealed.clone()));
            let about = match device {
                Some(device) => Some(AboutSealed {
                    browser: open(column::device::BROWSER, &device.browser, device.id)?,
                    system: open(column::device::SYSTEM, &device.system, device.id)?,
                    model: open(column::device::MODEL, &device.model, device.id)?,
                }),
                None => None,
            };
            let (since, seen) = (crate::time(row.created_at), crate::time(row.seen_at));
            found.push(SignedInDevice { session: SessionId(row.id), since, seen, about });
        }
        Ok((grant, found))
    }

    /// Signs one of a person's own browsers out and forgets its device: signing in there again is news. False if it is none
    /// of theirs.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn revoke(&self, viewer: &Viewer, session: SessionId) -> Result<bool, StoreError> {
        let mine = || session::Entity::find().filter(session::Column::PersonId.eq(viewer.person.0));
        let Some(row) = mine().filter(session::Column::Id.eq(session.0)).one(&self.db).await? else {
            return Ok(false);
        };
        self.forget_but(viewer, row.device_id.into_iter().collect(), vec![row.id]).await?;
        Ok(true)
    }

    /// Signs all browsers of a person out but this one, and forgets all their devices but this one's.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn revoke_others(&self, viewer: &Viewer) -> Result<(), StoreError> {
        let sessions =
            session::Entity::find().filter(session::Column::PersonId.eq(viewer.person.0)).all(&self.db).await?;
        let this = sessions.iter().find(|row| row.id == viewer.session.0).and_then(|row| row.device_id);
        let devices = device::Entity::find().filter(device::Column::PersonId.eq(viewer.person.0)).all(&self.db).await?;
        let devices = devices.iter().map(|row| row.id).filter(|id| Some(*id) != this).collect();
        let sessions = sessions.iter().map(|row| row.id).filter(|id| *id != viewer.session.0).collect();
        self.forget_but(viewer, devices, sessions).await
    }

    /// Deletes these devices and sessions, and what else is signed in on these devices but the viewer's own session.
    async fn forget_but(
        &self,
        viewer: &Viewer,
        devices: Vec<uuid::Uuid>,
        sessions: Vec<uuid::Uuid>,
    ) -> Result<(), StoreError> {
        let transaction = write::begin(&self.db).await?;
        session::Entity::delete_many()
            .filter(session::Column::PersonId.eq(viewer.person.0))
            .filter(session::Column::Id.ne(viewer.session.0))
            .filter(session::Column::Id.is_in(sessions).or(session::Column::DeviceId.is_in(devices.clone())))
            .exec(&transaction)
            .await?;
        device::Entity::delete_many()
            .filter(device::Column::PersonId.eq(viewer.person.0))
            .filter(device::Column::Id.is_in(devices))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// This browser has been told of the new device.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn noticed(&self, viewer: &Viewer) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::NoticeAt, Expr::value(Option::<i64>::None))
            .filter(session::Column::Id.eq(viewer.session.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Where to tell a person something about their own account; the audit log says that it was looked up.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn contacts(&self, person: PersonId) -> Result<Option<Contacts>, StoreError> {
        let Some(row) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        let rows = identifier::Entity::find().filter(identifier::Column::PersonId.eq(person.0)).all(&self.db).await?;
        let request = asking(None, row.school_id.into(), Relation::System, Scope::One(person));
        let grant = self.grant(request).await?;
        let key = self.keys.key(person).await?;
        let mut values = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(kind) = IdentifierKind::from_tag(&row.kind) else { continue };
            values.push((kind, key.open(column::identifier::VALUE, row.id, &Sealed::from_bytes(row.value))?));
        }
        Ok(Some(Contacts { grant, values, language: row.language }))
    }
}
