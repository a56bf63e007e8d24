//! Who may come where: every route × every kind of visitor, and other people's objects.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use jiayin::routes::ROUTES;
use jiayin_domain::policy::{Action, may};
use jiayin_domain::role::Role;

use crate::common::school::Visit;
use crate::common::{ScriptedEar, TestApp};

const NOBODYS: &str = "01990000-0000-7000-8000-00000000dead";

fn concrete(route: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { NOBODYS.to_owned() } else { part.to_owned() };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Default deny, tested in full: whoever the matrix does not let in gets 404, or the way to sign in.
#[tokio::test]
async fn clause_7_5_every_route_lets_in_only_whom_the_matrix_allows() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let mut refused = 0;
    // The interface for programs has a door of its own: tests/it/api.rs looks at it with tokens.
    for &(method, route, action) in ROUTES.iter().filter(|(_, route, _)| !jiayin::api::is_below(route)) {
        let method: Method = method.parse().unwrap();
        for role in Role::ALL {
            let visit = Visit::of(&app, role, 0).await;
            if may(Some(role), action) {
                continue;
            }
            let reply = app.send(visit.request(method.clone(), &concrete(route)).body(Body::empty()).unwrap()).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{method} {route} as {role:?}");
            refused += 1;
        }
        if !may(None, action) {
            let request = Request::builder().method(method.clone()).uri(concrete(route)).body(Body::empty()).unwrap();
            let reply = app.send(request).await;
            let expected = if route.starts_with("/uploads") {
                StatusCode::UNAUTHORIZED
            } else if method == Method::GET && !route.contains('{') {
                StatusCode::SEE_OTHER
            } else {
                StatusCode::NOT_FOUND
            };
            assert_eq!(reply.status, expected, "{method} {route} as a stranger");
            refused += 1;
        }
    }
    assert!(refused > 60, "the matrix was looked at: {refused}");
    assert!(ROUTES.iter().any(|(_, _, action)| *action == Action::ReviewHomework));
}

/// Where someone of the right role asks for what is not theirs, it does not exist.
#[tokio::test]
async fn clause_7_5_other_peoples_objects_do_not_exist() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let owner = Visit::of(&app, Role::Learner, 0).await;
    let home = owner.get("/home").await.body;
    let mut objects: Vec<String> = Vec::new();
    for (before, length) in [("/homework/", 36 + "/exercises/".len() + 36)] {
        for (at, _) in home.match_indices(before) {
            let path = &home[at..(at + before.len() + length).min(home.len())];
            if path.contains("/exercises/") {
                objects.push(path.to_owned());
            }
        }
    }
    let mut recordings = Vec::new();
    for path in objects.clone() {
        let page = owner.get(&path).await.body;
        for (at, _) in page.match_indices("/recordings/") {
            recordings.push(page[at..at + "/recordings/".len() + 36].to_owned());
        }
    }
    recordings.sort();
    recordings.dedup();
    assert!(!objects.is_empty() && !recordings.is_empty(), "there is something to look for");
    // The seventh learner is of the other class, and so are the last guardian's children.
    let strangers = [
        Visit::of(&app, Role::Learner, 6).await,
        Visit::of(&app, Role::Guardian, 4).await,
        Visit::of(&app, Role::CampusManager, 0).await,
    ];
    for stranger in &strangers {
        for path in &objects {
            assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in &recordings {
            for end in ["/audio", "/result"] {
                let path = format!("{path}{end}");
                assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            }
        }
        let family = stranger.get(&format!("/family/{}", owner.person)).await;
        assert_eq!(family.status, StatusCode::NOT_FOUND);
    }
    for path in &recordings {
        assert_eq!(owner.get(&format!("{path}/audio")).await.status, StatusCode::OK);
        let classmate = Visit::of(&app, Role::Learner, 1).await;
        assert_eq!(classmate.get(&format!("{path}/audio")).await.status, StatusCode::NOT_FOUND);
    }
}
