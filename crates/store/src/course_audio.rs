//! The audio of exercises. It is listened to before it is kept: what has arrived whole waits for that, and becomes the
//! exercise's audio with what was heard, or is thrown away.

use jiayin_domain::id::{MediaId, UploadId};
use jiayin_domain::sound::{Fault, Gain, Heard};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::arrivals::Gathered;
use crate::entity::{exercise, upload};
use crate::uploads::{COURSE_AUDIO, Progress};
use crate::{Store, StoreError, Viewer};

/// The recorded audio of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseAudio {
    /// The file.
    pub media: MediaId,
    /// How it is played; `None` if it was never listened to, which is how it was before this was done.
    pub gain: Option<Gain>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// What has arrived and is not kept yet.
pub enum Arrived {
    /// It is to be listened to.
    Sound {
        /// The whole file.
        bytes: Vec<u8>,
        /// What it should say.
        text: String,
    },
    /// There is nothing to listen to: this is how things stand.
    Standing(Progress),
}

/// The audio of a row, if it has any.
pub(crate) fn of(row: &exercise::Model) -> Option<CourseAudio> {
    Some(CourseAudio {
        media: MediaId(row.audio_id?),
        gain: row.audio_gain.map(Gain),
        faults: Fault::read(row.audio_faults.as_deref().unwrap_or_default()),
    })
}

/// The row with no audio.
pub(crate) fn without(row: exercise::Model) -> exercise::Model {
    exercise::Model { audio_id: None, audio_gain: None, audio_faults: None, ..row }
}

/// Within the transaction of its arrival: a file becomes the audio of its exercise.
pub(crate) async fn give<D: ConnectionTrait>(db: &D, row: &upload::Model, heard: &Heard) -> Result<(), StoreError> {
    exercise::Entity::update_many()
        .col_expr(exercise::Column::AudioId, Expr::value(row.id))
        .col_expr(exercise::Column::AudioGain, Expr::value(heard.gain.0))
        .col_expr(exercise::Column::AudioFaults, Expr::value(Fault::written(&heard.faults)))
        .filter(exercise::Column::Id.eq(row.target_id))
        .exec(db)
        .await?;
    Ok(())
}

impl Store {
    /// Course audio that has arrived whole, to be listened to. `None` if the viewer has sent no such thing.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn arrived(&self, viewer: &Viewer, id: UploadId) -> Result<Option<Arrived>, StoreError> {
        let Some(row) = self.own_upload(viewer, id).await? else { return Ok(None) };
        let standing = self.progress(&row).await?;
        if row.kind != COURSE_AUDIO || row.received < row.size || !matches!(standing, Progress::At(_)) {
            return Ok(Some(Arrived::Standing(standing)));
        }
        let text = exercise::Entity::find_by_id(row.target_id).one(&self.db).await?.map(|row| row.text);
        Ok(Some(match self.whole(viewer, &row).await? {
            Gathered::Whole { plain, .. } => Arrived::Sound { bytes: plain, text: text.unwrap_or_default() },
            Gathered::Anew(progress) => Arrived::Standing(progress),
        }))
    }

    /// Keeps what was listened to as the audio of its exercise. `None` if the viewer has sent no such thing.
    ///
    /// # Errors
    /// If it cannot be stored; then it may be repeated.
    pub async fn keep_course_audio(
        &self,
        viewer: &Viewer,
        id: UploadId,
        heard: &Heard,
    ) -> Result<Option<Progress>, StoreError> {
        let row = self.own_upload(viewer, id).await?.filter(|row| row.kind == COURSE_AUDIO);
        let Some(row) = row else { return Ok(None) };
        let standing = self.progress(&row).await?;
        if row.received < row.size || !matches!(standing, Progress::At(_)) {
            return Ok(Some(standing));
        }
        self.finish(viewer, &row, Some(heard)).await.map(Some)
    }

    /// Throws away what has arrived and is no use as course audio; the exercise keeps what it has.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn refuse_course_audio(&self, viewer: &Viewer, id: UploadId) -> Result<(), StoreError> {
        let row = self.own_upload(viewer, id).await?.filter(|row| row.kind == COURSE_AUDIO && row.media_id.is_none());
        let Some(row) = row else { return Ok(()) };
        let parts = match self.whole(viewer, &row).await? {
            Gathered::Whole { parts, .. } => parts,
            Gathered::Anew(_) => Vec::new(),
        };
        upload::Entity::delete_by_id(row.id).exec(&self.db).await?;
        self.forget_parts(&parts).await;
        Ok(())
    }

    /// What was heard of course audio that the viewer sent, as long as it is the audio of its exercise.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn heard_of(&self, viewer: &Viewer, id: UploadId) -> Result<Option<Heard>, StoreError> {
        let row = self.own_upload(viewer, id).await?.filter(|row| row.kind == COURSE_AUDIO);
        let Some(row) = row else { return Ok(None) };
        let audio = exercise::Entity::find_by_id(row.target_id).one(&self.db).await?.as_ref().and_then(of);
        let audio = audio.filter(|audio| audio.media.0 == row.id);
        Ok(audio.and_then(|audio| Some(Heard { gain: audio.gain?, faults: audio.faults })))
    }
}
