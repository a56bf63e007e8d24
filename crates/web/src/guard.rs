//! What stands before every page: security headers, refusal of other sites' forms, request ids, the log line, counters.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::AppState;
use crate::error::AppError;

/// Nothing inline, nothing from elsewhere. `blob:` is the visitor's own recording.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The microphone for our own pages; nothing else of the device.
const PERMISSIONS: &str = "microphone=(self), autoplay=(self), camera=(), geolocation=(), payment=(), usb=(), \
    bluetooth=(), serial=(), hid=(), midi=(), display-capture=(), browsing-topics=()";

/// Middleware: sets the headers that hold for every answer.
pub(crate) async fn headers(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // For browsers that do not know `frame-ancestors`.
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.config.is_https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Middleware: refuses forms and scripts of other sites. Every browser of recent years sends `Sec-Fetch-Site`; for the
/// older ones `Origin` is compared with `Host`. What sends neither is no browser, and carries no visitor's cookies.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && !is_own(request.headers()) {
        return AppError::CrossSite.into_response();
    }
    next.run(request).await
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(&ORIGIN) else { return true };
    origin.split_once("://").is_some_and(|(_, host)| Some(host) == text(&HOST))
}

/// Fields of the log line of a request. A whitelist (clause 2.9): neither address nor agent, no query, no body; the
/// path is the route's pattern, never what the visitor typed.
#[cfg(test)]
const LOG_FIELDS: [&str; 5] = ["request_id", "method", "route", "status", "took_ms"];

/// Middleware: gives the request an id, counts it, and logs one line for it.
pub(crate) async fn observe(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let mut bytes = [0; 8];
    app.entropy.fill(&mut bytes);
    let id = format!("{:016x}", u64::from_be_bytes(bytes));
    let method = known_method(request.method());
    let route: Arc<str> =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".into(), |path| path.as_str().into());
    let began = app.clock.monotonic();
    let mut response = next.run(request).await;
    let took = app.clock.monotonic().saturating_sub(began);
    let status = response.status().as_u16();
    app.metrics.request(method, &route, status, took);
    log(&id, method, &route, status, took);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

fn log(request_id: &str, method: &str, route: &str, status: u16, took: Duration) {
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request_id, method, route, status, took_ms, "request");
}

/// A method is chosen by the client too: only the known ones reach logs and counters.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jiayin_privacy::map;
    use tracing::field::{Field, Visit};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;

    #[derive(Default)]
    struct Names(Arc<Mutex<Vec<&'static str>>>);

    impl Visit for Names {
        fn record_debug(&mut self, field: &Field, _: &dyn std::fmt::Debug) {
            self.0.lock().unwrap().push(field.name());
        }
    }

    impl<S: tracing::Subscriber> Layer<S> for Names {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            event.record(&mut Self(Arc::clone(&self.0)));
        }
    }

    #[test]
    fn clause_2_9_the_log_line_has_the_listed_fields_and_no_other() {
        let names = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Names(Arc::clone(&names)));
        tracing::subscriber::with_default(subscriber, || log("0", "GET", "/", 200, Duration::ZERO));
        let mut seen = names.lock().unwrap().clone();
        seen.retain(|name| *name != "message");
        seen.sort_unstable();
        let mut listed = LOG_FIELDS;
        listed.sort_unstable();
        assert_eq!(seen, listed);
        for name in listed {
            assert!(map::LOG_FIELDS.iter().any(|field| field.name == name), "{name} is not in the data map");
        }
    }

    fn own(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_own(&headers)
    }

    #[test]
    fn other_sites_are_told_apart() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "none")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("sec-fetch-site", "same-site")]));
        assert!(own(&[("origin", "https://school.example"), ("host", "school.example")]));
        assert!(!own(&[("origin", "https://evil.example"), ("host", "school.example")]));
        assert!(!own(&[("origin", "null"), ("host", "school.example")]));
        assert!(own(&[]));
    }
}
