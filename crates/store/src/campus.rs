//! The campus manager's side: the classes of one campus and their activity. No recording, no score of a child.

use jiayin_domain::homework::SubmissionState;
use jiayin_domain::id::{ClassId, PersonId, TermId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Relation, Scope, category, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{campus, class, recording, submission};
use crate::terms::Term;
use crate::{Store, StoreError, Viewer, time};

/// A class in the manager's list.
pub struct ClassActivity {
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// The term to which it belongs.
    pub term: Option<TermId>,
    /// Its teachers' names.
    pub teachers: Vec<Personal<String, category::Name>>,
    /// How many learners it has.
    pub learners: usize,
    /// How many of them recorded something in the last week.
    pub active: usize,
    /// When each recording within that time was made.
    pub recordings: Vec<Timestamp>,
    /// Submissions of the homework that was due in the last week that are done, looked at or not.
    pub done: usize,
    /// Submissions of it there would be if everyone had done everything.
    pub expected: usize,
}

/// A campus.
pub struct CampusPage {
    /// Opens the teachers' names.
    pub grant: Grant<purpose::Administration>,
    /// The campus's name.
    pub name: String,
    /// Its classes.
    pub classes: Vec<ClassActivity>,
    /// Its terms, the latest first.
    pub terms: Vec<Term>,
}

impl Store {
    /// The viewer's campus and what happened `since` a moment, and in the last `week`, which begins after it. `None` if the
    /// viewer manages none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn campus_page(
        &self,
        viewer: &Viewer,
        since: Timestamp,
        week: Timestamp,
    ) -> Result<Option<CampusPage>, StoreError> {
        let (Role::CampusManager, Some(id)) = (viewer.role, viewer.campus) else { return Ok(None) };
        let Some(row) = campus::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        let rows = class::Entity::find()
            .filter(class::Column::CampusId.eq(id.0))
            .order_by_asc(class::Column::Id)
            .all(&self.db)
            .await?;
        let ids: Vec<ClassId> = rows.iter().map(|row| ClassId(row.id)).collect();
        let teachers = self.members(&ids, Role::Teacher).await?;
        let learners = self.members(&ids, Role::Learner).await?;
        let mut staff: Vec<PersonId> = teachers.iter().map(|(_, person)| *person).collect();
        staff.sort_unstable();
        staff.dedup();
        let request = asking(Some(viewer.person), viewer.school, Relation::Manager, Scope::many(staff.clone()));
        let grant = self.grant(request.in_group("campus", id.0)).await?;
        let mut classes = Vec::with_capacity(rows.len());
        for row in rows {
            let of_class = |members: &[(ClassId, PersonId)]| -> Vec<PersonId> {
                members.iter().filter(|(class, _)| class.0 == row.id).map(|(_, person)| *person).collect()
            };
            let names = self.names(&of_class(&teachers)).await?;
            let activity = self.activity(ClassId(row.id), &of_class(&learners), (since, week)).await?;
            classes.push(ClassActivity {
                class: ClassId(row.id),
                name: row.name.clone(),
                term: row.term_id.map(TermId),
                teachers: names.into_values().collect(),
                learners: of_class(&learners).len(),
                ..activity
            });
        }
        Ok(Some(CampusPage { grant, name: row.name, classes, terms: self.terms_of(id).await? }))
    }

    async fn activity(
        &self,
        class: ClassId,
        learners: &[PersonId],
        (since, week): (Timestamp, Timestamp),
    ) -> Result<ClassActivity, StoreError> {
        let due = week.as_millisecond()..=self.now_ms();
        let given = self.assignments_of(&[class]).await?.into_iter().filter(|row| due.contains(&row.due_at));
        let assignments: Vec<Uuid> = given.map(|row| row.id).collect();
        let submissions = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(assignments.clone()))
            .filter(submission::Column::LearnerId.is_in(learners.iter().map(|learner| learner.0)))
            .all(&self.db)
            .await?;
        let recordings = recording::Entity::find()
            .filter(recording::Column::LearnerId.is_in(learners.iter().map(|learner| learner.0)))
            .filter(recording::Column::CreatedAt.gte(since.as_millisecond()))
            .order_by_asc(recording::Column::CreatedAt)
            .all(&self.db)
            .await?;
        let of_week = recordings.iter().filter(|row| row.created_at >= week.as_millisecond());
        let mut active: Vec<Uuid> = of_week.map(|row| row.learner_id).collect();
        active.sort_unstable();
        active.dedup();
        let is_done =
            |row: &&submission::Model| SubmissionState::from_tag(&row.state).is_some_and(SubmissionState::is_done);
        Ok(ClassActivity {
            class,
            name: String::new(),
            term: None,
            teachers: Vec::new(),
            learners: learners.len(),
            active: active.len(),
            recordings: recordings.iter().map(|row| time(row.created_at)).collect(),
            done: submissions.iter().filter(is_done).count(),
            expected: assignments.len() * learners.len(),
        })
    }
}
