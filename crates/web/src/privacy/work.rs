//! What workers do for people's rights: make copies, erase, delete what has expired.

use jiayin_store::StoreError;
use jiayin_store::jobs::Leased;
use jiayin_store::rights::Controller;
use jiff::Timestamp;

use crate::app::AppState;
use crate::config::Config;

/// Who answers for the data.
pub(crate) fn controller(config: &Config) -> Controller {
    let operator = &config.operator;
    Controller {
        name: operator.legal_name.clone(),
        phone: operator.phone.clone(),
        email: operator.officer_mailbox.clone(),
    }
}

/// Makes a copy.
pub(crate) async fn copy(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    told(app.store.make_copy(leased, &controller(&app.config)).await, "a copy could not be made")
}

/// Erases a person.
pub(crate) async fn erase(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    told(app.store.erase_for(leased).await, "an erasure broke off")
}

/// Deletes what has expired.
pub(crate) async fn sweep(app: &AppState, leased: &Leased, next: Timestamp) -> Result<(), &'static str> {
    let swept = app.store.sweep_for(leased, next).await;
    told(swept.map(|_| ()), "a sweep broke off")?;
    // Nothing depends on it tonight; it is told so that somebody looks.
    match app.store.check_log(None).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) => tracing::error!("the audit log is not as it was written: run jiayin privacy check"),
        Err(error) => tracing::error!(%error, "the audit log could not be checked"),
    }
    Ok(())
}

fn told(done: Result<(), StoreError>, reason: &'static str) -> Result<(), &'static str> {
    done.map_err(|error| {
        tracing::error!(%error, reason, "a right could not be served");
        reason
    })
}
