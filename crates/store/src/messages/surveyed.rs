//! Whom a survey concerns.

use jiayin_domain::message::{Class, Kind};
use uuid::Uuid;

use super::Audience;
use super::telling::Event;
use crate::{Store, StoreError};

/// The school asks something; the job is about the survey.
pub const TELL_SURVEY: &str = "tell_survey";

impl Store {
    /// That a survey asks people; `None` if it is over.
    pub(super) async fn survey_event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        let Some((school, place, people)) = self.survey_to_tell(id).await? else { return Ok(None) };
        // What a class is asked belongs to its lessons, what a campus is asked is news of the school.
        let class = if matches!(place, Audience::Class(_)) { Class::Learning } else { Class::News };
        let concerns = people.into_iter().map(|person| (person, None)).collect();
        Ok(Some(Event { school, class, kind: Kind::Surveyed, target: id, concerns }))
    }
}
