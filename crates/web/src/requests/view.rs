//! A request as pages show it, on both sides.

use jiayin_domain::id::PersonId;
use jiayin_domain::request::{Deed, Kind, State};
use jiayin_domain::workdays::Workdays;
use jiayin_privacy::category::Inquiry;
use jiayin_privacy::{Grant, Personal, purpose};
use jiayin_store::requests::{OpenRequest, Request, Step};
use jiff::Timestamp;

use super::term::LeftView;
use crate::error::AppError;
use crate::locale::Localizer;
use crate::school_time::Moment;

/// A request in a line.
pub struct RequestLine {
    /// Id, a part of its address.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// When it came in.
    pub received: Moment,
    /// How much of its term is left; it matters as long as it waits.
    pub left: LeftView,
    /// When it was closed.
    pub closed: Option<Moment>,
    /// Whether there is news that the asker has not seen.
    pub unread: bool,
    /// Whether it is about a child of the asker.
    pub about_child: bool,
    /// Whether an officer has it.
    pub has_owner: bool,
    /// Whether that is the viewer.
    pub is_mine: bool,
    /// Whether the viewer made it, or it is about the viewer: then somebody else decides.
    pub is_own: bool,
}

impl RequestLine {
    /// A request as the viewer sees it now.
    pub fn new(l: &Localizer, days: &Workdays, now: Timestamp, viewer: PersonId, request: &Request) -> Self {
        Self {
            id: request.id.to_string(),
            kind: request.kind,
            state: request.state,
            received: Moment::new(l, request.received_at, now),
            left: LeftView::new(l, days, request.due_at, now),
            closed: request.closed_at.map(|at| Moment::new(l, at, now)),
            unread: request.unread,
            about_child: request.subject != request.asker,
            has_owner: request.owner.is_some(),
            is_mine: request.owner == Some(viewer),
            is_own: request.asker == viewer || request.subject == viewer,
        }
    }

    /// Whether it waits for a decision.
    pub fn is_pending(&self) -> bool {
        self.state.is_pending()
    }

    /// Class of the colour of its state.
    pub fn tone(&self) -> &'static str {
        match self.state {
            State::Open => "open",
            State::Taken => "fair",
            State::Done => "good",
            State::Refused => "weak",
            State::Withdrawn => "missed",
        }
    }
}

/// A step in words.
pub struct StepView {
    /// What was done.
    pub deed: Deed,
    /// How the request stood before; `None` when it came in.
    pub before: Option<State>,
    /// How it stood then.
    pub after: State,
    /// Key of who did it: roles, not names.
    pub by: &'static str,
    /// When.
    pub at: Moment,
}

/// A request with all that was written.
pub struct RequestView {
    /// How it stands.
    pub line: RequestLine,
    /// What was asked for.
    pub text: String,
    /// Why the term was made longer, and when.
    pub extension: Option<(String, Moment)>,
    /// What was decided, and why.
    pub outcome: Option<String>,
    /// What was done, from the beginning.
    pub steps: Vec<StepView>,
}

impl RequestView {
    /// Opens a request.
    ///
    /// # Errors
    /// If the grant is for others, which the store sees to.
    pub fn new(
        l: &Localizer,
        days: &Workdays,
        now: Timestamp,
        viewer: PersonId,
        open: &OpenRequest,
    ) -> Result<Self, AppError> {
        let request = &open.request;
        let extension = read(&open.grant, open.extension.as_ref())?;
        Ok(Self {
            line: RequestLine::new(l, days, now, viewer, request),
            text: open.text.read(&open.grant)?.clone(),
            extension: extension.zip(request.extended_at.map(|at| Moment::new(l, at, now))),
            outcome: read(&open.grant, open.outcome.as_ref())?,
            steps: open.steps.iter().map(|step| step_view(l, now, viewer, request.asker, step)).collect(),
        })
    }
}

fn read(
    grant: &Grant<purpose::Requests>,
    text: Option<&Personal<String, Inquiry>>,
) -> Result<Option<String>, AppError> {
    Ok(text.map(|text| text.read(grant).cloned()).transpose()?)
}

fn step_view(l: &Localizer, now: Timestamp, viewer: PersonId, asker: PersonId, step: &Step) -> StepView {
    let by = match step.actor {
        actor if actor == viewer => "request-by-you",
        actor if actor == asker => "request-by-asker",
        _ => "request-by-officer",
    };
    StepView { deed: step.deed, before: step.before, after: step.after, by, at: Moment::new(l, step.at, now) }
}
