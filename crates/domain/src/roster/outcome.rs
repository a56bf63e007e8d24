//! What a list comes to, row by row.

use jiff::civil::Date;
use serde::Serialize;

use super::entry::Part;
use crate::id::{ClassId, PersonId, TermId};

/// A term that there is, or one that the plan makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum TermRef {
    /// There is one.
    Known(TermId),
    /// The n-th of [`Plan::terms`].
    New(usize),
}

/// A class that there is, or one that the plan makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ClassRef {
    /// There is one.
    Known(ClassId),
    /// The n-th of [`Plan::classes`].
    New(usize),
}

/// A term to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewTerm {
    /// Its name.
    pub name: String,
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
}

/// A class to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewClass {
    /// Its name.
    pub name: String,
    /// Its term.
    pub term: Option<TermRef>,
}

/// What a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// An invitation to the class is prepared: there is no account.
    Invite(Part, ClassRef),
    /// The person comes into the class; whether their number is noted as well.
    Join(PersonId, Part, ClassRef, bool),
    /// The learner goes from one class to another; whether their number is noted as well.
    Move(PersonId, ClassId, ClassRef, bool),
    /// The school's number of the learner is noted.
    Number(PersonId),
    /// Everything is so already.
    Same,
    /// An invitation waits to be used already.
    Invited,
    /// Nothing of the learner may be opened or changed at present.
    Paused,
    /// Nothing is done, for this reason.
    Wrong(Reason),
}

/// Why a row is wrong. Each has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Reason {
    /// No name, or too long a one.
    Name,
    /// No class, or too long a name of it.
    Class,
    /// A number that is too long.
    Number,
    /// Neither learner nor teacher.
    Role,
    /// Another campus than the one into which it is imported.
    Campus,
    /// A term that there is not, without its first and last day.
    Term,
    /// Several classes of this name, and no term to tell them apart.
    ManyClasses,
    /// The same as in this line.
    Twice(u32),
    /// The number of somebody else, in this line.
    NumberOf(u32),
    /// Several learners of this name in the class.
    SameName,
    /// The learner is in several other classes: a list cannot say which to leave.
    ManyPlaces,
}

impl Reason {
    /// Every word of [`Reason::tag`].
    pub const TAGS: [&str; 11] = [
        "name",
        "class",
        "number",
        "role",
        "campus",
        "term",
        "many-classes",
        "twice",
        "number-of",
        "same-name",
        "many-places",
    ];

    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Class => "class",
            Self::Number => "number",
            Self::Role => "role",
            Self::Campus => "campus",
            Self::Term => "term",
            Self::ManyClasses => "many-classes",
            Self::Twice(_) => "twice",
            Self::NumberOf(_) => "number-of",
            Self::SameName => "same-name",
            Self::ManyPlaces => "many-places",
        }
    }

    /// The other line of which it speaks; 0 if of none.
    pub fn line(self) -> u32 {
        match self {
            Self::Twice(line) | Self::NumberOf(line) => line,
            _ => 0,
        }
    }
}

/// What a reader should know of a row that is carried out all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Remark {
    /// The account has another name than the list.
    OtherName,
    /// Somebody of this name is in another class: if it is them, their number in the list would say so.
    Namesake,
    /// Older invitations to the class still wait; for whom is not known, so this row gets one of its own.
    Older,
}

impl Remark {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OtherName, Self::Namesake, Self::Older];

    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::OtherName => "other-name",
            Self::Namesake => "namesake",
            Self::Older => "older",
        }
    }
}

/// What kind of thing a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something new comes to be.
    Create,
    /// Something that is there changes.
    Change,
    /// Nothing happens: all is so already.
    Alone,
    /// Nothing happens: the row is wrong.
    Wrong,
}

impl Kind {
    /// All of them, what needs a reader's eye first.
    pub const ALL: [Self; 4] = [Self::Wrong, Self::Create, Self::Change, Self::Alone];

    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Alone => "alone",
            Self::Wrong => "wrong",
        }
    }
}

impl Outcome {
    /// What kind of thing it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invite(..) | Self::Join(..) => Kind::Create,
            Self::Move(..) | Self::Number(_) => Kind::Change,
            Self::Same | Self::Invited | Self::Paused => Kind::Alone,
            Self::Wrong(_) => Kind::Wrong,
        }
    }
}

/// One row of the plan; it belongs to the entry in the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowPlan {
    /// What it would do.
    pub outcome: Outcome,
    /// What a reader should know.
    pub remarks: Vec<Remark>,
}

/// How many rows there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// New.
    pub create: usize,
    /// Changed.
    pub change: usize,
    /// Left alone.
    pub alone: usize,
    /// Wrong.
    pub wrong: usize,
}

/// What a list comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Terms to be made.
    pub terms: Vec<NewTerm>,
    /// Classes to be opened.
    pub classes: Vec<NewClass>,
    /// Classes without a term that are put into one.
    pub into_term: Vec<(ClassId, TermRef)>,
    /// Row by row.
    pub rows: Vec<RowPlan>,
}

impl Plan {
    /// How many rows there are of each kind.
    pub fn count(&self) -> Count {
        let mut count = Count::default();
        for row in &self.rows {
            match row.outcome.kind() {
                Kind::Create => count.create += 1,
                Kind::Change => count.change += 1,
                Kind::Alone => count.alone += 1,
                Kind::Wrong => count.wrong += 1,
            }
        }
        count
    }

    /// Whether carrying it out would do anything.
    pub fn does_something(&self) -> bool {
        let count = self.count();
        let rows = count.create + count.change;
        rows + self.terms.len() + self.classes.len() + self.into_term.len() > 0
    }
}
