//! Courses: lessons of sentences, with their audio.

pub mod lesson;
pub mod list;
pub mod page;
pub mod sentences;
pub mod title;

use jiayin_store::courses::Move;
use serde::Deserialize;
use uuid::Uuid;

/// The form of the buttons that move a lesson or a sentence: `POST …/order`.
#[derive(Debug, Clone, Deserialize)]
pub struct MoveForm {
    /// Id of what is moved.
    pub item: Uuid,
    /// Where to.
    pub to: Direction,
}

/// Where something is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// One place up.
    Up,
    /// One place down.
    Down,
}

impl From<Direction> for Move {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Up => Self::Up,
            Direction::Down => Self::Down,
        }
    }
}
