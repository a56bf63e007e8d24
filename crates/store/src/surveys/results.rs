//! What came of a survey, for those who made it.

use jiayin_domain::id::{PersonId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_domain::survey::may_show;
use jiayin_privacy::{AccessRequest, Relation, Scope, Sealed, column};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::audience::SURVEYS;
use super::{Outcome, Replied, Stage, Survey, stage};
use crate::audit::{Details, asking};
use crate::entity::reply;
use crate::{Store, StoreError, Viewer};

impl Store {
    /// A survey of the viewer's with what came of it; `None` if there is no such, or it has not been published.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn survey_results(&self, viewer: &Viewer, id: SurveyId) -> Result<Option<(Survey, Outcome)>, StoreError> {
        let Some(row) = self.made_survey(viewer, id).await? else { return Ok(None) };
        let Some(survey) = self.survey(viewer, id).await? else { return Ok(None) };
        if survey.stage == Stage::Draft {
            return Ok(None);
        }
        if row.anonymous == 0 {
            let named = self.named_results(viewer, id).await?;
            return Ok(Some((survey, named)));
        }
        let slips = self.ballot(&self.db, row.id, false).await?;
        let closed = stage(&row, self.now_ms()) == Stage::Closed;
        if !may_show(true, closed, slips.len()) {
            return Ok(Some((survey, Outcome::Hidden)));
        }
        Ok(Some((survey, Outcome::Anonymous(slips.into_iter().map(|slip| slip.answers).collect()))))
    }

    /// Named answers of those who stand by them: who has had processing restricted, or has agreed to an older policy only, is
    /// left out.
    async fn named_results(&self, viewer: &Viewer, id: SurveyId) -> Result<Outcome, StoreError> {
        let mut rows = reply::Entity::find()
            .filter(reply::Column::SurveyId.eq(id.0))
            .order_by_asc(reply::Column::PersonId)
            .all(&self.db)
            .await?;
        let people = self.standing_by(rows.iter().map(|row| PersonId(row.person_id)).collect()).await?;
        rows.retain(|row| people.contains(&PersonId(row.person_id)));
        if people.is_empty() {
            return Ok(Outcome::Nothing);
        }
        let grant = self.grant(Self::reading_answers(viewer, id, people.clone())).await?;
        let mut names = self.names(&people).await?;
        let keys = self.keys.keys(&people).await?;
        let mut replied = Vec::with_capacity(rows.len());
        for row in rows {
            let person = PersonId(row.person_id);
            let (Some(key), Some(name)) = (keys.get(&person), names.remove(&person)) else { continue };
            let said = key.open(column::survey_reply::ANSWERS, row.id, &Sealed::from_bytes(row.answers))?;
            replied.push(Replied { person, name, said });
        }
        Ok(Outcome::Named(grant, replied))
    }

    /// Those of some people who stand by their answers.
    pub(super) async fn standing_by(&self, people: Vec<PersonId>) -> Result<Vec<PersonId>, StoreError> {
        let agreed = self.agreed_to(SURVEYS, people.iter().copied()).await?;
        Ok(self.unrestricted(people).await?.into_iter().filter(|person| agreed.contains(person)).collect())
    }

    /// What who made a survey asks for to read the answers of some people.
    pub(super) fn reading_answers(viewer: &Viewer, survey: SurveyId, people: Vec<PersonId>) -> AccessRequest {
        let relation = if viewer.role == Role::Teacher { Relation::Teacher } else { Relation::Manager };
        asking(Some(viewer.person), viewer.school, relation, Scope::many(people)).in_group("survey", survey.0)
    }
}
