//! Files on their way in: begun, continued, finished, each as often as the browser likes.
//!
//! The browser chooses the id, says what comes and its SHA-256. Parts are kept sealed as they arrive. When the last is in,
//! the whole is checked and kept (`arrivals.rs`). Whatever is repeated after a broken connection, a crash or in another tab
//! finds what is there and goes on.

use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, MediaId, RecordingId, UploadId};
use jiayin_domain::role::Role;
use jiayin_privacy::blob;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entity::{assignment, exercise, upload};
use crate::error::is_duplicate;
use crate::listened::is_listened_to;
use crate::{Store, StoreError, Viewer};

/// The kind of an upload that becomes a recording for practice.
pub(crate) const PRACTICE: &str = "practice";
/// The kind of an upload that becomes the audio of an exercise.
pub(crate) const COURSE_AUDIO: &str = "course_audio";
/// The kind of an upload that a teacher says of a recording.
pub(crate) const VOICE_COMMENT: &str = "voice_comment";

/// What an upload is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A learner's recording of an exercise.
    Recording {
        /// The assignment.
        assignment: AssignmentId,
        /// The exercise of its lesson.
        exercise: ExerciseId,
    },
    /// A learner's recording of an exercise for practice: it is heard as any other, and counts for no homework.
    Practice {
        /// The assignment in which the learner has had it.
        assignment: AssignmentId,
        /// The exercise of its lesson.
        exercise: ExerciseId,
    },
    /// What a teacher says of a recording.
    VoiceComment {
        /// The recording.
        recording: RecordingId,
    },
    /// A teacher's audio for a sentence.
    CourseAudio {
        /// The sentence.
        exercise: ExerciseId,
    },
}

impl Target {
    fn columns(self) -> (&'static str, Uuid, Option<Uuid>) {
        match self {
            Self::Recording { assignment, exercise } => ("recording", assignment.0, Some(exercise.0)),
            Self::Practice { assignment, exercise } => (PRACTICE, assignment.0, Some(exercise.0)),
            Self::VoiceComment { recording } => (VOICE_COMMENT, recording.0, None),
            Self::CourseAudio { exercise } => (COURSE_AUDIO, exercise.0, None),
        }
    }
}

/// What the browser announces.
pub struct Announced {
    /// Chosen by the browser; the recording keeps it.
    pub id: UploadId,
    /// What it is for.
    pub target: Target,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the whole.
    pub sha256: [u8; 32],
}

/// Where an upload stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are kept.
    At(u64),
    /// All has arrived, and is kept once it has been listened to (`listened.rs`).
    Whole,
    /// All is kept, and will not be lost; the digest of what is kept.
    Acknowledged {
        /// SHA-256 of the whole.
        sha256: [u8; 32],
        /// The file.
        media: MediaId,
    },
    /// What arrived is not what was announced, or a part of it has been lost: all parts are thrown away, begin anew.
    Mismatch,
    /// The id is known, for something else.
    Conflict,
    /// The assignment has been taken back, or the exercise is no longer in it.
    Gone,
}

impl Store {
    /// Begins an upload, or finds the one that was begun. `None` if its target does not exist for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn announce(&self, viewer: &Viewer, new: &Announced) -> Result<Option<Progress>, StoreError> {
        let (kind, target, target2) = new.target.columns();
        if let Some(row) = upload::Entity::find_by_id(new.id.0).one(&self.db).await? {
            if row.person_id != viewer.person.0 {
                return Ok(None);
            }
            let same = row.kind == kind
                && (row.target_id, row.target2_id) == (target, target2)
                && row.size == i64::try_from(new.size).unwrap_or(-1)
                && row.sha256 == new.sha256;
            return Ok(Some(if same { self.progress(&row).await? } else { Progress::Conflict }));
        }
        match self.may_upload(viewer, new.target).await? {
            Some(true) => {}
            Some(false) => return Ok(Some(Progress::Gone)),
            None => return Ok(None),
        }
        let now = self.now_ms();
        let row = upload::ActiveModel {
            id: Set(new.id.0),
            school_id: Set(viewer.school.0),
            person_id: Set(viewer.person.0),
            target_id: Set(target),
            target2_id: Set(target2),
            media_id: Set(None),
            kind: Set(kind.to_owned()),
            mime: Set(new.mime.clone()),
            sha256: Set(new.sha256.to_vec()),
            size: Set(i64::try_from(new.size).unwrap_or(i64::MAX)),
            received: Set(0),
            created_at: Set(now),
            updated_at: Set(now),
        };
        match upload::Entity::insert(row).exec_without_returning(&self.db).await {
            // Another tab was quicker with the same recording.
            Err(error) if is_duplicate(&error) => {}
            other => drop(other?),
        }
        Ok(Some(Progress::At(0)))
    }

    /// Where an upload of the viewer stands.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn upload_progress(&self, viewer: &Viewer, id: UploadId) -> Result<Option<Progress>, StoreError> {
        match self.own_upload(viewer, id).await? {
            Some(row) => Ok(Some(self.progress(&row).await?)),
            None => Ok(None),
        }
    }

    /// Keeps a part that begins at `offset`. When it is the last one, the whole is checked and acknowledged;
    /// what others will hear is to be listened to before.
    ///
    /// # Errors
    /// If it cannot be stored; what was kept before stays.
    pub async fn append(
        &self,
        viewer: &Viewer,
        id: UploadId,
        offset: u64,
        part: &[u8],
    ) -> Result<Option<Progress>, StoreError> {
        let Some(row) = self.own_upload(viewer, id).await? else { return Ok(None) };
        let at = self.progress(&row).await?;
        if at != Progress::At(offset) {
            return Ok(Some(at));
        }
        let size = u64::try_from(row.size).unwrap_or(0);
        let next = offset.saturating_add(part.len() as u64);
        if next > size {
            return Ok(Some(Progress::Conflict));
        }
        if !part.is_empty() {
            let key = self.keys.key(viewer.person).await?;
            let place = part_id(row.id, offset);
            self.blobs.put(&key, blob::UPLOAD_PART, place, part, &*self.entropy).await?;
            let moved = upload::Entity::update_many()
                .col_expr(upload::Column::Received, Expr::value(i64::try_from(next).unwrap_or(i64::MAX)))
                .col_expr(upload::Column::UpdatedAt, Expr::value(self.now_ms()))
                .filter(upload::Column::Id.eq(row.id))
                .filter(upload::Column::Received.eq(row.received))
                .exec(&self.db)
                .await?;
            if moved.rows_affected == 0 {
                return self.upload_progress(viewer, id).await;
            }
        }
        if next < size {
            return Ok(Some(Progress::At(next)));
        }
        let Some(row) = self.own_upload(viewer, id).await? else { return Ok(None) };
        if is_listened_to(&row) && row.media_id.is_none() {
            return Ok(Some(Progress::Whole));
        }
        Ok(Some(self.finish(viewer, &row, None).await?))
    }

    pub(crate) async fn own_upload(&self, viewer: &Viewer, id: UploadId) -> Result<Option<upload::Model>, StoreError> {
        let row = upload::Entity::find_by_id(id.0).one(&self.db).await?;
        Ok(row.filter(|row| row.person_id == viewer.person.0))
    }

    pub(crate) async fn progress(&self, row: &upload::Model) -> Result<Progress, StoreError> {
        Ok(match (row.media_id, <[u8; 32]>::try_from(row.sha256.as_slice())) {
            (Some(media), Ok(sha256)) => Progress::Acknowledged { sha256, media: MediaId(media) },
            _ => Progress::At(u64::try_from(row.received).unwrap_or(0)),
        })
    }

    /// `Some(true)` if the viewer may send this, `Some(false)` if it was possible once.
    async fn may_upload(&self, viewer: &Viewer, target: Target) -> Result<Option<bool>, StoreError> {
        match target {
            Target::Recording { assignment, exercise } | Target::Practice { assignment, exercise } => {
                let Some(given) = self.assignment_for(viewer, assignment).await? else { return Ok(None) };
                let sentence = exercise::Entity::find_by_id(exercise.0).one(&self.db).await?;
                let Some(sentence) = sentence.filter(|row| row.lesson_id == given.lesson_id) else { return Ok(None) };
                Ok(Some(given.withdrawn_at.is_none() && sentence.withdrawn_at.is_none()))
            }
            Target::VoiceComment { recording } => Ok(self.may_comment(viewer, recording).await?.map(|_| true)),
            Target::CourseAudio { exercise } => {
                let sentence = exercise::Entity::find_by_id(exercise.0).one(&self.db).await?;
                let sentence = sentence.filter(|row| row.school_id == viewer.school.0 && viewer.role == Role::Teacher);
                Ok(sentence.map(|row| row.withdrawn_at.is_none()))
            }
        }
    }

    /// The assignment, if it is one of the viewer's classes, withdrawn or not. What a learner was given before leaving a
    /// class stays theirs: a recording that was made in time still arrives.
    pub(crate) async fn assignment_for(
        &self,
        viewer: &Viewer,
        id: AssignmentId,
    ) -> Result<Option<assignment::Model>, StoreError> {
        let Some(row) = assignment::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        let mine = self.classes_of(viewer.person, viewer.role).await?;
        if mine.iter().any(|class| class.0 == row.class_id) {
            return Ok(Some(row));
        }
        let left = match viewer.role {
            Role::Learner => self.former_classes_of(viewer.person).await?,
            _ => Vec::new(),
        };
        let before = |(class, at): &(ClassId, i64)| class.0 == row.class_id && row.created_at <= *at;
        Ok(left.iter().any(before).then_some(row))
    }
}

/// The id of the part at an offset: made from the upload's, so that a part sent twice takes one place.
pub(crate) fn part_id(upload: Uuid, offset: u64) -> Uuid {
    let digest = Sha256::new().chain_update(upload.as_bytes()).chain_update(offset.to_be_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
