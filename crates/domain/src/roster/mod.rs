//! Lists of a school as they come from outside, and what follows from one: which rows are new, which change something,
//! which are known, which are wrong. Pure; what is known comes in, and nothing of it is changed here.
//!
//! A list creates no learner: the guardian does (docs/adr/0013). For a child without an account there is an invitation to a
//! class, which is about nobody.

mod choose;
mod entry;
mod ground;
mod outcome;
mod plan;
#[cfg(test)]
mod tests;

pub use entry::{CLASS_MAX, CONTACT_MAX, Entry, NAME_MAX, NUMBER_MAX, Part, date, fold};
pub use ground::{Ground, Hint, KnownClass, KnownPerson, KnownTerm, TicketHint};
pub use outcome::{ClassRef, Count, Kind, NewClass, NewTerm, Outcome, Plan, Reason, Remark, RowPlan, TermRef};
pub use plan::{Elsewhere, plan};
