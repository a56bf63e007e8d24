//! `GET /review/list`: the queue as a list, to accept or return several recordings at once; `POST` of the same address does
//! it, `POST /review/list/undo` takes the last of it back.

use std::collections::HashSet;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::homework::{Decision, stars};
use jiayin_domain::id::{ClassId, RecordingId};
use jiayin_store::Viewer;
use jiayin_store::bulk::{QueueOfClass, Together};
use jiff::Timestamp;
use serde::Deserialize;

use super::form::COMMENT_MAX;
use super::phrases::{Phrases, opened};
use super::queue::Queue;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::faces::FaceView;
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// What was done is offered to be taken back for so long.
const UNDO_S: i64 = 15 * 60;

/// A recording in the list.
pub struct Row {
    /// The recording.
    pub id: RecordingId,
    /// The learner's name.
    pub learner: String,
    /// What stands beside it.
    pub face: FaceView,
    /// Title of the lesson.
    pub lesson: String,
    /// The sentence.
    pub sentence: String,
    /// When it was made.
    pub when: Moment,
    /// The machine's total, if it has one.
    pub score: Option<u8>,
    /// It was chosen in a form that was refused.
    pub chosen: bool,
}

impl Row {
    /// Address of the sound.
    pub fn audio(&self) -> String {
        format!("/recordings/{}/audio", self.id)
    }

    /// Stars for the score.
    pub fn stars(&self) -> usize {
        self.score.map_or(0, |score| stars(f32::from(score)))
    }
}

/// What waits in one class.
pub struct Group {
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Its recordings.
    pub rows: Vec<Row>,
}

/// The page.
#[derive(Template)]
#[template(path = "review/list.html")]
pub struct ListPage {
    /// Frame; a teacher is signed in.
    pub layout: Layout,
    /// What waits.
    pub groups: Vec<Group>,
    /// [`Queue::query`].
    pub query: String,
    /// Phrases at hand.
    pub phrases: Phrases,
    /// Words of one's own that were refused with the form.
    pub words: String,
    /// What was done just now, and can be taken back: the moment in milliseconds, and how many recordings.
    pub done: Option<(i64, usize)>,
    /// Key of what is wrong with the form; empty if nothing is.
    pub error: &'static str,
}

impl ListPage {
    /// Recordings in all.
    pub fn count(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }

    /// Texts.
    pub fn l(&self) -> &Localizer {
        &self.layout.l
    }
}

/// What was done, by its moment.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct DoneQuery {
    /// Milliseconds since 1970 UTC.
    done: Option<i64>,
}

/// The form: as many recordings as are chosen, a phrase or words of one's own, and what is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Chosen {
    recordings: Vec<RecordingId>,
    comment: String,
    decision: Option<Decision>,
}

impl Chosen {
    /// Reads the pairs of a form; what is not an id is nobody's recording.
    fn read(pairs: &[(String, String)]) -> Self {
        let all = |name: &'static str| pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value);
        let one =
            |name| all(name).next().map(|value| value.replace("\r\n", "\n").trim().to_owned()).unwrap_or_default();
        let (phrase, words) = (one("phrase"), one("words"));
        Self {
            recordings: all("recording").filter_map(|id| id.parse().ok()).collect(),
            comment: [phrase, words].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
            decision: Decision::from_tag(&one("decision")),
        }
    }

    /// Key of what is wrong with it.
    fn error(&self) -> Option<&'static str> {
        if self.recordings.is_empty() {
            Some("list-error-none")
        } else if self.comment.chars().count() > COMMENT_MAX {
            Some("review-error-comment")
        } else if self.decision.is_none() {
            Some("review-error-decision")
        } else {
            None
        }
    }
}

/// `GET /review/list`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(asked): Query<Queue>,
    Query(DoneQuery { done }): Query<DoneQuery>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, (&asked, done), None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (asked, done): (&Queue, Option<i64>),
    refused: Option<(&Chosen, &'static str)>,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let chosen: HashSet<RecordingId> =
        refused.iter().flat_map(|(chosen, _)| chosen.recordings.iter().copied()).collect();
    let kept = app.store.queue_list(viewer, asked.within()).await?;
    let groups =
        kept.iter().map(|class| group((app, &visitor.l), class, &chosen, now)).collect::<Result<_, AppError>>()?;
    let done = match moment(done, now) {
        Some(at) => Some(app.store.said_together(viewer, at).await?).filter(|done| done.count > 0),
        None => None,
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ListPage {
        layout: Layout::new(visitor, app),
        groups,
        query: asked.query(),
        phrases: Phrases::new(&app.catalogs, &visitor.l, opened(&app.store.bank(viewer).await?)?),
        words: refused.map(|(chosen, _)| chosen.comment.clone()).unwrap_or_default(),
        done: done.map(|Together { at, count }| (at.as_millisecond(), count)),
        error: refused.map_or("", |(_, error)| error),
    };
    Ok((status, html(&page)?).into_response())
}

/// The moment of something that was done a while ago at most.
fn moment(ms: Option<i64>, now: Timestamp) -> Option<Timestamp> {
    let at = Timestamp::from_millisecond(ms?).ok()?;
    (0..UNDO_S).contains(&(now.as_second() - at.as_second())).then_some(at)
}

fn group(
    (app, l): (&AppState, &Localizer),
    class: &QueueOfClass,
    chosen: &HashSet<RecordingId>,
    now: Timestamp,
) -> Result<Group, AppError> {
    let mut rows = Vec::with_capacity(class.cards.len());
    for card in &class.cards {
        let Some(known) = class.learners.get(&card.queued.learner) else { continue };
        let name = known.name.read(&class.grant)?;
        rows.push(Row {
            id: card.queued.recording,
            learner: name.clone(),
            face: FaceView::of(app, &known.face, name),
            lesson: card.title.clone(),
            sentence: card.text.clone(),
            when: Moment::new(l, card.at, now),
            score: match &card.total {
                Some(total) => *total.read(&class.grant)?,
                None => None,
            },
            chosen: chosen.contains(&card.queued.recording),
        });
    }
    Ok(Group { class: class.class, name: class.name.clone(), rows })
}

/// `POST /review/list`.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(asked): Query<Queue>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(pairs) = form.map_err(|_| AppError::BadRequest("list form"))?;
    let chosen = Chosen::read(&pairs);
    let (Some(decision), None) = (chosen.decision, chosen.error()) else {
        let error = chosen.error().unwrap_or("review-error-decision");
        return page(&app, &visitor, &viewer, (&asked, None), Some((&chosen, error))).await;
    };
    let comment = Some(chosen.comment.as_str()).filter(|comment| !comment.is_empty());
    let done = app.store.review_together(&viewer, &chosen.recordings, comment, decision).await?;
    Ok(back(&asked, done.map(|done| done.at)))
}

/// Back to the list, which offers to take back what was done.
fn back(asked: &Queue, done: Option<Timestamp>) -> Response {
    let query = asked.query();
    let sign = if query.is_empty() { '?' } else { '&' };
    let done = done.map_or_else(String::new, |at| format!("{sign}done={}", at.as_millisecond()));
    see_other(&format!("/review/list{query}{done}"))
}

/// `POST /review/list/undo`.
///
/// # Errors
/// [`AppError`].
pub async fn undo(
    State(app): State<AppState>,
    Person(viewer): Person,
    Query(asked): Query<Queue>,
    form: Result<Form<DoneQuery>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(DoneQuery { done }) = form.map_err(|_| AppError::BadRequest("undo form"))?;
    if let Some(at) = moment(done, app.clock.now()) {
        app.store.undo_together(&viewer, at).await?;
    }
    Ok(back(&asked, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn several_recordings_and_one_word_for_all() {
        let id = "0192b7a0-0000-7000-8000-000000000001";
        let form = [("recording", id), ("recording", "nonsense"), ("phrase", "Well read!"), ("words", " Go on. ")];
        let chosen = Chosen::read(&pairs(&form));
        assert_eq!((chosen.recordings.len(), chosen.comment.as_str()), (1, "Well read! Go on."));
        assert_eq!(chosen.error(), Some("review-error-decision"));
        assert_eq!(Chosen::read(&pairs(&[("decision", "accepted")])).error(), Some("list-error-none"));
        let whole = Chosen::read(&pairs(&[("recording", id), ("decision", "returned")]));
        assert_eq!((whole.error(), whole.decision), (None, Some(Decision::Returned)));
        let long = "长".repeat(COMMENT_MAX + 1);
        let chosen = Chosen::read(&pairs(&[("recording", id), ("decision", "accepted"), ("words", &long)]));
        assert_eq!(chosen.error(), Some("review-error-comment"));
    }

    #[test]
    fn only_what_was_done_a_while_ago_is_taken_back() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(moment(Some(1_000_000_000), now), Some(now));
        for other in [None, Some(i64::MAX), Some(1_000_001_000), Some((1_000_000 - UNDO_S) * 1000)] {
            assert_eq!(moment(other, now), None);
        }
    }
}
