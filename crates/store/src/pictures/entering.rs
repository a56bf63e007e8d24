//! What the child does: code, number, pictures.
//!
//! There are only 65,536 rows of pictures, so that what counts is how often one may try: [`TRIES`] a day for a number and
//! [`CLASS_TRIES`] for a class on devices that are new to the learner. A stranger who uses them up closes this way for a day, but
//! only there: the card still opens, and so do the devices on which the learner has signed in before.

use std::time::Duration;

use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{CHOICE, PICTURES, Pictures, normalised};
use crate::devices::DeviceToken;
use crate::entity::{class_code, device, membership, person, picture_password};
use crate::sign_in::SignIn;
use crate::{Store, StoreError};

/// Wrong pictures for one number from unknown devices, all together…
pub(super) const TRIES: i64 = 10;
/// …and for a class…
pub(super) const CLASS_TRIES: i64 = 100;
/// …within this time.
const WINDOW: Duration = Duration::from_secs(24 * 3600);

/// What a child has entered.
pub struct PictureEntry {
    /// The class's code, as it was typed.
    pub code: String,
    /// Number in the class.
    pub number: i64,
    /// The pictures in order.
    pub pictures: Pictures,
}

impl PictureEntry {
    /// From a form; `None` if it says something else than a code, a number and so many pictures.
    pub fn new(code: &str, number: i64, pictures: &[u8]) -> Option<Self> {
        let pictures: [u8; PICTURES] = pictures.try_into().ok()?;
        let known = pictures.iter().all(|picture| *picture < CHOICE);
        known.then(|| Self { code: code.to_owned(), number, pictures })
    }
}

impl Store {
    /// What is hashed: under the key of the key ring, so that the database alone does not tell the few pictures there are.
    pub(super) fn peppered(&self, learner: PersonId, pictures: &Pictures) -> String {
        hex::encode(self.keys.tokens().digest("picture password", &[learner.0.as_bytes(), pictures]))
    }

    /// Whether who has this number has signed in on this device before.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn knows_picture_device(
        &self,
        entry: &PictureEntry,
        token: Option<&DeviceToken>,
    ) -> Result<bool, StoreError> {
        let Some(token) = token else { return Ok(false) };
        let Some((_, Some(row))) = self.picture_place(entry).await? else { return Ok(false) };
        let learner = PersonId(row.learner_id);
        let known = device::Entity::find()
            .filter(device::Column::PersonId.eq(learner.0))
            .filter(device::Column::TokenHash.eq(self.device_hash(token, learner)))
            .one(&self.db)
            .await?;
        Ok(known.is_some())
    }

    /// Looks whether a child is who they say. On an unknown device the try is counted before the pictures are looked at, so that
    /// no flood outruns the count. A code or number that there is not is refused in the same time as wrong pictures.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn enter_by_pictures(&self, entry: &PictureEntry, known_device: bool) -> Result<SignIn, StoreError> {
        let place = self.picture_place(entry).await?;
        if !known_device && let Some((class, row)) = &place {
            let number = row.as_ref().map(|row| row.id);
            if let Some(minutes) = self.count_pictures(class, number).await? {
                return Ok(SignIn::TooMany { minutes });
            }
        }
        let (class, row) = place.map_or((None, None), |(class, row)| (Some(class), row));
        let learner = PersonId(row.as_ref().map_or(uuid::Uuid::nil(), |row| row.learner_id));
        let text = self.peppered(learner, &entry.pictures);
        if !self.fits(text, row.as_ref().map(|row| row.hash.clone())).await? {
            return Ok(SignIn::Wrong);
        }
        let (Some(class), Some(row)) = (class, row) else { return Ok(SignIn::Wrong) };
        self.pictures_were_right(&class, &row, known_device).await?;
        Ok(SignIn::Welcome(learner))
    }

    /// The class with this code, and the learner with this number in it, if there is one who still is of the class.
    async fn picture_place(
        &self,
        entry: &PictureEntry,
    ) -> Result<Option<(class_code::Model, Option<picture_password::Model>)>, StoreError> {
        let Some(code) = normalised(&entry.code) else { return Ok(None) };
        let class = class_code::Entity::find().filter(class_code::Column::Code.eq(code)).one(&self.db).await?;
        let Some(class) = class else { return Ok(None) };
        let row = picture_password::Entity::find()
            .filter(picture_password::Column::ClassId.eq(class.class_id))
            .filter(picture_password::Column::Number.eq(entry.number))
            .one(&self.db)
            .await?;
        let Some(row) = row else { return Ok(Some((class, None))) };
        let member = membership::Entity::find()
            .filter(membership::Column::ClassId.eq(class.class_id))
            .filter(membership::Column::PersonId.eq(row.learner_id))
            .filter(membership::Column::Role.eq(Role::Learner.tag()))
            .filter(membership::Column::LeftAt.is_null())
            .one(&self.db)
            .await?;
        let holder = person::Entity::find_by_id(row.learner_id).one(&self.db).await?;
        let open = member.is_some() && holder.is_some_and(|holder| holder.closed_at.is_none());
        Ok(Some((class, open.then_some(row))))
    }

    /// Counts a try for the class and, where there is one, for the number, or says how many minutes to wait. One statement
    /// decides each, however many come at once: who finds the time over begins anew, and all others find it begun.
    async fn count_pictures(
        &self,
        class: &class_code::Model,
        number: Option<uuid::Uuid>,
    ) -> Result<Option<u32>, StoreError> {
        let now = self.now_ms();
        let window = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
        let begun = now.saturating_sub(window);
        if let Some(number) = number {
            use picture_password::Column::{Id, Tries, TriesAt};
            let mine = || picture_password::Entity::update_many().filter(Id.eq(number));
            let more =
                mine().col_expr(Tries, Expr::col(Tries).add(1)).filter(TriesAt.gt(begun)).filter(Tries.lt(TRIES));
            let anew =
                mine().col_expr(Tries, Expr::value(1)).col_expr(TriesAt, Expr::value(now)).filter(TriesAt.lte(begun));
            if anew.exec(&self.db).await?.rows_affected == 0 && more.exec(&self.db).await?.rows_affected == 0 {
                let full = picture_password::Entity::find_by_id(number).one(&self.db).await?;
                return Ok(Some(minutes_until(full.map_or(now, |row| row.tries_at), window, now)));
            }
        }
        use class_code::Column::{ClassId, Tries, TriesAt};
        let mine = || class_code::Entity::update_many().filter(ClassId.eq(class.class_id));
        let more =
            mine().col_expr(Tries, Expr::col(Tries).add(1)).filter(TriesAt.gt(begun)).filter(Tries.lt(CLASS_TRIES));
        let anew =
            mine().col_expr(Tries, Expr::value(1)).col_expr(TriesAt, Expr::value(now)).filter(TriesAt.lte(begun));
        if anew.exec(&self.db).await?.rows_affected == 0 && more.exec(&self.db).await?.rows_affected == 0 {
            let full = class_code::Entity::find_by_id(class.class_id).one(&self.db).await?;
            return Ok(Some(minutes_until(full.map_or(now, |row| row.tries_at), window, now)));
        }
        Ok(None)
    }

    /// A try that was right does not count.
    async fn pictures_were_right(
        &self,
        class: &class_code::Model,
        row: &picture_password::Model,
        known_device: bool,
    ) -> Result<(), StoreError> {
        use picture_password::Column::{Id, Tries, UsedAt};
        picture_password::Entity::update_many()
            .col_expr(UsedAt, Expr::value(Some(self.now_ms())))
            .filter(Id.eq(row.id))
            .exec(&self.db)
            .await?;
        if known_device {
            return Ok(());
        }
        picture_password::Entity::update_many()
            .col_expr(Tries, Expr::col(Tries).sub(1))
            .filter(Id.eq(row.id))
            .filter(Tries.gt(0))
            .exec(&self.db)
            .await?;
        class_code::Entity::update_many()
            .col_expr(class_code::Column::Tries, Expr::col(class_code::Column::Tries).sub(1))
            .filter(class_code::Column::ClassId.eq(class.class_id))
            .filter(class_code::Column::Tries.gt(0))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

fn minutes_until(from: i64, window: i64, now: i64) -> u32 {
    let left = from.saturating_add(window).saturating_sub(now);
    u32::try_from(left / 60_000).unwrap_or(0).saturating_add(1)
}
