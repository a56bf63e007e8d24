//! Several recordings of the queue at once: seen as a list, accepted or returned together, and all of that taken back.
//!
//! What was done together bears one moment, and by that moment it is undone: a recording that waits has no review yet, so
//! that taking the new reviews away brings back what was before.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiayin_domain::homework::Decision;
use jiayin_domain::id::{AssignmentId, ClassId, PersonId, RecordingId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, category, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::{assignment, class, evaluation, exercise, recording, review, submission};
use crate::error::is_duplicate;
use crate::faces::Known;
use crate::queue::{Queued, Within};
use crate::{Store, StoreError, Viewer, results, time, write};

/// Most recordings that are reviewed at once.
pub const TOGETHER_MAX: usize = 200;

/// A recording that waits, as a list shows it.
pub struct QueuedCard {
    /// The recording, and where it stands.
    pub queued: Queued,
    /// The lesson's title.
    pub title: String,
    /// What was to be said.
    pub text: String,
    /// When it was made.
    pub at: Timestamp,
    /// The machine's total, once it has heard it.
    pub total: Option<Personal<Option<u8>, category::Evaluation>>,
}

/// What waits in one class.
pub struct QueueOfClass {
    /// Opens names and totals.
    pub grant: Grant<purpose::Teaching>,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// The learners whose recordings wait.
    pub learners: HashMap<PersonId, Known>,
    /// The recordings in the order of the queue.
    pub cards: Vec<QueuedCard>,
}

/// What was done together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    /// By this moment it is taken back.
    pub at: Timestamp,
    /// Recordings.
    pub count: usize,
}

/// A recording with what its review follows from.
struct Touched {
    row: recording::Model,
    assignment: Uuid,
    class: ClassId,
}

impl Store {
    /// The queue as a list, class by class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn queue_list(&self, viewer: &Viewer, within: Within) -> Result<Vec<QueueOfClass>, StoreError> {
        let queue = self.queue(viewer, within).await?;
        let recordings: Vec<Uuid> = queue.iter().map(|queued| queued.recording.0).collect();
        let heard = evaluation::Entity::find()
            .filter(evaluation::Column::RecordingId.is_in(recordings.iter().copied()))
            .all(&self.db)
            .await?;
        let rows = recording::Entity::find().filter(recording::Column::Id.is_in(recordings)).all(&self.db).await?;
        let made: HashMap<Uuid, i64> = rows.iter().map(|row| (row.id, row.created_at)).collect();
        let sentences = self.texts_of(&queue).await?;
        let titles = self.titles_of(&queue).await?;
        let mut classes: Vec<QueueOfClass> = Vec::new();
        for (class, name) in self.names_of_classes(&queue).await? {
            let own: Vec<&Queued> = queue.iter().filter(|queued| queued.class == class).collect();
            let learners: BTreeSet<PersonId> = own.iter().map(|queued| queued.learner).collect();
            let learners: Vec<PersonId> = learners.into_iter().collect();
            let grant = self.teaching(viewer, class, learners.clone()).await?;
            let keys = self.keys.keys(&learners).await?;
            let mut cards = Vec::with_capacity(own.len());
            for queued in own {
                let (Some(key), Some(made)) = (keys.get(&queued.learner), made.get(&queued.recording.0)) else {
                    continue;
                };
                let heard = heard.iter().find(|heard| heard.recording_id == queued.recording.0);
                cards.push(QueuedCard {
                    queued: *queued,
                    title: titles.get(&queued.assignment).cloned().unwrap_or_default(),
                    text: sentences.get(&queued.exercise.0).cloned().unwrap_or_default(),
                    at: time(*made),
                    total: heard.map(|heard| results::total(key, heard)).transpose()?,
                });
            }
            classes.push(QueueOfClass { grant, class, name, learners: self.known(&learners).await?, cards });
        }
        Ok(classes)
    }

    async fn texts_of(&self, queue: &[Queued]) -> Result<HashMap<Uuid, String>, StoreError> {
        let ids: HashSet<Uuid> = queue.iter().map(|queued| queued.exercise.0).collect();
        let rows = exercise::Entity::find().filter(exercise::Column::Id.is_in(ids)).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.text)).collect())
    }

    async fn titles_of(&self, queue: &[Queued]) -> Result<HashMap<AssignmentId, String>, StoreError> {
        let ids: HashSet<Uuid> = queue.iter().map(|queued| queued.assignment.0).collect();
        let rows = assignment::Entity::find().filter(assignment::Column::Id.is_in(ids)).all(&self.db).await?;
        let titles = self.lesson_titles(rows.iter().map(|row| row.lesson_id)).await?;
        let title = |row: assignment::Model| Some((AssignmentId(row.id), titles.get(&row.lesson_id)?.clone()));
        Ok(rows.into_iter().filter_map(title).collect())
    }

    /// The classes of a queue in its order, with their names.
    async fn names_of_classes(&self, queue: &[Queued]) -> Result<Vec<(ClassId, String)>, StoreError> {
        let mut classes: Vec<ClassId> = Vec::new();
        for queued in queue {
            if !classes.contains(&queued.class) {
                classes.push(queued.class);
            }
        }
        let ids = classes.iter().map(|class| class.0);
        let rows = class::Entity::find().filter(class::Column::Id.is_in(ids)).all(&self.db).await?;
        let names: HashMap<Uuid, String> = rows.into_iter().map(|row| (row.id, row.name)).collect();
        Ok(classes.into_iter().map(|class| (class, names.get(&class.0).cloned().unwrap_or_default())).collect())
    }

    /// Says the same of several recordings, all of them or none. Of those that are named, the ones count that wait for the
    /// viewer; `None` if none of them does.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another teacher was at one of them in the same moment; if it cannot be stored.
    pub async fn review_together(
        &self,
        viewer: &Viewer,
        recordings: &[RecordingId],
        comment: Option<&str>,
        decision: Decision,
    ) -> Result<Option<Together>, StoreError> {
        let named: HashSet<RecordingId> = recordings.iter().take(TOGETHER_MAX).copied().collect();
        let mut chosen = self.queue(viewer, Within::Everything).await?;
        chosen.retain(|queued| named.contains(&queued.recording));
        if chosen.is_empty() {
            return Ok(None);
        }
        let ids = chosen.iter().map(|queued| queued.recording.0);
        let rows = recording::Entity::find().filter(recording::Column::Id.is_in(ids)).all(&self.db).await?;
        let touched = self.touched(rows).await?;
        let grants = self.grants_over(viewer, &touched).await?;
        let learners: Vec<PersonId> = chosen.iter().map(|queued| queued.learner).collect();
        let keys = self.keys.keys(&learners).await?;
        let now = self.now_ms();
        let transaction = write::begin(&self.db).await?;
        let mut count = 0;
        for one in &touched {
            let Some(key) = keys.get(&PersonId(one.row.learner_id)) else { continue };
            let new = self.new_review(viewer, key, &one.row, (None, comment, decision), now)?;
            match review::Entity::insert(new).exec_without_returning(&transaction).await {
                Err(error) if is_duplicate(&error) => {
                    transaction.rollback().await?;
                    return Err(StoreError::Busy);
                }
                other => drop(other?),
            }
            count += 1;
        }
        self.refresh_touched(&transaction, &touched, &grants).await?;
        let told: BTreeSet<(Uuid, Uuid)> =
            touched.iter().map(|one| (one.row.school_id, one.row.submission_id)).collect();
        for (school, submission) in told {
            self.tell_of_review(&transaction, school, submission).await?;
        }
        transaction.commit().await?;
        Ok(Some(Together { at: time(now), count }))
    }

    /// What the viewer said of recordings at exactly this moment; nothing if it has been taken back.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn said_together(&self, viewer: &Viewer, at: Timestamp) -> Result<Together, StoreError> {
        Ok(Together { at, count: self.reviews_at(viewer, at).await?.len() })
    }

    /// Takes back what the viewer said of recordings at exactly this moment: they wait again. How many these are.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn undo_together(&self, viewer: &Viewer, at: Timestamp) -> Result<usize, StoreError> {
        let said = self.reviews_at(viewer, at).await?;
        let ids = said.iter().map(|row| row.recording_id);
        let rows = recording::Entity::find().filter(recording::Column::Id.is_in(ids)).all(&self.db).await?;
        let mut touched = self.touched(rows).await?;
        let classes: Vec<ClassId> = self.classes_of(viewer.person, Role::Teacher).await?;
        // Of a learner who may not be taught now nothing is opened, and nothing is taken back.
        let members: HashSet<(ClassId, PersonId)> = self.members(&classes, Role::Learner).await?.into_iter().collect();
        touched.retain(|one| members.contains(&(one.class, PersonId(one.row.learner_id))));
        if touched.is_empty() {
            return Ok(0);
        }
        let grants = self.grants_over(viewer, &touched).await?;
        let transaction = write::begin(&self.db).await?;
        let removed = review::Entity::delete_many()
            .filter(review::Column::RecordingId.is_in(touched.iter().map(|one| one.row.id)))
            .filter(review::Column::TeacherId.eq(viewer.person.0))
            .filter(review::Column::CreatedAt.eq(at.as_millisecond()))
            .exec(&transaction)
            .await?;
        self.refresh_touched(&transaction, &touched, &grants).await?;
        let homework: HashSet<Uuid> = touched.iter().map(|one| one.row.submission_id).collect();
        let homework = submission::Entity::find().filter(submission::Column::Id.is_in(homework)).all(&transaction);
        for submission in homework.await? {
            self.tell_no_more_of_review(&transaction, &submission).await?;
        }
        transaction.commit().await?;
        Ok(usize::try_from(removed.rows_affected).unwrap_or(usize::MAX))
    }

    async fn reviews_at(&self, viewer: &Viewer, at: Timestamp) -> Result<Vec<review::Model>, StoreError> {
        Ok(review::Entity::find()
            .filter(review::Column::TeacherId.eq(viewer.person.0))
            .filter(review::Column::CreatedAt.eq(at.as_millisecond()))
            .all(&self.db)
            .await?)
    }

    /// Recordings with their assignments, in the order in which homework is locked: by assignment, then by submission.
    async fn touched(&self, rows: Vec<recording::Model>) -> Result<Vec<Touched>, StoreError> {
        let ids: HashSet<Uuid> = rows.iter().map(|row| row.submission_id).collect();
        let own = submission::Entity::find().filter(submission::Column::Id.is_in(ids)).all(&self.db).await?;
        let of: HashMap<Uuid, Uuid> = own.iter().map(|row| (row.id, row.assignment_id)).collect();
        let given: HashSet<Uuid> = of.values().copied().collect();
        let given = assignment::Entity::find().filter(assignment::Column::Id.is_in(given)).all(&self.db).await?;
        let classes: HashMap<Uuid, ClassId> = given.iter().map(|row| (row.id, ClassId(row.class_id))).collect();
        let touched = |row: recording::Model| {
            let assignment = *of.get(&row.submission_id)?;
            Some(Touched { class: *classes.get(&assignment)?, assignment, row })
        };
        let mut touched: Vec<Touched> = rows.into_iter().filter_map(touched).collect();
        touched.sort_by_key(|one| (one.assignment, one.row.submission_id, one.row.id));
        Ok(touched)
    }

    /// A grant for each class, over those of its learners whose recordings these are.
    async fn grants_over(
        &self,
        viewer: &Viewer,
        touched: &[Touched],
    ) -> Result<HashMap<ClassId, Grant<purpose::Teaching>>, StoreError> {
        let mut learners: HashMap<ClassId, Vec<PersonId>> = HashMap::new();
        for one in touched {
            learners.entry(one.class).or_default().push(PersonId(one.row.learner_id));
        }
        let mut grants = HashMap::with_capacity(learners.len());
        for (class, learners) in learners {
            grants.insert(class, self.teaching(viewer, class, learners).await?);
        }
        Ok(grants)
    }

    /// Computes the results of all homework that was touched anew, each once.
    async fn refresh_touched(
        &self,
        transaction: &DatabaseTransaction,
        touched: &[Touched],
        grants: &HashMap<ClassId, Grant<purpose::Teaching>>,
    ) -> Result<(), StoreError> {
        let mut last = None;
        for one in touched {
            if last == Some(one.row.submission_id) {
                continue;
            }
            last = Some(one.row.submission_id);
            if let Some(grant) = grants.get(&one.class) {
                self.refresh_results(transaction, one.row.submission_id, grant).await?;
            }
        }
        Ok(())
    }
}
