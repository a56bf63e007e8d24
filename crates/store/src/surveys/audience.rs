//! Whom a survey asks. A learner is asked only if the guardian has agreed to surveys; nobody whose processing is restricted
//! is.

use std::collections::{HashMap, HashSet};

use jiayin_domain::id::{CampusId, ClassId, PersonId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Purpose, purpose};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{ASKED, Asked, Reach, Stage, closes_at, sheet, stage};
use crate::entity::{class, guardianship, membership, person, reply, survey, taken};
use crate::messages::Audience;
use crate::{Store, StoreError, Viewer};

/// Surveys that are shown at a time.
const SHOWN: u64 = 50;

/// The purpose of surveys in the ledger.
pub(super) const SURVEYS: &str = <purpose::Surveys as Purpose>::ID;

/// What a published survey asks; `None` for a draft.
pub(super) fn reach(row: &survey::Model) -> Option<Reach> {
    let place = match (row.class_id, row.campus_id) {
        (Some(class), _) => Audience::Class(ClassId(class)),
        (None, Some(campus)) => Audience::Campus(CampusId(campus)),
        (None, None) => return None,
    };
    Some(Reach { place, role: row.role.as_deref().and_then(Role::from_tag) })
}

impl Store {
    /// Everybody whom something asks, but its author.
    pub(super) async fn reached(&self, reach: Reach, author: PersonId) -> Result<Vec<PersonId>, StoreError> {
        let classes = match reach.place {
            Audience::Class(class) => vec![class],
            Audience::Campus(campus) => {
                let rows = class::Entity::find().filter(class::Column::CampusId.eq(campus.0)).all(&self.db).await?;
                rows.into_iter().map(|row| ClassId(row.id)).collect()
            }
        };
        let mut people = Vec::new();
        for role in ASKED.into_iter().filter(|role| reach.role.is_none_or(|only| only == *role)) {
            people.extend(match role {
                Role::Learner => {
                    let learners = self.members(&classes, Role::Learner).await?;
                    let agreed = self.agreed_to(SURVEYS, learners.iter().map(|(_, learner)| *learner)).await?;
                    agreed.into_iter().collect()
                }
                Role::Guardian => self.guardians_of_classes(&classes).await?,
                _ => self.members(&classes, role).await?.into_iter().map(|(_, person)| person).collect(),
            });
        }
        people.retain(|person| *person != author);
        people.sort_unstable();
        people.dedup();
        self.open_accounts(self.unrestricted(people).await?).await
    }

    async fn guardians_of_classes(&self, classes: &[ClassId]) -> Result<Vec<PersonId>, StoreError> {
        let learners = membership::Entity::find()
            .select_only()
            .column(membership::Column::PersonId)
            .filter(membership::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .filter(membership::Column::LeftAt.is_null());
        let rows: Vec<Uuid> = guardianship::Entity::find()
            .select_only()
            .column(guardianship::Column::GuardianId)
            .filter(guardianship::Column::LearnerId.in_subquery(sea_orm::QueryTrait::into_query(learners)))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(PersonId).collect())
    }

    async fn open_accounts(&self, people: Vec<PersonId>) -> Result<Vec<PersonId>, StoreError> {
        let rows: Vec<Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::Id.is_in(people.iter().map(|person| person.0)))
            .filter(person::Column::ClosedAt.is_null())
            .order_by_asc(person::Column::Id)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(PersonId).collect())
    }

    /// The school, class and people of a survey that has just been published, for who tells them; `None` if it is over.
    pub(crate) async fn survey_to_tell(&self, id: Uuid) -> Result<Option<(Uuid, Audience, Vec<PersonId>)>, StoreError> {
        let Some(row) = survey::Entity::find_by_id(id).one(&self.db).await? else { return Ok(None) };
        let Some(reach) = reach(&row).filter(|_| stage(&row, self.now_ms()) == Stage::Open) else { return Ok(None) };
        let people = self.reached(reach, PersonId(row.author_id)).await?;
        Ok(Some((row.school_id, reach.place, people)))
    }

    /// The titles of the published ones among these surveys.
    pub(crate) async fn titles_of_surveys(
        &self,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        let rows = survey::Entity::find().filter(survey::Column::Id.is_in(ids)).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (row.id, row.title)).collect())
    }

    /// The classes by which a viewer is asked, as a member or as the guardian of one.
    async fn asked_through(&self, viewer: &Viewer) -> Result<Vec<ClassId>, StoreError> {
        match viewer.role {
            Role::Teacher => self.classes_of(viewer.person, Role::Teacher).await,
            Role::Learner => {
                let agreed = self.agreed_to(SURVEYS, std::iter::once(viewer.person)).await?;
                if agreed.is_empty() {
                    return Ok(Vec::new());
                }
                self.classes_of(viewer.person, Role::Learner).await
            }
            Role::Guardian => {
                let children = guardianship::Entity::find()
                    .select_only()
                    .column(guardianship::Column::LearnerId)
                    .filter(guardianship::Column::GuardianId.eq(viewer.person.0));
                let rows: Vec<Uuid> = membership::Entity::find()
                    .select_only()
                    .column(membership::Column::ClassId)
                    .filter(membership::Column::PersonId.in_subquery(sea_orm::QueryTrait::into_query(children)))
                    .filter(membership::Column::Role.eq(Role::Learner.tag()))
                    .filter(membership::Column::LeftAt.is_null())
                    .into_tuple()
                    .all(&self.db)
                    .await?;
                Ok(rows.into_iter().map(ClassId).collect())
            }
            Role::CampusManager | Role::PrivacyOfficer => Ok(Vec::new()),
        }
    }

    /// The condition that a published survey asks the viewer; `None` if none does.
    async fn asks(&self, viewer: &Viewer) -> Result<Option<Condition>, StoreError> {
        let classes = self.asked_through(viewer).await?;
        if classes.is_empty() || self.is_restricted(viewer.person).await? {
            return Ok(None);
        }
        let ids: Vec<Uuid> = classes.iter().map(|class| class.0).collect();
        let campuses: Vec<Uuid> = class::Entity::find()
            .select_only()
            .column(class::Column::CampusId)
            .filter(class::Column::Id.is_in(ids.iter().copied()))
            .into_tuple()
            .all(&self.db)
            .await?;
        let place = Condition::any()
            .add(survey::Column::ClassId.is_in(ids))
            .add(Condition::all().add(survey::Column::ClassId.is_null()).add(survey::Column::CampusId.is_in(campuses)));
        let role = Condition::any().add(survey::Column::Role.is_null()).add(survey::Column::Role.eq(viewer.role.tag()));
        Ok(Some(
            Condition::all()
                .add(survey::Column::SchoolId.eq(viewer.school.0))
                .add(survey::Column::PublishedAt.is_not_null())
                .add(survey::Column::AuthorId.ne(viewer.person.0))
                .add(place)
                .add(role),
        ))
    }

    /// A published survey that asks the viewer, or that the viewer has answered under their name.
    pub(super) async fn asked_survey(
        &self,
        viewer: &Viewer,
        id: SurveyId,
    ) -> Result<Option<survey::Model>, StoreError> {
        if let Some(asks) = self.asks(viewer).await? {
            let found = survey::Entity::find_by_id(id.0).filter(asks).one(&self.db).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        let own = reply::Entity::find()
            .filter(reply::Column::SurveyId.eq(id.0))
            .filter(reply::Column::PersonId.eq(viewer.person.0));
        match own.one(&self.db).await? {
            Some(_) => Ok(survey::Entity::find_by_id(id.0).one(&self.db).await?),
            None => Ok(None),
        }
    }

    /// The surveys that ask the viewer now, and those that the viewer has answered, the newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn surveys_for(&self, viewer: &Viewer) -> Result<Vec<Asked>, StoreError> {
        let replied = self.answered_by(viewer).await?;
        let mine = survey::Column::Id.is_in(replied.iter().copied());
        let rows = survey::Entity::find()
            .filter(Condition::any().add(mine).add_option(self.asks(viewer).await?))
            .filter(survey::Column::PublishedAt.is_not_null())
            .order_by_desc(survey::Column::PublishedAt)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        let all = rows.iter().map(|row| self.asked(row, &replied)).collect::<Result<Vec<_>, _>>()?;
        Ok(all.into_iter().filter(|asked| asked.open || asked.answered).collect())
    }

    /// The surveys that the viewer has answered, as far as that is known.
    pub(super) async fn answered_by(&self, viewer: &Viewer) -> Result<HashSet<Uuid>, StoreError> {
        let replied: Vec<Uuid> = reply::Entity::find()
            .select_only()
            .column(reply::Column::SurveyId)
            .filter(reply::Column::PersonId.eq(viewer.person.0))
            .into_tuple()
            .all(&self.db)
            .await?;
        let taken: Vec<Uuid> = taken::Entity::find()
            .select_only()
            .column(taken::Column::SurveyId)
            .filter(taken::Column::PersonId.eq(viewer.person.0))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(replied.into_iter().chain(taken).collect())
    }

    pub(super) fn asked(&self, row: &survey::Model, answered: &HashSet<Uuid>) -> Result<Asked, StoreError> {
        Ok(Asked {
            survey: SurveyId(row.id),
            title: row.title.clone(),
            questions: sheet(row)?.0.len(),
            anonymous: row.anonymous != 0,
            open: stage(row, self.now_ms()) == Stage::Open,
            answered: answered.contains(&row.id),
            closes_at: closes_at(row),
        })
    }
}
