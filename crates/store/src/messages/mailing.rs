//! What is sent: what somebody has not read, class by class, and where it goes. It says how much is new and where to find it,
//! and nothing of whom it is about.

use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Channel, Class, Kind, reaches};
use jiayin_privacy::{Allows, Grant, IdentifierKind, Personal, Purpose, Relation, Scope, Sealed, category, column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::audit::asking;
use crate::entity::{announcement, identifier, message, message_setting, person};
use crate::{Store, StoreError};

/// What is older than that is not sent any more: who switches a channel on is not sent the past.
const FRESH_MS: i64 = 3 * 24 * 3600 * 1000;

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
    /// What a person has not read and was not sent on a channel, of the classes that they want there. Nothing by mail if the
    /// mailbox refuses it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn unsent(&self, person: PersonId, channel: Channel) -> Result<Vec<Unsent>, StoreError> {
        let setting = message_setting::Entity::find_by_id(person.0).one(&self.db).await?;
        if channel == Channel::Mail && setting.is_some_and(|row| row.mail_refused_at.is_some()) {
            return Ok(Vec::new());
        }
        let Some(sent_at) = sent_at(channel) else { return Ok(Vec::new()) };
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
        let mut classes = Vec::new();
        for class in Class::ALL.into_iter().filter(wanted) {
            let told: Vec<(Kind, Option<String>)> = rows
                .iter()
                .filter(|row| row.class == class.tag())
                .filter_map(|row| {
                    let kind = Kind::from_tag(&row.kind)?;
                    let of = said.iter().find(|said| said.id == row.target_id);
                    // What was taken back is not sent.
                    let gone = kind == Kind::Announced && of.is_none_or(|said| said.withdrawn_at.is_some());
                    (!gone).then(|| (kind, of.map(|said| said.title.clone())))
                })
                .collect();
            if !told.is_empty() {
                classes.push(Unsent { class, told });
            }
        }
        Ok(classes)
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
