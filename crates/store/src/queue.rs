//! The teacher's queue: the recordings that wait to be heard, and what stands around one of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiayin_domain::homework::SubmissionState;
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, purpose};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{assignment, class, exercise, submission};
use crate::faces::Known;
use crate::homework::AttemptCard;
use crate::{Store, StoreError, Viewer, results};

/// Which recordings stand in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Those of all classes of the teacher.
    Everything,
    /// Those of one class.
    Class(ClassId),
    /// Those of one assignment.
    Assignment(AssignmentId),
}

/// A recording in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// The recording.
    pub recording: RecordingId,
    /// Whose it is.
    pub learner: PersonId,
    /// Of which class.
    pub class: ClassId,
    /// For which assignment.
    pub assignment: AssignmentId,
    /// Which sentence.
    pub exercise: ExerciseId,
    /// It counts, and the teacher has not looked at it yet.
    pub waits: bool,
}

/// Whose recording it is, and of which class and assignment.
pub struct Reviewed {
    /// Opens the name and the attempts.
    pub grant: Grant<purpose::Teaching>,
    /// The learner's name, and what stands beside it.
    pub learner: Known,
    /// The class.
    pub class: ClassId,
    /// The class's name.
    pub class_name: String,
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// All attempts of the learner at the sentence, from the first to the last.
    pub attempts: Vec<AttemptCard>,
    /// The queue in its order, this recording among it, with those of its assignment that were looked at already.
    pub queue: Vec<Queued>,
}

impl Store {
    /// The recordings of the viewer's classes that wait to be heard: the assignment that is due first before the others,
    /// learner by learner in the order of the roster, sentence by sentence.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn queue(&self, viewer: &Viewer, within: Within) -> Result<Vec<Queued>, StoreError> {
        let mut queue = self.recordings_that_count(viewer, within, None).await?;
        queue.retain(|queued| queued.waits);
        Ok(queue)
    }

    /// The recordings that count, in the order of the queue. Work that was looked at as a whole is left out, that of the
    /// assignment `whole` is not.
    async fn recordings_that_count(
        &self,
        viewer: &Viewer,
        within: Within,
        whole: Option<AssignmentId>,
    ) -> Result<Vec<Queued>, StoreError> {
        let classes = self.classes_of(viewer.person, Role::Teacher).await?;
        let mut rows = self.assignments_of(&classes).await?;
        rows.retain(|row| match within {
            Within::Everything => true,
            Within::Class(class) => row.class_id == class.0,
            Within::Assignment(only) => row.id == only.0,
        });
        rows.reverse();
        let unfinished = Condition::any().add(submission::Column::State.ne(SubmissionState::Reviewed.tag()));
        let submissions = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(rows.iter().map(|row| row.id)))
            .filter(unfinished.add_option(whole.map(|whole| submission::Column::AssignmentId.eq(whole.0))))
            .all(&self.db)
            .await?;
        rows.retain(|row| submissions.iter().any(|own| own.assignment_id == row.id));
        let order = self.order_of_sentences(&rows).await?;
        let kept = self.kept_of(&submissions).await?;
        let members = self.members(&classes, Role::Learner).await?;
        let mut opened = HashMap::new();
        let mut queue = Vec::new();
        for row in &rows {
            let class = ClassId(row.class_id);
            let learners: Vec<PersonId> =
                members.iter().filter(|(other, _)| *other == class).map(|(_, person)| *person).collect();
            let (grant, keys) = match opened.entry(class) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let grant = self.teaching(viewer, class, learners.clone()).await?;
                    place.insert((grant, self.keys.keys(&learners).await?))
                }
            };
            for learner in learners {
                let own = submissions.iter().find(|own| own.assignment_id == row.id && own.learner_id == learner.0);
                let Some((own, sealed)) = own.and_then(|own| Some((own, own.results.as_ref()?))) else { continue };
                let Some(key) = keys.get(&learner) else { continue };
                let results = results::open(key, own.id.into(), sealed)?;
                let mut found = results.read(grant)?.clone();
                found.retain(|result| order.contains_key(&result.exercise));
                found.sort_by_key(|result| order.get(&result.exercise));
                queue.extend(found.into_iter().filter_map(|result| {
                    Some(Queued {
                        recording: result.recording.filter(|recording| kept.has(own.id, *recording))?,
                        learner,
                        class,
                        assignment: AssignmentId(row.id),
                        exercise: result.exercise,
                        waits: !result.reviewed,
                    })
                }));
            }
        }
        Ok(queue)
    }

    /// The places of the sentences of some assignments.
    async fn order_of_sentences(
        &self,
        assignments: &[assignment::Model],
    ) -> Result<HashMap<ExerciseId, usize>, StoreError> {
        let rows = exercise::Entity::find()
            .filter(exercise::Column::LessonId.is_in(assignments.iter().map(|row| row.lesson_id)))
            .filter(exercise::Column::WithdrawnAt.is_null())
            .order_by_asc(exercise::Column::Position)
            .order_by_asc(exercise::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().enumerate().map(|(place, row)| (ExerciseId(row.id), place)).collect())
    }

    /// What stands around a recording in the review, in the queue that was asked for. `None` if the viewer does not teach
    /// its class.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn review_context(
        &self,
        viewer: &Viewer,
        id: RecordingId,
        within: Within,
    ) -> Result<Option<Reviewed>, StoreError> {
        let Some((row, given)) = self.recording_row(id).await? else { return Ok(None) };
        if viewer.role != Role::Teacher || !self.teaches(viewer, given.class_id).await? {
            return Ok(None);
        }
        let (class, assignment) = (ClassId(given.class_id), AssignmentId(given.id));
        let (learner, exercise) = (PersonId(row.learner_id), ExerciseId(row.exercise_id));
        // A learner who has left the class: the teacher still answers for what was recorded in it.
        let grant = self.teaching(viewer, class, vec![learner]).await?;
        let Some(known) = self.known(&[learner]).await?.remove(&learner) else { return Ok(None) };
        let mut queue = self.recordings_that_count(viewer, within, Some(assignment)).await?;
        if !queue.iter().any(|queued| queued.recording == id) {
            // An attempt that does not count, opened from a list: it stands beside the one that does.
            let beside =
                |other: &Queued| (other.learner, other.assignment, other.exercise) == (learner, assignment, exercise);
            let at = queue.iter().position(beside).unwrap_or(queue.len());
            queue.insert(at, Queued { recording: id, learner, class, assignment, exercise, waits: false });
        }
        let titles = self.lesson_titles([given.lesson_id].into_iter()).await?;
        Ok(Some(Reviewed {
            grant,
            learner: known,
            class,
            class_name: self.class_name(class.0).await?,
            assignment,
            title: titles.get(&given.lesson_id).cloned().unwrap_or_default(),
            attempts: self.attempt_cards(row.submission_id, exercise, learner).await?,
            queue,
        }))
    }

    /// The name of a class.
    pub(crate) async fn class_name(&self, class: Uuid) -> Result<String, StoreError> {
        Ok(class::Entity::find_by_id(class).one(&self.db).await?.map(|row| row.name).unwrap_or_default())
    }
}
