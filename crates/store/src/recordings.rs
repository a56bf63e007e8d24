//! Recordings as they may be seen and heard, and the audio of courses.

use std::ops::Range;

use jiayin_domain::homework::RecordingState;
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, MediaId, PersonId, RecordingId};
use jiayin_domain::role::Role;
use jiayin_domain::sound::Gain;
use jiayin_privacy::{
    Allows, BlobKind, Category, Grant, Personal, Purpose, Relation, Scope, Sealed, SubjectKey, blob, category, column,
    purpose,
};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::de::DeserializeOwned;

use crate::audit::{Details, asking, own};
use crate::course_audio::{self, CourseAudio};
use crate::entity::{assignment, evaluation, exercise, media, recording, submission};
use crate::homework::ReviewView;
use crate::{Store, StoreError, Viewer, results, time, voice_comments};

/// One recording as a viewer may see it.
pub struct Recorded<T> {
    /// The recording.
    pub recording: RecordingId,
    /// Whose it is.
    pub learner: PersonId,
    /// The assignment, while it stands.
    pub assignment: Option<AssignmentId>,
    /// The exercise.
    pub exercise: ExerciseId,
    /// What was to be said.
    pub text: String,
    /// The sentence's own audio.
    pub model_audio: Option<CourseAudio>,
    /// When it was made.
    pub at: Timestamp,
    /// It was made for practice, and counts for no homework.
    pub practice: bool,
    /// Where it stands.
    pub state: RecordingState,
    /// Opens the result.
    pub opening: Opening,
    /// The machine's total.
    pub total: Option<Personal<Option<u8>, category::Evaluation>>,
    /// All that the ear said.
    pub detail: Option<Personal<T, category::Evaluation>>,
    /// What the teacher said.
    pub review: Option<ReviewView>,
    /// How what the teacher said aloud is played, if anything was said.
    pub voice: Option<Gain>,
}

/// The grant under which a recording is looked at.
pub enum Opening {
    /// By the learner or a teacher.
    Teaching(Grant<purpose::Teaching>),
    /// By a guardian.
    Family(Grant<purpose::Family>),
}

/// Opens a value under either grant.
macro_rules! under {
    ($opening:expr, $grant:ident => $use:expr) => {
        match $opening {
            $crate::recordings::Opening::Teaching($grant) => $use,
            $crate::recordings::Opening::Family($grant) => $use,
        }
    };
}

impl Opening {
    /// A result.
    ///
    /// # Errors
    /// If the value is not of the person for whom the grant was given.
    pub fn evaluation<'a, T>(&self, value: &'a Personal<T, category::Evaluation>) -> Result<&'a T, StoreError> {
        Ok(under!(self, grant => value.read(grant)?))
    }

    /// A comment.
    ///
    /// # Errors
    /// If the value is not of the person for whom the grant was given.
    pub fn comment<'a>(&self, value: &'a Personal<String, category::Comment>) -> Result<&'a String, StoreError> {
        Ok(under!(self, grant => value.read(grant)?))
    }

    /// A name.
    ///
    /// # Errors
    /// If the value is not of the person for whom the grant was given.
    pub fn name<'a>(&self, value: &'a Personal<String, category::Name>) -> Result<&'a String, StoreError> {
        Ok(under!(self, grant => value.read(grant)?))
    }
}

/// A recording in the list of a week.
pub struct Heard {
    /// The recording.
    pub recording: RecordingId,
    /// The exercise.
    pub exercise: ExerciseId,
    /// What was to be said.
    pub text: String,
    /// When it was made.
    pub at: Timestamp,
    /// The machine's total; `None` before it was heard.
    pub total: Option<Personal<Option<u8>, category::Evaluation>>,
}

/// Audio to be sent: media type, length of the whole, and the range that was asked for.
pub struct Audio {
    /// Media type.
    pub mime: String,
    /// Bytes of the whole.
    pub length: u64,
    /// Which of them these are.
    pub range: Range<u64>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Store {
    /// How the viewer stands to a learner, and through which class: themselves, a guardian, a teacher of the class.
    async fn opening(
        &self,
        viewer: &Viewer,
        learner: PersonId,
        class: Option<ClassId>,
        object: (&'static str, uuid::Uuid),
    ) -> Result<Option<Opening>, StoreError> {
        let request = |relation| {
            let request = asking(Some(viewer.person), viewer.school, relation, Scope::One(learner));
            request.about(object.0, object.1)
        };
        Ok(match viewer.role {
            Role::Learner if viewer.person == learner => {
                Some(Opening::Teaching(self.grant(own(learner, viewer.school)).await?))
            }
            Role::Teacher => match class {
                Some(class) if self.teaches(viewer, class.0).await? => {
                    Some(Opening::Teaching(self.grant(request(Relation::Teacher)).await?))
                }
                _ => None,
            },
            Role::Guardian if self.is_guardian(viewer, learner).await? => {
                Some(Opening::Family(self.grant(request(Relation::Guardian)).await?))
            }
            _ => None,
        })
    }

    /// A recording with its result. `None` if the viewer may not see it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn recorded<T: DeserializeOwned>(
        &self,
        viewer: &Viewer,
        id: RecordingId,
    ) -> Result<Option<Recorded<T>>, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(None) };
        let learner = PersonId(row.learner_id);
        let class = ClassId(given.class_id);
        let Some(opening) = self.opening(viewer, learner, Some(class), ("recording", row.id)).await? else {
            return Ok(None);
        };
        let key = self.keys.key(learner).await?;
        let heard = evaluation::Entity::find().filter(evaluation::Column::RecordingId.eq(row.id)).one(&self.db).await?;
        let (total, detail) = match heard {
            Some(heard) => (
                Some(results::total(&key, &heard)?),
                Some(key.open(column::evaluation::DETAIL, heard.id, &Sealed::from_bytes(heard.detail))?),
            ),
            None => (None, None),
        };
        let sentence = exercise::Entity::find_by_id(row.exercise_id).one(&self.db).await?;
        let (text, model_audio) = sentence.map(|row| (row.text.clone(), course_audio::of(&row))).unwrap_or_default();
        Ok(Some(Recorded {
            recording: id,
            learner,
            assignment: given.withdrawn_at.is_none().then_some(AssignmentId(given.id)),
            exercise: ExerciseId(row.exercise_id),
            text,
            model_audio,
            at: time(row.created_at),
            practice: row.practice != 0,
            state: RecordingState::from_tag(&row.state).unwrap_or(RecordingState::Waiting),
            opening,
            total,
            detail,
            review: self.review_of(&row).await?,
            voice: voice_comments::gain(&row),
        }))
    }

    /// A recording and the assignment it was made for.
    pub(crate) async fn recording_row(
        &self,
        id: RecordingId,
    ) -> Result<Option<(recording::Model, assignment::Model)>, StoreError> {
        let own = recording::Entity::belongs_to(submission::Entity)
            .from(recording::Column::SubmissionId)
            .to(submission::Column::Id);
        let given = submission::Entity::belongs_to(assignment::Entity)
            .from(submission::Column::AssignmentId)
            .to(assignment::Column::Id);
        let found = recording::Entity::find_by_id(id.0)
            .join(JoinType::InnerJoin, own.into())
            .join(JoinType::InnerJoin, given.into())
            .select_also(assignment::Entity)
            .one(&self.db)
            .await?;
        Ok(found.and_then(|(row, given)| Some((row, given?))))
    }

    /// The sound of a recording. `None` if the viewer may not hear it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn recording_audio(
        &self,
        viewer: &Viewer,
        id: RecordingId,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Option<Audio>, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(None) };
        let learner = PersonId(row.learner_id);
        let class = Some(ClassId(given.class_id));
        let Some(opening) = self.opening(viewer, learner, class, ("recording", row.id)).await? else { return Ok(None) };
        let Some(file) = media::Entity::find_by_id(row.media_id).one(&self.db).await? else { return Ok(None) };
        let key = self.keys.key(learner).await?;
        Ok(Some(under!(&opening, grant => self.sound(&key, blob::RECORDING, file, range, grant).await?)))
    }

    /// What a teacher said aloud of a recording. `None` if there is nothing, or the viewer may not hear it: the learner and
    /// the guardians hear it once there is a review.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn voice_comment(
        &self,
        viewer: &Viewer,
        id: RecordingId,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Option<Audio>, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(None) };
        let Some(voice) = row.voice_id else { return Ok(None) };
        let learner = PersonId(row.learner_id);
        let class = Some(ClassId(given.class_id));
        let Some(opening) = self.opening(viewer, learner, class, ("recording", row.id)).await? else { return Ok(None) };
        if viewer.role != Role::Teacher && self.review_of(&row).await?.is_none() {
            return Ok(None);
        }
        let Some(file) = media::Entity::find_by_id(voice).one(&self.db).await? else { return Ok(None) };
        let key = self.keys.key(learner).await?;
        Ok(Some(under!(&opening, grant => self.sound(&key, blob::VOICE_COMMENT, file, range, grant).await?)))
    }

    /// The recorded audio of a sentence. `None` if there is none in the viewer's school.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn course_audio(
        &self,
        viewer: &Viewer,
        id: MediaId,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Option<Audio>, StoreError> {
        let file = media::Entity::find_by_id(id.0).one(&self.db).await?;
        let allowed = |file: &media::Model| file.school_id == viewer.school.0 && file.kind == "course_audio";
        let Some(file) = file.filter(allowed) else { return Ok(None) };
        let teacher = PersonId(file.subject_id);
        let request = asking(Some(viewer.person), viewer.school, Relation::Member, Scope::One(teacher));
        let grant: Grant<purpose::Courses> = self.grant(request.about("media", file.id)).await?;
        let key = self.keys.key(teacher).await?;
        Ok(Some(self.sound(&key, blob::COURSE_AUDIO, file, range, &grant).await?))
    }

    /// The asked range of a file; first byte and last byte as in the Range header (RFC 9110, 14.1.2).
    pub(crate) async fn sound<C: Category, P: Purpose + Allows<C>>(
        &self,
        key: &SubjectKey,
        kind: BlobKind<C>,
        file: media::Model,
        asked: Option<(u64, Option<u64>)>,
        grant: &Grant<P>,
    ) -> Result<Audio, StoreError> {
        let (length, range) = within(&file, asked);
        let bytes = self.blobs.get_range(key, kind, file.id, (length, range.clone()), grant).await?;
        Ok(Audio { mime: file.mime, length, range, bytes })
    }

    /// The recordings that a learner made since a moment, from the first to the last.
    pub(crate) async fn heard_since(&self, learner: PersonId, since: Timestamp) -> Result<Vec<Heard>, StoreError> {
        let rows = recording::Entity::find()
            .filter(recording::Column::LearnerId.eq(learner.0))
            .filter(recording::Column::CreatedAt.gte(since.as_millisecond()))
            .order_by_asc(recording::Column::CreatedAt)
            .all(&self.db)
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let found = evaluation::Entity::find()
            .filter(evaluation::Column::RecordingId.is_in(rows.iter().map(|row| row.id)))
            .all(&self.db)
            .await?;
        let sentences = exercise::Entity::find()
            .filter(exercise::Column::Id.is_in(rows.iter().map(|row| row.exercise_id)))
            .all(&self.db)
            .await?;
        let key = self.keys.key(learner).await?;
        let mut heard = Vec::with_capacity(rows.len());
        for row in rows {
            let total = match found.iter().find(|evaluation| evaluation.recording_id == row.id) {
                Some(row) => Some(results::total(&key, row)?),
                None => None,
            };
            let text = sentences.iter().find(|sentence| sentence.id == row.exercise_id).map(|row| row.text.clone());
            heard.push(Heard {
                recording: RecordingId(row.id),
                exercise: ExerciseId(row.exercise_id),
                text: text.unwrap_or_default(),
                at: time(row.created_at),
                total,
            });
        }
        Ok(heard)
    }
}

/// The asked range within the file.
fn within(file: &media::Model, asked: Option<(u64, Option<u64>)>) -> (u64, Range<u64>) {
    let length = u64::try_from(file.bytes).unwrap_or(0);
    let range = match asked {
        Some((first, last)) => first.min(length)..last.map_or(length, |last| last.saturating_add(1)).min(length),
        None => 0..length,
    };
    (length, if range.start > range.end { range.end..range.end } else { range })
}
