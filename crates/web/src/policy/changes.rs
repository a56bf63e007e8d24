//! `GET /policy/versions/{number}/changes`: what a version says and does differently from the one before it. Whoever is
//! signed in has seen it then (clause 12.2).

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Html;
use jiayin_privacy::changes::{Change, changes};
use jiayin_privacy::snapshot::Snapshot;
use jiayin_store::Viewer;
use jiayin_store::policy::{PolicyTexts, PolicyVersion};

use super::difference::difference;
use super::page::VersionLine;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::{Locale, Localizer};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "policy/changes.html")]
pub struct ChangesPage {
    /// Frame.
    pub layout: Layout,
    /// The version.
    pub line: VersionLine,
    /// The version before it; `None` for the first.
    pub before: Option<u32>,
    /// What differs.
    pub part: ChangesPart,
}

/// What differs between two versions.
#[derive(Template)]
#[template(path = "policy/changes_part.html")]
pub struct ChangesPart {
    /// Texts.
    pub l: Localizer,
    /// What asks for consent again.
    pub material: Vec<String>,
    /// What else changed in the data map.
    pub other: Vec<String>,
    /// Paragraphs of the policy that differ, as HTML.
    pub text: Vec<String>,
    /// Paragraphs of the rules for children that differ, as HTML.
    pub children: Vec<String>,
}

impl ChangesPart {
    /// Compares the texts in one language, and the data maps.
    pub fn new(l: &Localizer, before: (&PolicyTexts, &Snapshot), now: (&PolicyTexts, &Snapshot)) -> Self {
        let zh = l.locale() == Locale::ZhCn;
        let pair = |texts: &'_ PolicyTexts| -> (String, String) {
            if zh {
                (texts.zh.clone(), texts.children_zh.clone())
            } else {
                (texts.en.clone(), texts.children_en.clone())
            }
        };
        let ((old, old_children), (new, new_children)) = (pair(before.0), pair(now.0));
        let (material, other) = changes(before.1, now.1).into_iter().partition::<Vec<_>, _>(Change::is_material);
        let say = |list: Vec<Change>| {
            let mut said: Vec<String> = list.iter().map(|change| sentence(l, change, before.1, now.1)).collect();
            said.dedup();
            said
        };
        Self {
            l: l.clone(),
            material: say(material),
            other: say(other),
            text: difference(&old, &new),
            children: difference(&old_children, &new_children),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        [&self.material, &self.other, &self.text, &self.children].iter().all(|list| list.is_empty())
    }
}

/// One change in a sentence.
fn sentence(l: &Localizer, change: &Change, old: &Snapshot, new: &Snapshot) -> String {
    let names = Names { l, map: new };
    let (what, detail) = match change {
        Change::NewCategory { category } => (names.of("category", category), String::new()),
        Change::NewPurpose { purpose } | Change::OtherBasis { purpose } => {
            (names.of("purpose", purpose), String::new())
        }
        Change::WiderPurpose { purpose, category } => (names.of("purpose", purpose), names.of("category", category)),
        Change::WiderAudience { purpose, relation } => (names.of("purpose", purpose), l.of("relation", relation)),
        Change::NewRecipient { recipient } => (names.of("recipient", recipient), String::new()),
        Change::LongerRetention { category, retention } | Change::ShorterRetention { category, retention } => {
            (names.of("category", category), names.of("retention", retention))
        }
        Change::NewItem { item } => (names.of("item", item), String::new()),
        Change::NewStored { stored } => (stored.clone(), String::new()),
        Change::Removed { what } => {
            let (kind, id) = what.split_once(' ').unwrap_or(("", what));
            (Names { l, map: old }.of(kind, id), String::new())
        }
    };
    l.tn(change.key(), &[("what", what), ("detail", detail)])
}

/// What the entries of a map are called in the reader's language.
struct Names<'a> {
    l: &'a Localizer,
    map: &'a Snapshot,
}

impl Names<'_> {
    /// The title of an entry; its id if it has none.
    fn of(&self, kind: &str, id: &str) -> String {
        let map = self.map;
        let titles = match kind {
            "category" => map.categories.iter().find(|it| it.id == id).map(|it| (&it.zh, &it.en)),
            "purpose" => map.purposes.iter().find(|it| it.id == id).map(|it| (&it.zh, &it.en)),
            "retention" => map.retention.iter().find(|it| it.id == id).map(|it| (&it.zh, &it.en)),
            "recipient" => map.recipients.iter().find(|it| it.id == id).map(|it| (&it.zh, &it.en)),
            "item" => map.items.iter().find(|it| it.id == id).and_then(|it| it.zh.as_ref().zip(it.en.as_ref())),
            _ => None,
        };
        let zh = self.l.locale() == Locale::ZhCn;
        titles.map_or_else(|| id.to_owned(), |(in_zh, in_en)| if zh { in_zh } else { in_en }.clone())
    }
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such version.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    viewer: Option<Extension<Viewer>>,
    Path(number): Path<String>,
) -> Result<Html<String>, AppError> {
    let number: u32 = number.parse().map_err(|_| AppError::NotFound)?;
    let version = app.store.policy(number).await?.ok_or(AppError::NotFound)?;
    let mut layout = Layout::new(&visitor, &app);
    if let Some(Extension(viewer)) = viewer
        && app.store.see_policy(&viewer, number).await?
        && layout.policy.notice.as_ref().is_some_and(|notice| notice.number == number)
    {
        layout.policy.notice = None;
    }
    let before = previous(&app, number).await?;
    let of_before = before.as_ref().unwrap_or(&version);
    html(&ChangesPage {
        line: VersionLine::new(&version.head, app.store.current_policy().await?.number, app.clock.now()),
        before: before.as_ref().map(|before| before.head.version.number),
        part: ChangesPart::new(
            &visitor.l,
            (&of_before.texts, &of_before.snapshot),
            (&version.texts, &version.snapshot),
        ),
        layout,
    })
}

/// The last version before this one that was not taken back.
async fn previous(app: &AppState, number: u32) -> Result<Option<PolicyVersion>, AppError> {
    let heads = app.store.policies().await?;
    let before = heads.iter().rev().find(|head| head.version.number < number && head.cancelled_at.is_none());
    match before {
        Some(head) => Ok(app.store.policy(head.version.number).await?),
        None => Ok(None),
    }
}
