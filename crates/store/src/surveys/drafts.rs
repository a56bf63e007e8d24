//! Surveys from the side of those who make them: drafts, publishing, closing, removing.

use jiayin_domain::id::{PersonId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_domain::survey::{Change, QuestionError, Sheet};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::ballot::CLOSE_SURVEY;
use super::{Reach, Stage, Survey, audience, closes_at, sheet, stage};
use crate::entity::{ballot, message, reply, survey, taken};
use crate::messages::{Audience, TELL_SURVEY};
use crate::{Store, StoreError, Viewer, time, write};

/// Surveys that are shown at a time.
const SHOWN: u64 = 50;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It was made; the number of the question.
    Question(u32),
    /// It has been published meanwhile, or there is no such question.
    Gone,
    /// It was refused.
    Refused(QuestionError),
}

/// What became of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// So many are asked.
    Asks(usize),
    /// It has no question.
    Empty,
    /// It would ask nobody.
    Nobody,
    /// Something is answered aloud, and a voice has a name.
    Spoken,
    /// It has been published before, or the viewer may not ask there.
    Gone,
}

fn json(sheet: &Sheet) -> Result<String, StoreError> {
    serde_json::to_string(sheet).map_err(|error| StoreError::Sealed(error.to_string()))
}

impl Store {
    /// Begins a survey.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_survey(&self, viewer: &Viewer, title: &str) -> Result<SurveyId, StoreError> {
        let id = SurveyId::new(&*self.clock, &*self.entropy);
        let row = survey::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            author_id: Set(viewer.person.0),
            title: Set(title.to_owned()),
            intro: Set(String::new()),
            questions: Set(json(&Sheet::default())?),
            class_id: Set(None),
            campus_id: Set(None),
            role: Set(None),
            anonymous: Set(0),
            invited: Set(0),
            created_at: Set(self.now_ms()),
            published_at: Set(None),
            closes_at: Set(None),
            closed_at: Set(None),
        };
        survey::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(id)
    }

    /// The condition that a survey is the viewer's: their own, or, for the manager, one that asks the campus.
    fn made_by(viewer: &Viewer) -> Condition {
        let of_campus = (viewer.role == Role::CampusManager).then_some(viewer.campus).flatten().map(|campus| {
            let whole = survey::Column::ClassId.is_null();
            Condition::all().add(survey::Column::CampusId.eq(campus.0)).add(whole)
        });
        let own = survey::Column::AuthorId.eq(viewer.person.0);
        Condition::all()
            .add(survey::Column::SchoolId.eq(viewer.school.0))
            .add(Condition::any().add(own).add_option(of_campus))
    }

    /// A survey of the viewer's. Who no longer teaches the class, or has left the campus, no longer sees what it said.
    pub(super) async fn made_survey(&self, viewer: &Viewer, id: SurveyId) -> Result<Option<survey::Model>, StoreError> {
        let found = survey::Entity::find_by_id(id.0).filter(Self::made_by(viewer)).one(&self.db).await?;
        let Some(row) = found else { return Ok(None) };
        let Some(reach) = audience::reach(&row) else { return Ok(Some(row)) };
        let may = self.audiences(viewer).await?.iter().any(|(place, _)| *place == reach.place);
        Ok(may.then_some(row))
    }

    /// The surveys of the viewer, the newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn surveys(&self, viewer: &Viewer) -> Result<Vec<Survey>, StoreError> {
        let rows = survey::Entity::find()
            .filter(Self::made_by(viewer))
            .order_by_desc(survey::Column::CreatedAt)
            .order_by_desc(survey::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        let places = self.audiences(viewer).await?;
        let mut surveys = Vec::with_capacity(rows.len());
        for row in &rows {
            let reach = audience::reach(row);
            if reach.is_some_and(|reach| !places.iter().any(|(place, _)| *place == reach.place)) {
                continue;
            }
            surveys.push(self.survey_of(row, &places).await?);
        }
        Ok(surveys)
    }

    /// A survey of the viewer's; `None` if there is no such.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn survey(&self, viewer: &Viewer, id: SurveyId) -> Result<Option<Survey>, StoreError> {
        let Some(row) = self.made_survey(viewer, id).await? else { return Ok(None) };
        let places = self.audiences(viewer).await?;
        Ok(Some(self.survey_of(&row, &places).await?))
    }

    async fn survey_of(&self, row: &survey::Model, places: &[(Audience, String)]) -> Result<Survey, StoreError> {
        let named = |reach: Reach| {
            let name = places.iter().find(|(place, _)| *place == reach.place).map(|(_, name)| name.clone());
            (name.unwrap_or_default(), reach.role)
        };
        Ok(Survey {
            survey: SurveyId(row.id),
            title: row.title.clone(),
            intro: row.intro.clone(),
            sheet: sheet(row)?,
            stage: stage(row, self.now_ms()),
            asks: audience::reach(row).map(named),
            anonymous: row.anonymous != 0,
            invited: u64::try_from(row.invited).unwrap_or(0),
            answers: self.answers_to(row).await?,
            created_at: time(row.created_at),
            closes_at: closes_at(row),
        })
    }

    /// How many answers there are.
    async fn answers_to(&self, row: &survey::Model) -> Result<usize, StoreError> {
        if row.anonymous != 0 {
            return Ok(self.ballot(&self.db, row.id, false).await?.len());
        }
        let replies = reply::Entity::find().filter(reply::Column::SurveyId.eq(row.id)).count(&self.db).await?;
        Ok(usize::try_from(replies).unwrap_or(usize::MAX))
    }

    /// A draft of the viewer's, locked until the transaction ends.
    async fn draft<D: ConnectionTrait>(
        &self,
        db: &D,
        viewer: &Viewer,
        id: SurveyId,
    ) -> Result<Option<survey::Model>, StoreError> {
        let found = survey::Entity::find_by_id(id.0)
            .filter(survey::Column::AuthorId.eq(viewer.person.0))
            .filter(survey::Column::PublishedAt.is_null());
        Ok(found.lock_exclusive().one(db).await?)
    }

    /// Gives a draft another title and introduction. False if there is no such draft.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn name_survey(
        &self,
        viewer: &Viewer,
        id: SurveyId,
        title: &str,
        intro: &str,
    ) -> Result<bool, StoreError> {
        let done = survey::Entity::update_many()
            .col_expr(survey::Column::Title, Expr::value(title))
            .col_expr(survey::Column::Intro, Expr::value(intro))
            .filter(survey::Column::Id.eq(id.0))
            .filter(survey::Column::AuthorId.eq(viewer.person.0))
            .filter(survey::Column::PublishedAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Changes the questions of a draft.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn edit_survey(&self, viewer: &Viewer, id: SurveyId, change: Change) -> Result<Edited, StoreError> {
        let transaction = write::begin(&self.db).await?;
        let Some(row) = self.draft(&transaction, viewer, id).await? else { return Ok(Edited::Gone) };
        let mut sheet = sheet(&row)?;
        let number = match sheet.change(change) {
            Ok(Some(number)) => number,
            Ok(None) => return Ok(Edited::Gone),
            Err(error) => return Ok(Edited::Refused(error)),
        };
        survey::Entity::update_many()
            .col_expr(survey::Column::Questions, Expr::value(json(&sheet)?))
            .filter(survey::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(Edited::Question(number))
    }

    /// Publishes a draft: from here on neither the questions nor whether it is anonymous can be changed. Whom it asks is told
    /// by the workers.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn publish_survey(
        &self,
        viewer: &Viewer,
        id: SurveyId,
        reach: Reach,
        anonymous: bool,
        closes_at: Option<Timestamp>,
    ) -> Result<Published, StoreError> {
        if !self.audiences(viewer).await?.iter().any(|(place, _)| *place == reach.place) {
            return Ok(Published::Gone);
        }
        let asked = self.reached(reach, viewer.person).await?.len();
        if asked == 0 {
            return Ok(Published::Nobody);
        }
        let (class, campus) = match reach.place {
            Audience::Class(class) => (Some(class.0), None),
            Audience::Campus(campus) => (None, Some(campus.0)),
        };
        let transaction = write::begin(&self.db).await?;
        let Some(row) = self.draft(&transaction, viewer, id).await? else { return Ok(Published::Gone) };
        let sheet = sheet(&row)?;
        if sheet.0.is_empty() {
            return Ok(Published::Empty);
        }
        if anonymous && sheet.is_spoken() {
            return Ok(Published::Spoken);
        }
        let closes = closes_at.map(Timestamp::as_millisecond);
        survey::Entity::update_many()
            .col_expr(survey::Column::ClassId, Expr::value(class))
            .col_expr(survey::Column::CampusId, Expr::value(campus))
            .col_expr(survey::Column::Role, Expr::value(reach.role.map(Role::tag)))
            .col_expr(survey::Column::Anonymous, Expr::value(i64::from(anonymous)))
            .col_expr(survey::Column::Invited, Expr::value(i64::try_from(asked).unwrap_or(i64::MAX)))
            .col_expr(survey::Column::PublishedAt, Expr::value(self.now_ms()))
            .col_expr(survey::Column::ClosesAt, Expr::value(closes))
            .filter(survey::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        if anonymous {
            self.make_ballot(&transaction, viewer.school.0, id.0).await?;
        }
        self.enqueue(&transaction, viewer.school.0, TELL_SURVEY, id.0).await?;
        if let Some(at) = closes {
            self.enqueue_at(&transaction, viewer.school.0, CLOSE_SURVEY, id.0, at).await?;
        }
        transaction.commit().await?;
        Ok(Published::Asks(asked))
    }

    /// Closes an open survey of the viewer's now. False if there is no such.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn close_survey(&self, viewer: &Viewer, id: SurveyId) -> Result<bool, StoreError> {
        let Some(row) = self.made_survey(viewer, id).await? else { return Ok(false) };
        if stage(&row, self.now_ms()) != Stage::Open {
            return Ok(false);
        }
        let transaction = write::begin(&self.db).await?;
        self.shut(&transaction, &row, self.now_ms()).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes a survey that is not open, with all that was answered. False if there is no such.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_survey(&self, viewer: &Viewer, id: SurveyId) -> Result<bool, StoreError> {
        let Some(row) = self.made_survey(viewer, id).await? else { return Ok(false) };
        if stage(&row, self.now_ms()) == Stage::Open || row.author_id != viewer.person.0 {
            return Ok(false);
        }
        // Nobody's answers are deleted while the law has them kept.
        let people: Vec<Uuid> = reply::Entity::find()
            .select_only()
            .column(reply::Column::PersonId)
            .filter(reply::Column::SurveyId.eq(id.0))
            .into_tuple()
            .all(&self.db)
            .await?;
        for person in people {
            self.must_not_be_held(PersonId(person)).await?;
        }
        let transaction = write::begin(&self.db).await?;
        let rows = reply::Entity::find().filter(reply::Column::SurveyId.eq(id.0)).all(&transaction).await?;
        let files = self.take_voices(&transaction, rows.into_iter().map(|row| row.id)).await?;
        reply::Entity::delete_many().filter(reply::Column::SurveyId.eq(id.0)).exec(&transaction).await?;
        taken::Entity::delete_many().filter(taken::Column::SurveyId.eq(id.0)).exec(&transaction).await?;
        ballot::Entity::delete_by_id(id.0).exec(&transaction).await?;
        message::Entity::delete_many()
            .filter(message::Column::Kind.eq(jiayin_domain::message::Kind::Surveyed.tag()))
            .filter(message::Column::TargetId.eq(id.0))
            .exec(&transaction)
            .await?;
        survey::Entity::delete_by_id(id.0).exec(&transaction).await?;
        transaction.commit().await?;
        self.remove_voices(files).await?;
        Ok(true)
    }
}
