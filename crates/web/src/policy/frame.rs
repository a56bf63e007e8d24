//! What every answer says of the policy: which one holds, in which version (clauses 1.2, 1.4), and on pages that a new one
//! is there (clause 12.2).

use axum::extract::{Request, State};
use axum::http::header::{HOST, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use jiayin_domain::policy::Action;
use jiayin_store::policy::PolicyHead;
use jiff::Timestamp;

use crate::app::AppState;
use crate::config::Config;
use crate::locale::Localizer;
use crate::routes::ROUTES;
use crate::school_time::wall;

/// Header with the number of the version under which a request is answered.
pub const VERSION_HEADER: &str = "policy-version";

/// The policy of a request.
#[derive(Clone, Default)]
pub struct PolicyFrame {
    /// Number of the version in force; `None` where an affiliate's own policy holds.
    pub number: Option<u32>,
    /// A version that the visitor has yet to see.
    pub notice: Option<PolicyNotice>,
    /// The browser's signal has just taken a consent back.
    pub signal: bool,
}

/// A version that the visitor has yet to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyNotice {
    /// Its number.
    pub number: u32,
    /// When it takes, or took, effect.
    pub effective_at: Timestamp,
    /// Whether it is in force already.
    pub in_force: bool,
    /// Whether it asks for consent again.
    pub asks_consent: bool,
}

impl PolicyNotice {
    /// What the banner says of a version.
    pub fn new(head: &PolicyHead, now: Timestamp) -> Self {
        Self {
            number: head.version.number,
            effective_at: head.effective_at,
            in_force: head.is_effective(now),
            asks_consent: !head.touches.is_empty(),
        }
    }

    /// The sentence of the banner.
    pub fn text(&self, l: &Localizer) -> String {
        let key = if self.in_force { "policy-notice-in-force" } else { "policy-notice-announced" };
        l.tn(key, &[("number", self.number.to_string()), ("date", date(self.effective_at))])
    }
}

/// A day at the school: `2026-03-09`.
pub fn date(at: Timestamp) -> String {
    wall(at).date().to_string()
}

/// Address of the policy that holds on the site that was asked: an affiliate's own, or `None` for ours.
pub fn affiliate<'a>(config: &'a Config, headers: &HeaderMap) -> Option<&'a str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    config.affiliates.get(&name).map(String::as_str).filter(|url| !url.is_empty())
}

/// Whether a request asks for health, metrics or an asset: what stands apart from the database.
fn is_plain(request: &Request) -> bool {
    let path = request.uri().path();
    path.starts_with("/static/") || ROUTES.iter().any(|(_, route, action)| *route == path && *action == Action::Operate)
}

/// Middleware: finds the policy that holds for a request, and names it in the answer.
pub(crate) async fn name(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let own = affiliate(&app.config, request.headers()).map(str::to_owned);
    let version = match own {
        Some(_) => None,
        // Health must be told at once, even if the database is gone.
        None if is_plain(&request) => app.store.known_policy(),
        // A page will tell it itself if the database is gone.
        None => app.store.current_policy().await.ok().or_else(|| app.store.known_policy()),
    };
    let number = version.map(|version| version.number);
    request.extensions_mut().insert(PolicyFrame { number, ..PolicyFrame::default() });
    let mut response = next.run(request).await;
    let place = own.as_deref().unwrap_or("/policy");
    if let Ok(link) = HeaderValue::from_str(&format!("<{place}>; rel=\"privacy-policy\"")) {
        response.headers_mut().append(LINK, link);
    }
    if let Some(number) = number {
        response.headers_mut().insert(HeaderName::from_static(VERSION_HEADER), HeaderValue::from(number));
    }
    response
}
