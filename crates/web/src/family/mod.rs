//! The guardian's pages: quick to read, nothing to be done but to listen and to encourage.

pub mod card;
pub mod guardians;
pub mod learner;
pub mod page;
