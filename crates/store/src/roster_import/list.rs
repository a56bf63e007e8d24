//! The list as it stands: what an import of it would leave alone, row by row.

use std::collections::HashMap;

use jiayin_domain::id::{ClassId, PersonId};
use jiayin_domain::role::Role;
use jiayin_domain::roster::Part;
use jiayin_privacy::{Grant, Personal, Relation, Scope, category, purpose};
use sea_orm::EntityTrait;

use crate::audit::{Details, asking};
use crate::entity::campus;
use crate::terms::{Term, managed};
use crate::{Store, StoreError, Viewer};

/// One row.
pub struct Listed {
    /// The class.
    pub class: String,
    /// Its term.
    pub term: Option<Term>,
    /// Learner or teacher.
    pub part: Part,
    /// Who it is.
    pub person: PersonId,
}

/// The list of a campus.
pub struct RosterList {
    /// Opens names and numbers.
    pub grant: Grant<purpose::Administration>,
    /// The campus.
    pub campus: String,
    /// What people are called.
    pub names: HashMap<PersonId, Personal<String, category::Name>>,
    /// The school's own numbers of learners.
    pub numbers: HashMap<PersonId, Personal<String, category::Account>>,
    /// Class by class, teachers before learners.
    pub rows: Vec<Listed>,
}

impl Store {
    /// The list of the viewer's campus; people of whom nothing may be opened at present are not in it. `None` if the viewer
    /// manages none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn roster_list(&self, viewer: &Viewer) -> Result<Option<RosterList>, StoreError> {
        let Some(id) = managed(viewer) else { return Ok(None) };
        let Some(row) = campus::Entity::find_by_id(id.0).one(&self.db).await? else { return Ok(None) };
        let classes = self.class_rows(id).await?;
        let terms: HashMap<_, _> = self.terms_of(id).await?.into_iter().map(|term| (term.id.0, term)).collect();
        let ids: Vec<ClassId> = classes.iter().map(|class| ClassId(class.id)).collect();
        let teachers = self.members(&ids, Role::Teacher).await?;
        let learners = self.members(&ids, Role::Learner).await?;
        let mut people: Vec<PersonId> = teachers.iter().chain(&learners).map(|(_, person)| *person).collect();
        people.sort_unstable();
        people.dedup();
        let request = asking(Some(viewer.person), viewer.school, Relation::Manager, Scope::many(people.clone()));
        let grant = self.grant(request.in_group("campus", id.0)).await?;
        let names = self.names(&people).await?;
        let numbers = self.numbers(id, &people).await?;
        let mut rows = Vec::with_capacity(teachers.len() + learners.len());
        for class in classes {
            let term = class.term_id.and_then(|term| terms.get(&term).cloned());
            for (part, members) in [(Part::Teacher, &teachers), (Part::Learner, &learners)] {
                for (_, person) in members.iter().filter(|(other, _)| other.0 == class.id) {
                    rows.push(Listed { class: class.name.clone(), term: term.clone(), part, person: *person });
                }
            }
        }
        Ok(Some(RosterList { grant, campus: row.name, names, numbers, rows }))
    }
}
