//! Whether it is still they who sit there: the password and, where there is one, the second step are asked for once more
//! before anything is made that gets others in.

use axum::http::StatusCode;
use jiayin_store::Viewer;

use super::new_password::LONGEST;
use super::password::{OldPasswordError, TRIES};
use super::second_step::{StepError, shown};
use crate::app::AppState;
use crate::error::AppError;
use crate::limits;
use crate::locale::Localizer;

/// Why it may be somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The password.
    Password(OldPasswordError),
    /// The code of the second step.
    Step(StepError),
}

impl Doubt {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Password(error) => error.message(l),
            Self::Step(error) => error.message(l),
        }
    }

    /// The status of the page that says so.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Password(OldPasswordError::TooMany { .. }) | Self::Step(StepError::TooMany { .. }) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// Why it may be somebody else who sits there; `None` if the password, and the second step where there is one, say it is they.
pub(super) async fn doubt(
    app: &AppState,
    viewer: &Viewer,
    password: String,
    code: &str,
) -> Result<Option<Doubt>, AppError> {
    let key = app.store.tokens().digest("old password", &[viewer.person.0.as_bytes()]);
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &[(TRIES, key)]) {
        let minutes = limits::minutes(wait);
        return Ok(Some(Doubt::Password(OldPasswordError::TooMany { minutes })));
    }
    if password.len() > LONGEST || !app.store.own_password_fits(viewer, password).await? {
        return Ok(Some(Doubt::Password(OldPasswordError::Wrong)));
    }
    app.limits.give_back(&[(TRIES, key)]);
    Ok(shown(app, viewer.person, code).await?.err().map(Doubt::Step))
}
