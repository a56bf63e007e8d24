//! A personal value in memory: it can be carried about, and read only with a grant.

use std::marker::PhantomData;

use jiayin_domain::id::PersonId;

use crate::category::Category;
use crate::grant::{Grant, OutOfScope};
use crate::purpose::{Allows, Purpose};

/// A value of category `C` about one person. It has no Debug, Display, Serialize, Deref or Clone, so that it gets into no
/// log line, page or message by accident.
///
/// The text it was opened from is wiped; the value itself only if `T` does so when dropped.
pub struct Personal<T, C> {
    subject: PersonId,
    value: T,
    category: PhantomData<fn() -> C>,
}

impl<T, C: Category> Personal<T, C> {
    /// A value about `subject`.
    pub fn new(subject: PersonId, value: T) -> Self {
        Self { subject, value, category: PhantomData }
    }

    /// Whom it is about.
    pub fn subject(&self) -> PersonId {
        self.subject
    }

    /// The value, for a purpose that may open it.
    ///
    /// # Errors
    /// [`OutOfScope`] if the grant is not for this person or was narrowed to other categories.
    pub fn read<P: Purpose + Allows<C>>(&self, grant: &Grant<P>) -> Result<&T, OutOfScope> {
        grant.covers::<C>(self.subject)?;
        Ok(&self.value)
    }

    /// The value itself, for a purpose that may open it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn into_inner<P: Purpose + Allows<C>>(self, grant: &Grant<P>) -> Result<T, OutOfScope> {
        grant.covers::<C>(self.subject)?;
        Ok(self.value)
    }

    /// The value, for sealing: that needs no grant.
    pub(crate) fn to_seal(&self) -> &T {
        &self.value
    }
}
