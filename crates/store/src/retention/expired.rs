//! The results of a homework outlive the recordings from which they were made: what they speak of may have expired.

use std::collections::{HashMap, HashSet};

use jiayin_domain::id::RecordingId;
use jiayin_privacy::{blob, map};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::entity::{recording, submission};
use crate::{Store, StoreError};

/// The recordings that are still kept, for each submission so old that some of its may have expired.
#[derive(Debug, Default, Clone)]
pub(crate) struct Kept(HashMap<Uuid, HashSet<RecordingId>>);

impl Kept {
    /// Whether a recording of a submission is there to be heard.
    pub(crate) fn has(&self, submission: Uuid, recording: RecordingId) -> bool {
        self.0.get(&submission).is_none_or(|kept| kept.contains(&recording))
    }

    /// The recordings of a submission that are kept; `None` if all are.
    pub(crate) fn of(&mut self, submission: Uuid) -> Option<HashSet<RecordingId>> {
        self.0.remove(&submission)
    }
}

impl Store {
    /// Looks up what is kept of some submissions. For those of this year it asks nothing.
    pub(crate) async fn kept_of(&self, submissions: &[submission::Model]) -> Result<Kept, StoreError> {
        let rule = map::blob(blob::RECORDING.id()).and_then(|kind| map::retention(kind.retention));
        let Some(days) = rule.and_then(|rule| rule.days) else { return Ok(Kept::default()) };
        let before = self.now_ms().saturating_sub(i64::from(days) * 24 * 3600 * 1000);
        let old = submissions.iter().filter(|row| row.created_at <= before);
        let mut kept = Kept(old.map(|row| (row.id, HashSet::new())).collect());
        if kept.0.is_empty() {
            return Ok(kept);
        }
        let rows: Vec<(Uuid, Uuid)> = recording::Entity::find()
            .select_only()
            .columns([recording::Column::Id, recording::Column::SubmissionId])
            .filter(recording::Column::SubmissionId.is_in(kept.0.keys().copied()))
            .into_tuple()
            .all(&self.db)
            .await?;
        for (id, submission) in rows {
            kept.0.entry(submission).or_default().insert(RecordingId(id));
        }
        Ok(kept)
    }
}
