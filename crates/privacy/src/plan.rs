//! What follows from the map for one person: what is read for them, what goes when they are erased, and what stays. Pure:
//! the store carries it out over the names of tables and columns, so that a column which the map learns is exported and
//! erased without another line of code.

use crate::map::{
    self, BLOBS, BlobEntry, COLUMNS, ColumnEntry, Erase, PLAIN, RETENTION, RetentionEntry, TABLES, TableEntry, Via,
};

/// Which rows of a table are about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The table.
    pub table: &'static str,
    /// Its column that says whom.
    pub column: &'static str,
    /// The way on, where that is not the person's id.
    pub via: Option<Via>,
}

/// A column of a [`Reading`].
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// A personal column with a label.
    Personal(&'static ColumnEntry),
    /// A plain one beside it: column, label in Chinese, in English.
    Plain(&'static str, &'static str, &'static str),
}

impl Shown {
    /// The column's name.
    pub fn column(&self) -> &'static str {
        match self {
            Self::Personal(entry) => entry.column,
            Self::Plain(column, ..) => column,
        }
    }

    /// What the person reads, in Chinese and in English.
    pub fn labels(&self) -> (&'static str, &'static str) {
        match self {
            Self::Personal(entry) => (entry.export_zh.unwrap_or(entry.column), entry.export_en.unwrap_or(entry.column)),
            Self::Plain(_, zh, en) => (zh, en),
        }
    }
}

/// Rows about a person, as the page "what is kept of me" and the export show them.
#[derive(Debug)]
pub struct Reading {
    /// Which rows.
    pub about: About,
    /// Id of the category under which they are shown: that of the first column with a label.
    pub category: &'static str,
    /// The columns that are shown.
    pub columns: Vec<Shown>,
    /// The column that says when the row began, if any does.
    pub began: Option<&'static str>,
    /// The column by which rows are put in order, and the one that all rows have: `id`, or the subject's.
    pub order: &'static str,
    /// How long the rows are kept.
    pub retention: Option<&'static RetentionEntry>,
    /// What the table is called.
    pub title: Option<&'static TableEntry>,
}

impl Reading {
    /// What it is called, in Chinese and in English.
    pub fn titles(&self) -> (&'static str, &'static str) {
        let category = || map::category(self.category).map(|it| (it.title_zh, it.title_en));
        self.title
            .map(|it| (it.title_zh, it.title_en))
            .or_else(category)
            .unwrap_or((self.about.table, self.about.table))
    }

    /// The column from which the days of the retention are counted, where it is one of the table.
    pub fn expires_after(&self) -> Option<(&'static str, u32)> {
        let retention = self.retention?;
        is_column(self.about.table, retention.start).then_some((retention.start, retention.days?))
    }
}

/// Whether the map knows a column, personal or plain.
fn is_column(table: &str, column: &str) -> bool {
    map::column(table, column).is_some()
        || PLAIN.iter().any(|plain| plain.table == table && plain.columns.contains(&column))
}

/// Every table and column that says whom its rows are about, in the order of the map.
fn abouts() -> Vec<About> {
    let mut found: Vec<About> = Vec::new();
    for entry in COLUMNS {
        let about = About { table: entry.table, column: entry.subject, via: entry.via };
        if !found.iter().any(|known| (known.table, known.column) == (about.table, about.column)) {
            found.push(about);
        }
    }
    found
}

fn of(about: &About) -> impl Iterator<Item = &'static ColumnEntry> {
    let About { table, column, .. } = *about;
    COLUMNS.iter().filter(move |entry| entry.table == table && entry.subject == column)
}

/// Everything that is read for a person.
pub fn readings() -> Vec<Reading> {
    abouts().into_iter().filter_map(reading).collect()
}

fn reading(about: About) -> Option<Reading> {
    let labelled = |entry: &&ColumnEntry| entry.export_en.is_some();
    // One's own id says nothing to oneself, unless it is the row's or stands for something.
    let mine = |entry: &&ColumnEntry| entry.column != about.column || entry.column == "id" || !entry.shown.is_empty();
    let mut own: Vec<&'static ColumnEntry> = of(&about).filter(labelled).filter(mine).collect();
    if own.is_empty() {
        own.extend(of(&about).filter(labelled));
    }
    // Who else a row ties one to: the guardian, the teacher.
    let others = COLUMNS
        .iter()
        .filter(|entry| entry.table == about.table && entry.subject == entry.column && entry.column != about.column);
    let personal: Vec<&'static ColumnEntry> = own.into_iter().chain(others.filter(labelled)).collect();
    let category = personal.first()?.category;
    let title = TABLES.iter().find(|table| table.table == about.table);
    let also = title.into_iter().flat_map(|table| table.also).map(|(column, zh, en)| Shown::Plain(column, zh, en));
    let times = COLUMNS.iter().filter(|entry| entry.table == about.table && entry.is_time()).map(|entry| entry.column);
    Some(Reading {
        category,
        columns: personal.iter().map(|entry| Shown::Personal(entry)).chain(also).collect(),
        began: times.chain(["created_at"]).find(|column| is_column(about.table, column)),
        order: if is_column(about.table, "id") { "id" } else { about.column },
        retention: RETENTION.iter().find(|retention| of(&about).any(|entry| entry.retention == retention.id)),
        title,
        about,
    })
}

/// One step of an erasure. Each may be repeated; they are taken in the order of [`erasure`].
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// The person's key is destroyed: from here on nothing sealed of them can be read, wherever a copy of it lies.
    Key,
    /// The account is marked closed: nobody is it any longer.
    Close,
    /// The files of a kind are removed.
    Files(&'static BlobEntry),
    /// The rows about the person are deleted.
    Rows(About),
    /// A column of the rows about the person is emptied.
    Blank(About, &'static str),
}

/// Whether rows about a person go with the account, all of them.
pub fn goes(about: &About) -> bool {
    of(about).any(|entry| entry.erase == Erase::Row)
}

/// How a person is erased. Files go before the rows that know of them, and rows that are found through others go before
/// those.
pub fn erasure() -> Vec<Step> {
    let abouts = abouts();
    let mut rows: Vec<&About> = abouts.iter().filter(|about| goes(about)).collect();
    rows.sort_by_key(|about| about.via.is_none());
    let blanks = abouts.iter().flat_map(|about| {
        of(about).filter(|entry| entry.erase == Erase::Blank).map(|entry| Step::Blank(*about, entry.column))
    });
    [Step::Key, Step::Close]
        .into_iter()
        .chain(BLOBS.iter().map(Step::Files))
        .chain(rows.into_iter().map(|about| Step::Rows(*about)))
        .chain(blanks)
        .collect()
}

/// What stays after an erasure, and why.
#[derive(Debug)]
pub struct Kept {
    /// Which rows.
    pub about: About,
    /// What they are called, in Chinese and in English.
    pub titles: (&'static str, &'static str),
    /// Why, in Chinese and in English.
    pub reasons: (&'static str, &'static str),
    /// How long.
    pub retention: Option<&'static RetentionEntry>,
}

/// What stays after an erasure: one entry for each table, subject and reason.
pub fn kept() -> Vec<Kept> {
    let mut found: Vec<Kept> = Vec::new();
    for about in abouts() {
        for entry in of(&about).filter(|entry| entry.erase == Erase::Kept) {
            let reasons = (entry.reason_zh.unwrap_or_default(), entry.reason.unwrap_or_default());
            let title = TABLES.iter().find(|table| table.table == about.table);
            let titles = title.map_or((about.table, about.table), |it| (it.title_zh, it.title_en));
            // The first reason for a row is the widest; the others are those of single columns.
            if !found.iter().any(|known| known.about == about) {
                found.push(Kept { about, titles, reasons, retention: map::retention(entry.retention) });
            }
        }
    }
    found
}

/// What makes a thing of the map expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expires {
    /// So many days have gone since the moment in the row's own column.
    After(&'static str, u32),
    /// So many days have gone since the person's account was closed.
    Closed(u32),
}

/// A rule of the sweep: rows of one table that go in time, with the files that lie beside them.
#[derive(Debug)]
pub struct Expiry {
    /// The rule's own words.
    pub retention: &'static RetentionEntry,
    /// The table.
    pub table: &'static str,
    /// When a row goes.
    pub expires: Expires,
    /// The files beside the rows, which go first; where the kind is one of several, only its rows are meant.
    pub files: Option<&'static BlobEntry>,
    /// Whom the rows are about.
    pub abouts: Vec<About>,
}

/// The word in the map for the end of an account.
const ACCOUNT_CLOSED: &str = "account_closed";

impl Expiry {
    fn new(retention: &'static RetentionEntry, table: &'static str, files: Option<&'static BlobEntry>) -> Option<Self> {
        let days = retention.days?;
        let expires = match retention.start {
            ACCOUNT_CLOSED => Expires::Closed(days),
            start if is_column(table, start) => Expires::After(start, days),
            _ => return None,
        };
        let abouts = abouts().into_iter().filter(|about| about.table == table).collect();
        Some(Self { retention, table, expires, files, abouts })
    }
}

/// All rules of the sweep, in the order in which they are carried out: files before rows that stand alone. What has no days
/// goes with something else, or with the account.
pub fn expiries() -> Vec<Expiry> {
    let files =
        BLOBS.iter().filter_map(|kind| Expiry::new(map::retention(kind.retention)?, kind.place().0, Some(kind)));
    let mut found: Vec<Expiry> = files.collect();
    for entry in COLUMNS {
        let known = |rule: &Expiry| rule.table == entry.table && rule.retention.id == entry.retention;
        if found.iter().any(known) {
            continue;
        }
        found.extend(map::retention(entry.retention).and_then(|retention| Expiry::new(retention, entry.table, None)));
    }
    found
}

/// The tables whose rows go with those of another, each with its column that says with which.
pub fn followers(table: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES
        .iter()
        .filter_map(move |it| it.goes_with.filter(|(_, leader)| *leader == table).map(|(by, _)| (it.table, by)))
}
