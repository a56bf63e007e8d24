//! The comment bank: a teacher's own phrases, to be put into comments with one key.

use jiayin_domain::id::PhraseId;
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Sealed, category, column, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::audit::own;
use crate::entity::phrase;
use crate::{Store, StoreError, Viewer, write};

/// Most phrases of one teacher.
pub const BANK_MAX: u64 = 40;

/// A teacher's phrases.
pub struct Bank {
    /// Opens them.
    pub grant: Grant<purpose::Teaching>,
    /// The phrases, the oldest first: their numbers stay when others are added.
    pub phrases: Vec<(PhraseId, Personal<String, category::Comment>)>,
}

impl Store {
    /// The phrases of the viewer.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn bank(&self, viewer: &Viewer) -> Result<Bank, StoreError> {
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let rows = phrase::Entity::find()
            .filter(phrase::Column::TeacherId.eq(viewer.person.0))
            .order_by_asc(phrase::Column::CreatedAt)
            .order_by_asc(phrase::Column::Id)
            .all(&self.db)
            .await?;
        let key = self.keys.key(viewer.person).await?;
        let open = |row: phrase::Model| {
            Ok((PhraseId(row.id), key.open(column::phrase::TEXT, row.id, &Sealed::from_bytes(row.text))?))
        };
        Ok(Bank { grant, phrases: rows.into_iter().map(open).collect::<Result<_, StoreError>>()? })
    }

    /// Adds a phrase to the viewer's. `None` if the viewer is no teacher, or has [`BANK_MAX`] of them.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn add_phrase(&self, viewer: &Viewer, text: &str) -> Result<Option<PhraseId>, StoreError> {
        if viewer.role != Role::Teacher {
            return Ok(None);
        }
        let key = self.keys.key(viewer.person).await?;
        let id = PhraseId::new(&*self.clock, &*self.entropy);
        let sealed = key.seal(column::phrase::TEXT, id.0, &text, &*self.entropy)?.into_bytes();
        let transaction = write::begin(&self.db).await?;
        let mine = phrase::Entity::find().filter(phrase::Column::TeacherId.eq(viewer.person.0));
        if mine.count(&transaction).await? >= BANK_MAX {
            transaction.rollback().await?;
            return Ok(None);
        }
        let new = phrase::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            teacher_id: Set(viewer.person.0),
            text: Set(sealed),
            created_at: Set(self.now_ms()),
        };
        phrase::Entity::insert(new).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Changes a phrase of the viewer. False if it is not theirs.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn change_phrase(&self, viewer: &Viewer, id: PhraseId, text: &str) -> Result<bool, StoreError> {
        let key = self.keys.key(viewer.person).await?;
        let sealed = key.seal(column::phrase::TEXT, id.0, &text, &*self.entropy)?.into_bytes();
        let changed = phrase::Entity::update_many()
            .col_expr(phrase::Column::Text, Expr::value(sealed))
            .filter(phrase::Column::Id.eq(id.0))
            .filter(phrase::Column::TeacherId.eq(viewer.person.0))
            .exec(&self.db)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Removes a phrase of the viewer. False if it is not theirs.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_phrase(&self, viewer: &Viewer, id: PhraseId) -> Result<bool, StoreError> {
        let removed = phrase::Entity::delete_many()
            .filter(phrase::Column::Id.eq(id.0))
            .filter(phrase::Column::TeacherId.eq(viewer.person.0))
            .exec(&self.db)
            .await?;
        Ok(removed.rows_affected == 1)
    }
}
