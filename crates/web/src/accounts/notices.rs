//! What the owner of an account is told of it, by mail and text message, where these are configured.

use jiayin_domain::id::PersonId;
use jiayin_privacy::IdentifierKind;

use crate::app::AppState;
use crate::codes::{Letter, mail, report, sms};
use crate::egress::{DeliveryError, Payload};
use crate::locale::{Locale, Localizer};

/// Purpose in the data map of everything here.
const PURPOSE: &str = "security";

/// Something that the owner is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Someone has signed in on a device that was not used before.
    NewDevice,
    /// The password is another one.
    PasswordChanged,
    /// There is another passkey to sign in with.
    PasskeyAdded,
    /// There is another token by which a program acts for them.
    TokenMade,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NewDevice, Self::PasswordChanged, Self::PasskeyAdded, Self::TokenMade];

    /// The word in text keys: `notice-<tag>`, `notice-<tag>-subject`, `notice-<tag>-short`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::NewDevice => "new-device",
            Self::PasswordChanged => "password-changed",
            Self::PasskeyAdded => "passkey-added",
            Self::TokenMade => "token-made",
        }
    }
}

/// Tells the owner, behind the visitor's back. Who has neither phone number nor mailbox sees it on the next page only.
pub(crate) fn tell(app: &AppState, person: PersonId, notice: Notice) {
    let Some(place) = app.egress.place() else {
        tracing::warn!(reason = "too many messages under way", "a message was not delivered");
        return;
    };
    let app = app.clone();
    tokio::spawn(async move {
        match payloads(&app, person, notice).await {
            Ok(payloads) => {
                for payload in &payloads {
                    report(app.egress.deliver(payload).await);
                }
            }
            Err(error) => tracing::warn!(reason = error.to_string(), "a message was not delivered"),
        }
        drop(place);
    });
}

#[derive(Debug, thiserror::Error)]
enum NoticeError {
    #[error(transparent)]
    Store(#[from] jiayin_store::StoreError),
    #[error(transparent)]
    Scope(#[from] jiayin_privacy::OutOfScope),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
}

async fn payloads(app: &AppState, person: PersonId, notice: Notice) -> Result<Vec<Payload>, NoticeError> {
    let texts = !app.config.sms_notice_template.is_empty() && app.egress.has_sms();
    if !app.egress.has_mail() && !texts {
        return Ok(Vec::new());
    }
    let Some(contacts) = app.store.contacts(person).await? else { return Ok(Vec::new()) };
    let locale = contacts.language.as_deref().and_then(Locale::from_tag).unwrap_or(Locale::ZhCn);
    let l: Localizer = app.catalogs.get(locale);
    let key = |end: &str| format!("notice-{}{end}", notice.tag());
    let mut payloads = Vec::new();
    for (kind, value) in &contacts.values {
        let to = value.read(&contacts.grant)?;
        match kind {
            IdentifierKind::Email if app.egress.has_mail() => {
                let lines = [l.t(&key("")), l.t("notice-what-to-do")];
                let subject = l.t(&key("-subject"));
                let letter = Letter { subject: &subject, lines: &lines, code: None, unsubscribe: None };
                payloads.push(mail(PURPOSE, to, &letter, &l)?);
            }
            IdentifierKind::Phone if texts => {
                let event = l.t(&key("-short"));
                payloads.push(sms(app, PURPOSE, to, &app.config.sms_notice_template, ("event", &event))?);
            }
            _ => {}
        }
    }
    Ok(payloads)
}
