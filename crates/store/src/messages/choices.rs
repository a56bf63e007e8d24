//! What people want to be told, and how.

use std::collections::HashMap;

use jiayin_domain::id::{PersonId, SchoolId, new_uuid};
use jiayin_domain::message::{Channel, Class, QuietHours, reaches};
use jiayin_domain::role::Role;
use jiayin_privacy::{Purpose, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::entity::message_choice::Column as column;
use crate::entity::{message_choice, message_setting};
use crate::{Store, StoreError, Viewer, time, write};

/// What somebody has chosen.
pub struct Choices {
    chosen: HashMap<(Class, Channel), bool>,
    agreed: Vec<Class>,
    /// Hours in which no mail is to come.
    pub quiet: QuietHours,
    /// Since when the mailbox takes nothing; nothing is sent there until something is chosen anew.
    pub refused_since: Option<Timestamp>,
}

impl Choices {
    /// Whether the person wants a class on a channel.
    pub fn wants(&self, class: Class, channel: Channel) -> bool {
        reaches(class, channel, self.chosen.get(&(class, channel)).copied())
    }

    /// Whether there is the consent without which nothing of the class is sent, whatever was chosen.
    pub fn may(&self, class: Class) -> bool {
        purpose_of(class).is_none() || self.agreed.contains(&class)
    }
}

/// What somebody has chosen, as far as it matters for one class of messages.
#[derive(Default)]
pub(super) struct Wish {
    chosen: HashMap<Channel, bool>,
    pub(super) quiet: Option<QuietHours>,
    pub(super) refused: bool,
}

impl Wish {
    /// What was chosen for a channel, if anything was.
    pub(super) fn of(&self, channel: Channel) -> Option<bool> {
        self.chosen.get(&channel).copied()
    }
}

/// The purpose that must have been agreed to before anything of a class is sent.
pub(super) fn purpose_of(class: Class) -> Option<&'static str> {
    match class {
        Class::Service | Class::Learning => None,
        Class::News => Some(<purpose::News as Purpose>::ID),
        Class::Marketing => Some(<purpose::Marketing as Purpose>::ID),
    }
}

impl Store {
    /// What the viewer has chosen.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn message_choices(&self, viewer: &Viewer) -> Result<Choices, StoreError> {
        let chosen = self.chosen_by(viewer.person).await?;
        let setting = message_setting::Entity::find_by_id(viewer.person.0).one(&self.db).await?;
        let mut agreed = Vec::new();
        for class in Class::ALL {
            if let Some(purpose) = purpose_of(class)
                && !self.agreed_to(purpose, std::iter::once(viewer.person)).await?.is_empty()
            {
                agreed.push(class);
            }
        }
        let quiet = setting.as_ref().and_then(|row| QuietHours::from_minutes(row.quiet_from, row.quiet_until));
        Ok(Choices {
            chosen,
            agreed,
            quiet: quiet.unwrap_or(QuietHours::DEFAULT),
            refused_since: setting.and_then(|row| row.mail_refused_at).map(time),
        })
    }

    /// What each of some people has chosen for a class; who has chosen nothing is not among them.
    pub(super) async fn wishes(
        &self,
        people: &[PersonId],
        class: Class,
    ) -> Result<HashMap<PersonId, Wish>, StoreError> {
        let ids = || people.iter().map(|person| person.0);
        let mut wishes: HashMap<PersonId, Wish> = HashMap::new();
        let chosen = message_choice::Entity::find()
            .filter(message_choice::Column::PersonId.is_in(ids()))
            .filter(message_choice::Column::Class.eq(class.tag()))
            .all(&self.db)
            .await?;
        for row in chosen {
            let wish = wishes.entry(PersonId(row.person_id)).or_default();
            if let Some(channel) = Channel::from_tag(&row.channel) {
                wish.chosen.insert(channel, row.wanted != 0);
            }
        }
        let set = message_setting::Entity::find().filter(message_setting::Column::PersonId.is_in(ids()));
        for row in set.all(&self.db).await? {
            let wish = wishes.entry(PersonId(row.person_id)).or_default();
            wish.quiet = QuietHours::from_minutes(row.quiet_from, row.quiet_until);
            wish.refused = row.mail_refused_at.is_some();
        }
        Ok(wishes)
    }

    /// What a person has chosen for classes and channels; what they have said nothing of is not among it.
    pub(super) async fn chosen_by(&self, person: PersonId) -> Result<HashMap<(Class, Channel), bool>, StoreError> {
        let rows =
            message_choice::Entity::find().filter(message_choice::Column::PersonId.eq(person.0)).all(&self.db).await?;
        let chosen = rows.into_iter().filter_map(|row| {
            Some(((Class::from_tag(&row.class)?, Channel::from_tag(&row.channel)?), row.wanted != 0))
        });
        Ok(chosen.collect())
    }

    /// Keeps what the viewer has chosen. A class that cannot be switched off is left as it is, and so are mail and text
    /// messages to a learner, who has neither here.
    ///
    /// # Errors
    /// If it cannot be stored; then nothing is.
    pub async fn choose_messages(
        &self,
        viewer: &Viewer,
        wanted: &[(Class, Channel, bool)],
        quiet: QuietHours,
    ) -> Result<(), StoreError> {
        use message_setting::Column::{MailRefusedAt, QuietFrom, QuietUntil};
        let transaction = write::begin(&self.db).await?;
        for (class, channel, on) in wanted {
            let to_child = matches!(channel, Channel::Mail | Channel::Text) && viewer.role == Role::Learner;
            if *class != Class::Service && !to_child {
                self.keep_choice(&transaction, (viewer.person, viewer.school), *class, *channel, *on).await?;
            }
        }
        let row = message_setting::ActiveModel {
            person_id: Set(viewer.person.0),
            school_id: Set(viewer.school.0),
            quiet_from: Set(quiet.from()),
            quiet_until: Set(quiet.until()),
            mail_refused_at: Set(None),
        };
        let anew = OnConflict::column(message_setting::Column::PersonId)
            .update_columns([QuietFrom, QuietUntil, MailRefusedAt])
            .to_owned();
        message_setting::Entity::insert(row).on_conflict(anew).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Stops a class on a channel for somebody who holds the link of a mail; they need not sign in. Whether there is such a
    /// person, and the class can be stopped.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn stop_messages(&self, person: PersonId, class: Class, channel: Channel) -> Result<bool, StoreError> {
        if class == Class::Service {
            return Ok(false);
        }
        let Some(school) = self.school_of(person).await? else { return Ok(false) };
        self.keep_choice(&self.db, (person, school), class, channel, false).await?;
        Ok(true)
    }

    async fn keep_choice<D: ConnectionTrait>(
        &self,
        db: &D,
        (person, school): (PersonId, SchoolId),
        class: Class,
        channel: Channel,
        on: bool,
    ) -> Result<(), StoreError> {
        let row = message_choice::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            school_id: Set(school.0),
            person_id: Set(person.0),
            class: Set(class.tag().to_owned()),
            channel: Set(channel.tag().to_owned()),
            wanted: Set(i64::from(on)),
            since: Set(self.now_ms()),
        };
        let anew = OnConflict::columns([column::PersonId, column::Class, column::Channel])
            .update_columns([column::Wanted, column::Since])
            .to_owned();
        message_choice::Entity::insert(row).on_conflict(anew).exec_without_returning(db).await?;
        Ok(())
    }

    /// Notes that a person's mailbox refuses mail for good.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn mail_refused(&self, person: PersonId) -> Result<(), StoreError> {
        let Some(school) = self.school_of(person).await? else { return Ok(()) };
        let row = message_setting::ActiveModel {
            person_id: Set(person.0),
            school_id: Set(school.0),
            quiet_from: Set(QuietHours::DEFAULT.from()),
            quiet_until: Set(QuietHours::DEFAULT.until()),
            mail_refused_at: Set(Some(self.now_ms())),
        };
        let anew = OnConflict::column(message_setting::Column::PersonId)
            .value(message_setting::Column::MailRefusedAt, Expr::value(self.now_ms()))
            .to_owned();
        message_setting::Entity::insert(row).on_conflict(anew).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
