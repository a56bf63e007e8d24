//! Answers in JSON, with a tag by which a program sees that nothing has changed, and what is read of a request.

use axum::extract::{FromRequestParts, Path};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::problem::ApiError;
use crate::app::AppState;
use crate::error::AppError;

/// An answer, or 304 if the program has it already (RFC 9110, 13.1.2).
///
/// # Errors
/// If it cannot be written as JSON.
pub fn json<T: Serialize>(asked: &HeaderMap, body: &T) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(body).map_err(|error| AppError::Internal(error.to_string()))?;
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(&body))[..32]);
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let same = known.flat_map(|value| value.split(',')).any(|value| matches(value.trim(), &tag));
    let mut response = match same {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(CONTENT_TYPE, "application/json")], body).into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, value);
    }
    // It is somebody's: in no shared cache, and asked for anew each time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn matches(value: &str, tag: &str) -> bool {
    value == "*" || value.strip_prefix("W/").unwrap_or(value) == tag
}

/// What the address names. What is no id names nothing: 404.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let Path(named) = Path::from_request_parts(parts, app).await.map_err(|_| AppError::NotFound)?;
        Ok(Self(named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_sent_again() {
        let first = json(&HeaderMap::new(), &[1, 2]).unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[ETAG].clone();
        let again = |value: HeaderValue, body: &[u8]| {
            json(&HeaderMap::from_iter([(IF_NONE_MATCH, value)]), &body).unwrap().status()
        };
        assert_eq!(again(tag.clone(), &[1, 2]), StatusCode::NOT_MODIFIED);
        assert_eq!(again(tag.clone(), &[1, 3]), StatusCode::OK);
        let weak = format!("\"x\", W/{}", tag.to_str().unwrap());
        assert_eq!(again(HeaderValue::from_str(&weak).unwrap(), &[1, 2]), StatusCode::NOT_MODIFIED);
        assert_eq!(again(HeaderValue::from_static("*"), &[1, 2]), StatusCode::NOT_MODIFIED);
    }
}
