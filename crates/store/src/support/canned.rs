//! Answers that a desk keeps ready: the school's own words, about nobody, shared by all who work at the desk.

use jiayin_domain::id::CannedAnswerId;
use jiayin_domain::role::Role;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::desk::campus_of_desk;
use crate::entity::canned_answer::{self, Column};
use crate::{Store, StoreError, Viewer, write};

/// Answers that one desk may keep.
pub const CANNED_MAX: u64 = 100;

/// An answer that is kept ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// The answer.
    pub id: CannedAnswerId,
    /// What it is called.
    pub title: String,
    /// Its words.
    pub text: String,
}

/// The answers of the viewer's desk; `None` for who has none.
fn of_desk(viewer: &Viewer) -> Option<Condition> {
    let of_school = Condition::all().add(Column::SchoolId.eq(viewer.school.0));
    match viewer.role {
        Role::CampusManager => Some(of_school.add(Column::CampusId.eq(viewer.campus?.0))),
        Role::PrivacyOfficer => Some(of_school.add(Column::CampusId.is_null())),
        _ => None,
    }
}

impl Store {
    /// What the viewer's desk keeps ready, by title. `None` for who has no desk.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn canned_answers(&self, viewer: &Viewer) -> Result<Option<Vec<Canned>>, StoreError> {
        let Some(mine) = of_desk(viewer) else { return Ok(None) };
        let found = canned_answer::Entity::find().filter(mine).order_by_asc(Column::Title).order_by_asc(Column::Id);
        let rows = found.all(&self.db).await?;
        let canned = |row: canned_answer::Model| Canned { id: row.id.into(), title: row.title, text: row.text };
        Ok(Some(rows.into_iter().map(canned).collect()))
    }

    /// Keeps an answer ready. `None` if the viewer has no desk, or that has [`CANNED_MAX`] of them.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn keep_canned(
        &self,
        viewer: &Viewer,
        title: &str,
        text: &str,
    ) -> Result<Option<CannedAnswerId>, StoreError> {
        let Some(mine) = of_desk(viewer) else { return Ok(None) };
        let id = CannedAnswerId::new(&*self.clock, &*self.entropy);
        let transaction = write::begin(&self.db).await?;
        if canned_answer::Entity::find().filter(mine).count(&transaction).await? >= CANNED_MAX {
            transaction.rollback().await?;
            return Ok(None);
        }
        let new = canned_answer::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            author_id: Set(viewer.person.0),
            campus_id: Set(campus_of_desk(viewer).map(|campus| campus.0)),
            title: Set(title.to_owned()),
            text: Set(text.to_owned()),
            created_at: Set(self.now_ms()),
        };
        canned_answer::Entity::insert(new).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Throws an answer of the viewer's desk away. False if there is no such.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn drop_canned(&self, viewer: &Viewer, id: CannedAnswerId) -> Result<bool, StoreError> {
        let Some(mine) = of_desk(viewer) else { return Ok(false) };
        let gone = canned_answer::Entity::delete_many().filter(mine).filter(Column::Id.eq(id.0)).exec(&self.db).await?;
        Ok(gone.rows_affected == 1)
    }
}
