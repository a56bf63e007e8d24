//! The learner's side: what is to be done, an exercise with its attempts, a result, a recording to listen to.

use std::collections::HashMap;

use futures_util::future::try_join3;
use jiayin_domain::homework::{Decision, ExerciseResult, RecordingState, SubmissionState};
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId, SubmissionId};
use jiayin_domain::role::Role;
use jiayin_domain::sound::Gain;
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, SubjectKey, category, column, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};

use crate::answers::Chosen;
use crate::audit::{asking, own};
use crate::courses::{Sentence, sentence};
use crate::entity::{assignment, evaluation, exercise, guardianship, recording, review, submission};
use crate::faces::{Face, Known};
use crate::recordings::Heard;
use crate::{Store, StoreError, Viewer, results, time, voice_comments};

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
    /// The recordings made since the moment that was asked for.
    pub heard: Vec<Heard>,
    /// What a teacher said last.
    pub said: Option<Said>,
}

/// What a teacher said of a recording, with all that a page tells of it.
pub struct Said {
    /// The recording.
    pub recording: RecordingId,
    /// The assignment, and the exercise.
    pub place: Option<(AssignmentId, ExerciseId)>,
    /// The sentence.
    pub text: String,
    /// What was said.
    pub review: ReviewView,
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
    /// How what the teacher said aloud is played, if anything was said.
    pub voice: Option<Gain>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub teacher: PersonId,
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
    /// The answers chosen, where there is nothing to record.
    pub chosen: Vec<Personal<Chosen, category::Evaluation>>,
}

/// Whether the learner is in any class, their assignments, what they recorded, and what a teacher said last.
pub(crate) type Work = ((bool, Vec<Task>), Vec<Heard>, Option<Said>);

impl Store {
    /// What the learner has to do, and what was done since a moment.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn tasks(&self, viewer: &Viewer, since: Timestamp) -> Result<Tasks, StoreError> {
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let ((in_class, tasks), heard, said) = self.work_of(viewer.person, since).await?;
        Ok(Tasks { grant, in_class, tasks, heard, said })
    }

    /// A learner's homework, what was done of it since a moment, and what a teacher said of it last. None of the three waits
    /// for another.
    pub(crate) async fn work_of(&self, learner: PersonId, since: Timestamp) -> Result<Work, StoreError> {
        try_join3(self.tasks_of(learner), self.heard_since(learner, since), self.said_of(learner)).await
    }

    /// What a teacher said last of a learner's recordings, where something was said or another try is asked for.
    pub(crate) async fn said_of(&self, learner: PersonId) -> Result<Option<Said>, StoreError> {
        let of =
            review::Entity::belongs_to(recording::Entity).from(review::Column::RecordingId).to(recording::Column::Id);
        let worth = Condition::any()
            .add(review::Column::Comment.is_not_null())
            .add(review::Column::Decision.eq(Decision::Returned.tag()))
            .add(recording::Column::VoiceId.is_not_null());
        let row = review::Entity::find()
            .join(JoinType::InnerJoin, of.into())
            .filter(review::Column::LearnerId.eq(learner.0))
            .filter(worth)
            .order_by_desc(review::Column::CreatedAt)
            .one(&self.db)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some((recording, given)) = self.recording_row(RecordingId(row.recording_id)).await? else {
            return Ok(None);
        };
        let review = review_view(&*self.keys.key(learner).await?, &row, &recording)?;
        let sentence = exercise::Entity::find_by_id(recording.exercise_id).one(&self.db).await?;
        let standing = given.withdrawn_at.is_none();
        Ok(Some(Said {
            recording: RecordingId(recording.id),
            place: standing.then_some((AssignmentId(given.id), ExerciseId(recording.exercise_id))),
            text: sentence.map(|row| row.text).unwrap_or_default(),
            review,
        }))
    }

    /// What teachers are called, and what stands beside it, for those who learn from them and their guardians.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn teachers_known(
        &self,
        viewer: &Viewer,
        teachers: &[PersonId],
    ) -> Result<HashMap<PersonId, (String, Face)>, StoreError> {
        let mut known = HashMap::new();
        let teachers = self.unrestricted(teachers.to_vec()).await?;
        if teachers.is_empty() {
            return Ok(known);
        }
        let scope = Scope::many(teachers.iter().copied());
        let request = asking(Some(viewer.person), viewer.school, Relation::Member, scope);
        let grant: Grant<purpose::Courses> = self.grant(request).await?;
        for (person, Known { name, face }) in self.known(&teachers).await? {
            known.insert(person, (name.into_inner(&grant)?, face));
        }
        Ok(known)
    }

    /// Whether a learner is in a class, and the assignments, the one that is due first at the beginning.
    pub(crate) async fn tasks_of(&self, learner: PersonId) -> Result<(bool, Vec<Task>), StoreError> {
        let (classes, left) = self.classes_ever_of(learner).await?;
        let everywhere: Vec<ClassId> = classes.iter().chain(&left).copied().collect();
        let mut rows = self.titled_assignments_of(&everywhere).await?;
        rows.reverse();
        let submissions = submission::Entity::find()
            .filter(submission::Column::LearnerId.eq(learner.0))
            .filter(submission::Column::AssignmentId.is_in(rows.iter().map(|(row, _)| row.id)))
            .all(&self.db)
            .await?;
        // Of a class that was left, what was done stays to be seen; nothing is asked for any more.
        let done = |row: &assignment::Model| {
            let own = submissions.iter().find(|own| own.assignment_id == row.id);
            own.and_then(|own| SubmissionState::from_tag(&own.state)).is_some_and(SubmissionState::is_done)
        };
        rows.retain(|(row, _)| classes.iter().any(|class| class.0 == row.class_id) || done(row));
        let sentences = self.sentences_of(rows.iter().map(|(row, _)| row.lesson_id)).await?;
        let key = self.keys.key(learner).await?;
        let of = |(row, title): (assignment::Model, String)| {
            let own = submissions.iter().find(|submission| submission.assignment_id == row.id);
            task(&row, title, sentences.get(&row.lesson_id).cloned().unwrap_or_default(), own, &key)
        };
        Ok((!classes.is_empty(), rows.into_iter().map(of).collect::<Result<_, _>>()?))
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
        let sentences = self.exercises_of(row.lesson_id).await?.into_iter().map(sentence).collect();
        let task = task(&row, title, sentences, begun.as_ref(), &*self.keys.key(viewer.person).await?)?;
        let Some(place) = task.sentences.iter().position(|sentence| sentence.exercise == exercise) else {
            return Ok(None);
        };
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let (attempts, chosen) = match begun {
            Some(begun) => (
                self.attempt_cards(begun.id, exercise, viewer.person).await?,
                self.chosen_of(begun.id, exercise, viewer.person).await?,
            ),
            None => (Vec::new(), Vec::new()),
        };
        Ok(Some(ExercisePage { task, place, grant, attempts, chosen }))
    }

    /// All attempts of a submission at one exercise, from the first to the last.
    pub(crate) async fn attempt_cards(
        &self,
        submission: uuid::Uuid,
        exercise: ExerciseId,
        learner: PersonId,
    ) -> Result<Vec<AttemptCard>, StoreError> {
        let rows = recording::Entity::find()
            .filter(recording::Column::SubmissionId.eq(submission))
            .filter(recording::Column::ExerciseId.eq(exercise.0))
            .filter(recording::Column::Practice.eq(0))
            .order_by_asc(recording::Column::Attempt)
            .all(&self.db)
            .await?;
        let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.id).collect();
        let heard =
            evaluation::Entity::find().filter(evaluation::Column::RecordingId.is_in(ids.clone())).all(&self.db).await?;
        let said = review::Entity::find().filter(review::Column::RecordingId.is_in(ids)).all(&self.db).await?;
        let key = self.keys.key(learner).await?;
        let card = |row: recording::Model| {
            let heard = heard.iter().find(|heard| heard.recording_id == row.id);
            let said = said.iter().find(|said| said.recording_id == row.id);
            Ok(AttemptCard {
                recording: RecordingId(row.id),
                at: time(row.created_at),
                state: RecordingState::from_tag(&row.state).unwrap_or(RecordingState::Waiting),
                total: heard.map(|heard| results::total(&key, heard)).transpose()?,
                review: said.map(|said| review_view(&key, said, &row)).transpose()?,
            })
        };
        rows.into_iter().map(card).collect()
    }

    /// What the teacher said of a recording.
    pub(crate) async fn review_of(&self, recording: &recording::Model) -> Result<Option<ReviewView>, StoreError> {
        let row = review::Entity::find().filter(review::Column::RecordingId.eq(recording.id)).one(&self.db).await?;
        let Some(row) = row else { return Ok(None) };
        let key = self.keys.key(PersonId(recording.learner_id)).await?;
        Ok(Some(review_view(&key, &row, recording)?))
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
}

/// A row as the pages see it.
fn review_view(key: &SubjectKey, row: &review::Model, recording: &recording::Model) -> Result<ReviewView, StoreError> {
    let open = |sealed: &Vec<u8>| key.open(column::review::COMMENT, row.id, &Sealed::from_bytes(sealed.clone()));
    Ok(ReviewView {
        decision: Decision::from_tag(&row.decision).unwrap_or(Decision::Accepted),
        score: results::score(key, row)?,
        comment: row.comment.as_ref().map(open).transpose()?,
        voice: voice_comments::gain(recording),
        at: time(row.created_at),
        teacher: PersonId(row.teacher_id),
    })
}

/// An assignment as the learner finds it.
fn task(
    row: &assignment::Model,
    title: String,
    sentences: Vec<Sentence>,
    own: Option<&submission::Model>,
    key: &SubjectKey,
) -> Result<Task, StoreError> {
    let results = own.and_then(|own| Some((SubmissionId(own.id), own.results.as_ref()?)));
    Ok(Task {
        assignment: AssignmentId(row.id),
        title,
        due_at: time(row.due_at),
        sentences,
        state: own.and_then(|own| SubmissionState::from_tag(&own.state)).unwrap_or(SubmissionState::Open),
        results: results.map(|(id, sealed)| results::open(key, id, sealed)).transpose()?,
    })
}
