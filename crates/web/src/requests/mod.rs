//! Requests that a person must decide: complaints, disputes, doubts about identities. Here they are made and followed; the
//! privacy officer's side is in `policy/officer/`.

pub mod list;
pub mod page;
pub mod term;
pub mod view;
