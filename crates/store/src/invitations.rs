//! Invitations: tickets with a secret, for one use, that expire. Before it is used, a ticket to a class is about nobody.

use jiayin_domain::id::{CampusId, ClassId, InvitationId, PersonId, RosterImportId, SchoolId};
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::{campus, class, invitation, school};
use crate::sessions::Token;
use crate::{Store, StoreError, Viewer, time};

/// What a ticket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    /// A guardian brings a child into a class.
    Child {
        /// The class.
        class: ClassId,
    },
    /// Another guardian joins a child who is there already.
    Guardian {
        /// The child.
        learner: PersonId,
    },
    /// Somebody of the school's staff joins.
    Staff {
        /// What they will be.
        role: Role,
        /// Their campus; none for the privacy officer.
        campus: Option<CampusId>,
        /// The class that a teacher will teach.
        class: Option<ClassId>,
    },
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketState {
    /// It can be used.
    Open,
    /// It was used.
    Used,
    /// Its time is over.
    Expired,
}

/// A ticket as who holds it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The school that invites.
    pub school: SchoolId,
    /// The school's name.
    pub school_name: String,
    /// The name of the class or the campus; empty where there is none, or where it would tell something about a child.
    pub place: String,
    /// What it is for.
    pub ticket: Ticket,
    /// Where it stands.
    pub state: TicketState,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// A ticket lives so long.
const VALID_MS: i64 = 14 * 24 * 3600 * 1000;
/// Tickets that can be made at once: a big class, and some to spare.
pub const AT_ONCE: usize = 60;

impl Store {
    /// Makes tickets. `None` if the viewer may not invite there: teachers of a class and managers of its campus invite
    /// children, guardians other guardians of their child, managers staff of their campus.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn invite(
        &self,
        viewer: &Viewer,
        ticket: Ticket,
        number: usize,
    ) -> Result<Option<Vec<(InvitationId, Token)>>, StoreError> {
        if !self.may_invite(viewer, ticket).await? {
            return Ok(None);
        }
        let mut made = Vec::with_capacity(number.min(AT_ONCE));
        for _ in 0..number.min(AT_ONCE) {
            made.push(self.ticket(&self.db, viewer.school, Some(viewer.person), ticket).await?);
        }
        Ok(Some(made))
    }

    async fn may_invite(&self, viewer: &Viewer, ticket: Ticket) -> Result<bool, StoreError> {
        match (viewer.role, ticket) {
            (Role::Teacher, Ticket::Child { class }) => self.teaches(viewer, class.0).await,
            (Role::CampusManager, Ticket::Child { class }) => self.manages(viewer, class).await,
            (Role::Guardian, Ticket::Guardian { learner }) => self.is_guardian(viewer, learner).await,
            (Role::CampusManager, Ticket::Staff { role: Role::Teacher, campus, class }) => {
                let here = campus.is_some() && campus == viewer.campus;
                Ok(here
                    && match class {
                        Some(class) => self.manages(viewer, class).await?,
                        None => true,
                    })
            }
            _ => Ok(false),
        }
    }

    /// Whether the class belongs to the viewer's campus.
    pub(crate) async fn manages(&self, viewer: &Viewer, class: ClassId) -> Result<bool, StoreError> {
        let (Role::CampusManager, Some(campus)) = (viewer.role, viewer.campus) else { return Ok(false) };
        let row = class::Entity::find_by_id(class.0).one(&self.db).await?;
        Ok(row.is_some_and(|row| row.campus_id == campus.0 && row.school_id == viewer.school.0))
    }

    /// Founds a school with its first campus: tickets for the manager of the campus and for the privacy officer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn found(&self, name: &str, first_campus: &str) -> Result<[(Role, Token); 2], StoreError> {
        let school = self.create_school(name).await?;
        let campus = self.create_campus(school, first_campus).await?;
        let manager = Ticket::Staff { role: Role::CampusManager, campus: Some(campus), class: None };
        let officer = Ticket::Staff { role: Role::PrivacyOfficer, campus: None, class: None };
        Ok([
            (Role::CampusManager, self.ticket(&self.db, school, None, manager).await?.1),
            (Role::PrivacyOfficer, self.ticket(&self.db, school, None, officer).await?.1),
        ])
    }

    async fn ticket<D: ConnectionTrait>(
        &self,
        db: &D,
        school: SchoolId,
        by: Option<PersonId>,
        ticket: Ticket,
    ) -> Result<(InvitationId, Token), StoreError> {
        let (id, token, row) = self.new_ticket(school, by, ticket, None);
        invitation::Entity::insert(row).exec_without_returning(db).await?;
        Ok((id, token))
    }

    /// A ticket, to be kept; `import` is the list for which it is prepared.
    pub(crate) fn new_ticket(
        &self,
        school: SchoolId,
        by: Option<PersonId>,
        ticket: Ticket,
        import: Option<RosterImportId>,
    ) -> (InvitationId, Token, invitation::ActiveModel) {
        let id = InvitationId::new(&*self.clock, &*self.entropy);
        let token = Token::new(&*self.entropy);
        let now = self.now_ms();
        let (kind, role, campus, class, learner) = match ticket {
            Ticket::Child { class } => ("child", None, None, Some(class.0), None),
            Ticket::Guardian { learner } => ("guardian", None, None, None, Some(learner.0)),
            Ticket::Staff { role, campus, class } => {
                ("staff", Some(role.tag().to_owned()), campus.map(|campus| campus.0), class.map(|class| class.0), None)
            }
        };
        let row = invitation::ActiveModel {
            id: Set(id.0),
            school_id: Set(school.0),
            kind: Set(kind.to_owned()),
            role: Set(role),
            campus_id: Set(campus),
            class_id: Set(class),
            learner_id: Set(learner),
            token_hash: Set(token.digest()),
            created_by: Set(by.map(|person| person.0)),
            created_at: Set(now),
            expires_at: Set(now.saturating_add(VALID_MS)),
            used_at: Set(None),
            used_by: Set(None),
            import_id: Set(import.map(|import| import.0)),
        };
        (id, token, row)
    }

    /// The ticket with this secret; `None` if there is none, or it was taken back.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn invitation(&self, token: &Token) -> Result<Option<Invitation>, StoreError> {
        let found =
            invitation::Entity::find().filter(invitation::Column::TokenHash.eq(token.digest())).one(&self.db).await?;
        match found {
            Some(row) => self.as_held(row).await,
            None => Ok(None),
        }
    }

    async fn as_held(&self, row: invitation::Model) -> Result<Option<Invitation>, StoreError> {
        let Some(ticket) = ticket_of(&row) else { return Ok(None) };
        let Some(school) = school::Entity::find_by_id(row.school_id).one(&self.db).await? else { return Ok(None) };
        let place = match (row.class_id, row.campus_id) {
            (Some(id), _) => class::Entity::find_by_id(id).one(&self.db).await?.map(|row| row.name),
            (None, Some(id)) => campus::Entity::find_by_id(id).one(&self.db).await?.map(|row| row.name),
            (None, None) => None,
        };
        let state = match row.used_at {
            Some(_) => TicketState::Used,
            None if row.expires_at <= self.now_ms() => TicketState::Expired,
            None => TicketState::Open,
        };
        Ok(Some(Invitation {
            id: InvitationId(row.id),
            school: SchoolId(row.school_id),
            school_name: school.name,
            place: place.unwrap_or_default(),
            ticket,
            state,
            expires_at: time(row.expires_at),
        }))
    }

    /// Open tickets to a class, the newest first, for who may invite there; `None` for others.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn open_tickets(
        &self,
        viewer: &Viewer,
        class: ClassId,
    ) -> Result<Option<Vec<(InvitationId, Timestamp)>>, StoreError> {
        if !self.may_invite(viewer, Ticket::Child { class }).await? {
            return Ok(None);
        }
        let rows = invitation::Entity::find()
            .filter(invitation::Column::ClassId.eq(class.0))
            .filter(invitation::Column::Kind.eq("child"))
            .filter(invitation::Column::UsedAt.is_null())
            .filter(invitation::Column::ExpiresAt.gt(self.now_ms()))
            .order_by_desc(invitation::Column::Id)
            .all(&self.db)
            .await?;
        Ok(Some(rows.into_iter().map(|row| (InvitationId(row.id), time(row.expires_at))).collect()))
    }

    /// Takes back all open tickets to a class: a printed sheet was lost. `None` if the viewer may not invite there.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn take_back_tickets(&self, viewer: &Viewer, class: ClassId) -> Result<Option<u64>, StoreError> {
        if !self.may_invite(viewer, Ticket::Child { class }).await? {
            return Ok(None);
        }
        let removed = invitation::Entity::delete_many()
            .filter(invitation::Column::ClassId.eq(class.0))
            .filter(invitation::Column::Kind.eq("child"))
            .filter(invitation::Column::UsedAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(Some(removed.rows_affected))
    }

    /// Uses a ticket up, within the transaction of what it is used for. False if it is not open: two people with the same
    /// ticket cannot both come in.
    pub(crate) async fn use_ticket<D: ConnectionTrait>(
        &self,
        db: &D,
        ticket: InvitationId,
        by: PersonId,
    ) -> Result<bool, StoreError> {
        let now = self.now_ms();
        let used = invitation::Entity::update_many()
            .col_expr(invitation::Column::UsedAt, Expr::value(now))
            .col_expr(invitation::Column::UsedBy, Expr::value(by.0))
            .filter(invitation::Column::Id.eq(ticket.0))
            .filter(invitation::Column::UsedAt.is_null())
            .filter(invitation::Column::ExpiresAt.gt(now))
            .exec(db)
            .await?;
        Ok(used.rows_affected == 1)
    }
}

fn ticket_of(row: &invitation::Model) -> Option<Ticket> {
    Some(match row.kind.as_str() {
        "child" => Ticket::Child { class: ClassId(row.class_id?) },
        "guardian" => Ticket::Guardian { learner: PersonId(row.learner_id?) },
        "staff" => Ticket::Staff {
            role: Role::from_tag(row.role.as_deref()?)?,
            campus: row.campus_id.map(CampusId),
            class: row.class_id.map(ClassId),
        },
        _ => return None,
    })
}
