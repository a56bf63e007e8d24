//! The help desk: what to do when stuck, one's own conversations (`help`, `ticket`), and the desk of those who answer
//! (`queue`, `desk`, `canned`). A complaint about personal data, or an appeal, that is begun here becomes a request
//! (docs/adr/0017).

pub mod canned;
pub mod desk;
pub mod form;
pub mod help;
pub mod picture;
pub mod queue;
pub mod ticket;
pub mod view;

use jiayin_domain::support::ANSWER_DAYS;
use jiff::Timestamp;

use crate::app::AppState;
use crate::requests::term;

/// The last moment for an answer to what is said now.
fn due(app: &AppState) -> Timestamp {
    term::due_within(&app.config.privacy.workdays(), app.clock.now(), ANSWER_DAYS)
}
