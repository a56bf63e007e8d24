//! The privacy engine: the data map made into types, so that the policy is enforced by the compiler where it can be and
//! by one decision where it cannot. No database, no web, no asynchronous runtime; time is not asked, randomness comes in.
//!
//! - [`map`] is the map of all personal data, made from `data_map.toml`, which the build checks.
//! - A value is sealed ([`SubjectKey::seal`]) under a key of the person it is about, bound to its column and row; a file is
//!   sealed in chunks ([`blob`]). Keys are wrapped by a root key ([`RootKey`]).
//! - What is opened is [`Personal`]: it can be carried, not read. Reading takes a [`Grant`] of a purpose that the map allows
//!   for the category; any other does not compile. Only what people ask for by right, to see and to take along all that is
//!   kept of them, is opened by the names of the map ([`SubjectKey::open_mapped`]), and only with that purpose's grant.
//! - [`plan`] is what follows from the map for one person: what they are shown, what goes with their account.
//! - A grant comes from [`grant()`] only: the request is decided, the audit entry written, and then the grant exists.

mod backup;
pub mod blob;
pub mod category;
pub mod changes;
pub mod column;
mod grant;
mod identifier;
mod index;
mod key;
pub mod ledger;
pub mod map;
mod personal;
pub mod plan;
pub mod purpose;
mod seal;
pub mod snapshot;
mod token;

pub use backup::BackupKey;
pub use blob::{BlobKind, BlobOpener, BlobSealer, Cover};
pub use category::Category;
pub use grant::{
    AccessRequest, Asked, AuditEntry, AuditLog, Consent, Grant, GrantError, OutOfScope, Pending, Refusal, Relation,
    Scope, asks, decide, grant,
};
pub use identifier::{Identifier, IdentifierError, IdentifierKind};
pub use index::IndexKey;
pub use key::{KeyError, RootKey, RootKeyId, SubjectKey, WrappedKey};
pub use personal::Personal;
pub use purpose::{Allows, Asked as AskedOf, Basis, Purpose};
pub use seal::{Column, IndexColumn, OpenError, SealError, Sealed};
pub use token::TokenKey;

/// Traits that only the data map implements.
mod closed {
    /// Nothing outside this crate can implement it, nor a trait that asks for it.
    pub trait Closed {}
}
