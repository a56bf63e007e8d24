//! Joining by invitation: the consents come first, and everything is one transaction. Who breaks off leaves nothing.

use jiayin_domain::consent::{BirthMonth, Decision};
use jiayin_domain::id::{CampusId, GuardianshipId, MembershipId, PersonId, RosterImportId, SchoolId};
use jiayin_domain::role::Role;
use jiayin_privacy::{AskedOf, Identifier, column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use crate::accounts::NewPerson;
use crate::consent::{AGREEMENT, Choice, Shown, asked_of};
use crate::entity::{guardianship, identifier, membership, person};
use crate::error::is_duplicate;
use crate::invitations::{Invitation, Ticket};
use crate::{Store, StoreError, passwords, write};

/// Who holds the ticket.
pub enum Holder<'a> {
    /// Somebody with an account, who has proved to be its owner.
    Known(PersonId),
    /// Somebody new, who has proved to own the phone number or address.
    New {
        /// Phone number or e-mail address.
        identifier: Identifier,
        /// What they are called.
        name: &'a str,
        /// Their password.
        password: &'a str,
    },
}

/// The child whom a guardian brings.
pub struct NewChild<'a> {
    /// What they are called.
    pub name: &'a str,
    /// When they were born, to the month.
    pub born: BirthMonth,
}

/// What the holder decided: purpose and decision, for the child and for themselves.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// For the child.
    pub child: Vec<(&'static str, Decision)>,
    /// For the holder.
    pub own: Vec<(&'static str, Decision)>,
}

/// How joining went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// They are in.
    Welcome {
        /// The holder.
        person: PersonId,
        /// Their child, if the ticket was for one.
        learner: Option<PersonId>,
    },
    /// Without consent to what the service needs there is no service.
    NoConsent,
    /// The ticket was used by somebody else, taken back, or has expired in the meantime.
    NotOpen,
    /// The phone number or address belongs to an account already.
    Taken,
    /// The account is no guardian's, so it can bring no child: a learner's, or one of the staff.
    OtherRole,
    /// They are the child's guardian already.
    Already,
}

impl Store {
    /// Uses a ticket. Everything that is kept of the people begins with this, after their consents.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing is.
    pub async fn join(
        &self,
        invitation: &Invitation,
        holder: Holder<'_>,
        child: Option<NewChild<'_>>,
        decisions: &Decisions,
        shown: &Shown,
    ) -> Result<Joined, StoreError> {
        // Who joins a child that is there already sees what was decided, and may change it afterwards.
        let needs_child = matches!(invitation.ticket, Ticket::Child { .. });
        if !suffices(&decisions.own, false) || (needs_child && !suffices(&decisions.child, true)) {
            return Ok(Joined::NoConsent);
        }
        let role = match invitation.ticket {
            Ticket::Staff { role, .. } => role,
            Ticket::Child { .. } | Ticket::Guardian { .. } => Role::Guardian,
        };
        let hash = match &holder {
            Holder::New { password, .. } => Some(passwords::hash((*password).to_owned(), &*self.entropy).await?),
            Holder::Known(_) => None,
        };
        let made = Made::new(self, &holder, child.is_some());
        let outcome = self.join_at_once(invitation, (role, holder, hash), child, (decisions, shown), &made).await;
        if !matches!(outcome, Ok(Joined::Welcome { .. })) {
            // Keys of people who did not come to be; nothing was sealed with them that is still there.
            for person in made.keys() {
                self.keys.forget(person).await?;
            }
        }
        outcome
    }

    async fn join_at_once(
        &self,
        invitation: &Invitation,
        (role, holder, hash): (Role, Holder<'_>, Option<String>),
        child: Option<NewChild<'_>>,
        (decisions, shown): (&Decisions, &Shown),
        made: &Made,
    ) -> Result<Joined, StoreError> {
        let transaction = write::begin(&self.db).await?;
        let person = made.holder;
        if !self.use_ticket(&transaction, invitation.id, person).await? {
            return stop(transaction, Joined::NotOpen).await;
        }
        let choices = choices(decisions, person, made.learner_of(invitation));
        self.enter(&transaction, invitation.school, person, &choices, shown).await?;
        match holder {
            Holder::Known(_) => {
                let row = person::Entity::find_by_id(person.0).one(&transaction).await?;
                let fits = |row: &person::Model| row.role == role.tag() && row.school_id == invitation.school.0;
                if role != Role::Guardian || !row.is_some_and(|row| fits(&row) && row.closed_at.is_none()) {
                    return stop(transaction, Joined::OtherRole).await;
                }
            }
            Holder::New { identifier, name, .. } => {
                let campus = match invitation.ticket {
                    Ticket::Staff { role: Role::CampusManager, campus, .. } => campus,
                    _ => None,
                };
                let who = (invitation.school, role, campus);
                if !self.newcomer(&transaction, person, who, name, Some(identifier), hash).await? {
                    return stop(transaction, Joined::Taken).await;
                }
            }
        }
        let learner = match (invitation.ticket, child) {
            (Ticket::Child { class }, Some(child)) => {
                let learner = made.child;
                let who = (invitation.school, Role::Learner, None);
                if !self.newcomer(&transaction, learner, who, child.name, None, None).await? {
                    return stop(transaction, Joined::Taken).await;
                }
                self.keep_birth_month(&transaction, learner, child.born).await?;
                self.enrol(&transaction, invitation.school, (class.0, learner), Role::Learner).await?;
                Some(learner)
            }
            (Ticket::Child { .. }, None) => return stop(transaction, Joined::NoConsent).await,
            (Ticket::Guardian { learner }, _) => Some(learner),
            (Ticket::Staff { class, .. }, _) => {
                if let Some(class) = class {
                    self.enrol(&transaction, invitation.school, (class.0, person), Role::Teacher).await?;
                }
                None
            }
        };
        if let Some(learner) = learner
            && !self.tie(&transaction, invitation.school, person, learner).await?
        {
            return stop(transaction, Joined::Already).await;
        }
        transaction.commit().await?;
        Ok(Joined::Welcome { person, learner })
    }

    async fn newcomer<D: ConnectionTrait>(
        &self,
        db: &D,
        id: PersonId,
        (school, role, campus): (SchoolId, Role, Option<CampusId>),
        name: &str,
        identifier: Option<Identifier>,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        let key = self.keys.make(id, self.now_ms()).await?;
        let identifiers = identifier.into_iter().collect();
        let new = NewPerson { school, campus, role, name, identifiers, password: None };
        self.insert_person(db, id, &key, &new, hash).await
    }

    /// Keeps in which month somebody was born.
    pub(crate) async fn keep_birth_month<D: ConnectionTrait>(
        &self,
        db: &D,
        learner: PersonId,
        born: BirthMonth,
    ) -> Result<(), StoreError> {
        let key = self.keys.key(learner).await?;
        let sealed = key.seal(column::person::BIRTH_MONTH, learner.0, &born, &*self.entropy)?;
        person::Entity::update_many()
            .col_expr(person::Column::BirthMonth, Expr::value(sealed.into_bytes()))
            .filter(person::Column::Id.eq(learner.0))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes someone into a class, within a transaction if there is one; who has left it comes back.
    pub(crate) async fn enrol<D: ConnectionTrait>(
        &self,
        db: &D,
        school: SchoolId,
        (class, member): (uuid::Uuid, PersonId),
        role: Role,
    ) -> Result<(), StoreError> {
        self.enrol_all(db, vec![self.place(school, (class, member), role, None)]).await
    }

    /// A place in a class, to be taken; `import` is the list that says so.
    pub(crate) fn place(
        &self,
        school: SchoolId,
        (class, member): (uuid::Uuid, PersonId),
        role: Role,
        import: Option<RosterImportId>,
    ) -> membership::ActiveModel {
        membership::ActiveModel {
            id: Set(MembershipId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(school.0),
            class_id: Set(class),
            person_id: Set(member.0),
            role: Set(role.tag().to_owned()),
            since: Set(self.now_ms()),
            left_at: Set(None),
            import_id: Set(import.map(|import| import.0)),
            left_by: Set(None),
        }
    }

    /// Takes people into classes. A row is never made twice: who comes back is in again, since the first time.
    pub(crate) async fn enrol_all<D: ConnectionTrait>(
        &self,
        db: &D,
        places: Vec<membership::ActiveModel>,
    ) -> Result<(), StoreError> {
        use membership::Column::{ClassId, ImportId, LeftAt, LeftBy, PersonId};
        let again = OnConflict::columns([ClassId, PersonId]).update_columns([LeftAt, LeftBy, ImportId]).to_owned();
        if !places.is_empty() {
            membership::Entity::insert_many(places).on_conflict(again).exec_without_returning(db).await?;
        }
        Ok(())
    }

    /// Ties a guardian to a child; false if they are tied already.
    async fn tie<D: ConnectionTrait>(
        &self,
        db: &D,
        school: SchoolId,
        guardian: PersonId,
        learner: PersonId,
    ) -> Result<bool, StoreError> {
        match self.insert_tie(db, school, guardian, learner).await {
            Err(error) if is_duplicate(&error) => Ok(false),
            other => {
                other?;
                Ok(true)
            }
        }
    }

    /// The row of a tie, within a transaction if there is one.
    pub(crate) async fn insert_tie<D: ConnectionTrait>(
        &self,
        db: &D,
        school: SchoolId,
        guardian: PersonId,
        learner: PersonId,
    ) -> Result<(), DbErr> {
        let row = guardianship::ActiveModel {
            id: Set(GuardianshipId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(school.0),
            guardian_id: Set(guardian.0),
            learner_id: Set(learner.0),
            since: Set(self.now_ms()),
        };
        guardianship::Entity::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    /// Whose phone number or address this is. For who has proved to own it; nobody else may ask.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn owner_of(&self, identifier: &Identifier) -> Result<Option<PersonId>, StoreError> {
        let lookup = self.keys.lookup(column::identifier::LOOKUP, identifier.normalised());
        let row = identifier::Entity::find().filter(identifier::Column::Lookup.eq(lookup)).one(&self.db).await?;
        Ok(row.map(|row| PersonId(row.person_id)))
    }
}

/// The people of one joining: their ids, before they exist.
struct Made {
    holder: PersonId,
    is_new: bool,
    child: PersonId,
    brings: bool,
}

impl Made {
    fn new(store: &Store, holder: &Holder<'_>, brings: bool) -> Self {
        let fresh = || PersonId::new(&*store.clock, &*store.entropy);
        match holder {
            Holder::Known(person) => Self { holder: *person, is_new: false, child: fresh(), brings },
            Holder::New { .. } => Self { holder: fresh(), is_new: true, child: fresh(), brings },
        }
    }

    fn learner_of(&self, invitation: &Invitation) -> Option<PersonId> {
        match invitation.ticket {
            Ticket::Child { .. } => Some(self.child),
            Ticket::Guardian { .. } | Ticket::Staff { .. } => None,
        }
    }

    /// Those whose keys were made for this.
    fn keys(&self) -> impl Iterator<Item = PersonId> {
        let holder = self.is_new.then_some(self.holder);
        holder.into_iter().chain(self.brings.then_some(self.child))
    }
}

async fn stop(transaction: DatabaseTransaction, outcome: Joined) -> Result<Joined, StoreError> {
    transaction.rollback().await?;
    Ok(outcome)
}

/// Whether everything that the service needs was granted.
fn suffices(decisions: &[(&'static str, Decision)], child: bool) -> bool {
    asked_of(child).iter().all(|purpose| {
        let asked = if child { purpose.asked_of_child } else { purpose.asked_of_adult };
        asked != AskedOf::Required || decisions.contains(&(purpose.id, Decision::Given))
    })
}

/// The agreement to the policy first, then each purpose that was asked.
fn choices(decisions: &Decisions, holder: PersonId, learner: Option<PersonId>) -> Vec<Choice> {
    let agreed = |subject| Choice { subject, purpose: AGREEMENT, decision: Decision::Given };
    let of = |subject: PersonId, decided: &[(&'static str, Decision)]| -> Vec<Choice> {
        decided.iter().map(|&(purpose, decision)| Choice { subject, purpose, decision }).collect()
    };
    let mut choices = vec![agreed(holder)];
    choices.extend(of(holder, &decisions.own));
    if let Some(learner) = learner {
        choices.push(agreed(learner));
        choices.extend(of(learner, &decisions.child));
    }
    choices
}
