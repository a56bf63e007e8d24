//! The desk's side of conversations: the queue, one conversation with the name of who began it, and the steps. The managers
//! of a campus have those of its people, the privacy officers those that were handed to them; nobody their own.

use jiayin_domain::id::{CampusId, PersonId, TicketId};
use jiayin_domain::role::Role;
use jiayin_domain::support::{Deed, Desk, State};
use jiayin_privacy::category::Name;
use jiayin_privacy::{Grant, Personal, Relation, Scope, purpose};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Moved, OpenTicket, SHOWN, Step, Ticket, listed};
use crate::audit::{Details, asking};
use crate::entity::ticket::{Column, Model};
use crate::entity::{person, ticket};
use crate::{Store, StoreError, Viewer};

/// Which conversations are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Show(pub State);

/// How many conversations a desk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Those that wait for the desk.
    pub waiting: u64,
    /// Those of them that should have been answered by now.
    pub overdue: u64,
    /// Those that wait for their writers.
    pub answered: u64,
    /// Those that are closed.
    pub closed: u64,
}

/// To whom a conversation is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handing {
    /// To a desk, for whoever takes it there.
    To(Desk),
    /// To a colleague at the same desk.
    Colleague(PersonId),
}

/// Who else works at a desk, and the grant that opens their names; `None` if nobody does.
pub type Colleagues = Option<(Grant<purpose::Support>, Vec<(PersonId, Personal<String, Name>)>)>;

/// A conversation at the desk.
pub struct OpenDesk {
    /// The conversation.
    pub open: OpenTicket,
    /// Whether it has a campus to which it can be handed back.
    pub has_campus: bool,
    /// Who else works at this desk.
    pub colleagues: Colleagues,
}

/// What somebody at a desk is to who asks there; `None` for who has no desk.
pub(super) fn relation(viewer: &Viewer) -> Option<Relation> {
    match viewer.role {
        Role::CampusManager => Some(Relation::Manager),
        Role::PrivacyOfficer => Some(Relation::Officer),
        _ => None,
    }
}

/// The campus whose desk the viewer works at; `None` at that of the officers.
pub(super) fn campus_of_desk(viewer: &Viewer) -> Option<CampusId> {
    viewer.campus.filter(|_| viewer.role == Role::CampusManager)
}

/// The conversations of the viewer's desk; `None` for who has none.
fn at_desk(viewer: &Viewer) -> Option<Condition> {
    let others = Condition::all().add(Column::SchoolId.eq(viewer.school.0)).add(Column::PersonId.ne(viewer.person.0));
    match viewer.role {
        Role::CampusManager => {
            let campus = viewer.campus?;
            Some(others.add(Column::Desk.eq(Desk::Campus.tag())).add(Column::CampusId.eq(campus.0)))
        }
        Role::PrivacyOfficer => Some(others.add(Column::Desk.eq(Desk::Officer.tag()))),
        _ => None,
    }
}

/// What the audit log calls a step.
fn noted(deed: Deed) -> &'static str {
    match deed {
        Deed::Ask => "ticket-asked",
        Deed::Answer => "ticket-answered",
        Deed::Note => "ticket-noted",
        Deed::Take => "ticket-taken",
        Deed::Hand => "ticket-handed",
        Deed::Close => "ticket-closed",
    }
}

impl Store {
    /// The conversations of the viewer's desk in one state: those that wait for the desk with the longest wait first, the
    /// others with the last first. Looking at them opens nothing of anybody. `None` for who has no desk.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn ticket_queue(&self, viewer: &Viewer, show: Show) -> Result<Option<Vec<Ticket>>, StoreError> {
        let Some(mine) = at_desk(viewer) else { return Ok(None) };
        let found = ticket::Entity::find().filter(mine).filter(Column::State.eq(show.0.tag()));
        let ordered = match show.0 {
            State::Waiting => found.order_by_asc(Column::Since).order_by_asc(Column::Id),
            State::Answered | State::Closed => found.order_by_desc(Column::Since).order_by_desc(Column::Id),
        };
        let rows = ordered.limit(SHOWN).all(&self.db).await?;
        rows.iter().map(listed).collect::<Result<_, _>>().map(Some)
    }

    /// How many conversations the viewer's desk has; none for who has no desk.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn ticket_counts(&self, viewer: &Viewer) -> Result<Counts, StoreError> {
        let Some(mine) = at_desk(viewer) else { return Ok(Counts::default()) };
        let of = |state: State| ticket::Entity::find().filter(mine.clone()).filter(Column::State.eq(state.tag()));
        Ok(Counts {
            waiting: of(State::Waiting).count(&self.db).await?,
            overdue: of(State::Waiting).filter(Column::DueAt.lt(self.now_ms())).count(&self.db).await?,
            answered: of(State::Answered).count(&self.db).await?,
            closed: of(State::Closed).count(&self.db).await?,
        })
    }

    /// How many conversations wait for the viewer's desk; nothing is asked for who has none.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn tickets_waiting(&self, viewer: &Viewer) -> Result<u64, StoreError> {
        let Some(mine) = at_desk(viewer) else { return Ok(0) };
        let waiting = ticket::Entity::find().filter(mine).filter(Column::State.eq(State::Waiting.tag()));
        Ok(waiting.count(&self.db).await?)
    }

    /// One conversation at the viewer's desk, with all that was said; the audit log has the entry. `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn ticket_at_desk(&self, viewer: &Viewer, id: TicketId) -> Result<Option<OpenDesk>, StoreError> {
        let (Some(row), Some(relation)) = (self.ticket_on_desk(viewer, id).await?, relation(viewer)) else {
            return Ok(None);
        };
        let writer = PersonId(row.person_id);
        // Who was erased meanwhile has no key, and what they wrote is noise.
        let Some(key) = self.keys.keys(&[writer]).await?.remove(&writer) else { return Ok(None) };
        let request = asking(Some(viewer.person), viewer.school, relation, Scope::One(writer));
        let grant = self.grant(request.about("ticket-read", row.id)).await?;
        let name = self.names(&[writer]).await?.remove(&writer);
        let open = self.open_ticket(&row, grant, &key, name).await?;
        let colleagues = self.named_colleagues(viewer, relation).await?;
        Ok(Some(OpenDesk { open, has_campus: row.campus_id.is_some(), colleagues }))
    }

    async fn named_colleagues(&self, viewer: &Viewer, relation: Relation) -> Result<Colleagues, StoreError> {
        let colleagues = self.colleagues(viewer).await?;
        if colleagues.is_empty() {
            return Ok(None);
        }
        let scope = Scope::many(colleagues.clone());
        let grant = self.grant(asking(Some(viewer.person), viewer.school, relation, scope)).await?;
        let mut names = self.names(&colleagues).await?;
        let named = colleagues.into_iter().filter_map(|one| names.remove(&one).map(|name| (one, name)));
        Ok(Some((grant, named.collect())))
    }

    /// Who else works at the viewer's desk.
    async fn colleagues(&self, viewer: &Viewer) -> Result<Vec<PersonId>, StoreError> {
        let rows = person::Entity::find()
            .filter(person::Column::SchoolId.eq(viewer.school.0))
            .filter(person::Column::Role.eq(viewer.role.tag()))
            .filter(person::Column::Id.ne(viewer.person.0))
            .filter(person::Column::ClosedAt.is_null())
            .filter(
                Condition::all().add_option(campus_of_desk(viewer).map(|campus| person::Column::CampusId.eq(campus.0))),
            )
            .order_by_asc(person::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| PersonId(row.id)).collect())
    }

    /// Answers, having read everything up to a version. Who answers what nobody has, has it.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn answer_ticket(
        &self,
        viewer: &Viewer,
        (id, version): (TicketId, i64),
        text: &str,
    ) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        let owner = row.owner_id.unwrap_or(viewer.person.0);
        let changes = vec![(Column::OwnerId, Expr::value(Some(owner)))];
        let row = Model { version, ..row };
        self.desk_step(viewer, &row, Step { text: Some(text), changes, ..Step::of(Deed::Answer) }).await
    }

    /// Notes something for those at the desk. The writer finds it in the copy of their data.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn note_on_ticket(&self, viewer: &Viewer, id: TicketId, text: &str) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        self.desk_step(viewer, &row, Step { text: Some(text), ..Step::of(Deed::Note) }).await
    }

    /// Makes a conversation the viewer's own; from a colleague, too, who may be away.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn take_ticket(&self, viewer: &Viewer, id: TicketId) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        if row.owner_id == Some(viewer.person.0) {
            return Ok(Moved::Stale);
        }
        let changes = vec![(Column::OwnerId, Expr::value(Some(viewer.person.0)))];
        self.desk_step(viewer, &row, Step { changes, ..Step::of(Deed::Take) }).await
    }

    /// Hands a conversation over, with a note for who gets it. At another desk the viewer does not see it any more.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn hand_ticket(
        &self,
        viewer: &Viewer,
        id: TicketId,
        to: Handing,
        note: &str,
    ) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        let (desk, owner) = match to {
            Handing::To(Desk::Campus) if row.campus_id.is_none() => return Ok(Moved::Missing),
            Handing::To(desk) => (desk.tag(), None),
            Handing::Colleague(person) if person.0 != row.person_id => {
                if !self.colleagues(viewer).await?.contains(&person) {
                    return Ok(Moved::Missing);
                }
                (row.desk.as_str(), Some(person.0))
            }
            Handing::Colleague(_) => return Ok(Moved::Missing),
        };
        let changes = vec![(Column::Desk, Expr::value(desk)), (Column::OwnerId, Expr::value(owner))];
        self.desk_step(viewer, &row, Step { text: Some(note), changes, ..Step::of(Deed::Hand) }).await
    }

    /// Closes a conversation at the desk.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn close_ticket(&self, viewer: &Viewer, (id, version): (TicketId, i64)) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        self.desk_step(viewer, &Model { version, ..row }, Step::of(Deed::Close)).await
    }

    pub(super) async fn ticket_on_desk(&self, viewer: &Viewer, id: TicketId) -> Result<Option<Model>, StoreError> {
        let Some(mine) = at_desk(viewer) else { return Ok(None) };
        Ok(ticket::Entity::find_by_id(id.0).filter(mine).one(&self.db).await?)
    }

    /// A step whose entry stands in the audit log before it is done.
    async fn desk_step(&self, viewer: &Viewer, row: &Model, step: Step<'_>) -> Result<Moved, StoreError> {
        let writer = PersonId(row.person_id);
        let keys = self.keys.keys(&[writer]).await?.remove(&writer);
        let (Some(key), Some(relation)) = (keys, relation(viewer)) else { return Ok(Moved::Missing) };
        let request = asking(Some(viewer.person), viewer.school, relation, Scope::One(writer));
        let _: Grant<purpose::Support> = self.grant(request.about(noted(step.deed), row.id)).await?;
        self.step(row, &Step { staff: Some(viewer.person), ..step }, &key).await
    }
}
