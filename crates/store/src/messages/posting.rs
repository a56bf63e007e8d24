//! By which ways what somebody is told goes out, and the jobs that send it.

use std::collections::HashSet;

use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Channel, Class, reaches};
use jiayin_privacy::IdentifierKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::choices::Wish;
use super::telling::{MAIL, PUSH, TEXT};
use crate::entity::{identifier, job};
use crate::{Store, StoreError};

/// The job that sends what somebody has not read; none for the page on which it is read.
fn job_of(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::Inbox => None,
        Channel::Mail => Some(MAIL),
        Channel::Push => Some(PUSH),
        Channel::Text => Some(TEXT),
    }
}

/// Where people can be reached.
pub(super) struct Ways {
    mailboxes: HashSet<PersonId>,
    phones: HashSet<PersonId>,
    browsers: HashSet<PersonId>,
}

impl Ways {
    /// The channels on which a class goes out to a person.
    pub(super) fn out<'a>(
        &'a self,
        person: PersonId,
        class: Class,
        wish: &'a Wish,
    ) -> impl Iterator<Item = Channel> + 'a {
        Channel::OUT.into_iter().filter(move |channel| {
            let there = match channel {
                Channel::Inbox => false,
                Channel::Mail => self.mailboxes.contains(&person) && !wish.refused,
                Channel::Push => self.browsers.contains(&person),
                Channel::Text => self.phones.contains(&person),
            };
            there && reaches(class, *channel, wish.of(*channel))
        })
    }
}

impl Store {
    /// Where each of some people can be reached.
    pub(super) async fn ways(&self, people: &[PersonId]) -> Result<Ways, StoreError> {
        let known: Vec<(Uuid, String)> = identifier::Entity::find()
            .select_only()
            .columns([identifier::Column::PersonId, identifier::Column::Kind])
            .filter(identifier::Column::PersonId.is_in(people.iter().map(|person| person.0)))
            .into_tuple()
            .all(&self.db)
            .await?;
        let with = |kind: IdentifierKind| {
            known.iter().filter(|(_, known)| known == kind.tag()).map(|(person, _)| PersonId(*person)).collect()
        };
        Ok(Ways {
            mailboxes: with(IdentifierKind::Email),
            phones: with(IdentifierKind::Phone),
            browsers: self.with_browser(people).await?,
        })
    }

    /// Has something sent to a person at a time; what goes out earlier takes along what is there by then.
    pub(super) async fn call_postman<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        person: PersonId,
        channel: Channel,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let Some(kind) = job_of(channel) else { return Ok(()) };
        let same_time = match channel {
            // A sign on a screen says all there is; one that is on its way is enough.
            Channel::Push => job::Column::RunAt.lte(at_ms),
            _ => job::Column::RunAt.eq(at_ms),
        };
        let waiting = job::Entity::find()
            .filter(job::Column::Kind.eq(kind))
            .filter(job::Column::TargetId.eq(person.0))
            .filter(job::Column::LeaseId.is_null())
            .filter(same_time)
            .one(db)
            .await?;
        match waiting {
            Some(_) => Ok(()),
            None => self.enqueue_at(db, school, kind, person.0, at_ms).await,
        }
    }
}
