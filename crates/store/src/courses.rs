//! Courses, lessons, sentences and their audio.

use std::collections::HashMap;

use jiayin_domain::id::{AssignmentId, ClassId, CourseId, ExerciseId, LessonId, MediaId};
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{assignment, course, exercise, lesson};
use crate::{Store, StoreError, Viewer, write};

/// A course with its lessons.
pub struct Course {
    /// The course.
    pub course: CourseId,
    /// Its title.
    pub title: String,
    /// Its lessons in order.
    pub lessons: Vec<LessonCard>,
}

/// A lesson in a list.
pub struct LessonCard {
    /// The lesson.
    pub lesson: LessonId,
    /// Its title.
    pub title: String,
    /// Number of sentences.
    pub sentences: usize,
    /// Of which with recorded audio.
    pub recorded: usize,
}

/// A lesson with its sentences.
pub struct Lesson {
    /// The lesson.
    pub lesson: LessonId,
    /// Its course.
    pub course: CourseId,
    /// The course's title.
    pub course_title: String,
    /// Its title.
    pub title: String,
    /// Its sentences in order.
    pub sentences: Vec<Sentence>,
}

/// One sentence of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The exercise.
    pub exercise: ExerciseId,
    /// What is to be said.
    pub text: String,
    /// Its recorded audio, if there is any.
    pub audio: Option<MediaId>,
}

/// Where a sentence or a lesson is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// One place towards the beginning.
    Up,
    /// One place towards the end.
    Down,
}

impl Store {
    /// Makes a course.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_course(&self, viewer: &Viewer, title: &str) -> Result<CourseId, StoreError> {
        let id = CourseId::new(&*self.clock, &*self.entropy);
        let row = course::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            created_by: Set(viewer.person.0),
            title: Set(title.to_owned()),
            created_at: Set(self.now_ms()),
            withdrawn_at: Set(None),
        };
        course::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(id)
    }

    /// Makes a lesson at the end of a course. `None` if there is no such course for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_lesson(
        &self,
        viewer: &Viewer,
        course: CourseId,
        title: &str,
    ) -> Result<Option<LessonId>, StoreError> {
        if self.course_row(viewer, course).await?.is_none() {
            return Ok(None);
        }
        let id = LessonId::new(&*self.clock, &*self.entropy);
        let now = self.now_ms();
        let row = lesson::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            course_id: Set(course.0),
            created_by: Set(viewer.person.0),
            title: Set(title.to_owned()),
            // Places only need an order; the time gives one without asking for the last.
            position: Set(now),
            created_at: Set(now),
            withdrawn_at: Set(None),
        };
        lesson::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(Some(id))
    }

    /// Adds sentences at the end of a lesson. `None` if there is no such lesson for the viewer.
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
        let transaction = write::begin(&self.db).await?;
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
            exercise::Entity::insert(row).exec_without_returning(&transaction).await?;
            ids.push(id);
        }
        transaction.commit().await?;
        Ok(Some(ids))
    }

    /// Changes the text of a sentence; its audio no longer fits and is taken off. Whether there was such a sentence.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn edit_sentence(&self, viewer: &Viewer, id: ExerciseId, text: &str) -> Result<bool, StoreError> {
        let changed = exercise::Entity::update_many()
            .col_expr(exercise::Column::Text, Expr::value(text))
            .col_expr(exercise::Column::AudioId, Expr::value(Option::<Uuid>::None))
            .filter(exercise::Column::Id.eq(id.0))
            .filter(exercise::Column::SchoolId.eq(viewer.school.0))
            .filter(exercise::Column::Text.ne(text))
            .exec(&self.db)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Takes a sentence out of its lesson. What learners made of it stays. Whether there was such a sentence.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_sentence(&self, viewer: &Viewer, id: ExerciseId) -> Result<bool, StoreError> {
        let changed = exercise::Entity::update_many()
            .col_expr(exercise::Column::WithdrawnAt, Expr::value(self.now_ms()))
            .filter(exercise::Column::Id.eq(id.0))
            .filter(exercise::Column::SchoolId.eq(viewer.school.0))
            .filter(exercise::Column::WithdrawnAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Moves a sentence by one place. Whether there was such a sentence; at the edge it stays.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn move_sentence(&self, viewer: &Viewer, id: ExerciseId, to: Move) -> Result<bool, StoreError> {
        let row = exercise::Entity::find_by_id(id.0).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.school_id == viewer.school.0 && row.withdrawn_at.is_none()) else {
            return Ok(false);
        };
        let all = self.exercises_of(row.lesson_id).await?;
        let at = all.iter().position(|other| other.id == row.id);
        let other = at.and_then(|at| match to {
            Move::Up => at.checked_sub(1),
            Move::Down => Some(at + 1),
        });
        if let Some(other) = other.and_then(|place| all.get(place)) {
            let transaction = write::begin(&self.db).await?;
            for (id, position) in [(row.id, other.position), (other.id, row.position)] {
                exercise::Entity::update_many()
                    .col_expr(exercise::Column::Position, Expr::value(position))
                    .filter(exercise::Column::Id.eq(id))
                    .exec(&transaction)
                    .await?;
            }
            transaction.commit().await?;
        }
        Ok(true)
    }

    /// All courses of the viewer's school.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn courses(&self, viewer: &Viewer) -> Result<Vec<Course>, StoreError> {
        let rows = course::Entity::find()
            .filter(course::Column::SchoolId.eq(viewer.school.0))
            .filter(course::Column::WithdrawnAt.is_null())
            .order_by_asc(course::Column::Id)
            .all(&self.db)
            .await?;
        let lessons = lesson::Entity::find()
            .filter(lesson::Column::CourseId.is_in(rows.iter().map(|row| row.id)))
            .filter(lesson::Column::WithdrawnAt.is_null())
            .order_by_asc(lesson::Column::Position)
            .order_by_asc(lesson::Column::Id)
            .all(&self.db)
            .await?;
        let sentences = exercise::Entity::find()
            .filter(exercise::Column::LessonId.is_in(lessons.iter().map(|row| row.id)))
            .filter(exercise::Column::WithdrawnAt.is_null())
            .all(&self.db)
            .await?;
        let card = |row: &lesson::Model| LessonCard {
            lesson: LessonId(row.id),
            title: row.title.clone(),
            sentences: sentences.iter().filter(|sentence| sentence.lesson_id == row.id).count(),
            recorded: sentences
                .iter()
                .filter(|sentence| sentence.lesson_id == row.id && sentence.audio_id.is_some())
                .count(),
        };
        let courses = rows.into_iter().map(|row| Course {
            course: CourseId(row.id),
            title: row.title,
            lessons: lessons.iter().filter(|lesson| lesson.course_id == row.id).map(card).collect(),
        });
        Ok(courses.collect())
    }

    /// A lesson with its sentences. `None` if there is no such lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn lesson(&self, viewer: &Viewer, id: LessonId) -> Result<Option<Lesson>, StoreError> {
        let Some(row) = self.lesson_row(viewer, id).await? else { return Ok(None) };
        let Some(course) = self.course_row(viewer, CourseId(row.course_id)).await? else { return Ok(None) };
        let sentences = self.exercises_of(row.id).await?.into_iter().map(sentence).collect();
        Ok(Some(Lesson {
            lesson: id,
            course: CourseId(course.id),
            course_title: course.title,
            title: row.title,
            sentences,
        }))
    }

    /// Gives a lesson to a class. `None` if the viewer does not teach the class or there is no such lesson.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn assign(
        &self,
        viewer: &Viewer,
        class: ClassId,
        lesson: LessonId,
        due_at: Timestamp,
    ) -> Result<Option<AssignmentId>, StoreError> {
        if !self.teaches(viewer, class.0).await? || self.lesson_row(viewer, lesson).await?.is_none() {
            return Ok(None);
        }
        let id = AssignmentId::new(&*self.clock, &*self.entropy);
        let row = assignment::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            class_id: Set(class.0),
            lesson_id: Set(lesson.0),
            created_by: Set(viewer.person.0),
            due_at: Set(due_at.as_millisecond()),
            created_at: Set(self.now_ms()),
            withdrawn_at: Set(None),
        };
        assignment::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(Some(id))
    }

    /// Takes an assignment back. What was recorded for it stays. Whether the viewer has such an assignment.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn withdraw(&self, viewer: &Viewer, id: AssignmentId) -> Result<bool, StoreError> {
        let Some(row) = assignment::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(false) };
        if !self.teaches(viewer, row.class_id).await? {
            return Ok(false);
        }
        assignment::Entity::update_many()
            .col_expr(assignment::Column::WithdrawnAt, Expr::value(self.now_ms()))
            .filter(assignment::Column::Id.eq(id.0))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(true)
    }

    /// The classes of the viewer to which a lesson can be given: those they teach.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn teaches_class(&self, viewer: &Viewer, class: ClassId) -> Result<bool, StoreError> {
        self.teaches(viewer, class.0).await
    }

    async fn course_row(&self, viewer: &Viewer, id: CourseId) -> Result<Option<course::Model>, StoreError> {
        let row = course::Entity::find_by_id(id.0).one(&self.db).await?;
        Ok(row.filter(|row| row.school_id == viewer.school.0 && row.withdrawn_at.is_none()))
    }

    async fn lesson_row(&self, viewer: &Viewer, id: LessonId) -> Result<Option<lesson::Model>, StoreError> {
        let row = lesson::Entity::find_by_id(id.0).one(&self.db).await?;
        Ok(row.filter(|row| row.school_id == viewer.school.0 && row.withdrawn_at.is_none()))
    }

    /// The sentences of a lesson in order.
    pub(crate) async fn exercises_of(&self, lesson: Uuid) -> Result<Vec<exercise::Model>, StoreError> {
        Ok(exercise::Entity::find()
            .filter(exercise::Column::LessonId.eq(lesson))
            .filter(exercise::Column::WithdrawnAt.is_null())
            .order_by_asc(exercise::Column::Position)
            .order_by_asc(exercise::Column::Id)
            .all(&self.db)
            .await?)
    }

    /// Titles of some lessons.
    pub(crate) async fn lesson_titles(
        &self,
        lessons: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        let rows = lesson::Entity::find().filter(lesson::Column::Id.is_in(lessons)).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.title)).collect())
    }

    /// Whether someone may hear course audio at all: everyone of the school.
    pub(crate) fn hears_courses(viewer: &Viewer) -> bool {
        Role::ALL.contains(&viewer.role)
    }
}

/// A row as the pages see it.
pub(crate) fn sentence(row: exercise::Model) -> Sentence {
    Sentence { exercise: ExerciseId(row.id), text: row.text, audio: row.audio_id.map(MediaId) }
}
