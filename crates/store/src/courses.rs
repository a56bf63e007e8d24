//! Courses and lessons. Their exercises are changed in `exercises.rs` and `sentences.rs`, and given to classes in
//! `assignments.rs`.

use std::collections::{HashMap, HashSet};

use jiayin_domain::exercise::{Content, Kind};
use jiayin_domain::id::{CourseId, ExerciseId, LessonId, MediaId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::course_audio::{self, CourseAudio};
use crate::entity::{assignment, course, exercise, lesson};
pub use crate::places::Move;
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
    /// The unit of the course it belongs to, if the course has any.
    pub unit: Option<String>,
    /// It can be given to classes; until then it is a draft.
    pub published: bool,
    /// Its exercises in order.
    pub sentences: Vec<Sentence>,
    /// Classes that have it as homework that is not due yet.
    pub in_use: usize,
}

impl LessonCard {
    /// How many sentences have recorded audio.
    pub fn recorded(&self) -> usize {
        self.sentences.iter().filter(|sentence| sentence.audio.is_some()).count()
    }
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
    /// The unit of the course it belongs to, if the course has any.
    pub unit: Option<String>,
    /// It can be given to classes; until then it is a draft.
    pub published: bool,
    /// Its exercises in order.
    pub sentences: Vec<Sentence>,
    /// Classes that have it as homework that is not due yet.
    pub in_use: usize,
}

/// One exercise of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The exercise.
    pub exercise: ExerciseId,
    /// What is to be said, or heard where answers are chosen.
    pub text: String,
    /// What there is beside the text.
    pub content: Content,
    /// Its recorded audio, if there is any.
    pub audio: Option<CourseAudio>,
    /// Its picture, if there is any.
    pub picture: Option<Picture>,
}

/// The picture of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub media: MediaId,
    /// What it shows, in words, for those who do not see it.
    pub alt: String,
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

    /// Makes a lesson at the end of a course, a draft. `None` if there is no such course for the viewer.
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
            unit: Set(None),
            // Places only need an order; the time gives one without asking for the last.
            position: Set(now),
            created_at: Set(now),
            published_at: Set(None),
            withdrawn_at: Set(None),
        };
        lesson::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(Some(id))
    }

    /// Changes the title of a course. Whether there was such a course for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn rename_course(&self, viewer: &Viewer, id: CourseId, title: &str) -> Result<bool, StoreError> {
        self.set_in_course(viewer, id, course::Column::Title, Expr::value(title)).await
    }

    /// Takes a course with its lessons out of use; homework that was given of it stays. Whether there was such a course for
    /// the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn withdraw_course(&self, viewer: &Viewer, id: CourseId) -> Result<bool, StoreError> {
        self.set_in_course(viewer, id, course::Column::WithdrawnAt, Expr::value(self.now_ms())).await
    }

    async fn set_in_course(
        &self,
        viewer: &Viewer,
        id: CourseId,
        column: course::Column,
        value: SimpleExpr,
    ) -> Result<bool, StoreError> {
        let changed = course::Entity::update_many()
            .col_expr(column, value)
            .filter(course::Column::Id.eq(id.0))
            .filter(course::Column::SchoolId.eq(viewer.school.0))
            .filter(course::Column::WithdrawnAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Changes the title of a lesson. Whether there was such a lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn rename_lesson(&self, viewer: &Viewer, id: LessonId, title: &str) -> Result<bool, StoreError> {
        self.set_in_lesson(viewer, id, lesson::Column::Title, Expr::value(title)).await
    }

    /// Takes a lesson out of use; homework that was given of it stays. Whether there was such a lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn withdraw_lesson(&self, viewer: &Viewer, id: LessonId) -> Result<bool, StoreError> {
        self.set_in_lesson(viewer, id, lesson::Column::WithdrawnAt, Expr::value(self.now_ms())).await
    }

    pub(crate) async fn set_in_lesson(
        &self,
        viewer: &Viewer,
        id: LessonId,
        column: lesson::Column,
        value: SimpleExpr,
    ) -> Result<bool, StoreError> {
        if self.lesson_row(viewer, id).await?.is_none() {
            return Ok(false);
        }
        lesson::Entity::update_many()
            .col_expr(column, value)
            .filter(lesson::Column::Id.eq(id.0))
            .exec(&self.db)
            .await?;
        Ok(true)
    }

    /// Moves a lesson by one place within its course. Whether there was such a lesson for the viewer; at the edge it stays.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn move_lesson(&self, viewer: &Viewer, id: LessonId, to: Move) -> Result<bool, StoreError> {
        let Some(row) = self.lesson_row(viewer, id).await? else { return Ok(false) };
        let all = self.lessons_of(&[row.course_id]).await?;
        let places: Vec<(Uuid, i64)> = all.iter().map(|row| (row.id, row.position)).collect();
        let transaction = write::begin(&self.db).await?;
        for (id, position) in to.reordered(&places, row.id) {
            lesson::Entity::update_many()
                .col_expr(lesson::Column::Position, Expr::value(position))
                .filter(lesson::Column::Id.eq(id))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
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
        self.with_lessons(rows).await
    }

    /// One course. `None` if there is no such course for the viewer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn course(&self, viewer: &Viewer, id: CourseId) -> Result<Option<Course>, StoreError> {
        let row = self.course_row(viewer, id).await?;
        Ok(self.with_lessons(row.into_iter().collect()).await?.pop())
    }

    async fn with_lessons(&self, rows: Vec<course::Model>) -> Result<Vec<Course>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let lessons = self.lessons_of(&ids).await?;
        let in_use = self.lessons_in_use(lessons.iter().map(|row| row.id)).await?;
        let mut of_lesson = self.sentences_of(lessons.iter().map(|row| row.id)).await?;
        let mut card = |row: &lesson::Model| LessonCard {
            lesson: LessonId(row.id),
            title: row.title.clone(),
            unit: row.unit.clone(),
            published: row.published_at.is_some(),
            sentences: of_lesson.remove(&row.id).unwrap_or_default(),
            in_use: in_use.iter().filter(|(lesson, _)| *lesson == row.id).count(),
        };
        let courses = rows.into_iter().map(|row| Course {
            course: CourseId(row.id),
            title: row.title,
            lessons: lessons.iter().filter(|lesson| lesson.course_id == row.id).map(&mut card).collect(),
        });
        Ok(courses.collect())
    }

    /// The lessons of some courses in order.
    pub(crate) async fn lessons_of(&self, courses: &[Uuid]) -> Result<Vec<lesson::Model>, StoreError> {
        Ok(lesson::Entity::find()
            .filter(lesson::Column::CourseId.is_in(courses.iter().copied()))
            .filter(lesson::Column::WithdrawnAt.is_null())
            .order_by_asc(lesson::Column::Position)
            .order_by_asc(lesson::Column::Id)
            .all(&self.db)
            .await?)
    }

    /// Which lessons are homework of which classes now, each pair once.
    async fn lessons_in_use(&self, lessons: impl Iterator<Item = Uuid>) -> Result<HashSet<(Uuid, Uuid)>, StoreError> {
        let rows = assignment::Entity::find()
            .filter(assignment::Column::LessonId.is_in(lessons))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .filter(assignment::Column::DueAt.gte(self.now_ms()))
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| (row.lesson_id, row.class_id)).collect())
    }

    /// A lesson with its sentences. `None` if there is no such lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn lesson(&self, viewer: &Viewer, id: LessonId) -> Result<Option<Lesson>, StoreError> {
        let Some(row) = self.lesson_row(viewer, id).await? else { return Ok(None) };
        let Some(course) = self.course_row(viewer, CourseId(row.course_id)).await? else { return Ok(None) };
        let in_use = self.lessons_in_use([row.id].into_iter()).await?.len();
        let sentences = self.exercises_of(row.id).await?.into_iter().map(sentence).collect();
        Ok(Some(Lesson {
            lesson: id,
            course: CourseId(course.id),
            course_title: course.title,
            title: row.title,
            unit: row.unit,
            published: row.published_at.is_some(),
            sentences,
            in_use,
        }))
    }

    async fn course_row(&self, viewer: &Viewer, id: CourseId) -> Result<Option<course::Model>, StoreError> {
        let row = course::Entity::find_by_id(id.0).one(&self.db).await?;
        Ok(row.filter(|row| row.school_id == viewer.school.0 && row.withdrawn_at.is_none()))
    }

    /// A lesson that can be worked with: a course that is out of use takes its lessons with it.
    pub(crate) async fn lesson_row(&self, viewer: &Viewer, id: LessonId) -> Result<Option<lesson::Model>, StoreError> {
        let row = lesson::Entity::find_by_id(id.0).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.school_id == viewer.school.0 && row.withdrawn_at.is_none()) else {
            return Ok(None);
        };
        Ok(self.course_row(viewer, CourseId(row.course_id)).await?.map(|_| row))
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

    /// The sentences of some lessons in order.
    pub(crate) async fn sentences_of(
        &self,
        lessons: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Vec<Sentence>>, StoreError> {
        let rows = exercise::Entity::find()
            .filter(exercise::Column::LessonId.is_in(lessons))
            .filter(exercise::Column::WithdrawnAt.is_null())
            .order_by_asc(exercise::Column::Position)
            .order_by_asc(exercise::Column::Id)
            .all(&self.db)
            .await?;
        let mut of_lesson: HashMap<Uuid, Vec<Sentence>> = HashMap::new();
        for row in rows {
            of_lesson.entry(row.lesson_id).or_default().push(sentence(row));
        }
        Ok(of_lesson)
    }

    /// Titles of some lessons.
    pub(crate) async fn lesson_titles(
        &self,
        lessons: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        let rows = lesson::Entity::find().filter(lesson::Column::Id.is_in(lessons)).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.title)).collect())
    }
}

/// A row as the pages see it.
pub(crate) fn sentence(row: exercise::Model) -> Sentence {
    let alt = row.alt.clone().unwrap_or_default();
    Sentence {
        exercise: ExerciseId(row.id),
        content: content(&row),
        picture: row.picture_id.map(|media| Picture { media: MediaId(media), alt }),
        audio: course_audio::of(&row),
        text: row.text,
    }
}

/// What an exercise has beside its text. Where that cannot be read, the text can still be said.
pub(crate) fn content(row: &exercise::Model) -> Content {
    match Kind::from_tag(&row.kind) {
        Some(Kind::Paragraph) => Content::Paragraph,
        Some(Kind::Picture) => Content::Picture,
        _ => row.content.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
    }
}
