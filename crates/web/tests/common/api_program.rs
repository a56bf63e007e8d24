//! A program with a token, as it calls the interface; the token is made on the page, as people make them.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, request};
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use serde_json::Value;

use super::school::Visit;
use super::{Reply, TestApp};

/// A program with a token.
pub struct Program<'a> {
    pub app: &'a TestApp,
    pub token: String,
}

impl<'a> Program<'a> {
    /// With a token of the n-th person of a role, made on the page as people make them.
    pub async fn of(app: &'a TestApp, role: Role, number: usize, scopes: &[TokenScope]) -> Self {
        let visit = Visit::of(app, role, number).await;
        Self { app, token: made(&visit, "", scopes).await }
    }

    /// With a token that acts as the first learner, made by the guardian.
    pub async fn of_child(app: &'a TestApp, scopes: &[TokenScope]) -> Self {
        let child = Visit::of(app, Role::Learner, 0).await.person;
        let guardian = Visit::of(app, Role::Guardian, 0).await;
        Self { app, token: made(&guardian, &child.to_string(), scopes).await }
    }

    pub fn request(&self, method: Method, path: &str) -> request::Builder {
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.app.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub async fn json(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
        reply.json()
    }

    pub async fn sends(&self, method: &str, path: &str, body: &str) -> Reply {
        let request = self.request(method.parse().unwrap(), path).header("content-type", "application/json");
        self.app.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn records(&self, path: &str, key: &str, sound: &[u8]) -> Reply {
        let request = self.request(Method::POST, path).header("content-type", "audio/wav");
        let request = request.header("content-length", sound.len()).header("idempotency-key", key);
        self.app.send(request.body(Body::from(sound.to_vec())).unwrap()).await
    }
}

/// Fills in the form of the page; the answer.
pub async fn fills_in(visit: &Visit<'_>, person: &str, scopes: &[TokenScope], password: &str) -> Reply {
    let ticked: String = scopes.iter().map(|scope| format!("&scope={}", scope.tag().replace(':', "%3A"))).collect();
    let form = format!("name=My+program&for={person}&days=30&password={password}{ticked}");
    visit.post_form("/profile/tokens", &form).await
}

/// Makes a token on the page, and reads it there.
pub async fn made(visit: &Visit<'_>, person: &str, scopes: &[TokenScope]) -> String {
    let page = fills_in(visit, person, scopes, PASSWORD).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let at = page.body.find("jiayin_").expect("the token is shown");
    page.body[at..at + 7 + 64].to_owned()
}

/// The word of a problem.
pub fn code(reply: &Reply) -> String {
    assert_eq!(reply.header("content-type"), "application/problem+json", "{}", reply.body);
    let problem = reply.json();
    assert_eq!(problem["status"], reply.status.as_u16());
    problem["code"].as_str().unwrap().to_owned()
}
