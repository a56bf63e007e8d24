//! `GET /campus/classes/{class}`, `POST …/moves`, `POST …/term`: who is in a class, going to another class, its term.

use askama::Template;
use axum::Form;
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Response};
use jiayin_domain::id::{ClassId, PersonId, TermId};
use jiayin_store::terms::Term;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::wall;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A learner's line.
pub struct PlaceRow {
    /// The learner.
    pub learner: PersonId,
    /// What they are called.
    pub name: String,
    /// The school's own number; empty if it is not known.
    pub number: String,
    /// The day since which they are in the class.
    pub since: String,
}

/// The page.
#[derive(Template)]
#[template(path = "campus/class.html")]
pub struct PlacesPage {
    /// Frame.
    pub layout: Layout,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Its term.
    pub term: Option<TermId>,
    /// The terms of the campus.
    pub terms: Vec<Term>,
    /// The learners.
    pub learners: Vec<PlaceRow>,
    /// Learners who are not shown.
    pub left_out: usize,
    /// The classes to which a learner can go: id, and name with term.
    pub others: Vec<(ClassId, String)>,
    /// How many have just been moved.
    pub moved: Option<usize>,
}

impl PlacesPage {
    /// Whether the class belongs to a term.
    pub fn is_in(&self, term: &TermId) -> bool {
        self.term == Some(*term)
    }
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    moved: Option<usize>,
}

/// `GET /campus/classes/{class}`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not of the viewer's campus.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
    Query(shown): Query<Shown>,
) -> Result<Html<String>, AppError> {
    let kept = app.store.class_places(&viewer, class).await?.ok_or(AppError::NotFound)?;
    let today = wall(app.clock.now()).date();
    let mut learners = Vec::with_capacity(kept.learners.len());
    for placed in &kept.learners {
        let number = placed.number.as_ref().map(|number| number.read(&kept.grant)).transpose()?;
        learners.push(PlaceRow {
            learner: placed.learner,
            name: placed.name.read(&kept.grant)?.clone(),
            number: number.cloned().unwrap_or_default(),
            since: wall(placed.since).date().to_string(),
        });
    }
    let term_of = |id: Option<TermId>| kept.terms.iter().find(|term| Some(term.id) == id);
    let standing = kept.others.iter().filter(|(_, _, term)| !term_of(*term).is_some_and(|term| term.is_over(today)));
    let named = |(id, name, term): &(ClassId, String, Option<TermId>)| match term_of(*term) {
        Some(term) => (*id, format!("{name} · {}", term.name)),
        None => (*id, name.clone()),
    };
    let others = standing.map(named).collect();
    html(&PlacesPage {
        layout: Layout::new(&visitor, &app),
        class,
        name: kept.name,
        term: kept.term,
        terms: kept.terms,
        learners,
        left_out: kept.left_out,
        others,
        moved: shown.moved,
    })
}

/// `POST /campus/classes/{class}/moves`: the learners who were ticked go to another class.
///
/// # Errors
/// [`AppError::BadRequest`] for a form that is none; [`AppError::NotFound`] if a class is not of the viewer's campus.
pub async fn post_move(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
    body: Bytes,
) -> Result<Response, AppError> {
    // A box that is ticked comes once for each learner: such a form is no struct.
    let (mut to, mut learners) = (None, Vec::new());
    for (name, value) in url::form_urlencoded::parse(&body) {
        match &*name {
            "to" => to = Some(value.parse().map_err(|_| AppError::BadRequest("class to move to"))?),
            "learner" => learners.push(value.parse().map_err(|_| AppError::BadRequest("learner to move"))?),
            _ => return Err(AppError::BadRequest("form of a move")),
        }
    }
    let to = to.ok_or(AppError::BadRequest("class to move to"))?;
    let moved = app.store.move_learners(&viewer, (class, to), &learners).await?.ok_or(AppError::NotFound)?;
    Ok(see_other(&format!("/campus/classes/{class}?moved={moved}")))
}

/// The form of the term; empty for none.
#[derive(Deserialize)]
pub struct TermChoice {
    term: String,
}

/// `POST /campus/classes/{class}/term`.
///
/// # Errors
/// [`AppError::BadRequest`] for what is no term; [`AppError::NotFound`] if class or term are not of the viewer's campus.
pub async fn post_term(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
    form: Result<Form<TermChoice>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("term of a class"))?;
    let term = match form.term.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| AppError::BadRequest("term of a class"))?),
    };
    if app.store.put_into_term(&viewer, class, term).await? {
        Ok(see_other(&format!("/campus/classes/{class}")))
    } else {
        Err(AppError::NotFound)
    }
}
