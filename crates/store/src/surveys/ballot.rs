//! Anonymous answers: no way back.
//!
//! All answers of a survey lie in one row, its box, in one sealed value. Each answer opens the box, is put among the others in
//! the order of random numbers, and closes it again. So there is no row, no time, no place on the disk and no transaction
//! number of a single answer; only the last change of the whole box can be seen. The key is the key ring's: an old copy of the
//! database beside a newer one does not tell which answer is new.
//!
//! Who has taken part is kept apart, and only as long as needed to let each answer once: until the survey closes. An answer
//! can be taken back by a code that only its giver has been told; of the code a keyed digest lies with the answer until then.

use std::fmt;

use jiayin_domain::id::{SurveyId, random_uuid};
use jiayin_domain::provide::Entropy;
use jiayin_domain::survey::Answers;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Stage, stage};
use crate::entity::{ballot, survey, taken};
use crate::error::is_duplicate;
use crate::jobs::Leased;
use crate::{Store, StoreError, Viewer, write};

/// A survey's time is over; the job is about the survey.
pub const CLOSE_SURVEY: &str = "close_survey";

/// Letters of a code: none that looks like another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Letters of a code: 60 bits.
const LENGTH: usize = 12;
/// Letters between two spaces.
const GROUP: usize = 4;

/// The code by which an anonymous answer can be taken back. It is told once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A new code.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut random = [0; LENGTH];
        entropy.fill(&mut random);
        Self(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
    }

    /// Reads a code as people type it; `None` for what is none.
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        let code = code.to_ascii_uppercase();
        let is_code = code.len() == LENGTH && code.bytes().all(|letter| LETTERS.contains(&letter));
        is_code.then_some(Self(code))
    }

    /// The code as it is shown, in groups.
    pub fn to_text(&self) -> String {
        let groups: Vec<&str> = (0..LENGTH).step_by(GROUP).filter_map(|at| self.0.get(at..at + GROUP)).collect();
        groups.join(" ")
    }
}

/// Who knows it can take the answer back: it stays out of logs.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// What became of an anonymous answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// It lies in the box; also if the same form was sent twice.
    Kept,
    /// This person has taken part already.
    Already,
    /// The survey is closed.
    Closed,
}

/// One answer in a box.
#[derive(Serialize, Deserialize)]
pub(super) struct Slip {
    /// Digest of the code, in hexadecimal; by it the slips are sorted. Empty once the survey is closed.
    mark: String,
    /// What was answered.
    pub(super) answers: Answers,
}

/// Puts a slip among the others. Where it lies follows from its mark alone, which is random; not from when it came.
fn put(slips: &mut Vec<Slip>, slip: Slip) {
    let at = slips.partition_point(|other| other.mark < slip.mark);
    slips.insert(at, slip);
}

fn bound_to(survey: Uuid) -> String {
    format!("survey box {survey}")
}

impl Store {
    /// A code for whoever is about to answer.
    pub fn survey_code(&self) -> Code {
        Code::generate(&*self.entropy)
    }

    fn mark(&self, survey: Uuid, code: &Code) -> String {
        hex::encode(self.keys.tokens().digest("survey code", &[survey.as_bytes(), code.0.as_bytes()]))
    }

    /// Makes the empty box of a survey.
    pub(super) async fn make_ballot<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        survey: Uuid,
    ) -> Result<(), StoreError> {
        let answers = self.sealed_ballot(survey, &[])?;
        let row = ballot::ActiveModel { survey_id: Set(survey), school_id: Set(school), answers: Set(answers) };
        ballot::Entity::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    fn sealed_ballot(&self, survey: Uuid, slips: &[Slip]) -> Result<Vec<u8>, StoreError> {
        let plain = serde_json::to_vec(slips).map_err(|error| StoreError::Sealed(error.to_string()))?;
        Ok(self.keys.tokens().seal(&bound_to(survey), &plain, &*self.entropy)?)
    }

    /// What lies in the box of a survey; with `lock`, nobody else puts anything into it until the transaction ends.
    pub(super) async fn ballot<D: ConnectionTrait>(
        &self,
        db: &D,
        survey: Uuid,
        lock: bool,
    ) -> Result<Vec<Slip>, StoreError> {
        let find = ballot::Entity::find_by_id(survey);
        let row = if lock { find.lock_exclusive() } else { find }.one(db).await?;
        let Some(row) = row else { return Ok(Vec::new()) };
        let plain = self.keys.tokens().open(&bound_to(survey), &row.answers)?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::Damaged("the box of a survey".to_owned()))
    }

    async fn fill_ballot<D: ConnectionTrait>(&self, db: &D, survey: Uuid, slips: &[Slip]) -> Result<(), StoreError> {
        ballot::Entity::update_many()
            .col_expr(ballot::Column::Answers, Expr::value(self.sealed_ballot(survey, slips)?))
            .filter(ballot::Column::SurveyId.eq(survey))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Puts an anonymous answer into the box. `None` if no such survey asks the viewer. Nothing is written into the audit log
    /// or the ledger: the time of it would be that of the answer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn answer_unnamed(
        &self,
        viewer: &Viewer,
        id: SurveyId,
        answers: &Answers,
        code: &Code,
    ) -> Result<Option<Dropped>, StoreError> {
        let Some(row) = self.asked_survey(viewer, id).await?.filter(|row| row.anonymous != 0) else { return Ok(None) };
        let mark = self.mark(row.id, code);
        let transaction = write::begin(&self.durable).await?;
        let mut slips = self.ballot(&transaction, row.id, true).await?;
        if slips.iter().any(|slip| slip.mark == mark) {
            transaction.rollback().await?;
            return Ok(Some(Dropped::Kept));
        }
        // Looked at again behind the lock: closing may have come first.
        let still = survey::Entity::find_by_id(row.id).one(&transaction).await?;
        if !still.is_some_and(|row| stage(&row, self.now_ms()) == Stage::Open) {
            transaction.rollback().await?;
            return Ok(Some(Dropped::Closed));
        }
        let part = taken::ActiveModel {
            id: Set(random_uuid(&*self.entropy)),
            school_id: Set(row.school_id),
            survey_id: Set(row.id),
            person_id: Set(viewer.person.0),
        };
        match taken::Entity::insert(part).exec_without_returning(&transaction).await {
            Err(error) if is_duplicate(&error) => {
                transaction.rollback().await?;
                return Ok(Some(Dropped::Already));
            }
            other => drop(other?),
        }
        put(&mut slips, Slip { mark, answers: answers.clone() });
        self.fill_ballot(&transaction, row.id, &slips).await?;
        transaction.commit().await?;
        Ok(Some(Dropped::Kept))
    }

    /// Takes the anonymous answer with this code out of the box, and lets the viewer answer anew. False if the survey is
    /// closed or knows no such code.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn take_unnamed_back(&self, viewer: &Viewer, id: SurveyId, code: &Code) -> Result<bool, StoreError> {
        let Some(row) = self.asked_survey(viewer, id).await?.filter(|row| row.anonymous != 0) else {
            return Ok(false);
        };
        let mark = self.mark(row.id, code);
        let transaction = write::begin(&self.durable).await?;
        let mut slips = self.ballot(&transaction, row.id, true).await?;
        let Some(at) = slips.iter().position(|slip| slip.mark == mark) else {
            transaction.rollback().await?;
            return Ok(false);
        };
        slips.remove(at);
        self.fill_ballot(&transaction, row.id, &slips).await?;
        taken::Entity::delete_many()
            .filter(taken::Column::SurveyId.eq(row.id))
            .filter(taken::Column::PersonId.eq(viewer.person.0))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Closes a survey: who has taken part is forgotten, and so are the codes.
    pub(super) async fn shut<D: ConnectionTrait>(
        &self,
        db: &D,
        row: &survey::Model,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let mut slips = self.ballot(db, row.id, true).await?;
        for slip in &mut slips {
            slip.mark.clear();
        }
        self.fill_ballot(db, row.id, &slips).await?;
        taken::Entity::delete_many().filter(taken::Column::SurveyId.eq(row.id)).exec(db).await?;
        survey::Entity::update_many()
            .col_expr(survey::Column::ClosedAt, Expr::value(at_ms))
            .filter(survey::Column::Id.eq(row.id))
            .filter(survey::Column::ClosedAt.is_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Closes a survey whose time is over, and ends the job.
    ///
    /// # Errors
    /// If it cannot be stored; then the job stays.
    pub async fn close_survey_in_time(&self, leased: &Leased) -> Result<(), StoreError> {
        let transaction = write::begin(&self.db).await?;
        if !self.end_job(&transaction, leased).await? {
            transaction.rollback().await?;
            return Ok(());
        }
        let found = survey::Entity::find_by_id(leased.target).one(&transaction).await?;
        if let Some(row) = found
            && let Some(at) = row.closes_at
        {
            self.shut(&transaction, &row, at).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, number) in bytes.iter_mut().zip(0..) {
                *byte = number;
            }
        }
    }

    #[test]
    fn clause_2_5_a_box_does_not_know_in_which_order_it_was_filled() {
        let slip = |mark: &str| Slip { mark: mark.to_owned(), answers: Answers::new() };
        let filled = |marks: &[&str]| {
            let mut slips = Vec::new();
            marks.iter().for_each(|mark| put(&mut slips, slip(mark)));
            slips.into_iter().map(|slip| slip.mark).collect::<Vec<_>>()
        };
        for order in
            [["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"], ["b", "c", "a"], ["c", "a", "b"], ["c", "b", "a"]]
        {
            assert_eq!(filled(&order), ["a", "b", "c"], "{order:?}");
        }
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = Code::generate(&Counting);
        assert_eq!(code.to_text(), "ABCD EFGH JKLM");
        for typed in ["ABCD EFGH JKLM", " abcdefghjklm\n", "abcd-efgh-jklm"] {
            assert_eq!(Code::parse(typed), Some(code.clone()), "{typed}");
        }
        for typed in ["", "ABCD EFGH JKL", "ABCD EFGH JKLMN", "ABCD EFGH JKL0", "ＡＢＣＤ EFGH JKLM"] {
            assert_eq!(Code::parse(typed), None, "{typed}");
        }
        assert_eq!(format!("{code:?}"), "Code");
    }
}
