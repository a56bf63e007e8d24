//! Named answers: sealed with the person's key, theirs to change until the survey closes, and to take back at any time.
//!
//! A grown-up agrees to the purpose by answering, and the ledger says so; for a child the guardian has agreed beforehand.
//! When the last answer is taken back, so is the agreement.

use jiayin_domain::consent::Decision;
use jiayin_domain::id::{PersonId, SurveyId, SurveyReplyId};
use jiayin_domain::role::Role;
use jiayin_domain::survey::Answers;
use jiayin_privacy::{Sealed, SubjectKey, column};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::audience::SURVEYS;
use super::voices::NewVoice;
use super::{Given, Said, Stage, ToAnswer, sheet, stage};
use crate::audit::own;
use crate::consent::{Choice, Shown};
use crate::entity::{reply, survey};
use crate::{Store, StoreError, Viewer, write};

impl Store {
    /// A survey that asks the viewer, or that they have answered, with what they have answered under their name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn survey_to_answer(&self, viewer: &Viewer, id: SurveyId) -> Result<Option<ToAnswer>, StoreError> {
        let Some(row) = self.asked_survey(viewer, id).await? else { return Ok(None) };
        let asked = self.asked(&row, &self.answered_by(viewer).await?)?;
        let found = reply::Entity::find()
            .filter(reply::Column::SurveyId.eq(row.id))
            .filter(reply::Column::PersonId.eq(viewer.person.0))
            .one(&self.db)
            .await?;
        let given = match found {
            Some(own_row) => {
                let grant = self.grant(own(viewer.person, viewer.school)).await?;
                let key = self.keys.key(viewer.person).await?;
                let sealed = Sealed::from_bytes(own_row.answers);
                Some(Given { grant, said: key.open(column::survey_reply::ANSWERS, own_row.id, &sealed)? })
            }
            None => None,
        };
        Ok(Some(ToAnswer { asked, intro: row.intro.clone(), questions: sheet(&row)?.0, given }))
    }

    /// Keeps the viewer's answers under their name, in place of earlier ones. `None` if no such survey asks the viewer; false
    /// if it is closed. `voices` are the new recordings of which the answers speak; those of which they speak no longer are
    /// deleted. `shown` is the policy under which a grown-up agrees by answering.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn answer_named(
        &self,
        viewer: &Viewer,
        id: SurveyId,
        answers: &Answers,
        voices: &[NewVoice<'_>],
        shown: &Shown,
    ) -> Result<Option<bool>, StoreError> {
        let Some(row) = self.asked_survey(viewer, id).await?.filter(|row| row.anonymous == 0) else { return Ok(None) };
        if stage(&row, self.now_ms()) != Stage::Open {
            return Ok(Some(false));
        }
        let key = self.keys.key(viewer.person).await?;
        let said = Said::all(&sheet(&row)?.0, answers);
        self.put_voices(&key, voices).await?;
        let kept = self.keep_named(viewer, &row, &key, (answers, &said), voices, shown).await;
        // What is not kept leaves no file behind.
        let gone = match kept {
            Ok(superseded) => superseded,
            Err(error) => {
                self.remove_voices(voices.iter().map(|voice| voice.media.0).collect()).await?;
                return Err(error);
            }
        };
        self.remove_voices(gone).await?;
        Ok(Some(true))
    }

    /// The rows of an answer and its recordings; returns the files of the recordings that went.
    async fn keep_named(
        &self,
        viewer: &Viewer,
        row: &survey::Model,
        key: &SubjectKey,
        (answers, said): (&Answers, &Vec<Said>),
        voices: &[NewVoice<'_>],
        shown: &Shown,
    ) -> Result<Vec<Uuid>, StoreError> {
        let transaction = write::begin(&self.durable).await?;
        if viewer.role != Role::Learner {
            let agreed = Choice { subject: viewer.person, purpose: SURVEYS, decision: Decision::Given };
            self.enter(&transaction, viewer.school, viewer.person, &[agreed], shown).await?;
        }
        // A sealed value is bound to its row: answers that stand are changed in theirs.
        let earlier = reply::Entity::find()
            .filter(reply::Column::SurveyId.eq(row.id))
            .filter(reply::Column::PersonId.eq(viewer.person.0))
            .one(&transaction)
            .await?;
        let reply_id = earlier.map_or_else(|| SurveyReplyId::new(&*self.clock, &*self.entropy).0, |row| row.id);
        let sealed = key.seal(column::survey_reply::ANSWERS, reply_id, said, &*self.entropy)?.into_bytes();
        let new = reply::Model {
            id: reply_id,
            school_id: row.school_id,
            survey_id: row.id,
            person_id: viewer.person.0,
            answers: sealed,
            created_at: self.now_ms(),
        };
        let superseded = self.enter_voices(&transaction, &new, answers, voices).await?;
        let anew = OnConflict::column(reply::Column::Id)
            .update_columns([reply::Column::Answers, reply::Column::CreatedAt])
            .to_owned();
        reply::Entity::insert(new.into_active_model())
            .on_conflict(anew)
            .exec_without_returning(&transaction)
            .await
            .map_err(
                // The same person from two windows at once: whoever comes second finds the first and changes it.
                |error| if crate::error::is_duplicate(&error) { StoreError::Busy } else { error.into() },
            )?;
        transaction.commit().await?;
        Ok(superseded)
    }

    /// Takes back what the viewer has answered under their name: it is deleted. False if there is nothing.
    ///
    /// # Errors
    /// [`Refusal::Held`](jiayin_privacy::Refusal::Held) under a legal hold; if it cannot be stored.
    pub async fn take_named_back(&self, viewer: &Viewer, id: SurveyId, shown: &Shown) -> Result<bool, StoreError> {
        self.must_not_be_held(viewer.person).await?;
        let transaction = write::begin(&self.durable).await?;
        let own = reply::Column::PersonId.eq(viewer.person.0);
        let row = reply::Entity::find()
            .filter(reply::Column::SurveyId.eq(id.0))
            .filter(own.clone())
            .one(&transaction)
            .await?;
        let Some(row) = row else {
            transaction.rollback().await?;
            return Ok(false);
        };
        let files = self.take_voices(&transaction, [row.id]).await?;
        reply::Entity::delete_by_id(row.id).exec(&transaction).await?;
        let left = reply::Entity::find().filter(own).count(&transaction).await?;
        if left == 0 && viewer.role != Role::Learner {
            let back = Choice { subject: viewer.person, purpose: SURVEYS, decision: Decision::Withdrawn };
            self.enter(&transaction, viewer.school, viewer.person, &[back], shown).await?;
        }
        transaction.commit().await?;
        self.remove_voices(files).await?;
        Ok(true)
    }

    /// Deletes all named answers of a person, for whom nobody agrees to surveys any longer. Under a legal hold they stay, and
    /// are not opened.
    pub(crate) async fn forget_replies<D: ConnectionTrait>(&self, db: &D, person: PersonId) -> Result<(), StoreError> {
        if self.held_until(person).await?.is_some() {
            return Ok(());
        }
        let own = reply::Column::PersonId.eq(person.0);
        let rows = reply::Entity::find().filter(own.clone()).all(db).await?;
        let files = self.take_voices(db, rows.into_iter().map(|row| row.id)).await?;
        reply::Entity::delete_many().filter(own).exec(db).await?;
        self.remove_voices(files).await
    }
}
