//! `jiayin admin found`: the first step of a real school. It prints two invitations; whoever uses them reads the policy and
//! agrees like everybody else.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use jiayin_domain::role::Role;

use crate::config::Config;
use crate::providers::{Clock, Entropy};
use crate::storage;

/// What the school is called.
#[derive(Args)]
pub struct FoundArgs {
    /// Name of the school.
    #[arg(long, value_name = "NAME")]
    school: String,
    /// Name of its first campus.
    #[arg(long, value_name = "NAME")]
    campus: String,
}

/// Founds the school, and prints where its campus manager and its privacy officer join.
///
/// # Errors
/// A line for the operator.
pub(super) async fn run(
    config: &Config,
    args: FoundArgs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<(), String> {
    let (school, campus) = (args.school.trim(), args.campus.trim());
    if school.is_empty() || campus.is_empty() {
        return Err("`--school` and `--campus` need a name each".to_owned());
    }
    let store = storage::open(config, clock, entropy).await?;
    let known = store.first_school().await.map_err(|error| error.to_string())?;
    if known.is_some() {
        return Err("there is a school already; its campus manager invites everybody else".to_owned());
    }
    let tickets = store.found(school, campus).await.map_err(|error| format!("it could not be founded: {error}"))?;
    let site = config.public_url.trim_end_matches('/');
    let mut out = std::io::stdout();
    for (role, ticket) in &tickets {
        let who = match role {
            Role::PrivacyOfficer => "privacy officer",
            _ => "campus manager",
        };
        writeln!(out, "{who}: {site}/join/{}", ticket.to_text()).map_err(|error| error.to_string())?;
    }
    writeln!(out, "Each is good once, for 14 days. They are not kept anywhere: pass them on now.")
        .map_err(|error| error.to_string())
}
