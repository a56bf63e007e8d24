//! `GET /api/v1/openapi.json`: the interface as OpenAPI 3.1 describes it, made of the types and handlers themselves. What all
//! operations have in common, how to prove who one is and what may go wrong, is added here from the lists that the door reads.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::answer;
use super::problem::{ApiError, Code, MEDIA_TYPE, Problem};
use super::types::{Id, Moment};
use super::{family, homework, me, results, rights, roster, scope_of, sending};
use crate::app::AppState;
use crate::error::AppError;

/// The version of the interface, apart from the program's: it changes when the interface does.
const VERSION: &str = "1.0.0";

/// What is said of the whole.
const ABOUT: &str = "What programs may do for the people who gave them a token. A token is made on the page \
/profile/tokens, acts as its person, is narrowed by its scopes, and ends by itself. Errors are application/problem+json \
(RFC 9457) with a code that stays. Lists come a page at a time: follow `next`. What a person may not see does not exist (404). \
Deleting data, restricting its use and closing an account are done on the pages, which say before what will be gone.";

#[derive(OpenApi)]
#[openapi(
    paths(
        me::get,
        roster::classes,
        roster::members,
        homework::list,
        homework::get,
        sending::post,
        family::children,
        results::get,
        results::audio,
        rights::copies,
        rights::ask,
        rights::copy,
        rights::file,
        rights::name,
        get,
    ),
    components(schemas(Id, Moment, Problem)),
    tags(
        (name = "account", description = "Who the program acts as"),
        (name = "homework", description = "The learner's loop: what is to be done, and sending a recording of it"),
        (name = "results", description = "What the ear heard, and what the teacher said"),
        (name = "family", description = "A guardian's children"),
        (name = "roster", description = "Classes, and who is in them"),
        (name = "rights", description = "One's own data"),
        (name = "document", description = "This document"),
    )
)]
struct Described;

/// This document
///
/// Needs no token.
///
/// # Errors
/// If it cannot be written.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "getDocument", tag = "document", responses(
    (status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"),
))]
pub async fn get(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let mut response = answer::json(&headers, &document(&app.config.public_url)?)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// The document of a server with this address.
///
/// # Errors
/// If it cannot be written.
pub fn document(site: &str) -> Result<Value, AppError> {
    let described = serde_json::to_value(Described::openapi());
    let mut document = described.map_err(|error| AppError::Internal(error.to_string()))?;
    document["info"] = json!({ "title": "Jiayin", "version": VERSION, "description": ABOUT });
    document["servers"] = json!([{ "url": site.trim_end_matches('/') }]);
    document["components"]["securitySchemes"] = json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "jiayin_ and 64 hexadecimal digits",
            "description": "A token of the page /profile/tokens. The names beside it are the scopes that it needs.",
        }
    });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                complete(&method.to_uppercase(), path, operation);
            }
        }
    }
    Ok(document)
}

/// Adds what all operations have in common.
fn complete(method: &str, path: &str, operation: &mut Map<String, Value>) {
    let is_public = path.ends_with("/openapi.json");
    let scopes: Vec<&str> = scope_of(method, path).map(|scope| scope.tag()).into_iter().collect();
    operation.insert("security".to_owned(), if is_public { json!([]) } else { json!([{ "token": scopes }]) });
    // What follows is for those who read the code.
    if let Some(Value::String(about)) = operation.get_mut("description") {
        let told = about.split("# Errors").next().unwrap_or_default().trim().to_owned();
        *about = told;
    }
    let has = |name: &str| operation.contains_key(name);
    let query = operation.get("parameters").is_some_and(|parameters| {
        parameters.as_array().is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "query"))
    });
    let mut wrong = Vec::new();
    if !is_public {
        wrong.extend([Code::TokenInvalid, Code::NotFound, Code::Scope, Code::Limited, Code::Busy]);
    }
    if query {
        wrong.push(Code::BadRequest);
    }
    if has("requestBody") {
        wrong.extend([Code::BadRequest, Code::TooLarge, Code::MediaType, Code::Body]);
    }
    if path.ends_with("/recordings") {
        wrong.extend([Code::InProgress, Code::Gone, Code::Timeout, Code::Full]);
    }
    if method == "GET" && !path.ends_with("/audio") && !path.ends_with("/file") {
        add(
            operation,
            StatusCode::NOT_MODIFIED,
            json!({ "description": "The program has it already (`If-None-Match`)" }),
        );
    }
    if path.ends_with("/audio") || path.ends_with("/file") {
        wrong.push(Code::Range);
    }
    for code in wrong {
        add(operation, code.status(), problem(code));
    }
}

fn add(operation: &mut Map<String, Value>, status: StatusCode, response: Value) {
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        responses.entry(status.as_str()).or_insert(response);
    }
}

/// A problem as a response; its codes are those that have its status.
fn problem(of: Code) -> Value {
    let codes = Code::ALL.iter().filter(|code| code.status() == of.status());
    let codes: Vec<String> = codes.map(|code| format!("`{}`", code.tag())).collect();
    let mut response = json!({
        "description": codes.join(", "),
        "content": { MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let header = |about: &str, kind: &str| json!({ "description": about, "schema": { "type": kind } });
    match of.status() {
        StatusCode::UNAUTHORIZED => {
            response["headers"]["WWW-Authenticate"] = header("`Bearer …`, as RFC 6750 has it", "string");
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            response["headers"]["Retry-After"] = header("Seconds to wait", "integer");
        }
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::{BASE, SCOPES};
    use crate::routes::ROUTES;

    fn described() -> BTreeSet<(String, String)> {
        let document = document("https://school.example/").unwrap();
        let paths = document["paths"].as_object().unwrap();
        let methods = |(path, operations): (&String, &Value)| -> Vec<(String, String)> {
            operations.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())).collect()
        };
        paths.iter().flat_map(methods).collect()
    }

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let below = ROUTES.iter().filter(|(_, path, _)| path.starts_with(BASE));
        let routes: BTreeSet<_> = below.map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
        assert_eq!(described(), routes);
        assert!(routes.len() > 10);
        for (method, path, _) in SCOPES {
            assert!(routes.contains(&((*method).to_owned(), (*path).to_owned())), "{method} {path} has a scope");
        }
    }

    #[test]
    fn every_operation_says_who_may_and_what_may_go_wrong() {
        let document = document("https://school.example/").unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], "https://school.example");
        for (method, path) in described() {
            let operation = &document["paths"][&path][method.to_lowercase()];
            for field in ["operationId", "summary", "tags"] {
                assert!(!operation[field].is_null(), "{method} {path} has no {field}");
            }
            let about = operation["description"].as_str().unwrap_or_default();
            assert!(!about.contains("# Errors") && !about.contains("ApiError"), "{method} {path}: {about}");
            if path.ends_with("openapi.json") {
                continue;
            }
            let scopes = operation["security"][0]["token"].as_array().unwrap();
            let expected: Vec<&str> = scope_of(&method, &path).map(|scope| scope.tag()).into_iter().collect();
            assert_eq!(scopes, &expected, "{method} {path}");
            for status in ["401", "403", "404", "429"] {
                let content = &operation["responses"][status]["content"];
                assert!(content[MEDIA_TYPE].is_object(), "{method} {path} {status}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document("https://school.example/").unwrap();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut seen = 0;
        for (at, lead) in text.match_indices("#/components/schemas/") {
            let name: String = text[at + lead.len()..].chars().take_while(|letter| *letter != '"').collect();
            assert!(schemas.contains_key(&name), "{name}");
            seen += 1;
        }
        assert!(seen > 20);
    }
}
