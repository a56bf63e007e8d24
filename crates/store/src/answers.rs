//! Answers that are chosen, not spoken: kept sealed, and counted beside the recordings.

use jiayin_domain::exercise::Content;
use jiayin_domain::id::{AnswerId, AssignmentId, ExerciseId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Personal, Sealed, SubjectKey, category, column};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::courses::content;
use crate::entity::{answer, exercise};
use crate::{Store, StoreError, Viewer, write};

/// How often an answer is tried to be kept when another is at the same submission.
const TRIES: u32 = 3;

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Which of the choices, counted from 0.
    pub choice: usize,
    /// It was the right one.
    pub right: bool,
}

impl Store {
    /// Keeps the answer of a learner, unless it was given already or the right one has been found. `None` if the viewer has no
    /// such exercise to do, or it has no such choice.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn choose(
        &self,
        viewer: &Viewer,
        assignment: AssignmentId,
        exercise: ExerciseId,
        choice: usize,
    ) -> Result<Option<()>, StoreError> {
        if viewer.role != Role::Learner {
            return Ok(None);
        }
        let given = self.assignment_for(viewer, assignment).await?.filter(|given| given.withdrawn_at.is_none());
        let Some(given) = given else { return Ok(None) };
        let row = exercise::Entity::find_by_id(exercise.0).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.lesson_id == given.lesson_id && row.withdrawn_at.is_none()) else {
            return Ok(None);
        };
        let chosen = match content(&row) {
            Content::Choose { choices, right } if choice < choices.len() => Chosen { choice, right: choice == right },
            _ => return Ok(None),
        };
        for left in (0..TRIES).rev() {
            match self.keep_answer(viewer, assignment, exercise, chosen).await {
                Err(StoreError::Busy) if left > 0 => {}
                kept => return kept.map(Some),
            }
        }
        Err(StoreError::Busy)
    }

    async fn keep_answer(
        &self,
        viewer: &Viewer,
        assignment: AssignmentId,
        exercise: ExerciseId,
        chosen: Chosen,
    ) -> Result<(), StoreError> {
        let grant = self.working(viewer.school.0, viewer.person, ("exercise", exercise.0)).await?;
        let key = self.keys.key(viewer.person).await?;
        let transaction = write::begin(&self.durable).await?;
        let (school, person, now) = (viewer.school.0, viewer.person.0, self.now_ms());
        let submission = self.submission_of(&transaction, (school, assignment.0, person), now).await?;
        for earlier in answers_of(&transaction, submission, Some(exercise)).await? {
            let earlier = opened(&key, &earlier)?;
            let earlier = earlier.read(&grant)?;
            if earlier.right || *earlier == chosen {
                return Ok(transaction.rollback().await?);
            }
        }
        let id = AnswerId::new(&*self.clock, &*self.entropy).0;
        let row = answer::ActiveModel {
            id: Set(id),
            school_id: Set(school),
            submission_id: Set(submission),
            exercise_id: Set(exercise.0),
            learner_id: Set(person),
            chosen: Set(key.seal(column::answer::CHOSEN, id, &chosen, &*self.entropy)?.into_bytes()),
            created_at: Set(now),
        };
        answer::Entity::insert(row).exec_without_returning(&transaction).await?;
        self.refresh_results(&transaction, submission, &grant).await?;
        Ok(transaction.commit().await?)
    }

    /// The answers of a learner at one exercise, from the first to the last.
    pub(crate) async fn chosen_of(
        &self,
        submission: Uuid,
        exercise: ExerciseId,
        learner: PersonId,
    ) -> Result<Vec<Personal<Chosen, category::Evaluation>>, StoreError> {
        let key = self.keys.key(learner).await?;
        answers_of(&self.db, submission, Some(exercise)).await?.iter().map(|row| opened(&key, row)).collect()
    }
}

/// The answers of a submission, from the first to the last: to all its exercises, or to one.
pub(crate) async fn answers_of<D: ConnectionTrait>(
    db: &D,
    submission: Uuid,
    exercise: Option<ExerciseId>,
) -> Result<Vec<answer::Model>, StoreError> {
    let mut query = answer::Entity::find().filter(answer::Column::SubmissionId.eq(submission));
    if let Some(exercise) = exercise {
        query = query.filter(answer::Column::ExerciseId.eq(exercise.0));
    }
    Ok(query.order_by_asc(answer::Column::CreatedAt).order_by_asc(answer::Column::Id).all(db).await?)
}

/// What was chosen.
pub(crate) fn opened(
    key: &SubjectKey,
    row: &answer::Model,
) -> Result<Personal<Chosen, category::Evaluation>, StoreError> {
    Ok(key.open(column::answer::CHOSEN, row.id, &Sealed::from_bytes(row.chosen.clone()))?)
}
