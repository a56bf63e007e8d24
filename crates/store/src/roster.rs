//! Schools, campuses, classes; who belongs where.

use jiayin_domain::id::{CampusId, ClassId, PersonId, SchoolId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Purpose, Relation, Scope, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{assignment, campus, class, lesson, membership, person, school};
use crate::faces::{Known, KnownRow};
use crate::{Store, StoreError, Viewer};

/// The learners of a class, as its lists show them.
pub(crate) struct ClassList {
    /// Those who may be shown, in the order in which they joined.
    pub(crate) learners: Vec<(PersonId, Known)>,
    /// How many others there are: their guardians have paused or restricted processing.
    pub(crate) left_out: usize,
}

/// A learner of a class, and whether lists may show them.
#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    person: KnownRow,
    shown: bool,
}

impl ClassList {
    pub(crate) fn people(&self) -> Vec<PersonId> {
        self.learners.iter().map(|(person, _)| *person).collect()
    }
}

impl Store {
    /// Founds a school.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_school(&self, name: &str) -> Result<SchoolId, StoreError> {
        let id = SchoolId::new(&*self.clock, &*self.entropy);
        let row = school::ActiveModel { id: Set(id.0), name: Set(name.to_owned()), created_at: Set(self.now_ms()) };
        school::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(id)
    }

    /// The first school there is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn first_school(&self) -> Result<Option<(SchoolId, String)>, StoreError> {
        let row = school::Entity::find().order_by_asc(school::Column::Id).one(&self.db).await?;
        Ok(row.map(|row| (SchoolId(row.id), row.name)))
    }

    /// Opens a campus.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_campus(&self, school: SchoolId, name: &str) -> Result<CampusId, StoreError> {
        let id = CampusId::new(&*self.clock, &*self.entropy);
        let row = campus::ActiveModel {
            id: Set(id.0),
            school_id: Set(school.0),
            name: Set(name.to_owned()),
            created_at: Set(self.now_ms()),
        };
        campus::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(id)
    }

    /// Opens a class.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_class(&self, school: SchoolId, campus: CampusId, name: &str) -> Result<ClassId, StoreError> {
        let id = ClassId::new(&*self.clock, &*self.entropy);
        let row = class::ActiveModel {
            id: Set(id.0),
            school_id: Set(school.0),
            campus_id: Set(campus.0),
            name: Set(name.to_owned()),
            created_at: Set(self.now_ms()),
            term_id: Set(None),
            term_by: Set(None),
            import_id: Set(None),
        };
        class::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(id)
    }

    /// Takes someone into a class; who has left it comes back.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn join_class(
        &self,
        school: SchoolId,
        class: ClassId,
        person: PersonId,
        role: Role,
    ) -> Result<(), StoreError> {
        self.enrol(&self.db, school, (class.0, person), role).await
    }

    /// Ties a guardian to a learner.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn tie_guardian(
        &self,
        school: SchoolId,
        guardian: PersonId,
        learner: PersonId,
    ) -> Result<(), StoreError> {
        Ok(self.insert_tie(&self.db, school, guardian, learner).await?)
    }

    /// The classes in which a person is in a role.
    pub(crate) async fn classes_of(&self, person: PersonId, role: Role) -> Result<Vec<ClassId>, StoreError> {
        let rows = membership::Entity::find()
            .filter(membership::Column::PersonId.eq(person.0))
            .filter(membership::Column::Role.eq(role.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .order_by_asc(membership::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| ClassId(row.class_id)).collect())
    }

    /// The classes that a learner is in, and those that they have left.
    pub(crate) async fn classes_ever_of(&self, learner: PersonId) -> Result<(Vec<ClassId>, Vec<ClassId>), StoreError> {
        let rows: Vec<(Uuid, Option<i64>)> = membership::Entity::find()
            .select_only()
            .columns([membership::Column::ClassId, membership::Column::LeftAt])
            .filter(membership::Column::PersonId.eq(learner.0))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .order_by_asc(membership::Column::Id)
            .into_tuple()
            .all(&self.db)
            .await?;
        let (there, left): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, left)| left.is_none());
        let ids = |rows: Vec<(Uuid, Option<i64>)>| rows.into_iter().map(|(class, _)| ClassId(class)).collect();
        Ok((ids(there), ids(left)))
    }

    /// The classes that a learner has left, each with the time.
    pub(crate) async fn former_classes_of(&self, learner: PersonId) -> Result<Vec<(ClassId, i64)>, StoreError> {
        let rows = membership::Entity::find()
            .filter(membership::Column::PersonId.eq(learner.0))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .filter(membership::Column::LeftAt.is_not_null())
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().filter_map(|row| Some((ClassId(row.class_id), row.left_at?))).collect())
    }

    /// The members of some classes in a role: class and person, in the order in which they joined. Learners without the
    /// guardian's consent are not among them, nor is anyone who has had processing restricted: nothing of them may be
    /// opened.
    pub(crate) async fn members(
        &self,
        classes: &[ClassId],
        role: Role,
    ) -> Result<Vec<(ClassId, PersonId)>, StoreError> {
        self.members_with(classes, role, Some(membership::Column::LeftAt.is_null())).await
    }

    /// The same, with those who have left the classes.
    pub(crate) async fn members_ever(
        &self,
        classes: &[ClassId],
        role: Role,
    ) -> Result<Vec<(ClassId, PersonId)>, StoreError> {
        self.members_with(classes, role, None).await
    }

    async fn members_with(
        &self,
        classes: &[ClassId],
        role: Role,
        there: Option<Expr>,
    ) -> Result<Vec<(ClassId, PersonId)>, StoreError> {
        let learning = match role {
            Role::Learner => Some(Self::learning(self.consent_floor(<purpose::Teaching as Purpose>::ID).await?.into())),
            _ => None,
        };
        let rows = membership::Entity::find()
            .filter(membership::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
            .filter(membership::Column::Role.eq(role.tag()))
            .filter(Condition::all().add_option(learning).add_option(there))
            .filter(Self::restricted_member().not())
            .order_by_asc(membership::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| (ClassId(row.class_id), PersonId(row.person_id))).collect())
    }

    /// The learners of a class.
    pub(crate) async fn class_list(&self, class: ClassId) -> Result<ClassList, StoreError> {
        let learning = Self::learning(self.consent_floor(<purpose::Teaching as Purpose>::ID).await?.into());
        let shown = Condition::all().add(learning).add(Self::restricted_member().not());
        let member =
            membership::Entity::belongs_to(person::Entity).from(membership::Column::PersonId).to(person::Column::Id);
        let rows = membership::Entity::find()
            .select_only()
            .columns(KnownRow::COLUMNS)
            .expr_as(SimpleExpr::from(shown), "shown")
            .join(JoinType::InnerJoin, member.into())
            .filter(membership::Column::ClassId.eq(class.0))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .order_by_asc(membership::Column::Id)
            .into_model::<Listed>()
            .all(&self.db)
            .await?;
        let ids: Vec<PersonId> = rows.iter().filter(|row| row.shown).map(|row| PersonId(row.person.id)).collect();
        let keys = self.keys.keys(&ids).await?;
        let mut list = ClassList { left_out: rows.len() - ids.len(), learners: Vec::with_capacity(ids.len()) };
        for Listed { person, shown } in rows {
            let id = PersonId(person.id);
            let (true, Some(key)) = (shown, keys.get(&id)) else { continue };
            list.learners.push((id, person.open(key)?));
        }
        Ok(list)
    }

    /// Whether the viewer teaches the class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn is_my_class(&self, viewer: &Viewer, class: ClassId) -> Result<bool, StoreError> {
        self.teaches(viewer, class.0).await
    }

    /// The class, if the viewer teaches it.
    pub(crate) async fn taught(&self, viewer: &Viewer, class: ClassId) -> Result<Option<class::Model>, StoreError> {
        let teaches = membership::Entity::find()
            .select_only()
            .column(membership::Column::Id)
            .filter(membership::Column::ClassId.eq(class.0))
            .filter(membership::Column::PersonId.eq(viewer.person.0))
            .filter(membership::Column::Role.eq(Role::Teacher.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .filter(membership::Column::SchoolId.eq(viewer.school.0));
        Ok(class::Entity::find_by_id(class.0)
            .filter(Expr::exists(QueryTrait::into_query(teaches)))
            .one(&self.db)
            .await?)
    }

    /// Whether the viewer teaches the class.
    pub(crate) async fn teaches(&self, viewer: &Viewer, class: Uuid) -> Result<bool, StoreError> {
        let row = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(class))
            .filter(membership::Column::PersonId.eq(viewer.person.0))
            .filter(membership::Column::Role.eq(Role::Teacher.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .filter(membership::Column::SchoolId.eq(viewer.school.0))
            .one(&self.db)
            .await?;
        Ok(row.is_some())
    }

    /// The grant of a teacher over the learners of a class.
    pub(crate) async fn teaching(
        &self,
        viewer: &Viewer,
        class: ClassId,
        learners: Vec<PersonId>,
    ) -> Result<Grant<purpose::Teaching>, StoreError> {
        let scope = Scope::many(learners);
        let request = asking(Some(viewer.person), viewer.school, Relation::Teacher, scope);
        self.grant(request.in_group("class", class.0)).await
    }

    /// The assignments of some classes that are not withdrawn, newest due first.
    pub(crate) async fn assignments_of(&self, classes: &[ClassId]) -> Result<Vec<assignment::Model>, StoreError> {
        Ok(Self::given_to(classes).all(&self.db).await?)
    }

    /// The same with the titles of their lessons.
    pub(crate) async fn titled_assignments_of(
        &self,
        classes: &[ClassId],
    ) -> Result<Vec<(assignment::Model, String)>, StoreError> {
        let lesson =
            assignment::Entity::belongs_to(lesson::Entity).from(assignment::Column::LessonId).to(lesson::Column::Id);
        let given = Self::given_to(classes).join(JoinType::LeftJoin, lesson.into());
        let rows = given.select_also(lesson::Entity).all(&self.db).await?;
        Ok(rows.into_iter().map(|(row, lesson)| (row, lesson.map(|lesson| lesson.title).unwrap_or_default())).collect())
    }

    fn given_to(classes: &[ClassId]) -> Select<assignment::Entity> {
        assignment::Entity::find()
            .filter(assignment::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .order_by_desc(assignment::Column::DueAt)
            .order_by_desc(assignment::Column::Id)
    }
}
