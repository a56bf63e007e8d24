//! The sealed columns and the blind indexes, one constant each, in a module for each table; made from the data map.

include!(concat!(env!("OUT_DIR"), "/column.rs"));
