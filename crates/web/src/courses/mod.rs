//! Courses: lessons of sentences, with their audio.

pub mod lesson;
pub mod list;
pub mod page;
pub mod title;

use serde::Deserialize;

/// The form of the buttons that move a lesson or a sentence: `POST …/order`.
#[derive(Debug, Clone, Deserialize)]
pub struct MoveForm {
    /// Id of what is moved.
    pub item: String,
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

/// Moves an item by one place; says whether anything changed.
pub fn shift<T: PartialEq>(order: &mut [T], item: &T, to: Direction) -> bool {
    let Some(place) = order.iter().position(|other| other == item) else { return false };
    let other = match to {
        Direction::Up => place.checked_sub(1),
        Direction::Down => Some(place + 1).filter(|place| *place < order.len()),
    };
    if let Some(other) = other {
        order.swap(place, other);
    }
    other.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_moves_one_place_and_stops_at_the_ends() {
        let mut order = [1, 2, 3];
        assert!(shift(&mut order, &3, Direction::Up));
        assert_eq!(order, [1, 3, 2]);
        assert!(!shift(&mut order, &1, Direction::Up) && !shift(&mut order, &2, Direction::Down));
        assert!(!shift(&mut order, &7, Direction::Up));
        assert_eq!(order, [1, 3, 2]);
    }
}
