//! The privacy officer's side of the log: who opened what, of whom, and why, in the officer's own school. Nobody's name is in it:
//! people are told apart by their account numbers.

use jiayin_domain::id::{AuditId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Relation, Scope, purpose};
use jiff::Timestamp;
use sea_orm::sea_query::{IntoCondition as _, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _};
use uuid::Uuid;

use super::{Details, asking};
use crate::entity::audit::{Column, Entity, Model};
use crate::entity::{class, membership, person};
use crate::{Store, StoreError, Viewer, time};

/// Entries of a page.
pub const PAGE: u64 = 50;

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Those of what this person opened, or of what was opened of them, alone or with a class or campus they were in.
    pub person: Option<PersonId>,
    /// Id of the purpose.
    pub purpose: Option<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Those that come after this entry in the list: older ones.
    pub after: Option<AuditId>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// Its place in the chain; none for what is older than the chain.
    pub number: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// Who; `None` is the program itself.
    pub actor: Option<PersonId>,
    /// What the actor was to those people, a word of [`Relation::tag`].
    pub relation: String,
    /// Id of the purpose.
    pub purpose: String,
    /// Ids of the categories, with commas between them.
    pub categories: String,
    /// `person`, `class`, `campus`, `survey`, `people`.
    pub scope_kind: String,
    /// The person or the group.
    pub scope: Option<Uuid>,
    /// How many people.
    pub subjects: i64,
    /// What was opened or done, if it was one thing.
    pub object: Option<String>,
}

impl Store {
    /// Entries of the officer's school, the newest first, [`PAGE`] or `limit` of them. Who is looked up by account number, is
    /// noted in the log itself. `None` for anybody but the privacy officer.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn log_entries(
        &self,
        viewer: &Viewer,
        asked: &Asked,
        limit: u64,
    ) -> Result<Option<Vec<Entry>>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        let mut find = Entity::find();
        if let Some(person) = asked.person {
            let request = asking(Some(viewer.person), viewer.school, Relation::Officer, Scope::One(person));
            let _: Grant<purpose::Accountability> = self.grant(request.about("audit-read", person.0)).await?;
            let here = person::Entity::find_by_id(person.0).filter(person::Column::SchoolId.eq(viewer.school.0));
            if here.one(&self.db).await?.is_none() {
                return Ok(Some(Vec::new()));
            }
            // What concerns somebody is in the log of their school alone; asked for both, SQLite would read all of the school.
            find = find.filter(self.concerning(person).await?);
        } else {
            find = find.filter(Column::SchoolId.eq(viewer.school.0));
        }
        if let Some(purpose) = &asked.purpose {
            find = find.filter(Column::Purpose.eq(purpose.as_str()));
        }
        if let Some(from) = asked.from {
            find = find.filter(Column::At.gte(from.as_millisecond()));
        }
        if let Some(until) = asked.until {
            find = find.filter(Column::At.lt(until.as_millisecond()));
        }
        if let Some(after) = asked.after
            && let Some(last) = Entity::find_by_id(after.0).one(&self.db).await?
        {
            let same = Condition::all().add(Column::At.eq(last.at)).add(Column::Id.lt(last.id));
            find = find.filter(Column::At.lte(last.at));
            find = find.filter(Condition::any().add(Column::At.lt(last.at)).add(same));
        }
        // As the index over school and time has them.
        let rows = find.order_by_desc(Column::At).order_by_desc(Column::Id).limit(limit).all(&self.db).await?;
        Ok(Some(rows.into_iter().map(entry).collect()))
    }

    /// The condition that an entry is by a person or about them: about themselves, or about a class or its campus while they
    /// were in that class. Each part of it is found by an index; joined by "or", they would not be.
    async fn concerning(&self, person: PersonId) -> Result<SimpleExpr, StoreError> {
        let member = membership::Entity::find()
            .filter(membership::Column::PersonId.eq(person.0))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .all(&self.db)
            .await?;
        let classes = class::Entity::find()
            .filter(class::Column::Id.is_in(member.iter().map(|member| member.class_id)))
            .all(&self.db)
            .await?;
        let found = |which: Condition| Entity::find().select_only().column(Column::Id).filter(which).into_query();
        let mut all = found(Column::ActorId.eq(person.0).into_condition());
        all.union(UnionType::Distinct, found(Column::ScopeId.eq(person.0).into_condition()));
        for member in member {
            let campus = classes.iter().find(|class| class.id == member.class_id).map(|class| class.campus_id);
            let groups = std::iter::once(member.class_id).chain(campus);
            let mut while_there = Condition::all().add(Column::ScopeId.is_in(groups)).add(Column::At.gte(member.since));
            if let Some(left) = member.left_at {
                while_there = while_there.add(Column::At.lte(left));
            }
            all.union(UnionType::Distinct, found(while_there));
        }
        Ok(Column::Id.in_subquery(all))
    }
}

fn entry(row: Model) -> Entry {
    Entry {
        id: AuditId(row.id),
        number: row.number,
        at: time(row.at),
        actor: row.actor_id.map(PersonId),
        relation: row.relation,
        purpose: row.purpose,
        categories: row.category,
        scope_kind: row.scope_kind,
        scope: row.scope_id,
        subjects: row.subjects,
        object: row.object_kind,
    }
}
