//! Global Privacy Control: the browser's standing no to marketing, for who is signed in.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin_domain::role::Role;

use crate::common::school::Visit;
use crate::common::{CHINESE, Reply, ScriptedEar, TestApp};

async fn with_signal(visit: &Visit<'_>, path: &str) -> Reply {
    let request = visit.request(Method::GET, path).header("sec-gpc", "1");
    visit.app.send(request.body(Body::empty()).unwrap()).await
}

/// The form of the switch of marketing, as it is sent.
fn switch(visit: &Visit<'_>, on: bool) -> String {
    format!("subject={}&purpose=marketing&policy=1&on={on}", visit.person)
}

/// The row of marketing on the page of consents.
fn row(page: &str) -> &str {
    let at = page.find("value=\"marketing\"").unwrap_or_else(|| panic!("no marketing: {page}"));
    page[at..].split("</form>").next().unwrap()
}

#[tokio::test]
async fn clause_6_6_the_browsers_signal_takes_marketing_back_once_and_says_so() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    assert_eq!(guardian.post_form("/consent", &switch(&guardian, true)).await.status, StatusCode::SEE_OTHER);
    let entries = async || match app.state.store.check_ledger().await.unwrap() {
        Ok(count) => count,
        Err(broken) => panic!("{broken:?}"),
    };
    let before = entries().await;
    let page = with_signal(&guardian, "/family").await.body;
    assert!(page.contains("was taken back just now"), "{page}");
    assert_eq!(entries().await, before + 1);
    assert!(!with_signal(&guardian, "/family").await.body.contains("was taken back just now"), "said once");
    assert_eq!(entries().await, before + 1, "entered once");

    let page = with_signal(&guardian, "/consent").await.body;
    assert!(row(&page).contains("turn the signal off") && !row(&page).contains("<button"), "{}", row(&page));
    assert!(page.contains("by your browser’s signal"), "the list of decisions says so");
    let at = page.find("/receipts/").map(|at| page[..at].rfind('"').unwrap() + 1).unwrap();
    let receipt = guardian.get(page[at..].split('"').next().unwrap()).await;
    assert!(receipt.body.contains("signal") && receipt.body.contains("marketing"), "{}", receipt.body);
    // However the form is sent: as long as the browser says no, it is no.
    let request = guardian.request(Method::POST, "/consent").header("sec-gpc", "1");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let stubborn = app.send(request.body(Body::from(switch(&guardian, true))).unwrap()).await;
    assert_eq!(stubborn.status, StatusCode::CONFLICT);

    // Without the signal the switch is there again, off, and says who turned it.
    let page = guardian.get("/consent").await.body;
    assert!(row(&page).contains("Taken back by your browser’s signal") && row(&page).contains("value=\"true\""));
    assert_eq!(guardian.post_form("/consent", &switch(&guardian, true)).await.status, StatusCode::SEE_OTHER);
    assert!(row(&guardian.get("/consent").await.body).contains("value=\"false\""));
}

#[tokio::test]
async fn clause_6_6_the_signal_touches_nothing_else() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    assert_eq!(guardian.post_form("/consent", &switch(&guardian, false)).await.status, StatusCode::SEE_OTHER);
    for (visit, path) in [(&guardian, "/family"), (&guardian, "/consent"), (&child, "/home")] {
        let reply = with_signal(visit, path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        assert!(!reply.body.contains("was taken back just now"), "there was nothing to be taken back");
    }
    let request = guardian.request(Method::GET, "/consent").header("sec-gpc", "0");
    let page = app.send(request.body(Body::empty()).unwrap()).await.body;
    assert!(row(&page).contains("<button"), "any other value is no signal");
    let mut request = guardian.request(Method::GET, "/consent").header("sec-gpc", "1");
    request.headers_mut().unwrap().insert("accept-language", CHINESE.parse().unwrap());
    let page = app.send(request.body(Body::empty()).unwrap()).await.body;
    assert!(row(&page).contains("关闭该信号") && page.matches("<button class=\"button").count() > 2, "{page}");
}
