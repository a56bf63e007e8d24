//! The second step of signing in: the secret of an authenticator app, and recovery codes for when the phone is lost.

use jiayin_domain::id::{PersonId, new_uuid};
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, category, column, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::audit::{Details, asking, own};
use crate::entity::{recovery_code, second_step, session};
use crate::{Store, StoreError, Viewer, write};

/// A person's second step.
pub struct SecondStep {
    /// Opens the secret.
    pub grant: Grant<purpose::Security>,
    /// The secret, in base32.
    pub secret: Personal<String, category::Credential>,
}

impl Store {
    /// The second step of a person who is about to sign in; `None` if they have none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn second_step(&self, person: PersonId) -> Result<Option<SecondStep>, StoreError> {
        let Some(row) = second_step::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        let grant = self.grant(own(person, row.school_id.into())).await?;
        let key = self.keys.key(person).await?;
        let secret = key.open(column::second_step::SECRET, person.0, &Sealed::from_bytes(row.secret))?;
        Ok(Some(SecondStep { grant, secret }))
    }

    /// Keeps a second step, its first code having been shown, and new recovery codes in place of old ones.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn keep_second_step(
        &self,
        viewer: &Viewer,
        secret: &str,
        step: i64,
        codes: &[String],
    ) -> Result<(), StoreError> {
        let key = self.keys.key(viewer.person).await?;
        let sealed = key.seal(column::second_step::SECRET, viewer.person.0, secret, &*self.entropy)?;
        let now = self.now_ms();
        let row = second_step::ActiveModel {
            person_id: Set(viewer.person.0),
            school_id: Set(viewer.school.0),
            secret: Set(sealed.into_bytes()),
            last_step: Set(step),
            created_at: Set(now),
        };
        use second_step::Column::{CreatedAt, LastStep, PersonId, Secret};
        let replace = OnConflict::column(PersonId).update_columns([Secret, LastStep, CreatedAt]).to_owned();
        let codes = codes.iter().map(|code| recovery_code::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            school_id: Set(viewer.school.0),
            person_id: Set(viewer.person.0),
            code_hash: Set(self.recovery_hash(viewer.person, code)),
            created_at: Set(now),
        });
        let transaction = write::begin(&self.db).await?;
        second_step::Entity::insert(row).on_conflict(replace).exec_without_returning(&transaction).await?;
        self.drop_recovery_codes(&transaction, viewer.person).await?;
        recovery_code::Entity::insert_many(codes).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whether a code of this time step is taken: each is, once, and none before the last. One statement decides, however
    /// many come at once.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn take_step(&self, person: PersonId, step: i64) -> Result<bool, StoreError> {
        let taken = second_step::Entity::update_many()
            .col_expr(second_step::Column::LastStep, Expr::value(step))
            .filter(second_step::Column::PersonId.eq(person.0))
            .filter(second_step::Column::LastStep.lt(step))
            .exec(&self.db)
            .await?;
        Ok(taken.rows_affected > 0)
    }

    /// Whether this is one of the person's recovery codes. It is gone with that.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn take_recovery_code(&self, person: PersonId, code: &str) -> Result<bool, StoreError> {
        let taken = recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::PersonId.eq(person.0))
            .filter(recovery_code::Column::CodeHash.eq(self.recovery_hash(person, code)))
            .exec(&self.db)
            .await?;
        Ok(taken.rows_affected > 0)
    }

    /// How many recovery codes a person has left.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn recovery_codes_left(&self, person: PersonId) -> Result<u64, StoreError> {
        Ok(recovery_code::Entity::find().filter(recovery_code::Column::PersonId.eq(person.0)).count(&self.db).await?)
    }

    /// Gives the second step up.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn drop_second_step(&self, viewer: &Viewer) -> Result<(), StoreError> {
        let transaction = write::begin(&self.db).await?;
        second_step::Entity::delete_by_id(viewer.person.0).exec(&transaction).await?;
        self.drop_recovery_codes(&transaction, viewer.person).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes away the second step of somebody who has lost it, by the operator's hand, and signs them out everywhere. False,
    /// and nothing is changed, if they have none.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn reset_second_step(&self, person: PersonId) -> Result<bool, StoreError> {
        let Some(row) = second_step::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(false) };
        let request = asking(None, row.school_id.into(), Relation::System, Scope::One(person));
        let _: Grant<purpose::Security> = self.grant(request.about("second-step-reset", person.0)).await?;
        let transaction = write::begin(&self.db).await?;
        second_step::Entity::delete_by_id(person.0).exec(&transaction).await?;
        self.drop_recovery_codes(&transaction, person).await?;
        session::Entity::delete_many().filter(session::Column::PersonId.eq(person.0)).exec(&transaction).await?;
        self.end_tokens(&transaction, person).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn drop_recovery_codes(
        &self,
        transaction: &sea_orm::DatabaseTransaction,
        person: PersonId,
    ) -> Result<(), StoreError> {
        recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::PersonId.eq(person.0))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// The codes are random, so one keyed digest is enough: there is nothing to try.
    fn recovery_hash(&self, person: PersonId, code: &str) -> Vec<u8> {
        self.keys.tokens().digest("recovery code", &[person.0.as_bytes(), code.as_bytes()]).to_vec()
    }
}
