//! Lists of a school that are imported: what a list would do, doing it, undoing it, and the list as it stands.
//!
//! Of a child without an account nothing is kept, not even a digest: what is prepared is an invitation to a class, and the
//! school's own copy of the list is what ties the two together (docs/adr/0013).

mod apply;
mod ground;
mod list;
mod undo;

use jiayin_domain::id::{InvitationId, RosterImportId};
use jiayin_domain::roster::{Elsewhere, Entry, Plan};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sessions::Token;
use crate::{Store, StoreError, Viewer};

pub use list::{Listed, RosterList};
pub use undo::{LastImport, Undone};

/// A list to be imported.
pub struct Roster<'a> {
    /// Its rows.
    pub entries: &'a [Entry],
    /// What becomes of learners who are in another class.
    pub elsewhere: Elsewhere,
    /// The day at the school.
    pub today: Date,
}

/// What a list would do.
pub struct Preview {
    /// Row by row.
    pub plan: Plan,
    /// The names of the classes that the plan speaks of by their ids.
    pub classes: Vec<(jiayin_domain::id::ClassId, String)>,
    /// People of the campus of whom nothing may be opened at present: by their names, no row can be told to be theirs.
    pub left_out: usize,
}

/// An invitation that was prepared for a row.
pub struct Prepared {
    /// The row's place in the list.
    pub row: usize,
    /// The invitation.
    pub id: InvitationId,
    /// Its secret, shown this once.
    pub token: Token,
}

/// How an import went.
pub enum Imported {
    /// It was carried out.
    Done {
        /// The import.
        id: RosterImportId,
        /// The invitations.
        prepared: Vec<Prepared>,
        /// When they expire.
        until: Timestamp,
    },
    /// Something has changed since the plan was shown; nothing was done.
    Changed,
}

impl Store {
    /// What a list would do to the viewer's campus. `None` if the viewer manages none.
    ///
    /// # Errors
    /// If what is known cannot be read.
    pub async fn preview_roster(&self, viewer: &Viewer, roster: &Roster<'_>) -> Result<Option<Preview>, StoreError> {
        let Some(campus) = crate::terms::managed(viewer) else { return Ok(None) };
        let standing = self.roster_standing(&self.db, viewer, campus, roster.entries).await?;
        let ground = self.roster_ground(viewer, campus, &standing, roster.today).await?;
        let hints = self.roster_hints(campus, &standing, roster.entries).await?;
        Ok(Some(Preview {
            plan: jiayin_domain::roster::plan(roster.entries, &hints, &ground, roster.elsewhere),
            classes: ground.classes.iter().map(|class| (class.id, class.name.clone())).collect(),
            left_out: ground.people.iter().filter(|person| person.name.is_none()).count(),
        }))
    }
}
