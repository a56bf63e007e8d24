//! Ids: a type for each kind of thing, so that they cannot be mixed up. All are UUIDv7 (RFC 9562): sorted by the time
//! they were made, which keeps database pages warm.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::provide::{Clock, Entropy};

/// Text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

/// A new UUIDv7 of this moment.
pub fn new_uuid(clock: &dyn Clock, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// A random UUID (version 4), which holds no time and sorts by nothing: for rows whose order must not tell in which order they
/// came.
pub fn random_uuid(entropy: &dyn Entropy) -> Uuid {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    uuid::Builder::from_random_bytes(random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id of this moment.
            pub fn new(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
                Self(new_uuid(clock, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.parse().map(Self).map_err(|_| NotAnId)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    )*};
}

ids! {
    /// A school: the chain or one of its independent members; everything belongs to one.
    SchoolId;
    /// A campus of a school.
    CampusId;
    /// A class of learners.
    ClassId;
    /// A term of a campus.
    TermId;
    /// A list that was imported.
    RosterImportId;
    /// The school's own number of a learner.
    LearnerNumberId;
    /// A person with an account; the data subject of everything kept about them.
    PersonId;
    /// A phone number or e-mail address by which a person signs in.
    IdentifierId;
    /// A signed-in browser.
    SessionId;
    /// A browser on which a person has signed in.
    DeviceId;
    /// A key in a person's device, by which they sign in.
    PasskeyId;
    /// A person's place in a class.
    MembershipId;
    /// A guardian's tie to a learner.
    GuardianshipId;
    /// A course.
    CourseId;
    /// A lesson of a course.
    LessonId;
    /// One exercise of a lesson.
    ExerciseId;
    /// A lesson given to a class as homework.
    AssignmentId;
    /// What one learner has made of one assignment.
    SubmissionId;
    /// One attempt of a learner at an exercise.
    RecordingId;
    /// An answer of a learner that was chosen.
    AnswerId;
    /// What the ear heard in a recording.
    EvaluationId;
    /// What a teacher said of a recording.
    ReviewId;
    /// A phrase in a teacher's comment bank.
    PhraseId;
    /// What is known of a learner's sounds and words.
    ProgressId;
    /// A stored file.
    MediaId;
    /// A file on its way in; chosen by the browser.
    UploadId;
    /// Work to be done.
    JobId;
    /// An entry of the audit log.
    AuditId;
    /// An entry of the ledger of consents.
    ConsentId;
    /// A ticket to a class or a campus.
    InvitationId;
    /// A version of the privacy policy.
    PolicyVersionId;
    /// A question about the policy.
    QuestionId;
    /// A legal hold: what is kept of somebody does not expire for a while.
    HoldId;
    /// A run of the sweep.
    SweepId;
    /// A request that a person must decide.
    RequestId;
    /// A message to a person.
    MessageId;
    /// A token by which a program acts for a person.
    ApiTokenId;
    /// What somebody of the school says to many.
    AnnouncementId;
    /// A conversation with the help desk.
    TicketId;
    /// A line of such a conversation.
    TicketEntryId;
    /// An answer that a help desk keeps ready.
    CannedAnswerId;
    /// A survey.
    SurveyId;
    /// A person's answers to a survey that is not anonymous.
    SurveyReplyId;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    struct At(i64);

    impl Clock for At {
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(self.0).unwrap()
        }
    }

    struct Nines;

    impl Entropy for Nines {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(9);
        }
    }

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let early = PersonId::new(&At(1_700_000_000_000), &Nines);
        let late = PersonId::new(&At(1_700_000_000_001), &Nines);
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!("nonsense".parse::<PersonId>(), Err(NotAnId));
    }

    #[test]
    fn random_ids_hold_no_time() {
        let id = random_uuid(&Nines);
        assert_eq!((id.get_version_num(), id.get_timestamp()), (4, None));
    }
}
