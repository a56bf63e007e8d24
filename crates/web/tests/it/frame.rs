//! What holds for every page: headers, cookies, languages, routes, errors, health.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiayin::config::Config;
use jiayin::routes::ROUTES;
use jiayin_domain::policy::may;
use jiayin_privacy::map;

use crate::common::{CHINESE, ENGLISH, ScriptedEar, TestApp, Upload, sound};

fn post(path: &str, body: &str) -> axum::http::request::Builder {
    Request::post(path).header("content-type", "application/x-www-form-urlencoded").header("content-length", body.len())
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::new().await;
    for path in ["/", "/nowhere", "/healthz", "/metrics", "/static/none.js"] {
        let reply = app.get(path).await;
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert!(reply.header("permissions-policy").contains("microphone=(self)"), "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test]
async fn the_pages_can_be_installed_as_an_app() {
    let app = TestApp::new().await;
    let manifest = app.get("/manifest.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let read: serde_json::Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!((&read["display"], &read["scope"], &read["lang"]), (&"standalone".into(), &"/".into(), &"en".into()));
    let icon = app.get(read["icons"][0]["src"].as_str().unwrap()).await;
    assert_eq!((icon.status, icon.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    let worker = app.get("/service-worker.js").await;
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("cache-control"), "no-cache", "a new one is found");
    assert!(app.get("/").await.body.contains("rel=\"manifest\""));
}

#[tokio::test]
async fn pages_have_nothing_inline() {
    let app = TestApp::new().await;
    let pages = [
        app.get("/").await.body,
        app.get("/tryout?own=1").await.body,
        app.get("/nowhere").await.body,
        app.upload(Upload::new("The rabbit runs very fast.", &sound::tone(100, 300.0))).await.body,
    ];
    for page in pages {
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="), "{page}");
        assert!(page.matches("<script").count() == page.matches("<script type=\"module\" src=").count(), "{page}");
    }
}

#[tokio::test]
async fn request_ids_come_from_the_seed() {
    assert_eq!(
        TestApp::new().await.get("/").await.header("x-request-id"),
        TestApp::new().await.get("/").await.header("x-request-id")
    );
    let app = TestApp::new().await;
    assert_ne!(app.get("/").await.header("x-request-id"), app.get("/").await.header("x-request-id"));
}

#[tokio::test]
async fn every_listed_route_answers() {
    let app = TestApp::new().await;
    for &(method, path, action) in ROUTES {
        // What needs a session is looked at in `access.rs`.
        if !may(None, action) {
            continue;
        }
        let path = path.replace("{name}", "manifest.json").replace("{number}", "1");
        let reply = app.send(Request::builder().method(method).uri(&path).body(Body::empty()).unwrap()).await;
        // What opens with its secret alone does not exist for who has none.
        let secrets = ["{ticket}", "{card}", "{token}", "{link}"];
        let secret = secrets.iter().any(|secret| path.contains(secret));
        let exists =
            secret || reply.status != StatusCode::NOT_FOUND || path.starts_with("/static/") || path == "/sign-in/demo";
        assert!(exists && reply.status != StatusCode::METHOD_NOT_ALLOWED, "{method} {path}: {}", reply.status);
    }
}

#[tokio::test]
async fn the_language_follows_cookie_then_browser() {
    let app = TestApp::new().await;
    assert!(app.get_in("/", CHINESE).await.body.contains("<html lang=\"zh-CN\""));
    assert!(app.get_in("/", ENGLISH).await.body.contains("<html lang=\"en\""));
    let request = Request::get("/").header("accept-language", ENGLISH).header("cookie", "a=b; lang=zh-CN");
    assert!(app.send(request.body(Body::empty()).unwrap()).await.body.contains("<html lang=\"zh-CN\""));
    let request = Request::get("/").header("accept-language", ENGLISH).header("cookie", "lang=<script>; theme=neon");
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    assert!(reply.body.contains("<html lang=\"en\" data-theme=\"auto\""));
}

#[tokio::test]
async fn clause_3_1_preferences_set_the_registered_cookies_and_no_other() {
    let app = TestApp::new().await;
    let body = "lang=en&theme=dark&back=/tryout?level=2";
    let reply = app.send(post("/preferences", body).body(Body::from(body)).unwrap()).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/tryout?level=2"));
    let set: Vec<_> = reply.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    for cookie in &set {
        let name = cookie.split('=').next().unwrap();
        assert!(map::COOKIES.iter().any(|known| known.name == name), "{name} is not in the data map");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"),
            "{cookie}"
        );
    }
    // All that the map knows but the session's and the device's, which signing in sets, and the look's, whose form is on
    // the profile.
    assert_eq!(set.len(), map::COOKIES.len() - 3);
    let https = Config { public_url: "https://school.example".to_owned(), ..Config::default() };
    let reply = TestApp::with(https, ScriptedEar::kind())
        .await
        .send(post("/preferences", body).body(Body::from(body)).unwrap())
        .await;
    assert!(reply.header("set-cookie").ends_with("; Secure"));
    assert!(!reply.header("strict-transport-security").is_empty());
}

#[tokio::test]
async fn clause_2_11_no_page_sets_a_cookie_by_itself() {
    let app = TestApp::new().await;
    for path in ["/", "/tryout?level=2", "/nowhere", "/healthz", "/policy", "/policy/cookies", "/policy/contact"] {
        assert!(app.get(path).await.headers.get("set-cookie").is_none(), "{path}");
    }
}

#[tokio::test]
async fn wrong_preferences_are_refused() {
    let app = TestApp::new().await;
    for body in ["lang=klingon", "theme=neon", "lang=%ff"] {
        let reply = app.send(post("/preferences", body).body(Body::from(body)).unwrap()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(reply.headers.get("set-cookie").is_none());
    }
}

#[tokio::test]
async fn another_site_cannot_send_forms() {
    let app = TestApp::new().await;
    let request = post("/preferences", "lang=en").header("sec-fetch-site", "cross-site").body(Body::from("lang=en"));
    assert_eq!(app.send(request.unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn errors_have_a_page_in_both_languages() {
    let app = TestApp::new().await;
    let reply = app.get_in("/nowhere?secret=1", CHINESE).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(reply.body.contains("没有这一页"));
    assert!(app.get("/nowhere").await.body.contains("There is no such page"));
    let reply = app.send(Request::delete("/tryout").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(reply.body.contains("<html"));
}

#[tokio::test]
async fn assets_are_named_by_content_and_kept_for_ever() {
    let app = TestApp::new().await;
    let page = app.get("/").await.body;
    let css = page.split('"').find(|part| part.starts_with("/static/") && part.ends_with(".css")).unwrap();
    let request = Request::get(css).header("accept-encoding", "gzip, br").body(Body::empty()).unwrap();
    let reply = app.send(request).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(reply.header("content-encoding"), "br");
    assert_eq!(app.get(css).await.header("content-encoding"), "");
    for path in ["/static/manifest.json", "/static/..%2fbuild.js", "/static/app.css.br"] {
        assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_first_load_is_under_sixty_kilobytes() {
    let app = TestApp::new().await;
    let page = app.get("/").await.body.len();
    let assets = app.state.assets.compressed_len(&["app.css", "app.js", "icon.svg"]);
    assert!(page + assets < 60_000, "{page} + {assets}");
}

#[tokio::test]
async fn pages_are_compressed() {
    let request = Request::get("/").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    assert_eq!(TestApp::new().await.send(request).await.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn health_and_metrics_are_for_the_operator() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/healthz").await.body, "ok\n");
    assert_eq!(app.get("/readyz").await.status, StatusCode::OK);
    app.state.ready.store(false, Ordering::Relaxed);
    assert_eq!(app.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    app.clock.advance(Duration::from_secs(3));
    app.upload(Upload::new("We like milk.", &sound::tone(100, 300.0))).await;
    app.get("/secret-path-of-a-visitor").await;
    let metrics = app.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    for line in
        ["jiayin_scorings_total{outcome=\"scored\"} 1", "route=\"/healthz\"", "route=\"none\",status=\"404\"", "# EOF"]
    {
        assert!(metrics.body.contains(line), "{line} is not in\n{}", metrics.body);
    }
    assert!(!metrics.body.contains("secret"));
}
