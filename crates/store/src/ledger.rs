//! Reading the ledger of consents: one person's decisions, and whether the whole of it is as it was written.

use jiayin_domain::consent::Decision;
use jiayin_domain::id::{ConsentId, PersonId};
use jiayin_privacy::ledger::{ConsentEntry, GENESIS, Hash};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::consent::{CHAIN, digest};
use crate::entity::{chain, consent_entry};
use crate::{Store, StoreError, Viewer};

/// Entries that are checked at a time.
const PAGE: u64 = 1000;

/// What is wrong with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The entry with this number does not fit the one before it, or itself.
    At(i64),
    /// Entries are missing at the end, or the end was written by somebody else.
    End,
}

impl Store {
    /// All decisions about a person, the newest first; `None` if the viewer does not decide for them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn decisions(
        &self,
        viewer: &Viewer,
        subject: PersonId,
    ) -> Result<Option<Vec<(ConsentEntry, Hash)>>, StoreError> {
        if self.decides_for(viewer, subject).await?.is_none() {
            return Ok(None);
        }
        let rows = consent_entry::Entity::find()
            .filter(consent_entry::Column::SubjectId.eq(subject.0))
            .order_by_desc(consent_entry::Column::Number)
            .all(&self.db)
            .await?;
        rows.iter().map(|row| Ok((entry(row)?, digest(&row.hash)?))).collect::<Result<_, _>>().map(Some)
    }

    /// Goes through the whole ledger: every entry fits its own hash and the one before. How many entries there are.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn check_ledger(&self) -> Result<Result<i64, Broken>, StoreError> {
        let (mut number, mut previous) = (0, GENESIS);
        loop {
            let rows = consent_entry::Entity::find()
                .filter(consent_entry::Column::Number.gt(number))
                .order_by_asc(consent_entry::Column::Number)
                .limit(PAGE)
                .all(&self.db)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let Ok(entry) = entry(row) else { return Ok(Err(Broken::At(row.number))) };
                let hash = entry.hash(&previous);
                if row.number != number + 1 || row.previous != previous || row.hash != hash {
                    return Ok(Err(Broken::At(number + 1)));
                }
                (number, previous) = (row.number, hash);
            }
        }
        let end = chain::Entity::find_by_id(CHAIN.to_owned()).one(&self.db).await?;
        let fits = end.map_or(number == 0, |end| end.number == number && end.hash == previous);
        Ok(if fits { Ok(number) } else { Err(Broken::End) })
    }
}

fn entry(row: &consent_entry::Model) -> Result<ConsentEntry, StoreError> {
    let unknown = || StoreError::Sealed("an unknown word in the ledger".to_owned());
    Ok(ConsentEntry {
        id: ConsentId(row.id),
        number: row.number,
        school: row.school_id.into(),
        actor: PersonId(row.actor_id),
        subject: PersonId(row.subject_id),
        purpose: row.purpose.clone(),
        decision: Decision::from_tag(&row.decision).ok_or_else(unknown)?,
        version: row.version,
        digest: digest(&row.digest)?,
        language: row.language.clone(),
        surface: row.surface.clone(),
        at: row.at,
    })
}
