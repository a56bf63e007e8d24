//! Who is in a class, as the campus manager sees it: names, the school's own numbers, and moving a learner to another class.
//! No recording, no score.
//!
//! Who leaves a class keeps everything: what was done there stays with the homework of that class, to be seen by the learner
//! and the guardians. The class left behind no longer shows them, and the new teacher begins with what is given in the new
//! class (docs/adr/0013).

use std::collections::HashMap;

use jiayin_domain::id::{CampusId, ClassId, PersonId, TermId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, category, column, purpose};
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{class, learner_number, membership};
use crate::faces::Known;
use crate::terms::{Term, managed};
use crate::{Store, StoreError, Viewer, time, write};

/// A learner in a class.
pub struct Placed {
    /// The learner.
    pub learner: PersonId,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// The school's own number of them.
    pub number: Option<Personal<String, category::Account>>,
    /// Since when they are in it.
    pub since: Timestamp,
}

/// A class and who is in it.
pub struct ClassPlaces {
    /// Opens names and numbers.
    pub grant: Grant<purpose::Administration>,
    /// Its name.
    pub name: String,
    /// The term to which it belongs.
    pub term: Option<TermId>,
    /// The terms of the campus, the latest first.
    pub terms: Vec<Term>,
    /// Its learners, in the order in which they joined.
    pub learners: Vec<Placed>,
    /// Learners whose guardians have paused or restricted processing, and who are not shown.
    pub left_out: usize,
    /// The other classes of the campus: id, name, term.
    pub others: Vec<(ClassId, String, Option<TermId>)>,
}

/// The school's own numbers, by learner.
pub(crate) type Numbers = HashMap<PersonId, Personal<String, category::Account>>;

impl Store {
    /// A class of the viewer's campus. `None` if it is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn class_places(&self, viewer: &Viewer, class: ClassId) -> Result<Option<ClassPlaces>, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(None) };
        let rows = self.class_rows(campus).await?;
        let Some(row) = rows.iter().find(|row| row.id == class.0).cloned() else { return Ok(None) };
        let list = self.class_list(class).await?;
        let people = list.people();
        let scope = Scope::many(people.clone());
        let request = asking(Some(viewer.person), viewer.school, Relation::Manager, scope);
        let grant = self.grant(request.in_group("class", class.0)).await?;
        let mut numbers = self.numbers(campus, &people).await?;
        let since = self.since(class).await?;
        let placed = |(learner, Known { name, .. }): (PersonId, Known)| Placed {
            learner,
            name,
            number: numbers.remove(&learner),
            since: time(since.get(&learner.0).copied().unwrap_or_default()),
        };
        let other = |row: class::Model| (ClassId(row.id), row.name, row.term_id.map(TermId));
        Ok(Some(ClassPlaces {
            left_out: list.left_out,
            learners: list.learners.into_iter().map(placed).collect(),
            terms: self.terms_of(campus).await?,
            grant,
            name: row.name,
            term: row.term_id.map(TermId),
            others: rows.into_iter().filter(|row| row.id != class.0).map(other).collect(),
        }))
    }

    /// The classes of a campus, in the order in which they were opened.
    pub(crate) async fn class_rows(&self, campus: CampusId) -> Result<Vec<class::Model>, StoreError> {
        Ok(class::Entity::find()
            .filter(class::Column::CampusId.eq(campus.0))
            .order_by_asc(class::Column::Id)
            .all(&self.db)
            .await?)
    }

    async fn since(&self, class: ClassId) -> Result<HashMap<Uuid, i64>, StoreError> {
        let rows = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(class.0))
            .filter(membership::Column::LeftAt.is_null())
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| (row.person_id, row.since)).collect())
    }

    /// The numbers that a campus has for some learners.
    pub(crate) async fn numbers(&self, campus: CampusId, people: &[PersonId]) -> Result<Numbers, StoreError> {
        let rows = learner_number::Entity::find()
            .filter(learner_number::Column::CampusId.eq(campus.0))
            .filter(learner_number::Column::LearnerId.is_in(people.iter().map(|person| person.0)))
            .order_by_asc(learner_number::Column::Id)
            .all(&self.db)
            .await?;
        let keys = self.keys.keys(people).await?;
        let mut numbers = HashMap::with_capacity(rows.len());
        for row in rows {
            let Some(key) = keys.get(&PersonId(row.learner_id)) else { continue };
            let value = key.open(column::learner_number::VALUE, row.id, &Sealed::from_bytes(row.value))?;
            numbers.insert(PersonId(row.learner_id), value);
        }
        Ok(numbers)
    }

    /// Moves learners from one class of the viewer's campus to another; how many were in the first. `None` if the viewer does
    /// not manage both.
    ///
    /// # Errors
    /// If it cannot be stored; then nobody is moved.
    pub async fn move_learners(
        &self,
        viewer: &Viewer,
        (from, to): (ClassId, ClassId),
        learners: &[PersonId],
    ) -> Result<Option<usize>, StoreError> {
        if from == to || !self.manages(viewer, from).await? || !self.manages(viewer, to).await? {
            return Ok(None);
        }
        let transaction = write::begin(&self.db).await?;
        let rows = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(from.0))
            .filter(membership::Column::PersonId.is_in(learners.iter().map(|learner| learner.0)))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .lock_exclusive()
            .all(&transaction)
            .await?;
        membership::Entity::update_many()
            .col_expr(membership::Column::LeftAt, Expr::value(self.now_ms()))
            .filter(membership::Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&transaction)
            .await?;
        let place =
            |row: &membership::Model| self.place(viewer.school, (to.0, PersonId(row.person_id)), Role::Learner, None);
        self.enrol_all(&transaction, rows.iter().map(place).collect()).await?;
        transaction.commit().await?;
        Ok(Some(rows.len()))
    }
}
