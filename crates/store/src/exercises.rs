//! The exercises of a lesson: added, changed, copied; the lesson published.
//!
//! What a learner has answered is not changed under them: a change of it makes a new version in its place, and what was
//! made of the old one keeps the old text, and does not count any more.

use jiayin_domain::exercise::Content;
use jiayin_domain::id::{ExerciseId, LessonId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use uuid::Uuid;

use crate::courses::content;
use crate::entity::{answer, exercise, lesson, recording, upload};
use crate::{Store, StoreError, Viewer, course_audio, write};

/// Versions of an exercise that are followed to the one that stands; more would be a circle.
const VERSIONS: usize = 1000;

/// An exercise as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExercise {
    /// What is to be said, or heard where answers are chosen.
    pub text: String,
    /// What there is beside the text; it has been checked.
    pub content: Content,
}

impl NewExercise {
    /// A sentence to be listened to and said.
    pub fn sentence(text: &str) -> Self {
        Self { text: text.to_owned(), content: Content::Repeat }
    }
}

impl Store {
    /// Adds exercises at the end of a lesson. Who has it as homework is no longer done with it. `None` if there is no such
    /// lesson for the viewer.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn add_exercises(
        &self,
        viewer: &Viewer,
        lesson: LessonId,
        new: &[NewExercise],
    ) -> Result<Option<Vec<ExerciseId>>, StoreError> {
        if self.lesson_row(viewer, lesson).await?.is_none() {
            return Ok(None);
        }
        let last = self.exercises_of(lesson.0).await?.last().map_or(0, |row| row.position);
        let change = self.begin_on_lesson(viewer, lesson).await?;
        let mut ids = Vec::with_capacity(new.len());
        for (place, new) in new.iter().enumerate() {
            let row = self.new_row(viewer, lesson, last + 1 + i64::try_from(place).unwrap_or(0), new)?;
            ids.push(ExerciseId(row.id));
            insert(&change.transaction, row).await?;
        }
        self.end_on_lesson(change).await?;
        Ok(Some(ids))
    }

    /// The same for sentences to be listened to and said.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn add_sentences(
        &self,
        viewer: &Viewer,
        lesson: LessonId,
        texts: &[String],
    ) -> Result<Option<Vec<ExerciseId>>, StoreError> {
        let new: Vec<NewExercise> = texts.iter().map(|text| NewExercise::sentence(text)).collect();
        self.add_exercises(viewer, lesson, &new).await
    }

    /// A row that is not stored yet.
    pub(crate) fn new_row(
        &self,
        viewer: &Viewer,
        lesson: LessonId,
        position: i64,
        new: &NewExercise,
    ) -> Result<exercise::Model, StoreError> {
        Ok(exercise::Model {
            id: ExerciseId::new(&*self.clock, &*self.entropy).0,
            school_id: viewer.school.0,
            lesson_id: lesson.0,
            audio_id: None,
            audio_gain: None,
            audio_faults: None,
            picture_id: None,
            successor_id: None,
            kind: new.content.kind().tag().to_owned(),
            text: new.text.clone(),
            content: written(&new.content)?,
            alt: None,
            position,
            created_at: self.now_ms(),
            withdrawn_at: None,
        })
    }

    /// Changes an exercise; with another text its audio no longer fits and is taken off. The exercise that stands now: the
    /// same, or a new version of it if learners have answered. `None` if there is no such exercise for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn edit_exercise(
        &self,
        viewer: &Viewer,
        id: ExerciseId,
        new: &NewExercise,
    ) -> Result<Option<ExerciseId>, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(None) };
        if row.text == new.text && content(&row) == new.content {
            return Ok(Some(id));
        }
        // Of another text the audio no longer fits.
        let row = if row.text == new.text { row } else { course_audio::without(row) };
        let changed = exercise::Model {
            kind: new.content.kind().tag().to_owned(),
            text: new.text.clone(),
            content: written(&new.content)?,
            ..row.clone()
        };
        self.replace(viewer, row, changed).await.map(Some)
    }

    /// Puts a changed exercise in the place of the old one: as a new version if learners have answered that.
    pub(crate) async fn replace(
        &self,
        viewer: &Viewer,
        row: exercise::Model,
        changed: exercise::Model,
    ) -> Result<ExerciseId, StoreError> {
        let change = self.begin_on_lesson(viewer, LessonId(row.lesson_id)).await?;
        let db = &change.transaction;
        if !answered(db, row.id).await? {
            changed.into_active_model().reset_all().update(db).await?;
            change.transaction.commit().await?;
            return Ok(ExerciseId(row.id));
        }
        let id = ExerciseId::new(&*self.clock, &*self.entropy);
        insert(db, exercise::Model { id: id.0, created_at: self.now_ms(), ..changed }).await?;
        exercise::Entity::update_many()
            .col_expr(exercise::Column::WithdrawnAt, Expr::value(self.now_ms()))
            .col_expr(exercise::Column::SuccessorId, Expr::value(id.0))
            .filter(exercise::Column::Id.eq(row.id))
            .exec(db)
            .await?;
        self.end_on_lesson(change).await?;
        Ok(id)
    }

    /// The version of an exercise that stands, if it is another one. `None` also where the viewer's school has no such exercise.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn successor(&self, viewer: &Viewer, id: ExerciseId) -> Result<Option<ExerciseId>, StoreError> {
        let mut at = id.0;
        for _ in 0..VERSIONS {
            let row = exercise::Entity::find_by_id(at).one(&self.db).await?;
            let Some(row) = row.filter(|row| row.school_id == viewer.school.0) else { return Ok(None) };
            match row.successor_id {
                Some(next) => at = next,
                None => return Ok((at != id.0 && row.withdrawn_at.is_none()).then_some(ExerciseId(at))),
            }
        }
        Ok(None)
    }

    /// Puts a copy of an exercise behind it. `None` if there is no such exercise for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn copy_exercise(&self, viewer: &Viewer, id: ExerciseId) -> Result<Option<ExerciseId>, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(None) };
        let copy = ExerciseId::new(&*self.clock, &*self.entropy);
        let change = self.begin_on_lesson(viewer, LessonId(row.lesson_id)).await?;
        exercise::Entity::update_many()
            .col_expr(exercise::Column::Position, Expr::col(exercise::Column::Position).add(1))
            .filter(exercise::Column::LessonId.eq(row.lesson_id))
            .filter(exercise::Column::Position.gt(row.position))
            .exec(&change.transaction)
            .await?;
        let position = row.position + 1;
        let row = exercise::Model { id: copy.0, position, created_at: self.now_ms(), ..row };
        insert(&change.transaction, row).await?;
        self.end_on_lesson(change).await?;
        Ok(Some(copy))
    }

    /// Makes a copy of a lesson with its exercises at the end of its course: a draft with this title. `None` if there is no
    /// such lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn copy_lesson(
        &self,
        viewer: &Viewer,
        id: LessonId,
        title: &str,
    ) -> Result<Option<LessonId>, StoreError> {
        let Some(row) = self.lesson_row(viewer, id).await? else { return Ok(None) };
        let copy = LessonId::new(&*self.clock, &*self.entropy);
        let now = self.now_ms();
        let transaction = write::begin(&self.db).await?;
        let new = lesson::ActiveModel {
            id: Set(copy.0),
            school_id: Set(row.school_id),
            course_id: Set(row.course_id),
            created_by: Set(viewer.person.0),
            title: Set(title.to_owned()),
            unit: Set(row.unit),
            position: Set(now),
            created_at: Set(now),
            published_at: Set(None),
            withdrawn_at: Set(None),
        };
        lesson::Entity::insert(new).exec_without_returning(&transaction).await?;
        for row in self.exercises_of(id.0).await? {
            let id = ExerciseId::new(&*self.clock, &*self.entropy).0;
            insert(&transaction, exercise::Model { id, lesson_id: copy.0, created_at: now, ..row }).await?;
        }
        transaction.commit().await?;
        Ok(Some(copy))
    }

    /// Publishes a lesson, so that it can be given to classes; one that is published stays so. Whether there was such a
    /// lesson with an exercise in it for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn publish_lesson(&self, viewer: &Viewer, id: LessonId) -> Result<bool, StoreError> {
        let Some(row) = self.lesson_row(viewer, id).await? else { return Ok(false) };
        if row.published_at.is_some() {
            return Ok(true);
        }
        if self.exercises_of(id.0).await?.is_empty() {
            return Ok(false);
        }
        self.set_in_lesson(viewer, id, lesson::Column::PublishedAt, Expr::value(self.now_ms())).await
    }

    /// Puts a lesson into a unit of its course, or into none. Whether there was such a lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn set_unit(&self, viewer: &Viewer, id: LessonId, unit: Option<&str>) -> Result<bool, StoreError> {
        self.set_in_lesson(viewer, id, lesson::Column::Unit, Expr::value(unit.map(str::to_owned))).await
    }
}

/// The content as it is kept; nothing where the kind says all.
fn written(content: &Content) -> Result<Option<String>, StoreError> {
    match content {
        Content::Repeat | Content::Paragraph | Content::Picture => Ok(None),
        content => serde_json::to_string(content).map(Some).map_err(|_| StoreError::Lost),
    }
}

pub(crate) async fn insert<D: ConnectionTrait>(db: &D, row: exercise::Model) -> Result<(), StoreError> {
    exercise::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(db).await?;
    Ok(())
}

/// Whether anybody has answered an exercise, or is about to: a recording of it may be on its way in.
async fn answered<D: ConnectionTrait>(db: &D, id: Uuid) -> Result<bool, StoreError> {
    let recorded = recording::Entity::find().filter(recording::Column::ExerciseId.eq(id)).count(db).await?;
    let chosen = answer::Entity::find().filter(answer::Column::ExerciseId.eq(id)).count(db).await?;
    let coming = upload::Entity::find().filter(upload::Column::Target2Id.eq(id)).count(db).await?;
    Ok(recorded + chosen + coming > 0)
}
