//! Homework: as the learner does it, and as the teacher gives it and sees who has done it.

pub mod assign;
pub mod assignment;
pub mod attempt;
pub mod choose;
pub mod exercise;
pub mod finished;
pub mod step;
pub mod words;
