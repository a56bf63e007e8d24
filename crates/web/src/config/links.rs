//! Other hosts that are ours, and sites of others to which pages may link.

use serde::{Deserialize, Serialize};

use super::{Config, ConfigError, range};

/// A site of others to which our pages may link; what it does with data, its own policy says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdParty {
    /// Whose site it is.
    pub name: String,
    /// Its host, as in an address: `www.example.com`.
    pub host: String,
    /// Address of its privacy policy.
    pub policy_url: String,
}

impl Config {
    /// Whether every host and site has what its visitors are told.
    pub(super) fn check_links(&self) -> Result<(), ConfigError> {
        let web = |url: &str| url.starts_with("https://");
        range(
            self.affiliates.iter().all(|(host, url)| !host.is_empty() && (url.is_empty() || web(url))),
            "affiliates",
            "hosts, each with an https:// address or an empty text",
        )?;
        let whole = |party: &ThirdParty| !party.name.is_empty() && !party.host.is_empty() && web(&party.policy_url);
        range(
            self.third_parties.iter().all(whole),
            "third_parties",
            "entries with a name, a host and a policy_url that starts with https://",
        )
    }
}
