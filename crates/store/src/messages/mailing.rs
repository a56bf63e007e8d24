//! What is sent: what somebody has not read, class by class, and where it goes. It says how much is new and where to find it,
//! and nothing of whom it is about.

use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Channel, Class, Kind, QuietHours, leaves_at, reaches};
use jiayin_privacy::{Allows, Grant, IdentifierKind, Personal, Purpose, Relation, Scope, Sealed, category, column};
use jiff::Timestamp;
use jiff::tz::Offset;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::audit::asking;
use crate::entity::{announcement, identifier, message, message_setting, person};
use crate::{Store, StoreError, time};

/// What is older than that is not sent any more: who switches a channel on is not sent the past.
const FRESH_MS: i64 = 3 * 24 * 3600 * 1000;

/// What is to be sent to somebody on a channel.
pub struct Post {
    /// What they have not read, class by class.
    pub now: Vec<Unsent>,
    /// When there is more to send, of classes that wait for the evening or the morning.
    pub later: Option<Timestamp>,
}

/// What somebody has not read of one class.
pub struct Unsent {
    /// The class.
    pub class: Class,
    /// What its messages tell of, the oldest first; of announcements also their titles.
    pub told: Vec<(Kind, Option<String>)>,
}

/// Where mail or text messages to somebody go, opened for one purpose.
pub struct Mailbox<P: Purpose> {
    /// Opens the address.
    pub grant: Grant<P>,
    /// The address.
    pub address: Personal<String, category::Contact>,
    /// The language they have chosen, if any.
    pub language: Option<String>,
}

impl Store {
    /// What a person has not read and was not sent on a channel, of the classes that they want there and whose time has come
    /// on `clock`, the school's. Nothing by mail if the mailbox refuses it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn unsent(&self, person: PersonId, channel: Channel, clock: Offset) -> Result<Post, StoreError> {
        let mut post = Post { now: Vec::new(), later: None };
        let setting = message_setting::Entity::find_by_id(person.0).one(&self.db).await?;
        let refused = setting.as_ref().is_some_and(|row| row.mail_refused_at.is_some());
        let Some(sent_at) = sent_at(channel).filter(|_| channel != Channel::Mail || !refused) else { return Ok(post) };
        let quiet = setting.and_then(|row| QuietHours::from_minutes(row.quiet_from, row.quiet_until));
        let quiet = quiet.unwrap_or(QuietHours::DEFAULT);
        let rows = message::Entity::find()
            .filter(message::Column::PersonId.eq(person.0))
            .filter(message::Column::ReadAt.is_null())
            .filter(sent_at.is_null())
            .filter(message::Column::CreatedAt.gt(self.now_ms().saturating_sub(FRESH_MS)))
            .order_by_asc(message::Column::CreatedAt)
            .all(&self.db)
            .await?;
        let said = announcement::Entity::find()
            .filter(announcement::Column::Id.is_in(rows.iter().map(|row| row.target_id)))
            .all(&self.db)
            .await?;
        let chosen = self.chosen_by(person).await?;
        let wanted = |class: &Class| reaches(*class, channel, chosen.get(&(*class, channel)).copied());
        for class in Class::ALL.into_iter().filter(wanted) {
            let of_class = || rows.iter().filter(|row| row.class == class.tag());
            let told: Vec<(Kind, Option<String>)> = of_class()
                .filter_map(|row| {
                    let kind = Kind::from_tag(&row.kind)?;
                    let of = said.iter().find(|said| said.id == row.target_id);
                    // What was taken back is not sent.
                    let gone = kind == Kind::Announced && of.is_none_or(|said| said.withdrawn_at.is_some());
                    (!gone).then(|| (kind, of.map(|said| said.title.clone())))
                })
                .collect();
            let Some(oldest) = of_class().next().filter(|_| !told.is_empty()) else { continue };
            let due = leaves_at(channel, class, time(oldest.created_at), quiet, clock);
            if due <= time(self.now_ms()) {
                post.now.push(Unsent { class, told });
            } else {
                post.later = Some(post.later.map_or(due, |other| other.min(due)));
            }
        }
        Ok(post)
    }

    /// The mailbox or phone of a person for a purpose; `None` without one. The audit log says that it was looked up.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if the purpose may not open it: there is no consent, or processing is restricted.
    pub async fn mailbox<P: Purpose + Allows<category::Contact>>(
        &self,
        person: PersonId,
        kind: IdentifierKind,
    ) -> Result<Option<Mailbox<P>>, StoreError> {
        let Some(row) = person::Entity::find_by_id(person.0).one(&self.db).await? else { return Ok(None) };
        let found = identifier::Entity::find()
            .filter(identifier::Column::PersonId.eq(person.0))
            .filter(identifier::Column::Kind.eq(kind.tag()))
            .one(&self.db)
            .await?;
        let Some(known) = found.filter(|_| row.closed_at.is_none()) else { return Ok(None) };
        let grant = self.grant(asking(None, row.school_id.into(), Relation::System, Scope::One(person))).await?;
        let key = self.keys.key(person).await?;
        let address = key.open(column::identifier::VALUE, known.id, &Sealed::from_bytes(known.value))?;
        Ok(Some(Mailbox { grant, address, language: row.language }))
    }

    /// Notes that what a person had not read of a class was sent on a channel.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn sent(&self, person: PersonId, class: Class, channel: Channel) -> Result<(), StoreError> {
        let Some(sent_at) = sent_at(channel) else { return Ok(()) };
        message::Entity::update_many()
            .col_expr(sent_at, Expr::value(Some(self.now_ms())))
            .filter(message::Column::PersonId.eq(person.0))
            .filter(message::Column::Class.eq(class.tag()))
            .filter(message::Column::ReadAt.is_null())
            .filter(sent_at.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

/// When a message was sent on a channel; none for the page on which it is read.
fn sent_at(channel: Channel) -> Option<message::Column> {
    match channel {
        Channel::Inbox => None,
        Channel::Mail => Some(message::Column::MailedAt),
        Channel::Push => Some(message::Column::PushedAt),
        Channel::Text => Some(message::Column::TextedAt),
    }
}
