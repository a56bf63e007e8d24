//! A lesson becomes a class's homework, and can be taken back.

use std::collections::HashMap;

use jiayin_domain::id::{AssignmentId, ClassId, LessonId};
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::assignment;
use crate::{Store, StoreError, Viewer, time, write};

/// A class that is about to be given homework.
pub struct Receiving {
    /// Its name.
    pub name: String,
    /// How many learners it has.
    pub learners: usize,
    /// When it was last given each lesson.
    pub given: HashMap<LessonId, Timestamp>,
}

impl Store {
    /// A class as it stands before homework is given to it. `None` if the viewer does not teach it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn receiving(&self, viewer: &Viewer, class: ClassId) -> Result<Option<Receiving>, StoreError> {
        if !self.teaches(viewer, class.0).await? {
            return Ok(None);
        }
        let mut given: HashMap<LessonId, Timestamp> = HashMap::new();
        for row in self.assignments_of(&[class]).await? {
            let (last, at) = (given.entry(LessonId(row.lesson_id)).or_insert(Timestamp::MIN), time(row.created_at));
            *last = at.max(*last);
        }
        let learners = self.members(&[class], Role::Learner).await?.len();
        Ok(Some(Receiving { name: self.class_name(class.0).await?, learners, given }))
    }

    /// Gives a lesson to a class. `None` if the viewer does not teach the class, or there is no such lesson, or it is a draft.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn assign(
        &self,
        viewer: &Viewer,
        class: ClassId,
        lesson: LessonId,
        due_at: Timestamp,
    ) -> Result<Option<AssignmentId>, StoreError> {
        let found = self.lesson_row(viewer, lesson).await?;
        if !self.teaches(viewer, class.0).await? || found.is_none_or(|lesson| lesson.published_at.is_none()) {
            return Ok(None);
        }
        let id = AssignmentId::new(&*self.clock, &*self.entropy);
        let row = assignment::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            class_id: Set(class.0),
            lesson_id: Set(lesson.0),
            created_by: Set(viewer.person.0),
            due_at: Set(due_at.as_millisecond()),
            created_at: Set(self.now_ms()),
            withdrawn_at: Set(None),
        };
        let transaction = write::begin(&self.db).await?;
        assignment::Entity::insert(row).exec_without_returning(&transaction).await?;
        self.tell_of_homework(&transaction, viewer.school.0, id, due_at.as_millisecond()).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Takes an assignment back. What was recorded for it stays. Whether the viewer has such an assignment.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn withdraw(&self, viewer: &Viewer, id: AssignmentId) -> Result<bool, StoreError> {
        let Some(row) = assignment::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(false) };
        if !self.teaches(viewer, row.class_id).await? {
            return Ok(false);
        }
        assignment::Entity::update_many()
            .col_expr(assignment::Column::WithdrawnAt, Expr::value(self.now_ms()))
            .filter(assignment::Column::Id.eq(id.0))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(true)
    }
}
