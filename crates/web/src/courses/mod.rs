//! Courses: lessons of exercises, with their audio and pictures.

pub mod kinds;
pub mod lesson;
pub mod list;
pub mod page;
pub mod pictures;
pub mod sentences;
pub mod title;

use jiayin_store::courses::Move;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// The form that moves a lesson or an exercise: `POST …/order`.
#[derive(Debug, Clone, Deserialize)]
pub struct MoveForm {
    /// Id of what is moved.
    pub item: Uuid,
    /// Where to.
    pub to: Direction,
}

/// Where something is moved: `up`, `down`, or a place counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// To this place; where something was dragged to.
    To(usize),
}

impl<'de> Deserialize<'de> for Direction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            place => place.parse().map(Self::To).map_err(serde::de::Error::custom),
        }
    }
}

impl From<Direction> for Move {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Up => Self::Up,
            Direction::Down => Self::Down,
            Direction::To(place) => Self::To(place),
        }
    }
}

/// Id of the button that has the focus again after something was moved, so that it can be moved on by the same key: the one
/// that was pressed, or the other at the edge, where that one can no longer be pressed. `order` is the order before.
pub(crate) fn move_anchor(order: &[Uuid], item: Uuid, to: Move) -> String {
    let at = order.iter().position(|other| *other == item).unwrap_or(0);
    let last = order.len().saturating_sub(1);
    match to {
        Move::Up if at > 1 => format!("up-{item}"),
        Move::Up => format!("down-{item}"),
        Move::Down if at + 2 <= last => format!("down-{item}"),
        Move::Down => format!("up-{item}"),
        Move::To(0) => format!("down-{item}"),
        Move::To(_) => format!("up-{item}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_focus_stays_on_a_button_that_can_be_pressed() {
        let order: Vec<Uuid> = (1..=4).map(Uuid::from_u128).collect();
        let anchor = |at: usize, to| move_anchor(&order, order[at], to).split('-').next().unwrap().to_owned();
        assert_eq!(anchor(2, Move::Up), "up");
        assert_eq!(anchor(1, Move::Up), "down", "it is the first now");
        assert_eq!(anchor(1, Move::Down), "down");
        assert_eq!(anchor(2, Move::Down), "up", "it is the last now");
        assert_eq!((anchor(3, Move::To(0)), anchor(0, Move::To(3))), ("down".to_owned(), "up".to_owned()));
    }
}
