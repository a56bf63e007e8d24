//! What counts of a submission: computed anew from its recordings whenever one of them changes, kept sealed beside it, so
//! that a class page opens one value for each learner.

use jiayin_domain::homework::{Attempt, Decision, ExerciseResult, RecordingState, result_of, state_of};
use jiayin_domain::id::{ExerciseId, PersonId, RecordingId, SubmissionId};
use jiayin_privacy::{
    Allows, Grant, Personal, Purpose, Relation, Scope, Sealed, SubjectKey, category, column, purpose,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{assignment, evaluation, exercise, recording, review, submission};
use crate::{Store, StoreError};

/// Opens the kept results of a submission.
pub(crate) fn open(
    key: &SubjectKey,
    submission: SubmissionId,
    sealed: &[u8],
) -> Result<Personal<Vec<ExerciseResult>, category::Evaluation>, StoreError> {
    Ok(key.open(column::submission::RESULTS, submission.0, &Sealed::from_bytes(sealed.to_vec()))?)
}

/// The totals of a recording as they are kept.
pub(crate) fn total<P: Purpose + Allows<category::Evaluation>>(
    key: &SubjectKey,
    row: &evaluation::Model,
    grant: &Grant<P>,
) -> Result<Option<u8>, StoreError> {
    let sealed = Sealed::from_bytes(row.total.clone());
    let total: Personal<Option<u8>, _> = key.open(column::evaluation::TOTAL, row.id, &sealed)?;
    Ok(*total.read(grant)?)
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
        // Locked on PostgreSQL, so that of two changes the later one sees the earlier; SQLite has one writer.
        let found = submission::Entity::find_by_id(submission).lock_exclusive().one(db).await?;
        let Some(row) = found else { return Ok(()) };
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
        let results: Vec<ExerciseResult> = exercises.into_iter().filter_map(of).collect();
        let expected = expected(db, row.assignment_id).await?;
        let counted: Vec<ExerciseResult> =
            results.iter().filter(|result| expected.contains(&result.exercise.0)).copied().collect();
        let state = state_of(&counted, expected.len());
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
}

/// The sentences that an assignment asks for.
async fn expected<D: ConnectionTrait>(db: &D, assignment: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let Some(row) = assignment::Entity::find_by_id(assignment).one(db).await? else { return Ok(Vec::new()) };
    let rows = exercise::Entity::find()
        .filter(exercise::Column::LessonId.eq(row.lesson_id))
        .filter(exercise::Column::WithdrawnAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// All recordings of a submission, from the first to the last.
async fn attempts<D: ConnectionTrait, P: Purpose + Allows<category::Evaluation>>(
    db: &D,
    key: &SubjectKey,
    submission: Uuid,
    grant: &Grant<P>,
) -> Result<Vec<(ExerciseId, Attempt)>, StoreError> {
    let recordings = recording::Entity::find()
        .filter(recording::Column::SubmissionId.eq(submission))
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
            Some(evaluation) => total(key, evaluation, grant)?,
            None => None,
        };
        let review = match reviews.iter().find(|review| review.recording_id == row.id) {
            Some(review) => {
                let decision = Decision::from_tag(&review.decision).unwrap_or(Decision::Accepted);
                Some((decision, reviewed_score(key, review, grant)?))
            }
            None => None,
        };
        let state = RecordingState::from_tag(&row.state).unwrap_or(RecordingState::Waiting);
        let attempt = Attempt { recording: RecordingId(row.id), state, machine, review };
        attempts.push((ExerciseId(row.exercise_id), attempt));
    }
    Ok(attempts)
}

/// The teacher's own total, if there is one.
pub(crate) fn reviewed_score<P: Purpose + Allows<category::Evaluation>>(
    key: &SubjectKey,
    row: &review::Model,
    grant: &Grant<P>,
) -> Result<Option<u8>, StoreError> {
    let Some(score) = &row.score else { return Ok(None) };
    let score: Personal<u8, _> = key.open(column::review::SCORE, row.id, &Sealed::from_bytes(score.clone()))?;
    Ok(Some(*score.read(grant)?))
}
