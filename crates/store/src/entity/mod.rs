//! One struct for each table, seen by this crate only. Times are milliseconds since 1970 UTC.
#![expect(unreachable_pub, reason = "the derived code is public; the modules are not")]

pub(crate) mod api_token;
pub(crate) mod card;
mod consent;
mod courses;
mod homework;
mod keys;
mod learning;
mod machinery;
mod messages;
pub(crate) mod passkey;
mod people;
mod pictures;
mod policy;
mod requests;
mod retention;
mod rights;
mod roster;
mod schools;
mod security;
mod support;
mod surveys;

pub(crate) use consent::{chain, entry as consent_entry, invitation, state as consent_state};
pub(crate) use courses::{course, exercise, lesson};
pub(crate) use homework::{answer, assignment, evaluation, recording, review, submission};
pub(crate) use keys::{root_key, subject_key, system_key};
pub(crate) use learning::{phrase, progress};
pub(crate) use machinery::{audit, job, media, upload};
pub(crate) use messages::{announcement, calendar_link, message, message_choice, message_setting, push_address};
pub(crate) use people::{guardianship, identifier, membership, password, person, session, sign_in_attempt};
pub(crate) use pictures::{class_code, picture_password};
pub(crate) use policy::{policy_draft, policy_question, policy_seen, policy_version};
pub(crate) use requests::{rights_request, rights_step};
pub(crate) use retention::{legal_hold, sweep};
pub(crate) use rights::export;
pub(crate) use roster::{learner_number, roster_import, term};
pub(crate) use schools::{campus, class, school};
pub(crate) use security::{device, recovery_code, second_step};
pub(crate) use support::{canned_answer, ticket, ticket_entry};
pub(crate) use surveys::{ballot, reply, survey, taken};
