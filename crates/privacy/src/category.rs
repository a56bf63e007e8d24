//! The categories of personal data, one type each; made from the data map.

use crate::closed::Closed;

/// A category of personal data. Only those in the data map exist.
pub trait Category: Closed + 'static {
    /// Its id in the data map.
    const ID: &'static str;
    /// Whether the law asks for special care (PIPL 28).
    const SENSITIVE: bool;
}

include!(concat!(env!("OUT_DIR"), "/category.rs"));
