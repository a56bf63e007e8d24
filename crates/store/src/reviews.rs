//! The teacher's side: who has done an assignment, what there is to hear, and what the teacher says of it.

use jiayin_domain::homework::Decision;
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId, ReviewId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, category, column, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::{assignment, class, review, submission};
use crate::error::is_duplicate;
use crate::roster::LearnerRow;
use crate::{Store, StoreError, Viewer, results, time, write};

/// An assignment with everyone's state.
pub struct AssignmentPage {
    /// Opens names and results.
    pub grant: Grant<purpose::Teaching>,
    /// The assignment.
    pub assignment: AssignmentId,
    /// Its class.
    pub class: ClassId,
    /// The class's name.
    pub class_name: String,
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Its sentences: id and text.
    pub exercises: Vec<(ExerciseId, String)>,
    /// The learners.
    pub learners: Vec<LearnerRow>,
}

/// A recording that the teacher may hear, in the order of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// The recording.
    pub recording: RecordingId,
    /// Whose it is.
    pub learner: PersonId,
    /// Which sentence.
    pub exercise: ExerciseId,
    /// The teacher has looked at it already.
    pub reviewed: bool,
}

/// Whose recording it is, and of which class and assignment.
pub struct Reviewed {
    /// Opens the name.
    pub grant: Grant<purpose::Teaching>,
    /// The learner's name.
    pub name: Personal<String, category::Name>,
    /// The class.
    pub class: ClassId,
    /// The class's name.
    pub class_name: String,
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// The queue of the assignment, this recording among it.
    pub queue: Vec<Queued>,
}

impl Store {
    /// An assignment with everyone's state. `None` if the viewer does not teach its class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn assignment_page(
        &self,
        viewer: &Viewer,
        id: AssignmentId,
    ) -> Result<Option<AssignmentPage>, StoreError> {
        let Some(row) = assignment::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        if row.withdrawn_at.is_some() {
            return Ok(None);
        }
        let class = ClassId(row.class_id);
        let Some(page) = self.class_page(viewer, class, Some(id)).await? else { return Ok(None) };
        let title = page.assignments.into_iter().find(|(other, _, _)| *other == id).map(|(_, title, _)| title);
        Ok(Some(AssignmentPage {
            grant: page.grant,
            assignment: id,
            class,
            class_name: page.name,
            title: title.unwrap_or_default(),
            due_at: time(row.due_at),
            exercises: page.exercises,
            learners: page.learners,
        }))
    }

    /// The recordings that count, of all learners of an assignment, those to be heard first: learner by learner in the order
    /// of the roster, sentence by sentence.
    async fn queue_of(
        &self,
        row: &assignment::Model,
        learners: &[PersonId],
        grant: &Grant<purpose::Teaching>,
    ) -> Result<Vec<Queued>, StoreError> {
        let submissions =
            submission::Entity::find().filter(submission::Column::AssignmentId.eq(row.id)).all(&self.db).await?;
        let order: Vec<ExerciseId> =
            self.exercises_of(row.lesson_id).await?.into_iter().map(|row| ExerciseId(row.id)).collect();
        let keys = self.keys.keys(learners).await?;
        let mut queue = Vec::new();
        for learner in learners {
            let own = submissions.iter().find(|own| own.learner_id == learner.0);
            let (Some(own), Some(key)) = (own, keys.get(learner)) else { continue };
            let Some(sealed) = &own.results else { continue };
            let opened = results::open(key, own.id.into(), sealed)?;
            let mut found = opened.read(grant)?.clone();
            found.retain(|result| order.contains(&result.exercise));
            found.sort_by_key(|result| order.iter().position(|exercise| *exercise == result.exercise));
            queue.extend(found.into_iter().map(|result| Queued {
                recording: result.recording,
                learner: *learner,
                exercise: result.exercise,
                reviewed: result.reviewed,
            }));
        }
        Ok(queue)
    }

    /// The first recording of the viewer's classes that waits to be heard, the assignment that is due first before the others.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn next_to_review(
        &self,
        viewer: &Viewer,
        within: Option<AssignmentId>,
    ) -> Result<Option<RecordingId>, StoreError> {
        let classes = self.classes_of(viewer.person, Role::Teacher).await?;
        let mut rows = self.assignments_of(&classes).await?;
        rows.retain(|row| within.is_none_or(|only| only.0 == row.id));
        rows.reverse();
        let members = self.members(&classes, Role::Learner).await?;
        for row in rows {
            let learners: Vec<PersonId> =
                members.iter().filter(|(class, _)| class.0 == row.class_id).map(|(_, person)| *person).collect();
            let grant = self.teaching(viewer, ClassId(row.class_id), learners.clone()).await?;
            let queue = self.queue_of(&row, &learners, &grant).await?;
            if let Some(first) = queue.iter().find(|queued| !queued.reviewed) {
                return Ok(Some(first.recording));
            }
        }
        Ok(None)
    }

    /// What stands around a recording in the review. `None` if the viewer does not teach its class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn review_context(&self, viewer: &Viewer, id: RecordingId) -> Result<Option<Reviewed>, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(None) };
        if viewer.role != Role::Teacher || !self.teaches(viewer, given.class_id).await? {
            return Ok(None);
        }
        let class = ClassId(given.class_id);
        let learners: Vec<PersonId> =
            self.members(&[class], Role::Learner).await?.into_iter().map(|(_, person)| person).collect();
        let learner = PersonId(row.learner_id);
        let mut all = learners.clone();
        if !all.contains(&learner) {
            all.push(learner);
        }
        let grant = self.teaching(viewer, class, all).await?;
        let Some(name) = self.names(&[learner]).await?.remove(&learner) else { return Ok(None) };
        let mut queue = self.queue_of(&given, &learners, &grant).await?;
        if !queue.iter().any(|queued| queued.recording == id) {
            // An earlier attempt, opened from a list: it stands beside the one that counts.
            let exercise = ExerciseId(row.exercise_id);
            let at = queue.iter().position(|other| other.learner == learner && other.exercise == exercise);
            let reviewed = self.review_of(row.id, learner).await?.is_some();
            queue.insert(at.unwrap_or(queue.len()), Queued { recording: id, learner, exercise, reviewed });
        }
        let titles = self.lesson_titles([given.lesson_id].into_iter()).await?;
        let class_row = class::Entity::find_by_id(class.0).one(&self.db).await?;
        Ok(Some(Reviewed {
            grant,
            name,
            class,
            class_name: class_row.map(|row| row.name).unwrap_or_default(),
            assignment: AssignmentId(given.id),
            title: titles.get(&given.lesson_id).cloned().unwrap_or_default(),
            queue,
        }))
    }

    /// Keeps what the teacher says of a recording, in place of what was said before. Whether there is such a recording for
    /// the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn save_review(
        &self,
        viewer: &Viewer,
        id: RecordingId,
        score: Option<u8>,
        comment: Option<&str>,
        decision: Decision,
    ) -> Result<bool, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(false) };
        if viewer.role != Role::Teacher || !self.teaches(viewer, given.class_id).await? {
            return Ok(false);
        }
        let learner = PersonId(row.learner_id);
        let key = self.keys.key(learner).await?;
        let grant = self.working(row.school_id, learner, ("recording", row.id)).await?;
        let transaction = write::begin(&self.db).await?;
        let known = review::Entity::find().filter(review::Column::RecordingId.eq(row.id)).one(&transaction).await?;
        let review_id = known.as_ref().map_or_else(|| ReviewId::new(&*self.clock, &*self.entropy).0, |known| known.id);
        let score = match score {
            Some(score) => Some(key.seal(column::review::SCORE, review_id, &score, self.entropy())?.into_bytes()),
            None => None,
        };
        let comment = match comment {
            Some(text) => Some(key.seal(column::review::COMMENT, review_id, &text, self.entropy())?.into_bytes()),
            None => None,
        };
        let now = self.now_ms();
        if known.is_some() {
            review::Entity::update_many()
                .col_expr(review::Column::Score, Expr::value(score))
                .col_expr(review::Column::Comment, Expr::value(comment))
                .col_expr(review::Column::Decision, Expr::value(decision.tag()))
                .col_expr(review::Column::TeacherId, Expr::value(viewer.person.0))
                .col_expr(review::Column::CreatedAt, Expr::value(now))
                .filter(review::Column::Id.eq(review_id))
                .exec(&transaction)
                .await?;
        } else {
            let new = review::ActiveModel {
                id: Set(review_id),
                school_id: Set(row.school_id),
                recording_id: Set(row.id),
                learner_id: Set(row.learner_id),
                teacher_id: Set(viewer.person.0),
                decision: Set(decision.tag().to_owned()),
                score: Set(score),
                comment: Set(comment),
                created_at: Set(now),
            };
            match review::Entity::insert(new).exec_without_returning(&transaction).await {
                Err(error) if is_duplicate(&error) => {
                    transaction.rollback().await?;
                    return Err(StoreError::Busy);
                }
                other => drop(other?),
            }
        }
        self.refresh_results(&transaction, row.submission_id, &grant).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
