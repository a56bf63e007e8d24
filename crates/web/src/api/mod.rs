//! The public interface, `/api/v1`: what programs may do for the people who gave them a token (docs/adr/0019).
//!
//! A token acts as its person: the same matrix, the same questions to the store, the same entries in the audit log; its scopes
//! narrow that further. No cookie is looked at here, and no token anywhere else. Types of the answers stand beside the
//! operation that gives them; [`document`] makes the OpenAPI description of them.

pub mod answer;
pub mod document;
pub mod evaluation;
pub mod family;
pub mod homework;
pub mod me;
pub mod paging;
pub mod problem;
pub mod reference;
pub mod results;
pub mod rights;
pub mod roster;
pub mod sending;
pub mod types;

pub(crate) mod door;

use jiayin_domain::token::TokenScope;

/// Where everything of the interface lies.
pub const BASE: &str = "/api/v1";

/// What a token must allow for an operation; an operation that is not listed takes any token.
pub const SCOPES: &[(&str, &str, TokenScope)] = &[
    ("GET", "/api/v1/classes", TokenScope::RosterRead),
    ("GET", "/api/v1/classes/{class}/members", TokenScope::RosterRead),
    ("GET", "/api/v1/assignments", TokenScope::HomeworkRead),
    ("GET", "/api/v1/assignments/{assignment}", TokenScope::HomeworkRead),
    ("POST", "/api/v1/assignments/{assignment}/exercises/{exercise}/recordings", TokenScope::HomeworkWrite),
    ("GET", "/api/v1/children", TokenScope::HomeworkRead),
    ("GET", "/api/v1/recordings/{recording}/result", TokenScope::ResultsRead),
    ("GET", "/api/v1/recordings/{recording}/audio", TokenScope::ResultsRead),
    ("GET", "/api/v1/rights/copies", TokenScope::RightsRead),
    ("POST", "/api/v1/rights/copies", TokenScope::RightsWrite),
    ("GET", "/api/v1/rights/copies/{copy}", TokenScope::RightsRead),
    ("GET", "/api/v1/rights/copies/{copy}/file", TokenScope::RightsRead),
    ("PUT", "/api/v1/rights/name", TokenScope::RightsWrite),
];

/// What a token must allow for this.
pub fn scope_of(method: &str, path: &str) -> Option<TokenScope> {
    SCOPES.iter().find(|(listed, route, _)| *listed == method && *route == path).map(|(_, _, scope)| *scope)
}

/// Whether an address belongs to the interface, there or not: its errors are told to programs.
pub fn is_below(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_no_part_of_the_interface() {
        assert!(is_below("/api/v1/me") && is_below("/api/v2") && is_below("/api/"));
        assert!(!is_below("/api") && !is_below("/apiary") && !is_below("/"));
    }
}
