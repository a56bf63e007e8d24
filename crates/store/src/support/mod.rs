//! The help desk (clause 2.4): conversations that anybody with an account begins, their own side of them, and the pictures
//! in them. Who answers works in `desk`; what both do is a step (`steps`).
//!
//! Everything that is said is sealed under the key of who began the conversation: it is in their copy, and goes with them.

mod canned;
mod desk;
mod steps;

use jiayin_domain::id::{MediaId, PersonId, TicketEntryId, TicketId};
use jiayin_domain::role::Role;
use jiayin_domain::support::{Deed, Desk, Rating, State, Topic};
use jiayin_privacy::category::{Inquiry, Name};
use jiayin_privacy::{Grant, Personal, Sealed, SubjectKey, blob, column, purpose};
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::audit::{Details, asking, own};
use crate::course_pictures::Shown;
use crate::entity::ticket::{Column, Model};
use crate::entity::{class, guardianship, media, membership, ticket, ticket_entry};
use crate::{Store, StoreError, Viewer, time, write};

pub use canned::{CANNED_MAX, Canned};
pub use desk::{Colleagues, Counts, Handing, OpenDesk, Show};
use steps::Step;

/// Conversations of one person that may wait at a time.
const OPEN_MAX: u64 = 10;
/// Conversations that are shown at a time.
const SHOWN: u64 = 100;
/// Lines of one conversation; who has more to say begins another.
const LINES_MAX: i64 = 500;

/// A conversation as lists show it; nothing in it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The conversation.
    pub id: TicketId,
    /// Who began it.
    pub writer: PersonId,
    /// What it is about.
    pub topic: Topic,
    /// For whom it waits.
    pub state: State,
    /// Who answers it.
    pub desk: Desk,
    /// Who at the desk has it.
    pub owner: Option<PersonId>,
    /// Grows with every step: who answers says which one they have read.
    pub version: i64,
    /// When it began.
    pub opened_at: Timestamp,
    /// Since when it waits for whom it waits.
    pub since: Timestamp,
    /// Until when it is to be answered; it matters while it waits for the desk.
    pub due_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How content the writer is.
    pub rating: Option<Rating>,
}

/// A line of a conversation.
pub struct Entry {
    /// The line.
    pub id: TicketEntryId,
    /// What was done.
    pub deed: Deed,
    /// Who at the desk did it; `None` if it was the writer.
    pub staff: Option<PersonId>,
    /// What was said.
    pub text: Option<Personal<String, Inquiry>>,
    /// A picture, as long as it is kept.
    pub picture: Option<MediaId>,
    /// Whether there was a picture that has expired.
    pub picture_gone: bool,
    /// When.
    pub at: Timestamp,
}

/// A conversation with all that was said.
pub struct OpenTicket {
    /// Opens the texts and names.
    pub grant: Grant<purpose::Support>,
    /// How it stands.
    pub ticket: Ticket,
    /// What was said and done, from the beginning; for the writer, what concerns them.
    pub entries: Vec<Entry>,
    /// What the writer says of how it went.
    pub remark: Option<Personal<String, Inquiry>>,
    /// Who began it, for the desk.
    pub name: Option<Personal<String, Name>>,
}

/// Something to be said to the desk.
pub struct Said<'a> {
    /// The words.
    pub text: &'a str,
    /// A picture: media type and bytes, made anew from what was sent.
    pub picture: Option<(&'static str, &'a [u8])>,
    /// Until when it is to be answered.
    pub due_at: Timestamp,
}

/// What became of a conversation that was to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is kept.
    As(TicketId),
    /// Too many of one's own wait already.
    TooMany,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It is done.
    Done,
    /// There is no such conversation for the viewer.
    Missing,
    /// It does not stand as it should for this, or no longer.
    Stale,
}

impl Store {
    /// Begins a conversation. It goes to the managers of the campus that the writer belongs to; those of managers, officers
    /// and people without a campus go to the privacy officers.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn begin_ticket(&self, viewer: &Viewer, topic: Topic, said: &Said<'_>) -> Result<Begun, StoreError> {
        let open = ticket::Entity::find()
            .filter(Column::PersonId.eq(viewer.person.0))
            .filter(Column::State.ne(State::Closed.tag()));
        if open.count(&self.db).await? >= OPEN_MAX {
            return Ok(Begun::TooMany);
        }
        let campus = self.campus_for_help(viewer).await?;
        let now = self.now_ms();
        let row = Model {
            id: TicketId::new(&*self.clock, &*self.entropy).0,
            school_id: viewer.school.0,
            person_id: viewer.person.0,
            campus_id: campus,
            owner_id: None,
            topic: topic.tag().to_owned(),
            state: State::Waiting.tag().to_owned(),
            desk: if campus.is_some() { Desk::Campus } else { Desk::Officer }.tag().to_owned(),
            version: 0,
            opened_at: now,
            since: now,
            due_at: said.due_at.as_millisecond(),
            updated_at: now,
            closed_at: None,
            rating: None,
            remark: None,
        };
        let picture = self.keep_ticket_picture(viewer, said).await?;
        let key = self.keys.key(viewer.person).await?;
        let step = Step { text: Some(said.text), picture, ..Step::of(Deed::Ask) };
        let transaction = write::begin(&self.db).await?;
        ticket::Entity::insert(ticket::ActiveModel::from(row.clone())).exec_without_returning(&transaction).await?;
        self.write_line(&transaction, &row, &step, &key).await?;
        transaction.commit().await?;
        Ok(Begun::As(TicketId(row.id)))
    }

    /// Says more in one's own conversation; a closed one is open again, and waits for an answer.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn say_in_ticket(&self, viewer: &Viewer, id: TicketId, said: &Said<'_>) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_of(viewer, id).await? else { return Ok(Moved::Missing) };
        if row.version >= LINES_MAX {
            return Ok(Moved::Stale);
        }
        let picture = self.keep_ticket_picture(viewer, said).await?;
        let key = self.keys.key(viewer.person).await?;
        let step = Step { text: Some(said.text), picture, due_at: Some(said.due_at), ..Step::of(Deed::Ask) };
        // Whatever the desk does at the same moment, this is said after it.
        self.step_as_it_stands(row, &step, &key).await
    }

    /// Closes one's own conversation.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn close_own_ticket(&self, viewer: &Viewer, id: TicketId) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_of(viewer, id).await? else { return Ok(Moved::Missing) };
        let key = self.keys.key(viewer.person).await?;
        self.step_as_it_stands(row, &Step::of(Deed::Close), &key).await
    }

    /// Says how it went, once the conversation is closed; what was said of it before is replaced.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn rate_ticket(
        &self,
        viewer: &Viewer,
        id: TicketId,
        rating: Rating,
        remark: Option<&str>,
    ) -> Result<Moved, StoreError> {
        let Some(row) = self.ticket_of(viewer, id).await? else { return Ok(Moved::Missing) };
        let key = self.keys.key(viewer.person).await?;
        let seal = |text: &str| key.seal(column::ticket::REMARK, row.id, &text, &*self.entropy);
        let remark = remark.map(seal).transpose()?.map(Sealed::into_bytes);
        let rated = ticket::Entity::update_many()
            .col_expr(Column::Rating, Expr::value(Some(rating.tag())))
            .col_expr(Column::Remark, Expr::value(remark))
            .filter(Column::Id.eq(row.id))
            .filter(Column::State.eq(State::Closed.tag()))
            .exec(&self.db)
            .await?;
        Ok(if rated.rows_affected == 1 { Moved::Done } else { Moved::Stale })
    }

    /// One's own conversations, the newest first. Nothing in them is opened.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn own_tickets(&self, viewer: &Viewer) -> Result<Vec<Ticket>, StoreError> {
        let rows = ticket::Entity::find()
            .filter(Column::PersonId.eq(viewer.person.0))
            .order_by_desc(Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        rows.iter().map(listed).collect()
    }

    /// One of one's own conversations; `None` if it is not the viewer's.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn own_ticket(&self, viewer: &Viewer, id: TicketId) -> Result<Option<OpenTicket>, StoreError> {
        let Some(row) = self.ticket_of(viewer, id).await? else { return Ok(None) };
        let grant = self.grant(own(viewer.person, viewer.school)).await?;
        let key = self.keys.key(viewer.person).await?;
        let mut open = self.open_ticket(&row, grant, &key, None).await?;
        open.entries.retain(|entry| entry.deed.is_shown_to_writer());
        Ok(Some(open))
    }

    /// A picture in a conversation, for who sent it and for the desk that has it. `None` for anybody else.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn ticket_picture(
        &self,
        viewer: &Viewer,
        id: TicketId,
        picture: MediaId,
    ) -> Result<Option<Shown>, StoreError> {
        let row = match self.ticket_of(viewer, id).await? {
            Some(row) => row,
            None => match self.ticket_on_desk(viewer, id).await? {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        let line = ticket_entry::Entity::find()
            .filter(ticket_entry::Column::TicketId.eq(row.id))
            .filter(ticket_entry::Column::MediaId.eq(picture.0))
            .one(&self.db)
            .await?;
        let kind = blob::TICKET_PICTURE;
        let file = media::Entity::find_by_id(picture.0).filter(media::Column::Kind.eq(kind.id())).one(&self.db).await?;
        let (Some(_), Some(file)) = (line, file) else { return Ok(None) };
        let writer = PersonId(row.person_id);
        let Some(key) = self.keys.keys(&[writer]).await?.remove(&writer) else { return Ok(None) };
        let request = match desk::relation(viewer) {
            Some(relation) if viewer.person != writer => {
                asking(Some(viewer.person), viewer.school, relation, jiayin_privacy::Scope::One(writer))
            }
            _ => own(viewer.person, viewer.school),
        };
        let grant: Grant<purpose::Support> = self.grant(request.about("media", file.id)).await?;
        let bytes = self.blobs.get(&key, kind, file.id, &grant).await?;
        Ok(Some(Shown { mime: file.mime, bytes }))
    }

    async fn keep_ticket_picture(&self, viewer: &Viewer, said: &Said<'_>) -> Result<Option<MediaId>, StoreError> {
        match said.picture {
            Some(file) => Ok(Some(self.keep_file(viewer, blob::TICKET_PICTURE, file).await?)),
            None => Ok(None),
        }
    }

    async fn ticket_of(&self, viewer: &Viewer, id: TicketId) -> Result<Option<Model>, StoreError> {
        let found = ticket::Entity::find_by_id(id.0).filter(Column::PersonId.eq(viewer.person.0));
        Ok(found.one(&self.db).await?)
    }

    /// The campus whose managers know the viewer: that of the class which they, or a child of theirs, joined last.
    async fn campus_for_help(&self, viewer: &Viewer) -> Result<Option<Uuid>, StoreError> {
        let people = match viewer.role {
            Role::Learner | Role::Teacher => vec![viewer.person.0],
            Role::Guardian => {
                let ties = guardianship::Entity::find()
                    .filter(guardianship::Column::GuardianId.eq(viewer.person.0))
                    .all(&self.db)
                    .await?;
                ties.into_iter().map(|tie| tie.learner_id).collect()
            }
            Role::CampusManager | Role::PrivacyOfficer => return Ok(None),
        };
        let place = membership::Entity::find()
            .filter(membership::Column::PersonId.is_in(people))
            .filter(membership::Column::LeftAt.is_null())
            .order_by_desc(membership::Column::Since)
            .order_by_desc(membership::Column::Id)
            .one(&self.db)
            .await?;
        let Some(place) = place else { return Ok(None) };
        Ok(class::Entity::find_by_id(place.class_id).one(&self.db).await?.map(|class| class.campus_id))
    }

    async fn open_ticket(
        &self,
        row: &Model,
        grant: Grant<purpose::Support>,
        key: &SubjectKey,
        name: Option<Personal<String, Name>>,
    ) -> Result<OpenTicket, StoreError> {
        let lines = ticket_entry::Entity::find()
            .filter(ticket_entry::Column::TicketId.eq(row.id))
            .order_by_asc(ticket_entry::Column::At)
            .order_by_asc(ticket_entry::Column::Id)
            .all(&self.db)
            .await?;
        let kept: Vec<Uuid> = media::Entity::find()
            .select_only()
            .column(media::Column::Id)
            .filter(media::Column::Id.is_in(lines.iter().filter_map(|line| line.media_id)))
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut entries = Vec::with_capacity(lines.len());
        for line in lines {
            let open = |sealed| key.open(column::ticket_entry::TEXT, line.id, &Sealed::from_bytes(sealed));
            entries.push(Entry {
                id: TicketEntryId(line.id),
                deed: Deed::from_tag(&line.deed).ok_or_else(unknown)?,
                staff: line.staff_id.map(PersonId),
                text: line.text.map(open).transpose()?,
                picture: line.media_id.filter(|id| kept.contains(id)).map(MediaId),
                picture_gone: line.media_id.is_some_and(|id| !kept.contains(&id)),
                at: time(line.at),
            });
        }
        let remark = row.remark.clone();
        let open = |sealed| key.open(column::ticket::REMARK, row.id, &Sealed::from_bytes(sealed));
        Ok(OpenTicket { grant, ticket: listed(row)?, entries, remark: remark.map(open).transpose()?, name })
    }
}

fn unknown() -> StoreError {
    StoreError::Sealed("an unknown word in a conversation with the help desk".to_owned())
}

fn state(row: &Model) -> Result<State, StoreError> {
    State::from_tag(&row.state).ok_or_else(unknown)
}

fn listed(row: &Model) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        id: TicketId(row.id),
        writer: PersonId(row.person_id),
        topic: Topic::from_tag(&row.topic).ok_or_else(unknown)?,
        state: state(row)?,
        desk: Desk::from_tag(&row.desk).ok_or_else(unknown)?,
        owner: row.owner_id.map(PersonId),
        version: row.version,
        opened_at: time(row.opened_at),
        since: time(row.since),
        due_at: time(row.due_at),
        closed_at: row.closed_at.map(time),
        rating: row.rating.as_deref().map(|word| Rating::from_tag(word).ok_or_else(unknown)).transpose()?,
    })
}
