//! A learner's round of practice: a few sentences a day for what is hard, chosen by when it is due again.

pub mod page;
pub mod round;
