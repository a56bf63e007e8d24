//! The pictures of exercises: kept sealed under the key of the teacher who added them, seen by the school.

use jiayin_domain::exercise::Content;
use jiayin_domain::id::{ExerciseId, LessonId, MediaId, PersonId};
use jiayin_privacy::blob::BlobKind;
use jiayin_privacy::{Category, Grant, Relation, Scope, blob, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::courses::Picture;
use crate::entity::{exercise, media};
use crate::exercises::{NewExercise, insert};
use crate::{Store, StoreError, Viewer};

/// A picture to be kept: made anew from what was sent, so that nothing but the picture is in it.
pub struct NewPicture<'a> {
    /// Media type.
    pub mime: &'static str,
    /// The file.
    pub bytes: &'a [u8],
    /// What it shows, in words.
    pub alt: &'a str,
}

/// A picture to be shown.
pub struct Shown {
    /// Media type.
    pub mime: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Adds an exercise with a picture, which the learner looks at and says `text`, at the end of a lesson. `None` if there is
    /// no such lesson for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn add_picture_exercise(
        &self,
        viewer: &Viewer,
        lesson: LessonId,
        text: &str,
        picture: &NewPicture<'_>,
    ) -> Result<Option<ExerciseId>, StoreError> {
        if self.lesson_row(viewer, lesson).await?.is_none() {
            return Ok(None);
        }
        let file = self.keep_picture(viewer, picture).await?;
        let last = self.exercises_of(lesson.0).await?.last().map_or(0, |row| row.position);
        let new = NewExercise { text: text.to_owned(), content: Content::Picture };
        let row = self.new_row(viewer, lesson, last + 1, &new)?;
        let id = ExerciseId(row.id);
        let change = self.begin_on_lesson(viewer, lesson).await?;
        let picture_id = Some(file.media.0);
        insert(&change.transaction, exercise::Model { picture_id, alt: Some(file.alt), ..row }).await?;
        self.end_on_lesson(change).await?;
        Ok(Some(id))
    }

    /// Gives an exercise a picture in place of the one it may have. The exercise that stands now, as for
    /// [`Store::edit_exercise`]; `None` if there is no such exercise for the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn set_picture(
        &self,
        viewer: &Viewer,
        id: ExerciseId,
        picture: &NewPicture<'_>,
    ) -> Result<Option<ExerciseId>, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(None) };
        let file = self.keep_picture(viewer, picture).await?;
        self.with_picture(viewer, row, Some(file)).await.map(Some)
    }

    /// Describes the picture of an exercise in other words. `None` if the viewer has no such exercise with a picture.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn describe_picture(
        &self,
        viewer: &Viewer,
        id: ExerciseId,
        alt: &str,
    ) -> Result<Option<ExerciseId>, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(None) };
        let Some(media) = row.picture_id.map(MediaId) else { return Ok(None) };
        self.with_picture(viewer, row, Some(Picture { media, alt: alt.to_owned() })).await.map(Some)
    }

    /// Takes the picture off an exercise that can do without. `None` if the viewer has no such exercise.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_picture(&self, viewer: &Viewer, id: ExerciseId) -> Result<Option<ExerciseId>, StoreError> {
        let Some(row) = self.sentence_row(viewer, id).await? else { return Ok(None) };
        if crate::courses::content(&row).kind().needs_picture() {
            return Ok(None);
        }
        self.with_picture(viewer, row, None).await.map(Some)
    }

    async fn with_picture(
        &self,
        viewer: &Viewer,
        row: exercise::Model,
        picture: Option<Picture>,
    ) -> Result<ExerciseId, StoreError> {
        let (picture_id, alt) = picture.map(|picture| (picture.media.0, picture.alt)).unzip();
        if (row.picture_id, row.alt.as_ref()) == (picture_id, alt.as_ref()) {
            return Ok(ExerciseId(row.id));
        }
        let changed = exercise::Model { picture_id, alt, ..row.clone() };
        self.replace(viewer, row, changed).await
    }

    /// Keeps a file; it is nowhere shown before an exercise points to it.
    async fn keep_picture(&self, viewer: &Viewer, picture: &NewPicture<'_>) -> Result<Picture, StoreError> {
        let media = self.keep_file(viewer, blob::COURSE_PICTURE, (picture.mime, picture.bytes)).await?;
        Ok(Picture { media, alt: picture.alt.to_owned() })
    }

    /// Keeps a file of the viewer's, sealed under their key: its media type and its bytes.
    pub(crate) async fn keep_file<C: Category>(
        &self,
        viewer: &Viewer,
        kind: BlobKind<C>,
        (mime, bytes): (&str, &[u8]),
    ) -> Result<MediaId, StoreError> {
        let id: Uuid = MediaId::new(&*self.clock, &*self.entropy).0;
        let key = self.keys.key(viewer.person).await?;
        self.blobs.put(&key, kind, id, bytes, &*self.entropy).await?;
        let file = media::ActiveModel {
            id: Set(id),
            school_id: Set(viewer.school.0),
            subject_id: Set(viewer.person.0),
            kind: Set(kind.id().to_owned()),
            mime: Set(mime.to_owned()),
            sha256: Set(Sha256::digest(bytes).to_vec()),
            bytes: Set(i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
            duration_ms: Set(None),
            created_at: Set(self.now_ms()),
            reply_id: Set(None),
        };
        media::Entity::insert(file).exec_without_returning(&self.db).await?;
        Ok(MediaId(id))
    }

    /// A picture of an exercise. `None` if there is none in the viewer's school.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn course_picture(&self, viewer: &Viewer, id: MediaId) -> Result<Option<Shown>, StoreError> {
        let file = media::Entity::find_by_id(id.0).one(&self.db).await?;
        let kind = blob::COURSE_PICTURE;
        let allowed = |file: &media::Model| file.school_id == viewer.school.0 && file.kind == kind.id();
        let Some(file) = file.filter(allowed) else { return Ok(None) };
        let teacher = PersonId(file.subject_id);
        let request = asking(Some(viewer.person), viewer.school, Relation::Member, Scope::One(teacher));
        let grant: Grant<purpose::Courses> = self.grant(request.about("media", file.id)).await?;
        let bytes = self.blobs.get(&*self.keys.key(teacher).await?, kind, file.id, &grant).await?;
        Ok(Some(Shown { mime: file.mime, bytes }))
    }
}
