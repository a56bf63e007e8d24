//! The person as the pages about their rights show them, and their name put right.

use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, category, column, purpose};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Claim;
use crate::audit::asking;
use crate::entity::{guardianship, person};
use crate::{Store, StoreError, Viewer};
use jiayin_domain::id::PersonId;

/// Children whose processing is restricted.
pub struct RestrictedChildren {
    /// Opens their names.
    pub grant: Grant<purpose::Rights>,
    /// The children.
    pub children: Vec<(PersonId, Personal<String, category::Name>)>,
}

impl Store {
    /// What the person is called.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn name_of(&self, claim: &Claim) -> Result<String, StoreError> {
        let grant = self.open_claim(claim, None).await?;
        let row = person::Entity::find_by_id(claim.person.0).one(&self.db).await?.ok_or(StoreError::Lost)?;
        let key = self.keys.key(claim.person).await?;
        let name: Personal<String, _> = key.open(column::person::NAME, row.id, &Sealed::from_bytes(row.name))?;
        Ok(name.into_inner(&grant)?)
    }

    /// Corrects the name of the person.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn correct_name(&self, claim: &Claim, name: &str) -> Result<(), StoreError> {
        self.note_claim(claim, "correction", claim.person.0).await?;
        let key = self.keys.key(claim.person).await?;
        let sealed = key.seal(column::person::NAME, claim.person.0, &name, &*self.entropy)?;
        person::Entity::update_many()
            .col_expr(person::Column::Name, Expr::value(sealed.into_bytes()))
            .filter(person::Column::Id.eq(claim.person.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// The viewer's children whose processing is restricted: of them the family's page shows the name alone.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn restricted_children(&self, viewer: &Viewer) -> Result<RestrictedChildren, StoreError> {
        let rows = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .order_by_asc(guardianship::Column::Id)
            .all(&self.db)
            .await?;
        let mut people: Vec<PersonId> = rows.iter().map(|row| PersonId(row.learner_id)).collect();
        let restricted = self.restricted(&people).await?;
        people.retain(|person| restricted.contains(person));
        let scope = Scope::many(people.clone());
        let grant = self.grant(asking(Some(viewer.person), viewer.school, Relation::Guardian, scope)).await?;
        let children = self.names(&people).await?.into_iter().collect();
        Ok(RestrictedChildren { grant, children })
    }
}
