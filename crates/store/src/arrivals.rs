//! The last part of a file is in: the parts are put together and compared with the digest; the file, the recording, its job
//! and the acknowledgement are kept in one transaction.

use jiayin_domain::homework::{RecordingState, SubmissionState};
use jiayin_domain::id::{PersonId, RecordingId, SubmissionId};
use jiayin_domain::sound::Heard;
use jiayin_privacy::{Grant, blob, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entity::{media, recording, submission, upload};
use crate::error::is_duplicate;
use crate::uploads::{COURSE_AUDIO, PRACTICE, Progress, VOICE_COMMENT, part_id};
use crate::{Store, StoreError, Viewer, course_audio, jobs, voice_comments, write};

/// How often the last step is tried when another is at the same one.
const TRIES: u32 = 3;

/// What the parts of an upload came to.
pub(crate) enum Gathered {
    /// The whole, as it was announced.
    Whole {
        /// The file.
        plain: Vec<u8>,
        /// Its parts.
        parts: Vec<Uuid>,
        /// Under which it was opened.
        grant: Grant<purpose::Teaching>,
    },
    /// Something was lost or differs: it is to be sent again, unless another has finished it.
    Anew(Progress),
}

/// Where a file is kept.
struct FilePlace {
    /// Under whose key.
    subject: PersonId,
    /// As what.
    blob: &'static str,
    /// The file that it takes the place of.
    before: Option<Uuid>,
}

impl Store {
    /// Puts the parts together and compares the whole with its digest.
    pub(crate) async fn whole(&self, viewer: &Viewer, row: &upload::Model) -> Result<Gathered, StoreError> {
        let grant = self.working(viewer.school.0, viewer.person, ("upload", row.id)).await?;
        let (plain, parts) = match self.gather(viewer.person, row, &grant).await {
            Ok(gathered) => gathered,
            Err(StoreError::Lost) => return Ok(Gathered::Anew(self.begin_anew(row, &[]).await?)),
            Err(error) => return Err(error),
        };
        if Sha256::digest(&plain).as_slice() != row.sha256 {
            return Ok(Gathered::Anew(self.begin_anew(row, &parts).await?));
        }
        Ok(Gathered::Whole { plain, parts, grant })
    }

    /// Puts the parts together, checks them, and keeps the whole with all that follows from it: `heard` is what was heard
    /// of a sound that is listened to. May be repeated.
    pub(crate) async fn finish(
        &self,
        viewer: &Viewer,
        row: &upload::Model,
        heard: Option<&Heard>,
    ) -> Result<Progress, StoreError> {
        let (plain, parts, grant) = match self.whole(viewer, row).await? {
            Gathered::Whole { plain, parts, grant } => (plain, parts, grant),
            Gathered::Anew(progress) => return Ok(progress),
        };
        let Some(place) = self.place_of(viewer, row).await? else { return Ok(Progress::Gone) };
        let key = self.keys.key(place.subject).await?;
        // The file has the id of the upload: a repetition after a crash writes the same one again.
        match row.kind.as_str() {
            COURSE_AUDIO => self.blobs.put(&key, blob::COURSE_AUDIO, row.id, &plain, &*self.entropy).await?,
            VOICE_COMMENT => self.blobs.put(&key, blob::VOICE_COMMENT, row.id, &plain, &*self.entropy).await?,
            _ => self.blobs.put(&key, blob::RECORDING, row.id, &plain, &*self.entropy).await?,
        }
        // Two tabs may finish at the same moment, and one of them then begins again.
        for left in (0..TRIES).rev() {
            let transaction = write::begin(&self.durable).await?;
            match self.keep(&transaction, row, (&place, heard), &grant).await {
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
        if let Some(before) = place.before.filter(|before| *before != row.id) {
            self.forget_voice(before).await?;
        }
        self.standing(row.id).await
    }

    /// Whose file it becomes. `None` if what it was sent for has gone.
    async fn place_of(&self, viewer: &Viewer, row: &upload::Model) -> Result<Option<FilePlace>, StoreError> {
        let blob = match row.kind.as_str() {
            COURSE_AUDIO => blob::COURSE_AUDIO.id(),
            VOICE_COMMENT => blob::VOICE_COMMENT.id(),
            _ => blob::RECORDING.id(),
        };
        if row.kind != VOICE_COMMENT {
            return Ok(Some(FilePlace { subject: viewer.person, blob, before: None }));
        }
        let Some(recording) = self.may_comment(viewer, RecordingId(row.target_id)).await? else { return Ok(None) };
        let subject = PersonId(recording.learner_id);
        self.working(row.school_id, subject, ("recording", recording.id)).await?;
        if recording.voice_id.is_some() {
            // What it takes the place of is deleted.
            self.must_not_be_held(subject).await?;
        }
        Ok(Some(FilePlace { subject, blob, before: recording.voice_id }))
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

    /// What is kept of a file cannot become the file that was announced: it is to be sent again from its beginning. If
    /// another tab has finished it in the meantime, and thrown its parts away, it stays acknowledged.
    async fn begin_anew(&self, row: &upload::Model, parts: &[Uuid]) -> Result<Progress, StoreError> {
        let begun = upload::Entity::update_many()
            .col_expr(upload::Column::Received, Expr::value(0))
            .filter(upload::Column::Id.eq(row.id))
            .filter(upload::Column::MediaId.is_null())
            .exec(&self.db)
            .await?;
        if begun.rows_affected == 0 {
            return self.standing(row.id).await;
        }
        self.forget_parts(parts).await;
        Ok(Progress::Mismatch)
    }

    async fn standing(&self, upload: Uuid) -> Result<Progress, StoreError> {
        let row = upload::Entity::find_by_id(upload).one(&self.db).await?.ok_or(StoreError::Lost)?;
        self.progress(&row).await
    }

    /// Parts that cannot be removed now are removed by the sweep; they are sealed.
    pub(crate) async fn forget_parts(&self, parts: &[Uuid]) {
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
        (place, heard): (&FilePlace, Option<&Heard>),
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
            subject_id: Set(place.subject.0),
            kind: Set(place.blob.to_owned()),
            mime: Set(row.mime.clone()),
            sha256: Set(row.sha256.clone()),
            bytes: Set(row.size),
            duration_ms: Set(None),
            created_at: Set(now),
            reply_id: Set(None),
        };
        media::Entity::insert(file).exec_without_returning(db).await?;
        match row.target2_id {
            Some(exercise) => {
                let submission = self.submission_of(db, (row.school_id, row.target_id, row.person_id), now).await?;
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
                    practice: Set(i64::from(row.kind == PRACTICE)),
                    voice_id: Set(None),
                    voice_gain: Set(None),
                };
                recording::Entity::insert(new).exec_without_returning(db).await?;
                self.enqueue(db, row.school_id, jobs::EVALUATE, row.id).await?;
                self.refresh_results(db, submission, grant).await?;
            }
            None => {
                let Some(heard) = heard else { return Err(StoreError::Lost) };
                match row.kind.as_str() {
                    VOICE_COMMENT => voice_comments::give(db, row, heard).await?,
                    _ => course_audio::give(db, row, heard).await?,
                }
            }
        }
        Ok(true)
    }

    /// The learner's submission to an assignment, made with the first recording or answer. Busy if another makes it now.
    pub(crate) async fn submission_of<D: ConnectionTrait>(
        &self,
        db: &D,
        (school, assignment, learner): (Uuid, Uuid, Uuid),
        now: i64,
    ) -> Result<Uuid, StoreError> {
        let found = submission::Entity::find()
            .filter(submission::Column::AssignmentId.eq(assignment))
            .filter(submission::Column::LearnerId.eq(learner))
            .one(db)
            .await?;
        if let Some(found) = found {
            return Ok(found.id);
        }
        let id = SubmissionId::new(&*self.clock, &*self.entropy).0;
        let new = submission::ActiveModel {
            id: Set(id),
            school_id: Set(school),
            assignment_id: Set(assignment),
            learner_id: Set(learner),
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
