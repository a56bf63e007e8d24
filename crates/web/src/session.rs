//! Who is signed in, and whether they may come: the session's cookie, and the door before every route.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiayin_domain::policy::{Action, may};
use jiayin_domain::role::Role;
use jiayin_privacy::{Consent, Refusal};
use jiayin_store::sessions::{Token, Visit};
use jiayin_store::{StoreError, Viewer};

use crate::app::AppState;
use crate::consent::signal;
use crate::error::AppError;
use crate::faces::FaceView;
use crate::policy::frame::{PolicyFrame, PolicyNotice};
use crate::routes::ROUTES;
use crate::visitor::{PARTIAL_HEADER, SignedIn, Visitor, cookie};

/// Name of the session's cookie. Over TLS it carries the prefix that binds it to this host.
pub const SESSION_COOKIE: &str = "session";
const SECURE_SESSION_COOKIE: &str = "__Host-session";
/// Two weeks, as long as a session lasts unused.
const MAX_AGE_S: u32 = 14 * 24 * 3600;

fn cookie_name(app: &AppState) -> &'static str {
    if app.config.is_https() { SECURE_SESSION_COOKIE } else { SESSION_COOKIE }
}

/// The cookie of a new session.
///
/// # Errors
/// If the token is no header value, which a token always is.
pub fn set_cookie(app: &AppState, token: &Token) -> Result<HeaderValue, AppError> {
    written(app, &token.to_text(), MAX_AGE_S)
}

/// Takes the cookie away.
///
/// # Errors
/// As [`set_cookie`].
pub fn remove_cookie(app: &AppState) -> Result<HeaderValue, AppError> {
    written(app, "", 0)
}

fn written(app: &AppState, value: &str, max_age: u32) -> Result<HeaderValue, AppError> {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let name = cookie_name(app);
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={max_age}; SameSite=Lax; HttpOnly{secure}"))
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// A redirect after a form.
pub fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, place);
    response
}

/// A redirect that sets a cookie.
pub fn see_other_with(path: &str, cookie: HeaderValue) -> Response {
    let mut response = see_other(path);
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Middleware before every route: finds out who comes, and lets in only whom the matrix allows. A route without a row in
/// [`ROUTES`] lets in nobody.
///
/// Who is not signed in is shown the way to sign in from a page, and gets 401 for what only a script asks for; an object
/// that needs a session does not exist for them, nor does anything for a role that has no business with it: 404.
pub(crate) async fn door(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(path) = path else { return next.run(request).await };
    let Some(action) = action_of(request.method(), &path) else { return AppError::NotFound.into_response() };
    let token = cookie(request.headers(), cookie_name(&app)).and_then(Token::from_text);
    let visit = match token {
        Some(token) => match app.store.visit(&token).await {
            Ok(visit) => visit,
            Err(error) => return AppError::from(error).into_response(),
        },
        None => None,
    };
    if !may(visit.as_ref().map(|visit| visit.viewer.role), action) {
        return match visit {
            Some(_) => AppError::NotFound.into_response(),
            None => stranger(&request, &path),
        };
    }
    if let Some(Visit { viewer, .. }) = &visit
        && viewer.role == Role::Learner
        && needs_consent(action)
    {
        match app.store.learns(viewer.person).await {
            Ok(Consent::Given) => {}
            Ok(consent) => return waits(&request, &path, consent),
            Err(error) => return AppError::from(error).into_response(),
        }
    }
    if let Some(Visit { viewer, profile, notice, unread }) = visit {
        let name = match profile.name.read(&profile.grant) {
            Ok(name) => name.clone(),
            Err(error) => return AppError::from(error).into_response(),
        };
        let waiting = match is_page(&request, &path) {
            true => app.store.tickets_waiting(&viewer).await,
            false => Ok(0),
        };
        let waiting = match waiting {
            Ok(waiting) => waiting,
            Err(error) => return AppError::from(error).into_response(),
        };
        request.extensions_mut().insert(SignedIn {
            id: viewer.person.to_string(),
            face: FaceView::of(&app, &profile.face, &name),
            name,
            role: viewer.role,
            notice,
            unread,
            waiting,
        });
        if let Err(error) = announce(&app, &viewer, &mut request).await {
            return AppError::from(error).into_response();
        }
        if is_page(&request, &path)
            && signal::is_sent(request.headers())
            && let Err(error) = heed(&app, &viewer, &mut request).await
        {
            return AppError::from(error).into_response();
        }
        request.extensions_mut().insert(viewer);
    }
    next.run(request).await
}

/// Lets the pages tell of a version of the policy that the person has yet to see; who is up to date costs no question.
async fn announce(app: &AppState, viewer: &Viewer, request: &mut Request) -> Result<(), StoreError> {
    let Some(frame) = request.extensions_mut().get_mut::<PolicyFrame>() else { return Ok(()) };
    let unseen = app.store.unseen_policy(viewer).await?;
    frame.notice = unseen.map(|head| PolicyNotice::new(&head, app.clock.now()));
    Ok(())
}

/// Lets the browser's signal take back what it refuses, and the page that is being asked for say so.
async fn heed(app: &AppState, viewer: &Viewer, request: &mut Request) -> Result<(), StoreError> {
    let language = Visitor::read(request.headers(), "/", app).l.locale().tag();
    let heeded = signal::heed(app, viewer, language).await?;
    if let Some(frame) = request.extensions_mut().get_mut::<PolicyFrame>() {
        frame.signal = heeded;
    }
    Ok(())
}

/// Whether a whole page is asked for, not a part of one or a sound.
fn is_page(request: &Request, path: &str) -> bool {
    let whole = *request.method() == Method::GET && !request.headers().contains_key(PARTIAL_HEADER);
    let bare = ["/recordings", "/media", "/portraits"].iter().any(|bare| path.starts_with(bare));
    whole && !bare && !["/pictures/{picture}", "/voices/{voice}"].iter().any(|end| path.ends_with(end))
}

/// What a route is for; HEAD is as GET.
fn action_of(method: &Method, path: &str) -> Option<Action> {
    let method = if *method == Method::HEAD && !ROUTES.iter().any(|(m, p, _)| *m == "HEAD" && *p == path) {
        "GET"
    } else {
        method.as_str()
    };
    let found = ROUTES.iter().find(|(listed, route, _)| *listed == method && *route == path);
    // A known route under another method is answered by the router: 405.
    found.or_else(|| ROUTES.iter().find(|(_, route, _)| *route == path)).map(|(_, _, action)| *action)
}

/// What a child may do before the guardian has said yes, and after it was taken back: read, and keep the own account.
fn needs_consent(action: Action) -> bool {
    !matches!(action, Action::VisitPublicPages | Action::Operate | Action::KeepOwnProfile)
}

/// A child without the guardian's consent is told so.
fn waits(request: &Request, path: &str, consent: Consent) -> Response {
    if is_page(request, path) {
        return see_other("/waiting");
    }
    AppError::Refused(match consent {
        Consent::Withdrawn => Refusal::ConsentWithdrawn,
        Consent::Refused => Refusal::ConsentRefused,
        Consent::Outdated => Refusal::ConsentOutdated,
        Consent::NotAsked | Consent::Given | Consent::NotNeeded => Refusal::ConsentMissing,
    })
    .into_response()
}

fn stranger(request: &Request, path: &str) -> Response {
    let script = request.headers().contains_key(PARTIAL_HEADER) || path.starts_with("/uploads");
    if script {
        return AppError::SignInFirst.into_response();
    }
    if path.contains('{') || *request.method() != Method::GET {
        return AppError::NotFound.into_response();
    }
    see_other(&format!("/sign-in?next={path}"))
}

/// The person behind a request that only signed-in people can make.
pub struct Person(pub Viewer);

impl FromRequestParts<AppState> for Person {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, AppError> {
        parts.extensions.get::<Viewer>().copied().map(Self).ok_or(AppError::NotFound)
    }
}
