//! `GET /review`: on to the first recording of the queue, or the news that all are heard.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{AssignmentId, ClassId, RecordingId};
use jiayin_store::queue::{Queued, Within};
use serde::Deserialize;

use super::page::{EmptyPart, Inside, ReviewPage};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Which recordings stand in the queue; without a choice, all that wait for this teacher.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Queue {
    /// Only those of a class.
    pub class: Option<String>,
    /// Only those of an assignment.
    pub assignment: Option<String>,
}

impl Queue {
    fn class(&self) -> Option<ClassId> {
        self.class.as_deref()?.parse().ok()
    }

    fn assignment(&self) -> Option<AssignmentId> {
        self.assignment.as_deref()?.parse().ok()
    }

    /// What the query asks for; an assignment says more than its class.
    pub fn within(&self) -> Within {
        let class = self.class().map(Within::Class);
        self.assignment().map(Within::Assignment).or(class).unwrap_or(Within::Everything)
    }

    /// The query of an address, with its question mark; empty for the whole queue. Only ids are let through.
    pub fn query(&self) -> String {
        let class = self.class().map(|id| format!("class={id}"));
        let assignment = self.assignment().map(|id| format!("assignment={id}"));
        let pairs: Vec<_> = [class, assignment].into_iter().flatten().collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

/// Where the recording stands in the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// From 1; `None` for a recording that waits no longer.
    pub position: Option<usize>,
    /// How many wait.
    pub count: usize,
    /// The one before, also if it waits no longer: the way back to what was just decided.
    pub previous: Option<RecordingId>,
    /// The next one that waits.
    pub next: Option<RecordingId>,
    /// [`Queue::query`], kept from address to address.
    pub query: String,
}

impl Place {
    /// The place of a recording among those that the store names.
    pub fn of(recording: RecordingId, queue: &[Queued], query: String) -> Self {
        let at = queue.iter().position(|queued| queued.recording == recording).unwrap_or(queue.len());
        let (before, rest) = queue.split_at(at);
        let waiting = |some: &[Queued]| some.iter().filter(|queued| queued.waits).count();
        let waits = rest.first().is_some_and(|queued| queued.waits);
        Self {
            position: waits.then(|| waiting(before) + 1),
            count: waiting(queue),
            previous: before.last().map(|queued| queued.recording),
            next: rest.iter().skip(1).find(|queued| queued.waits).map(|queued| queued.recording),
            query,
        }
    }
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(asked): Query<Queue>,
) -> Result<Response, AppError> {
    let waiting = app.store.queue(&viewer, asked.within()).await?;
    if let Some(first) = waiting.first() {
        return Ok(see_other(&format!("/review/{}{}", first.recording, asked.query())));
    }
    let part = EmptyPart { l: visitor.l.clone() };
    if visitor.partial {
        return Ok(html(&part)?.into_response());
    }
    let page = ReviewPage { layout: Layout::new(&visitor, &app), inside: Inside::Empty(part) };
    Ok(html(&page)?.into_response())
}

#[cfg(test)]
mod tests {
    use jiayin_domain::id::{ExerciseId, PersonId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_ids_stand_in_the_address_of_a_queue() {
        let id = "0192b7a0-0000-7000-8000-000000000001".to_owned();
        let queue = |class: Option<&String>, assignment: Option<&str>| Queue {
            class: class.cloned(),
            assignment: assignment.map(str::to_owned),
        };
        assert_eq!(queue(None, None).query(), "");
        assert_eq!(queue(Some(&id), Some("\"><script>")).query(), format!("?class={id}"));
        assert_eq!(queue(Some(&id), Some(&id)).query(), format!("?class={id}&assignment={id}"));
        assert_eq!(queue(Some(&id), Some("x")).within(), Within::Class(id.parse().unwrap()));
    }

    #[test]
    fn a_place_leads_back_to_what_was_heard_and_on_to_what_waits() {
        let recording = |number: u128| RecordingId(Uuid::from_u128(number));
        let queued = |number, waits| Queued {
            recording: recording(number),
            learner: PersonId(Uuid::nil()),
            class: ClassId(Uuid::nil()),
            assignment: AssignmentId(Uuid::nil()),
            exercise: ExerciseId(Uuid::nil()),
            waits,
        };
        let queue = [queued(1, true), queued(2, false), queued(3, true), queued(4, false), queued(5, true)];
        let place = |number| {
            let place = Place::of(recording(number), &queue, String::new());
            (place.position, place.count, place.previous, place.next)
        };
        assert_eq!(place(1), (Some(1), 3, None, Some(recording(3))));
        assert_eq!(place(3), (Some(2), 3, Some(recording(2)), Some(recording(5))));
        assert_eq!(place(4), (None, 3, Some(recording(3)), Some(recording(5))));
        assert_eq!(place(5), (Some(3), 3, Some(recording(4)), None));
        assert_eq!(place(9), (None, 3, Some(recording(5)), None));
    }
}
