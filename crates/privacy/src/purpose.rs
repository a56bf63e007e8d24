//! The purposes for which personal data is opened, one type each, and what each may open; made from the data map.

use crate::category::{self, Category};
use crate::closed::Closed;
use crate::grant::Relation;

/// Why a purpose may be followed at all (PIPL 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The service that was asked for cannot be given without it.
    Contract,
    /// The subject, or the guardian for a child, has said yes to just this, and may take it back.
    Consent,
    /// The law asks for it.
    LegalObligation,
}

/// Whether people are asked before a purpose is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// They are not: the policy as a whole says it.
    No,
    /// They are, and refusing changes nothing but what depends on it.
    Optional,
    /// They are, and without a yes there is no service of this kind: for the data of children, the guardian's (PIPL 31).
    Required,
}

/// A purpose. Only those in the data map exist.
pub trait Purpose: Closed + 'static {
    /// Its id in the data map.
    const ID: &'static str;
    /// Its legal basis.
    const BASIS: Basis;
    /// Ids of the categories that it may open.
    const CATEGORIES: &'static [&'static str];
    /// Whether it goes on when the subject has had processing restricted.
    const DESPITE_RESTRICTION: bool;
    /// Whether the guardian of a child is asked.
    const ASKED_OF_CHILD: Asked;
    /// Whether an adult is asked.
    const ASKED_OF_ADULT: Asked;

    /// Who may open for it, seen from the subject.
    fn relations() -> &'static [Relation];
}

/// The purpose may open the category: the data map says so.
#[diagnostic::on_unimplemented(
    message = "the data map does not let `{Self}` open `{C}`",
    label = "this purpose may not open this category"
)]
pub trait Allows<C: Category>: Purpose {}

include!(concat!(env!("OUT_DIR"), "/purpose.rs"));
