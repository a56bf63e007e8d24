//! `GET /leaving?to=…`: whose site a link leads to, and whose policy holds there (clause 1.3). Only registered sites are
//! linked to; this is no open redirect, and no redirect at all.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Deserialize;
use url::Url;

use super::frame::affiliate;
use crate::app::AppState;
use crate::config::Config;
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "policy/leaving.html")]
pub struct LeavingPage {
    /// Frame.
    pub layout: Layout,
    /// Whose site it is.
    pub name: String,
    /// Where the link leads.
    pub to: String,
    /// Address of their privacy policy.
    pub policy_url: String,
}

/// What the address carries.
#[derive(Deserialize)]
pub struct Target {
    to: Option<String>,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] for a site that is not registered, [`AppError::BadRequest`] without a target.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(target): Query<Target>,
) -> Result<Html<String>, AppError> {
    let to = target.to.ok_or(AppError::BadRequest("leaving without a target"))?;
    let own = affiliate(&app.config, &headers);
    let (name, to, policy_url) = registered(&app.config, own, &to).ok_or(AppError::NotFound)?;
    html(&LeavingPage { layout: Layout::new(&visitor, &app), name, to, policy_url })
}

/// The registered party of an address, the address as browsers will read it, and the party's policy.
fn registered(config: &Config, affiliate: Option<&str>, to: &str) -> Option<(String, String, String)> {
    let url = Url::parse(to).ok().filter(|url| url.scheme() == "https" && url.username().is_empty())?;
    let host = url.host_str()?;
    if let Some(own) = affiliate
        && Url::parse(own).ok()? == url
    {
        return Some((host.to_owned(), url.to_string(), url.to_string()));
    }
    let party = config.third_parties.iter().find(|party| party.host.eq_ignore_ascii_case(host))?;
    Some((party.name.clone(), url.to_string(), party.policy_url.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ThirdParty;

    #[test]
    fn only_the_very_host_is_registered() {
        let party = ThirdParty {
            name: "A library".to_owned(),
            host: "books.example".to_owned(),
            policy_url: "https://books.example/privacy".to_owned(),
        };
        let config = Config { third_parties: vec![party], ..Config::default() };
        let to = |to: &str| registered(&config, None, to).map(|(_, to, _)| to);
        assert_eq!(to("https://Books.example/a?b=1").as_deref(), Some("https://books.example/a?b=1"));
        for other in [
            "http://books.example",
            "https://books.example.evil.example",
            "https://books.example@evil.example",
            "https://evil.example/books.example",
            "https://name@books.example",
            "javascript:alert(1)//books.example",
            "//books.example",
            "books.example",
            "https://evil.example\\@books.example",
        ] {
            assert_eq!(to(other), None, "{other}");
        }
        let own = Some("https://sister.example/privacy");
        assert!(registered(&config, own, "https://sister.example/privacy").is_some());
        assert!(registered(&config, own, "https://sister.example/other").is_none());
    }
}
