//! Nothing is kept longer than its purpose needs (clause 4.11): the sweep deletes what has expired by the rules of the data
//! map ([`jiayin_privacy::plan::expiries`]), and a legal hold (clause 4.12) keeps what the law asks for beyond that.

mod expired;
mod holds;
mod rules;
mod sweep;

pub(crate) use expired::Kept;
pub use holds::{Hold, HoldError, Holds, LONGEST_HOLD_DAYS};
pub use sweep::{Origin, Outcome, Report, Swept};
