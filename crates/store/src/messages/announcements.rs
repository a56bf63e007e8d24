//! What somebody of the school says to many: to a class, by its teacher or its campus's manager; to a campus, by its manager.

use jiayin_domain::id::{AnnouncementId, CampusId, ClassId};
use jiayin_domain::message::{Class, Kind};
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::TELL_ANNOUNCED;
use crate::entity::{announcement, campus, class, message};
use crate::{Store, StoreError, Viewer, time, write};

/// Announcements that are shown at a time.
const SHOWN: u64 = 50;

/// To whom something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The learners of a class, their guardians and teachers.
    Class(ClassId),
    /// The same of all classes of a campus.
    Campus(CampusId),
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// To whom.
    pub audience: Audience,
    /// What it is for its readers.
    pub class: Class,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// What was said, and how far it has come.
pub struct Announcement {
    /// The announcement.
    pub announcement: AnnouncementId,
    /// What it is for its readers.
    pub class: Class,
    /// The name of the class or campus.
    pub audience: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// When it was said.
    pub at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// To how many it has come.
    pub told: u64,
    /// How many of them have read it.
    pub read: u64,
}

impl Store {
    /// Those to whom the viewer may say something, with their names: the campus first, then its classes.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn audiences(&self, viewer: &Viewer) -> Result<Vec<(Audience, String)>, StoreError> {
        let mut audiences = Vec::new();
        let classes = class::Entity::find().filter(class::Column::SchoolId.eq(viewer.school.0));
        let classes = match (viewer.role, viewer.campus) {
            (Role::CampusManager, Some(id)) => {
                if let Some(row) = campus::Entity::find_by_id(id.0).one(&self.db).await? {
                    audiences.push((Audience::Campus(id), row.name));
                }
                classes.filter(class::Column::CampusId.eq(id.0))
            }
            (Role::Teacher, _) => {
                let mine = self.classes_of(viewer.person, Role::Teacher).await?;
                classes.filter(class::Column::Id.is_in(mine.iter().map(|class| class.0)))
            }
            _ => return Ok(audiences),
        };
        let rows = classes.order_by_asc(class::Column::Id).all(&self.db).await?;
        audiences.extend(rows.into_iter().map(|row| (Audience::Class(ClassId(row.id)), row.name)));
        Ok(audiences)
    }

    /// Says something to many; they find it as soon as the workers come round. `None` if the viewer may not say anything
    /// there. Only a campus's manager speaks of other than lessons.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn make_announcement(
        &self,
        viewer: &Viewer,
        draft: &Draft,
    ) -> Result<Option<AnnouncementId>, StoreError> {
        let may = self.audiences(viewer).await?.iter().any(|(audience, _)| *audience == draft.audience);
        if !may || (viewer.role == Role::Teacher && draft.class != Class::Learning) {
            return Ok(None);
        }
        let id = AnnouncementId::new(&*self.clock, &*self.entropy);
        let (class_id, campus_id) = match draft.audience {
            Audience::Class(class) => (Some(class.0), None),
            Audience::Campus(campus) => (None, Some(campus.0)),
        };
        let row = announcement::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            author_id: Set(viewer.person.0),
            class_id: Set(class_id),
            campus_id: Set(campus_id),
            class: Set(draft.class.tag().to_owned()),
            title: Set(draft.title.clone()),
            body: Set(draft.body.clone()),
            created_at: Set(self.now_ms()),
            withdrawn_at: Set(None),
        };
        let transaction = write::begin(&self.db).await?;
        announcement::Entity::insert(row).exec_without_returning(&transaction).await?;
        self.enqueue(&transaction, viewer.school.0, TELL_ANNOUNCED, id.0).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// What the viewer has said, the newest first.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn own_announcements(&self, viewer: &Viewer) -> Result<Vec<Announcement>, StoreError> {
        let rows = announcement::Entity::find()
            .filter(announcement::Column::AuthorId.eq(viewer.person.0))
            .order_by_desc(announcement::Column::CreatedAt)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        let mut said = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(class) = Class::from_tag(&row.class) else { continue };
            let told = message::Entity::find()
                .filter(message::Column::Kind.eq(Kind::Announced.tag()))
                .filter(message::Column::TargetId.eq(row.id));
            let read = told.clone().filter(message::Column::ReadAt.is_not_null());
            said.push(Announcement {
                announcement: AnnouncementId(row.id),
                class,
                audience: self.audience_name(&row).await?,
                told: told.count(&self.db).await?,
                read: read.count(&self.db).await?,
                title: row.title,
                body: row.body,
                at: time(row.created_at),
                withdrawn_at: row.withdrawn_at.map(time),
            });
        }
        Ok(said)
    }

    async fn audience_name(&self, row: &announcement::Model) -> Result<String, StoreError> {
        if let Some(class) = row.class_id {
            return self.class_name(class).await;
        }
        let Some(id) = row.campus_id else { return Ok(String::new()) };
        let found = campus::Entity::find_by_id(id).one(&self.db).await?;
        Ok(found.map(|row| row.name).unwrap_or_default())
    }

    /// Takes back what the viewer has said; it disappears from everybody's messages. Whether there was such.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn withdraw_announcement(&self, viewer: &Viewer, id: AnnouncementId) -> Result<bool, StoreError> {
        let done = announcement::Entity::update_many()
            .col_expr(announcement::Column::WithdrawnAt, Expr::value(Some(self.now_ms())))
            .filter(announcement::Column::Id.eq(id.0))
            .filter(announcement::Column::AuthorId.eq(viewer.person.0))
            .filter(announcement::Column::WithdrawnAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// How many mails of a school could not be sent at all, after all tries.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn undelivered(&self, viewer: &Viewer) -> Result<u64, StoreError> {
        self.dead_jobs(viewer.school, super::MAIL).await
    }
}
