//! What a teacher says aloud of a recording. It is the learner's, as the review is: sealed under the learner's key, kept as
//! long as the recording, heard by the learner and the guardians once there is a review.

use jiayin_domain::id::{PersonId, RecordingId};
use jiayin_domain::role::Role;
use jiayin_domain::sound::{Gain, Heard};
use jiayin_privacy::blob;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::{media, recording, upload};
use crate::{Store, StoreError, Viewer, write};

/// How what was said of a recording is played, if anything was.
pub(crate) fn gain(row: &recording::Model) -> Option<Gain> {
    row.voice_id.map(|_| Gain(row.voice_gain.unwrap_or(0)))
}

/// Within the transaction of its arrival: a file becomes what is said of its recording.
pub(crate) async fn give<D: ConnectionTrait>(db: &D, row: &upload::Model, heard: &Heard) -> Result<(), StoreError> {
    recording::Entity::update_many()
        .col_expr(recording::Column::VoiceId, Expr::value(row.id))
        .col_expr(recording::Column::VoiceGain, Expr::value(heard.gain.0))
        .filter(recording::Column::Id.eq(row.target_id))
        .exec(db)
        .await?;
    Ok(())
}

impl Store {
    /// The recording and its learner, if the viewer may say something of it.
    pub(crate) async fn may_comment(
        &self,
        viewer: &Viewer,
        id: RecordingId,
    ) -> Result<Option<recording::Model>, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(None) };
        let may = viewer.role == Role::Teacher && self.teaches(viewer, given.class_id).await?;
        Ok(may.then_some(row))
    }

    /// Takes back what was said aloud of a recording. Whether there was anything that the viewer may take back.
    ///
    /// # Errors
    /// [`Refusal::Held`](jiayin_privacy::Refusal::Held) under a legal hold; if it cannot be stored.
    pub async fn remove_voice(&self, viewer: &Viewer, id: RecordingId) -> Result<bool, StoreError> {
        let Some(row) = self.may_comment(viewer, id).await? else { return Ok(false) };
        let Some(voice) = row.voice_id else { return Ok(false) };
        let learner = PersonId(row.learner_id);
        self.must_not_be_held(learner).await?;
        self.working(row.school_id, learner, ("recording", row.id)).await?;
        recording::Entity::update_many()
            .col_expr(recording::Column::VoiceId, Expr::value(None::<Uuid>))
            .col_expr(recording::Column::VoiceGain, Expr::value(None::<i64>))
            .filter(recording::Column::Id.eq(row.id))
            .filter(recording::Column::VoiceId.eq(voice))
            .exec(&self.db)
            .await?;
        self.forget_voice(voice).await?;
        Ok(true)
    }

    /// Deletes a file to which no recording points any more: the file first, so that nothing is left of which no row knows.
    pub(crate) async fn forget_voice(&self, voice: Uuid) -> Result<(), StoreError> {
        self.blobs.remove(blob::VOICE_COMMENT.id(), voice).await?;
        let transaction = write::begin(&self.db).await?;
        upload::Entity::delete_many().filter(upload::Column::MediaId.eq(voice)).exec(&transaction).await?;
        media::Entity::delete_by_id(voice).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}
