//! Questions about the policy (clause 12.4): asked by who is signed in, answered by the privacy officer of the school.
//! The officer sees what was asked and what was answered, not by whom: that is not needed for an answer.

use jiayin_domain::id::{PersonId, QuestionId};
use jiayin_domain::role::Role;
use jiayin_privacy::category::Inquiry;
use jiayin_privacy::{Grant, Personal, Relation, Scope, Sealed, column, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::audit::{Details, asking, own};
use crate::entity::policy_question;
use crate::{Store, StoreError, Viewer, time};

/// Questions of one person that may wait for an answer at a time.
const OPEN_MAX: u64 = 10;
/// Questions that are shown to the officer at a time, the unanswered ones first.
const SHOWN: u64 = 100;

/// A question and its answer.
pub struct Question {
    /// The question.
    pub question: QuestionId,
    /// What was asked.
    pub text: Personal<String, Inquiry>,
    /// When.
    pub asked_at: Timestamp,
    /// The answer, and when it was given.
    pub answer: Option<(Personal<String, Inquiry>, Timestamp)>,
}

/// Questions with the grant that opens them.
pub struct Questions {
    /// Opens them.
    pub grant: Grant<purpose::Inquiries>,
    /// The questions.
    pub questions: Vec<Question>,
}

impl Store {
    /// Asks a question. `None` if too many of one's own wait for an answer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn ask(&self, viewer: &Viewer, text: &str) -> Result<Option<QuestionId>, StoreError> {
        let open = policy_question::Entity::find()
            .filter(policy_question::Column::PersonId.eq(viewer.person.0))
            .filter(policy_question::Column::AnsweredAt.is_null())
            .count(&self.db)
            .await?;
        if open >= OPEN_MAX {
            return Ok(None);
        }
        let id = QuestionId::new(&*self.clock, &*self.entropy);
        let key = self.keys.key(viewer.person).await?;
        let sealed = key.seal(column::policy_question::TEXT, id.0, &text, &*self.entropy)?;
        let row = policy_question::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            person_id: Set(viewer.person.0),
            answered_by: Set(None),
            asked_at: Set(self.now_ms()),
            answered_at: Set(None),
            text: Set(sealed.into_bytes()),
            answer: Set(None),
        };
        policy_question::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(Some(id))
    }

    /// One's own questions, the newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn own_questions(&self, viewer: &Viewer) -> Result<Questions, StoreError> {
        let rows = policy_question::Entity::find()
            .filter(policy_question::Column::PersonId.eq(viewer.person.0))
            .order_by_desc(policy_question::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        Ok(Questions { grant, questions: self.opened(rows).await? })
    }

    /// The questions of a school for its officer: those without an answer first, then the newest. None for anybody else.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn questions(&self, viewer: &Viewer) -> Result<Option<Questions>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        let rows = policy_question::Entity::find()
            .filter(policy_question::Column::SchoolId.eq(viewer.school.0))
            .order_by_asc(policy_question::Column::AnsweredAt.is_not_null())
            .order_by_desc(policy_question::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        let askers = Scope::many(rows.iter().map(|row| PersonId(row.person_id)));
        let grant = self.grant(asking(Some(viewer.person), viewer.school, Relation::Officer, askers)).await?;
        Ok(Some(Questions { grant, questions: self.opened(rows).await? }))
    }

    /// Answers a question, or answers it anew; who answers what is in the audit log. Whether there is such a question for
    /// the viewer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn answer(&self, viewer: &Viewer, id: QuestionId, text: &str) -> Result<bool, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(false);
        }
        let found = policy_question::Entity::find_by_id(id.0)
            .filter(policy_question::Column::SchoolId.eq(viewer.school.0))
            .one(&self.db)
            .await?;
        let Some(row) = found else { return Ok(false) };
        let asker = PersonId(row.person_id);
        let request = asking(Some(viewer.person), viewer.school, Relation::Officer, Scope::One(asker));
        self.grant::<purpose::Inquiries>(request.about("answer", row.id)).await?;
        let key = self.keys.key(asker).await?;
        let sealed = key.seal(column::policy_question::ANSWER, row.id, &text, &*self.entropy)?;
        policy_question::Entity::update_many()
            .col_expr(policy_question::Column::Answer, Expr::value(Some(sealed.into_bytes())))
            .col_expr(policy_question::Column::AnsweredBy, Expr::value(Some(viewer.person.0)))
            .col_expr(policy_question::Column::AnsweredAt, Expr::value(Some(self.now_ms())))
            .filter(policy_question::Column::Id.eq(row.id))
            .exec(&self.db)
            .await?;
        Ok(true)
    }

    /// Questions of a school that wait for an answer.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn open_questions(&self, viewer: &Viewer) -> Result<u64, StoreError> {
        let open = policy_question::Entity::find()
            .filter(policy_question::Column::SchoolId.eq(viewer.school.0))
            .filter(policy_question::Column::AnsweredAt.is_null());
        Ok(open.count(&self.db).await?)
    }

    async fn opened(&self, rows: Vec<policy_question::Model>) -> Result<Vec<Question>, StoreError> {
        let askers: Vec<PersonId> = rows.iter().map(|row| PersonId(row.person_id)).collect();
        let keys = self.keys.keys(&askers).await?;
        let mut questions = Vec::with_capacity(rows.len());
        for row in rows {
            // Whoever was erased meanwhile has no key, and their question is noise.
            let Some(key) = keys.get(&PersonId(row.person_id)) else { continue };
            let text = key.open(column::policy_question::TEXT, row.id, &Sealed::from_bytes(row.text))?;
            let answer = match row.answer.zip(row.answered_at) {
                Some((sealed, at)) => {
                    let sealed = Sealed::from_bytes(sealed);
                    Some((key.open(column::policy_question::ANSWER, row.id, &sealed)?, time(at)))
                }
                None => None,
            };
            questions.push(Question { question: QuestionId(row.id), text, asked_at: time(row.asked_at), answer });
        }
        Ok(questions)
    }
}
