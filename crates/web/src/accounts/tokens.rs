//! `GET /profile/tokens` and what is done there: tokens by which programs act for oneself or, for a guardian, for a child. To make
//! one takes the password and, where there is one, the second step; it is shown this once.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{ApiTokenId, PersonId};
use jiayin_domain::role::Role;
use jiayin_domain::token::{LONGEST_DAYS, LONGEST_DAYS_OF_CHILD, TokenScope};
use jiayin_store::Viewer;
use jiayin_store::tokens::{Made, NewToken};
use uuid::Uuid;

use super::doubt::{Doubt, doubt};
use super::notices::{Notice, tell};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest name of a token in characters; what is longer is cut.
const NAME_MAX: usize = 40;
/// The lives that the page offers, in days.
const LIVES: [u16; 3] = [30, LONGEST_DAYS_OF_CHILD, LONGEST_DAYS];

/// One's own tokens.
#[derive(Template)]
#[template(path = "accounts/tokens.html")]
pub struct TokensPage {
    /// Frame; a grown-up is signed in.
    pub layout: Layout,
    /// The token that was just made: it is shown this once.
    pub made: Option<String>,
    /// What was wrong.
    pub error: Option<TokenError>,
    /// The tokens, the newest first.
    pub tokens: Vec<TokenView>,
    /// For whom one can be made.
    pub persons: Vec<PersonView>,
    /// What was typed.
    pub typed: Typed,
    /// Whether the person has a second step, which is then asked for too.
    pub second_step: bool,
}

/// A token in the list.
pub struct TokenView {
    /// Its id.
    pub id: ApiTokenId,
    /// What its maker calls it.
    pub name: String,
    /// The child for whom it acts; empty for the maker.
    pub child: String,
    /// What it allows.
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub made: Moment,
    /// When it ends, or ended.
    pub ends: Moment,
    /// The day of its last use; empty before the first.
    pub used: String,
    /// It has ended.
    pub over: bool,
}

/// Somebody for whom a token can be made.
pub struct PersonView {
    /// Goes out as `for` with the form: empty for oneself, else the child's id.
    pub id: String,
    /// Name of the child; empty for oneself.
    pub name: String,
    /// What their token can allow.
    pub scopes: &'static [TokenScope],
}

impl TokensPage {
    /// Every scope that somebody's token can allow.
    pub fn scopes(&self) -> impl Iterator<Item = TokenScope> + '_ {
        let of_any = |scope: &TokenScope| self.persons.iter().any(|person| person.scopes.contains(scope));
        TokenScope::ALL.into_iter().filter(of_any)
    }

    /// The lives that can be chosen, in days.
    pub fn lives(&self) -> [u16; 3] {
        LIVES
    }

    /// Whether a guardian looks who has children here.
    pub fn has_children(&self) -> bool {
        self.persons.len() > 1
    }
}

/// The key of the text of a scope.
pub fn key(scope: &TokenScope) -> String {
    format!("scope-{}", scope.tag().replace(':', "-"))
}

/// What was wrong when a token was to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It may be somebody else who sits there.
    Doubt(Doubt),
    /// It has no name.
    Nameless,
    /// It would allow nothing.
    Nothing,
    /// There are enough.
    TooMany,
}

impl TokenError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Doubt(doubt) => doubt.message(l),
            Self::Nameless => l.t("token-nameless"),
            Self::Nothing => l.t("token-nothing"),
            Self::TooMany => l.t("token-too-many"),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Doubt(doubt) => doubt.status(),
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// What was typed, to be shown again when something is wrong.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The name.
    pub name: String,
    /// For whom.
    pub person: String,
    /// What it is to allow.
    pub scopes: Vec<TokenScope>,
    /// How long it is to live.
    pub days: u16,
}

/// What shows that it is they who sit there; never shown again.
#[derive(Default)]
struct Secrets {
    password: String,
    code: String,
}

impl Typed {
    /// The form; a scope comes once for each box that is ticked.
    fn read(pairs: Vec<(String, String)>) -> (Self, Secrets) {
        let (mut typed, mut secrets) = (Self { days: LIVES[0], ..Self::default() }, Secrets::default());
        for (name, value) in pairs {
            match &*name {
                "name" => {
                    let words = value.split_whitespace().collect::<Vec<_>>().join(" ");
                    typed.name = words.chars().take(NAME_MAX).collect();
                }
                "for" => typed.person = value,
                "scope" => typed.scopes.extend(TokenScope::from_tag(&value)),
                "days" => typed.days = value.parse().ok().filter(|days| LIVES.contains(days)).unwrap_or(LIVES[0]),
                "password" => secrets.password = value,
                "code" => secrets.code = value,
                _ => {}
            }
        }
        (typed, secrets)
    }

    /// The child for whom it is to act.
    fn child(&self) -> Result<Option<PersonId>, AppError> {
        match &*self.person {
            "" => Ok(None),
            id => id.parse::<Uuid>().map(|id| Some(PersonId(id))).map_err(|_| AppError::NotFound),
        }
    }
}

/// `GET /profile/tokens`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, Typed { days: LIVES[0], ..Typed::default() }, Ok(None)).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    typed: Typed,
    outcome: Result<Option<String>, TokenError>,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let (names, children) = app.store.children_by_name(viewer).await?;
    let mut persons = vec![PersonView { id: String::new(), name: String::new(), scopes: TokenScope::of(viewer.role) }];
    for (child, name) in &children {
        let name = name.read(&names)?.clone();
        persons.push(PersonView { id: child.to_string(), name, scopes: TokenScope::of(Role::Learner) });
    }
    let (grant, kept) = app.store.own_tokens(viewer).await?;
    let mut tokens = Vec::with_capacity(kept.len());
    for token in kept {
        let child = token.child.map(|child| child.to_string());
        let child = child.and_then(|child| persons.iter().find(|person| person.id == child));
        tokens.push(TokenView {
            id: token.id,
            name: token.name.read(&grant)?.clone(),
            child: child.map(|child| child.name.clone()).unwrap_or_default(),
            scopes: token.scopes,
            made: Moment::new(&visitor.l, token.made_at, now),
            ends: Moment::new(&visitor.l, token.ends_at, now),
            used: token.used.map(crate::policy::frame::date).unwrap_or_default(),
            over: token.ends_at <= now,
        });
    }
    let status = outcome.as_ref().err().map_or(StatusCode::OK, |error| error.status());
    let (made, error) = match outcome {
        Ok(made) => (made, None),
        Err(error) => (None, Some(error)),
    };
    let page = TokensPage {
        layout: Layout { path: "/profile/tokens".to_owned(), ..Layout::new(visitor, app) },
        made,
        error,
        tokens,
        persons,
        typed,
        second_step: app.store.second_step(viewer.person).await?.is_some(),
    };
    Ok((status, html(&page)?).into_response())
}

/// `POST /profile/tokens`: makes one, and shows it. The owner is told.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(pairs) = form.map_err(|_| AppError::BadRequest("token form"))?;
    let (typed, Secrets { password, code }) = Typed::read(pairs);
    let child = typed.child()?;
    if typed.name.is_empty() {
        return page(&app, &visitor, &viewer, typed, Err(TokenError::Nameless)).await;
    }
    if let Some(doubt) = doubt(&app, &viewer, password, &code).await? {
        return page(&app, &visitor, &viewer, typed, Err(TokenError::Doubt(doubt))).await;
    }
    let new = NewToken { child, name: typed.name.clone(), scopes: typed.scopes.clone(), days: typed.days };
    match app.store.make_token(&viewer, new).await? {
        Made::Yes(token) => {
            tell(&app, viewer.person, Notice::TokenMade);
            let fresh = Typed { days: LIVES[0], ..Typed::default() };
            page(&app, &visitor, &viewer, fresh, Ok(Some(token))).await
        }
        Made::Nothing => page(&app, &visitor, &viewer, typed, Err(TokenError::Nothing)).await,
        Made::TooMany => page(&app, &visitor, &viewer, typed, Err(TokenError::TooMany)).await,
        Made::NotTheirs => Err(AppError::NotFound),
    }
}

/// `POST /profile/tokens/{token}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not one of one's own.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(token): Path<ApiTokenId>,
) -> Result<Response, AppError> {
    if app.store.remove_token(&viewer, token).await? {
        Ok(see_other("/profile/tokens"))
    } else {
        Err(AppError::NotFound)
    }
}
