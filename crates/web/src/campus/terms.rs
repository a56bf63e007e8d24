//! `GET` and `POST /campus/terms`, `POST /campus/terms/{term}`: the terms of a campus.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::TermId;
use jiayin_store::Viewer;
use jiayin_store::terms::Term;
use jiff::civil::Date;
use serde::Deserialize;

use crate::app::AppState;
use crate::courses::title::{TITLE_MAX, TitleForm};
use crate::error::{AppError, html};
use crate::school_time::wall;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest term, in days.
const DAYS_MAX: i32 = 400;

/// The form of a term, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TermForm {
    /// Its name.
    pub name: String,
    /// Its first day.
    pub first: String,
    /// Its last day.
    pub last: String,
}

/// What is wrong with a term. Each has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermError {
    /// No name, or too long a one.
    Name,
    /// A day that is none.
    Days,
    /// It ends before it begins, or is longer than a year and a bit.
    Length,
}

impl TermError {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Name, Self::Days, Self::Length];

    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "terms-wrong-name",
            Self::Days => "terms-wrong-days",
            Self::Length => "terms-wrong-length",
        }
    }
}

impl TermForm {
    /// The name and the days.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(String, (Date, Date)), TermError> {
        let name = TitleForm { title: self.name.clone() }.check().map_err(|_| TermError::Name)?;
        let day = |text: &str| text.parse::<Date>().map_err(|_| TermError::Days);
        let (first, last) = (day(&self.first)?, day(&self.last)?);
        let days = first.until(last).map_or(-1, |span| span.get_days());
        if (0..=DAYS_MAX).contains(&days) { Ok((name, (first, last))) } else { Err(TermError::Length) }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "campus/terms.html")]
pub struct TermsPage {
    /// Frame.
    pub layout: Layout,
    /// The terms, the latest first.
    pub terms: Vec<Term>,
    /// The day at the school.
    pub today: Date,
    /// What was typed for a new one.
    pub form: TermForm,
    /// What was wrong with what was sent.
    pub error: Option<TermError>,
    /// Longest name.
    pub most: usize,
}

impl TermsPage {
    /// Whether a term is over.
    pub fn is_over(&self, term: &Term) -> bool {
        term.is_over(self.today)
    }
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (form, error): (TermForm, Option<TermError>),
) -> Result<Response, AppError> {
    let terms = app.store.terms(viewer).await?.ok_or(AppError::NotFound)?;
    let today = wall(app.clock.now()).date();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = TermsPage { layout: Layout::new(visitor, app), terms, today, form, error, most: TITLE_MAX };
    Ok((status, html(&page)?).into_response())
}

/// `GET /campus/terms`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer manages no campus.
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, (TermForm::default(), None)).await
}

/// `POST /campus/terms`: a new one.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer manages no campus.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<TermForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("term form"))?;
    match form.check() {
        Ok((name, days)) => {
            app.store.add_term(&viewer, &name, days).await?.ok_or(AppError::NotFound)?;
            Ok(see_other("/campus/terms"))
        }
        Err(error) => page(&app, &visitor, &viewer, (form, Some(error))).await,
    }
}

/// `POST /campus/terms/{term}`: changes one.
///
/// # Errors
/// [`AppError::NotFound`] if it is not of the viewer's campus.
pub async fn change(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(term): Path<TermId>,
    form: Result<Form<TermForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("term form"))?;
    match form.check() {
        Ok((name, days)) if app.store.change_term(&viewer, term, &name, days).await? => Ok(see_other("/campus/terms")),
        Ok(_) => Err(AppError::NotFound),
        Err(error) => page(&app, &visitor, &viewer, (TermForm::default(), Some(error))).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_has_a_name_and_ends_after_it_begins() {
        let check = |name: &str, first: &str, last: &str| {
            TermForm { name: name.to_owned(), first: first.to_owned(), last: last.to_owned() }.check().map(|_| ())
        };
        assert_eq!(check("2026年秋季", "2026-09-01", "2027-01-20"), Ok(()));
        assert_eq!(check(" ", "2026-09-01", "2027-01-20"), Err(TermError::Name));
        assert_eq!(check("Autumn", "", "2027-01-20"), Err(TermError::Days));
        assert_eq!(check("Autumn", "2027-01-20", "2026-09-01"), Err(TermError::Length));
        assert_eq!(check("Autumn", "2026-01-20", "2028-09-01"), Err(TermError::Length));
    }
}
