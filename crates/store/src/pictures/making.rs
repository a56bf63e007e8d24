//! What the teacher does: a class's code, and pictures for its learners.

use std::collections::HashMap;

use jiayin_domain::id::{ClassId, PersonId, new_uuid};
use jiayin_domain::provide::Entropy;
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Personal, category, purpose};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{CHOICE, CODE_LENGTH, LETTERS, Pictures};
use crate::entity::{class_code, picture_password};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, passwords, time, write};

/// A code that another class has is drawn again, so often at most.
const DRAWS: usize = 8;

/// New pictures for learners of a class, to be printed: they are not shown again.
pub struct PictureSheet {
    /// Opens the names.
    pub grant: Grant<purpose::Teaching>,
    /// The class's code.
    pub code: String,
    /// The learners.
    pub rows: Vec<SheetRow>,
}

/// What a learner gets to know.
pub struct SheetRow {
    /// Name.
    pub name: Personal<String, category::Name>,
    /// Number in the class.
    pub number: i64,
    /// The pictures.
    pub pictures: Pictures,
}

/// A learner of a class, as its teacher sees the picture passwords.
pub struct PictureHolder {
    /// The learner.
    pub learner: PersonId,
    /// Name.
    pub name: Personal<String, category::Name>,
    /// Number and last use; `None` without pictures.
    pub pictures: Option<(i64, Option<Timestamp>)>,
}

impl Store {
    /// The code of a class; `None` inside if it has none. `None` if the viewer does not teach it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn class_code(&self, viewer: &Viewer, class: ClassId) -> Result<Option<Option<String>>, StoreError> {
        if !self.teaches(viewer, class.0).await? {
            return Ok(None);
        }
        let row = class_code::Entity::find_by_id(class.0).one(&self.db).await?;
        Ok(Some(row.map(|row| row.code)))
    }

    /// Gives a class a new code; the old one opens nothing any more. `None` if the viewer does not teach it.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn renew_class_code(&self, viewer: &Viewer, class: ClassId) -> Result<Option<String>, StoreError> {
        use class_code::Column::{ClassId, Code, CreatedAt, Tries, TriesAt};
        if !self.teaches(viewer, class.0).await? {
            return Ok(None);
        }
        for _ in 0..DRAWS {
            let code = draw_code(&*self.entropy);
            let row = class_code::ActiveModel {
                class_id: Set(class.0),
                school_id: Set(viewer.school.0),
                code: Set(code.clone()),
                created_at: Set(self.now_ms()),
                tries: Set(0),
                tries_at: Set(0),
            };
            let anew = OnConflict::column(ClassId).update_columns([Code, CreatedAt, Tries, TriesAt]).to_owned();
            match class_code::Entity::insert(row).on_conflict(anew).exec_without_returning(&self.db).await {
                Err(error) if is_duplicate(&error) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(Some(code)),
            }
        }
        Err(StoreError::Keys("no free code for a class".to_owned()))
    }

    /// Takes the code of a class back: nobody signs in with pictures there until it has a new one. False if there was none, or
    /// the viewer does not teach it.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn remove_class_code(&self, viewer: &Viewer, class: ClassId) -> Result<bool, StoreError> {
        if !self.teaches(viewer, class.0).await? {
            return Ok(false);
        }
        Ok(class_code::Entity::delete_by_id(class.0).exec(&self.db).await?.rows_affected > 0)
    }

    /// The learners of a class whose guardians agree to the lessons, in the order in which they joined. `None` if the viewer does
    /// not teach it.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn picture_holders(
        &self,
        viewer: &Viewer,
        class: ClassId,
    ) -> Result<Option<(Grant<purpose::Teaching>, Vec<PictureHolder>)>, StoreError> {
        if !self.teaches(viewer, class.0).await? {
            return Ok(None);
        }
        let people = self.learners_of(class).await?;
        let rows = self.pictures_of(class).await?;
        let grant = self.teaching(viewer, class, people.clone()).await?;
        let mut names = self.names(&people).await?;
        let mut holders = Vec::with_capacity(people.len());
        for learner in people {
            let Some(name) = names.remove(&learner) else { continue };
            let pictures = rows.get(&learner).map(|row| (row.number, row.used_at.map(time)));
            holders.push(PictureHolder { learner, name, pictures });
        }
        Ok(Some((grant, holders)))
    }

    /// Gives new pictures to all learners of a class whose guardians agree to the lessons, or to `only` one of them. Numbers stay;
    /// a class without a code gets one. `None` if the viewer does not teach the class, or the learner is none of it.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub async fn make_pictures(
        &self,
        viewer: &Viewer,
        class: ClassId,
        only: Option<PersonId>,
    ) -> Result<Option<PictureSheet>, StoreError> {
        let Some(code) = self.class_code(viewer, class).await? else { return Ok(None) };
        let mut people = self.learners_of(class).await?;
        if let Some(only) = only {
            people.retain(|person| *person == only);
            if people.is_empty() {
                return Ok(None);
            }
        }
        let code = match code {
            Some(code) => code,
            None => match self.renew_class_code(viewer, class).await? {
                Some(code) => code,
                None => return Ok(None),
            },
        };
        let grant = self.teaching(viewer, class, people.clone()).await?;
        let mut names = self.names(&people).await?;
        let kept = self.pictures_of(class).await?;
        let mut last = kept.values().map(|row| row.number).max().unwrap_or(0);
        let (mut rows, mut sheet) = (Vec::with_capacity(people.len()), Vec::with_capacity(people.len()));
        for learner in people {
            let Some(name) = names.remove(&learner) else { continue };
            let number = kept.get(&learner).map_or_else(
                || {
                    last = last.saturating_add(1);
                    last
                },
                |row| row.number,
            );
            let pictures = draw(&*self.entropy);
            rows.push(self.picture_row(viewer, (class, learner), number, &pictures).await?);
            sheet.push(SheetRow { name, number, pictures });
        }
        self.keep_pictures(rows).await?;
        Ok(Some(PictureSheet { grant, code, rows: sheet }))
    }

    async fn picture_row(
        &self,
        viewer: &Viewer,
        (class, learner): (ClassId, PersonId),
        number: i64,
        pictures: &Pictures,
    ) -> Result<picture_password::ActiveModel, StoreError> {
        Ok(picture_password::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            school_id: Set(viewer.school.0),
            class_id: Set(class.0),
            learner_id: Set(learner.0),
            number: Set(number),
            hash: Set(passwords::hash(self.peppered(learner, pictures), &*self.entropy).await?),
            tries: Set(0),
            tries_at: Set(0),
            created_at: Set(self.now_ms()),
            used_at: Set(None),
        })
    }

    async fn keep_pictures(&self, rows: Vec<picture_password::ActiveModel>) -> Result<(), StoreError> {
        use picture_password::Column::{ClassId, CreatedAt, Hash, LearnerId, Tries, TriesAt, UsedAt};
        let anew = OnConflict::columns([ClassId, LearnerId])
            .update_columns([Hash, Tries, TriesAt, CreatedAt, UsedAt])
            .to_owned();
        let transaction = write::begin(&self.db).await?;
        for row in rows {
            let kept = picture_password::Entity::insert(row).on_conflict(anew.clone());
            kept.exec_without_returning(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The learners of a class of whom something may be opened, in the order in which they joined.
    pub(crate) async fn learners_of(&self, class: ClassId) -> Result<Vec<PersonId>, StoreError> {
        Ok(self.members(&[class], Role::Learner).await?.into_iter().map(|(_, person)| person).collect())
    }

    async fn pictures_of(&self, class: ClassId) -> Result<HashMap<PersonId, picture_password::Model>, StoreError> {
        let rows = picture_password::Entity::find()
            .filter(picture_password::Column::ClassId.eq(class.0))
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| (PersonId(row.learner_id), row)).collect())
    }
}

/// 64 random bits: of so many, the rest of a division falls evenly enough.
fn random(entropy: &dyn Entropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_be_bytes(bytes)
}

/// A random code.
fn draw_code(entropy: &dyn Entropy) -> String {
    let mut bits = random(entropy);
    let mut letter = || {
        let letter = LETTERS[(bits % LETTERS.len() as u64) as usize];
        bits /= LETTERS.len() as u64;
        char::from(letter)
    };
    (0..CODE_LENGTH).map(|_| letter()).collect()
}

/// Random pictures; the same may come again.
fn draw(entropy: &dyn Entropy) -> Pictures {
    let mut bits = random(entropy);
    std::array::from_fn(|_| {
        let picture = (bits % u64::from(CHOICE)) as u8;
        bits /= u64::from(CHOICE);
        picture
    })
}
