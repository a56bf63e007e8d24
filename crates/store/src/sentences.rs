//! The sentences of a lesson: added, changed, moved, taken out.

use jiayin_domain::id::{ExerciseId, LessonId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::courses::Move;
use crate::entity::exercise;
use crate::{Store, StoreError, Viewer, write};

impl Store {
    /// Adds sentences at the end of a lesson. Who has it as homework is no longer done with it. `None` if there is no such
    /// lesson for the viewer.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn add_sentences(
        &self,
        viewer: &Viewer,
        lesson: LessonId,
        texts: &[String],
    ) -> Result<Option<Vec<ExerciseId>>, StoreError> {
        if self.lesson_row(viewer, lesson).await?.is_none() {
            return Ok(None);
        }
        let last = self.exercises_of(lesson.0).await?.last().map_or(0, |row| row.position);
        let change = self.begin_on_lesson(viewer, lesson).await?;
        let mut ids = Vec::with_capacity(texts.len());
        for (place, text) in texts.iter().enumerate() {
            let id = ExerciseId::new(&*self.clock, &*self.entropy);
            let row = exercise::ActiveModel {
                id: Set(id.0),
                school_id: Set(viewer.school.0),
                lesson_id: Set(lesson.0),
                audio_id: Set(None),
                text: Set(text.clone()),
                position: Set(last + 1 + i64::try_from(place).unwrap_or(0)),
                created_at: Set(self.now_ms()),
                withdrawn_at: Set(None),
            };
            exercise::Entity::insert(row).exec_without_returning(&change.transaction).await?;
            ids.push(id);
        }
        self.end_on_lesson(change).await?;
        Ok(Some(ids))
    }

    /// Changes the text of a sentence; if it really changes, its audio no longer fits and is taken off. Whether there is such
    /// a sentence for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn edit_sentence(&self, viewer: &Viewer, id: ExerciseId, text: &str) -> Result<bool, StoreError> {
        if self.sentence_row(viewer, id).await?.is_none() {
            return Ok(false);
        }
        exercise::Entity::update_many()
            .col_expr(exercise::Column::Text, Expr::value(text))
            .col_expr(exercise::Column::AudioId, Expr::value(Option::<Uuid>::None))
            .filter(exercise::Column::Id.eq(id.0))
            .filter(exercise::Column::Text.ne(text))
            .exec(&self.db)
            .await?;
        Ok(true)
    }

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
        for (id, position) in to.swapped(&places, row.id) {
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
    async fn sentence_row(&self, viewer: &Viewer, id: ExerciseId) -> Result<Option<exercise::Model>, StoreError> {
        let row = exercise::Entity::find_by_id(id.0).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.withdrawn_at.is_none()) else { return Ok(None) };
        Ok(self.lesson_row(viewer, LessonId(row.lesson_id)).await?.map(|_| row))
    }
}
