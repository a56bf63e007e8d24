//! What is known of a campus when a list is looked at: rows first, which can be read again within a transaction to see
//! whether they are still so, then the names, which are opened under a grant.

use std::collections::{HashMap, HashSet};

use jiayin_domain::id::{CampusId, ClassId, PersonId, TermId};
use jiayin_domain::role::Role;
use jiayin_domain::roster::{Entry, Ground, Hint, KnownClass, KnownPerson, KnownTerm, Part, TicketHint, fold};
use jiayin_privacy::{Grant, Identifier, Relation, Scope, column, purpose};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{campus, class, guardianship, identifier, invitation, learner_number, membership, person, term};
use crate::{Store, StoreError, Viewer};

/// Joining uses the ticket and takes the place in the class in one transaction, which is over by then.
const JOINING_MS: i64 = 60_000;

/// The rows on which a plan stands.
#[derive(Clone, PartialEq)]
pub(super) struct Standing {
    pub(super) terms: Vec<term::Model>,
    pub(super) classes: Vec<class::Model>,
    pub(super) members: Vec<membership::Model>,
    numbers: Vec<learner_number::Model>,
    /// Invitations that imports have prepared, and those that the list names.
    tickets: Vec<invitation::Model>,
    /// Whose the phone numbers and addresses of the list are: of teachers of the school.
    contacts: Vec<(Vec<u8>, Uuid)>,
}

/// The purpose under which a manager sees a list.
type Seeing = Grant<purpose::Administration>;

impl Store {
    /// Reads the rows, on any connection.
    pub(super) async fn roster_standing<D: ConnectionTrait>(
        &self,
        db: &D,
        viewer: &Viewer,
        campus: CampusId,
        entries: &[Entry],
    ) -> Result<Standing, StoreError> {
        let terms = term::Entity::find().filter(term::Column::CampusId.eq(campus.0)).order_by_asc(term::Column::Id);
        let classes = class::Entity::find().filter(class::Column::CampusId.eq(campus.0));
        let classes = classes.order_by_asc(class::Column::Id).all(db).await?;
        let ids = || classes.iter().map(|class| class.id);
        let members = membership::Entity::find()
            .filter(membership::Column::ClassId.is_in(ids()))
            .filter(membership::Column::LeftAt.is_null())
            .order_by_asc(membership::Column::Id)
            .all(db)
            .await?;
        let numbers = learner_number::Entity::find()
            .filter(learner_number::Column::CampusId.eq(campus.0))
            .order_by_asc(learner_number::Column::Id)
            .all(db)
            .await?;
        let tickets = invitation::Entity::find()
            .filter(invitation::Column::ClassId.is_in(ids()))
            .filter(invitation::Column::ImportId.is_not_null())
            .order_by_asc(invitation::Column::Id)
            .all(db)
            .await?;
        let contacts = self.roster_contacts(db, viewer, entries).await?;
        Ok(Standing { terms: terms.all(db).await?, classes, members, numbers, tickets, contacts })
    }

    /// The teachers of the school to whom the phone numbers and addresses of a list belong, by their blind index.
    async fn roster_contacts<D: ConnectionTrait>(
        &self,
        db: &D,
        viewer: &Viewer,
        entries: &[Entry],
    ) -> Result<Vec<(Vec<u8>, Uuid)>, StoreError> {
        let sought: HashSet<Vec<u8>> = entries.iter().filter_map(|entry| self.contact_of(entry)).collect();
        if sought.is_empty() {
            return Ok(Vec::new());
        }
        let rows = identifier::Entity::find()
            .filter(identifier::Column::Lookup.is_in(sought))
            .filter(identifier::Column::SchoolId.eq(viewer.school.0))
            .order_by_asc(identifier::Column::Id)
            .all(db)
            .await?;
        let teachers: HashSet<Uuid> = person::Entity::find()
            .filter(person::Column::Id.is_in(rows.iter().map(|row| row.person_id)))
            .filter(person::Column::Role.eq(Role::Teacher.tag()))
            .filter(person::Column::ClosedAt.is_null())
            .filter(person::Column::RestrictedAt.is_null())
            .all(db)
            .await?
            .into_iter()
            .map(|row| row.id)
            .collect();
        let theirs = rows.into_iter().filter(|row| teachers.contains(&row.person_id));
        Ok(theirs.map(|row| (row.lookup, row.person_id)).collect())
    }

    fn contact_of(&self, entry: &Entry) -> Option<Vec<u8>> {
        let teacher = entry.part == Part::Teacher;
        let given = teacher.then(|| Identifier::parse(&entry.contact).ok()).flatten()?;
        Some(self.keys.lookup(column::identifier::LOOKUP, given.normalised()))
    }

    /// The index of a student number; a campus has its own.
    pub(super) fn number_lookup(&self, campus: CampusId, number: &str) -> Vec<u8> {
        self.keys.lookup(column::learner_number::LOOKUP, &format!("{campus}:{}", fold(number)))
    }

    /// Opens the names of everyone in the classes of the campus who may be opened.
    pub(super) async fn roster_ground(
        &self,
        viewer: &Viewer,
        campus: CampusId,
        standing: &Standing,
        today: Date,
    ) -> Result<Ground, StoreError> {
        let ids: Vec<ClassId> = standing.classes.iter().map(|class| ClassId(class.id)).collect();
        let mut open: Vec<PersonId> = Vec::new();
        for role in [Role::Learner, Role::Teacher] {
            open.extend(self.members_ever(&ids, role).await?.into_iter().map(|(_, person)| person));
        }
        open.extend(standing.contacts.iter().map(|(_, person)| PersonId(*person)));
        open.sort_unstable();
        open.dedup();
        let request = asking(Some(viewer.person), viewer.school, Relation::Manager, Scope::many(open.clone()));
        let grant: Seeing = self.grant(request.in_group("campus", campus.0)).await?;
        let mut names: HashMap<PersonId, String> = HashMap::with_capacity(open.len());
        for (person, name) in self.names(&open).await? {
            names.insert(person, name.into_inner(&grant)?);
        }
        let row = campus::Entity::find_by_id(campus.0).one(&self.db).await?;
        Ok(Ground {
            campus: row.map(|row| row.name).unwrap_or_default(),
            terms: standing.known_terms()?,
            classes: standing.known_classes(self.now_ms()),
            people: standing.known_people(names),
            today,
        })
    }

    /// What each row's number, contact and invitation lead to.
    pub(super) async fn roster_hints(
        &self,
        campus: CampusId,
        standing: &Standing,
        entries: &[Entry],
    ) -> Result<Vec<Hint>, StoreError> {
        let numbers: HashMap<&[u8], Uuid> =
            standing.numbers.iter().map(|row| (row.lookup.as_slice(), row.learner_id)).collect();
        let contacts: HashMap<&[u8], Uuid> =
            standing.contacts.iter().map(|(lookup, person)| (lookup.as_slice(), *person)).collect();
        let tickets: HashMap<Uuid, &invitation::Model> = standing.tickets.iter().map(|row| (row.id, row)).collect();
        let brought = self.brought(standing).await?;
        let now = self.now_ms();
        let hint = |entry: &Entry| {
            let ticket = entry.invitation.trim().parse().ok().and_then(|id: Uuid| tickets.get(&id).copied());
            let by_number = match entry.part {
                Part::Learner if !entry.number.is_empty() => {
                    numbers.get(self.number_lookup(campus, &entry.number).as_slice()).copied()
                }
                _ => self.contact_of(entry).and_then(|lookup| contacts.get(lookup.as_slice()).copied()),
            };
            let by_ticket = ticket.and_then(|row| brought.get(&row.id).copied());
            let state = ticket.and_then(|row| match (row.used_at, row.class_id) {
                (Some(_), _) => Some(TicketHint::Used),
                (None, Some(class)) if row.expires_at > now => Some(TicketHint::Open(ClassId(class))),
                _ => None,
            });
            Hint { person: by_number.or(by_ticket).map(PersonId), ticket: state }
        };
        Ok(entries.iter().map(hint).collect())
    }

    /// Who came by each invitation that was used: the one child of the guardian who was not in the class before.
    async fn brought(&self, standing: &Standing) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        let used: Vec<(&invitation::Model, Uuid)> =
            standing.tickets.iter().filter_map(|row| Some((row, row.used_by?))).collect();
        let ties = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.is_in(used.iter().map(|(_, guardian)| *guardian)))
            .all(&self.db)
            .await?;
        let mut brought = HashMap::new();
        for (ticket, guardian) in used {
            let theirs =
                |learner: &Uuid| ties.iter().any(|tie| (tie.guardian_id, tie.learner_id) == (guardian, *learner));
            let came = |row: &&membership::Model| {
                let while_joining = |at: i64| (at..at.saturating_add(JOINING_MS)).contains(&row.since);
                Some(row.class_id) == ticket.class_id
                    && ticket.used_at.is_some_and(while_joining)
                    && theirs(&row.person_id)
            };
            let mut found = standing.members.iter().filter(came);
            if let (Some(row), None) = (found.next(), found.next()) {
                brought.insert(ticket.id, row.person_id);
            }
        }
        Ok(brought)
    }
}

impl Standing {
    fn known_terms(&self) -> Result<Vec<KnownTerm>, StoreError> {
        let known = |row: &term::Model| {
            let last = row.last_day.parse().map_err(|_| StoreError::Damaged("a day of a term is none".to_owned()))?;
            Ok(KnownTerm { id: TermId(row.id), name: row.name.clone(), last })
        };
        self.terms.iter().map(known).collect()
    }

    fn known_classes(&self, now: i64) -> Vec<KnownClass> {
        let waiting = |class: Uuid, kind: &str| {
            let waits = |row: &&invitation::Model| {
                row.class_id == Some(class) && row.kind == kind && row.used_at.is_none() && row.expires_at > now
            };
            self.tickets.iter().filter(waits).count()
        };
        let known = |row: &class::Model| KnownClass {
            id: ClassId(row.id),
            name: row.name.clone(),
            term: row.term_id.map(TermId),
            learners_invited: waiting(row.id, "child"),
            teachers_invited: waiting(row.id, "staff"),
        };
        self.classes.iter().map(known).collect()
    }

    fn known_people(&self, mut names: HashMap<PersonId, String>) -> Vec<KnownPerson> {
        let numbered: HashSet<Uuid> = self.numbers.iter().map(|row| row.learner_id).collect();
        let mut people: Vec<KnownPerson> = Vec::new();
        let mut places: HashMap<(Uuid, Part), usize> = HashMap::new();
        let in_class = self.members.iter().map(|row| (row.person_id, row.role.as_str(), Some(row.class_id)));
        let teachers = self.contacts.iter().map(|(_, person)| (*person, Role::Teacher.tag(), None));
        // Who has left every class is still known by their number, and may come back.
        let learners = self.numbers.iter().map(|row| (row.learner_id, Role::Learner.tag(), None));
        for (id, role, class) in in_class.chain(teachers).chain(learners) {
            let part = if role == Role::Teacher.tag() { Part::Teacher } else { Part::Learner };
            let at = *places.entry((id, part)).or_insert_with(|| {
                people.push(KnownPerson {
                    id: PersonId(id),
                    part,
                    name: names.remove(&PersonId(id)),
                    has_number: numbered.contains(&id),
                    classes: Vec::new(),
                });
                people.len() - 1
            });
            if let Some(person) = people.get_mut(at) {
                person.classes.extend(class.map(ClassId));
            }
        }
        people
    }
}
