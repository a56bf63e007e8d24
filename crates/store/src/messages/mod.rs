//! Messages: what has happened that somebody wants to know. A message says what it is about and carries no words of anybody;
//! the page that shows it looks them up, for whom may see them.
//!
//! What happens leaves a job in its own transaction (`telling`), which finds out whom it concerns and who wants to know.

mod announcements;
mod calendar;
mod choices;
mod inbox;
mod mailing;
mod posting;
mod pushing;
mod surveyed;
mod telling;

pub use announcements::{Announcement, Audience, Draft};
pub use calendar::DueDate;
pub use choices::Choices;
pub use inbox::{Inbox, Message, Subject};
pub use mailing::{Mailbox, Post, Unsent};
pub use pushing::{Browser, Browsers, NewBrowser};
pub use surveyed::TELL_SURVEY;
pub use telling::{
    MAIL, PUSH, TELL_ANNOUNCED, TELL_ANSWERED, TELL_ASSIGNED, TELL_DUE, TELL_HELPED, TELL_REVIEWED, TEXT,
};
