//! Cards by which children sign in: a secret to be photographed, in place of a mailbox and a password. A child has one card at
//! a time; a new one makes the old one worthless.

use jiayin_domain::id::{ClassId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, category, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::{card, person};
use crate::sessions::Token;
use crate::{Store, StoreError, Viewer, time};

/// New cards for a class, with the names that are printed on them.
pub struct CardSheet {
    /// Opens the names.
    pub grant: Grant<purpose::Teaching>,
    /// A learner's name and card.
    pub cards: Vec<(Personal<String, category::Name>, Token)>,
}

impl Store {
    /// Makes a card for one's own child. `None` if it is not.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn make_card(&self, viewer: &Viewer, learner: PersonId) -> Result<Option<Token>, StoreError> {
        if viewer.role != Role::Guardian || !self.is_guardian(viewer, learner).await? {
            return Ok(None);
        }
        self.new_card(viewer, learner).await.map(Some)
    }

    /// Makes cards for all learners of a class whose guardians agree to the lessons. `None` if the viewer does not teach it.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn make_cards(&self, viewer: &Viewer, class: ClassId) -> Result<Option<CardSheet>, StoreError> {
        if !self.teaches(viewer, class.0).await? {
            return Ok(None);
        }
        let people: Vec<PersonId> =
            self.members(&[class], Role::Learner).await?.into_iter().map(|(_, person)| person).collect();
        let grant = self.teaching(viewer, class, people.clone()).await?;
        let mut names = self.names(&people).await?;
        let mut cards = Vec::with_capacity(people.len());
        for learner in people {
            let Some(name) = names.remove(&learner) else { continue };
            cards.push((name, self.new_card(viewer, learner).await?));
        }
        Ok(Some(CardSheet { grant, cards }))
    }

    async fn new_card(&self, viewer: &Viewer, learner: PersonId) -> Result<Token, StoreError> {
        use card::Column::{CreatedAt, CreatedBy, LearnerId, TokenHash, UsedAt};
        let token = Token::new(&*self.entropy);
        let row = card::ActiveModel {
            learner_id: Set(learner.0),
            school_id: Set(viewer.school.0),
            created_by: Set(viewer.person.0),
            token_hash: Set(token.digest()),
            created_at: Set(self.now_ms()),
            used_at: Set(None),
        };
        let anew = OnConflict::column(LearnerId).update_columns([CreatedBy, TokenHash, CreatedAt, UsedAt]).to_owned();
        card::Entity::insert(row).on_conflict(anew).exec_without_returning(&self.db).await?;
        Ok(token)
    }

    /// When the card of one's own child was made and last used; `None` if there is none, or it is not one's child.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn card_of(
        &self,
        viewer: &Viewer,
        learner: PersonId,
    ) -> Result<Option<(Timestamp, Option<Timestamp>)>, StoreError> {
        if viewer.role != Role::Guardian || !self.is_guardian(viewer, learner).await? {
            return Ok(None);
        }
        let row = card::Entity::find_by_id(learner.0).one(&self.db).await?;
        Ok(row.map(|row| (time(row.created_at), row.used_at.map(time))))
    }

    /// Makes the card of one's own child worthless. Whether there was one.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_card(&self, viewer: &Viewer, learner: PersonId) -> Result<bool, StoreError> {
        if viewer.role != Role::Guardian || !self.is_guardian(viewer, learner).await? {
            return Ok(false);
        }
        Ok(card::Entity::delete_by_id(learner.0).exec(&self.db).await?.rows_affected == 1)
    }

    /// Whose card this is; `None` if it is nobody's, or no longer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn card_holder(&self, token: &Token) -> Result<Option<PersonId>, StoreError> {
        let found = card::Entity::find().filter(card::Column::TokenHash.eq(token.digest())).one(&self.db).await?;
        let Some(row) = found else { return Ok(None) };
        let holder = person::Entity::find_by_id(row.learner_id).one(&self.db).await?;
        let open = |row: &person::Model| row.closed_at.is_none() && row.role == Role::Learner.tag();
        Ok(holder.filter(open).map(|row| PersonId(row.id)))
    }

    /// Notes that a card was used.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn card_used(&self, learner: PersonId) -> Result<(), StoreError> {
        card::Entity::update_many()
            .col_expr(card::Column::UsedAt, Expr::value(Some(self.now_ms())))
            .filter(card::Column::LearnerId.eq(learner.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}
