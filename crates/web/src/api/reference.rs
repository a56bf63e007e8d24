//! `GET /api`: the interface for people, made of its own document.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use serde_json::Value;

use super::document::document;
use super::problem::Code;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::visitor::{Layout, SignedIn, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "api/reference.html")]
pub struct ReferencePage {
    /// Frame.
    pub layout: Layout,
    /// Whether who looks may make tokens.
    pub may_keep: bool,
    /// Requests that a token may make in a minute.
    pub per_minute: u32,
    /// The operations.
    pub operations: Vec<OperationView>,
    /// What may be wrong.
    pub problems: Vec<ProblemView>,
}

/// An operation.
pub struct OperationView {
    /// Its name in the document, and its anchor.
    pub id: String,
    /// `GET`.
    pub method: String,
    /// Its path with the names of what changes in it.
    pub path: String,
    /// What it is, in English.
    pub summary: String,
    /// More of it, in English.
    pub description: String,
    /// The scope that it needs; empty if any token will do, or none is needed.
    pub scope: String,
    /// What it takes: name, where it stands, what it is.
    pub parameters: Vec<(String, String, String)>,
    /// Media types of what it takes.
    pub takes: Vec<String>,
    /// How it ends when all is well: status, what that means.
    pub answers: Vec<(String, String)>,
    /// The statuses of what may be wrong.
    pub wrong: Vec<String>,
    /// How to call it with curl.
    pub curl: String,
}

/// What may be wrong.
pub struct ProblemView {
    /// The word.
    pub code: &'static str,
    /// The status.
    pub status: u16,
    /// What it means.
    pub title: String,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Html<String>, AppError> {
    html(&page(&app, Layout::new(&visitor, &app))?)
}

/// The page in a visitor's frame.
///
/// # Errors
/// If the document cannot be written.
pub fn page(app: &AppState, layout: Layout) -> Result<ReferencePage, AppError> {
    let site = app.config.public_url.trim_end_matches('/');
    let document = document(site)?;
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push(operation_view(site, &method.to_uppercase(), path, operation));
        }
    }
    let problem = |code: &Code| ProblemView {
        code: code.tag(),
        status: code.status().as_u16(),
        title: layout.l.t(&format!("problem-{}", code.tag())),
    };
    Ok(ReferencePage {
        may_keep: layout.person.as_ref().is_some_and(SignedIn::may_keep_tokens),
        per_minute: app.config.api_requests_per_minute,
        operations,
        problems: Code::ALL.iter().map(problem).collect(),
        layout,
    })
}

fn operation_view(site: &str, method: &str, path: &str, operation: &Value) -> OperationView {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters: Vec<(String, String, String)> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (text(&one["name"]), text(&one["in"]), text(&one["description"])))
        .collect();
    let takes: Vec<String> =
        operation["requestBody"]["content"].as_object().into_iter().flatten().map(|(kind, _)| kind.clone()).collect();
    let responses = operation["responses"].as_object().into_iter().flatten();
    let (well, wrong): (Vec<_>, Vec<_>) = responses.partition(|(status, _)| status.as_str() < "400");
    let is_public = operation["security"].as_array().is_some_and(Vec::is_empty);
    OperationView {
        id: text(&operation["operationId"]),
        curl: curl(site, method, path, is_public, &takes),
        method: method.to_owned(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        scope: text(&operation["security"][0]["token"][0]),
        parameters,
        takes,
        answers: well.into_iter().map(|(status, answer)| (status.clone(), text(&answer["description"]))).collect(),
        wrong: wrong.into_iter().map(|(status, _)| status.clone()).collect(),
    }
}

/// A line for the shell. What is to be filled in stands in capital letters.
fn curl(site: &str, method: &str, path: &str, is_public: bool, takes: &[String]) -> String {
    let path: Vec<String> = path
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => name.to_uppercase(),
            None => part.to_owned(),
        })
        .collect();
    let mut line = "curl".to_owned();
    if method != "GET" {
        line.push_str(&format!(" -X {method}"));
    }
    if !is_public {
        line.push_str(" -H \"Authorization: Bearer $TOKEN\"");
    }
    match takes.first().map(String::as_str) {
        Some("application/json") => line.push_str(" --json '{\"name\":\"NAME\"}'"),
        Some(_) => {
            line.push_str(" -H \"Idempotency-Key: $(uuidgen)\" -H \"Content-Type: audio/wav\" --data-binary @FILE.wav");
        }
        None => {}
    }
    format!("{line} {site}{}", path.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_the_shell_has_all_that_is_needed() {
        let line = curl("https://a.example", "GET", "/api/v1/classes/{class}/members", false, &[]);
        assert_eq!(line, "curl -H \"Authorization: Bearer $TOKEN\" https://a.example/api/v1/classes/CLASS/members");
        let public = curl("https://a.example", "GET", "/api/v1/openapi.json", true, &[]);
        assert_eq!(public, "curl https://a.example/api/v1/openapi.json");
    }
}
