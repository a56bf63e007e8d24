//! What stands beside one's own name: `GET /profile/avatar` shows the choice, `POST` of the same address takes a drawing or
//! the letter, `POST /profile/avatar/portrait` a picture, which only grown-ups may show. `GET /portraits/{media}` gives a
//! picture out to whom it may be shown.

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::MediaId;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::faces::{DRAWINGS, FaceView, address};
use crate::ops::traffic::Network;
use crate::pictures_in::{PictureError, take_square};
use crate::session::{Person, see_other};
use crate::tryout::upload;
use crate::visitor::{Layout, Visitor};

/// Side of a picture as it is kept, in pixels; it is shown no larger than half of it.
const SIDE: u32 = 256;
/// What the form says for the letter.
const LETTER: &str = "letter";

/// A drawing to choose.
pub struct DrawingView {
    /// Its name: the value of its button, and the end of the key of its text.
    pub name: &'static str,
    /// Address of the file.
    pub src: String,
    /// It is the one that stands there now.
    pub chosen: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "accounts/avatar.html")]
pub struct AvatarPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// What stands beside the name now.
    pub face: FaceView,
    /// What there would be without a choice.
    pub letter: FaceView,
    /// The drawings.
    pub drawings: Vec<DrawingView>,
    /// Whether the person may show a picture of themselves.
    pub portraits: bool,
    /// Largest file, in megabytes.
    pub max_mb: u32,
    /// What was wrong with the file.
    pub error: Option<PictureError>,
}

impl AvatarPage {
    /// The page of who is signed in.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if nobody is.
    pub fn new(visitor: &Visitor, app: &AppState, error: Option<PictureError>) -> Result<Self, AppError> {
        let person = visitor.person.as_ref().ok_or(AppError::NotFound)?;
        let drawing = |name: &'static str| {
            let src = address(app, name);
            DrawingView { name, chosen: person.face == FaceView::Picture(src.clone()), src }
        };
        Ok(Self {
            layout: Layout::new(visitor, app),
            face: person.face.clone(),
            letter: FaceView::letter(&person.name),
            drawings: DRAWINGS.into_iter().map(drawing).collect(),
            portraits: person.may_keep_portrait(),
            max_mb: app.config.upload_max_mb,
            error,
        })
    }
}

/// A button of the page.
#[derive(Deserialize)]
pub struct DrawingForm {
    #[serde(default)]
    drawing: String,
}

/// `GET /profile/avatar`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Response, AppError> {
    Ok(html(&AvatarPage::new(&visitor, &app, None)?)?.into_response())
}

/// `POST /profile/avatar`: a drawing, or the letter.
///
/// # Errors
/// [`AppError::BadRequest`] for a drawing that there is not.
pub async fn post(
    State(app): State<AppState>,
    Person(viewer): Person,
    form: Result<Form<DrawingForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("drawing form"))?;
    let drawing = match form.drawing.as_str() {
        LETTER => None,
        drawing if DRAWINGS.contains(&drawing) => Some(drawing),
        _ => return Err(AppError::BadRequest("unknown drawing")),
    };
    app.store.choose_drawing(&viewer, drawing).await?;
    Ok(see_other("/profile/avatar"))
}

/// `POST /profile/avatar/portrait`: a picture, and which square of it; without our script the one in the middle.
///
/// # Errors
/// [`AppError`]; what is wrong with the file is shown on the page instead.
pub async fn portrait(
    State(app): State<AppState>,
    mut visitor: Visitor,
    Person(viewer): Person,
    request: Request,
) -> Result<Response, AppError> {
    let form = upload::read(&app, request).await?;
    match take_square(&app, form.recording.unwrap_or_default(), SIDE, form.crop).await? {
        Ok(picture) => {
            app.store.set_portrait(&viewer, picture.mime, &picture.bytes).await?;
            Ok(see_other("/profile/avatar"))
        }
        Err(error) => {
            "/profile/avatar".clone_into(&mut visitor.path);
            let page = html(&AvatarPage::new(&visitor, &app, Some(error))?)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /portraits/{media}`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such picture for the viewer.
pub async fn show(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let shown = app.store.portrait(&viewer, MediaId(id)).await?.ok_or(AppError::NotFound)?;
    app.metrics.traffic.went(Network::of(&headers), shown.bytes.len());
    let mime = HeaderValue::from_str(&shown.mime).unwrap_or(HeaderValue::from_static("image/jpeg"));
    let mut response = Response::new(Body::from(shown.bytes));
    response.headers_mut().insert(CONTENT_TYPE, mime);
    // In this browser for the length of a lesson, in no shared cache: it is somebody's face.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=600"));
    Ok(response)
}
