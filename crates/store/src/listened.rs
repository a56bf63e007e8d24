//! Sounds that others will hear, course audio and what teachers say of recordings, are listened to before they are kept:
//! what has arrived whole waits for that, and is kept with what was heard, or is thrown away.

use jiayin_domain::id::UploadId;
use jiayin_domain::sound::Heard;
use sea_orm::EntityTrait;

use crate::arrivals::Gathered;
use crate::entity::{exercise, recording, upload};
use crate::uploads::{COURSE_AUDIO, Progress, VOICE_COMMENT};
use crate::{Store, StoreError, Viewer, course_audio, voice_comments};

/// What has arrived and is not kept yet.
pub enum Arrived {
    /// It is to be listened to.
    Sound {
        /// The whole file.
        bytes: Vec<u8>,
        /// What it should say; `None` if that is up to who says it.
        text: Option<String>,
    },
    /// There is nothing to listen to: this is how things stand.
    Standing(Progress),
}

/// Whether an upload of this kind is listened to.
pub(crate) fn is_listened_to(row: &upload::Model) -> bool {
    [COURSE_AUDIO, VOICE_COMMENT].contains(&row.kind.as_str())
}

impl Store {
    /// A sound that has arrived whole, to be listened to. `None` if the viewer has sent no such thing.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn arrived(&self, viewer: &Viewer, id: UploadId) -> Result<Option<Arrived>, StoreError> {
        let Some(row) = self.own_upload(viewer, id).await? else { return Ok(None) };
        let standing = self.progress(&row).await?;
        if !waits(&row, &standing) {
            return Ok(Some(Arrived::Standing(standing)));
        }
        let text = match row.kind.as_str() {
            COURSE_AUDIO => exercise::Entity::find_by_id(row.target_id).one(&self.db).await?.map(|row| row.text),
            _ => None,
        };
        Ok(Some(match self.whole(viewer, &row).await? {
            Gathered::Whole { plain, .. } => Arrived::Sound { bytes: plain, text },
            Gathered::Anew(progress) => Arrived::Standing(progress),
        }))
    }

    /// Keeps what was listened to, as what it was sent for. `None` if the viewer has sent no such thing.
    ///
    /// # Errors
    /// If it cannot be stored; then it may be repeated.
    pub async fn keep_heard(
        &self,
        viewer: &Viewer,
        id: UploadId,
        heard: &Heard,
    ) -> Result<Option<Progress>, StoreError> {
        let Some(row) = self.own_upload(viewer, id).await?.filter(is_listened_to) else { return Ok(None) };
        let standing = self.progress(&row).await?;
        if !waits(&row, &standing) {
            return Ok(Some(standing));
        }
        self.finish(viewer, &row, Some(heard)).await.map(Some)
    }

    /// Throws away what has arrived and is no use; what was there before stays.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn refuse_heard(&self, viewer: &Viewer, id: UploadId) -> Result<(), StoreError> {
        let row = self.own_upload(viewer, id).await?.filter(|row| is_listened_to(row) && row.media_id.is_none());
        let Some(row) = row else { return Ok(()) };
        let parts = match self.whole(viewer, &row).await? {
            Gathered::Whole { parts, .. } => parts,
            Gathered::Anew(_) => Vec::new(),
        };
        upload::Entity::delete_by_id(row.id).exec(&self.db).await?;
        self.forget_parts(&parts).await;
        Ok(())
    }

    /// What was heard of a sound that the viewer sent, as long as it is in use.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn heard_of(&self, viewer: &Viewer, id: UploadId) -> Result<Option<Heard>, StoreError> {
        let Some(row) = self.own_upload(viewer, id).await? else { return Ok(None) };
        Ok(match row.kind.as_str() {
            COURSE_AUDIO => {
                let exercise = exercise::Entity::find_by_id(row.target_id).one(&self.db).await?;
                let audio = exercise.as_ref().and_then(course_audio::of).filter(|audio| audio.media.0 == row.id);
                audio.and_then(|audio| Some(Heard { gain: audio.gain?, faults: audio.faults }))
            }
            VOICE_COMMENT => {
                let found = recording::Entity::find_by_id(row.target_id).one(&self.db).await?;
                let found = found.filter(|recording| recording.voice_id == Some(row.id));
                // What is wrong with a comment is told once, to who has just said it.
                found.as_ref().and_then(voice_comments::gain).map(|gain| Heard { gain, faults: Vec::new() })
            }
            _ => None,
        })
    }
}

fn waits(row: &upload::Model, standing: &Progress) -> bool {
    is_listened_to(row) && row.received >= row.size && matches!(standing, Progress::At(_))
}
