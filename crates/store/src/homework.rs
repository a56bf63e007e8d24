//! The learner's side: what is to be done, an exercise with its attempts, a result, a recording to listen to.

use std::ops::Range;

use jiayin_domain::homework::{Decision, ExerciseResult, RecordingState, SubmissionState};
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, MediaId, PersonId, RecordingId, SubmissionId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, category, column, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::de::DeserializeOwned;

use crate::audit::{Details, asking, own};
use crate::courses::{Sentence, sentence};
use crate::entity::{assignment, evaluation, guardianship, media, recording, review, submission};
use crate::{Store, StoreError, Viewer, results, time};

/// One assignment of a learner.
pub struct Task {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Its sentences in order.
    pub sentences: Vec<Sentence>,
    /// Where the learner stands.
    pub state: SubmissionState,
    /// Results of the exercises that were tried; `None` if nothing was.
    pub results: Option<Personal<Vec<ExerciseResult>, category::Evaluation>>,
}

/// A learner's homework.
pub struct Tasks {
    /// Opens name and results.
    pub grant: Grant<purpose::Teaching>,
    /// Whether the learner is in any class.
    pub in_class: bool,
    /// The assignments that are not withdrawn, the one that is due first at the beginning.
    pub tasks: Vec<Task>,
}

/// One attempt, in a list.
pub struct AttemptCard {
    /// The recording.
    pub recording: RecordingId,
    /// When it was made.
    pub at: Timestamp,
    /// Where it stands.
    pub state: RecordingState,
    /// The machine's total, once heard and understood.
    pub total: Option<Personal<Option<u8>, category::Evaluation>>,
    /// What the teacher said of it.
    pub review: Option<ReviewView>,
}

/// What a teacher said of a recording.
pub struct ReviewView {
    /// The decision.
    pub decision: Decision,
    /// The teacher's own total.
    pub score: Option<Personal<u8, category::Evaluation>>,
    /// The teacher's words.
    pub comment: Option<Personal<String, category::Comment>>,
    /// When.
    pub at: Timestamp,
}

/// An exercise of an assignment, with the learner's attempts from the first to the last.
pub struct ExercisePage {
    /// The assignment with all its sentences and results.
    pub task: Task,
    /// Which sentence it is, counted from 0.
    pub place: usize,
    /// Opens results and reviews.
    pub grant: Grant<purpose::Teaching>,
    /// The attempts.
    pub attempts: Vec<AttemptCard>,
}

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
    pub model_audio: Option<MediaId>,
    /// When it was made.
    pub at: Timestamp,
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
            $crate::homework::Opening::Teaching($grant) => $use,
            $crate::homework::Opening::Family($grant) => $use,
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
    /// What the learner has to do.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn tasks(&self, viewer: &Viewer) -> Result<Tasks, StoreError> {
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let (in_class, tasks) = self.tasks_of(viewer.person).await?;
        Ok(Tasks { grant, in_class, tasks })
    }

    /// Whether a learner is in a class, and the assignments, the one that is due first at the beginning.
    pub(crate) async fn tasks_of(&self, learner: PersonId) -> Result<(bool, Vec<Task>), StoreError> {
        let classes = self.classes_of(learner, Role::Learner).await?;
        let mut rows = self.assignments_of(&classes).await?;
        rows.reverse();
        let titles = self.lesson_titles(rows.iter().map(|row| row.lesson_id)).await?;
        let submissions = submission::Entity::find()
            .filter(submission::Column::LearnerId.eq(learner.0))
            .filter(submission::Column::AssignmentId.is_in(rows.iter().map(|row| row.id)))
            .all(&self.db)
            .await?;
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            let title = titles.get(&row.lesson_id).cloned().unwrap_or_default();
            let own = submissions.iter().find(|submission| submission.assignment_id == row.id);
            tasks.push(self.task(row, title, own, learner).await?);
        }
        Ok((!classes.is_empty(), tasks))
    }

    async fn task(
        &self,
        row: assignment::Model,
        title: String,
        own: Option<&submission::Model>,
        learner: PersonId,
    ) -> Result<Task, StoreError> {
        let results = match own.and_then(|own| Some((own.id, own.results.as_ref()?))) {
            Some((id, sealed)) => {
                let key = self.keys.key(learner).await?;
                Some(results::open(&key, SubmissionId(id), sealed)?)
            }
            None => None,
        };
        Ok(Task {
            assignment: AssignmentId(row.id),
            title,
            due_at: time(row.due_at),
            sentences: self.exercises_of(row.lesson_id).await?.into_iter().map(sentence).collect(),
            state: own.and_then(|own| SubmissionState::from_tag(&own.state)).unwrap_or(SubmissionState::Open),
            results,
        })
    }

    /// An exercise of an assignment of the learner. `None` if it is not theirs or has been taken back.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn exercise_page(
        &self,
        viewer: &Viewer,
        assignment: AssignmentId,
        exercise: ExerciseId,
    ) -> Result<Option<ExercisePage>, StoreError> {
        if viewer.role != Role::Learner {
            return Ok(None);
        }
        let Some(row) = self.assignment_for(viewer, assignment).await? else { return Ok(None) };
        if row.withdrawn_at.is_some() {
            return Ok(None);
        }
        let titles = self.lesson_titles([row.lesson_id].into_iter()).await?;
        let begun = submission::Entity::find()
            .filter(submission::Column::AssignmentId.eq(assignment.0))
            .filter(submission::Column::LearnerId.eq(viewer.person.0))
            .one(&self.db)
            .await?;
        let title = titles.get(&row.lesson_id).cloned().unwrap_or_default();
        let task = self.task(row, title, begun.as_ref(), viewer.person).await?;
        let Some(place) = task.sentences.iter().position(|sentence| sentence.exercise == exercise) else {
            return Ok(None);
        };
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let attempts = match begun {
            Some(begun) => self.attempt_cards(begun.id, exercise, viewer.person).await?,
            None => Vec::new(),
        };
        Ok(Some(ExercisePage { task, place, grant, attempts }))
    }

    async fn attempt_cards(
        &self,
        submission: uuid::Uuid,
        exercise: ExerciseId,
        learner: PersonId,
    ) -> Result<Vec<AttemptCard>, StoreError> {
        let rows = recording::Entity::find()
            .filter(recording::Column::SubmissionId.eq(submission))
            .filter(recording::Column::ExerciseId.eq(exercise.0))
            .order_by_asc(recording::Column::Attempt)
            .all(&self.db)
            .await?;
        let mut cards = Vec::with_capacity(rows.len());
        for row in rows {
            let key = self.keys.key(learner).await?;
            let found =
                evaluation::Entity::find().filter(evaluation::Column::RecordingId.eq(row.id)).one(&self.db).await?;
            let total = match found {
                Some(found) => Some(key.open(column::evaluation::TOTAL, found.id, &Sealed::from_bytes(found.total))?),
                None => None,
            };
            cards.push(AttemptCard {
                recording: RecordingId(row.id),
                at: time(row.created_at),
                state: RecordingState::from_tag(&row.state).unwrap_or(RecordingState::Waiting),
                total,
                review: self.review_of(row.id, learner).await?,
            });
        }
        Ok(cards)
    }

    /// What the teacher said of a recording.
    pub(crate) async fn review_of(
        &self,
        recording: uuid::Uuid,
        learner: PersonId,
    ) -> Result<Option<ReviewView>, StoreError> {
        let row = review::Entity::find().filter(review::Column::RecordingId.eq(recording)).one(&self.db).await?;
        let Some(row) = row else { return Ok(None) };
        let key = self.keys.key(learner).await?;
        let score = match row.score {
            Some(sealed) => Some(key.open(column::review::SCORE, row.id, &Sealed::from_bytes(sealed))?),
            None => None,
        };
        let comment = match row.comment {
            Some(sealed) => Some(key.open(column::review::COMMENT, row.id, &Sealed::from_bytes(sealed))?),
            None => None,
        };
        let decision = Decision::from_tag(&row.decision).unwrap_or(Decision::Accepted);
        Ok(Some(ReviewView { decision, score, comment, at: time(row.created_at) }))
    }

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

    /// Whether the viewer is a guardian of the learner.
    pub(crate) async fn is_guardian(&self, viewer: &Viewer, learner: PersonId) -> Result<bool, StoreError> {
        let row = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .filter(guardianship::Column::LearnerId.eq(learner.0))
            .one(&self.db)
            .await?;
        Ok(row.is_some())
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
                Some(key.open(column::evaluation::TOTAL, heard.id, &Sealed::from_bytes(heard.total))?),
                Some(key.open(column::evaluation::DETAIL, heard.id, &Sealed::from_bytes(heard.detail))?),
            ),
            None => (None, None),
        };
        let sentence = crate::entity::exercise::Entity::find_by_id(row.exercise_id).one(&self.db).await?;
        let (text, model_audio) = sentence.map(|row| (row.text, row.audio_id.map(MediaId))).unwrap_or_default();
        Ok(Some(Recorded {
            recording: id,
            learner,
            assignment: given.withdrawn_at.is_none().then_some(AssignmentId(given.id)),
            exercise: ExerciseId(row.exercise_id),
            text,
            model_audio,
            at: time(row.created_at),
            state: RecordingState::from_tag(&row.state).unwrap_or(RecordingState::Waiting),
            opening,
            total,
            detail,
            review: self.review_of(row.id, learner).await?,
        }))
    }

    /// A recording and the assignment it was made for.
    pub(crate) async fn recording_row(
        &self,
        id: RecordingId,
    ) -> Result<Option<(recording::Model, assignment::Model)>, StoreError> {
        let Some(row) = recording::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        let Some(own) = submission::Entity::find_by_id(row.submission_id).one(&self.db).await? else { return Ok(None) };
        let given = assignment::Entity::find_by_id(own.assignment_id).one(&self.db).await?;
        Ok(given.map(|given| (row, given)))
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
        let (length, range) = within(&file, range);
        let kind = jiayin_privacy::blob::RECORDING;
        let bytes =
            under!(&opening, grant => self.blobs.get_range(&key, kind, file.id, (length, range.clone()), grant).await?);
        Ok(Some(Audio { mime: file.mime, length, range, bytes }))
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
        let allowed = |file: &media::Model| {
            file.school_id == viewer.school.0 && file.kind == "course_audio" && Self::hears_courses(viewer)
        };
        let Some(file) = file.filter(allowed) else { return Ok(None) };
        let teacher = PersonId(file.subject_id);
        let request = asking(Some(viewer.person), viewer.school, Relation::Member, Scope::One(teacher));
        let grant: Grant<purpose::Courses> = self.grant(request.about("media", file.id)).await?;
        let key = self.keys.key(teacher).await?;
        let (length, range) = within(&file, range);
        let kind = jiayin_privacy::blob::COURSE_AUDIO;
        let bytes = self.blobs.get_range(&key, kind, file.id, (length, range.clone()), &grant).await?;
        Ok(Some(Audio { mime: file.mime, length, range, bytes }))
    }
}

/// The asked range within the file; first byte and last byte as in the Range header (RFC 9110, 14.1.2).
fn within(file: &media::Model, asked: Option<(u64, Option<u64>)>) -> (u64, Range<u64>) {
    let length = u64::try_from(file.bytes).unwrap_or(0);
    let range = match asked {
        Some((first, last)) => first.min(length)..last.map_or(length, |last| last.saturating_add(1)).min(length),
        None => 0..length,
    };
    (length, if range.start > range.end { range.end..range.end } else { range })
}
