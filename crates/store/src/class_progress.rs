//! A class over time, as its teacher sees it: homework by homework, and each learner's sounds; and a learner's own practice.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join;
use jiayin_domain::homework::ExerciseResult;
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId};
use jiayin_domain::progress::Progress;
use jiayin_privacy::{Grant, Personal, category, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::own;
use crate::entity::{recording, submission};
use crate::faces::Known;
use crate::homework::{Task, Tasks};
use crate::{Store, StoreError, Viewer, time};

/// Assignments that are looked at, the newest.
const ASSIGNMENTS: usize = 12;

/// A homework of the class.
pub struct Homework {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// The sentences that it asks for.
    pub exercises: HashSet<ExerciseId>,
}

/// A learner of the class.
pub struct LearnerProgress {
    /// The learner.
    pub learner: PersonId,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// Results, for each homework of [`ClassProgress::homework`]; `None` where nothing was tried.
    pub results: Vec<Option<Personal<Vec<ExerciseResult>, category::Evaluation>>>,
    /// What is known of sounds and words; `None` before anything was heard.
    pub skills: Option<Personal<Progress, category::Evaluation>>,
    /// When they last recorded anything.
    pub last: Option<Timestamp>,
}

/// A class over time.
pub struct ClassProgress {
    /// Opens names, results and skills.
    pub grant: Grant<purpose::Teaching>,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Its newest homework, the oldest of it first.
    pub homework: Vec<Homework>,
    /// The learners, in the order in which they joined.
    pub learners: Vec<LearnerProgress>,
    /// Learners whose guardians have paused or restricted processing, and who are not shown.
    pub left_out: usize,
}

/// What a learner may practise.
pub struct Practice {
    /// Opens results and skills.
    pub grant: Grant<purpose::Teaching>,
    /// The homework that the learner has had, the one that is due first at the beginning.
    pub tasks: Vec<Task>,
    /// What is known, and what was done.
    pub practised: Practised,
}

/// What a learner's home shows.
pub struct Home {
    /// Their homework.
    pub homework: Tasks,
    /// What they have practised.
    pub practised: Practised,
}

/// What a learner has practised.
pub struct Practised {
    /// What is known of sounds and words; `None` before anything was heard.
    pub skills: Option<Personal<Progress, category::Evaluation>>,
    /// Sentences that were recorded for practice since the moment that was asked for.
    pub done: HashSet<ExerciseId>,
}

impl Store {
    /// A class over time. `None` if the viewer does not teach it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn class_progress(&self, viewer: &Viewer, class: ClassId) -> Result<Option<ClassProgress>, StoreError> {
        let Some(row) = self.taught(viewer, class).await? else { return Ok(None) };
        let mut given = self.assignments_of(&[class]).await?;
        given.truncate(ASSIGNMENTS);
        given.reverse();
        let list = self.class_list(class).await?;
        let people = list.people();
        let grant = self.teaching(viewer, class, people.clone()).await?;
        let titles = self.lesson_titles(given.iter().map(|row| row.lesson_id)).await?;
        let sentences = self.sentences_of(given.iter().map(|row| row.lesson_id)).await?;
        let mut submissions = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(given.iter().map(|row| row.id)))
            .all(&self.db)
            .await?;
        submissions.retain(|own| people.contains(&PersonId(own.learner_id)));
        let mut opened = self.opened_results(&submissions).await?;
        let place: HashMap<(Uuid, Uuid), Uuid> =
            submissions.iter().map(|own| ((own.assignment_id, own.learner_id), own.id)).collect();
        let mut skills = self.skills_of(viewer.school.0, &people, &grant).await?;
        let last = self.last_of(&people).await?;
        let mut learners = Vec::with_capacity(people.len());
        for (learner, Known { name, .. }) in list.learners {
            let results = given.iter().map(|row| opened.remove(place.get(&(row.id, learner.0))?)).collect();
            let (skills, last) = (skills.remove(&learner), last.get(&learner).copied());
            learners.push(LearnerProgress { learner, name, results, skills, last });
        }
        let homework = given.iter().map(|row| Homework {
            assignment: AssignmentId(row.id),
            title: titles.get(&row.lesson_id).cloned().unwrap_or_default(),
            due_at: time(row.due_at),
            exercises: sentences.get(&row.lesson_id).into_iter().flatten().map(|one| one.exercise).collect(),
        });
        Ok(Some(ClassProgress {
            homework: homework.collect(),
            grant,
            class,
            name: row.name,
            learners,
            left_out: list.left_out,
        }))
    }

    /// When some learners last recorded anything.
    async fn last_of(&self, learners: &[PersonId]) -> Result<HashMap<PersonId, Timestamp>, StoreError> {
        let last: Vec<(Uuid, i64)> = recording::Entity::find()
            .select_only()
            .column(recording::Column::LearnerId)
            .column_as(recording::Column::CreatedAt.max(), "last")
            .filter(recording::Column::LearnerId.is_in(learners.iter().map(|learner| learner.0)))
            .group_by(recording::Column::LearnerId)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(last.into_iter().map(|(learner, at)| (PersonId(learner), time(at))).collect())
    }

    /// What the viewer, a learner, may practise, and what they have practised since a moment.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn practice(&self, viewer: &Viewer, since: Timestamp) -> Result<Practice, StoreError> {
        let learner = viewer.person;
        let grant = self.grant(own(learner, viewer.school)).await?;
        let (_, tasks) = self.tasks_of(learner).await?;
        let practised = self.practised_since(viewer, since, &grant).await?;
        Ok(Practice { grant, tasks, practised })
    }

    /// What is known of a learner's sounds and words, and what they have practised since a moment.
    async fn practised_since(
        &self,
        viewer: &Viewer,
        since: Timestamp,
        grant: &Grant<purpose::Teaching>,
    ) -> Result<Practised, StoreError> {
        let learner = viewer.person;
        let skills = self.skills_of(viewer.school.0, &[learner], grant).await?.remove(&learner);
        let done: Vec<Uuid> = recording::Entity::find()
            .select_only()
            .column(recording::Column::ExerciseId)
            .filter(recording::Column::LearnerId.eq(learner.0))
            .filter(recording::Column::Practice.eq(1))
            .filter(recording::Column::CreatedAt.gte(since.as_millisecond()))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(Practised { skills, done: done.into_iter().map(ExerciseId).collect() })
    }

    /// All that a learner's home shows: homework, what was done since `week`, and what was practised since `day`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn home(&self, viewer: &Viewer, week: Timestamp, day: Timestamp) -> Result<Home, StoreError> {
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let (work, practised) =
            try_join(self.work_of(viewer.person, week), self.practised_since(viewer, day, &grant)).await?;
        let ((in_class, tasks), heard, said) = work;
        Ok(Home { homework: Tasks { grant, in_class, tasks, heard, said }, practised })
    }

    /// The viewer's latest recording of a sentence for practice since a moment, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn practised(
        &self,
        viewer: &Viewer,
        exercise: ExerciseId,
        since: Timestamp,
    ) -> Result<Option<RecordingId>, StoreError> {
        let row = recording::Entity::find()
            .filter(recording::Column::LearnerId.eq(viewer.person.0))
            .filter(recording::Column::ExerciseId.eq(exercise.0))
            .filter(recording::Column::Practice.eq(1))
            .filter(recording::Column::CreatedAt.gte(since.as_millisecond()))
            .order_by_desc(recording::Column::CreatedAt)
            .one(&self.db)
            .await?;
        Ok(row.map(|row| RecordingId(row.id)))
    }
}
