//! Messages: the page of them, what one wants to be told and how, browsers that show them, announcements, mail, calendars.

pub mod announcements;
pub mod browsers;
pub mod calendar;
pub mod inbox;
pub mod settings;
pub mod unsubscribe;
pub(crate) mod work;
