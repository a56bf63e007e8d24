//! Reading the ledger of consents: one person's decisions, and whether the whole of it is as it was written.

use jiayin_domain::consent::Decision;
use jiayin_domain::id::{ConsentId, PersonId};
use jiayin_privacy::ledger::{ConsentEntry, GENESIS, Hash};
use jiayin_privacy::map;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::consent::{CHAIN, digest};
use crate::entity::{chain, consent_entry};
use crate::{Store, StoreError, Viewer};

/// Entries that are checked at a time.
const PAGE: u64 = 1000;
/// Their rule in the data map.
const RETENTION: &str = "consent";

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

    /// Takes people out of entries whose time is over: who decided, and for whom. The rest stays, since the chain goes through
    /// it; that it was not altered, its hash can then no longer show, only that it stands where it stood.
    pub(crate) async fn blank_entries<D: ConnectionTrait>(
        &self,
        db: &D,
        ids: &[Uuid],
        now_ms: i64,
    ) -> Result<u64, StoreError> {
        let blanked = consent_entry::Entity::update_many()
            .col_expr(consent_entry::Column::SubjectId, Expr::value(Uuid::nil()))
            .col_expr(consent_entry::Column::ActorId, Expr::value(Uuid::nil()))
            .col_expr(consent_entry::Column::BlankedAt, Expr::value(Some(now_ms)))
            .filter(consent_entry::Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
        Ok(blanked.rows_affected)
    }

    /// Goes through the whole ledger: every entry fits its own hash and the one before. How many entries there are. An entry
    /// without people must be as old as the data map lets entries become; of its words the chain says nothing any more.
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
                let hash = match row.blanked_at {
                    Some(at) if is_blank(row) && at.saturating_sub(row.at) >= kept_ms() => digest(&row.hash).ok(),
                    Some(_) => None,
                    None => entry(row).ok().map(|entry| entry.hash(&previous)),
                };
                let Some(hash) = hash else { return Ok(Err(Broken::At(row.number))) };
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

/// So long an entry is kept whole at least, in milliseconds.
fn kept_ms() -> i64 {
    let days = map::retention(RETENTION).and_then(|it| it.days).unwrap_or(0);
    i64::from(days) * 24 * 3600 * 1000
}

fn is_blank(row: &consent_entry::Model) -> bool {
    row.subject_id.is_nil() && row.actor_id.is_nil()
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
