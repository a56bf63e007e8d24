//! Homework as the learner does it: an exercise, an attempt, the end.

pub mod attempt;
pub mod exercise;
pub mod finished;
pub mod step;
pub mod words;
