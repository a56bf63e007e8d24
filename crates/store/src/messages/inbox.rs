//! The page of messages: what has happened, looked up for whom may see it.

use std::collections::HashMap;

use jiayin_domain::id::{AnnouncementId, AssignmentId, MessageId, PersonId, RequestId, SurveyId, TicketId};
use jiayin_domain::message::{Class, Kind};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, Relation, Scope, category, purpose};
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::asking;
use crate::entity::{announcement, assignment, guardianship, message};
use crate::{Store, StoreError, Viewer, time};

/// Messages that are shown at a time.
const SHOWN: u64 = 100;

/// What a message is about, as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Homework with the title of its lesson.
    Homework {
        /// The assignment.
        assignment: AssignmentId,
        /// The lesson's title.
        title: String,
    },
    /// A request of one's own.
    Request(RequestId),
    /// A conversation of one's own with the help desk.
    Ticket(TicketId),
    /// What somebody of the school says to many.
    Announcement {
        /// The announcement.
        announcement: AnnouncementId,
        /// Its title.
        title: String,
        /// Its text.
        body: String,
    },
    /// A survey that asks the reader.
    Survey {
        /// The survey.
        survey: SurveyId,
        /// Its title.
        title: String,
    },
}

/// A message.
pub struct Message {
    /// The message.
    pub message: MessageId,
    /// What it is for its reader.
    pub class: Class,
    /// What it tells of.
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// The child that it is about, if that is not the reader.
    pub about: Option<PersonId>,
    /// When it came.
    pub at: Timestamp,
    /// Read.
    pub read: bool,
}

/// The viewer's messages.
pub struct Inbox {
    /// Opens the names; `None` where no child is spoken of.
    pub grant: Option<Grant<purpose::Family>>,
    /// The names of one's own children of whom messages speak.
    pub names: HashMap<PersonId, Personal<String, category::Name>>,
    /// The messages, the newest first.
    pub messages: Vec<Message>,
}

impl Store {
    /// The viewer's messages. What has gone meanwhile, as homework that was taken back, is not among them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn inbox(&self, viewer: &Viewer) -> Result<Inbox, StoreError> {
        let rows = message::Entity::find()
            .filter(message::Column::PersonId.eq(viewer.person.0))
            .order_by_desc(message::Column::CreatedAt)
            .order_by_desc(message::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        self.opened_messages(viewer, rows).await
    }

    /// One message of the viewer's, which is read from now on. `None` if there is no such.
    ///
    /// # Errors
    /// If it cannot be read or marked.
    pub async fn read_message(&self, viewer: &Viewer, id: MessageId) -> Result<Option<Message>, StoreError> {
        let found = message::Entity::find_by_id(id.0)
            .filter(message::Column::PersonId.eq(viewer.person.0))
            .one(&self.db)
            .await?;
        let Some(row) = found else { return Ok(None) };
        if row.read_at.is_none() {
            message::Entity::update_many()
                .col_expr(message::Column::ReadAt, Expr::value(Some(self.now_ms())))
                .filter(message::Column::Id.eq(row.id))
                .exec(&self.db)
                .await?;
        }
        Ok(self.opened_messages(viewer, vec![row]).await?.messages.pop())
    }

    /// All messages of the viewer's are read from now on.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn read_all_messages(&self, viewer: &Viewer) -> Result<(), StoreError> {
        message::Entity::update_many()
            .col_expr(message::Column::ReadAt, Expr::value(Some(self.now_ms())))
            .filter(message::Column::PersonId.eq(viewer.person.0))
            .filter(message::Column::ReadAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }

    async fn opened_messages(&self, viewer: &Viewer, rows: Vec<message::Model>) -> Result<Inbox, StoreError> {
        let titles = self.titles_of_assignments(&rows).await?;
        let announcements = self.announcements_of(&rows).await?;
        let surveys = self.titles_of_surveys(rows.iter().map(|row| row.target_id)).await?;
        let (grant, names) = self.children_of(viewer, &rows).await?;
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let (Some(class), Some(kind)) = (Class::from_tag(&row.class), Kind::from_tag(&row.kind)) else { continue };
            let subject = match kind {
                Kind::Assigned | Kind::Due | Kind::Reviewed => titles
                    .get(&row.target_id)
                    .map(|title| Subject::Homework { assignment: AssignmentId(row.target_id), title: title.clone() }),
                Kind::Answered => Some(Subject::Request(RequestId(row.target_id))),
                Kind::Helped => Some(Subject::Ticket(TicketId(row.target_id))),
                Kind::Announced => announcements.get(&row.target_id).map(|said| Subject::Announcement {
                    announcement: AnnouncementId(said.id),
                    title: said.title.clone(),
                    body: said.body.clone(),
                }),
                Kind::Surveyed => surveys
                    .get(&row.target_id)
                    .map(|title| Subject::Survey { survey: SurveyId(row.target_id), title: title.clone() }),
            };
            let Some(subject) = subject else { continue };
            let about = row.about_id.map(PersonId);
            // Of a child whose processing is restricted nothing is told.
            if about.is_some_and(|child| !names.contains_key(&child)) {
                continue;
            }
            let (message, at, read) = (MessageId(row.id), time(row.created_at), row.read_at.is_some());
            messages.push(Message { message, class, kind, subject, about, at, read });
        }
        Ok(Inbox { grant, names, messages })
    }

    async fn titles_of_assignments(&self, rows: &[message::Model]) -> Result<HashMap<Uuid, String>, StoreError> {
        let given = assignment::Entity::find()
            .filter(assignment::Column::Id.is_in(rows.iter().map(|row| row.target_id)))
            .filter(assignment::Column::WithdrawnAt.is_null())
            .all(&self.db)
            .await?;
        let titles = self.lesson_titles(given.iter().map(|row| row.lesson_id)).await?;
        Ok(given.into_iter().filter_map(|row| Some((row.id, titles.get(&row.lesson_id)?.clone()))).collect())
    }

    async fn announcements_of(
        &self,
        rows: &[message::Model],
    ) -> Result<HashMap<Uuid, announcement::Model>, StoreError> {
        let said = announcement::Entity::find()
            .filter(announcement::Column::Id.is_in(rows.iter().map(|row| row.target_id)))
            .filter(announcement::Column::WithdrawnAt.is_null())
            .all(&self.db)
            .await?;
        Ok(said.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The names of the viewer's own children among those that messages are about.
    async fn children_of(
        &self,
        viewer: &Viewer,
        rows: &[message::Model],
    ) -> Result<(Option<Grant<purpose::Family>>, HashMap<PersonId, Personal<String, category::Name>>), StoreError> {
        let mut about: Vec<PersonId> = rows.iter().filter_map(|row| row.about_id).map(PersonId).collect();
        about.sort_unstable();
        about.dedup();
        if viewer.role != Role::Guardian || about.is_empty() {
            return Ok((None, HashMap::new()));
        }
        let ties = guardianship::Entity::find()
            .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
            .filter(guardianship::Column::LearnerId.is_in(about.iter().map(|child| child.0)))
            .all(&self.db)
            .await?;
        let own = self.unrestricted(ties.into_iter().map(|tie| PersonId(tie.learner_id)).collect()).await?;
        let request = asking(Some(viewer.person), viewer.school, Relation::Guardian, Scope::many(own.clone()));
        let grant = self.grant(request).await?;
        let names = self.names(&own).await?;
        Ok((Some(grant), names))
    }
}
