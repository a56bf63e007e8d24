//! `POST /campus/roster`: a file is read and shown row by row. `POST /campus/roster/confirmation`: it is carried out.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::ClassId;
use jiayin_domain::roster::{ClassRef, Count, Elsewhere, Entry, Kind, Outcome, Part, Plan};
use jiayin_store::Viewer;
use jiayin_store::roster_import::{Imported, Preview, Roster};
use serde::Deserialize;

use super::file::List;
use super::held::{self, HeldList};
use super::{file, page, sheet, upload};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::wall;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// A row as it is shown.
pub struct RowView {
    /// Its line in the file.
    pub line: u32,
    /// The name in it.
    pub name: String,
    /// The class in it.
    pub class: String,
    /// What would happen.
    pub what: String,
    /// What a reader should know.
    pub remarks: Vec<String>,
}

/// The rows of one kind.
pub struct Group {
    /// The kind.
    pub kind: Kind,
    /// Its rows.
    pub rows: Vec<RowView>,
}

/// The page.
#[derive(Template)]
#[template(path = "roster/preview.html")]
pub struct PreviewPage {
    /// Frame.
    pub layout: Layout,
    /// How many rows there are of each kind.
    pub count: Count,
    /// The rows, what needs an eye first.
    pub groups: Vec<Group>,
    /// Terms that would be made.
    pub terms: Vec<String>,
    /// Classes that would be opened.
    pub classes: Vec<String>,
    /// Columns that were not read.
    pub ignored: Vec<String>,
    /// People of whom nothing may be opened at present.
    pub left_out: usize,
    /// Whether there is anything to carry out.
    pub does_something: bool,
    /// Something has changed since the list was last shown.
    pub changed: bool,
    /// The list, sealed.
    pub token: String,
}

/// `POST /campus/roster`.
///
/// # Errors
/// [`AppError`]; what is wrong with the file is said on the page.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    request: Request,
) -> Result<Response, AppError> {
    viewer.campus.ok_or(AppError::NotFound)?;
    let upload = upload::read(&app, request).await?;
    let elsewhere = upload.elsewhere;
    // Unpacking and parsing take their time, which other visitors' pages need not wait for.
    let read = tokio::task::spawn_blocking(move || file::read(&upload.file)).await;
    match read.map_err(|error| AppError::Internal(error.to_string()))? {
        Ok(list) => show(&app, &visitor, &viewer, (list, elsewhere), false).await,
        Err(error) => page::page(&app, &visitor, &viewer, (Some(error), None)).await,
    }
}

fn roster<'a>(app: &AppState, entries: &'a [Entry], elsewhere: Elsewhere) -> Roster<'a> {
    Roster { entries, elsewhere, today: wall(app.clock.now()).date() }
}

async fn show(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (list, elsewhere): (List, Elsewhere),
    changed: bool,
) -> Result<Response, AppError> {
    let made = app.store.preview_roster(viewer, &roster(app, &list.entries, elsewhere)).await?;
    let preview = made.ok_or(AppError::NotFound)?;
    let groups = groups(&visitor.l, &preview, &list.entries);
    let plan = held::digest(app, &preview.plan)?;
    let ignored = list.ignored.clone();
    let token = held::seal(app, viewer, HeldList { entries: list.entries, elsewhere, plan, ignored: list.ignored })?;
    let page = PreviewPage {
        layout: Layout::new(visitor, app),
        count: preview.plan.count(),
        groups,
        terms: preview
            .plan
            .terms
            .iter()
            .map(|term| format!("{} ({} – {})", term.name, term.first, term.last))
            .collect(),
        classes: preview.plan.classes.iter().map(|class| class.name.clone()).collect(),
        ignored,
        left_out: preview.left_out,
        does_something: preview.plan.does_something(),
        changed,
        token,
    };
    Ok(html(&page)?.into_response())
}

/// The form of the second step.
#[derive(Deserialize)]
pub struct Confirmed {
    token: String,
}

/// `POST /campus/roster/confirmation`.
///
/// # Errors
/// [`AppError::Gone`] if the list was shown too long ago, or to somebody else.
pub async fn confirm(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<Confirmed>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("confirmation of a list"))?;
    viewer.campus.ok_or(AppError::NotFound)?;
    let held: HeldList = held::open(&app, &viewer, &form.token).ok_or(AppError::Gone)?;
    let again = roster(&app, &held.entries, held.elsewhere);
    let preview = app.store.preview_roster(&viewer, &again).await?.ok_or(AppError::NotFound)?;
    if held::digest(&app, &preview.plan)? == held.plan {
        let imported = app.store.import_roster(&viewer, &again, &preview.plan).await?.ok_or(AppError::NotFound)?;
        if let Imported::Done { id, prepared, until } = imported {
            let count = preview.plan.count();
            return sheet::page(&app, &visitor, &viewer, (id, prepared, until), (held.entries, count));
        }
    }
    let list = List { entries: held.entries, ignored: held.ignored };
    show(&app, &visitor, &viewer, (list, held.elsewhere), true).await
}

fn groups(l: &Localizer, preview: &Preview, entries: &[Entry]) -> Vec<Group> {
    let names: HashMap<ClassId, &str> = preview.classes.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let of = |kind: Kind| {
        let rows = entries.iter().zip(&preview.plan.rows).filter(|(_, row)| row.outcome.kind() == kind);
        let view = |(entry, row): (&Entry, &jiayin_domain::roster::RowPlan)| RowView {
            line: entry.line,
            name: entry.name.clone(),
            class: entry.class.clone(),
            what: what(l, &row.outcome, &names, &preview.plan),
            remarks: row.remarks.iter().map(|remark| l.t(&format!("roster-remark-{}", remark.tag()))).collect(),
        };
        Group { kind, rows: rows.map(view).collect() }
    };
    Kind::ALL.into_iter().map(of).filter(|group| !group.rows.is_empty()).collect()
}

/// What happens to a row, in words.
fn what(l: &Localizer, outcome: &Outcome, names: &HashMap<ClassId, &str>, plan: &Plan) -> String {
    let class = |class: ClassRef| match class {
        ClassRef::Known(id) => names.get(&id).copied().unwrap_or_default(),
        ClassRef::New(place) => plan.classes.get(place).map_or("", |class| class.name.as_str()),
    };
    match *outcome {
        Outcome::Invite(Part::Teacher, to) => l.t1("roster-does-invite-teacher", "class", class(to)),
        Outcome::Invite(_, to) => l.t1("roster-does-invite", "class", class(to)),
        Outcome::Join(_, _, to, _) => l.t1("roster-does-join", "class", class(to)),
        Outcome::Move(_, from, to, _) => {
            let from = names.get(&from).copied().unwrap_or_default();
            l.tn("roster-does-move", &[("from", from.to_owned()), ("to", class(to).to_owned())])
        }
        Outcome::Number(_) => l.t("roster-does-number"),
        Outcome::Same => l.t("roster-does-same"),
        Outcome::Invited => l.t("roster-does-invited"),
        Outcome::Paused => l.t("roster-does-paused"),
        Outcome::Wrong(reason) => l.t1(&format!("roster-wrong-{}", reason.tag()), "line", reason.line()),
    }
}
