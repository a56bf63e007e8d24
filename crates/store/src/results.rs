//! What counts of a submission: computed anew from its recordings whenever one of them changes, kept sealed beside it, so
//! that a class page opens one value for each learner.

use jiayin_domain::homework::{
    Attempt, Decision, ExerciseResult, RecordingState, SubmissionState, result_of, result_of_answers, state_of,
};
use jiayin_domain::id::{ClassId, ExerciseId, LessonId, PersonId, RecordingId, SubmissionId};
use jiayin_domain::role::Role;
use jiayin_privacy::{
    Allows, Grant, Personal, Purpose, Relation, Scope, Sealed, SubjectKey, category, column, purpose,
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::answers::{self, answers_of};
use crate::audit::{Details, asking};
use crate::entity::{assignment, evaluation, exercise, recording, review, submission};
use crate::{Store, StoreError, Viewer, write};

/// Opens the kept results of a submission.
pub(crate) fn open(
    key: &SubjectKey,
    submission: SubmissionId,
    sealed: &[u8],
) -> Result<Personal<Vec<ExerciseResult>, category::Evaluation>, StoreError> {
    Ok(key.open(column::submission::RESULTS, submission.0, &Sealed::from_bytes(sealed.to_vec()))?)
}

/// The machine's total of a recording; `None` inside if there was nothing to score.
pub(crate) fn total(
    key: &SubjectKey,
    row: &evaluation::Model,
) -> Result<Personal<Option<u8>, category::Evaluation>, StoreError> {
    Ok(key.open(column::evaluation::TOTAL, row.id, &Sealed::from_bytes(row.total.clone()))?)
}

/// The teacher's own total, if there is one.
pub(crate) fn score(
    key: &SubjectKey,
    row: &review::Model,
) -> Result<Option<Personal<u8, category::Evaluation>>, StoreError> {
    let open = |sealed: &Vec<u8>| key.open(column::review::SCORE, row.id, &Sealed::from_bytes(sealed.clone()));
    Ok(row.score.as_ref().map(open).transpose()?)
}

impl Store {
    /// The grant of the program itself over one learner, for the work that follows from a recording.
    pub(crate) async fn working(
        &self,
        school: Uuid,
        learner: PersonId,
        object: (&'static str, Uuid),
    ) -> Result<Grant<purpose::Teaching>, StoreError> {
        let request = asking(None, school.into(), Relation::System, Scope::One(learner));
        self.grant(request.about(object.0, object.1)).await
    }

    /// Computes the results of a submission anew and keeps them. Called within the transaction of the change.
    pub(crate) async fn refresh_results<D: ConnectionTrait, P: Purpose + Allows<category::Evaluation>>(
        &self,
        db: &D,
        submission: Uuid,
        grant: &Grant<P>,
    ) -> Result<(), StoreError> {
        let Some(known) = submission::Entity::find_by_id(submission).one(db).await? else { return Ok(()) };
        // Locked on PostgreSQL, so that of two changes the later one sees the earlier; SQLite has one writer. Always in this
        // order: the assignment, then the submission.
        let given = assignment::Entity::find_by_id(known.assignment_id).lock_shared().one(db).await?;
        let found = submission::Entity::find_by_id(submission).lock_exclusive().one(db).await?;
        let (Some(given), Some(row)) = (given, found) else { return Ok(()) };
        let key = self.keys.key(PersonId(row.learner_id)).await?;
        let attempts = attempts(db, &key, submission, grant).await?;
        let mut exercises: Vec<ExerciseId> = Vec::new();
        for (exercise, _) in &attempts {
            if !exercises.contains(exercise) {
                exercises.push(*exercise);
            }
        }
        let of = |exercise: ExerciseId| {
            let own: Vec<Attempt> =
                attempts.iter().filter(|(other, _)| *other == exercise).map(|(_, attempt)| *attempt).collect();
            result_of(exercise, &own)
        };
        let mut results: Vec<ExerciseResult> = exercises.into_iter().filter_map(of).collect();
        results.extend(chosen(db, &key, submission, grant).await?);
        let state = state_among(&results, &expected(db, given.lesson_id).await?);
        let sealed = key.seal(column::submission::RESULTS, submission, &results, &*self.entropy)?;
        submission::Entity::update_many()
            .col_expr(submission::Column::Results, Expr::value(sealed.into_bytes()))
            .col_expr(submission::Column::State, Expr::value(state.tag()))
            .col_expr(submission::Column::UpdatedAt, Expr::value(self.now_ms()))
            .filter(submission::Column::Id.eq(submission))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Begins a change of a lesson's sentences. Until it ends nobody's homework of the lesson moves.
    pub(crate) async fn begin_on_lesson(&self, viewer: &Viewer, lesson: LessonId) -> Result<OnLesson, StoreError> {
        let given = || assignment::Entity::find().filter(assignment::Column::LessonId.eq(lesson.0));
        let classes: Vec<ClassId> = given().all(&self.db).await?.iter().map(|row| ClassId(row.class_id)).collect();
        // Those whose guardians agree to it; of others nothing is opened, and nothing changes.
        let members = self.members(&classes, Role::Learner).await?;
        let learners = Scope::many(members.into_iter().map(|(_, learner)| learner));
        // The entry in the audit log comes before the transaction, which on SQLite would keep it from being written.
        let grant = match learners.subjects() {
            0 => None,
            _ => {
                let request = asking(None, viewer.school, Relation::System, learners.clone());
                Some(self.grant(request.about("lesson", lesson.0)).await?)
            }
        };
        let transaction = write::begin(&self.db).await?;
        let assignments = given().order_by_asc(assignment::Column::Id).lock_exclusive().all(&transaction).await?;
        let mut homework = begun(&assignments).lock_exclusive().all(&transaction).await?;
        homework.retain(|row| learners.contains(PersonId(row.learner_id)));
        Ok(OnLesson { transaction, lesson, homework, grant })
    }

    /// Ends a change of a lesson's sentences: where everyone stands with it is computed anew, and all is kept together.
    pub(crate) async fn end_on_lesson(&self, change: OnLesson) -> Result<(), StoreError> {
        let OnLesson { transaction, lesson, homework, grant } = change;
        let expected = expected(&transaction, lesson.0).await?;
        let learners: Vec<PersonId> = homework.iter().map(|row| PersonId(row.learner_id)).collect();
        let keys = self.keys.keys(&learners).await?;
        for row in &homework {
            let (Some(key), Some(sealed), Some(grant)) = (keys.get(&PersonId(row.learner_id)), &row.results, &grant)
            else {
                continue;
            };
            let state = state_among(open(key, SubmissionId(row.id), sealed)?.read(grant)?, &expected);
            submission::Entity::update_many()
                .col_expr(submission::Column::State, Expr::value(state.tag()))
                .col_expr(submission::Column::UpdatedAt, Expr::value(self.now_ms()))
                .filter(submission::Column::Id.eq(row.id))
                .filter(submission::Column::State.ne(state.tag()))
                .exec(&transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// A change of a lesson's sentences that is under way.
pub(crate) struct OnLesson {
    /// Holds the homework still.
    pub(crate) transaction: DatabaseTransaction,
    lesson: LessonId,
    homework: Vec<submission::Model>,
    /// Opens the results; none if no class has the lesson.
    grant: Option<Grant<purpose::Teaching>>,
}

/// The sentences that a lesson asks for.
async fn expected<D: ConnectionTrait>(db: &D, lesson: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let rows = exercise::Entity::find()
        .filter(exercise::Column::LessonId.eq(lesson))
        .filter(exercise::Column::WithdrawnAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The state that follows from the results of the sentences that are asked for; others do not count.
fn state_among(results: &[ExerciseResult], expected: &[Uuid]) -> SubmissionState {
    let counted: Vec<ExerciseResult> =
        results.iter().filter(|result| expected.contains(&result.exercise.0)).copied().collect();
    state_of(&counted, expected.len())
}

/// What was begun of some assignments.
fn begun(assignments: &[assignment::Model]) -> Select<submission::Entity> {
    submission::Entity::find()
        .filter(submission::Column::AssignmentId.is_in(assignments.iter().map(|row| row.id)))
        .order_by_asc(submission::Column::Id)
}

/// What counts of the answers that were chosen in a submission.
async fn chosen<D: ConnectionTrait, P: Purpose + Allows<category::Evaluation>>(
    db: &D,
    key: &SubjectKey,
    submission: Uuid,
    grant: &Grant<P>,
) -> Result<Vec<ExerciseResult>, StoreError> {
    let mut right: Vec<(ExerciseId, Vec<bool>)> = Vec::new();
    for row in answers_of(db, submission, None).await? {
        let answer = answers::opened(key, &row)?.read(grant)?.right;
        match right.iter_mut().find(|(exercise, _)| exercise.0 == row.exercise_id) {
            Some((_, answers)) => answers.push(answer),
            None => right.push((ExerciseId(row.exercise_id), vec![answer])),
        }
    }
    Ok(right.iter().filter_map(|(exercise, right)| result_of_answers(*exercise, right)).collect())
}

/// All recordings of a submission, from the first to the last, but for those made for practice: they change nothing of it.
async fn attempts<D: ConnectionTrait, P: Purpose + Allows<category::Evaluation>>(
    db: &D,
    key: &SubjectKey,
    submission: Uuid,
    grant: &Grant<P>,
) -> Result<Vec<(ExerciseId, Attempt)>, StoreError> {
    let recordings = recording::Entity::find()
        .filter(recording::Column::SubmissionId.eq(submission))
        .filter(recording::Column::Practice.eq(0))
        .order_by_asc(recording::Column::Attempt)
        .all(db)
        .await?;
    let ids: Vec<Uuid> = recordings.iter().map(|row| row.id).collect();
    let evaluations =
        evaluation::Entity::find().filter(evaluation::Column::RecordingId.is_in(ids.clone())).all(db).await?;
    let reviews = review::Entity::find().filter(review::Column::RecordingId.is_in(ids)).all(db).await?;
    let mut attempts = Vec::with_capacity(recordings.len());
    for row in recordings {
        let machine = match evaluations.iter().find(|evaluation| evaluation.recording_id == row.id) {
            Some(evaluation) => *total(key, evaluation)?.read(grant)?,
            None => None,
        };
        let review = match reviews.iter().find(|review| review.recording_id == row.id) {
            Some(review) => {
                let decision = Decision::from_tag(&review.decision).unwrap_or(Decision::Accepted);
                let score = score(key, review)?;
                Some((decision, score.map(|score| score.read(grant).copied()).transpose()?))
            }
            None => None,
        };
        let state = RecordingState::from_tag(&row.state).unwrap_or(RecordingState::Waiting);
        let attempt = Attempt { recording: RecordingId(row.id), state, machine, review };
        attempts.push((ExerciseId(row.exercise_id), attempt));
    }
    Ok(attempts)
}
