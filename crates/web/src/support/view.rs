//! A conversation as pages show it, on both sides.

use jiayin_domain::id::PersonId;
use jiayin_domain::support::{Deed, Desk, Rating, State, Topic};
use jiayin_domain::workdays::Workdays;
use jiayin_privacy::{Grant, purpose};
use jiayin_store::support::{Entry, OpenTicket, Ticket};
use jiff::Timestamp;

use crate::error::AppError;
use crate::locale::Localizer;
use crate::requests::term::LeftView;
use crate::school_time::Moment;

/// A conversation in a line.
pub struct TicketLine {
    /// Id, a part of its address.
    pub id: String,
    /// What it is about.
    pub topic: Topic,
    /// For whom it waits.
    pub state: State,
    /// Who answers.
    pub desk: Desk,
    /// When it began.
    pub opened: Moment,
    /// Since when it waits for whom it waits, or is closed.
    pub since: Moment,
    /// How much is left for an answer; it matters while it waits for the desk.
    pub left: LeftView,
    /// Whether somebody at the desk has it.
    pub has_owner: bool,
    /// Whether that is the viewer.
    pub is_mine: bool,
    /// How content the writer is.
    pub rating: Option<Rating>,
    /// Grows with every step.
    pub version: i64,
}

impl TicketLine {
    /// A conversation as the viewer sees it now.
    pub fn new(l: &Localizer, days: &Workdays, now: Timestamp, viewer: PersonId, ticket: &Ticket) -> Self {
        Self {
            id: ticket.id.to_string(),
            topic: ticket.topic,
            state: ticket.state,
            desk: ticket.desk,
            opened: Moment::new(l, ticket.opened_at, now),
            since: Moment::new(l, ticket.since, now),
            left: LeftView::new(l, days, ticket.due_at, now),
            has_owner: ticket.owner.is_some(),
            is_mine: ticket.owner == Some(viewer),
            rating: ticket.rating,
            version: ticket.version,
        }
    }

    /// Whether it waits for the desk.
    pub fn waits(&self) -> bool {
        self.state == State::Waiting
    }

    /// Whether it waits for anybody.
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Class of the colour of its state.
    pub fn tone(&self) -> &'static str {
        match self.state {
            State::Waiting => "open",
            State::Answered => "good",
            State::Closed => "missed",
        }
    }
}

/// Who did something in a conversation, as the page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Who looks at the page.
    You,
    /// Who began the conversation.
    Writer,
    /// The help desk.
    Desk,
    /// Somebody else at the desk.
    Colleague,
}

impl By {
    /// Key of the words.
    pub fn key(self) -> &'static str {
        match self {
            Self::You => "help-by-you",
            Self::Writer => "help-by-writer",
            Self::Desk => "help-by-desk",
            Self::Colleague => "help-by-colleague",
        }
    }
}

/// A line of a conversation.
pub struct EntryView {
    /// What was done.
    pub deed: Deed,
    /// By whom.
    pub by: By,
    /// What was said; empty if nothing was.
    pub text: String,
    /// Address of the picture; empty if there is none.
    pub picture: String,
    /// Whether there was a picture that has expired.
    pub picture_gone: bool,
    /// When.
    pub at: Moment,
}

impl EntryView {
    /// Whether somebody says something to the other.
    pub fn is_said(&self) -> bool {
        matches!(self.deed, Deed::Ask | Deed::Answer)
    }

    /// Class of how it looks.
    pub fn look(&self) -> &'static str {
        match self.deed {
            Deed::Ask => "asked",
            Deed::Answer => "answered",
            Deed::Note | Deed::Hand => "noted",
            Deed::Take | Deed::Close => "done-line",
        }
    }
}

/// A conversation with all that was said.
pub struct TicketView {
    /// How it stands.
    pub line: TicketLine,
    /// What was said and done, from the beginning.
    pub entries: Vec<EntryView>,
    /// What the writer says of how it went; empty if nothing.
    pub remark: String,
}

impl TicketView {
    /// Opens a conversation.
    ///
    /// # Errors
    /// If the grant is for others, which the store sees to.
    pub fn new(
        l: &Localizer,
        days: &Workdays,
        now: Timestamp,
        viewer: PersonId,
        open: &OpenTicket,
    ) -> Result<Self, AppError> {
        let line = TicketLine::new(l, days, now, viewer, &open.ticket);
        let own = open.ticket.writer == viewer;
        let by = |entry: &Entry| match entry.staff {
            None if own => By::You,
            None => By::Writer,
            Some(_) if own => By::Desk,
            Some(staff) if staff == viewer => By::You,
            Some(_) => By::Colleague,
        };
        let mut entries = Vec::with_capacity(open.entries.len());
        for entry in &open.entries {
            entries.push(EntryView {
                deed: entry.deed,
                by: by(entry),
                text: read(&open.grant, entry.text.as_ref())?,
                picture: entry.picture.map(|id| format!("/help/{}/pictures/{id}", line.id)).unwrap_or_default(),
                picture_gone: entry.picture_gone,
                at: Moment::new(l, entry.at, now),
            });
        }
        Ok(Self { entries, remark: read(&open.grant, open.remark.as_ref())?, line })
    }
}

fn read(
    grant: &Grant<purpose::Support>,
    text: Option<&jiayin_privacy::Personal<String, jiayin_privacy::category::Inquiry>>,
) -> Result<String, AppError> {
    Ok(text.map(|text| text.read(grant).cloned()).transpose()?.unwrap_or_default())
}
