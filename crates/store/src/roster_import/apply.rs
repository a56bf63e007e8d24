//! Carrying a plan out: all of it in one transaction, or nothing.

use std::collections::HashMap;

use jiayin_domain::id::{CampusId, ClassId, LearnerNumberId, PersonId, RosterImportId, TermId};
use jiayin_domain::role::Role;
use jiayin_domain::roster::{ClassRef, Entry, Outcome, Part, Plan, TermRef};
use jiayin_privacy::{SubjectKey, column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use std::sync::Arc;

use super::{Imported, Prepared, Roster};
use crate::entity::{campus, class, invitation, learner_number, membership, roster_import, term};
use crate::invitations::Ticket;
use crate::terms::managed;
use crate::{Store, StoreError, Viewer, time, write};

/// Rows that are written with one statement: below what either database takes in parameters.
const AT_ONCE: usize = 500;

/// One import under way.
struct Work<'a> {
    store: &'a Store,
    db: &'a DatabaseTransaction,
    viewer: &'a Viewer,
    campus: CampusId,
    id: RosterImportId,
    terms: Vec<TermId>,
    classes: Vec<ClassId>,
}

impl Store {
    /// Carries out what a list would do, if that is what was shown. `None` if the viewer manages no campus.
    ///
    /// # Errors
    /// If something cannot be stored; then nothing is.
    pub async fn import_roster(
        &self,
        viewer: &Viewer,
        roster: &Roster<'_>,
        shown: &Plan,
    ) -> Result<Option<Imported>, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(None) };
        let standing = self.roster_standing(&self.db, viewer, campus, roster.entries).await?;
        let ground = self.roster_ground(viewer, campus, &standing, roster.today).await?;
        let hints = self.roster_hints(campus, &standing, roster.entries).await?;
        let plan = jiayin_domain::roster::plan(roster.entries, &hints, &ground, roster.elsewhere);
        if plan != *shown {
            return Ok(Some(Imported::Changed));
        }
        let keys = self.keys.keys(&numbered(&plan)).await?;
        let transaction = write::begin(&self.db).await?;
        // One import of a campus at a time; and what the plan stands on is looked at again behind that lock.
        campus::Entity::find_by_id(campus.0).lock_exclusive().one(&transaction).await?;
        if self.roster_standing(&transaction, viewer, campus, roster.entries).await? != standing {
            transaction.rollback().await?;
            return Ok(Some(Imported::Changed));
        }
        let id = RosterImportId::new(&*self.clock, &*self.entropy);
        let mut work =
            Work { store: self, db: &transaction, viewer, campus, id, terms: Vec::new(), classes: Vec::new() };
        work.begin().await?;
        work.frame(&plan).await?;
        work.places(&plan).await?;
        work.numbers(&plan, roster.entries, &keys).await?;
        let (prepared, until) = work.invitations(&plan).await?;
        transaction.commit().await?;
        Ok(Some(Imported::Done { id, prepared, until: time(until) }))
    }
}

impl Work<'_> {
    async fn begin(&self) -> Result<(), StoreError> {
        let row = roster_import::ActiveModel {
            id: Set(self.id.0),
            school_id: Set(self.viewer.school.0),
            campus_id: Set(self.campus.0),
            created_by: Set(self.viewer.person.0),
            created_at: Set(self.store.now_ms()),
            undone_at: Set(None),
        };
        roster_import::Entity::insert(row).exec_without_returning(self.db).await?;
        Ok(())
    }

    /// Terms and classes.
    async fn frame(&mut self, plan: &Plan) -> Result<(), StoreError> {
        for new in &plan.terms {
            let place = (self.viewer, self.campus);
            let (id, row) = self.store.new_term(place, &new.name, (new.first, new.last), Some(self.id.0));
            term::Entity::insert(row).exec_without_returning(self.db).await?;
            self.terms.push(id);
        }
        for new in &plan.classes {
            let id = ClassId::new(&*self.store.clock, &*self.store.entropy);
            let term = new.term.and_then(|term| self.term(term));
            let row = class::ActiveModel {
                id: Set(id.0),
                school_id: Set(self.viewer.school.0),
                campus_id: Set(self.campus.0),
                name: Set(new.name.clone()),
                created_at: Set(self.store.now_ms()),
                term_id: Set(term.map(|term| term.0)),
                term_by: Set(None),
                import_id: Set(Some(self.id.0)),
            };
            row.insert(self.db).await?;
            self.classes.push(id);
        }
        for (class, into) in &plan.into_term {
            self.store.set_term(self.db, *class, self.term(*into), Some(self.id.0)).await?;
        }
        Ok(())
    }

    fn term(&self, term: TermRef) -> Option<TermId> {
        match term {
            TermRef::Known(id) => Some(id),
            TermRef::New(place) => self.terms.get(place).copied(),
        }
    }

    fn class(&self, class: ClassRef) -> Result<ClassId, StoreError> {
        match class {
            ClassRef::Known(id) => Ok(id),
            ClassRef::New(place) => {
                let made = self.classes.get(place).copied();
                made.ok_or_else(|| StoreError::Damaged("a plan speaks of a class that it does not make".to_owned()))
            }
        }
    }

    /// Who leaves and who comes.
    async fn places(&self, plan: &Plan) -> Result<(), StoreError> {
        let (store, now) = (self.store, self.store.now_ms());
        let mut left: HashMap<ClassId, Vec<PersonId>> = HashMap::new();
        let mut places = Vec::new();
        for row in &plan.rows {
            let (person, part, to) = match row.outcome {
                Outcome::Join(person, part, to, _) => (person, part, to),
                Outcome::Move(person, from, to, _) => {
                    left.entry(from).or_default().push(person);
                    (person, Part::Learner, to)
                }
                _ => continue,
            };
            places.push(store.place(self.viewer.school, (self.class(to)?.0, person), role(part), Some(self.id)));
        }
        for (class, people) in left {
            membership::Entity::update_many()
                .col_expr(membership::Column::LeftAt, Expr::value(now))
                .col_expr(membership::Column::LeftBy, Expr::value(self.id.0))
                .filter(membership::Column::ClassId.eq(class.0))
                .filter(membership::Column::PersonId.is_in(people.iter().map(|person| person.0)))
                .filter(membership::Column::LeftAt.is_null())
                .exec(self.db)
                .await?;
        }
        while !places.is_empty() {
            let rest = places.split_off(places.len().min(AT_ONCE));
            store.enrol_all(self.db, std::mem::replace(&mut places, rest)).await?;
        }
        Ok(())
    }

    /// The school's own numbers of learners who have an account.
    async fn numbers(
        &self,
        plan: &Plan,
        entries: &[Entry],
        keys: &HashMap<PersonId, Arc<SubjectKey>>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for (planned, entry) in plan.rows.iter().zip(entries) {
            let Some((person, key)) = noted(&planned.outcome).and_then(|it| Some((it, keys.get(&it)?))) else {
                continue;
            };
            let id = LearnerNumberId::new(&*self.store.clock, &*self.store.entropy).0;
            let value = key.seal(column::learner_number::VALUE, id, &entry.number.trim(), &*self.store.entropy)?;
            rows.push(learner_number::ActiveModel {
                id: Set(id),
                school_id: Set(self.viewer.school.0),
                campus_id: Set(self.campus.0),
                learner_id: Set(person.0),
                lookup: Set(self.store.number_lookup(self.campus, &entry.number)),
                value: Set(value.into_bytes()),
                created_at: Set(self.store.now_ms()),
                import_id: Set(Some(self.id.0)),
            });
        }
        for some in rows.chunks(AT_ONCE) {
            learner_number::Entity::insert_many(some.to_vec()).exec_without_returning(self.db).await?;
        }
        Ok(())
    }

    /// Invitations for the rows that need one, and until when they are good.
    async fn invitations(&self, plan: &Plan) -> Result<(Vec<Prepared>, i64), StoreError> {
        let (mut prepared, mut rows, mut until) = (Vec::new(), Vec::new(), self.store.now_ms());
        for (row, planned) in plan.rows.iter().enumerate() {
            let Outcome::Invite(part, class) = planned.outcome else { continue };
            let class = self.class(class)?;
            let ticket = match part {
                Part::Teacher => Ticket::Staff { role: Role::Teacher, campus: Some(self.campus), class: Some(class) },
                Part::Learner | Part::Other => Ticket::Child { class },
            };
            let by = Some(self.viewer.person);
            let (id, token, model) = self.store.new_ticket(self.viewer.school, by, ticket, Some(self.id));
            if let Set(at) = model.expires_at {
                until = at;
            }
            rows.push(model);
            prepared.push(Prepared { row, id, token });
        }
        for some in rows.chunks(AT_ONCE) {
            invitation::Entity::insert_many(some.to_vec()).exec_without_returning(self.db).await?;
        }
        Ok((prepared, until))
    }
}

fn role(part: Part) -> Role {
    match part {
        Part::Teacher => Role::Teacher,
        Part::Learner | Part::Other => Role::Learner,
    }
}

/// The learner whose number a row notes.
fn noted(outcome: &Outcome) -> Option<PersonId> {
    match *outcome {
        Outcome::Number(person) | Outcome::Join(person, _, _, true) | Outcome::Move(person, _, _, true) => Some(person),
        _ => None,
    }
}

fn numbered(plan: &Plan) -> Vec<PersonId> {
    plan.rows.iter().filter_map(|row| noted(&row.outcome)).collect()
}
