//! Messages: what has happened that somebody wants to know. A message says what it is about and carries no words of anybody;
//! the page that shows it looks them up, for whom may see them.
//!
//! What happens leaves a job in its own transaction (`telling`), which finds out whom it concerns and who wants to know.

mod announcements;
mod calendar;
mod choices;
mod inbox;
mod mailing;
mod telling;

pub use announcements::{Announcement, Audience, Draft};
pub use calendar::DueDate;
pub use choices::Choices;
pub use inbox::{Inbox, Message, Subject};
pub use mailing::Mailbox;
pub use telling::{MAIL, TELL_ANNOUNCED, TELL_ANSWERED, TELL_ASSIGNED, TELL_DUE, TELL_REVIEWED, TELL_SURVEY};
