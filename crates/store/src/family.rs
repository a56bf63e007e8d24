//! The guardian's side: one's own children, their week, their recordings and what the teacher said.

use jiayin_domain::homework::ExerciseResult;
use jiayin_domain::id::{ExerciseId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Relation, Scope, category, purpose};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::audit::asking;
use crate::entity::guardianship;
use crate::homework::{ReviewView, Task};
use crate::{Store, StoreError, Viewer};

/// One child of a guardian.
pub struct Child {
    /// The child.
    pub learner: PersonId,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// Their assignments, the one that is due first at the beginning.
    pub tasks: Vec<Task>,
}

/// A guardian's children.
pub struct Family {
    /// Opens names and results.
    pub grant: Grant<purpose::Family>,
    /// The children.
    pub children: Vec<Child>,
}

/// One child in detail.
pub struct ChildPage {
    /// Opens names, results, comments.
    pub grant: Grant<purpose::Family>,
    /// The child.
    pub child: Child,
    /// What teachers said of the recordings that count.
    pub reviews: Vec<(ExerciseId, ReviewView)>,
}

impl Store {
    /// The viewer's children.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn family(&self, viewer: &Viewer) -> Result<Family, StoreError> {
        let rows = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .order_by_asc(guardianship::Column::Id)
            .all(&self.db)
            .await?;
        let mine = viewer.role == Role::Guardian;
        let learners: Vec<PersonId> = rows.iter().filter(|_| mine).map(|row| PersonId(row.learner_id)).collect();
        let request = asking(Some(viewer.person), viewer.school, Relation::Guardian, Scope::many(learners.clone()));
        let grant = self.grant(request).await?;
        let mut names = self.names(&learners).await?;
        let mut children = Vec::with_capacity(learners.len());
        for learner in learners {
            let Some(name) = names.remove(&learner) else { continue };
            let (_, tasks) = self.tasks_of(learner).await?;
            children.push(Child { learner, name, tasks });
        }
        Ok(Family { grant, children })
    }

    /// One child in detail. `None` if it is not the viewer's.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn child_page(&self, viewer: &Viewer, learner: PersonId) -> Result<Option<ChildPage>, StoreError> {
        if viewer.role != Role::Guardian || !self.is_guardian(viewer, learner).await? {
            return Ok(None);
        }
        let request = asking(Some(viewer.person), viewer.school, Relation::Guardian, Scope::One(learner));
        let grant: Grant<purpose::Family> = self.grant(request).await?;
        let Some(name) = self.names(&[learner]).await?.remove(&learner) else { return Ok(None) };
        let (_, tasks) = self.tasks_of(learner).await?;
        let mut reviews = Vec::new();
        for task in &tasks {
            let Some(results) = &task.results else { continue };
            let reviewed: Vec<ExerciseResult> =
                results.read(&grant)?.iter().filter(|result| result.reviewed).copied().collect();
            for result in reviewed {
                if let Some(review) = self.review_of(result.recording.0, learner).await? {
                    reviews.push((result.exercise, review));
                }
            }
        }
        Ok(Some(ChildPage { grant, child: Child { learner, name, tasks }, reviews }))
    }
}
