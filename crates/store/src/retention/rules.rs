//! One rule of the sweep over the names of tables and columns: which rows have expired, and how a batch of them goes.

use jiayin_domain::id::PersonId;
use jiayin_privacy::plan::{About, Expires, Expiry, followers};
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use crate::{Store, StoreError, audit, write};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Rows that go in one transaction: few enough that nobody waits for more than some milliseconds.
const BATCH: u64 = 500;

/// What a batch took away.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// Rows of the rule's table, and those that went with them.
    pub(super) rows: u64,
    /// Files.
    pub(super) files: u64,
    /// Whether there may be more.
    pub(super) more: bool,
}

/// The condition that a row is about none of these people. A row that is about nobody is about none of them.
fn about_none(about: &About, people: &[Uuid]) -> Cond {
    let column = || Expr::col(Alias::new(about.column));
    let theirs = match about.via {
        None => column().is_not_in(people.iter().copied()),
        Some(via) => column().not_in_subquery(
            Query::select()
                .column(Alias::new(via.column))
                .from(Alias::new(via.table))
                .and_where(Expr::col(Alias::new(via.person)).is_in(people.iter().copied()))
                .to_owned(),
        ),
    };
    Cond::any().add(column().is_null()).add(theirs)
}

/// The rows of a rule that have expired at a moment, without their columns.
fn expired(rule: &Expiry, now_ms: i64) -> SelectStatement {
    let before = |days: u32| now_ms.saturating_sub(i64::from(days) * DAY_MS);
    let mut select = Query::select();
    select.from(Alias::new(rule.table));
    match rule.expires {
        Expires::After(start, days) => {
            select.and_where(Expr::col(Alias::new(start)).lte(before(days)));
        }
        Expires::Closed(days) => {
            let closed = Query::select()
                .column(Alias::new("id"))
                .from(Alias::new("person"))
                .and_where(Expr::col(Alias::new("closed_at")).lte(before(days)))
                .to_owned();
            let subject = rule.abouts.first().map_or("id", |about| about.column);
            select.and_where(Expr::col(Alias::new(subject)).in_subquery(closed));
        }
    }
    if let Some((kind, only)) = rule.files.and_then(|kind| Some((kind, kind.only?))) {
        select.and_where(Expr::col(Alias::new(only)).eq(kind.kind));
    }
    select
}

impl Store {
    /// How many rows have expired, and how many of them are held.
    pub(super) async fn count_expired(&self, rule: &Expiry, held: &[Uuid]) -> Result<(u64, u64), StoreError> {
        let all = self.counted(expired(rule, self.now_ms())).await?;
        if held.is_empty() || all == 0 {
            return Ok((all, 0));
        }
        let free = self.counted(self.expired_free(rule, held)).await?;
        Ok((free, all.saturating_sub(free)))
    }

    /// How many files lie beside the rows that have expired and are not held. A finished upload has none left.
    pub(super) async fn count_expired_files(&self, rule: &Expiry, held: &[Uuid]) -> Result<u64, StoreError> {
        let Some(kind) = rule.files else { return Ok(0) };
        let mut select = self.expired_free(rule, held);
        let rows = self.db.query_all(select.column(Alias::new("id"))).await?;
        let mut files = 0;
        for row in rows {
            files += self.blobs.parts_of(kind, row.try_get("", "id")?).await?.len() as u64;
        }
        Ok(files)
    }

    /// The rows of a rule that have expired and are not held, without their columns.
    fn expired_free(&self, rule: &Expiry, held: &[Uuid]) -> SelectStatement {
        let mut select = expired(rule, self.now_ms());
        if !held.is_empty() {
            for about in &rule.abouts {
                select.cond_where(about_none(about, held));
            }
        }
        select
    }

    async fn counted(&self, mut select: SelectStatement) -> Result<u64, StoreError> {
        select.expr_as(Expr::cust("COUNT(*)"), Alias::new("n"));
        let row = self.db.query_one(&select).await?;
        let count: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Takes a batch of what has expired away: files first, so that a sweep that broke off finds them by their rows.
    pub(super) async fn expire_batch(&self, rule: &Expiry, held: &[Uuid]) -> Result<Taken, StoreError> {
        let mut select = self.expired_free(rule, held);
        select.column(Alias::new("id")).limit(BATCH);
        if let Expires::After(start, _) = rule.expires {
            select.order_by(Alias::new(start), Order::Asc);
        }
        let rows = self.db.query_all(&select).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(Taken::default());
        }
        let mut taken = Taken { more: ids.len() as u64 == BATCH, ..Taken::default() };
        if let Some(kind) = rule.files {
            for id in &ids {
                taken.files += self.blobs.remove_parts(kind, *id).await?;
            }
        }
        let transaction = write::begin(&self.db).await?;
        if rule.table == audit::TABLE {
            self.note_expired_entries(&transaction, &ids).await?;
        }
        taken.rows = match rule.expires {
            Expires::After(..) => delete_with_followers(&transaction, rule.table, ids).await?,
            Expires::Closed(_) => self.blank_entries(&transaction, &ids, self.now_ms()).await?,
        };
        transaction.commit().await?;
        Ok(taken)
    }

    /// Accounts that should have been erased more than a day ago and were not: their work was lost, or failed for good.
    pub(super) async fn overdue_erasures(&self, held: &[Uuid]) -> Result<Vec<PersonId>, StoreError> {
        let person = |name: &str| Expr::col(Alias::new(name));
        let mut select = Query::select();
        select.column(Alias::new("id")).from(Alias::new("person"));
        select.and_where(person("closing_at").lte(self.now_ms().saturating_sub(DAY_MS)));
        select.and_where(person("closed_at").is_null());
        if !held.is_empty() {
            select.and_where(person("id").is_not_in(held.iter().copied()));
        }
        let rows = self.db.query_all(&select).await?;
        rows.iter().map(|row| Ok(PersonId(row.try_get("", "id")?))).collect()
    }
}

/// Deletes rows and all that says nothing without them; how many that were.
async fn delete_with_followers(db: &DatabaseTransaction, table: &str, ids: Vec<Uuid>) -> Result<u64, StoreError> {
    let mut deleted = 0;
    let mut left = vec![(table.to_owned(), ids)];
    while let Some((table, ids)) = left.pop() {
        for (follower, by) in followers(&table) {
            let mut select = Query::select();
            select.column(Alias::new("id")).from(Alias::new(follower));
            select.and_where(Expr::col(Alias::new(by)).is_in(ids.iter().copied()));
            let rows = db.query_all(&select).await?;
            let following = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<Uuid>, _>>()?;
            if !following.is_empty() {
                left.push((follower.to_owned(), following));
            }
        }
        let mut delete = Query::delete();
        delete.from_table(Alias::new(&table)).and_where(Expr::col(Alias::new("id")).is_in(ids));
        deleted += db.execute(&delete).await?.rows_affected();
    }
    Ok(deleted)
}
