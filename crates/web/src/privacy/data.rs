//! `GET /privacy/mine` and `/family/{learner}/data`: everything that is kept of a person, by category, and what they can
//! have done about it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use jiayin_privacy::map;
use jiayin_privacy::plan::Reading;
use serde::Deserialize;

use super::Whose;
use super::copies::CopyView;
use super::words::{basis_key, in_language, moment};
use crate::accounts::profile::NameError;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "privacy/data.html")]
pub struct DataPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Address of this page.
    pub base: String,
    /// Whether it is about the visitor.
    pub own: bool,
    /// Whether the visitor may restrict, delete and cancel; a child may not.
    pub decides: bool,
    /// What the person is called, or what was typed instead.
    pub name: String,
    /// What was wrong with the name.
    pub error: Option<NameError>,
    /// The name was just saved.
    pub saved: bool,
    /// When the account is to be erased; empty if it is not.
    pub closing: String,
    /// Whether processing is restricted.
    pub restricted: bool,
    /// Address of the page on which requests about the person are made.
    pub requests: String,
    /// Requests of the visitor with news that they have not seen.
    pub answers: u64,
    /// Until when a legal hold keeps everything; empty if none does.
    pub held: String,
    /// Copies, the newest first.
    pub copies: Vec<CopyView>,
    /// What is kept.
    pub categories: Vec<CategoryView>,
}

/// A category of what is kept.
pub struct CategoryView {
    /// Its name.
    pub title: String,
    /// What it is used for.
    pub purposes: Vec<PurposeView>,
    /// What there is of it.
    pub lists: Vec<ListView>,
}

/// A purpose.
pub struct PurposeView {
    /// Its name.
    pub title: String,
    /// Its legal basis.
    pub basis: String,
    /// Clauses of the policy: `4.1, 11.1`.
    pub clauses: String,
}

/// Rows of one kind.
pub struct ListView {
    /// What they are.
    pub title: String,
    /// How many there are.
    pub count: u64,
    /// How long they are kept.
    pub keeping: String,
    /// Address of the list.
    pub href: String,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    saved: Option<u8>,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    whose: Whose,
    Query(shown): Query<Shown>,
) -> Result<Html<String>, AppError> {
    html(&page(&app, &visitor, &whose, None, shown.saved == Some(1)).await?)
}

/// The page, with the name as it was typed if there is something wrong with it.
///
/// # Errors
/// If it cannot be read.
pub async fn page(
    app: &AppState,
    visitor: &Visitor,
    whose: &Whose,
    wrong: Option<(String, NameError)>,
    saved: bool,
) -> Result<DataPage, AppError> {
    let claim = &whose.claim;
    let (typed, error) = wrong.unzip();
    let name = match typed {
        Some(typed) => typed,
        None => app.store.name_of(claim).await?,
    };
    let l = &visitor.l;
    let copies = app.store.copies(claim).await?;
    let own = claim.is_own();
    Ok(DataPage {
        layout: Layout::new(visitor, app),
        own,
        decides: claim.decides,
        name,
        error,
        saved,
        closing: app.store.closing_at(claim.person).await?.map(moment).unwrap_or_default(),
        restricted: app.store.is_restricted(claim.person).await?,
        requests: if own { "/requests".to_owned() } else { format!("/requests?about={}", claim.person) },
        answers: if own { app.store.unread_requests(claim.person).await? } else { 0 },
        held: app.store.held_until(claim.person).await?.map(moment).unwrap_or_default(),
        copies: copies.iter().map(|copy| CopyView::new(l, copy, &whose.base)).collect(),
        categories: categories(l, &whose.base, app.store.kept(claim).await?),
        base: whose.base.clone(),
    })
}

/// What is kept, put under its categories in the order in which the map names them.
fn categories(l: &Localizer, base: &str, kept: Vec<(Reading, u64)>) -> Vec<CategoryView> {
    let mut views: Vec<(&str, CategoryView)> = Vec::new();
    for (reading, count) in kept {
        let list = ListView {
            title: in_language(l, reading.titles()).to_owned(),
            count,
            keeping: reading
                .retention
                .map_or_else(String::new, |it| in_language(l, (it.title_zh, it.title_en)).to_owned()),
            href: format!("{base}/rows/{}/{}", reading.about.table, reading.about.column),
        };
        match views.iter_mut().find(|(id, _)| *id == reading.category) {
            Some((_, view)) => view.lists.push(list),
            None => views.push((reading.category, category(l, reading.category, list))),
        }
    }
    views.into_iter().map(|(_, view)| view).collect()
}

fn category(l: &Localizer, id: &str, list: ListView) -> CategoryView {
    let purposes = map::PURPOSES.iter().filter(|purpose| purpose.categories.contains(&id)).map(|purpose| PurposeView {
        title: in_language(l, (purpose.title_zh, purpose.title_en)).to_owned(),
        basis: l.t(basis_key(purpose.basis)),
        clauses: purpose.clauses.join(", "),
    });
    CategoryView {
        title: map::category(id).map_or(id, |it| in_language(l, (it.title_zh, it.title_en))).to_owned(),
        purposes: purposes.collect(),
        lists: vec![list],
    }
}
