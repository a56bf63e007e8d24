//! `GET /desk/{ticket}`: a conversation at the desk of who answers. Below it: `POST …/answers` answers, or puts an answer
//! that is kept ready into what is being typed; `…/notes`, `…/taking`, `…/handing`, `…/closing`.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::TicketId;
use jiayin_domain::support::Desk;
use jiayin_store::Viewer;
use jiayin_store::support::{Canned, Handing, Moved};
use serde::Deserialize;

use super::view::TicketView;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::policy::contact::text;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The forms of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The answer.
    Answer,
    /// The note.
    Note,
    /// The note for who gets it.
    Hand,
}

/// What stands in a form: typed before, and perhaps not taken.
pub struct Draft {
    /// Which form.
    pub which: Which,
    /// What was typed.
    pub typed: String,
    /// What is wrong; empty if nothing is.
    pub error: String,
    /// To whom, for the form of handing over.
    pub to: String,
}

/// What stands in one of the forms; nothing if another one was sent, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormView<'a> {
    /// What was typed.
    pub typed: &'a str,
    /// What is wrong; empty if nothing is.
    pub error: &'a str,
    /// To whom, for the form of handing over.
    pub to: &'a str,
}

impl FormView<'_> {
    /// Whether something is wrong with it.
    pub fn is_wrong(&self) -> bool {
        !self.error.is_empty()
    }
}

/// The page.
#[derive(Template)]
#[template(path = "support/desk.html")]
pub struct DeskPage {
    /// Frame; somebody of a desk is signed in.
    pub layout: Layout,
    /// The conversation.
    pub ticket: TicketView,
    /// Who began it.
    pub writer: String,
    /// To whom it can be handed: value and name.
    pub handing: Vec<(String, String)>,
    /// What the desk keeps ready.
    pub canned: Vec<Canned>,
    /// What was typed.
    pub draft: Option<Draft>,
}

impl DeskPage {
    fn form(&self, which: Which) -> FormView<'_> {
        let draft = self.draft.as_ref().filter(|draft| draft.which == which);
        draft.map(|draft| FormView { typed: &draft.typed, error: &draft.error, to: &draft.to }).unwrap_or_default()
    }

    /// The form of the answer.
    pub fn answer(&self) -> FormView<'_> {
        self.form(Which::Answer)
    }

    /// The form of the note.
    pub fn note(&self) -> FormView<'_> {
        self.form(Which::Note)
    }

    /// The form of handing over.
    pub fn hand(&self) -> FormView<'_> {
        self.form(Which::Hand)
    }
}

/// `GET /desk/{ticket}`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not at the viewer's desk.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, id, (StatusCode::OK, None)).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    id: TicketId,
    (status, draft): (StatusCode, Option<Draft>),
) -> Result<Response, AppError> {
    let desk = app.store.ticket_at_desk(viewer, id).await?.ok_or(AppError::NotFound)?;
    let l = &visitor.l;
    let days = app.config.privacy.workdays();
    let ticket = TicketView::new(l, &days, app.clock.now(), viewer.person, &desk.open)?;
    let writer = desk.open.name.as_ref().map(|name| name.read(&desk.open.grant)).transpose()?.cloned();
    let mut handing = Vec::new();
    if let Some((grant, colleagues)) = &desk.colleagues {
        for (colleague, name) in colleagues {
            handing.push((colleague.to_string(), name.read(grant)?.clone()));
        }
    }
    match ticket.line.desk {
        Desk::Campus => handing.push((Desk::Officer.tag().to_owned(), l.of("desk-of", Desk::Officer.tag()))),
        Desk::Officer if desk.has_campus => {
            handing.push((Desk::Campus.tag().to_owned(), l.of("desk-of", Desk::Campus.tag())));
        }
        Desk::Officer => {}
    }
    let canned = app.store.canned_answers(viewer).await?.unwrap_or_default();
    let writer = writer.unwrap_or_default();
    let page = DeskPage { layout: Layout::new(visitor, app), ticket, writer, handing, canned, draft };
    Ok((status, html(&page)?).into_response())
}

fn place(id: TicketId) -> String {
    format!("/desk/{id}")
}

/// The form of an answer.
#[derive(Deserialize)]
pub struct AnswerForm {
    #[serde(default)]
    text: String,
    /// How many steps there were when the page was read.
    version: i64,
    /// The answer that is kept ready and chosen; may be empty.
    #[serde(default)]
    canned: String,
    /// `insert` to put that in; anything else sends the answer.
    #[serde(default)]
    go: String,
}

/// `POST /desk/{ticket}/answers`. An answer to what has been answered, or has gone on, meanwhile is not sent: the page shows
/// what is new, with what was typed.
///
/// # Errors
/// [`AppError::NotFound`] if it is not at the viewer's desk.
pub async fn answer(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("answer form"))?;
    let draft = |typed, error: String| Draft { which: Which::Answer, typed, error, to: String::new() };
    if form.go == "insert" {
        let typed = inserted(&app, &viewer, &form).await?;
        return page(&app, &visitor, &viewer, id, (StatusCode::OK, Some(draft(typed, String::new())))).await;
    }
    let text = match text(&form.text) {
        Ok(text) => text,
        Err(wrong) => {
            let draft = draft(form.text, visitor.l.t(wrong.key()));
            return page(&app, &visitor, &viewer, id, (StatusCode::UNPROCESSABLE_ENTITY, Some(draft))).await;
        }
    };
    match app.store.answer_ticket(&viewer, (id, form.version), &text).await? {
        Moved::Done => {
            app.wake_workers();
            Ok(see_other(&place(id)))
        }
        Moved::Missing => Err(AppError::NotFound),
        Moved::Stale => {
            let draft = draft(form.text, visitor.l.t("desk-error-stale"));
            page(&app, &visitor, &viewer, id, (StatusCode::CONFLICT, Some(draft))).await
        }
    }
}

/// What was typed, with the chosen answer after it.
async fn inserted(app: &AppState, viewer: &Viewer, form: &AnswerForm) -> Result<String, AppError> {
    let canned = app.store.canned_answers(viewer).await?.unwrap_or_default();
    let chosen = canned.iter().find(|canned| canned.id.to_string() == form.canned);
    let parts = [form.text.trim_end(), chosen.map_or("", |canned| canned.text.as_str())];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n"))
}

/// The form of a note.
#[derive(Deserialize)]
pub struct NoteForm {
    #[serde(default)]
    text: String,
}

/// `POST /desk/{ticket}/notes`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not at the viewer's desk.
pub async fn note(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
    form: Result<Form<NoteForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("note form"))?;
    match text(&form.text) {
        Ok(text) => stepped(app.store.note_on_ticket(&viewer, id, &text).await?, &place(id)),
        Err(wrong) => {
            let error = visitor.l.t(wrong.key());
            let draft = Draft { which: Which::Note, typed: form.text, error, to: String::new() };
            page(&app, &visitor, &viewer, id, (StatusCode::UNPROCESSABLE_ENTITY, Some(draft))).await
        }
    }
}

/// `POST /desk/{ticket}/taking`.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if it is the viewer's already, or closed.
pub async fn take(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
) -> Result<Response, AppError> {
    stepped(app.store.take_ticket(&viewer, id).await?, &place(id))
}

/// The form of handing over.
#[derive(Deserialize)]
pub struct HandForm {
    /// A desk's word, or a colleague.
    #[serde(default)]
    to: String,
    #[serde(default)]
    text: String,
}

impl HandForm {
    fn check(&self, l: &Localizer) -> Result<(Handing, String), String> {
        let desk = Desk::from_tag(&self.to).map(Handing::To);
        let to = desk.or_else(|| self.to.parse().ok().map(Handing::Colleague));
        let to = to.ok_or_else(|| l.t("desk-error-to"))?;
        text(&self.text).map(|text| (to, text)).map_err(|wrong| l.t(wrong.key()))
    }
}

/// `POST /desk/{ticket}/handing`. What is handed to another desk is gone from this one.
///
/// # Errors
/// [`AppError::NotFound`] if it is not at the viewer's desk, or cannot go there; [`AppError::Conflict`] if it is closed.
pub async fn hand(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
    form: Result<Form<HandForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("form of handing over"))?;
    match form.check(&visitor.l) {
        Ok((to, note)) => stepped(app.store.hand_ticket(&viewer, id, to, &note).await?, "/desk"),
        Err(error) => {
            let draft = Draft { which: Which::Hand, typed: form.text, error, to: form.to };
            page(&app, &visitor, &viewer, id, (StatusCode::UNPROCESSABLE_ENTITY, Some(draft))).await
        }
    }
}

/// The form of closing.
#[derive(Deserialize)]
pub struct CloseForm {
    /// How many steps there were when the page was read.
    version: i64,
}

/// `POST /desk/{ticket}/closing`.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if something was said meanwhile, or it is closed.
pub async fn close(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
    form: Result<Form<CloseForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("form of closing"))?;
    let moved = app.store.close_ticket(&viewer, (id, form.version)).await?;
    app.wake_workers();
    stepped(moved, &place(id))
}

fn stepped(moved: Moved, place: &str) -> Result<Response, AppError> {
    match moved {
        Moved::Done => Ok(see_other(place)),
        Moved::Missing => Err(AppError::NotFound),
        Moved::Stale => Err(AppError::Conflict),
    }
}
