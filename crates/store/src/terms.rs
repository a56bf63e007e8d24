//! Terms of a campus, and which class belongs to which.

use jiayin_domain::id::{CampusId, ClassId, TermId};
use jiayin_domain::role::Role;
use jiff::civil::Date;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{class, term};
use crate::{Store, StoreError, Viewer};

/// A term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The term.
    pub id: TermId,
    /// Its name.
    pub name: String,
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
}

impl Term {
    /// Whether it is over on a day.
    pub fn is_over(&self, today: Date) -> bool {
        self.last < today
    }

    fn of(row: term::Model) -> Result<Self, StoreError> {
        let day = |text: &str| text.parse().map_err(|_| StoreError::Damaged("a day of a term is none".to_owned()));
        Ok(Self { id: TermId(row.id), first: day(&row.first_day)?, last: day(&row.last_day)?, name: row.name })
    }
}

/// The campus that the viewer manages.
pub(crate) fn managed(viewer: &Viewer) -> Option<CampusId> {
    viewer.campus.filter(|_| viewer.role == Role::CampusManager)
}

impl Store {
    /// The terms of a campus, the latest first.
    pub(crate) async fn terms_of(&self, campus: CampusId) -> Result<Vec<Term>, StoreError> {
        let rows = term::Entity::find()
            .filter(term::Column::CampusId.eq(campus.0))
            .order_by_desc(term::Column::LastDay)
            .order_by_desc(term::Column::Id)
            .all(&self.db)
            .await?;
        rows.into_iter().map(Term::of).collect()
    }

    /// The terms of the viewer's campus, the latest first. `None` if the viewer manages none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn terms(&self, viewer: &Viewer) -> Result<Option<Vec<Term>>, StoreError> {
        match managed(viewer) {
            Some(campus) => Ok(Some(self.terms_of(campus).await?)),
            None => Ok(None),
        }
    }

    /// Adds a term to the viewer's campus. `None` if the viewer manages none.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn add_term(
        &self,
        viewer: &Viewer,
        name: &str,
        (first, last): (Date, Date),
    ) -> Result<Option<TermId>, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(None) };
        let (id, row) = self.new_term((viewer, campus), name, (first, last), None);
        term::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(Some(id))
    }

    /// A term, to be kept; `import` is the list that says so.
    pub(crate) fn new_term(
        &self,
        (viewer, campus): (&Viewer, CampusId),
        name: &str,
        (first, last): (Date, Date),
        import: Option<Uuid>,
    ) -> (TermId, term::ActiveModel) {
        let id = TermId::new(&*self.clock, &*self.entropy);
        let row = term::ActiveModel {
            id: Set(id.0),
            school_id: Set(viewer.school.0),
            campus_id: Set(campus.0),
            name: Set(name.to_owned()),
            first_day: Set(first.to_string()),
            last_day: Set(last.to_string()),
            created_at: Set(self.now_ms()),
            import_id: Set(import),
        };
        (id, row)
    }

    /// Changes a term's name and days. Whether the viewer has such a term.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn change_term(
        &self,
        viewer: &Viewer,
        id: TermId,
        name: &str,
        (first, last): (Date, Date),
    ) -> Result<bool, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(false) };
        let changed = term::Entity::update_many()
            .col_expr(term::Column::Name, Expr::value(name))
            .col_expr(term::Column::FirstDay, Expr::value(first.to_string()))
            .col_expr(term::Column::LastDay, Expr::value(last.to_string()))
            .filter(term::Column::Id.eq(id.0))
            .filter(term::Column::CampusId.eq(campus.0))
            .exec(&self.db)
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Says to which term a class belongs. Whether the viewer manages both.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn put_into_term(
        &self,
        viewer: &Viewer,
        class: ClassId,
        term: Option<TermId>,
    ) -> Result<bool, StoreError> {
        let Some(campus) = managed(viewer) else { return Ok(false) };
        if let Some(term) = term {
            let row = term::Entity::find_by_id(term.0).one(&self.db).await?;
            if row.is_none_or(|row| row.campus_id != campus.0) {
                return Ok(false);
            }
        }
        if !self.manages(viewer, class).await? {
            return Ok(false);
        }
        self.set_term(&self.db, class, term, None).await?;
        Ok(true)
    }

    /// Writes the term of a class; `by` is the list that says so.
    pub(crate) async fn set_term<D: ConnectionTrait>(
        &self,
        db: &D,
        class: ClassId,
        term: Option<TermId>,
        by: Option<Uuid>,
    ) -> Result<(), StoreError> {
        class::Entity::update_many()
            .col_expr(class::Column::TermId, Expr::value(term.map(|term| term.0)))
            .col_expr(class::Column::TermBy, Expr::value(by))
            .filter(class::Column::Id.eq(class.0))
            .exec(db)
            .await?;
        Ok(())
    }
}
