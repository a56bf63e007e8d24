//! Joining by invitation. Until the last step nothing of the visitor is kept: what they chose goes from page to page in the
//! form, where a code was sent in a sealed token.

pub mod form;
pub mod page;
pub mod ticket;
pub mod view;
