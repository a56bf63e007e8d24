//! Answers that are said aloud. Their files belong to a named answer and go with it; who may see the answer may hear them.

use jiayin_domain::id::{MediaId, PersonId, SurveyId};
use jiayin_domain::survey::{Answer, Answers};
use jiayin_privacy::{Grant, SubjectKey, blob, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::own;
use crate::entity::{media, reply};
use crate::recordings::Audio;
use crate::{Store, StoreError, Viewer};

/// A recording that comes with the answers.
pub struct NewVoice<'a> {
    /// Its id, as it stands in the answer.
    pub media: MediaId,
    /// Media type.
    pub mime: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// How long it is, ms.
    pub duration_ms: u32,
}

/// The files of which answers speak.
pub(super) fn spoken(answers: &Answers) -> Vec<Uuid> {
    let file = |answer: &Answer| match answer {
        Answer::Voice(spoken) => Some(spoken.media.0),
        _ => None,
    };
    answers.values().filter_map(file).collect()
}

impl Store {
    /// An id for a recording to be.
    pub fn voice_id(&self) -> MediaId {
        MediaId::new(&*self.clock, &*self.entropy)
    }

    /// Seals the files of new recordings; their rows follow with the answer's.
    pub(super) async fn put_voices(&self, key: &SubjectKey, voices: &[NewVoice<'_>]) -> Result<(), StoreError> {
        for voice in voices {
            self.blobs.put(key, blob::SURVEY_VOICE, voice.media.0, voice.bytes, &*self.entropy).await?;
        }
        Ok(())
    }

    /// Within the transaction of an answer: its new recordings are entered, those of which it no longer speaks are taken out
    /// and returned. [`StoreError::Busy`] if it speaks of one that is neither new nor there.
    pub(super) async fn enter_voices<D: ConnectionTrait>(
        &self,
        db: &D,
        row: &reply::Model,
        answers: &Answers,
        voices: &[NewVoice<'_>],
    ) -> Result<Vec<Uuid>, StoreError> {
        let there = files(db, media::Column::ReplyId.eq(row.id)).await?;
        let wanted = spoken(answers);
        let is_new = |id: &Uuid| voices.iter().any(|voice| voice.media.0 == *id);
        if !wanted.iter().all(|id| there.contains(id) || is_new(id)) {
            return Err(StoreError::Busy);
        }
        let old: Vec<Uuid> = there.into_iter().filter(|id| !wanted.contains(id)).collect();
        if !old.is_empty() {
            self.must_not_be_held(PersonId(row.person_id)).await?;
            media::Entity::delete_many().filter(media::Column::Id.is_in(old.iter().copied())).exec(db).await?;
        }
        let file = |voice: &NewVoice<'_>| media::ActiveModel {
            id: Set(voice.media.0),
            school_id: Set(row.school_id),
            subject_id: Set(row.person_id),
            kind: Set(blob::SURVEY_VOICE.id().to_owned()),
            mime: Set(voice.mime.to_owned()),
            sha256: Set(Sha256::digest(voice.bytes).to_vec()),
            bytes: Set(i64::try_from(voice.bytes.len()).unwrap_or(i64::MAX)),
            duration_ms: Set(Some(i64::from(voice.duration_ms))),
            created_at: Set(self.now_ms()),
            reply_id: Set(Some(row.id)),
        };
        if !voices.is_empty() {
            media::Entity::insert_many(voices.iter().map(file)).exec_without_returning(db).await?;
        }
        Ok(old)
    }

    /// Within the transaction that deletes them: the rows of the recordings of some answers; their files are to be removed.
    pub(super) async fn take_voices<D: ConnectionTrait>(
        &self,
        db: &D,
        of: impl IntoIterator<Item = Uuid>,
    ) -> Result<Vec<Uuid>, StoreError> {
        let files = files(db, media::Column::ReplyId.is_in(of)).await?;
        media::Entity::delete_many().filter(media::Column::Id.is_in(files.iter().copied())).exec(db).await?;
        Ok(files)
    }

    /// Removes files of which no row speaks any more.
    pub(super) async fn remove_voices(&self, files: Vec<Uuid>) -> Result<(), StoreError> {
        for file in files {
            self.blobs.remove(blob::SURVEY_VOICE.id(), file).await?;
        }
        Ok(())
    }

    /// What somebody said aloud to a survey: for themselves, and for who made the survey as long as the answer stands.
    /// `None` for anybody else.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn survey_voice(
        &self,
        viewer: &Viewer,
        survey: SurveyId,
        id: MediaId,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Option<Audio>, StoreError> {
        let of_survey = Query::select()
            .expr(Expr::col(reply::Column::Id))
            .from(reply::Entity)
            .and_where(reply::Column::SurveyId.eq(survey.0))
            .to_owned();
        let file = media::Entity::find_by_id(id.0)
            .filter(media::Column::Kind.eq(blob::SURVEY_VOICE.id()))
            .filter(media::Column::ReplyId.in_subquery(of_survey))
            .one(&self.db)
            .await?;
        let Some(file) = file else { return Ok(None) };
        let subject = PersonId(file.subject_id);
        let grant: Grant<purpose::Surveys> = if subject == viewer.person {
            self.grant(own(subject, viewer.school)).await?
        } else {
            let named = self.made_survey(viewer, survey).await?.is_some_and(|row| row.anonymous == 0);
            if !named || !self.standing_by(vec![subject]).await?.contains(&subject) {
                return Ok(None);
            }
            self.grant(Self::reading_answers(viewer, survey, vec![subject])).await?
        };
        let key = self.keys.key(subject).await?;
        Ok(Some(self.sound(&key, blob::SURVEY_VOICE, file, range, &grant).await?))
    }
}

async fn files<D: ConnectionTrait>(db: &D, of: sea_orm::sea_query::SimpleExpr) -> Result<Vec<Uuid>, StoreError> {
    Ok(media::Entity::find().select_only().column(media::Column::Id).filter(of).into_tuple().all(db).await?)
}
