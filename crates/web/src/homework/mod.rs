//! Homework from the teacher's side: giving it, and seeing who has done it.

pub mod assign;
pub mod assignment;
