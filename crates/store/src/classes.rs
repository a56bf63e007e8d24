//! Classes as their teachers see them: all of them with what waits, one of them with its work.

use std::collections::{HashMap, HashSet};

use futures_util::TryFutureExt;
use futures_util::future::{try_join, try_join_all, try_join3};
use jiayin_domain::homework::{ExerciseResult, SubmissionState};
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId, PersonId, RecordingId, SubmissionId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, category, purpose};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::courses::Sentence;
use crate::entity::{assignment, class, submission};
use crate::faces::Known;
use crate::retention::Kept;
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
    /// Recordings that wait for the teacher.
    pub to_hear: usize,
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
    /// What they are called, and what stands beside it.
    pub known: Known,
    /// Where they stand.
    pub state: SubmissionState,
    /// Results of the exercises that were tried; `None` if nothing was.
    pub results: Option<Personal<Vec<ExerciseResult>, category::Evaluation>>,
    /// Of old work: the recordings that have not expired.
    pub kept: Option<HashSet<RecordingId>>,
}

impl LearnerRow {
    /// Whether a recording of which the results speak is there to be heard.
    pub fn has(&self, recording: RecordingId) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.contains(&recording))
    }
}

/// An assignment of a class, to choose.
pub struct Given {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// Recordings that wait for the teacher.
    pub to_hear: usize,
}

/// A class and one of its assignments.
pub struct ClassPage {
    /// Opens names and results.
    pub grant: Grant<purpose::Teaching>,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// All its assignments, newest due first.
    pub assignments: Vec<Given>,
    /// The one that is shown, if there is any.
    pub shown: Option<AssignmentId>,
    /// Exercises of the shown one in order: id and text.
    pub exercises: Vec<(ExerciseId, String)>,
    /// The learners, in the order in which they joined.
    pub learners: Vec<LearnerRow>,
    /// Learners whose guardians have paused or restricted processing, and who are not shown.
    pub left_out: usize,
}

impl Store {
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
        let assignments = self.titled_assignments_of(&mine).await?;
        let submissions = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(assignments.iter().map(|(row, _)| row.id)))
            .all(&self.db)
            .await?;
        let card = |(row, title): &(assignment::Model, String)| {
            let is_done =
                |own: &&submission::Model| SubmissionState::from_tag(&own.state).is_some_and(SubmissionState::is_done);
            let of_row = submissions.iter().filter(|own| own.assignment_id == row.id);
            AssignmentCard {
                assignment: AssignmentId(row.id),
                title: title.clone(),
                due_at: time(row.due_at),
                done: of_row.filter(is_done).map(|own| PersonId(own.learner_id)).collect(),
            }
        };
        let sentences = self.sentences_of(assignments.iter().map(|(row, _)| row.lesson_id)).await?;
        // Of work that was looked at as a whole nothing waits.
        let unfinished = |own: &&submission::Model| own.state != SubmissionState::Reviewed.tag();
        let unfinished: Vec<submission::Model> = submissions.iter().filter(unfinished).cloned().collect();
        let kept = self.kept_of(&unfinished).await?;
        let opened = self.opened_results(&unfinished).await?;
        // No class waits for another: their entries go into the audit log together.
        let of_class = async |row: &class::Model| {
            let class = ClassId(row.id);
            let people: Vec<PersonId> =
                members.iter().filter(|(other, _)| *other == class).map(|(_, person)| *person).collect();
            let (grant, names) = try_join(self.teaching(viewer, class, people.clone()), self.names(&people)).await?;
            Ok::<_, StoreError>((people, grant, names))
        };
        let opening = try_join_all(rows.iter().map(of_class)).await?;
        let mut cards = Vec::with_capacity(rows.len());
        for (row, (people, grant, mut names)) in rows.into_iter().zip(opening) {
            let class = ClassId(row.id);
            let given = || assignments.iter().filter(|(given, _)| given.class_id == row.id);
            let mut to_hear = 0;
            for (given, _) in given() {
                let of = submissions.iter().filter(|own| own.assignment_id == given.id);
                let of = of.filter(|own| people.iter().any(|person| person.0 == own.learner_id));
                to_hear += waiting(of, &asked_in(sentences.get(&given.lesson_id)), &opened, &kept, &grant)?;
            }
            cards.push(ClassCard {
                grant,
                class,
                to_hear,
                name: row.name,
                learners: people.into_iter().filter_map(|person| Some((person, names.remove(&person)?))).collect(),
                assignments: given().map(card).collect(),
            });
        }
        Ok(cards)
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
        let (row, given) = try_join(self.taught(viewer, class), self.titled_assignments_of(&[class])).await?;
        let Some(row) = row else { return Ok(None) };
        let (rows, titles): (Vec<_>, Vec<_>) = given.into_iter().unzip();
        let shown = match asked {
            Some(asked) => match rows.iter().find(|row| row.id == asked.0) {
                Some(row) => Some(row),
                None => return Ok(None),
            },
            None => rows.first(),
        };
        // Of work that was looked at as a whole nothing waits.
        let unfinished = submission::Column::State.ne(SubmissionState::Reviewed.tag());
        let or_shown = shown.map(|row| submission::Column::AssignmentId.eq(row.id));
        let submissions = submission::Entity::find()
            .filter(submission::Column::AssignmentId.is_in(rows.iter().map(|row| row.id)))
            .filter(Condition::any().add(unfinished).add_option(or_shown))
            .all(&self.db)
            .err_into();
        let sentences = self.sentences_of(rows.iter().map(|row| row.lesson_id));
        // None of the three waits for another.
        let (mut sentences, mut submissions, list) = try_join3(sentences, submissions, self.class_list(class)).await?;
        let people = list.people();
        let grant = self.teaching(viewer, class, people.clone()).await?;
        submissions.retain(|own| people.iter().any(|person| person.0 == own.learner_id));
        let kept = self.kept_of(&submissions).await?;
        let opened = self.opened_results(&submissions).await?;
        let mut assignments = Vec::with_capacity(rows.len());
        for (row, title) in rows.iter().zip(titles) {
            let of = submissions.iter().filter(|own| own.assignment_id == row.id);
            assignments.push(Given {
                assignment: AssignmentId(row.id),
                title,
                due_at: time(row.due_at),
                to_hear: waiting(of, &asked_in(sentences.get(&row.lesson_id)), &opened, &kept, &grant)?,
            });
        }
        let own: Vec<submission::Model> =
            submissions.into_iter().filter(|own| shown.is_some_and(|row| row.id == own.assignment_id)).collect();
        let exercises = shown.and_then(|row| sentences.remove(&row.lesson_id)).unwrap_or_default();
        Ok(Some(ClassPage {
            left_out: list.left_out,
            learners: learner_rows(list.learners, &own, opened, kept),
            grant,
            class,
            name: row.name,
            shown: shown.map(|row| AssignmentId(row.id)),
            assignments,
            exercises: exercises.into_iter().map(|sentence| (sentence.exercise, sentence.text)).collect(),
        }))
    }

    /// The results of some submissions, those whose learners have a key.
    pub(crate) async fn opened_results(&self, submissions: &[submission::Model]) -> Result<Opened, StoreError> {
        let learners: Vec<PersonId> = submissions.iter().map(|own| PersonId(own.learner_id)).collect();
        let keys = self.keys.keys(&learners).await?;
        let mut opened = HashMap::with_capacity(submissions.len());
        for own in submissions {
            let (Some(key), Some(sealed)) = (keys.get(&PersonId(own.learner_id)), &own.results) else { continue };
            opened.insert(own.id, crate::results::open(key, SubmissionId(own.id), sealed)?);
        }
        Ok(opened)
    }
}

/// A line for each learner.
pub(crate) fn learner_rows(
    learners: Vec<(PersonId, Known)>,
    submissions: &[submission::Model],
    mut opened: Opened,
    mut kept: Kept,
) -> Vec<LearnerRow> {
    let row = |(learner, known): (PersonId, Known)| {
        let own = submissions.iter().find(|row| row.learner_id == learner.0);
        let results = own.and_then(|row| opened.remove(&row.id));
        let state = own.and_then(|row| SubmissionState::from_tag(&row.state)).unwrap_or(SubmissionState::Open);
        let kept = own.and_then(|row| kept.of(row.id));
        LearnerRow { learner, known, state, results, kept }
    };
    learners.into_iter().map(row).collect()
}

/// The exercises that a lesson asks for.
fn asked_in(sentences: Option<&Vec<Sentence>>) -> HashSet<ExerciseId> {
    sentences.into_iter().flatten().map(|sentence| sentence.exercise).collect()
}

/// Results by submission.
pub(crate) type Opened = HashMap<Uuid, Personal<Vec<ExerciseResult>, category::Evaluation>>;

/// How many recordings of some submissions wait for the teacher: they count, are asked for, were not looked at, and have not
/// expired.
fn waiting<'a>(
    submissions: impl Iterator<Item = &'a submission::Model>,
    asked: &HashSet<ExerciseId>,
    opened: &Opened,
    kept: &Kept,
    grant: &Grant<purpose::Teaching>,
) -> Result<usize, StoreError> {
    let mut count = 0;
    for own in submissions {
        let Some(results) = opened.get(&own.id) else { continue };
        let waits = |result: &&ExerciseResult| {
            let there = result.recording.is_some_and(|recording| kept.has(own.id, recording));
            asked.contains(&result.exercise) && !result.reviewed && there
        };
        count += results.read(grant)?.iter().filter(waits).count();
    }
    Ok(count)
}
