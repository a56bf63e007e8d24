//! Calendars: a link with a secret, by which a calendar program reads when homework is due. A person has one at a time; a new
//! one makes the old one worthless.

use jiayin_domain::id::{AssignmentId, PersonId, SchoolId};
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::{calendar_link, guardianship, person};
use crate::sessions::Token;
use crate::{Store, StoreError, Viewer, time};

/// A piece of homework in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDate {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// When it was given.
    pub given_at: Timestamp,
}

impl Store {
    /// Makes the viewer's link anew.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn make_calendar_link(&self, viewer: &Viewer) -> Result<Token, StoreError> {
        use calendar_link::Column::{CreatedAt, TokenHash};
        let token = Token::new(&*self.entropy);
        let row = calendar_link::ActiveModel {
            person_id: Set(viewer.person.0),
            school_id: Set(viewer.school.0),
            token_hash: Set(token.digest()),
            created_at: Set(self.now_ms()),
        };
        let anew =
            OnConflict::column(calendar_link::Column::PersonId).update_columns([TokenHash, CreatedAt]).to_owned();
        calendar_link::Entity::insert(row).on_conflict(anew).exec_without_returning(&self.db).await?;
        Ok(token)
    }

    /// Since when the viewer has a link.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn calendar_link(&self, viewer: &Viewer) -> Result<Option<Timestamp>, StoreError> {
        let row = calendar_link::Entity::find_by_id(viewer.person.0).one(&self.db).await?;
        Ok(row.map(|row| time(row.created_at)))
    }

    /// Makes the viewer's link worthless.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_calendar_link(&self, viewer: &Viewer) -> Result<(), StoreError> {
        calendar_link::Entity::delete_by_id(viewer.person.0).exec(&self.db).await?;
        Ok(())
    }

    /// What a link shows: the homework of one's own classes, of one's children's, of those that one teaches; titles and times,
    /// no names. Also the language of its owner. `None` if the link is nobody's, or no longer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn due_dates(&self, token: &Token) -> Result<Option<(Vec<DueDate>, Option<String>)>, StoreError> {
        let found =
            calendar_link::Entity::find().filter(calendar_link::Column::TokenHash.eq(token.digest())).one(&self.db);
        let Some(link) = found.await? else { return Ok(None) };
        let Some(owner) = person::Entity::find_by_id(link.person_id).one(&self.db).await? else { return Ok(None) };
        let role = Role::from_tag(&owner.role).filter(|_| owner.closed_at.is_none());
        let Some(role) = role else { return Ok(None) };
        let person = PersonId(owner.id);
        let learners = match role {
            Role::Learner => vec![person],
            Role::Guardian => guardianship::Entity::find()
                .filter(guardianship::Column::GuardianId.eq(owner.id))
                .filter(guardianship::Column::SchoolId.eq(SchoolId(owner.school_id).0))
                .all(&self.db)
                .await?
                .into_iter()
                .map(|tie| PersonId(tie.learner_id))
                .collect(),
            _ => Vec::new(),
        };
        let mut classes = match role {
            Role::Teacher => self.classes_of(person, Role::Teacher).await?,
            _ => Vec::new(),
        };
        for learner in self.unrestricted(learners).await? {
            classes.extend(self.classes_of(learner, Role::Learner).await?);
        }
        classes.sort_unstable();
        classes.dedup();
        let due = self.titled_assignments_of(&classes).await?.into_iter().map(|(row, title)| DueDate {
            assignment: AssignmentId(row.id),
            title,
            due_at: time(row.due_at),
            given_at: time(row.created_at),
        });
        Ok(Some((due.collect(), owner.language)))
    }
}
