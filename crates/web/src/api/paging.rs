//! Lists a page at a time. A cursor says after which row the next page begins; it is sealed for its list and its person, so
//! that it can be passed on and not made up.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri};
use jiayin_domain::id::PersonId;
use jiayin_store::registers::Page;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::door::Caller;
use super::problem::{ApiError, Code};
use crate::app::AppState;
use crate::error::AppError;

/// Rows of a page, if the program does not say.
const USUAL: u16 = 50;
/// Most rows of a page.
const MOST: u16 = 100;
/// What a cursor is sealed as.
const KIND: &str = "api cursor";

/// Which page of a list, as the document describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Most rows of the page.
    #[param(required = false, minimum = 1, maximum = 100, default = 50, example = 50)]
    pub limit: u16,
    /// Where the page begins: from the `next` of the page before, and for the same list alone.
    #[param(required = false, max_length = 400)]
    pub cursor: String,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    /// The rows.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
    /// Address of the next page; `null` at the end.
    #[schema(format = "uri-reference", example = "/api/v1/classes?limit=50&cursor=01ab")]
    pub next: Option<String>,
}

/// What the address of a list says. Each list reads its own filters with [`Asked::take`]; what is left then is none.
pub struct Asked {
    path: String,
    person: PersonId,
    limit: u16,
    cursor: Option<String>,
    others: Vec<(String, String)>,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Self::read(&parts.uri, caller.viewer().person)
    }
}

impl Asked {
    fn read(uri: &Uri, person: PersonId) -> Result<Self, ApiError> {
        let mut asked = Self { path: uri.path().to_owned(), person, limit: USUAL, cursor: None, others: Vec::new() };
        let (mut limits, mut cursors) = (0, 0);
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "limit" => {
                    limits += 1;
                    let number = value.parse().ok().filter(|number| (1..=MOST).contains(number) && limits == 1);
                    asked.limit = number.ok_or(ApiError::Parameter("limit"))?;
                }
                "cursor" => {
                    cursors += 1;
                    asked.cursor = Some(value.into_owned()).filter(|_| cursors == 1);
                }
                _ => asked.others.push((name.into_owned(), value.into_owned())),
            }
        }
        match cursors {
            0 | 1 => Ok(asked),
            _ => Err(ApiError::Code(Code::Cursor)),
        }
    }

    /// An id by which the list is narrowed.
    ///
    /// # Errors
    /// If it is no id.
    pub fn take(&mut self, name: &'static str) -> Result<Option<Uuid>, ApiError> {
        let Some(place) = self.others.iter().position(|(other, _)| other == name) else { return Ok(None) };
        let (_, value) = self.others.remove(place);
        value.parse().map(Some).map_err(|_| ApiError::Parameter(name))
    }

    /// The page of the list; filters are part of what the cursor is for.
    ///
    /// # Errors
    /// If the cursor was not made here, for this list and this person, or a parameter is left that the list does not know.
    pub fn page(&self, app: &AppState, filter: Option<Uuid>) -> Result<Page, ApiError> {
        if !self.others.is_empty() {
            return Err(ApiError::Code(Code::BadRequest));
        }
        let after = match &self.cursor {
            Some(cursor) => Some(self.opened(app, filter, cursor).ok_or(ApiError::Code(Code::Cursor))?),
            None => None,
        };
        Ok(Page { after, most: u64::from(self.limit) })
    }

    fn opened(&self, app: &AppState, filter: Option<Uuid>, cursor: &str) -> Option<Uuid> {
        let sealed = hex::decode(cursor).ok()?;
        let plain = app.store.tokens().open(KIND, &sealed).ok()?;
        let (place, after) = plain.split_last_chunk::<16>()?;
        (place == self.place(filter)).then(|| Uuid::from_bytes(*after))
    }

    /// What the cursor belongs to: the person, the filter, the list.
    fn place(&self, filter: Option<Uuid>) -> Vec<u8> {
        let filter = filter.unwrap_or(Uuid::nil());
        [self.person.0.as_bytes().as_slice(), filter.as_bytes(), self.path.as_bytes()].concat()
    }

    /// The address of the page after this row.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn link(
        &self,
        app: &AppState,
        filter: Option<(&str, Uuid)>,
        next: Option<Uuid>,
    ) -> Result<Option<String>, ApiError> {
        let Some(next) = next else { return Ok(None) };
        let mut plain = self.place(filter.map(|(_, id)| id));
        plain.extend_from_slice(next.as_bytes());
        let sealed = app.store.tokens().seal(KIND, &plain, &*app.entropy);
        let sealed = sealed.map_err(|error| AppError::Internal(error.to_string()))?;
        let narrowed = filter.map(|(name, id)| format!("&{name}={id}")).unwrap_or_default();
        Ok(Some(format!("{}?limit={}{narrowed}&cursor={}", self.path, self.limit, hex::encode(sealed))))
    }
}

/// The header `Location`.
///
/// # Errors
/// If the address is no header value, which ours always is.
pub fn location(path: &str) -> Result<HeaderValue, ApiError> {
    HeaderValue::from_str(path).map_err(|error| AppError::Internal(error.to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Asked, ApiError> {
        let uri: Uri = format!("/api/v1/classes?{query}").parse().unwrap();
        Asked::read(&uri, PersonId(Uuid::nil()))
    }

    #[test]
    fn the_number_of_rows_is_bounded() {
        assert_eq!(read("").unwrap().limit, USUAL);
        assert_eq!(read("limit=100").unwrap().limit, 100);
        for wrong in ["limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit=5&limit=6", "cursor=a&cursor=b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_filter_is_an_id() {
        let id = Uuid::from_u128(7);
        assert_eq!(read(&format!("class={id}")).unwrap().take("class").unwrap(), Some(id));
        assert_eq!(read("").unwrap().take("class").unwrap(), None);
        assert!(read("class=x").unwrap().take("class").is_err());
    }
}
