//! Legal holds: a person's data is kept beyond its time, and whatever they ask for, because a law or an authority wants it.
//! A hold has a reason, an end, and is seen by whom it is about.

use jiayin_domain::id::{HoldId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::category::Hold as HoldCategory;
use jiayin_privacy::{Grant, Personal, Refusal, Relation, Scope, Sealed, column, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{legal_hold, person};
use crate::{Store, StoreError, Viewer, time};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// A hold ends within so many days (three years); where that is too short, it is placed again.
pub const LONGEST_HOLD_DAYS: i64 = 1096;
/// Holds that are shown at a time, those in force first.
const SHOWN: u64 = 200;

/// A legal hold.
pub struct Hold {
    /// The hold.
    pub hold: HoldId,
    /// Whose data it keeps.
    pub person: PersonId,
    /// Why; `None` once the person has been erased.
    pub reason: Option<Personal<String, HoldCategory>>,
    /// Since when.
    pub placed: Timestamp,
    /// Its end, if it is not lifted before.
    pub ends: Timestamp,
    /// When it was lifted.
    pub lifted: Option<Timestamp>,
    /// Whether it holds now.
    pub in_force: bool,
}

/// Holds with the grant that opens their reasons.
pub struct Holds {
    /// Opens them; `None` if there are no holds.
    pub grant: Option<Grant<purpose::Retention>>,
    /// The holds.
    pub holds: Vec<Hold>,
}

/// Why a hold cannot be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldError {
    /// There is no such person in the school.
    Nobody,
    /// The end has passed, or is further away than [`LONGEST_HOLD_DAYS`].
    End,
}

fn in_force(now_ms: i64) -> Condition {
    Condition::all().add(legal_hold::Column::LiftedAt.is_null()).add(legal_hold::Column::EndsAt.gt(now_ms))
}

impl Store {
    /// Places a hold on a person of the officer's school. `None` for anybody but the privacy officer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn place_hold(
        &self,
        viewer: &Viewer,
        person: PersonId,
        reason: &str,
        ends: Timestamp,
    ) -> Result<Option<Result<HoldId, HoldError>>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        let found = person::Entity::find_by_id(person.0)
            .filter(person::Column::SchoolId.eq(viewer.school.0))
            .filter(person::Column::ClosedAt.is_null())
            .one(&self.db)
            .await?;
        if found.is_none() {
            return Ok(Some(Err(HoldError::Nobody)));
        }
        let (now, ends) = (self.now_ms(), ends.as_millisecond());
        if ends <= now || ends > now.saturating_add(LONGEST_HOLD_DAYS * DAY_MS) {
            return Ok(Some(Err(HoldError::End)));
        }
        let id = HoldId::new(&*self.clock, &*self.entropy);
        self.note_hold(viewer, person, "hold", id).await?;
        let key = self.keys.key(person).await?;
        let sealed = key.seal(column::legal_hold::REASON, id.0, &reason, &*self.entropy)?;
        let row = legal_hold::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            person_id: Set(person.0),
            placed_by: Set(viewer.person.0),
            lifted_by: Set(None),
            reason: Set(sealed.into_bytes()),
            placed_at: Set(now),
            ends_at: Set(ends),
            lifted_at: Set(None),
        };
        legal_hold::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(Some(Ok(id)))
    }

    /// Lifts a hold before its end. False if there is none in force for this officer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn lift_hold(&self, viewer: &Viewer, hold: HoldId) -> Result<bool, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(false);
        }
        let now = self.now_ms();
        let of_school = legal_hold::Entity::find_by_id(hold.0)
            .filter(legal_hold::Column::SchoolId.eq(viewer.school.0))
            .filter(in_force(now));
        let Some(row) = of_school.one(&self.db).await? else { return Ok(false) };
        self.note_hold(viewer, PersonId(row.person_id), "hold-lifted", hold).await?;
        let lifted = legal_hold::Entity::update_many()
            .col_expr(legal_hold::Column::LiftedAt, Expr::value(Some(now)))
            .col_expr(legal_hold::Column::LiftedBy, Expr::value(Some(viewer.person.0)))
            .filter(legal_hold::Column::Id.eq(hold.0))
            .filter(in_force(now))
            .exec(&self.db)
            .await?;
        Ok(lifted.rows_affected == 1)
    }

    async fn note_hold(
        &self,
        viewer: &Viewer,
        person: PersonId,
        what: &'static str,
        hold: HoldId,
    ) -> Result<(), StoreError> {
        let request = asking(Some(viewer.person), viewer.school, Relation::Officer, Scope::One(person));
        self.grant::<purpose::Retention>(request.about(what, hold.0)).await?;
        Ok(())
    }

    /// The holds of the officer's school, those in force first. `None` for anybody else.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn holds(&self, viewer: &Viewer) -> Result<Option<Holds>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        let now = self.now_ms();
        let rows = legal_hold::Entity::find()
            .filter(legal_hold::Column::SchoolId.eq(viewer.school.0))
            .order_by_desc(Expr::col(legal_hold::Column::EndsAt).gt(now).and(legal_hold::Column::LiftedAt.is_null()))
            .order_by_desc(legal_hold::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        if rows.is_empty() {
            return Ok(Some(Holds { grant: None, holds: Vec::new() }));
        }
        let people: Vec<PersonId> = rows.iter().map(|row| PersonId(row.person_id)).collect();
        let scope = Scope::many(people.iter().copied());
        let grant = self.grant(asking(Some(viewer.person), viewer.school, Relation::Officer, scope)).await?;
        let keys = self.keys.keys(&people).await?;
        let mut holds = Vec::with_capacity(rows.len());
        for row in rows {
            let sealed = Sealed::from_bytes(row.reason);
            let key = keys.get(&PersonId(row.person_id));
            holds.push(Hold {
                hold: HoldId(row.id),
                person: PersonId(row.person_id),
                reason: key.map(|key| key.open(column::legal_hold::REASON, row.id, &sealed)).transpose()?,
                placed: time(row.placed_at),
                ends: time(row.ends_at),
                lifted: row.lifted_at.map(time),
                in_force: row.lifted_at.is_none() && row.ends_at > now,
            });
        }
        Ok(Some(Holds { grant: Some(grant), holds }))
    }

    /// Until when what is kept of a person may not be deleted, if there is such a time.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn held_until(&self, person: PersonId) -> Result<Option<Timestamp>, StoreError> {
        let latest = legal_hold::Entity::find()
            .filter(legal_hold::Column::PersonId.eq(person.0))
            .filter(in_force(self.now_ms()))
            .order_by_desc(legal_hold::Column::EndsAt)
            .one(&self.db)
            .await?;
        Ok(latest.map(|row| time(row.ends_at)))
    }

    /// Refuses what would delete something of a person while a hold is in force.
    pub(crate) async fn must_not_be_held(&self, person: PersonId) -> Result<(), StoreError> {
        match self.held_until(person).await? {
            Some(_) => Err(StoreError::Refused(Refusal::Held)),
            None => Ok(()),
        }
    }

    /// Everybody of whom nothing may be deleted now.
    pub(super) async fn held(&self) -> Result<Vec<Uuid>, StoreError> {
        let people = legal_hold::Entity::find()
            .select_only()
            .column(legal_hold::Column::PersonId)
            .distinct()
            .filter(in_force(self.now_ms()));
        Ok(people.into_tuple().all(&self.db).await?)
    }
}
