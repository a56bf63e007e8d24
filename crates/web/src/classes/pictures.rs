//! `GET` and `POST /classes/{class}/pictures`, and the class's code: how children of a class come in without a card at hand.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{ClassId, PersonId};

use crate::accounts::pictures::PICTURES;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// What there is, and what can be made.
#[derive(Template)]
#[template(path = "classes/pictures.html")]
pub struct PicturesPage {
    /// Frame.
    pub layout: Layout,
    /// The class.
    pub class: ClassId,
    /// Its code in two halves; empty if it has none.
    pub code: String,
    /// Where children enter it.
    pub address: String,
    /// The learners.
    pub learners: Vec<LearnerView>,
}

/// A learner in the list.
pub struct LearnerView {
    /// The learner.
    pub learner: PersonId,
    /// Name.
    pub name: String,
    /// Number in the class; `None` without pictures.
    pub number: Option<i64>,
    /// When the pictures were last used.
    pub used: Option<Moment>,
}

/// Pictures that were just made, to print and cut. They are shown this once.
#[derive(Template)]
#[template(path = "classes/picture_sheet.html")]
pub struct PictureSheetPage {
    /// Frame.
    pub layout: Layout,
    /// The class.
    pub class: ClassId,
    /// Its code in two halves.
    pub code: String,
    /// Where children enter it.
    pub address: String,
    /// What stands on each slip.
    pub slips: Vec<Slip>,
}

/// What one learner gets.
pub struct Slip {
    /// Name.
    pub name: String,
    /// Number in the class.
    pub number: i64,
    /// The pictures in order: words of [`PICTURES`].
    pub pictures: Vec<&'static str>,
}

/// A code as people read it aloud: two halves.
fn halves(code: &str) -> String {
    let (first, second) = code.split_at_checked(3).unwrap_or((code, ""));
    format!("{first} {second}")
}

fn address(app: &AppState) -> String {
    format!("{}/enter", app.config.public_url.trim_end_matches('/'))
}

/// `GET /classes/{class}/pictures`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    let code = app.store.class_code(&viewer, class).await?.ok_or(AppError::NotFound)?;
    let (grant, holders) = app.store.picture_holders(&viewer, class).await?.ok_or(AppError::NotFound)?;
    let now = app.clock.now();
    let mut learners = Vec::with_capacity(holders.len());
    for holder in holders {
        let (number, used) = holder.pictures.map_or((None, None), |(number, used)| (Some(number), used));
        learners.push(LearnerView {
            learner: holder.learner,
            name: holder.name.read(&grant)?.clone(),
            number,
            used: used.map(|used| Moment::new(&visitor.l, used, now)),
        });
    }
    let code = code.map(|code| halves(&code)).unwrap_or_default();
    let layout = Layout::new(&visitor, &app);
    Ok(html(&PicturesPage { layout, class, code, address: address(&app), learners })?.into_response())
}

async fn sheet(
    app: &AppState,
    visitor: &Visitor,
    viewer: &jiayin_store::Viewer,
    class: ClassId,
    only: Option<PersonId>,
) -> Result<Response, AppError> {
    let sheet = app.store.make_pictures(viewer, class, only).await?.ok_or(AppError::NotFound)?;
    let mut slips = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        slips.push(Slip {
            name: row.name.read(&sheet.grant)?.clone(),
            number: row.number,
            pictures: row.pictures.iter().filter_map(|picture| PICTURES.get(usize::from(*picture)).copied()).collect(),
        });
    }
    let layout = Layout { path: format!("/classes/{class}/pictures"), ..Layout::new(visitor, app) };
    let page = PictureSheetPage { layout, class, code: halves(&sheet.code), address: address(app), slips };
    Ok(html(&page)?.into_response())
}

/// `POST /classes/{class}/pictures`: new pictures for everybody.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    sheet(&app, &visitor, &viewer, class, None).await
}

/// `POST /classes/{class}/pictures/{learner}`: new pictures for one who has forgotten theirs.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class, or the learner is none of it.
pub async fn post_one(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((class, learner)): Path<(ClassId, PersonId)>,
) -> Result<Response, AppError> {
    sheet(&app, &visitor, &viewer, class, Some(learner)).await
}

/// `POST /classes/{class}/code`: a new code; the old one opens nothing any more.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn renew(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    app.store.renew_class_code(&viewer, class).await?.ok_or(AppError::NotFound)?;
    Ok(see_other(&format!("/classes/{class}/pictures")))
}

/// `POST /classes/{class}/code/removal`: no code, until there is a new one.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class, or it has no code.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    if app.store.remove_class_code(&viewer, class).await? {
        Ok(see_other(&format!("/classes/{class}/pictures")))
    } else {
        Err(AppError::NotFound)
    }
}
