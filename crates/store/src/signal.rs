//! Global Privacy Control: a browser that asks not to be advertised to has said no to the purposes that the map marks, and
//! what its owner granted for them before is taken back.

use jiayin_domain::consent::Decision;
use jiayin_domain::role::Role;
use jiayin_privacy::map::PurposeEntry;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::consent::{Choice, Shown, asked_of};
use crate::entity::consent_state;
use crate::{Store, StoreError, Viewer};

impl Store {
    /// Takes back what the viewer has granted for purposes that the signal refuses, and enters that in the ledger. Whether
    /// there was anything to be taken back: the next request finds nothing.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn heed_signal(&self, viewer: &Viewer, shown: &Shown) -> Result<bool, StoreError> {
        // A learner has granted nothing, the guardian decides.
        if viewer.role == Role::Learner {
            return Ok(false);
        }
        let refused: Vec<&PurposeEntry> = asked_of(false).into_iter().filter(|purpose| purpose.signal).collect();
        let granted = consent_state::Entity::find()
            .filter(consent_state::Column::SubjectId.eq(viewer.person.0))
            .filter(consent_state::Column::Decision.eq(Decision::Given.tag()))
            .filter(consent_state::Column::Purpose.is_in(refused.iter().map(|purpose| purpose.id)))
            .all(&self.db)
            .await?;
        let back = refused.iter().filter(|purpose| granted.iter().any(|row| row.purpose == purpose.id));
        let choices: Vec<Choice> = back
            .map(|purpose| Choice { subject: viewer.person, purpose: purpose.id, decision: Decision::Withdrawn })
            .collect();
        if choices.is_empty() {
            return Ok(false);
        }
        self.decide(viewer, &choices, shown).await
    }
}
