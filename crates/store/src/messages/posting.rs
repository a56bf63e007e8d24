//! By which ways what somebody is told goes out, and the jobs that send it.

use std::collections::HashSet;

use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Channel, Class, reaches};
use jiayin_privacy::IdentifierKind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::choices::Wish;
use super::telling::{MAIL, PUSH, TEXT};
use crate::entity::{identifier, job};
use crate::jobs::READY;
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
        self.enqueue_anew(db, school, kind, person.0, at_ms).await
    }

    /// Writes a job where there may be such a one already: there is one of a kind for a target. One that waits comes at the
    /// earlier of the two times; one that is being done, and may have begun too early, or has failed for good, is done anew.
    pub(crate) async fn enqueue_anew<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        kind: &str,
        target: Uuid,
        run_at_ms: i64,
    ) -> Result<(), StoreError> {
        let same = Condition::all().add(job::Column::Kind.eq(kind)).add(job::Column::TargetId.eq(target));
        let Some(row) = job::Entity::find().filter(same).one(db).await? else {
            return self.enqueue_at(db, school, kind, target, run_at_ms).await;
        };
        if row.state == READY && row.lease_id.is_none() && row.run_at <= run_at_ms {
            return Ok(());
        }
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(READY))
            .col_expr(job::Column::RunAt, Expr::value(run_at_ms))
            .col_expr(job::Column::Attempts, Expr::value(0_i64))
            .col_expr(job::Column::LeaseId, Expr::value(Option::<Uuid>::None))
            .col_expr(job::Column::LeasedUntil, Expr::value(Option::<i64>::None))
            .filter(job::Column::Id.eq(row.id))
            .exec(db)
            .await?;
        Ok(())
    }
}
