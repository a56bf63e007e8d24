//! Style sheet, scripts and icons: embedded, named by their content, so that a browser may keep them for ever.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::app::AppState;
use crate::error::AppError;

#[derive(RustEmbed)]
#[folder = "static/dist"]
struct Dist;

/// The list of assets: plain name → name with content hash.
pub struct Assets {
    names: BTreeMap<String, String>,
}

impl Assets {
    /// Reads the list that the asset build left.
    ///
    /// # Errors
    /// If the list is missing or broken, which is a fault of the build.
    pub fn load() -> Result<Self, String> {
        let manifest = Dist::get("manifest.json").ok_or("the assets have no manifest.json")?;
        let names = serde_json::from_slice(&manifest.data).map_err(|error| format!("manifest.json: {error}"))?;
        Ok(Self { names })
    }

    /// The address of an asset by its plain name (`app.css`).
    pub fn url(&self, name: &str) -> String {
        match self.names.get(name) {
            Some(hashed) => format!("/static/{hashed}"),
            None => {
                tracing::error!(name, "an asset is missing");
                format!("/static/{name}")
            }
        }
    }

    /// The bytes of an asset by its plain name.
    pub fn bytes(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        Dist::get(self.names.get(name)?).map(|file| file.data)
    }

    /// Bytes that a page with these assets loads, compressed as a browser gets them.
    pub fn compressed_len(&self, names: &[&str]) -> usize {
        let len = |name: &str| {
            let hashed = self.names.get(name)?;
            Dist::get(&format!("{hashed}.br")).or_else(|| Dist::get(hashed)).map(|file| file.data.len())
        };
        names.iter().filter_map(|name| len(name)).sum()
    }
}

/// `GET /static/{name}`.
pub async fn get(State(_): State<AppState>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(kind) = content_type(&name) else { return AppError::NotFound.into_response() };
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(accepted, encoding)
            && let Some(file) = Dist::get(&format!("{name}{suffix}"))
        {
            return answer(file.data, kind, Some(encoding));
        }
    }
    match Dist::get(&name) {
        Some(file) => answer(file.data, kind, None),
        None => AppError::NotFound.into_response(),
    }
}

fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let mut parts = part.split(';');
        parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case(encoding))
            && !parts.any(|parameter| matches!(parameter.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

fn answer(data: Cow<'static, [u8]>, kind: &'static str, encoding: Option<&'static str>) -> Response {
    let mut response = Response::new(Body::from(data.into_owned()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_read_as_written() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("BR;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("", "gzip"));
    }
}
