//! Undoing the last import of a campus: what it made and nobody has used goes, who was moved goes back. What was used since
//! stays, and is told.

use std::collections::HashSet;

use jiayin_domain::id::{CampusId, RosterImportId};
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entity::{
    assignment, campus, class, class_code, invitation, learner_number, membership, roster_import, submission, term,
};
use crate::terms::managed;
use crate::{Store, StoreError, Viewer, time, write};

/// The last import of a campus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastImport {
    /// The import.
    pub id: RosterImportId,
    /// When it was made.
    pub at: Timestamp,
    /// When it was undone.
    pub undone: Option<Timestamp>,
}

/// What undoing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undone {
    /// Invitations taken back.
    pub invitations: u64,
    /// Invitations that were used, and stay so.
    pub used: u64,
    /// Places in classes taken back.
    pub places: u64,
    /// Places in which somebody has begun to work, and stays.
    pub begun: u64,
    /// Classes and terms closed again.
    pub frames: u64,
    /// Classes and terms that something hangs on by now.
    pub kept: u64,
}

impl Store {
    /// The last import of the viewer's campus that is still known. `None` if there is none, or the viewer manages no campus.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn last_import(&self, viewer: &Viewer) -> Result<Option<LastImport>, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(None) };
        let row = last(&self.db, campus).await?;
        Ok(row.map(|row| LastImport {
            id: RosterImportId(row.id),
            at: time(row.created_at),
            undone: row.undone_at.map(time),
        }))
    }

    /// Undoes the last import of the viewer's campus. `None` if this is not it, or it is undone already.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing is undone.
    pub async fn undo_import(&self, viewer: &Viewer, id: RosterImportId) -> Result<Option<Undone>, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(None) };
        let transaction = write::begin(&self.db).await?;
        campus::Entity::find_by_id(campus.0).lock_exclusive().one(&transaction).await?;
        let row = last(&transaction, campus).await?.filter(|row| row.id == id.0 && row.undone_at.is_none());
        let Some(row) = row else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let undoing = Undoing { db: &transaction, import: row, now: self.now_ms() };
        let mut undone = Undone::default();
        undoing.invitations(&mut undone).await?;
        undoing.places(&mut undone).await?;
        undoing.numbers().await?;
        undoing.frames(&mut undone).await?;
        undoing.end().await?;
        transaction.commit().await?;
        Ok(Some(undone))
    }
}

async fn last<D: sea_orm::ConnectionTrait>(
    db: &D,
    campus: CampusId,
) -> Result<Option<roster_import::Model>, StoreError> {
    Ok(roster_import::Entity::find()
        .filter(roster_import::Column::CampusId.eq(campus.0))
        .order_by_desc(roster_import::Column::CreatedAt)
        .order_by_desc(roster_import::Column::Id)
        .one(db)
        .await?)
}

struct Undoing<'a> {
    db: &'a DatabaseTransaction,
    import: roster_import::Model,
    now: i64,
}

impl Undoing<'_> {
    async fn invitations(&self, undone: &mut Undone) -> Result<(), StoreError> {
        let made = invitation::Column::ImportId.eq(self.import.id);
        let taken = invitation::Entity::delete_many()
            .filter(made.clone())
            .filter(invitation::Column::UsedAt.is_null())
            .exec(self.db)
            .await?;
        undone.invitations = taken.rows_affected;
        undone.used = invitation::Entity::find().filter(made).count(self.db).await?;
        Ok(())
    }

    async fn places(&self, undone: &mut Undone) -> Result<(), StoreError> {
        let made = membership::Entity::find()
            .filter(membership::Column::ImportId.eq(self.import.id))
            .filter(membership::Column::LeftAt.is_null())
            .all(self.db)
            .await?;
        let busy = self.busy(&made).await?;
        let (stay, go): (Vec<_>, Vec<_>) =
            made.into_iter().partition(|row| busy.contains(&(row.class_id, row.person_id)));
        // Who had been in the class before the import left it again; the others were never there.
        let (back, new): (Vec<_>, Vec<_>) = go.iter().partition(|row| row.since < self.import.created_at);
        membership::Entity::delete_many()
            .filter(membership::Column::Id.is_in(new.iter().map(|row| row.id)))
            .exec(self.db)
            .await?;
        membership::Entity::update_many()
            .col_expr(membership::Column::LeftAt, Expr::value(self.now))
            .filter(membership::Column::Id.is_in(back.iter().map(|row| row.id)))
            .exec(self.db)
            .await?;
        let movers = go.iter().map(|row| row.person_id);
        membership::Entity::update_many()
            .col_expr(membership::Column::LeftAt, Expr::value(None::<i64>))
            .col_expr(membership::Column::LeftBy, Expr::value(None::<Uuid>))
            .filter(membership::Column::LeftBy.eq(self.import.id))
            .filter(membership::Column::PersonId.is_in(movers))
            .exec(self.db)
            .await?;
        (undone.places, undone.begun) = (go.len() as u64, stay.len() as u64);
        Ok(())
    }

    /// Places in which somebody has begun: a learner with work for the class, a teacher who has given some.
    async fn busy(&self, made: &[membership::Model]) -> Result<HashSet<(Uuid, Uuid)>, StoreError> {
        let given = assignment::Entity::find()
            .filter(assignment::Column::ClassId.is_in(made.iter().map(|row| row.class_id)))
            .all(self.db)
            .await?;
        let begun = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(given.iter().map(|row| row.id)))
            .filter(submission::Column::LearnerId.is_in(made.iter().map(|row| row.person_id)))
            .all(self.db)
            .await?;
        let class_of = |id| given.iter().find(|row| row.id == id).map(|row| row.class_id);
        let learners = begun.iter().filter_map(|own| Some((class_of(own.assignment_id)?, own.learner_id)));
        let teacher = |class, person| {
            let role = Role::Teacher.tag();
            made.iter().any(|row| (row.class_id, row.person_id) == (class, person) && row.role == role)
        };
        let since = given.iter().filter(|row| row.created_at >= self.import.created_at);
        let teachers = since.map(|row| (row.class_id, row.created_by)).filter(|(class, by)| teacher(*class, *by));
        Ok(learners.chain(teachers).collect())
    }

    async fn numbers(&self) -> Result<(), StoreError> {
        let theirs = learner_number::Column::ImportId.eq(self.import.id);
        learner_number::Entity::delete_many().filter(theirs).exec(self.db).await?;
        Ok(())
    }

    /// Classes on which nothing hangs, and then terms without classes.
    async fn frames(&self, undone: &mut Undone) -> Result<(), StoreError> {
        let made = class::Entity::find().filter(class::Column::ImportId.eq(self.import.id)).all(self.db).await?;
        for row in made {
            if self.hangs_on(row.id).await? {
                undone.kept += 1;
            } else {
                class::Entity::delete_by_id(row.id).exec(self.db).await?;
                undone.frames += 1;
            }
        }
        class::Entity::update_many()
            .col_expr(class::Column::TermId, Expr::value(None::<Uuid>))
            .col_expr(class::Column::TermBy, Expr::value(None::<Uuid>))
            .filter(class::Column::TermBy.eq(self.import.id))
            .exec(self.db)
            .await?;
        let terms = term::Entity::find().filter(term::Column::ImportId.eq(self.import.id)).all(self.db).await?;
        for row in terms {
            let used = class::Entity::find().filter(class::Column::TermId.eq(row.id)).count(self.db).await?;
            if used > 0 {
                undone.kept += 1;
            } else {
                term::Entity::delete_by_id(row.id).exec(self.db).await?;
                undone.frames += 1;
            }
        }
        Ok(())
    }

    async fn hangs_on(&self, class: Uuid) -> Result<bool, StoreError> {
        let members = membership::Entity::find().filter(membership::Column::ClassId.eq(class)).count(self.db).await?;
        // A ticket that was used or is open; one that is over asks for nothing any more.
        let alive = Condition::any()
            .add(invitation::Column::UsedAt.is_not_null())
            .add(invitation::Column::ExpiresAt.gt(self.now));
        let tickets = invitation::Entity::find()
            .filter(invitation::Column::ClassId.eq(class))
            .filter(alive)
            .count(self.db)
            .await?;
        let given = assignment::Entity::find().filter(assignment::Column::ClassId.eq(class)).count(self.db).await?;
        let code = class_code::Entity::find_by_id(class).one(self.db).await?;
        Ok(members + tickets + given > 0 || code.is_some())
    }

    async fn end(&self) -> Result<(), StoreError> {
        roster_import::Entity::update_many()
            .col_expr(roster_import::Column::UndoneAt, Expr::value(self.now))
            .filter(roster_import::Column::Id.eq(self.import.id))
            .exec(self.db)
            .await?;
        Ok(())
    }
}
