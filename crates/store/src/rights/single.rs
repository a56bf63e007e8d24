//! Deleting a single recording with all that was made of it.

use jiayin_domain::id::{PersonId, RecordingId};
use jiayin_privacy::blob;
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Claim;
use crate::entity::{evaluation, exercise, job, media, recording, review, upload};
use crate::jobs::EVALUATE;
use crate::{Store, StoreError, time, write};

/// A recording that may be deleted.
pub struct Deletable {
    /// The recording.
    pub recording: RecordingId,
    /// What was to be said.
    pub text: String,
    /// When it was made.
    pub at: Timestamp,
}

impl Store {
    /// The recording to which a file belongs, if the claimant may delete it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn deletable(&self, claim: &Claim, media: Uuid) -> Result<Option<Deletable>, StoreError> {
        let Some(row) = self.recording_of(claim, media).await? else { return Ok(None) };
        let sentence = exercise::Entity::find_by_id(row.exercise_id).one(&self.db).await?;
        let text = sentence.map(|row| row.text).unwrap_or_default();
        Ok(Some(Deletable { recording: RecordingId(row.id), text, at: time(row.created_at) }))
    }

    async fn recording_of(&self, claim: &Claim, media: Uuid) -> Result<Option<recording::Model>, StoreError> {
        if !claim.decides {
            return Ok(None);
        }
        Ok(recording::Entity::find()
            .filter(recording::Column::MediaId.eq(media))
            .filter(recording::Column::LearnerId.eq(claim.person.0))
            .one(&self.db)
            .await?)
    }

    /// Deletes the recording to which a file belongs: the files first, then evaluation, review and rows, and the results of
    /// the homework are computed anew. False if there is none that the claimant may delete.
    ///
    /// # Errors
    /// [`Refusal::Held`](jiayin_privacy::Refusal::Held) under a legal hold; if it cannot be done: it may be repeated.
    pub async fn delete_recording(&self, claim: &Claim, media: Uuid) -> Result<bool, StoreError> {
        let Some(row) = self.recording_of(claim, media).await? else { return Ok(false) };
        self.must_not_be_held(claim.person).await?;
        self.note_claim(claim, "deletion", row.id).await?;
        let grant = self.open_claim(claim, Some(("recording", row.id))).await?;
        self.blobs.remove(blob::RECORDING.id(), row.media_id).await?;
        if let Some(voice) = row.voice_id {
            self.forget_voice(voice).await?;
        }
        let transaction = write::begin(&self.db).await?;
        evaluation::Entity::delete_many().filter(evaluation::Column::RecordingId.eq(row.id)).exec(&transaction).await?;
        review::Entity::delete_many().filter(review::Column::RecordingId.eq(row.id)).exec(&transaction).await?;
        recording::Entity::delete_by_id(row.id).exec(&transaction).await?;
        media::Entity::delete_by_id(row.media_id).exec(&transaction).await?;
        upload::Entity::delete_many().filter(upload::Column::MediaId.eq(row.media_id)).exec(&transaction).await?;
        job::Entity::delete_many()
            .filter(job::Column::Kind.eq(EVALUATE))
            .filter(job::Column::TargetId.eq(row.id))
            .exec(&transaction)
            .await?;
        self.refresh_results(&transaction, row.submission_id, &grant).await?;
        self.forget_progress(&transaction, claim.person).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Whether a learner has a guardian: then the learner is a child.
    pub(crate) async fn has_guardian(&self, learner: PersonId) -> Result<bool, StoreError> {
        use crate::entity::guardianship::{Column, Entity};
        Ok(Entity::find().filter(Column::LearnerId.eq(learner.0)).one(&self.db).await?.is_some())
    }

    /// Whether one person is a guardian of another.
    pub(crate) async fn guards(&self, guardian: PersonId, learner: PersonId) -> Result<bool, StoreError> {
        use crate::entity::guardianship::{Column, Entity};
        let tie = Entity::find()
            .filter(Column::GuardianId.eq(guardian.0))
            .filter(Column::LearnerId.eq(learner.0))
            .one(&self.db)
            .await?;
        Ok(tie.is_some())
    }
}
