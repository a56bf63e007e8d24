//! `GET /officer/log`: the audit log of the school, by person, purpose and day; `GET /officer/log.csv` the same as a table. Nobody's
//! name is shown: people are told apart by their account numbers.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::AuditId;
use jiayin_privacy::map;
use jiayin_store::audit::{self, Asked, Entry};
use jiff::civil::{Date, Time};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::app::AppState;
use crate::csv::Csv;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::privacy::words::{in_language, moment as in_full, value};
use crate::school_time::{self, wall};
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// Most entries of a table to be saved.
const TABLE_MAX: u64 = 50_000;
/// What the log calls what was opened or done, where that has words of its own.
pub const DEEDS: [&str; 31] = [
    "answer",
    "audit-read",
    "cancellation",
    "cancellation-undone",
    "correction",
    "deletion",
    "erasure",
    "export",
    "hold",
    "hold-lifted",
    "lesson",
    "media",
    "recording",
    "request-answered",
    "request-extended",
    "request-read",
    "request-received",
    "request-refused",
    "request-taken",
    "request-withdrawn",
    "restriction",
    "restriction-lifted",
    "second-step-reset",
    "ticket-answered",
    "ticket-asked",
    "ticket-closed",
    "ticket-handed",
    "ticket-noted",
    "ticket-read",
    "ticket-taken",
    "upload",
];

/// The columns of the table that is saved.
pub const COLUMNS: [&str; 8] = ["number", "at", "actor", "relation", "whose", "purpose", "deed", "categories"];
/// What the one who opened was to those people.
pub const RELATIONS: [&str; 7] = ["own", "guardian", "teacher", "member", "manager", "officer", "system"];
/// So many categories are listed; more are folded away.
const LISTED: usize = 4;
/// So many of the last digits tell account numbers apart for the eye.
const DIGITS: usize = 12;
/// Groups of people that are opened together.
pub const GROUPS: [&str; 3] = ["class", "campus", "survey"];

/// What is asked for, as it was typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// An account number.
    pub person: String,
    /// Id of a purpose.
    pub purpose: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The entry after which the page begins.
    pub after: String,
}

/// Which field is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormError {
    /// It is no account number.
    Person,
    /// There is no such day, or the last is before the first.
    Days,
}

impl FormError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Person => "log-error-person",
            Self::Days => "log-error-days",
        }
    }
}

impl Wanted {
    fn read(&self) -> Result<Asked, FormError> {
        let day = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<Date>().map(Some).map_err(|_| FormError::Days),
        };
        let begin = |day: Date| school_time::moment(day.to_datetime(Time::midnight())).ok_or(FormError::Days);
        let (first, last) = (day(&self.from)?, day(&self.to)?);
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            return Err(FormError::Days);
        }
        let person = match self.person.trim() {
            "" => None,
            number => Some(number.parse().map_err(|_| FormError::Person)?),
        };
        // An address that was cut short begins with the newest.
        let after = self.after.parse::<AuditId>().ok();
        Ok(Asked {
            person,
            purpose: Some(self.purpose.clone()).filter(|purpose| !purpose.is_empty()),
            from: first.map(begin).transpose()?,
            until: last.map(|day| begin(day.tomorrow().map_err(|_| FormError::Days)?)).transpose()?,
            after,
        })
    }

    /// The address of another view of the same entries.
    fn address(&self, path: &str, after: &str) -> String {
        let mut query = Serializer::new(String::new());
        let chosen = [("person", &*self.person), ("purpose", &self.purpose), ("from", &self.from), ("to", &self.to)];
        for (name, text) in chosen.into_iter().chain([("after", after)]).filter(|(_, text)| !text.is_empty()) {
            query.append_pair(name, text);
        }
        format!("{path}?{}", query.finish())
    }
}

/// An entry, in words.
pub struct EntryView {
    /// When, at the school.
    pub at: String,
    /// Account number of who; none for the program itself.
    pub actor: Option<Account>,
    /// As what.
    pub relation: String,
    /// Of whom, if it is one person.
    pub person: Option<Account>,
    /// Of how many people, if it is a group.
    pub group: String,
    /// What for.
    pub purpose: String,
    /// What was opened or done; empty if it was no one thing.
    pub deed: String,
    /// The categories that could be opened.
    pub categories: String,
    /// How many they are, if that is too many to list.
    pub folded: Option<String>,
}

/// An account number, short for the eye and whole for the search.
pub struct Account {
    /// All of it.
    pub number: String,
    /// Its last digits.
    pub short: String,
}

impl Account {
    fn new(number: impl ToString) -> Self {
        let number = number.to_string();
        let short = number.get(number.len().saturating_sub(DIGITS)..).unwrap_or(&number).to_owned();
        Self { number, short }
    }
}

impl EntryView {
    fn new(l: &Localizer, entry: &Entry) -> Self {
        let word = |column: &str, text: &str| value(l, (audit::TABLE, column), &text.into());
        let person = entry.scope.filter(|_| entry.scope_kind == "person");
        let count = entry.categories.split(',').count();
        Self {
            at: in_full(entry.at),
            actor: entry.actor.map(Account::new),
            relation: l.of("log-as", RELATIONS.into_iter().find(|it| *it == entry.relation).unwrap_or("system")),
            group: match entry.subjects {
                0 => l.t("log-whose-nobody"),
                count => {
                    let kind = GROUPS.into_iter().find(|kind| *kind == entry.scope_kind).unwrap_or("people");
                    l.t1(&format!("log-whose-{kind}"), "count", count.to_string())
                }
            },
            person: person.map(Account::new),
            purpose: word("purpose", &entry.purpose),
            deed: entry.object.as_deref().map(|object| deed(l, object)).unwrap_or_default(),
            categories: word("category", &entry.categories),
            folded: (count > LISTED).then(|| l.t1("log-folded", "count", count.to_string())),
        }
    }
}

fn deed(l: &Localizer, object: &str) -> String {
    if DEEDS.contains(&object) {
        return l.of("log-deed", object);
    }
    map::blob(object).map_or(object, |kind| in_language(l, (kind.export_zh, kind.export_en))).to_owned()
}

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/log.html")]
pub struct LogPage {
    /// Frame.
    pub layout: Layout,
    /// What was asked for.
    pub wanted: Wanted,
    /// What is wrong with it.
    pub error: Option<FormError>,
    /// The purposes: id and title.
    pub purposes: Vec<(&'static str, &'static str)>,
    /// Today, the last day that makes sense.
    pub today: String,
    /// The entries, the newest first.
    pub entries: Vec<EntryView>,
    /// Address of the older ones.
    pub older: Option<String>,
    /// Address of the newest, if these are not they.
    pub newest: Option<String>,
    /// Address of the table.
    pub table: String,
}

impl LogPage {
    /// Whether this is what is wrong.
    pub fn is_wrong(&self, error: FormError) -> bool {
        self.error == Some(error)
    }

    /// Whether the entries were chosen.
    pub fn is_chosen(&self) -> bool {
        let wanted = &self.wanted;
        [&wanted.person, &wanted.purpose, &wanted.from, &wanted.to].iter().any(|text| !text.is_empty())
    }
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] for anybody but the officer.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    let asked = wanted.read();
    let error = asked.as_ref().err().copied();
    let found = match &asked {
        // One more tells whether there are older ones.
        Ok(asked) => app.store.log_entries(&viewer, asked, audit::PAGE + 1).await?.ok_or(AppError::NotFound)?,
        Err(_) => Vec::new(),
    };
    let shown = &found[..found.len().min(usize::try_from(audit::PAGE).unwrap_or(usize::MAX))];
    let older = shown.last().filter(|_| found.len() > shown.len());
    let page = LogPage {
        purposes: map::PURPOSES.iter().map(|it| (it.id, in_language(&visitor.l, (it.title_zh, it.title_en)))).collect(),
        today: wall(app.clock.now()).date().to_string(),
        entries: shown.iter().map(|entry| EntryView::new(&visitor.l, entry)).collect(),
        older: older.map(|last| wanted.address("/officer/log", &last.id.to_string())),
        newest: (!wanted.after.is_empty()).then(|| wanted.address("/officer/log", "")),
        table: wanted.address("/officer/log.csv", ""),
        layout: Layout::new(&visitor, &app),
        wanted,
        error,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// `GET /officer/log.csv`: the newest [`TABLE_MAX`] of what is asked for.
///
/// # Errors
/// [`AppError::NotFound`] for anybody but the officer; [`AppError::BadRequest`] for what the page would refuse.
pub async fn table(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    let l = &visitor.l;
    let asked = wanted.read().map_err(|_| AppError::BadRequest("entries of the log"))?;
    let found = app.store.log_entries(&viewer, &asked, TABLE_MAX).await?.ok_or(AppError::NotFound)?;
    let mut csv = Csv::new(COLUMNS.map(|column| l.of("log-column", column)))?;
    for entry in &found {
        let number = entry.number.map(|number| number.to_string()).unwrap_or_default();
        let view = EntryView::new(l, entry);
        let account = |account: Option<Account>| account.map(|account| account.number);
        let (actor, whose) = (account(view.actor).unwrap_or_default(), account(view.person).unwrap_or(view.group));
        csv.row([number, view.at, actor, view.relation, whose, view.purpose, view.deed, view.categories])?;
    }
    csv.answer("audit-log.csv")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Catalogs, Locale};

    #[test]
    fn what_was_done_has_words_in_both_languages() {
        let catalogs = Catalogs::load().unwrap();
        for locale in [Locale::En, Locale::ZhCn] {
            let l = catalogs.get(locale);
            for object in DEEDS {
                assert_ne!(deed(&l, object), format!("log-deed-{object}"));
            }
            assert_eq!(deed(&l, "something-new"), "something-new");
            assert!(!deed(&l, "portrait").is_empty() && deed(&l, "portrait") != "portrait");
        }
    }

    #[test]
    fn days_are_whole_days_at_the_school() {
        let wanted = Wanted { from: "2026-03-02".to_owned(), to: "2026-03-02".to_owned(), ..Wanted::default() };
        let asked = wanted.read().unwrap();
        assert_eq!(asked.from.map(|at| at.to_string()).as_deref(), Some("2026-03-01T16:00:00Z"));
        assert_eq!(asked.until.map(|at| at.to_string()).as_deref(), Some("2026-03-02T16:00:00Z"));
        for (from, to) in [("2026-03-03", "2026-03-02"), ("yesterday", ""), ("", "2026-02-30"), ("", "9999-12-31")] {
            let wanted = Wanted { from: from.to_owned(), to: to.to_owned(), ..Wanted::default() };
            assert_eq!(wanted.read(), Err(FormError::Days), "{from} {to}");
        }
        let wanted = Wanted { person: "Xiao".to_owned(), ..Wanted::default() };
        assert_eq!(wanted.read(), Err(FormError::Person));
    }
}
