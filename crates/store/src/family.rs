//! The guardian's side: one's own children, their week, their recordings and what the teacher said.

use jiayin_domain::id::{PersonId, RecordingId};
use jiayin_domain::progress::Progress;
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, category, column, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::de::DeserializeOwned;

use crate::audit::asking;
use crate::entity::{class, evaluation, guardianship};
use crate::homework::{ReviewView, Said, Task};
use crate::recordings::Heard;
use crate::{Store, StoreError, Viewer};

/// One child of a guardian.
pub struct Child {
    /// The child.
    pub learner: PersonId,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// Name of their class; empty without one.
    pub class: String,
    /// Their assignments, the one that is due first at the beginning.
    pub tasks: Vec<Task>,
    /// The recordings made since the moment that was asked for.
    pub heard: Vec<Heard>,
    /// What a teacher said last.
    pub said: Option<Said>,
}

/// A guardian's children.
pub struct Family {
    /// Opens names and results.
    pub grant: Grant<purpose::Family>,
    /// The children.
    pub children: Vec<Child>,
}

/// One child in detail.
pub struct ChildPage<T> {
    /// Opens names, results, comments.
    pub grant: Grant<purpose::Family>,
    /// The child.
    pub child: Child,
    /// What teachers said of the recordings that count.
    pub reviews: Vec<(RecordingId, ReviewView)>,
    /// All that the ear said of the recordings that count.
    pub details: Vec<(RecordingId, Personal<T, category::Evaluation>)>,
    /// What is known of the child's sounds and words; `None` before anything was heard.
    pub skills: Option<Personal<Progress, category::Evaluation>>,
}

impl Store {
    /// The viewer's children.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn family(&self, viewer: &Viewer, since: Timestamp) -> Result<Family, StoreError> {
        let rows = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .order_by_asc(guardianship::Column::Id)
            .all(&self.db)
            .await?;
        let mine = viewer.role == Role::Guardian;
        let learners = rows.iter().filter(|_| mine).map(|row| PersonId(row.learner_id)).collect();
        let learners = self.unrestricted(learners).await?;
        let request = asking(Some(viewer.person), viewer.school, Relation::Guardian, Scope::many(learners.clone()));
        let grant = self.grant(request).await?;
        let mut names = self.names(&learners).await?;
        let mut children = Vec::with_capacity(learners.len());
        for learner in learners {
            let Some(name) = names.remove(&learner) else { continue };
            children.push(self.child(learner, name, since).await?);
        }
        Ok(Family { grant, children })
    }

    async fn child(
        &self,
        learner: PersonId,
        name: Personal<String, category::Name>,
        since: Timestamp,
    ) -> Result<Child, StoreError> {
        let classes = self.classes_of(learner, Role::Learner).await?;
        let rows = class::Entity::find()
            .filter(class::Column::Id.is_in(classes.iter().map(|class| class.0)))
            .order_by_asc(class::Column::Id)
            .all(&self.db)
            .await?;
        let class = rows.into_iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
        let ((_, tasks), heard, said) = self.work_of(learner, since).await?;
        Ok(Child { learner, name, class, tasks, heard, said })
    }

    /// One child in detail. `None` if it is not the viewer's.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn child_page<T: DeserializeOwned>(
        &self,
        viewer: &Viewer,
        learner: PersonId,
        since: Timestamp,
    ) -> Result<Option<ChildPage<T>>, StoreError> {
        if viewer.role != Role::Guardian || !self.is_guardian(viewer, learner).await? {
            return Ok(None);
        }
        let request = asking(Some(viewer.person), viewer.school, Relation::Guardian, Scope::One(learner));
        let grant: Grant<purpose::Family> = self.grant(request).await?;
        let Some(name) = self.names(&[learner]).await?.remove(&learner) else { return Ok(None) };
        let child = self.child(learner, name, since).await?;
        let key = self.keys.key(learner).await?;
        let (mut reviews, mut details) = (Vec::new(), Vec::new());
        for task in &child.tasks {
            let Some(results) = &task.results else { continue };
            for result in results.read(&grant)? {
                // Of chosen answers there is nothing but the result.
                let Some(recording) = result.recording else { continue };
                if result.reviewed
                    && let Some((row, _)) = self.recording_row(recording).await?
                    && let Some(review) = self.review_of(&row).await?
                {
                    reviews.push((recording, review));
                }
                let found = evaluation::Entity::find()
                    .filter(evaluation::Column::RecordingId.eq(recording.0))
                    .one(&self.db)
                    .await?;
                if let Some(row) = found {
                    let sealed = Sealed::from_bytes(row.detail);
                    details.push((recording, key.open(column::evaluation::DETAIL, row.id, &sealed)?));
                }
            }
        }
        let skills = self.skills_of(viewer.school.0, &[learner], &grant).await?.remove(&learner);
        Ok(Some(ChildPage { grant, child, reviews, details, skills }))
    }
}
