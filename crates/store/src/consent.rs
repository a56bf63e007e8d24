//! Consent: the ledger, where it stands now, and what follows from a decision at once.
//!
//! The ledger is only ever appended to, each entry chained to the one before. `consent_state` is what the ledger comes to
//! for each person and purpose; both are written in one transaction, with the jobs that a decision stops or lets go on.

use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::{ConsentId, PersonId, SchoolId, new_uuid};
use jiayin_domain::role::Role;
use jiayin_privacy::ledger::{ConsentEntry, GENESIS, Hash};
use jiayin_privacy::{AskedOf, Consent, Purpose, map, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoCondition, OnConflict};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait};

use crate::entity::{chain, consent_entry, consent_state, membership, person};
use crate::{Store, StoreError, Viewer, write};

/// The purpose under which joining, the policy as a whole, is agreed to.
pub const AGREEMENT: &str = <purpose::Account as Purpose>::ID;
/// Name of the ledger's chain.
pub(crate) const CHAIN: &str = "consent";

/// The policy that was shown, and how.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its version.
    pub version: i64,
    /// That version's digest.
    pub digest: Hash,
    /// The language in which it was shown.
    pub language: &'static str,
    /// Where.
    pub surface: Surface,
}

/// A decision about one purpose for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// For whom.
    pub subject: PersonId,
    /// Id of the purpose in the data map.
    pub purpose: &'static str,
    /// What was decided.
    pub decision: Decision,
}

/// Where one purpose stands for a person.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The purpose, as the map has it.
    pub purpose: &'static map::PurposeEntry,
    /// Whether the person's service of this kind depends on it.
    pub asked: AskedOf,
    /// Where it stands.
    pub consent: Consent,
    /// When it was decided last.
    pub since: Option<jiff::Timestamp>,
}

impl Store {
    /// Decides about purposes, for oneself or for one's own child. False if someone among the subjects is neither, or a
    /// purpose is not asked of them.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing is.
    pub async fn decide(&self, viewer: &Viewer, choices: &[Choice], shown: &Shown) -> Result<bool, StoreError> {
        for choice in choices {
            let Some(child) = self.decides_for(viewer, choice.subject).await? else { return Ok(false) };
            if !is_asked(choice.purpose, child) {
                return Ok(false);
            }
        }
        let transaction = write::begin(&self.db).await?;
        self.enter(&transaction, viewer.school, viewer.person, choices, shown).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Whether the viewer decides for somebody, and if so whether that is a child: one's own child, or oneself. A learner
    /// decides nothing, not even for themselves.
    pub(crate) async fn decides_for(&self, viewer: &Viewer, subject: PersonId) -> Result<Option<bool>, StoreError> {
        Ok(match viewer.role {
            Role::Learner => None,
            _ if viewer.person == subject => Some(false),
            Role::Guardian if self.is_guardian(viewer, subject).await? => Some(true),
            _ => None,
        })
    }

    /// Writes decisions into the ledger, and what follows from them, within a transaction. A decision that stands already,
    /// under the same version, is not written twice.
    pub(crate) async fn enter<D: ConnectionTrait>(
        &self,
        db: &D,
        school: SchoolId,
        actor: PersonId,
        choices: &[Choice],
        shown: &Shown,
    ) -> Result<(), StoreError> {
        let (mut number, mut previous) = self.end_of_ledger(db).await?;
        let now = self.now_ms();
        for choice in choices {
            let known = consent_state::Entity::find()
                .filter(consent_state::Column::SubjectId.eq(choice.subject.0))
                .filter(consent_state::Column::Purpose.eq(choice.purpose))
                .one(db)
                .await?;
            let stands =
                |row: &consent_state::Model| row.decision == choice.decision.tag() && row.version >= shown.version;
            if known.as_ref().is_some_and(stands) {
                continue;
            }
            number += 1;
            let entry = ConsentEntry {
                id: ConsentId::new(&*self.clock, &*self.entropy),
                number,
                school,
                actor,
                subject: choice.subject,
                purpose: choice.purpose.to_owned(),
                decision: choice.decision,
                version: shown.version,
                digest: shown.digest,
                language: shown.language.to_owned(),
                surface: shown.surface.tag().to_owned(),
                at: now,
            };
            let hash = entry.hash(&previous);
            self.append_consent(db, &entry, &previous, &hash).await?;
            self.stand(db, &entry).await?;
            self.follow(db, choice).await?;
            previous = hash;
        }
        chain::Entity::update_many()
            .col_expr(chain::Column::Number, Expr::value(number))
            .col_expr(chain::Column::Hash, Expr::value(previous.to_vec()))
            .filter(chain::Column::Name.eq(CHAIN))
            .exec(db)
            .await?;
        Ok(())
    }

    /// The ledger's last number and hash, locked until the transaction ends: entries are appended one after the other.
    async fn end_of_ledger<D: ConnectionTrait>(&self, db: &D) -> Result<(i64, Hash), StoreError> {
        let first = chain::ActiveModel { name: Set(CHAIN.to_owned()), number: Set(0), hash: Set(GENESIS.to_vec()) };
        chain::Entity::insert(first)
            .on_conflict(OnConflict::column(chain::Column::Name).do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
        let row = chain::Entity::find_by_id(CHAIN.to_owned()).lock_exclusive().one(db).await?;
        let row = row.ok_or(StoreError::Lost)?;
        Ok((row.number, digest(&row.hash)?))
    }

    async fn append_consent<D: ConnectionTrait>(
        &self,
        db: &D,
        entry: &ConsentEntry,
        previous: &Hash,
        hash: &Hash,
    ) -> Result<(), StoreError> {
        let row = consent_entry::ActiveModel {
            id: Set(entry.id.0),
            school_id: Set(entry.school.0),
            number: Set(entry.number),
            actor_id: Set(entry.actor.0),
            subject_id: Set(entry.subject.0),
            purpose: Set(entry.purpose.clone()),
            decision: Set(entry.decision.tag().to_owned()),
            version: Set(entry.version),
            digest: Set(entry.digest.to_vec()),
            language: Set(entry.language.clone()),
            surface: Set(entry.surface.clone()),
            at: Set(entry.at),
            previous: Set(previous.to_vec()),
            hash: Set(hash.to_vec()),
            blanked_at: Set(None),
        };
        consent_entry::Entity::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    /// Makes the entry what stands.
    async fn stand<D: ConnectionTrait>(&self, db: &D, entry: &ConsentEntry) -> Result<(), StoreError> {
        use consent_state::Column::{At, Decision, EntryId, Purpose, SubjectId, Version};
        let row = consent_state::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            school_id: Set(entry.school.0),
            subject_id: Set(entry.subject.0),
            purpose: Set(entry.purpose.clone()),
            decision: Set(entry.decision.tag().to_owned()),
            version: Set(entry.version),
            at: Set(entry.at),
            entry_id: Set(entry.id.0),
        };
        let anew =
            OnConflict::columns([SubjectId, Purpose]).update_columns([Decision, Version, At, EntryId]).to_owned();
        consent_state::Entity::insert(row).on_conflict(anew).exec_without_returning(db).await?;
        Ok(())
    }

    /// What a decision does to the work that waits, and to what is kept: without consent to teaching no recording of the
    /// child is heard, and without consent to surveys no answer stays.
    async fn follow<D: ConnectionTrait>(&self, db: &D, choice: &Choice) -> Result<(), StoreError> {
        if choice.purpose == <purpose::Surveys as Purpose>::ID && choice.decision != Decision::Given {
            return self.forget_replies(db, choice.subject).await;
        }
        if choice.purpose != <purpose::Teaching as Purpose>::ID {
            return Ok(());
        }
        match choice.decision {
            Decision::Given => self.release_jobs(db, choice.subject).await,
            Decision::Refused | Decision::Withdrawn => self.hold_jobs(db, choice.subject).await,
        }
    }

    /// What stands between purpose `P` and several people together: the least of their consents, and whether processing is
    /// restricted for any of them. One question, answered by one row for each way in which people stand.
    pub(crate) async fn standing_of<P: Purpose>(&self, people: &[PersonId]) -> Result<(Consent, bool), StoreError> {
        let asks = jiayin_privacy::asks::<P>();
        if people.is_empty() || (!asks && P::DESPITE_RESTRICTION) {
            return Ok((Consent::NotNeeded, false));
        }
        if !asks {
            return Ok((Consent::NotNeeded, self.any_restricted(people).await?));
        }
        let decided = person::Entity::belongs_to(consent_state::Entity)
            .from(person::Column::Id)
            .to(consent_state::Column::SubjectId)
            .on_condition(|_, state| Expr::col((state, consent_state::Column::Purpose)).eq(P::ID).into_condition());
        let restricted = person::Column::RestrictedAt.is_not_null();
        let rows: Vec<(String, bool, Option<String>, Option<i64>)> = person::Entity::find()
            .select_only()
            .column(person::Column::Role)
            .column_as(restricted.clone(), "restricted")
            .column(consent_state::Column::Decision)
            .column(consent_state::Column::Version)
            .join(JoinType::LeftJoin, decided.into())
            .filter(person::Column::Id.is_in(people.iter().map(|person| person.0)))
            .group_by(person::Column::Role)
            .group_by(restricted)
            .group_by(consent_state::Column::Decision)
            .group_by(consent_state::Column::Version)
            .into_tuple()
            .all(&self.db)
            .await?;
        let floor = self.consent_floor(P::ID).await?.into();
        // What rests on consent alone is asked of everybody, the rest of children.
        let everybody = P::BASIS == jiayin_privacy::Basis::Consent;
        let asked = rows.iter().filter(|(role, ..)| everybody || role == Role::Learner.tag());
        let each = asked.map(|(_, _, decision, version)| match (decision, version) {
            (Some(decision), Some(version)) => standing(decision, *version, floor),
            _ => Consent::NotAsked,
        });
        let nobody = if everybody { Consent::NotAsked } else { Consent::NotNeeded };
        let consent = each.max_by_key(|consent| severity(*consent)).unwrap_or(nobody);
        Ok((consent, !P::DESPITE_RESTRICTION && rows.iter().any(|(_, restricted, ..)| *restricted)))
    }

    /// Whether a learner may use the service now: the guardian has said yes to teaching, and not taken it back.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn learns(&self, learner: PersonId) -> Result<Consent, StoreError> {
        Ok(self.standing_of::<purpose::Teaching>(&[learner]).await?.0)
    }

    /// Where everything stands that is asked of a person, for whoever decides for them; `None` if the viewer does not.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn standings(&self, viewer: &Viewer, subject: PersonId) -> Result<Option<Vec<Standing>>, StoreError> {
        let Some(child) = self.decides_for(viewer, subject).await? else { return Ok(None) };
        let states =
            consent_state::Entity::find().filter(consent_state::Column::SubjectId.eq(subject.0)).all(&self.db).await?;
        let mut standings = Vec::new();
        for purpose in asked_of(child) {
            let row = states.iter().find(|row| row.purpose == purpose.id);
            let floor = self.consent_floor(purpose.id).await?.into();
            standings.push(Standing {
                purpose,
                asked: if child { purpose.asked_of_child } else { purpose.asked_of_adult },
                consent: row.map_or(Consent::NotAsked, |row| standing(&row.decision, row.version, floor)),
                since: row.map(|row| crate::time(row.at)),
            });
        }
        Ok(Some(standings))
    }

    /// The condition on members of classes that the consent to teaching stands for them: whom lists may show. It is looked up
    /// member by member: there are few of them, and many consents.
    pub(crate) fn learning(floor: i64) -> Condition {
        let member = Expr::col((membership::Entity, membership::Column::PersonId));
        let given = consent_state::Entity::find()
            .select_only()
            .column(consent_state::Column::Id)
            .filter(Expr::col((consent_state::Entity, consent_state::Column::SubjectId)).eq(member))
            .filter(consent_state::Column::Purpose.eq(<purpose::Teaching as Purpose>::ID))
            .filter(consent_state::Column::Decision.eq(Decision::Given.tag()))
            .filter(consent_state::Column::Version.gte(floor));
        Condition::all().add(Expr::exists(QueryTrait::into_query(given)))
    }
}

/// The purposes that are asked of a child's guardian, or of an adult, those without which there is no service first.
pub fn asked_of(child: bool) -> Vec<&'static map::PurposeEntry> {
    let need = |purpose: &map::PurposeEntry| if child { purpose.asked_of_child } else { purpose.asked_of_adult };
    let mut asked: Vec<_> = map::PURPOSES.iter().filter(|purpose| need(purpose) != AskedOf::No).collect();
    asked.sort_by_key(|purpose| need(purpose) != AskedOf::Required);
    asked
}

fn is_asked(purpose: &str, child: bool) -> bool {
    asked_of(child).iter().any(|asked| asked.id == purpose)
}

fn standing(decision: &str, version: i64, floor: i64) -> Consent {
    match Decision::from_tag(decision) {
        Some(Decision::Given) if version >= floor => Consent::Given,
        Some(Decision::Given) => Consent::Outdated,
        Some(Decision::Refused) => Consent::Refused,
        Some(Decision::Withdrawn) => Consent::Withdrawn,
        None => Consent::NotAsked,
    }
}

/// Of several people's, the worst is told.
fn severity(consent: Consent) -> u8 {
    match consent {
        Consent::NotNeeded => 0,
        Consent::Given => 1,
        Consent::Outdated => 2,
        Consent::Withdrawn => 3,
        Consent::Refused => 4,
        Consent::NotAsked => 5,
    }
}

pub(crate) fn digest(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Sealed("a digest of another length".to_owned()))
}
