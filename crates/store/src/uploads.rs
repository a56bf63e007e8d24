//! Files on their way in: begun, continued, finished, each as often as the browser likes.
//!
//! The browser chooses the id, says what comes and its SHA-256. Parts are kept sealed as they arrive. When the last is in,
//! the digest is compared; the file, the recording, its job and the acknowledgement are one transaction. Whatever is
//! repeated after a broken connection, a crash or in another tab finds what is there and goes on.

use jiayin_domain::homework::{RecordingState, SubmissionState};
use jiayin_domain::id::{AssignmentId, ExerciseId, MediaId, PersonId, SubmissionId, UploadId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, blob, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entity::{assignment, exercise, media, recording, submission, upload};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, jobs, write};

/// How often the last step is tried when another is at the same one.
const TRIES: u32 = 3;

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
            Self::CourseAudio { exercise } => ("course_audio", exercise.0, None),
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
    /// All is kept, and will not be lost; the digest of what is kept.
    Acknowledged {
        /// SHA-256 of the whole.
        sha256: [u8; 32],
        /// The file.
        media: MediaId,
    },
    /// What arrived is not what was announced: all parts are thrown away, begin anew.
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

    /// Keeps a part that begins at `offset`. When it is the last one, the whole is checked and acknowledged.
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
        Ok(Some(self.finish(viewer, &row).await?))
    }

    async fn own_upload(&self, viewer: &Viewer, id: UploadId) -> Result<Option<upload::Model>, StoreError> {
        let row = upload::Entity::find_by_id(id.0).one(&self.db).await?;
        Ok(row.filter(|row| row.person_id == viewer.person.0))
    }

    async fn progress(&self, row: &upload::Model) -> Result<Progress, StoreError> {
        Ok(match (row.media_id, <[u8; 32]>::try_from(row.sha256.as_slice())) {
            (Some(media), Ok(sha256)) => Progress::Acknowledged { sha256, media: MediaId(media) },
            _ => Progress::At(u64::try_from(row.received).unwrap_or(0)),
        })
    }

    /// `Some(true)` if the viewer may send this, `Some(false)` if it was possible once.
    async fn may_upload(&self, viewer: &Viewer, target: Target) -> Result<Option<bool>, StoreError> {
        match target {
            Target::Recording { assignment, exercise } => {
                let Some(given) = self.assignment_for(viewer, assignment).await? else { return Ok(None) };
                let sentence = exercise::Entity::find_by_id(exercise.0).one(&self.db).await?;
                let Some(sentence) = sentence.filter(|row| row.lesson_id == given.lesson_id) else { return Ok(None) };
                Ok(Some(given.withdrawn_at.is_none() && sentence.withdrawn_at.is_none()))
            }
            Target::CourseAudio { exercise } => {
                let sentence = exercise::Entity::find_by_id(exercise.0).one(&self.db).await?;
                let sentence = sentence.filter(|row| row.school_id == viewer.school.0 && viewer.role == Role::Teacher);
                Ok(sentence.map(|row| row.withdrawn_at.is_none()))
            }
        }
    }

    /// The assignment, if it is one of the viewer's classes, withdrawn or not.
    pub(crate) async fn assignment_for(
        &self,
        viewer: &Viewer,
        id: AssignmentId,
    ) -> Result<Option<assignment::Model>, StoreError> {
        let Some(row) = assignment::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        let mine = self.classes_of(viewer.person, viewer.role).await?;
        Ok(Some(row).filter(|row| mine.iter().any(|class| class.0 == row.class_id)))
    }

    /// Puts the parts together, checks them, and keeps the whole with all that follows from it. May be repeated.
    async fn finish(&self, viewer: &Viewer, row: &upload::Model) -> Result<Progress, StoreError> {
        let grant = self.working(viewer.school.0, viewer.person, ("upload", row.id)).await?;
        let (plain, parts) = self.gather(viewer.person, row, &grant).await?;
        if Sha256::digest(&plain).as_slice() != row.sha256 {
            self.reset(row).await?;
            self.forget_parts(&parts).await;
            return Ok(Progress::Mismatch);
        }
        let key = self.keys.key(viewer.person).await?;
        // The file has the id of the upload: a repetition after a crash writes the same one again.
        if row.kind == "recording" {
            self.blobs.put(&key, blob::RECORDING, row.id, &plain, &*self.entropy).await?;
        } else {
            self.blobs.put(&key, blob::COURSE_AUDIO, row.id, &plain, &*self.entropy).await?;
        }
        // Two tabs may finish at the same moment, and one of them then begins again.
        for left in (0..TRIES).rev() {
            let transaction = write::begin(&self.durable).await?;
            match self.keep(&transaction, row, &grant).await {
                Ok(true) => transaction.commit().await?,
                Ok(false) => transaction.rollback().await?,
                Err(StoreError::Busy) if left > 0 => {
                    transaction.rollback().await?;
                    continue;
                }
                Err(error) => return Err(error),
            }
            break;
        }
        self.forget_parts(&parts).await;
        let done = upload::Entity::find_by_id(row.id).one(&self.db).await?.ok_or(StoreError::Lost)?;
        self.progress(&done).await
    }

    async fn gather(
        &self,
        person: PersonId,
        row: &upload::Model,
        grant: &Grant<purpose::Teaching>,
    ) -> Result<(Vec<u8>, Vec<Uuid>), StoreError> {
        let key = self.keys.key(person).await?;
        let size = usize::try_from(row.size).unwrap_or(0);
        let (mut plain, mut parts) = (Vec::with_capacity(size), Vec::new());
        while plain.len() < size {
            let place = part_id(row.id, plain.len() as u64);
            let part = self.blobs.get(&key, blob::UPLOAD_PART, place, grant).await?;
            if part.is_empty() {
                return Err(StoreError::Lost);
            }
            plain.extend_from_slice(&part);
            parts.push(place);
        }
        Ok((plain, parts))
    }

    async fn reset(&self, row: &upload::Model) -> Result<(), StoreError> {
        upload::Entity::update_many()
            .col_expr(upload::Column::Received, Expr::value(0))
            .filter(upload::Column::Id.eq(row.id))
            .filter(upload::Column::MediaId.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Parts that cannot be removed now are removed by the sweep; they are sealed.
    async fn forget_parts(&self, parts: &[Uuid]) {
        for part in parts {
            if let Err(error) = self.blobs.remove(blob::UPLOAD_PART.id(), *part).await {
                tracing::warn!(%error, "a part of an upload could not be removed");
            }
        }
    }

    /// Within the transaction: the file's row, the recording and its job, the acknowledgement. False if another was first.
    async fn keep<D: ConnectionTrait>(
        &self,
        db: &D,
        row: &upload::Model,
        grant: &Grant<purpose::Teaching>,
    ) -> Result<bool, StoreError> {
        let claimed = upload::Entity::update_many()
            .col_expr(upload::Column::MediaId, Expr::value(row.id))
            .filter(upload::Column::Id.eq(row.id))
            .filter(upload::Column::MediaId.is_null())
            .exec(db)
            .await?;
        if claimed.rows_affected == 0 {
            return Ok(false);
        }
        let now = self.now_ms();
        let file = media::ActiveModel {
            id: Set(row.id),
            school_id: Set(row.school_id),
            subject_id: Set(row.person_id),
            kind: Set(row.kind.clone()),
            mime: Set(row.mime.clone()),
            sha256: Set(row.sha256.clone()),
            bytes: Set(row.size),
            duration_ms: Set(None),
            created_at: Set(now),
        };
        media::Entity::insert(file).exec_without_returning(db).await?;
        match row.target2_id {
            Some(exercise) => {
                let submission = self.submission_of(db, row, now).await?;
                let earlier =
                    recording::Entity::find().filter(recording::Column::SubmissionId.eq(submission)).count(db).await?;
                let new = recording::ActiveModel {
                    id: Set(row.id),
                    school_id: Set(row.school_id),
                    submission_id: Set(submission),
                    exercise_id: Set(exercise),
                    learner_id: Set(row.person_id),
                    media_id: Set(row.id),
                    state: Set(RecordingState::Waiting.tag().to_owned()),
                    attempt: Set(i64::try_from(earlier).unwrap_or(i64::MAX).saturating_add(1)),
                    created_at: Set(now),
                };
                recording::Entity::insert(new).exec_without_returning(db).await?;
                self.enqueue(db, row.school_id, jobs::EVALUATE, row.id).await?;
                self.refresh_results(db, submission, grant).await?;
            }
            None => {
                exercise::Entity::update_many()
                    .col_expr(exercise::Column::AudioId, Expr::value(row.id))
                    .filter(exercise::Column::Id.eq(row.target_id))
                    .exec(db)
                    .await?;
            }
        }
        Ok(true)
    }

    /// The learner's submission to an assignment, made with the first recording.
    async fn submission_of<D: ConnectionTrait>(
        &self,
        db: &D,
        row: &upload::Model,
        now: i64,
    ) -> Result<Uuid, StoreError> {
        let found = submission::Entity::find()
            .filter(submission::Column::AssignmentId.eq(row.target_id))
            .filter(submission::Column::LearnerId.eq(row.person_id))
            .one(db)
            .await?;
        if let Some(found) = found {
            return Ok(found.id);
        }
        let id = SubmissionId::new(&*self.clock, &*self.entropy).0;
        let new = submission::ActiveModel {
            id: Set(id),
            school_id: Set(row.school_id),
            assignment_id: Set(row.target_id),
            learner_id: Set(row.person_id),
            state: Set(SubmissionState::Open.tag().to_owned()),
            results: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        match submission::Entity::insert(new).exec_without_returning(db).await {
            Err(error) if is_duplicate(&error) => Err(StoreError::Busy),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(id),
        }
    }
}

/// The id of the part at an offset: made from the upload's, so that a part sent twice takes one place.
pub(crate) fn part_id(upload: Uuid, offset: u64) -> Uuid {
    let digest = Sha256::new().chain_update(upload.as_bytes()).chain_update(offset.to_be_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
