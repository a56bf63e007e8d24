//! Requests that a person must decide (clause 6.5): complaints, disputes, doubts about identities. Made for oneself or for
//! one's own child, and followed to the answer by who made them; the officer's side is in `desk`.
//!
//! Each step is written into the request's own history in the same transaction, and into the audit log before it: that a
//! request was made and answered in time can be shown when the account, and the request with it, is long gone.

mod desk;
mod steps;

use jiayin_domain::id::{PersonId, RequestId};
use jiayin_domain::request::{Deed, Kind, State};
use jiayin_domain::role::Role;
use jiayin_privacy::category::{Inquiry, Name};
use jiayin_privacy::{AccessRequest, Grant, Personal, Relation, Scope, Sealed, SubjectKey, column, purpose};
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::audit::{asking, own};
use crate::entity::rights_request::{Column, Model};
use crate::entity::{guardianship, rights_request, rights_step};
use crate::{Store, StoreError, Viewer, time, write};

pub use desk::{Queue, Verdict};

/// Requests of one person that may wait at a time.
const PENDING_MAX: u64 = 10;
/// Requests that are shown at a time.
const SHOWN: u64 = 100;

/// A request as lists show it; nothing in it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The request.
    pub id: RequestId,
    /// Who made it.
    pub asker: PersonId,
    /// About whom: the asker, or a child of theirs.
    pub subject: PersonId,
    /// What it is about.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// The officer who has it.
    pub owner: Option<PersonId>,
    /// When it came in.
    pub received_at: Timestamp,
    /// Until when it is to be answered.
    pub due_at: Timestamp,
    /// When that was put off, if it was.
    pub extended_at: Option<Timestamp>,
    /// When it was answered, refused or taken back.
    pub closed_at: Option<Timestamp>,
    /// Whether there is news that the asker has not seen.
    pub unread: bool,
}

/// A step in the history of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub deed: Deed,
    /// How the request stood before; `None` when it came in.
    pub before: Option<State>,
    /// How it stood then.
    pub after: State,
    /// By whom.
    pub actor: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A request with all that was written.
pub struct OpenRequest {
    /// Opens the texts and names.
    pub grant: Grant<purpose::Requests>,
    /// How it stands.
    pub request: Request,
    /// What was asked for.
    pub text: Personal<String, Inquiry>,
    /// Why the term was made longer.
    pub extension: Option<Personal<String, Inquiry>>,
    /// What was decided, and why.
    pub outcome: Option<Personal<String, Inquiry>>,
    /// The names of asker and subject, for the officer.
    pub names: Vec<(PersonId, Personal<String, Name>)>,
    /// What was done, from the beginning.
    pub steps: Vec<Step>,
}

/// A request to be made.
pub struct NewRequest<'a> {
    /// About whom.
    pub subject: PersonId,
    /// What it is about.
    pub kind: Kind,
    /// What is asked for.
    pub text: &'a str,
    /// Until when it is to be answered.
    pub due_at: Timestamp,
}

/// What became of a request that was to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is kept.
    As(RequestId),
    /// Too many of one's own wait already.
    TooMany,
    /// It is about somebody who is neither oneself nor one's own child.
    NotTheirs,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It is done.
    Done,
    /// There is no such request for the viewer.
    Missing,
    /// The request does not stand as it should for this, or no longer.
    Stale,
}

impl Store {
    /// Takes a request in.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn make_request(&self, viewer: &Viewer, new: &NewRequest<'_>) -> Result<Received, StoreError> {
        let about_child = viewer.person != new.subject;
        if about_child && (viewer.role != Role::Guardian || !self.is_guardian(viewer, new.subject).await?) {
            return Ok(Received::NotTheirs);
        }
        let mine = rights_request::Entity::find().filter(Column::PersonId.eq(viewer.person.0)).filter(pending());
        if mine.count(&self.db).await? >= PENDING_MAX {
            return Ok(Received::TooMany);
        }
        let id = RequestId::new(&*self.clock, &*self.entropy);
        let key = self.keys.key(viewer.person).await?;
        let text = key.seal(column::rights_request::TEXT, id.0, &new.text, &*self.entropy)?;
        let row = Model {
            id: id.0,
            school_id: viewer.school.0,
            person_id: viewer.person.0,
            subject_id: new.subject.0,
            owner_id: None,
            kind: new.kind.tag().to_owned(),
            state: State::Open.tag().to_owned(),
            received_at: self.now_ms(),
            due_at: new.due_at.as_millisecond(),
            extended_at: None,
            closed_at: None,
            seen_at: None,
            text: text.into_bytes(),
            extension: None,
            outcome: None,
        };
        self.note_own_step(viewer, Deed::Receive, id).await?;
        let transaction = write::begin(&self.db).await?;
        rights_request::Entity::insert(rights_request::ActiveModel::from(row.clone()))
            .exec_without_returning(&transaction)
            .await?;
        self.remember_step(&transaction, &row, Deed::Receive, (None, State::Open), viewer.person).await?;
        transaction.commit().await?;
        Ok(Received::As(id))
    }

    /// One's own requests, the newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn own_requests(&self, viewer: &Viewer) -> Result<Vec<Request>, StoreError> {
        let rows = rights_request::Entity::find()
            .filter(Column::PersonId.eq(viewer.person.0))
            .order_by_desc(Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        rows.iter().map(request).collect()
    }

    /// One of one's own requests; its news count as seen from now on. `None` if it is not the viewer's.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn own_request(&self, viewer: &Viewer, id: RequestId) -> Result<Option<OpenRequest>, StoreError> {
        let Some(row) = self.request_of(viewer, id).await? else { return Ok(None) };
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let key = self.keys.key(viewer.person).await?;
        let open = self.open_request(&row, grant, &key, Vec::new()).await?;
        if open.request.unread {
            rights_request::Entity::update_many()
                .col_expr(Column::SeenAt, Expr::value(Some(self.now_ms())))
                .filter(Column::Id.eq(row.id))
                .exec(&self.db)
                .await?;
        }
        Ok(Some(open))
    }

    /// Takes one's own request back.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn withdraw_request(&self, viewer: &Viewer, id: RequestId) -> Result<Moved, StoreError> {
        let Some(row) = self.request_of(viewer, id).await? else { return Ok(Moved::Missing) };
        self.note_own_step(viewer, Deed::Withdraw, id).await?;
        self.advance(&row, viewer, Deed::Withdraw, Vec::new()).await
    }

    /// How many of a person's requests have news that they have not seen: an answer, a refusal, a longer term.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn unread_requests(&self, person: PersonId) -> Result<u64, StoreError> {
        let news = Condition::any()
            .add(Column::ExtendedAt.is_not_null())
            .add(Column::State.is_in([State::Done.tag(), State::Refused.tag()]));
        let unread = rights_request::Entity::find()
            .filter(Column::PersonId.eq(person.0))
            .filter(Column::SeenAt.is_null())
            .filter(Column::State.ne(State::Withdrawn.tag()))
            .filter(news);
        Ok(unread.count(&self.db).await?)
    }

    /// The viewer's children with their names: about whom a guardian may make a request.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn children_to_ask_for(
        &self,
        viewer: &Viewer,
    ) -> Result<(Grant<purpose::Requests>, Vec<(PersonId, Personal<String, Name>)>), StoreError> {
        let rows = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .order_by_asc(guardianship::Column::Id)
            .all(&self.db)
            .await?;
        let mine = viewer.role == Role::Guardian;
        let children: Vec<PersonId> = rows.iter().filter(|_| mine).map(|row| PersonId(row.learner_id)).collect();
        let scope = Scope::many(children.clone());
        let grant = self.grant(asking(Some(viewer.person), viewer.school, Relation::Guardian, scope)).await?;
        let mut names = self.names(&children).await?;
        let named = children.into_iter().filter_map(|child| names.remove(&child).map(|name| (child, name)));
        Ok((grant, named.collect()))
    }

    async fn request_of(&self, viewer: &Viewer, id: RequestId) -> Result<Option<Model>, StoreError> {
        let found = rights_request::Entity::find_by_id(id.0).filter(Column::PersonId.eq(viewer.person.0));
        Ok(found.one(&self.db).await?)
    }

    async fn open_request(
        &self,
        row: &Model,
        grant: Grant<purpose::Requests>,
        key: &SubjectKey,
        names: Vec<(PersonId, Personal<String, Name>)>,
    ) -> Result<OpenRequest, StoreError> {
        let open = |column, sealed: &Vec<u8>| key.open(column, row.id, &Sealed::from_bytes(sealed.clone()));
        let steps = rights_step::Entity::find()
            .filter(rights_step::Column::RequestId.eq(row.id))
            .order_by_asc(rights_step::Column::At)
            .order_by_asc(rights_step::Column::Id)
            .all(&self.db)
            .await?;
        Ok(OpenRequest {
            grant,
            request: request(row)?,
            text: open(column::rights_request::TEXT, &row.text)?,
            extension: row
                .extension
                .as_ref()
                .map(|sealed| open(column::rights_request::EXTENSION, sealed))
                .transpose()?,
            outcome: row.outcome.as_ref().map(|sealed| open(column::rights_request::OUTCOME, sealed)).transpose()?,
            names,
            steps: steps.iter().map(step).collect::<Result<_, _>>()?,
        })
    }
}

/// Requests that wait for a decision.
fn pending() -> Condition {
    Condition::all().add(Column::ClosedAt.is_null())
}

/// An officer's request for leave to open a request.
fn at_desk(viewer: &Viewer, row: &Model) -> AccessRequest {
    let scope = Scope::many([PersonId(row.person_id), PersonId(row.subject_id)]);
    asking(Some(viewer.person), viewer.school, Relation::Officer, scope)
}

fn unknown() -> StoreError {
    StoreError::Sealed("an unknown word in a request".to_owned())
}

fn state(word: &str) -> Result<State, StoreError> {
    State::from_tag(word).ok_or_else(unknown)
}

fn request(row: &Model) -> Result<Request, StoreError> {
    let state = state(&row.state)?;
    let news = row.extended_at.is_some() || matches!(state, State::Done | State::Refused);
    Ok(Request {
        id: RequestId(row.id),
        asker: PersonId(row.person_id),
        subject: PersonId(row.subject_id),
        kind: Kind::from_tag(&row.kind).ok_or_else(unknown)?,
        state,
        owner: row.owner_id.map(PersonId),
        received_at: time(row.received_at),
        due_at: time(row.due_at),
        extended_at: row.extended_at.map(time),
        closed_at: row.closed_at.map(time),
        unread: news && row.seen_at.is_none() && state != State::Withdrawn,
    })
}

fn step(row: &rights_step::Model) -> Result<Step, StoreError> {
    Ok(Step {
        deed: Deed::from_tag(&row.deed).ok_or_else(unknown)?,
        before: row.before.as_deref().map(state).transpose()?,
        after: state(&row.after)?,
        actor: PersonId(row.actor_id),
        at: time(row.at),
    })
}
