//! `POST …/copies`: a copy of everything is asked for. `GET …/copies/{copy}`: how far it has come; asked by our script, the
//! answer waits for something to tell.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use jiayin_store::rights::{Copied, CopyState};

use super::Whose;
use super::files::CopyPlace;
use super::words::moment;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::homework::attempt::WAITING_HEADER;
use crate::locale::Localizer;
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// Longest that an answer is held back.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked how far the work has come.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A copy in a list or on its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyView {
    /// Address of its page.
    pub href: String,
    /// `working`, `ready`, `full`, `failed`.
    pub state: &'static str,
    /// How far it has come, in hundredths.
    pub percent: u64,
    /// Address of the ZIP.
    pub file: String,
    /// Its size: `12.3 MB`.
    pub size: String,
    /// When it was asked for.
    pub asked: String,
    /// Until when it can be fetched.
    pub until: String,
}

impl CopyView {
    /// A copy as the page shows it; `base` is the address of the page of everything.
    pub fn new(l: &Localizer, copy: &Copied, base: &str) -> Self {
        let href = format!("{base}/copies/{}", copy.id);
        let tenths = copy.bytes.div_ceil(100_000);
        Self {
            file: format!("{href}/file"),
            href,
            state: copy.state.tag(),
            percent: (copy.done * 100).checked_div(copy.total).unwrap_or(0).min(100),
            size: l.t1("copy-size", "megabytes", format!("{}.{}", tenths / 10, tenths % 10)),
            asked: moment(copy.asked_at),
            until: moment(copy.until),
        }
    }
}

/// Where a copy stands, as a part of a page.
#[derive(Template)]
#[template(path = "privacy/copy_part.html")]
pub struct CopyPart {
    /// Texts.
    pub l: Localizer,
    /// The copy.
    pub copy: CopyView,
}

/// The page of a copy.
#[derive(Template)]
#[template(path = "privacy/copy.html")]
pub struct CopyPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Address of the page of everything.
    pub base: String,
    /// What is told.
    pub part: CopyPart,
}

/// Asks for a copy.
///
/// # Errors
/// [`AppError`].
pub async fn post(State(app): State<AppState>, whose: Whose) -> Result<Response, AppError> {
    let id = app.store.ask_for_copy(&whose.claim).await?;
    app.wake_workers();
    Ok(see_other(&format!("{}/copies/{id}", whose.base)))
}

/// Where it stands.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such copy, or no longer.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    whose: Whose,
    Path(place): Path<CopyPlace>,
) -> Result<Response, AppError> {
    let look = async || app.store.copy(&whose.claim, place.copy).await?.ok_or(AppError::NotFound);
    let mut copy = look().await?;
    if visitor.partial {
        let before = copy.done;
        let wait = async {
            while copy.state == CopyState::Working && copy.done == before {
                tokio::time::sleep(LOOK_EVERY).await;
                copy = look().await?;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or(Ok::<(), AppError>(()))?;
    }
    let part = CopyPart { l: visitor.l.clone(), copy: CopyView::new(&visitor.l, &copy, &whose.base) };
    if !visitor.partial {
        return Ok(html(&CopyPage { layout: Layout::new(&visitor, &app), base: whose.base, part })?.into_response());
    }
    let mut response = html(&part)?.into_response();
    if copy.state == CopyState::Working {
        response.headers_mut().insert(WAITING_HEADER, HeaderValue::from_static("1"));
    }
    Ok(response)
}
