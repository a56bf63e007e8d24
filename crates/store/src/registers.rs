//! Lists as programs read them, a page at a time: classes, who is in one, homework. They begin after the last row of the page
//! before, so that nothing is left out or told twice when something is added meanwhile.

use std::collections::HashMap;

use jiayin_domain::homework::SubmissionState;
use jiayin_domain::id::{AssignmentId, CampusId, ClassId, PersonId, TermId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Purpose, Relation, Scope, category, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{assignment, class, membership, submission};
use crate::terms::managed;
use crate::{Store, StoreError, Viewer, time};

/// A page of a list: what comes after this row, and how many rows at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Id of the last row of the page before.
    pub after: Option<Uuid>,
    /// Most rows.
    pub most: u64,
}

/// Rows of a page, and whether there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The id after which the next page begins.
    pub next: Option<Uuid>,
}

impl<T> Paged<T> {
    /// Of one row more than the page holds.
    fn of(mut rows: Vec<T>, page: Page, id: impl Fn(&T) -> Uuid) -> Self {
        let most = usize::try_from(page.most).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().map(id).filter(|_| more);
        Self { rows, next }
    }

    fn map<U>(self, each: impl FnMut(T) -> U) -> Paged<U> {
        Paged { rows: self.rows.into_iter().map(each).collect(), next: self.next }
    }
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassEntry {
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Its campus.
    pub campus: CampusId,
    /// Its term.
    pub term: Option<TermId>,
    /// When it was opened.
    pub since: Timestamp,
}

/// A learner in a class.
pub struct Registered {
    /// The learner.
    pub learner: PersonId,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// The school's own number of them, for who manages the campus.
    pub number: Option<Personal<String, category::Account>>,
    /// Since when they are in the class.
    pub since: Timestamp,
}

/// The grant under which a class is read.
pub enum RegisterGrant {
    /// By its teacher.
    Teaching(Grant<purpose::Teaching>),
    /// By the campus manager.
    Administration(Grant<purpose::Administration>),
}

impl RegisterGrant {
    /// A name.
    ///
    /// # Errors
    /// If the value is not of a person for whom the grant was given.
    pub fn name<'a>(&self, value: &'a Personal<String, category::Name>) -> Result<&'a String, StoreError> {
        Ok(match self {
            Self::Teaching(grant) => value.read(grant)?,
            Self::Administration(grant) => value.read(grant)?,
        })
    }

    /// A number.
    ///
    /// # Errors
    /// If the value is not of a person for whom the grant was given.
    pub fn number<'a>(&self, value: &'a Personal<String, category::Account>) -> Result<&'a String, StoreError> {
        Ok(match self {
            Self::Teaching(grant) => value.read(grant)?,
            Self::Administration(grant) => value.read(grant)?,
        })
    }
}

/// A page of who is in a class. Learners without consent or with restricted processing are not among them.
pub struct Register {
    /// Opens names and numbers.
    pub grant: RegisterGrant,
    /// The learners, in the order in which they joined.
    pub learners: Paged<Registered>,
}

/// Homework in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentEntry {
    /// The assignment.
    pub assignment: AssignmentId,
    /// Its class.
    pub class: ClassId,
    /// The lesson's title.
    pub title: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it is due.
    pub due_at: Timestamp,
    /// Where the viewer stands, who is a learner.
    pub state: Option<SubmissionState>,
}

impl Store {
    /// The classes that the viewer teaches or manages, in the order in which they were opened.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn class_register(&self, viewer: &Viewer, page: Page) -> Result<Paged<ClassEntry>, StoreError> {
        let theirs = match (viewer.role, managed(viewer)) {
            (_, Some(campus)) => class::Column::CampusId.eq(campus.0),
            (Role::Teacher, None) => {
                let mine = self.classes_of(viewer.person, Role::Teacher).await?;
                class::Column::Id.is_in(mine.iter().map(|class| class.0))
            }
            _ => return Ok(Paged { rows: Vec::new(), next: None }),
        };
        let rows = class::Entity::find()
            .filter(class::Column::SchoolId.eq(viewer.school.0))
            .filter(theirs)
            .filter(Condition::all().add_option(page.after.map(|after| class::Column::Id.gt(after))))
            .order_by_asc(class::Column::Id)
            .limit(page.most.saturating_add(1))
            .all(&self.db)
            .await?;
        Ok(Paged::of(rows, page, |row| row.id).map(|row| ClassEntry {
            class: ClassId(row.id),
            name: row.name,
            campus: CampusId(row.campus_id),
            term: row.term_id.map(TermId),
            since: time(row.created_at),
        }))
    }

    /// Who is in a class. `None` if the viewer neither teaches nor manages it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn register(&self, viewer: &Viewer, class: ClassId, page: Page) -> Result<Option<Register>, StoreError> {
        let manages = self.manages(viewer, class).await?;
        let teaches = viewer.role == Role::Teacher && self.teaches(viewer, class.0).await?;
        if !manages && !teaches {
            return Ok(None);
        }
        let rows = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(class.0))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .filter(Self::learning(self.consent_floor(<purpose::Teaching as Purpose>::ID).await?.into()))
            .filter(Self::restricted_member().not())
            .filter(Condition::all().add_option(page.after.map(|after| membership::Column::Id.gt(after))))
            .order_by_asc(membership::Column::Id)
            .limit(page.most.saturating_add(1))
            .all(&self.db)
            .await?;
        let rows = Paged::of(rows, page, |row| row.id);
        let people: Vec<PersonId> = rows.rows.iter().map(|row| PersonId(row.person_id)).collect();
        let (grant, mut numbers) = match managed(viewer) {
            Some(campus) => {
                let scope = Scope::many(people.clone());
                let request = asking(Some(viewer.person), viewer.school, Relation::Manager, scope);
                let grant = self.grant(request.in_group("class", class.0)).await?;
                (RegisterGrant::Administration(grant), self.numbers(campus, &people).await?)
            }
            None => (RegisterGrant::Teaching(self.teaching(viewer, class, people.clone()).await?), HashMap::new()),
        };
        let mut names = self.names(&people).await?;
        let next = rows.next;
        let entry = |row: membership::Model| {
            let learner = PersonId(row.person_id);
            let name = names.remove(&learner)?;
            Some(Registered { learner, name, number: numbers.remove(&learner), since: time(row.since) })
        };
        let learners = Paged { rows: rows.rows.into_iter().filter_map(entry).collect(), next };
        Ok(Some(Register { grant, learners }))
    }

    /// The homework of a learner's classes, or of those that a teacher teaches, the latest given first; all of it, or that
    /// of one class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn assignment_register(
        &self,
        viewer: &Viewer,
        of: Option<ClassId>,
        page: Page,
    ) -> Result<Paged<AssignmentEntry>, StoreError> {
        let mut classes = match viewer.role {
            Role::Learner | Role::Teacher => self.classes_of(viewer.person, viewer.role).await?,
            _ => Vec::new(),
        };
        classes.retain(|class| of.is_none_or(|of| of == *class));
        let rows = assignment::Entity::find()
            .filter(assignment::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .filter(Condition::all().add_option(page.after.map(|after| assignment::Column::Id.lt(after))))
            .order_by_desc(assignment::Column::Id)
            .limit(page.most.saturating_add(1))
            .all(&self.db)
            .await?;
        let rows = Paged::of(rows, page, |row| row.id);
        let titles = self.lesson_titles(rows.rows.iter().map(|row| row.lesson_id)).await?;
        let begun = match viewer.role {
            Role::Learner => self.states_of(viewer.person, rows.rows.iter().map(|row| row.id)).await?,
            _ => HashMap::new(),
        };
        Ok(rows.map(|row| AssignmentEntry {
            assignment: AssignmentId(row.id),
            class: ClassId(row.class_id),
            title: titles.get(&row.lesson_id).cloned().unwrap_or_default(),
            given_at: time(row.created_at),
            due_at: time(row.due_at),
            state: (viewer.role == Role::Learner).then(|| begun.get(&row.id).copied().unwrap_or(SubmissionState::Open)),
        }))
    }

    /// Where a learner stands with some assignments.
    async fn states_of(
        &self,
        learner: PersonId,
        assignments: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, SubmissionState>, StoreError> {
        let rows = submission::Entity::find()
            .filter(submission::Column::LearnerId.eq(learner.0))
            .filter(submission::Column::AssignmentId.is_in(assignments))
            .all(&self.db)
            .await?;
        let state = |row: submission::Model| Some((row.assignment_id, SubmissionState::from_tag(&row.state)?));
        Ok(rows.into_iter().filter_map(state).collect())
    }
}
