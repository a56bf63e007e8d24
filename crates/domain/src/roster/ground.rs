//! What is known before a list is looked at: one campus, and nothing beyond it.

use jiff::civil::Date;

use super::entry::Part;
use crate::id::{ClassId, PersonId, TermId};

/// A term of the campus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTerm {
    /// The term.
    pub id: TermId,
    /// Its name.
    pub name: String,
    /// Its last day.
    pub last: Date,
}

/// A class of the campus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownClass {
    /// The class.
    pub id: ClassId,
    /// Its name.
    pub name: String,
    /// The term to which it belongs.
    pub term: Option<TermId>,
    /// Open invitations that earlier imports prepared for learners.
    pub learners_invited: usize,
    /// The same for teachers.
    pub teachers_invited: usize,
}

/// Somebody who has an account and is in a class of the campus.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// The person.
    pub id: PersonId,
    /// Learner or teacher.
    pub part: Part,
    /// What they are called; `None` if nothing of them may be opened at present.
    pub name: Option<String>,
    /// Whether the school's number of them is known.
    pub has_number: bool,
    /// The classes in which they are now.
    pub classes: Vec<ClassId>,
}

/// Everything that is known of a campus.
#[derive(Clone)]
pub struct Ground {
    /// Its name.
    pub campus: String,
    /// Its terms.
    pub terms: Vec<KnownTerm>,
    /// Its classes.
    pub classes: Vec<KnownClass>,
    /// The people in them.
    pub people: Vec<KnownPerson>,
    /// The day at the school.
    pub today: Date,
}

/// Where the invitation stands that a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketHint {
    /// It waits, and it is for this class.
    Open(ClassId),
    /// A guardian has used it.
    Used,
}

/// What a row's number, contact and invitation lead to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// The person, if they lead to one.
    pub person: Option<PersonId>,
    /// The invitation, if there is one of that number.
    pub ticket: Option<TicketHint>,
}
