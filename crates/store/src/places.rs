//! The order of lessons and exercises: who changes places when one is moved.

use uuid::Uuid;

/// Where a sentence or a lesson is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// One place towards the beginning.
    Up,
    /// One place towards the end.
    Down,
    /// To this place, counted from 0; beyond the end is the end.
    To(usize),
}

impl Move {
    /// The new positions of all that change places: id and position. Nothing at the edge.
    pub(crate) fn reordered(self, places: &[(Uuid, i64)], item: Uuid) -> Vec<(Uuid, i64)> {
        let Some(at) = places.iter().position(|(id, _)| *id == item) else { return Vec::new() };
        let to = match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at + 1,
            Self::To(place) => place,
        };
        let mut order: Vec<Uuid> = places.iter().map(|(id, _)| *id).collect();
        order.remove(at);
        order.insert(to.min(order.len()), item);
        let new = order.into_iter().zip(places.iter().map(|(_, position)| *position));
        new.zip(places).filter(|((id, _), (old, _))| id != old).map(|(new, _)| new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_places_is_written() {
        let places: Vec<(Uuid, i64)> = (1..=4).map(|n| (Uuid::from_u128(n), 10 * n as i64)).collect();
        let order = |item: u128, to: Move| {
            let mut after = places.clone();
            for (id, position) in to.reordered(&places, Uuid::from_u128(item)) {
                after.iter_mut().filter(|(other, _)| *other == id).for_each(|place| place.1 = position);
            }
            after.sort_by_key(|(_, position)| *position);
            after.into_iter().map(|(id, _)| id.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(order(3, Move::Up), [1, 3, 2, 4]);
        assert_eq!(order(3, Move::Down), [1, 2, 4, 3]);
        assert_eq!(order(4, Move::To(0)), [4, 1, 2, 3]);
        assert_eq!(order(1, Move::To(2)), [2, 3, 1, 4]);
        assert_eq!(order(2, Move::To(99)), [1, 3, 4, 2]);
        assert!(Move::Up.reordered(&places, Uuid::from_u128(1)).is_empty(), "at the edge");
        assert!(Move::Down.reordered(&places, Uuid::from_u128(4)).is_empty(), "at the other edge");
        assert!(Move::Up.reordered(&places, Uuid::from_u128(9)).is_empty(), "not among them");
        assert_eq!(Move::Up.reordered(&places, Uuid::from_u128(2)).len(), 2, "two change places");
    }
}
