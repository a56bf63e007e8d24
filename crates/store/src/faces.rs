//! What stands beside a person's name: a drawing that they chose, a picture of themselves, or nothing but a letter.

use jiayin_domain::id::{MediaId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Refusal, Relation, Scope, Sealed, SubjectKey, blob, category, column, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::{Details, asking, own};
use crate::course_pictures::Shown;
use crate::entity::{media, person};
use crate::{Store, StoreError, Viewer, write};

/// What stands beside a person's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Face {
    /// The first letter of the name.
    #[default]
    Letter,
    /// A drawing, by its name; which ones there are is the pages' business.
    Drawing(String),
    /// A picture of themselves.
    Portrait(MediaId),
}

impl Face {
    /// From the columns of the person: a picture goes before a drawing.
    pub(crate) fn of(drawing: Option<String>, portrait: Option<Uuid>) -> Self {
        match (portrait, drawing) {
            (Some(portrait), _) => Self::Portrait(MediaId(portrait)),
            (None, Some(drawing)) => Self::Drawing(drawing),
            (None, None) => Self::Letter,
        }
    }
}

/// What a list shows of a person.
pub struct Known {
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// What stands beside it.
    pub face: Face,
}

/// The columns of a person from which that is made.
#[derive(FromQueryResult)]
pub(crate) struct KnownRow {
    pub(crate) id: Uuid,
    name: Vec<u8>,
    drawing: Option<String>,
    portrait_id: Option<Uuid>,
}

impl KnownRow {
    pub(crate) const COLUMNS: [person::Column; 4] =
        [person::Column::Id, person::Column::Name, person::Column::Drawing, person::Column::PortraitId];

    /// Opens the name with the person's key.
    pub(crate) fn open(self, key: &SubjectKey) -> Result<Known, StoreError> {
        let name = key.open(column::person::NAME, self.id, &Sealed::from_bytes(self.name))?;
        Ok(Known { name, face: Face::of(self.drawing, self.portrait_id) })
    }
}

impl Store {
    /// Chooses a drawing, or the letter, for oneself; a picture that was there before is deleted.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn choose_drawing(&self, viewer: &Viewer, drawing: Option<&str>) -> Result<(), StoreError> {
        self.change_face(viewer, drawing, None).await
    }

    /// Keeps a picture of oneself in place of what was there before, which is deleted.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn set_portrait(&self, viewer: &Viewer, mime: &'static str, bytes: &[u8]) -> Result<(), StoreError> {
        let id: Uuid = MediaId::new(&*self.clock, &*self.entropy).0;
        let key = self.keys.key(viewer.person).await?;
        self.blobs.put(&key, blob::PORTRAIT, id, bytes, &*self.entropy).await?;
        let file = media::ActiveModel {
            id: Set(id),
            school_id: Set(viewer.school.0),
            subject_id: Set(viewer.person.0),
            kind: Set(blob::PORTRAIT.id().to_owned()),
            mime: Set(mime.to_owned()),
            sha256: Set(Sha256::digest(bytes).to_vec()),
            bytes: Set(i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
            duration_ms: Set(None),
            created_at: Set(self.now_ms()),
            reply_id: Set(None),
        };
        self.change_face(viewer, None, Some(file)).await
    }

    async fn change_face(
        &self,
        viewer: &Viewer,
        drawing: Option<&str>,
        portrait: Option<media::ActiveModel>,
    ) -> Result<(), StoreError> {
        let held = match self.must_not_be_held(viewer.person).await {
            Ok(()) => false,
            Err(StoreError::Refused(Refusal::Held)) => true,
            Err(error) => return Err(error),
        };
        let transaction = write::begin(&self.db).await?;
        let row = person::Entity::find_by_id(viewer.person.0).one(&transaction).await?;
        // What a legal hold keeps is no longer shown, and goes with the account.
        let old = row.and_then(|row| row.portrait_id).filter(|_| !held);
        let new = match portrait {
            Some(file) => Some(media::Entity::insert(file).exec(&transaction).await?.last_insert_id),
            None => None,
        };
        person::Entity::update_many()
            .col_expr(person::Column::Drawing, Expr::value(drawing))
            .col_expr(person::Column::PortraitId, Expr::value(new))
            .filter(person::Column::Id.eq(viewer.person.0))
            .exec(&transaction)
            .await?;
        if let Some(old) = old {
            media::Entity::delete_by_id(old).exec(&transaction).await?;
        }
        transaction.commit().await?;
        match old {
            Some(old) => self.blobs.remove(blob::PORTRAIT.id(), old).await,
            None => Ok(()),
        }
    }

    /// A picture of a person: one's own, or that of someone who works for one's school. `None` for any other.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn portrait(&self, viewer: &Viewer, id: MediaId) -> Result<Option<Shown>, StoreError> {
        let kind = blob::PORTRAIT;
        let file = media::Entity::find_by_id(id.0).one(&self.db).await?;
        let Some(file) = file.filter(|file| file.kind == kind.id() && file.school_id == viewer.school.0) else {
            return Ok(None);
        };
        let subject = PersonId(file.subject_id);
        if subject == viewer.person {
            let grant: Grant<purpose::Account> = self.grant(own(subject, viewer.school)).await?;
            let bytes = self.blobs.get(&*self.keys.key(subject).await?, kind, file.id, &grant).await?;
            return Ok(Some(Shown { mime: file.mime, bytes }));
        }
        let row = person::Entity::find_by_id(subject.0).one(&self.db).await?;
        let works_here = |row: &person::Model| {
            let role = Role::from_tag(&row.role);
            row.closed_at.is_none()
                && row.portrait_id == Some(file.id)
                && matches!(role, Some(Role::Teacher | Role::CampusManager | Role::PrivacyOfficer))
        };
        if !row.as_ref().is_some_and(works_here) {
            return Ok(None);
        }
        let request = asking(Some(viewer.person), viewer.school, Relation::Member, Scope::One(subject));
        let grant: Grant<purpose::Courses> = self.grant(request.about("media", file.id)).await?;
        let bytes = self.blobs.get(&*self.keys.key(subject).await?, kind, file.id, &grant).await?;
        Ok(Some(Shown { mime: file.mime, bytes }))
    }
}
