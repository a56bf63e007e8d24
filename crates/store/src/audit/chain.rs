//! The log as a chain: each entry has a number and a keyed digest (HMAC-SHA-256) of itself and of the one before. Who can write
//! into the database, but has not the keys, can neither alter, insert nor remove an entry without being found out. That entries
//! were cut off at the end only somebody can tell who noted where the log ended ([`Mark`]).

use std::fmt;
use std::str::FromStr;

use jiayin_privacy::ledger::{GENESIS, Hash};
use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::consent::digest;
use crate::entity::audit::{ActiveModel, Column, Entity, Model};
use crate::entity::chain;
use crate::error::is_duplicate;
use crate::{Store, StoreError, time};

/// Entries that are checked at a time.
const PAGE: u64 = 1000;
/// So often an entry is written anew because another process was quicker.
const TRIES: usize = 8;
/// What the digests are for, so that none can stand for another.
const ENTRY: &str = "audit entry 1";
const EXPIRED: &str = "audit expired 1";
/// Name of the row that says how far entries have expired.
const UP_TO: &str = "audit-expired";
/// Digits of a mark's digest.
const DIGITS: usize = 16;

/// Where the log ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    number: i64,
    hash: Hash,
}

/// An entry by its number and the beginning of its digest, short enough to be noted on paper: `1204-9f86d081884c7d65`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    number: i64,
    digits: String,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.digits)
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, digits) = text.trim().split_once('-').ok_or(())?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(())?;
        let digits = digits.to_ascii_lowercase();
        let is_hex = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then_some(Self { number, digits }).ok_or(())
    }
}

impl Mark {
    fn new(end: &End) -> Self {
        let mut digits = hex::encode(end.hash);
        digits.truncate(DIGITS);
        Self { number: end.number, digits }
    }
}

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The entry with this number was altered or inserted, or one before it is missing.
    At(i64),
    /// There is an entry in no chain that is younger than the chain.
    Unchained,
    /// The log has not, or no longer, the entry that was noted.
    Noted,
}

/// A log that is as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Entries in the chain.
    pub entries: u64,
    /// Entries from before the chain, which show nothing.
    pub unchained: u64,
    /// The time of the oldest of the chain.
    pub since: Option<Timestamp>,
    /// The last entry; none if there is no entry yet.
    pub end: Option<Mark>,
    /// Whether a mark that was given has expired, so that it shows nothing any more.
    pub noted_expired: bool,
}

impl Store {
    /// Writes entries at the end of the chain, and says where it ends then. Another process may write at the same time: one of
    /// the two finds the number taken, and comes after.
    pub(super) async fn append_chained(&self, rows: Vec<Model>, known: Option<End>) -> Result<End, StoreError> {
        let mut known = known;
        for _ in 0..TRIES {
            let mut end = match known.take() {
                Some(end) => end,
                None => self.end_of_log().await?,
            };
            let chained: Vec<ActiveModel> = rows.iter().map(|row| self.chained(row.clone(), &mut end).into()).collect();
            match Entity::insert_many(chained).exec_without_returning(&self.db).await {
                Ok(_) => return Ok(end),
                Err(error) if is_duplicate(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Busy)
    }

    /// The entry with its place after `end`, which it then is.
    fn chained(&self, mut row: Model, end: &mut End) -> Model {
        row.number = Some(end.number + 1);
        row.previous = Some(end.hash.to_vec());
        *end = End { number: end.number + 1, hash: self.hash(&row, &end.hash) };
        row.hash = Some(end.hash.to_vec());
        row
    }

    async fn end_of_log(&self) -> Result<End, StoreError> {
        let last = Entity::find().filter(Column::Number.is_not_null()).order_by_desc(Column::Number);
        let last = match last.one(&self.db).await? {
            None => End { number: 0, hash: GENESIS },
            Some(last) => place(&last).ok_or_else(|| StoreError::Damaged("the end of the audit log".to_owned()))?.0,
        };
        // What is held stays when younger entries have expired, and all of them may have.
        let expired = self.expired_up_to(&self.db).await?;
        Ok(expired.filter(|expired| expired.number > last.number).unwrap_or(last))
    }

    /// The digest of an entry after the one with this digest.
    fn hash(&self, row: &Model, previous: &Hash) -> Hash {
        fn id(id: Option<&Uuid>) -> &[u8] {
            id.map_or(&[], |id| id.as_bytes())
        }
        self.keys.tokens().digest(
            ENTRY,
            &[
                previous,
                &row.number.unwrap_or(0).to_be_bytes(),
                row.id.as_bytes(),
                row.school_id.as_bytes(),
                &row.at.to_be_bytes(),
                id(row.actor_id.as_ref()),
                row.relation.as_bytes(),
                row.purpose.as_bytes(),
                row.category.as_bytes(),
                row.scope_kind.as_bytes(),
                id(row.scope_id.as_ref()),
                &row.subjects.to_be_bytes(),
                row.object_kind.as_deref().unwrap_or_default().as_bytes(),
                id(row.object_id.as_ref()),
            ],
        )
    }

    /// Notes, before entries go because their time is over, how far that is: up to there some may be missing.
    pub(crate) async fn note_expired_entries<D: ConnectionTrait>(
        &self,
        db: &D,
        ids: &[Uuid],
    ) -> Result<(), StoreError> {
        let last = Entity::find()
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(Column::Number.is_not_null())
            .order_by_desc(Column::Number);
        let Some((end, _)) = last.one(db).await?.as_ref().and_then(place) else { return Ok(()) };
        if self.expired_up_to(db).await?.is_some_and(|known| known.number >= end.number) {
            return Ok(());
        }
        let sealed = [&end.hash[..], &self.expired(&end)].concat();
        let row = chain::ActiveModel { name: Set(UP_TO.to_owned()), number: Set(end.number), hash: Set(sealed) };
        let anew = OnConflict::column(chain::Column::Name)
            .update_columns([chain::Column::Number, chain::Column::Hash])
            .to_owned();
        chain::Entity::insert(row).on_conflict(anew).exec_without_returning(db).await?;
        Ok(())
    }

    fn expired(&self, end: &End) -> Hash {
        self.keys.tokens().digest(EXPIRED, &[&end.number.to_be_bytes(), &end.hash])
    }

    /// The last entry that has expired, if one has and this program said so.
    async fn expired_up_to<D: ConnectionTrait>(&self, db: &D) -> Result<Option<End>, StoreError> {
        let Some(row) = chain::Entity::find_by_id(UP_TO.to_owned()).one(db).await? else { return Ok(None) };
        let Some((hash, proof)) = row.hash.split_at_checked(GENESIS.len()) else { return Ok(None) };
        let end = End { number: row.number, hash: digest(hash)? };
        Ok((proof == self.expired(&end)).then_some(end))
    }

    /// Goes through the whole log: every entry fits its own digest and the one before, none is missing but what has expired,
    /// and the entry that somebody `noted` is there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn check_log(&self, noted: Option<&Mark>) -> Result<Result<Checked, Broken>, StoreError> {
        let expired = self.expired_up_to(&self.db).await?.map_or(0, |end| end.number);
        let mut found = noted.is_none_or(|mark| mark.number <= expired);
        let mut checked =
            Checked { entries: 0, unchained: 0, since: None, end: None, noted_expired: noted.is_some() && found };
        let mut last = End { number: 0, hash: GENESIS };
        loop {
            let rows = Entity::find()
                .filter(Column::Number.gt(last.number))
                .order_by_asc(Column::Number)
                .limit(PAGE)
                .all(&self.db)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let follows = row.number == Some(last.number + 1);
                // Between two that are kept, those that have expired are missing.
                let gap = row.number.is_some_and(|number| number <= expired + 1);
                let Some((end, previous)) = place(row) else { return Ok(Err(Broken::At(last.number + 1))) };
                if end.hash != self.hash(row, &previous) || !(gap || follows) || (follows && previous != last.hash) {
                    return Ok(Err(Broken::At(if gap || follows { end.number } else { last.number + 1 })));
                }
                last = end;
                found |= noted == Some(&Mark::new(&last));
                checked.since.get_or_insert_with(|| time(row.at));
                checked.entries += 1;
            }
        }
        checked.end = (last.number > 0).then(|| Mark::new(&last));
        let (unchained, latest) = self.unchained().await?;
        checked.unchained = unchained;
        if latest.is_some_and(|latest| checked.since.is_some_and(|since| time(latest) > since)) {
            return Ok(Err(Broken::Unchained));
        }
        Ok(if found { Ok(checked) } else { Err(Broken::Noted) })
    }

    /// How many entries are in no chain, and the time of the latest.
    async fn unchained(&self) -> Result<(u64, Option<i64>), StoreError> {
        let counted: Option<(i64, Option<i64>)> = Entity::find()
            .select_only()
            .expr(Column::Id.count())
            .expr(Column::At.max())
            .filter(Column::Number.is_null())
            .into_tuple()
            .one(&self.db)
            .await?;
        let (count, latest) = counted.unwrap_or_default();
        Ok((u64::try_from(count).unwrap_or(0), latest))
    }
}

/// An entry's number and digest, and the digest before it.
fn place(row: &Model) -> Option<(End, Hash)> {
    let hash = digest(row.hash.as_deref()?).ok()?;
    Some((End { number: row.number?, hash }, digest(row.previous.as_deref()?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written_and_nothing_else_is_one() {
        let mark = Mark::new(&End { number: 1204, hash: [0xab; 32] });
        assert_eq!(mark.to_string(), "1204-abababababababab");
        assert_eq!(" 1204-ABABABABABABABAB ".parse(), Ok(mark));
        for wrong in ["", "1204", "-abababababababab", "0-abababababababab", "12-abab", "12-abababababababag", "x-1"] {
            assert_eq!(wrong.parse::<Mark>(), Err(()), "{wrong}");
        }
    }
}
