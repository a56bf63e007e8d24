//! Who is signed in: a random token in the browser's cookie, its digest in the table.

use jiayin_domain::id::{CampusId, DeviceId, PersonId, SchoolId, SessionId};
use jiayin_domain::provide::Entropy;
use jiayin_domain::role::Role;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryResult, QuerySelect, QueryTrait,
};
use sha2::{Digest, Sha256};

use crate::accounts::Profile;
use crate::entity::{device, message, person, session};
use crate::{Store, StoreError, Viewer};

/// A session ends so long after it was last used.
const IDLE: i64 = 14 * 24 * 3600 * 1000;
/// The last use is written down at most this often.
const SEEN_EVERY: i64 = 10 * 60 * 1000;

/// The secret of a session, as the cookie carries it, or of a ticket: 32 random bytes.
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// In hexadecimal.
    pub fn to_text(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads what [`Token::to_text`] wrote; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The database keeps only this: who reads it cannot sign in with it.
    pub(crate) fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

/// A request by someone who is signed in.
pub struct Visit {
    /// Who it is.
    pub viewer: Viewer,
    /// What every page shows of them.
    pub profile: Profile,
    /// Whether someone has signed in on a new device, and this browser has not been told yet.
    pub notice: bool,
    /// Messages that they have not read.
    pub unread: u32,
}

/// Who carries a token, read in one question with what the frame of every page shows.
struct Carrier {
    person: person::Model,
    unread: i64,
}

impl FromQueryResult for Carrier {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self { person: person::Model::from_query_result(row, prefix)?, unread: row.try_get(prefix, "unread")? })
    }
}

impl Store {
    /// Signs a person in on a browser that is not remembered as a device. `None` if there is no such person.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn start_session(&self, person: PersonId) -> Result<Option<Token>, StoreError> {
        let Some(row) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        let (token, new) = self.new_session(&row, None);
        session::Entity::insert(new).exec_without_returning(&self.db).await?;
        Ok(Some(token))
    }

    pub(crate) fn new_session(
        &self,
        person: &person::Model,
        device: Option<DeviceId>,
    ) -> (Token, session::ActiveModel) {
        let token = Token::new(&*self.entropy);
        let now = self.now_ms();
        let new = session::ActiveModel {
            id: Set(SessionId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(person.school_id),
            person_id: Set(person.id),
            token_hash: Set(token.digest()),
            created_at: Set(now),
            seen_at: Set(now),
            expires_at: Set(now.saturating_add(IDLE)),
            device_id: Set(device.map(|device| device.0)),
            notice_at: Set(None),
        };
        (token, new)
    }

    /// Who carries this token; `None` if it is not or no longer good.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn viewer(&self, token: &Token) -> Result<Option<Viewer>, StoreError> {
        Ok(self.carrier(token).await?.map(|(viewer, _, _)| viewer))
    }

    /// Who carries this token, and what every page shows of them: the one question before every request.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn visit(&self, token: &Token) -> Result<Option<Visit>, StoreError> {
        let Some((viewer, carrier, notice)) = self.carrier(token).await? else { return Ok(None) };
        // Who is being erased is nobody from the moment on when their key is gone.
        if self.keys.keys(&[viewer.person]).await?.is_empty() {
            return Ok(None);
        }
        let unread = u32::try_from(carrier.unread).unwrap_or(0);
        Ok(Some(Visit { viewer, profile: self.profile_of(carrier.person).await?, notice, unread }))
    }

    async fn carrier(&self, token: &Token) -> Result<Option<(Viewer, Carrier, bool)>, StoreError> {
        let reader = Expr::col((session::Entity, session::Column::PersonId));
        let unread = message::Entity::find()
            .select_only()
            .column_as(message::Column::Id.count(), "unread")
            .filter(Expr::col((message::Entity, message::Column::PersonId)).eq(reader))
            .filter(message::Column::ReadAt.is_null());
        let found = session::Entity::find()
            .find_also_related(person::Entity)
            // Columns of the second table are read under this prefix.
            .expr_as(SimpleExpr::SubQuery(None, Box::new(QueryTrait::into_query(unread).into())), "B_unread")
            .filter(session::Column::TokenHash.eq(token.digest()))
            .into_model::<session::Model, Carrier>()
            .one(&self.db)
            .await?;
        let Some((row, Some(carrier))) = found else { return Ok(None) };
        let person = &carrier.person;
        let now = self.now_ms();
        if row.expires_at <= now {
            return Ok(None);
        }
        let Some(role) = Role::from_tag(&person.role).filter(|_| person.closed_at.is_none()) else { return Ok(None) };
        if now.saturating_sub(row.seen_at) > SEEN_EVERY {
            session::Entity::update_many()
                .col_expr(session::Column::SeenAt, Expr::value(now))
                .col_expr(session::Column::ExpiresAt, Expr::value(now.saturating_add(IDLE)))
                .filter(session::Column::Id.eq(row.id))
                .exec(&self.db)
                .await?;
            if let Some(device) = row.device_id {
                device::Entity::update_many()
                    .col_expr(device::Column::SeenAt, Expr::value(now))
                    .filter(device::Column::Id.eq(device))
                    .exec(&self.db)
                    .await?;
            }
        }
        let viewer = Viewer {
            session: SessionId(row.id),
            person: PersonId(person.id),
            school: SchoolId(person.school_id),
            campus: person.campus_id.map(CampusId),
            role,
        };
        Ok(Some((viewer, carrier, row.notice_at.is_some())))
    }

    /// Signs a browser out.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn end_session(&self, session: SessionId) -> Result<(), StoreError> {
        session::Entity::delete_by_id(session.0).exec(&self.db).await?;
        Ok(())
    }
}
