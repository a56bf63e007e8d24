//! Whom something concerns, and who wants to know: the messages of one event, written in one transaction with the end of the
//! job that brings them. What is told again about the same thing takes the place of what was told before.

use std::collections::{HashMap, HashSet};

use jiayin_domain::homework::SubmissionState;
use jiayin_domain::id::{AssignmentId, ClassId, MessageId, PersonId, SchoolId};
use jiayin_domain::message::{Channel, Class, Kind, QuietHours, leaves_at, reaches};
use jiayin_domain::role::Role;
use jiff::tz::Offset;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::choices::{Wish, purpose_of};
use super::posting::Ways;
use super::surveyed::TELL_SURVEY;
use crate::entity::{
    announcement, assignment, class, consent_state, guardianship, job, membership, message, person, recording, review,
    rights_request, submission, ticket_entry,
};
use crate::jobs::Leased;
use crate::{Store, StoreError, time, write};

/// Homework was given; the job is about the assignment.
pub const TELL_ASSIGNED: &str = "tell_assigned";
/// Homework is due soon; the job is about the assignment.
pub const TELL_DUE: &str = "tell_due";
/// A teacher has looked at homework; the job is about the submission.
pub const TELL_REVIEWED: &str = "tell_reviewed";
/// A request was answered; the job is about the request.
pub const TELL_ANSWERED: &str = "tell_answered";
/// The help desk has answered; the job is about the line of the conversation.
pub const TELL_HELPED: &str = "tell_helped";
/// The school says something; the job is about the announcement.
pub const TELL_ANNOUNCED: &str = "tell_announced";
/// Somebody is to be sent what they have not read, by mail; the job is about the person.
pub const MAIL: &str = "mail";
/// The same to the browsers that show messages.
pub const PUSH: &str = "push";
/// The same by text message.
pub const TEXT: &str = "text";

/// Homework is called to mind so long before it is due.
const REMINDER_MS: i64 = 20 * 3600 * 1000;
/// What a teacher says of homework is news so long after it was due.
const NEWS_MS: i64 = 14 * 24 * 3600 * 1000;
/// Reviews of one piece of homework come one after the other, and are told of together.
const GATHER_MS: i64 = 60_000;

/// Somebody whom something concerns, and the child that it is about, if that is somebody else.
pub(super) type Concerned = (PersonId, Option<PersonId>);

/// Something that has happened.
pub(super) struct Event {
    pub(super) school: Uuid,
    pub(super) class: Class,
    pub(super) kind: Kind,
    pub(super) target: Uuid,
    pub(super) concerns: Vec<Concerned>,
}

impl Store {
    /// Has the learners of a class and their guardians told of homework, now and before it is due.
    pub(crate) async fn tell_of_homework<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        id: AssignmentId,
        due_at_ms: i64,
    ) -> Result<(), StoreError> {
        let id = id.0;
        self.enqueue(db, school, TELL_ASSIGNED, id).await?;
        let reminder = due_at_ms.saturating_sub(REMINDER_MS);
        if reminder > self.now_ms() {
            self.enqueue_at(db, school, TELL_DUE, id, reminder).await?;
        }
        Ok(())
    }

    /// Has a learner and the guardians told that homework was looked at, once for what is looked at in one go.
    pub(crate) async fn tell_of_review<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        submission: Uuid,
    ) -> Result<(), StoreError> {
        let at_ms = self.now_ms().saturating_add(GATHER_MS);
        self.enqueue_anew(db, school, TELL_REVIEWED, submission, at_ms).await
    }

    /// What was said of a learner's homework was taken back: unless something else was said of it, nobody is told any more, and
    /// who has not read of it yet does not.
    pub(crate) async fn tell_no_more_of_review<D: ConnectionTrait>(
        &self,
        db: &D,
        submission: &submission::Model,
    ) -> Result<(), StoreError> {
        let recordings = Query::select()
            .column(recording::Column::Id)
            .from(recording::Entity)
            .and_where(recording::Column::SubmissionId.eq(submission.id))
            .to_owned();
        let said = review::Entity::find().filter(review::Column::RecordingId.in_subquery(recordings));
        if said.count(db).await? > 0 {
            return Ok(());
        }
        job::Entity::delete_many()
            .filter(job::Column::Kind.eq(TELL_REVIEWED))
            .filter(job::Column::TargetId.eq(submission.id))
            .filter(job::Column::LeaseId.is_null())
            .exec(db)
            .await?;
        let learner = submission.learner_id;
        let concerned =
            Condition::any().add(message::Column::PersonId.eq(learner)).add(message::Column::AboutId.eq(learner));
        message::Entity::delete_many()
            .filter(message::Column::Kind.eq(Kind::Reviewed.tag()))
            .filter(message::Column::TargetId.eq(submission.assignment_id))
            .filter(message::Column::ReadAt.is_null())
            .filter(concerned)
            .exec(db)
            .await?;
        Ok(())
    }

    /// Writes the messages of what a job is about, and ends it. Mail goes out at the time that `clock`, the school's, and
    /// each person's quiet hours say.
    ///
    /// # Errors
    /// If they cannot be stored; then none is, and the job stays.
    pub async fn tell(&self, leased: &Leased, clock: Offset) -> Result<(), StoreError> {
        let event = match leased.kind.as_str() {
            TELL_ASSIGNED => self.homework_event(leased.target, Kind::Assigned).await?,
            TELL_DUE => self.homework_event(leased.target, Kind::Due).await?,
            TELL_REVIEWED => self.review_event(leased.target).await?,
            TELL_ANSWERED => self.answer_event(leased.target).await?,
            TELL_HELPED => self.help_event(leased.target).await?,
            TELL_ANNOUNCED => self.announcement_event(leased.target).await?,
            TELL_SURVEY => self.survey_event(leased.target).await?,
            _ => None,
        };
        let Some(mut event) = event else {
            self.end_job(&self.db, leased).await?;
            return Ok(());
        };
        self.keep_reachable(&mut event).await?;
        let people: Vec<PersonId> = event.concerns.iter().map(|(person, _)| *person).collect();
        let wishes = self.wishes(&people, event.class).await?;
        let ways = self.ways(&people).await?;
        let transaction = write::begin(&self.db).await?;
        if !self.end_job(&transaction, leased).await? {
            transaction.rollback().await?;
            return Ok(());
        }
        let told = self.write_messages(&transaction, &event, &wishes, &ways).await?;
        let nothing = Wish::default();
        let people: HashSet<PersonId> = told.into_iter().map(|(person, _)| person).collect();
        for person in people {
            let wish = wishes.get(&person).unwrap_or(&nothing);
            let quiet = wish.quiet.unwrap_or(QuietHours::DEFAULT);
            for channel in ways.out(person, event.class, wish) {
                let at = leaves_at(channel, event.class, time(self.now_ms()), quiet, clock).as_millisecond();
                self.call_postman(&transaction, event.school, person, channel, at).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Messages for all who want to know on any channel by which they can be reached: what is sent is also to be found here.
    /// Whom it was written for.
    async fn write_messages<D: ConnectionTrait>(
        &self,
        db: &D,
        event: &Event,
        wishes: &HashMap<PersonId, Wish>,
        ways: &Ways,
    ) -> Result<Vec<Concerned>, StoreError> {
        let nothing = Wish::default();
        let wants = |person: PersonId| {
            let wish = wishes.get(&person).unwrap_or(&nothing);
            reaches(event.class, Channel::Inbox, wish.of(Channel::Inbox))
                || ways.out(person, event.class, wish).next().is_some()
        };
        let told: Vec<Concerned> = event.concerns.iter().copied().filter(|(person, _)| wants(*person)).collect();
        // Databases bound the number of values in a statement.
        for some in told.chunks(500) {
            message::Entity::delete_many()
                .filter(message::Column::Kind.eq(event.kind.tag()))
                .filter(message::Column::TargetId.eq(event.target))
                .filter(message::Column::PersonId.is_in(some.iter().map(|(person, _)| person.0)))
                .filter(about_any(event))
                .exec(db)
                .await?;
        }
        for some in told.chunks(500) {
            let rows = some.iter().map(|one| self.message(event, *one));
            message::Entity::insert_many(rows).exec_without_returning(db).await?;
        }
        Ok(told)
    }

    fn message(&self, event: &Event, (person, about): Concerned) -> message::ActiveModel {
        message::ActiveModel {
            id: Set(MessageId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(event.school),
            person_id: Set(person.0),
            about_id: Set(about.map(|about| about.0)),
            target_id: Set(event.target),
            class: Set(event.class.tag().to_owned()),
            kind: Set(event.kind.tag().to_owned()),
            created_at: Set(self.now_ms()),
            read_at: Set(None),
            mailed_at: Set(None),
            pushed_at: Set(None),
            texted_at: Set(None),
        }
    }

    async fn homework_event(&self, id: Uuid, kind: Kind) -> Result<Option<Event>, StoreError> {
        let found = assignment::Entity::find_by_id(id).one(&self.db).await?;
        // What is over is not called to mind.
        let current = |row: &assignment::Model| row.withdrawn_at.is_none() && row.due_at > self.now_ms();
        let Some(row) = found.filter(current) else { return Ok(None) };
        let mut learners = self.learners_of(ClassId(row.class_id)).await?;
        if kind == Kind::Due {
            let done = [SubmissionState::Done.tag(), SubmissionState::Reviewed.tag()];
            let done: Vec<Uuid> = submission::Entity::find()
                .select_only()
                .column(submission::Column::LearnerId)
                .filter(submission::Column::AssignmentId.eq(id))
                .filter(submission::Column::State.is_in(done))
                .into_tuple()
                .all(&self.db)
                .await?;
            learners.retain(|learner| !done.contains(&learner.0));
        }
        let concerns = self.with_guardians(learners).await?;
        Ok(Some(Event { school: row.school_id, class: Class::Learning, kind, target: id, concerns }))
    }

    async fn review_event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        let Some(row) = submission::Entity::find_by_id(id).one(&self.db).await? else { return Ok(None) };
        let given = assignment::Entity::find_by_id(row.assignment_id).one(&self.db).await?;
        // Of homework that was due long ago the page of the homework tells, and no message.
        let recent = |given: &assignment::Model| given.due_at > self.now_ms().saturating_sub(NEWS_MS);
        let Some(given) = given.filter(recent) else { return Ok(None) };
        let mut learners = self.learners_of(ClassId(given.class_id)).await?;
        learners.retain(|learner| learner.0 == row.learner_id);
        let concerns = self.with_guardians(learners).await?;
        let target = given.id;
        Ok(Some(Event { school: row.school_id, class: Class::Learning, kind: Kind::Reviewed, target, concerns }))
    }

    async fn answer_event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        let Some(row) = rights_request::Entity::find_by_id(id).one(&self.db).await? else { return Ok(None) };
        let concerns = vec![(PersonId(row.person_id), None)];
        Ok(Some(Event { school: row.school_id, class: Class::Service, kind: Kind::Answered, target: id, concerns }))
    }

    async fn help_event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        let Some(row) = ticket_entry::Entity::find_by_id(id).one(&self.db).await? else { return Ok(None) };
        let (concerns, target) = (vec![(PersonId(row.person_id), None)], row.ticket_id);
        Ok(Some(Event { school: row.school_id, class: Class::Service, kind: Kind::Helped, target, concerns }))
    }

    async fn announcement_event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        let found = announcement::Entity::find_by_id(id).one(&self.db).await?;
        let Some(row) = found.filter(|row| row.withdrawn_at.is_none()) else { return Ok(None) };
        let Some(class) = Class::from_tag(&row.class) else { return Ok(None) };
        let mut concerns: Vec<Concerned> =
            self.audience(&row).await?.into_iter().map(|person| (person, None)).collect();
        concerns.retain(|(person, _)| person.0 != row.author_id);
        Ok(Some(Event { school: row.school_id, class, kind: Kind::Announced, target: id, concerns }))
    }

    /// Everyone of the class or campus to which an announcement goes: teachers, learners, their guardians.
    async fn audience(&self, row: &announcement::Model) -> Result<Vec<PersonId>, StoreError> {
        let classes = match row.class_id {
            Some(class) => vec![ClassId(class)],
            None => {
                let rows = class::Entity::find()
                    .filter(class::Column::SchoolId.eq(row.school_id))
                    .filter(Condition::all().add_option(row.campus_id.map(|id| class::Column::CampusId.eq(id))))
                    .all(&self.db)
                    .await?;
                rows.into_iter().map(|row| ClassId(row.id)).collect()
            }
        };
        let mut people: Vec<PersonId> =
            self.members(&classes, Role::Teacher).await?.into_iter().map(|(_, person)| person).collect();
        // What one has to know reaches a family also while lessons are paused.
        let learners: Vec<PersonId> = match Class::from_tag(&row.class) {
            Some(Class::Service) => membership::Entity::find()
                .filter(membership::Column::ClassId.is_in(classes.iter().map(|class| class.0)))
                .filter(membership::Column::Role.eq(Role::Learner.tag()))
                .filter(membership::Column::LeftAt.is_null())
                .all(&self.db)
                .await?
                .into_iter()
                .map(|row| PersonId(row.person_id))
                .collect(),
            _ => self.members(&classes, Role::Learner).await?.into_iter().map(|(_, person)| person).collect(),
        };
        people.extend(self.with_guardians(learners).await?.into_iter().map(|(person, _)| person));
        people.sort_unstable();
        people.dedup();
        Ok(people)
    }

    /// Learners, and their guardians with the child that it is about.
    async fn with_guardians(&self, learners: Vec<PersonId>) -> Result<Vec<Concerned>, StoreError> {
        let ties = guardianship::Entity::find()
            .filter(guardianship::Column::LearnerId.is_in(learners.iter().map(|learner| learner.0)))
            .all(&self.db)
            .await?;
        let mut concerned: Vec<Concerned> = learners.into_iter().map(|learner| (learner, None)).collect();
        concerned.extend(ties.into_iter().map(|tie| (PersonId(tie.guardian_id), Some(PersonId(tie.learner_id)))));
        Ok(concerned)
    }

    /// Leaves those whose account is open, who may be told: all but service messages stop with a restriction, and what only
    /// goes to those who agreed goes to nobody else.
    async fn keep_reachable(&self, event: &mut Event) -> Result<(), StoreError> {
        let people: Vec<PersonId> = event.concerns.iter().map(|(person, _)| *person).collect();
        let open: HashSet<Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::Id.is_in(people.iter().map(|person| person.0)))
            .filter(person::Column::ClosedAt.is_null())
            .into_tuple::<Uuid>()
            .all(&self.db)
            .await?
            .into_iter()
            .collect();
        event.concerns.retain(|(person, _)| open.contains(&person.0));
        if event.class == Class::Service {
            return Ok(());
        }
        let free: HashSet<PersonId> = self.unrestricted(people).await?.into_iter().collect();
        event.concerns.retain(|(person, _)| free.contains(person));
        if let Some(purpose) = purpose_of(event.class) {
            let agreed = self.agreed_to(purpose, event.concerns.iter().map(|(person, _)| *person)).await?;
            event.concerns.retain(|(person, _)| agreed.contains(person));
        }
        Ok(())
    }

    /// Who of some people has agreed to a purpose, under the version of the policy that it asks for.
    pub(crate) async fn agreed_to(
        &self,
        purpose: &str,
        people: impl Iterator<Item = PersonId>,
    ) -> Result<HashSet<PersonId>, StoreError> {
        let floor = i64::from(self.consent_floor(purpose).await?);
        let rows = consent_state::Entity::find()
            .filter(consent_state::Column::SubjectId.is_in(people.map(|person| person.0)))
            .filter(consent_state::Column::Purpose.eq(purpose))
            .filter(consent_state::Column::Decision.eq(jiayin_domain::consent::Decision::Given.tag()))
            .filter(consent_state::Column::Version.gte(floor))
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| PersonId(row.subject_id)).collect())
    }

    /// The school that a person belongs to, for what is done without anybody who asks.
    pub(super) async fn school_of(&self, person: PersonId) -> Result<Option<SchoolId>, StoreError> {
        let row = person::Entity::find_by_id(person.0).one(&self.db).await?;
        Ok(row.filter(|row| row.closed_at.is_none()).map(|row| SchoolId(row.school_id)))
    }
}

/// The rows about the children of an event, and those about nobody.
fn about_any(event: &Event) -> Condition {
    let mut about: Vec<Uuid> = event.concerns.iter().filter_map(|(_, about)| about.map(|about| about.0)).collect();
    about.sort_unstable();
    about.dedup();
    let none = Condition::any().add(message::Column::AboutId.is_null());
    match about.len() {
        // A whole class or campus: what was told of this target before is told anew to all of them.
        0 => none,
        1..=500 => none.add(message::Column::AboutId.is_in(about)),
        _ => none.add(message::Column::AboutId.is_not_null()),
    }
}
