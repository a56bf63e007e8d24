//! Tokens by which programs act for people (docs/adr/0019): 32 random bytes, shown once, of which the table has the digest.
//! A grown-up makes them for themselves; a guardian also for a child, whose program then learns in the child's name.

use jiayin_domain::id::{ApiTokenId, CampusId, PersonId, SchoolId, SessionId};
use jiayin_domain::role::Role;
use jiayin_domain::token::{LONGEST_DAYS, LONGEST_DAYS_OF_CHILD, TokenScope};
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, category, column, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::audit::{asking, own};
use crate::entity::{api_token, guardianship, person};
use crate::sessions::Token;
use crate::{Store, StoreError, Viewer, time, write};

/// Most tokens that a person has at a time.
const TOKENS_MOST: u64 = 20;
const DAY_MS: i64 = 24 * 3600 * 1000;
/// What a token begins with, so that whoever finds one in a file knows what it is.
const PREFIX: &str = "jiayin_";

/// A token to be made.
pub struct NewToken {
    /// The child as whom it acts; `None` for oneself.
    pub child: Option<PersonId>,
    /// What its maker calls it.
    pub name: String,
    /// What it allows; what its person's role has no use for is left out.
    pub scopes: Vec<TokenScope>,
    /// How long it lives; what is too long is cut.
    pub days: u16,
}

/// How making a token went.
pub enum Made {
    /// It is kept; this is the only time that it can be read.
    Yes(String),
    /// It would allow nothing.
    Nothing,
    /// There are as many as can be.
    TooMany,
    /// The child is not the maker's.
    NotTheirs,
}

/// A token in its maker's list.
pub struct OwnToken {
    /// The token.
    pub id: ApiTokenId,
    /// The child as whom it acts; `None` for the maker.
    pub child: Option<PersonId>,
    /// What its maker calls it.
    pub name: Personal<String, category::Account>,
    /// What it allows.
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends, or ended.
    pub ends_at: Timestamp,
    /// The day of its last use.
    pub used: Option<Timestamp>,
}

/// Who comes with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// As whom the program acts; the session is the token's id.
    pub viewer: Viewer,
    /// What the token allows.
    pub scopes: Vec<TokenScope>,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Children of a guardian by name, with the grant that opens the names.
pub type ChildNames = (Grant<purpose::Family>, Vec<(PersonId, Personal<String, category::Name>)>);

impl Store {
    /// Makes a token.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn make_token(&self, viewer: &Viewer, new: NewToken) -> Result<Made, StoreError> {
        let (person, role, longest) = match new.child {
            None if viewer.role == Role::Learner => return Ok(Made::NotTheirs),
            None => (viewer.person, viewer.role, LONGEST_DAYS),
            Some(child) if viewer.role == Role::Guardian && self.is_guardian(viewer, child).await? => {
                (child, Role::Learner, LONGEST_DAYS_OF_CHILD)
            }
            Some(_) => return Ok(Made::NotTheirs),
        };
        let mut scopes: Vec<TokenScope> =
            new.scopes.into_iter().filter(|scope| TokenScope::of(role).contains(scope)).collect();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Ok(Made::Nothing);
        }
        let token = Token::new(&*self.entropy);
        let id = ApiTokenId::new(&*self.clock, &*self.entropy).0;
        let key = self.keys.key(viewer.person).await?;
        let now = self.now_ms();
        let row = api_token::ActiveModel {
            id: Set(id),
            school_id: Set(viewer.school.0),
            person_id: Set(person.0),
            made_by: Set(viewer.person.0),
            token_hash: Set(token.digest()),
            name: Set(key.seal(column::api_token::NAME, id, &new.name, &*self.entropy)?.into_bytes()),
            scopes: Set(TokenScope::join(&scopes)),
            created_at: Set(now),
            expires_at: Set(now.saturating_add(i64::from(new.days.clamp(1, longest)) * DAY_MS)),
            used_at: Set(None),
        };
        let transaction = write::begin(&self.db).await?;
        let mine = api_token::Entity::find().filter(api_token::Column::MadeBy.eq(viewer.person.0));
        if mine.count(&transaction).await? >= TOKENS_MOST {
            return Ok(Made::TooMany);
        }
        api_token::Entity::insert(row).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(Made::Yes(format!("{PREFIX}{}", token.to_text())))
    }

    /// The tokens that the viewer has made, the newest first, with the grant that opens their names.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn own_tokens(&self, viewer: &Viewer) -> Result<(Grant<purpose::Account>, Vec<OwnToken>), StoreError> {
        let rows = api_token::Entity::find()
            .filter(api_token::Column::MadeBy.eq(viewer.person.0))
            .order_by_desc(api_token::Column::Id)
            .all(&self.db)
            .await?;
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let key = self.keys.key(viewer.person).await?;
        let mut tokens = Vec::with_capacity(rows.len());
        for row in rows {
            tokens.push(OwnToken {
                id: ApiTokenId(row.id),
                child: (row.person_id != row.made_by).then_some(PersonId(row.person_id)),
                name: key.open(column::api_token::NAME, row.id, &Sealed::from_bytes(row.name))?,
                scopes: TokenScope::split(&row.scopes),
                made_at: time(row.created_at),
                ends_at: time(row.expires_at),
                used: row.used_at.map(time),
            });
        }
        Ok((grant, tokens))
    }

    /// Takes a token of the viewer's back. False if it is none of theirs.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_token(&self, viewer: &Viewer, id: ApiTokenId) -> Result<bool, StoreError> {
        let removed = api_token::Entity::delete_many()
            .filter(api_token::Column::Id.eq(id.0))
            .filter(api_token::Column::MadeBy.eq(viewer.person.0))
            .exec(&self.db)
            .await?;
        Ok(removed.rows_affected > 0)
    }

    /// Who comes with a token. `None` if it is nobody's, or no longer: it has ended or was taken back, its person or its
    /// maker has gone, the maker is no guardian of the child any more.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn bearer(&self, text: &str) -> Result<Option<Bearer>, StoreError> {
        let Some(token) = text.strip_prefix(PREFIX).and_then(Token::from_text) else { return Ok(None) };
        let found = api_token::Entity::find().filter(api_token::Column::TokenHash.eq(token.digest()));
        let now = self.now_ms();
        let Some(row) = found.one(&self.db).await?.filter(|row| row.expires_at > now) else { return Ok(None) };
        let (person, maker) = (PersonId(row.person_id), PersonId(row.made_by));
        let Some(owner) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        let Some(role) = Role::from_tag(&owner.role).filter(|_| owner.closed_at.is_none()) else { return Ok(None) };
        if maker != person && !self.guards(maker, person).await? {
            return Ok(None);
        }
        // Who is being erased is nobody from the moment on when their key is gone.
        let known = self.keys.keys(&[person, maker]).await?;
        if !known.contains_key(&person) || !known.contains_key(&maker) {
            return Ok(None);
        }
        self.note_use(&row, now).await?;
        let viewer = Viewer {
            session: SessionId(row.id),
            person,
            school: SchoolId(owner.school_id),
            campus: owner.campus_id.map(CampusId),
            role,
        };
        Ok(Some(Bearer { viewer, scopes: TokenScope::split(&row.scopes), ends_at: time(row.expires_at) }))
    }

    /// Writes the day of use down: the day is enough to see which token is not needed any more.
    async fn note_use(&self, row: &api_token::Model, now: i64) -> Result<(), StoreError> {
        let today = now - now.rem_euclid(DAY_MS);
        if row.used_at.is_some_and(|used| used >= today) {
            return Ok(());
        }
        api_token::Entity::update_many()
            .col_expr(api_token::Column::UsedAt, Expr::value(Some(today)))
            .filter(api_token::Column::Id.eq(row.id))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Ends all tokens that a person has made, and all that act as them.
    pub(crate) async fn end_tokens<D: ConnectionTrait>(&self, db: &D, person: PersonId) -> Result<(), StoreError> {
        let theirs =
            Condition::any().add(api_token::Column::MadeBy.eq(person.0)).add(api_token::Column::PersonId.eq(person.0));
        api_token::Entity::delete_many().filter(theirs).exec(db).await?;
        Ok(())
    }

    /// The viewer's children for whom a token can be made; none for who is no guardian.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn children_by_name(&self, viewer: &Viewer) -> Result<ChildNames, StoreError> {
        let rows = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .order_by_asc(guardianship::Column::Id)
            .all(&self.db)
            .await?;
        let mine = viewer.role == Role::Guardian;
        let children = rows.iter().filter(|_| mine).map(|row| PersonId(row.learner_id)).collect();
        let children = self.unrestricted(children).await?;
        let scope = Scope::many(children.clone());
        let grant = self.grant(asking(Some(viewer.person), viewer.school, Relation::Guardian, scope)).await?;
        let mut names = self.names(&children).await?;
        Ok((grant, children.into_iter().filter_map(|child| Some((child, names.remove(&child)?))).collect()))
    }
}
