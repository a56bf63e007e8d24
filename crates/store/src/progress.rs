//! What is known of learners' sounds and words: one sealed value for each learner, so that a class page opens one for each
//! and no column says which sounds a child finds hard.
//!
//! It follows from the evaluations and is kept up in the transaction that keeps one. Where it is missing, because the
//! evaluations are older than it, or a recording was deleted, it is made from the evaluations that are there.

use std::collections::HashMap;

use jiayin_domain::id::{ExerciseId, PersonId, ProgressId};
use jiayin_domain::progress::{Progress, ReadWord, Reading};
use jiayin_privacy::{Allows, Grant, Personal, Purpose, Sealed, SubjectKey, category, column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::{evaluation, progress, recording};
use crate::{Store, StoreError, time};

/// Evaluations from which a missing value is made; what was heard before them says little of today.
const REMEMBERED: u64 = 300;

/// What of an evaluation is looked at. The serialised form is the contract of `jiayin score`.
#[derive(Deserialize)]
struct Heard {
    verdict: String,
    words: Vec<HeardWord>,
}

#[derive(Deserialize)]
struct HeardWord {
    text: String,
    total: f32,
    miscue: String,
    phones: Vec<HeardPhone>,
}

#[derive(Deserialize)]
struct HeardPhone {
    arpabet: String,
    accuracy: f32,
    flagged: bool,
}

/// What an evaluation says of sounds and words. `None` if it was not scored, or is of a form that tells nothing of them.
fn reading(row: &recording::Model, detail: &serde_json::Value) -> Option<Reading> {
    let heard = Heard::deserialize(detail).ok().filter(|heard| heard.verdict == "scored")?;
    let sound = |phone: HeardPhone| {
        let symbol = phone.arpabet.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
        (symbol, phone.accuracy, phone.flagged)
    };
    let word = |word: HeardWord| ReadWord {
        said: word.miscue != "omission",
        replaced: word.miscue == "substitution",
        text: word.text,
        total: word.total,
        sounds: word.phones.into_iter().map(sound).collect(),
    };
    let words = heard.words.into_iter().map(word).collect();
    Some(Reading { exercise: ExerciseId(row.exercise_id), at: time(row.created_at), words })
}

fn open(key: &SubjectKey, row: &progress::Model) -> Result<Personal<Progress, category::Evaluation>, StoreError> {
    Ok(key.open(column::progress::SKILLS, row.id, &Sealed::from_bytes(row.skills.clone()))?)
}

impl Store {
    /// Takes in what the ear said of a recording. Called within the transaction that keeps it.
    pub(crate) async fn learn<D: ConnectionTrait, T: Serialize, P: Purpose + Allows<category::Evaluation>>(
        &self,
        db: &D,
        row: &recording::Model,
        detail: &T,
        grant: &Grant<P>,
    ) -> Result<(), StoreError> {
        let detail = serde_json::to_value(detail).map_err(|_| StoreError::Sealed("an evaluation".to_owned()))?;
        let Some(reading) = reading(row, &detail) else { return Ok(()) };
        let learner = PersonId(row.learner_id);
        let key = self.keys.key(learner).await?;
        // Who makes the row fills it from all there is; whoever comes meanwhile waits for that, and adds to it.
        let made = self.begin_progress(db, row.school_id, learner, &key, &Progress::default()).await?;
        let known = progress::Entity::find().filter(progress::Column::LearnerId.eq(learner.0));
        let Some(known) = known.lock_exclusive().one(db).await? else { return Ok(()) };
        let skills = if known.id == made {
            self.remembered(db, learner, &key, grant).await?
        } else {
            let mut skills = open(&key, &known)?.read(grant)?.clone();
            skills.take_in(&reading);
            skills
        };
        let sealed = key.seal(column::progress::SKILLS, known.id, &skills, &*self.entropy)?;
        progress::Entity::update_many()
            .col_expr(progress::Column::Skills, Expr::value(sealed.into_bytes()))
            .col_expr(progress::Column::UpdatedAt, Expr::value(self.now_ms()))
            .filter(progress::Column::Id.eq(known.id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Makes a learner's row unless there is one; the id that a new one has.
    async fn begin_progress<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        learner: PersonId,
        key: &SubjectKey,
        skills: &Progress,
    ) -> Result<Uuid, StoreError> {
        let id = ProgressId::new(&*self.clock, &*self.entropy).0;
        let new = progress::ActiveModel {
            id: Set(id),
            school_id: Set(school),
            learner_id: Set(learner.0),
            skills: Set(key.seal(column::progress::SKILLS, id, skills, &*self.entropy)?.into_bytes()),
            updated_at: Set(self.now_ms()),
        };
        let unless_there = OnConflict::column(progress::Column::LearnerId).do_nothing().to_owned();
        progress::Entity::insert(new).on_conflict(unless_there).exec_without_returning(db).await?;
        Ok(id)
    }

    /// What the evaluations of a learner say, taken together from the first to the last.
    async fn remembered<D: ConnectionTrait, P: Purpose + Allows<category::Evaluation>>(
        &self,
        db: &D,
        learner: PersonId,
        key: &SubjectKey,
        grant: &Grant<P>,
    ) -> Result<Progress, StoreError> {
        let mut heard = evaluation::Entity::find()
            .filter(evaluation::Column::LearnerId.eq(learner.0))
            .order_by_desc(evaluation::Column::CreatedAt)
            .limit(REMEMBERED)
            .all(db)
            .await?;
        heard.reverse();
        let ids = heard.iter().map(|row| row.recording_id);
        let rows = recording::Entity::find().filter(recording::Column::Id.is_in(ids)).all(db).await?;
        let rows: HashMap<Uuid, recording::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut skills = Progress::default();
        for one in heard {
            let Some(row) = rows.get(&one.recording_id) else { continue };
            let detail: Personal<serde_json::Value, category::Evaluation> =
                key.open(column::evaluation::DETAIL, one.id, &Sealed::from_bytes(one.detail))?;
            if let Some(reading) = reading(row, detail.read(grant)?) {
                skills.take_in(&reading);
            }
        }
        Ok(skills)
    }

    /// Forgets what is known of a learner because something it follows from is gone; it is made anew when it is needed.
    pub(crate) async fn forget_progress<D: ConnectionTrait>(
        &self,
        db: &D,
        learner: PersonId,
    ) -> Result<(), StoreError> {
        progress::Entity::delete_many().filter(progress::Column::LearnerId.eq(learner.0)).exec(db).await?;
        Ok(())
    }

    /// What is known of some learners. What is missing is made now, and kept.
    pub(crate) async fn skills_of<P: Purpose + Allows<category::Evaluation>>(
        &self,
        school: Uuid,
        learners: &[PersonId],
        grant: &Grant<P>,
    ) -> Result<HashMap<PersonId, Personal<Progress, category::Evaluation>>, StoreError> {
        let ids = || learners.iter().map(|learner| learner.0);
        let rows = progress::Entity::find().filter(progress::Column::LearnerId.is_in(ids())).all(&self.db).await?;
        let keys = self.keys.keys(learners).await?;
        let mut known: HashMap<PersonId, _> = HashMap::with_capacity(learners.len());
        for row in &rows {
            let learner = PersonId(row.learner_id);
            let Some(key) = keys.get(&learner) else { continue };
            known.insert(learner, open(key, row)?);
        }
        let unknown: Vec<Uuid> = ids().filter(|id| !known.contains_key(&PersonId(*id))).collect();
        if unknown.is_empty() {
            return Ok(known);
        }
        let heard: Vec<Uuid> = evaluation::Entity::find()
            .select_only()
            .column(evaluation::Column::LearnerId)
            .distinct()
            .filter(evaluation::Column::LearnerId.is_in(unknown))
            .into_tuple()
            .all(&self.db)
            .await?;
        for learner in heard.into_iter().map(PersonId) {
            let Some(key) = keys.get(&learner) else { continue };
            let skills = self.remembered(&self.db, learner, key, grant).await?;
            self.begin_progress(&self.db, school, learner, key, &skills).await?;
            let row = progress::Entity::find().filter(progress::Column::LearnerId.eq(learner.0)).one(&self.db).await?;
            if let Some(row) = row {
                known.insert(learner, open(key, &row)?);
            }
        }
        Ok(known)
    }
}
