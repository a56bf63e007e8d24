//! The privacy policy: what it says, its versions, and the officer who keeps it.

pub mod changes;
pub mod children;
pub mod contact;
pub mod cookies;
pub mod document;
pub mod frame;
pub mod leaving;
pub mod markdown;
pub mod officer;
pub mod page;
pub mod tables;
pub mod versions;

mod difference;

use jiayin_store::Store;

use crate::config::Config;
use crate::locale::{Catalogs, Locale};

/// Makes the first version of the policy if there is none.
///
/// # Errors
/// A line for the operator.
pub async fn first(store: &Store, config: &Config) -> Result<(), String> {
    if store.current_policy().await.is_ok() {
        return Ok(());
    }
    let problem = |error: &dyn std::fmt::Display| format!("the first privacy policy cannot be made: {error}");
    let catalogs = Catalogs::load().map_err(|error| problem(&error))?;
    let texts =
        document::built_in(&catalogs, &config.operator, config.policy_notice_days).map_err(|error| problem(&error))?;
    store.ensure_first_policy(&texts).await.map_err(|error| problem(&error))?;
    Ok(())
}

/// The text in the visitor's language.
fn pick(locale: Locale, zh: String, en: String) -> String {
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}
