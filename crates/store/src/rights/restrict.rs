//! Restricting the processing of a person's data: nothing of it is opened but for the account, security and these rights,
//! until the restriction is lifted.

use std::collections::HashSet;

use jiayin_domain::id::PersonId;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::Claim;
use crate::entity::{membership, person};
use crate::{Store, StoreError, write};

impl Store {
    /// Whether any of these people has had processing restricted.
    pub(crate) async fn any_restricted(&self, people: &[PersonId]) -> Result<bool, StoreError> {
        Ok(!people.is_empty() && !self.restricted(people).await?.is_empty())
    }

    /// The condition on members of classes that they have had processing restricted.
    pub(crate) fn restricted_member() -> Condition {
        let member = Expr::col((membership::Entity, membership::Column::PersonId));
        let restricted = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(Expr::col((person::Entity, person::Column::Id)).eq(member))
            .filter(person::Column::RestrictedAt.is_not_null());
        Condition::all().add(Expr::exists(QueryTrait::into_query(restricted)))
    }

    /// Which of these people have had processing restricted.
    pub(crate) async fn restricted(&self, people: &[PersonId]) -> Result<HashSet<PersonId>, StoreError> {
        let found: Vec<Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::Id.is_in(people.iter().map(|person| person.0)))
            .filter(person::Column::RestrictedAt.is_not_null())
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(found.into_iter().map(PersonId).collect())
    }

    /// These people without those who have had processing restricted.
    pub(crate) async fn unrestricted(&self, mut people: Vec<PersonId>) -> Result<Vec<PersonId>, StoreError> {
        let restricted = self.restricted(&people).await?;
        people.retain(|person| !restricted.contains(person));
        Ok(people)
    }

    /// Whether the person has had processing restricted.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn is_restricted(&self, person: PersonId) -> Result<bool, StoreError> {
        self.any_restricted(&[person]).await
    }

    /// Restricts processing, which ends the tokens too, or lifts the restriction; work that waited goes on. False if that is
    /// not the claimant's to decide.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn restrict(&self, claim: &Claim, on: bool) -> Result<bool, StoreError> {
        if !claim.decides {
            return Ok(false);
        }
        self.note_claim(claim, if on { "restriction" } else { "restriction-lifted" }, claim.person.0).await?;
        let since = on.then(|| self.now_ms());
        let transaction = write::begin(&self.db).await?;
        person::Entity::update_many()
            .col_expr(person::Column::RestrictedAt, Expr::value(since))
            .filter(person::Column::Id.eq(claim.person.0))
            .exec(&transaction)
            .await?;
        if on {
            self.hold_jobs(&transaction, claim.person).await?;
            self.end_tokens(&transaction, claim.person).await?;
        } else {
            self.release_jobs(&transaction, claim.person).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}
