//! What workers do for people's rights: make copies, erase.

use jiayin_store::StoreError;
use jiayin_store::jobs::Leased;
use jiayin_store::rights::Controller;

use crate::app::AppState;
use crate::config::Config;

/// Who answers for the data. The configuration names nobody yet, and the copy then leaves it out.
pub(crate) fn controller(_: &Config) -> Controller {
    Controller::default()
}

/// Makes a copy.
pub(crate) async fn copy(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    told(app.store.make_copy(leased, &controller(&app.config)).await, "a copy could not be made")
}

/// Erases a person.
pub(crate) async fn erase(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    told(app.store.erase_for(leased).await, "an erasure broke off")
}

fn told(done: Result<(), StoreError>, reason: &'static str) -> Result<(), &'static str> {
    done.map_err(|error| {
        tracing::error!(%error, reason, "a right could not be served");
        reason
    })
}
