//! What was sent before: a program that did not hear our answer sends the same recording again under the same id.

use jiayin_domain::id::{AssignmentId, ExerciseId, UploadId};
use sea_orm::EntityTrait;

use crate::entity::{media, recording, submission};
use crate::{Store, StoreError, Viewer};

/// A recording that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The assignment for which it was made.
    pub assignment: AssignmentId,
    /// The exercise.
    pub exercise: ExerciseId,
    /// SHA-256 of the sound.
    pub sha256: Vec<u8>,
}

impl Store {
    /// The viewer's own recording that came under this id. `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn kept_under(&self, viewer: &Viewer, id: UploadId) -> Result<Option<Kept>, StoreError> {
        let row = recording::Entity::find_by_id(id.0).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.learner_id == viewer.person.0) else { return Ok(None) };
        let own = submission::Entity::find_by_id(row.submission_id).one(&self.db).await?;
        let file = media::Entity::find_by_id(row.media_id).one(&self.db).await?;
        Ok(own.zip(file).map(|(own, file)| Kept {
            assignment: AssignmentId(own.assignment_id),
            exercise: ExerciseId(row.exercise_id),
            sha256: file.sha256,
        }))
    }
}
