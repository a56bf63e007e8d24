//! The teacher's side: who has done an assignment, and what the teacher says of a recording.

use std::collections::HashMap;

use jiayin_domain::homework::Decision;
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId, ReviewId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Sealed, SubjectKey, column, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::classes::{LearnerRow, learner_rows};
use crate::entity::{assignment, class, recording, review, submission};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, time, write};

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
    /// When it was given.
    pub given_at: Timestamp,
    /// It was taken back.
    pub withdrawn: bool,
    /// Its sentences: id and text.
    pub exercises: Vec<(ExerciseId, String)>,
    /// The learners.
    pub learners: Vec<LearnerRow>,
    /// When each of them last recorded something for it.
    pub last: HashMap<PersonId, Timestamp>,
}

impl Store {
    /// An assignment with everyone's state, also after it was taken back. `None` if the viewer does not teach its class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn assignment_page(
        &self,
        viewer: &Viewer,
        id: AssignmentId,
    ) -> Result<Option<AssignmentPage>, StoreError> {
        let Some(row) = assignment::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        if !self.teaches(viewer, row.class_id).await? {
            return Ok(None);
        }
        let class = ClassId(row.class_id);
        let Some(class_row) = class::Entity::find_by_id(row.class_id).one(&self.db).await? else { return Ok(None) };
        let titles = self.lesson_titles([row.lesson_id].into_iter()).await?;
        let submissions =
            submission::Entity::find().filter(submission::Column::AssignmentId.eq(row.id)).all(&self.db).await?;
        let list = self.class_list(class).await?;
        let grant = self.teaching(viewer, class, list.people()).await?;
        let (opened, kept) = (self.opened_results(&submissions).await?, self.kept_of(&submissions).await?);
        Ok(Some(AssignmentPage {
            grant,
            assignment: id,
            class,
            class_name: class_row.name,
            title: titles.get(&row.lesson_id).cloned().unwrap_or_default(),
            due_at: time(row.due_at),
            given_at: time(row.created_at),
            withdrawn: row.withdrawn_at.is_some(),
            exercises: self
                .exercises_of(row.lesson_id)
                .await?
                .into_iter()
                .map(|row| (ExerciseId(row.id), row.text))
                .collect(),
            learners: learner_rows(list.learners, &submissions, opened, kept),
            last: self.last_recorded(&submissions).await?,
        }))
    }

    /// When each learner last recorded something for a submission.
    async fn last_recorded(
        &self,
        submissions: &[submission::Model],
    ) -> Result<HashMap<PersonId, Timestamp>, StoreError> {
        let last: Vec<(Uuid, i64)> = recording::Entity::find()
            .select_only()
            .column(recording::Column::LearnerId)
            .column_as(recording::Column::CreatedAt.max(), "last")
            .filter(recording::Column::SubmissionId.is_in(submissions.iter().map(|row| row.id)))
            .filter(recording::Column::Practice.eq(0))
            .group_by(recording::Column::LearnerId)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(last.into_iter().map(|(learner, at)| (PersonId(learner), time(at))).collect())
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
        let new = self.review_model(viewer, &key, (&row, review_id), (score, comment, decision), self.now_ms())?;
        if known.is_some() {
            review::Entity::update(new).exec(&transaction).await?;
        } else {
            match review::Entity::insert(new).exec_without_returning(&transaction).await {
                Err(error) if is_duplicate(&error) => {
                    transaction.rollback().await?;
                    return Err(StoreError::Busy);
                }
                other => drop(other?),
            }
        }
        self.refresh_results(&transaction, row.submission_id, &grant).await?;
        self.tell_of_review(&transaction, row.school_id, row.submission_id).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The row of a first review of a recording, sealed for its learner.
    pub(crate) fn new_review(
        &self,
        viewer: &Viewer,
        key: &SubjectKey,
        row: &recording::Model,
        said: (Option<u8>, Option<&str>, Decision),
        now: i64,
    ) -> Result<review::ActiveModel, StoreError> {
        self.review_model(viewer, key, (row, ReviewId::new(&*self.clock, &*self.entropy).0), said, now)
    }

    fn review_model(
        &self,
        viewer: &Viewer,
        key: &SubjectKey,
        (row, id): (&recording::Model, Uuid),
        (score, comment, decision): (Option<u8>, Option<&str>, Decision),
        now: i64,
    ) -> Result<review::ActiveModel, StoreError> {
        let score = score.map(|score| key.seal(column::review::SCORE, id, &score, &*self.entropy)).transpose()?;
        let comment = comment.map(|text| key.seal(column::review::COMMENT, id, &text, &*self.entropy)).transpose()?;
        Ok(review::ActiveModel {
            id: Set(id),
            school_id: Set(row.school_id),
            recording_id: Set(row.id),
            learner_id: Set(row.learner_id),
            teacher_id: Set(viewer.person.0),
            decision: Set(decision.tag().to_owned()),
            score: Set(score.map(Sealed::into_bytes)),
            comment: Set(comment.map(Sealed::into_bytes)),
            created_at: Set(now),
        })
    }
}
