//! People: names, identifiers, their own pages.

use std::collections::HashMap;

use jiayin_domain::id::{CampusId, IdentifierId, PersonId, SchoolId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Identifier, Personal, Relation, Scope, Sealed, SubjectKey, category, column, purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::audit::{asking, own};
use crate::entity::{class, guardianship, identifier, membership, password, person};
use crate::error::is_duplicate;
use crate::faces::{Face, Known, KnownRow};
use crate::{Store, StoreError, Viewer, passwords, write};

/// A person to be.
pub struct NewPerson<'a> {
    /// Their school.
    pub school: SchoolId,
    /// Their campus, for a campus manager.
    pub campus: Option<CampusId>,
    /// What they are to the school.
    pub role: Role,
    /// What they are called.
    pub name: &'a str,
    /// By which they sign in; none for who cannot.
    pub identifiers: Vec<Identifier>,
    /// Their password.
    pub password: Option<&'a str>,
}

/// A person's own page about themselves.
pub struct Profile {
    /// Opens the name.
    pub grant: Grant<purpose::Account>,
    /// What they are called.
    pub name: Personal<String, category::Name>,
    /// Chosen language, if any.
    pub language: Option<String>,
    /// Light or dark, if chosen.
    pub theme: Option<String>,
    /// How they want the pages otherwise, if chosen: the word of the cookie.
    pub look: Option<String>,
    /// What stands beside their name.
    pub face: Face,
}

impl Store {
    /// Makes an account. `None` if one of the identifiers belongs to another already.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn create_person(&self, new: NewPerson<'_>) -> Result<Option<PersonId>, StoreError> {
        let id = PersonId::new(&*self.clock, &*self.entropy);
        let key = self.keys.make(id, self.now_ms()).await?;
        let hash = match new.password {
            Some(password) => Some(passwords::hash(password.to_owned(), &*self.entropy).await?),
            None => None,
        };
        let transaction = write::begin(&self.db).await?;
        if !self.insert_person(&transaction, id, &key, &new, hash).await? {
            transaction.rollback().await?;
            return Ok(None);
        }
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Writes a person, how they sign in, and their password, within a transaction. False if one of the identifiers belongs
    /// to another already: the transaction is then to be rolled back.
    pub(crate) async fn insert_person<D: ConnectionTrait>(
        &self,
        db: &D,
        id: PersonId,
        key: &SubjectKey,
        new: &NewPerson<'_>,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        let now = self.now_ms();
        person::ActiveModel {
            id: Set(id.0),
            school_id: Set(new.school.0),
            campus_id: Set(new.campus.map(|campus| campus.0)),
            role: Set(new.role.tag().to_owned()),
            name: Set(key.seal(column::person::NAME, id.0, &new.name, &*self.entropy)?.into_bytes()),
            language: Set(None),
            theme: Set(None),
            look: Set(None),
            drawing: Set(None),
            portrait_id: Set(None),
            created_at: Set(now),
            closed_at: Set(None),
            restricted_at: Set(None),
            closing_at: Set(None),
            birth_month: Set(None),
        }
        .insert(db)
        .await?;
        for given in &new.identifiers {
            let row = IdentifierId::new(&*self.clock, &*self.entropy).0;
            let inserted = identifier::ActiveModel {
                id: Set(row),
                school_id: Set(new.school.0),
                person_id: Set(id.0),
                kind: Set(given.kind().tag().to_owned()),
                lookup: Set(self.keys.lookup(column::identifier::LOOKUP, given.normalised())),
                value: Set(key.seal(column::identifier::VALUE, row, &given.normalised(), &*self.entropy)?.into_bytes()),
                created_at: Set(now),
            }
            .insert(db)
            .await;
            match inserted {
                Err(error) if is_duplicate(&error) => return Ok(false),
                other => drop(other?),
            }
        }
        if let Some(hash) = hash {
            let row = password::ActiveModel {
                person_id: Set(id.0),
                school_id: Set(new.school.0),
                hash: Set(hash),
                changed_at: Set(now),
            };
            row.insert(db).await?;
        }
        Ok(true)
    }

    /// What someone sees of themselves. Opening one's own name leaves no entry in the audit log.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn profile(&self, person: PersonId) -> Result<Option<Profile>, StoreError> {
        match person::Entity::find_by_id(person.0).one(&self.db).await? {
            Some(row) => Ok(Some(self.profile_of(row).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn profile_of(&self, row: person::Model) -> Result<Profile, StoreError> {
        let person = PersonId(row.id);
        let grant = self.grant(own(person, row.school_id.into())).await?;
        let key = self.keys.key(person).await?;
        let name = key.open(column::person::NAME, row.id, &Sealed::from_bytes(row.name))?;
        let face = Face::of(row.drawing, row.portrait_id);
        Ok(Profile { grant, name, language: row.language, theme: row.theme, look: row.look, face })
    }

    /// One's own phone numbers and addresses with the middle hidden, for the profile.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn masked_identifiers(&self, viewer: &Viewer) -> Result<Vec<String>, StoreError> {
        let rows =
            identifier::Entity::find().filter(identifier::Column::PersonId.eq(viewer.person.0)).all(&self.db).await?;
        let grant: Grant<purpose::Account> = self.grant(own(viewer.person, viewer.school)).await?;
        let key = self.keys.key(viewer.person).await?;
        let mut masked = Vec::with_capacity(rows.len());
        for row in rows {
            let value: Personal<String, _> =
                key.open(column::identifier::VALUE, row.id, &Sealed::from_bytes(row.value))?;
            masked.push(mask(value.read(&grant)?));
        }
        Ok(masked)
    }

    /// Changes one's own name.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn rename(&self, viewer: &Viewer, name: &str) -> Result<(), StoreError> {
        let key = self.keys.key(viewer.person).await?;
        let sealed = key.seal(column::person::NAME, viewer.person.0, &name, &*self.entropy)?;
        person::Entity::update_many()
            .col_expr(person::Column::Name, Expr::value(sealed.into_bytes()))
            .filter(person::Column::Id.eq(viewer.person.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Keeps one's own choice of language or theme; what is `None` stays as it was.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn prefer(&self, viewer: &Viewer, language: Option<&str>, theme: Option<&str>) -> Result<(), StoreError> {
        for (column, choice) in [(person::Column::Language, language), (person::Column::Theme, theme)] {
            let Some(choice) = choice else { continue };
            person::Entity::update_many()
                .col_expr(column, Expr::value(choice))
                .filter(person::Column::Id.eq(viewer.person.0))
                .exec(&self.db)
                .await?;
        }
        Ok(())
    }

    /// Keeps how one wants the pages, as the word of the cookie.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn prefer_look(&self, viewer: &Viewer, look: &str) -> Result<(), StoreError> {
        person::Entity::update_many()
            .col_expr(person::Column::Look, Expr::value(look))
            .filter(person::Column::Id.eq(viewer.person.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// The names of several people, for a purpose that the grant states. People whose key is destroyed have none.
    pub(crate) async fn names(
        &self,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Personal<String, category::Name>>, StoreError> {
        Ok(self.known(people).await?.into_iter().map(|(person, known)| (person, known.name)).collect())
    }

    /// The names of several people, and what stands beside them.
    pub(crate) async fn known(&self, people: &[PersonId]) -> Result<HashMap<PersonId, Known>, StoreError> {
        let rows = person::Entity::find()
            .select_only()
            .columns(KnownRow::COLUMNS)
            .filter(person::Column::Id.is_in(people.iter().map(|person| person.0)))
            .into_model::<KnownRow>()
            .all(&self.db)
            .await?;
        let keys = self.keys.keys(people).await?;
        let mut known = HashMap::with_capacity(rows.len());
        for row in rows {
            let id = PersonId(row.id);
            let Some(key) = keys.get(&id) else { continue };
            known.insert(id, row.open(key)?);
        }
        Ok(known)
    }

    /// Whether the person has an account of the school; nothing of them is opened.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn is_of_school(&self, school: SchoolId, person: PersonId) -> Result<bool, StoreError> {
        let row = person::Entity::find_by_id(person.0).one(&self.db).await?;
        Ok(row.is_some_and(|row| row.school_id == school.0 && row.closed_at.is_none()))
    }

    /// Everyone who can sign in to a school, for the start page of the demo school: role, person, name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn demo_accounts(&self, school: SchoolId) -> Result<DemoAccounts, StoreError> {
        let rows = person::Entity::find().filter(person::Column::SchoolId.eq(school.0)).all(&self.db).await?;
        let people: Vec<PersonId> = rows.iter().map(|row| PersonId(row.id)).collect();
        let request = asking(None, school, Relation::System, Scope::many(people.clone()));
        let grant = self.grant(request).await?;
        let mut names = self.names(&people).await?;
        let mut accounts: Vec<_> = rows
            .iter()
            .filter_map(|row| {
                let id = PersonId(row.id);
                Some((Role::from_tag(&row.role)?, id, names.remove(&id)?))
            })
            .collect();
        accounts.sort_by_key(|(_, id, _)| *id);
        let members = membership::Entity::find()
            .filter(membership::Column::SchoolId.eq(school.0))
            .filter(membership::Column::LeftAt.is_null())
            .all(&self.db)
            .await?;
        let classes = class::Entity::find().filter(class::Column::SchoolId.eq(school.0)).all(&self.db).await?;
        let of = |member: &membership::Model| {
            let class = classes.iter().find(|class| class.id == member.class_id)?;
            Some((PersonId(member.person_id), class.name.clone()))
        };
        let ties =
            guardianship::Entity::find().filter(guardianship::Column::SchoolId.eq(school.0)).all(&self.db).await?;
        Ok(DemoAccounts {
            grant,
            accounts,
            classes: members.iter().filter_map(of).collect(),
            children: ties.iter().map(|tie| (PersonId(tie.guardian_id), PersonId(tie.learner_id))).collect(),
        })
    }
}

/// The accounts of a demo school.
pub struct DemoAccounts {
    /// Opens the names.
    pub grant: Grant<purpose::Account>,
    /// Role, person, name.
    pub accounts: Vec<(Role, PersonId, Personal<String, category::Name>)>,
    /// Who is in which class.
    pub classes: Vec<(PersonId, String)>,
    /// Guardians and their children.
    pub children: Vec<(PersonId, PersonId)>,
}

/// A phone number or address with the middle hidden: the first and the last characters; of an address the whole after the
/// at sign.
pub fn mask(value: &str) -> String {
    let (name, rest) = value.split_at(value.find('@').unwrap_or(value.len()));
    let letters: Vec<char> = name.chars().collect();
    let keep = if letters.len() > 8 { 4 } else { 1 };
    let last = if rest.is_empty() { keep } else { 0 };
    let hidden = letters.len().saturating_sub(keep + last);
    letters
        .iter()
        .enumerate()
        .map(|(place, letter)| if place >= keep && place < keep + hidden { '*' } else { *letter })
        .chain(rest.chars())
        .collect()
}
