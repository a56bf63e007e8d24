//! Schools, campuses, classes; who belongs where; a class and its work.

use jiayin_domain::homework::{ExerciseResult, SubmissionState};
use jiayin_domain::id::{
    AssignmentId, CampusId, ClassId, ExerciseId, GuardianshipId, MembershipId, PersonId, SchoolId, SubmissionId,
};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Purpose, Relation, Scope, category, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::audit::{Details, asking};
use crate::entity::{assignment, campus, class, guardianship, membership, school, submission};
use crate::{Store, StoreError, Viewer, time};

/// A class as its teacher finds it in a list.
pub struct ClassCard {
    /// Opens the names.
    pub grant: Grant<purpose::Teaching>,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Its learners, in the order in which they joined, and what they are called.
    pub learners: Vec<(PersonId, Personal<String, category::Name>)>,
    /// Its assignments that are not withdrawn, newest due first.
    pub assignments: Vec<AssignmentCard>,
}

/// An assignment in a list, with how far the class is.
pub struct AssignmentCard {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Learners with every exercise done, looked at or not.
    pub done: Vec<PersonId>,
}

/// One learner's line in the grid of a class.
pub struct LearnerRow {
    /// The learner.
    pub learner: PersonId,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// Where they stand.
    pub state: SubmissionState,
    /// Results of the exercises that were tried; `None` if nothing was.
    pub results: Option<Personal<Vec<ExerciseResult>, category::Evaluation>>,
}

/// A class and one of its assignments.
pub struct ClassPage {
    /// Opens names and results.
    pub grant: Grant<purpose::Teaching>,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// All its assignments, newest due first: assignment, title, due.
    pub assignments: Vec<(AssignmentId, String, Timestamp)>,
    /// The one that is shown, if there is any.
    pub shown: Option<AssignmentId>,
    /// Exercises of the shown one in order: id and text.
    pub exercises: Vec<(ExerciseId, String)>,
    /// The learners, in the order in which they joined.
    pub learners: Vec<LearnerRow>,
    /// Learners who have had processing restricted and are not shown.
    pub left_out: usize,
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
        };
        class::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(id)
    }

    /// Takes someone into a class.
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
        let row = membership::ActiveModel {
            id: Set(MembershipId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(school.0),
            class_id: Set(class.0),
            person_id: Set(person.0),
            role: Set(role.tag().to_owned()),
            since: Set(self.now_ms()),
        };
        membership::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
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
        let row = guardianship::ActiveModel {
            id: Set(GuardianshipId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(school.0),
            guardian_id: Set(guardian.0),
            learner_id: Set(learner.0),
            since: Set(self.now_ms()),
        };
        guardianship::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// The classes of a person in a role.
    pub(crate) async fn classes_of(&self, person: PersonId, role: Role) -> Result<Vec<ClassId>, StoreError> {
        let rows = membership::Entity::find()
            .filter(membership::Column::PersonId.eq(person.0))
            .filter(membership::Column::Role.eq(role.tag()))
            .order_by_asc(membership::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| ClassId(row.class_id)).collect())
    }

    /// The members of some classes in a role: class and person, in the order in which they joined. Learners without the
    /// guardian's consent are not among them, nor is anyone who has had processing restricted: nothing of them may be
    /// opened.
    pub(crate) async fn members(
        &self,
        classes: &[ClassId],
        role: Role,
    ) -> Result<Vec<(ClassId, PersonId)>, StoreError> {
        let learning = match role {
            Role::Learner => Some(Self::learning(self.consent_floor(<purpose::Teaching as Purpose>::ID).await?.into())),
            _ => None,
        };
        let rows = membership::Entity::find()
            .filter(membership::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
            .filter(membership::Column::Role.eq(role.tag()))
            .filter(Condition::all().add_option(learning))
            .order_by_asc(membership::Column::Id)
            .all(&self.db)
            .await?;
        let people: Vec<PersonId> = rows.iter().map(|row| PersonId(row.person_id)).collect();
        let restricted = self.restricted(&people).await?;
        let members = rows.into_iter().map(|row| (ClassId(row.class_id), PersonId(row.person_id)));
        Ok(members.filter(|(_, person)| !restricted.contains(person)).collect())
    }

    /// How many learners of a class have had processing restricted, and are not shown.
    async fn left_out(&self, class: ClassId) -> Result<usize, StoreError> {
        let rows = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(class.0))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .all(&self.db)
            .await?;
        let people: Vec<PersonId> = rows.iter().map(|row| PersonId(row.person_id)).collect();
        Ok(self.restricted(&people).await?.len())
    }

    /// Whether the viewer teaches the class.
    pub(crate) async fn teaches(&self, viewer: &Viewer, class: Uuid) -> Result<bool, StoreError> {
        let row = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(class))
            .filter(membership::Column::PersonId.eq(viewer.person.0))
            .filter(membership::Column::Role.eq(Role::Teacher.tag()))
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

    /// The classes that the viewer teaches.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn my_classes(&self, viewer: &Viewer) -> Result<Vec<ClassCard>, StoreError> {
        let mine = self.classes_of(viewer.person, Role::Teacher).await?;
        let rows = class::Entity::find()
            .filter(class::Column::Id.is_in(mine.iter().map(|class| class.0)))
            .order_by_asc(class::Column::Id)
            .all(&self.db)
            .await?;
        let members = self.members(&mine, Role::Learner).await?;
        let assignments = self.assignments_of(&mine).await?;
        let titles = self.lesson_titles(assignments.iter().map(|row| row.lesson_id)).await?;
        let submissions = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(assignments.iter().map(|row| row.id)))
            .all(&self.db)
            .await?;
        let card = |row: &assignment::Model| {
            let is_done = |own: &&submission::Model| {
                matches!(SubmissionState::from_tag(&own.state), Some(SubmissionState::Done | SubmissionState::Reviewed))
            };
            let of_row = submissions.iter().filter(|own| own.assignment_id == row.id);
            AssignmentCard {
                assignment: AssignmentId(row.id),
                title: titles.get(&row.lesson_id).cloned().unwrap_or_default(),
                due_at: time(row.due_at),
                done: of_row.filter(is_done).map(|own| PersonId(own.learner_id)).collect(),
            }
        };
        let mut cards = Vec::with_capacity(rows.len());
        for row in rows {
            let class = ClassId(row.id);
            let people: Vec<PersonId> =
                members.iter().filter(|(other, _)| *other == class).map(|(_, person)| *person).collect();
            let grant = self.teaching(viewer, class, people.clone()).await?;
            let mut names = self.names(&people).await?;
            cards.push(ClassCard {
                grant,
                class,
                name: row.name,
                learners: people.into_iter().filter_map(|person| Some((person, names.remove(&person)?))).collect(),
                assignments: assignments.iter().filter(|given| given.class_id == row.id).map(card).collect(),
            });
        }
        Ok(cards)
    }

    /// The assignments of some classes that are not withdrawn, newest due first.
    pub(crate) async fn assignments_of(&self, classes: &[ClassId]) -> Result<Vec<assignment::Model>, StoreError> {
        Ok(assignment::Entity::find()
            .filter(assignment::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .order_by_desc(assignment::Column::DueAt)
            .order_by_desc(assignment::Column::Id)
            .all(&self.db)
            .await?)
    }

    /// A class and the assignment that was asked for, or the newest. `None` if the viewer does not teach it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn class_page(
        &self,
        viewer: &Viewer,
        class: ClassId,
        asked: Option<AssignmentId>,
    ) -> Result<Option<ClassPage>, StoreError> {
        if !self.teaches(viewer, class.0).await? {
            return Ok(None);
        }
        let Some(row) = class::Entity::find_by_id(class.0).one(&self.db).await? else { return Ok(None) };
        let assignments = self.assignments_of(&[class]).await?;
        let shown = match asked {
            Some(asked) => match assignments.iter().find(|row| row.id == asked.0) {
                Some(row) => Some(row),
                None => return Ok(None),
            },
            None => assignments.first(),
        };
        let titles = self.lesson_titles(assignments.iter().map(|row| row.lesson_id)).await?;
        let exercises = match shown {
            Some(row) => self.exercises_of(row.lesson_id).await?,
            None => Vec::new(),
        };
        let submissions = match shown {
            Some(row) => {
                submission::Entity::find().filter(submission::Column::AssignmentId.eq(row.id)).all(&self.db).await?
            }
            None => Vec::new(),
        };
        let people: Vec<PersonId> =
            self.members(&[class], Role::Learner).await?.into_iter().map(|(_, person)| person).collect();
        let grant = self.teaching(viewer, class, people.clone()).await?;
        let learners = self.learner_rows(&people, &submissions).await?;
        Ok(Some(ClassPage {
            grant,
            class,
            name: row.name,
            shown: shown.map(|row| AssignmentId(row.id)),
            assignments: assignments
                .iter()
                .map(|row| {
                    let title = titles.get(&row.lesson_id).cloned().unwrap_or_default();
                    (AssignmentId(row.id), title, time(row.due_at))
                })
                .collect(),
            exercises: exercises.into_iter().map(|row| (ExerciseId(row.id), row.text)).collect(),
            learners,
            left_out: self.left_out(class).await?,
        }))
    }

    /// A line for each learner.
    pub(crate) async fn learner_rows(
        &self,
        people: &[PersonId],
        submissions: &[submission::Model],
    ) -> Result<Vec<LearnerRow>, StoreError> {
        let mut names = self.names(people).await?;
        let keys = self.keys.keys(people).await?;
        let mut rows = Vec::with_capacity(people.len());
        for person in people {
            let (Some(name), Some(key)) = (names.remove(person), keys.get(person)) else { continue };
            let own = submissions.iter().find(|row| row.learner_id == person.0);
            let results = match own.and_then(|row| Some((SubmissionId(row.id), row.results.as_ref()?))) {
                Some((id, sealed)) => Some(crate::results::open(key, id, sealed)?),
                None => None,
            };
            let state = own.and_then(|row| SubmissionState::from_tag(&row.state)).unwrap_or(SubmissionState::Open);
            rows.push(LearnerRow { learner: *person, name, state, results });
        }
        Ok(rows)
    }
}
