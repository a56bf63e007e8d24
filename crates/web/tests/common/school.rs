//! Visitors of the demo school.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, request};
use http_body_util::BodyExt;
use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use jiayin_store::Viewer;
use jiayin_store::sessions::Token;
use serde_json::Value;
use sqlx::Connection;
use tower::ServiceExt;

use super::{ENGLISH, Reply, TestApp};

/// Someone who is signed in.
pub struct Visit<'a> {
    pub app: &'a TestApp,
    pub person: PersonId,
    cookie: String,
}

/// The n-th person of a role, as the store knows a visitor.
pub async fn viewer(app: &TestApp, role: Role, number: usize) -> Viewer {
    let person = Visit::of(app, role, number).await;
    let token = Token::from_text(person.cookie().trim_start_matches("session=")).unwrap();
    app.state.store.viewer(&token).await.unwrap().unwrap()
}

impl<'a> Visit<'a> {
    /// The n-th person of a role.
    pub async fn of(app: &'a TestApp, role: Role, number: usize) -> Self {
        let accounts = app.state.store.demo_accounts(app.state.demo.unwrap()).await.unwrap().accounts;
        let person = accounts.iter().filter(|(other, _, _)| *other == role).nth(number).unwrap().1;
        let token = app.state.store.start_session(person).await.unwrap().unwrap();
        Self { app, person, cookie: format!("session={}", token.to_text()) }
    }

    /// Somebody whom the test has signed in itself.
    pub fn with_cookie(app: &'a TestApp, cookie: String) -> Self {
        Self { app, person: PersonId(uuid::Uuid::nil()), cookie }
    }

    /// The cookie by which they are known.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub fn request(&self, method: Method, path: &str) -> request::Builder {
        Request::builder().method(method).uri(path).header("cookie", &self.cookie).header("accept-language", ENGLISH)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.app.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// As our script asks.
    pub async fn part(&self, path: &str) -> Reply {
        self.app.send(self.request(Method::GET, path).header("x-partial", "1").body(Body::empty()).unwrap()).await
    }

    pub async fn ranged(&self, path: &str, range: &str) -> Reply {
        self.app.send(self.request(Method::GET, path).header("range", range).body(Body::empty()).unwrap()).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn post_form(&self, path: &str, body: &str) -> Reply {
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.app.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Sends a form with a picture, as browsers do; an empty one is a field in which no file was chosen.
    pub async fn post_picture(&self, path: &str, fields: &[(&str, &str)], picture: Option<&[u8]>) -> Reply {
        let name = if picture.is_some_and(<[u8]>::is_empty) { "" } else { "IMG_0042.jpg" };
        let file = picture.map(|picture| ("picture", name, "image/jpeg", picture));
        self.post_files(path, fields, file.as_slice()).await
    }

    /// Sends a form with files, as browsers do: each with the name of its field, its own, its media type and its bytes.
    pub async fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &str, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (name, file, mime, bytes) in files {
            let head = format!(
                "--edge\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\ncontent-type: {mime}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = self.request(Method::POST, path).header("content-type", "multipart/form-data; boundary=edge");
        self.app.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a piece of an upload.
    pub async fn piece(&self, upload: &str, offset: usize, bytes: &[u8]) -> Reply {
        let request = self.request(Method::PATCH, &format!("/uploads/{upload}")).header("upload-offset", offset);
        self.app.send(request.body(Body::from(bytes.to_vec())).unwrap()).await
    }
}

/// Somebody without an account fills in a form.
pub async fn stranger_posts(app: &TestApp, path: &str, body: &str) -> Reply {
    let request = Request::builder().method(Method::POST).uri(path).header("accept-language", ENGLISH);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// A file, fetched whole.
pub async fn fetched(visit: &Visit<'_>, path: &str) -> Vec<u8> {
    let request = visit.request(Method::GET, path).body(Body::empty()).unwrap();
    let response = visit.app.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

/// Number of rows in every table of the school's data, as the database file says.
pub async fn rows(app: &TestApp) -> Vec<(String, i64)> {
    let url = format!("sqlite:{}", app.state.config.data_dir.join("jiayin.sqlite").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let mut counts = Vec::new();
    for (table, _) in jiayin_store::schema(&url).await.unwrap() {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counts.push((table, sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap()));
    }
    counts
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
