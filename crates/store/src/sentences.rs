//! The exercises of a lesson: moved, taken out.

use jiayin_domain::id::{ExerciseId, LessonId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::exercise;
use crate::places::Move;
use crate::{Store, StoreError, Viewer, write};

impl Store {
    /// Takes a sentence out of its lesson. What learners made of it stays, and does not count any more. Whether there was
    /// such a sentence for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_sentence(&self, viewer: &Viewer, id: ExerciseId) -> Result<bool, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(false) };
        let change = self.begin_on_lesson(viewer, LessonId(row.lesson_id)).await?;
        exercise::Entity::update_many()
            .col_expr(exercise::Column::WithdrawnAt, Expr::value(self.now_ms()))
            .filter(exercise::Column::Id.eq(id.0))
            .exec(&change.transaction)
            .await?;
        self.end_on_lesson(change).await?;
        Ok(true)
    }

    /// Moves a sentence by one place. Whether there is such a sentence for the viewer; at the edge it stays.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn move_sentence(&self, viewer: &Viewer, id: ExerciseId, to: Move) -> Result<bool, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(false) };
        let all = self.exercises_of(row.lesson_id).await?;
        let places: Vec<(Uuid, i64)> = all.iter().map(|row| (row.id, row.position)).collect();
        let transaction = write::begin(&self.db).await?;
        for (id, position) in to.reordered(&places, row.id) {
            exercise::Entity::update_many()
                .col_expr(exercise::Column::Position, Expr::value(position))
                .filter(exercise::Column::Id.eq(id))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// A sentence that stands in a lesson that can be worked with.
    pub(crate) async fn sentence_row(
        &self,
        viewer: &Viewer,
        id: ExerciseId,
    ) -> Result<Option<exercise::Model>, StoreError> {
        let row = exercise::Entity::find_by_id(id.0).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.withdrawn_at.is_none()) else { return Ok(None) };
        Ok(self.lesson_row(viewer, LessonId(row.lesson_id)).await?.map(|_| row))
    }
}
