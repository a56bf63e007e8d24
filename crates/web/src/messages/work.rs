//! What workers do for messages: find out whom something concerns, and send mail. A mail says how much is new and where to
//! find it, not of whom.

use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Class, Kind};
use jiayin_privacy::{Allows, Purpose, category, purpose};
use jiayin_store::StoreError;
use jiayin_store::jobs::Leased;
use jiayin_store::messages::Mailbox;

use super::unsubscribe;
use crate::app::AppState;
use crate::codes::{Letter, mail as letter};
use crate::egress::DeliveryError;
use crate::error::AppError;
use crate::locale::{Locale, Localizer};
use crate::school_time::OFFSET;

/// What somebody is told of one class, for announcements with their titles.
type Told = [(Kind, Option<String>)];

/// Writes the messages of something that has happened.
pub(crate) async fn tell(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    app.store.tell(leased, OFFSET).await.map_err(|error| {
        tracing::error!(%error, "messages could not be written");
        "messages could not be written"
    })
}

/// Sends somebody what they have not read, a mail for each class.
pub(crate) async fn mail(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    let person = PersonId(leased.target);
    let failed = |error: StoreError| {
        tracing::error!(%error, "a mail could not be written");
        "a mail could not be written"
    };
    if app.egress.has_mail() {
        for (class, told) in app.store.unsent(person).await.map_err(failed)? {
            let sent = match class {
                Class::Service => send::<purpose::Notices>(app, person, class, &told).await,
                Class::Learning => send::<purpose::Messages>(app, person, class, &told).await,
                Class::News => send::<purpose::News>(app, person, class, &told).await,
                Class::Marketing => send::<purpose::Marketing>(app, person, class, &told).await,
            };
            match sent {
                Ok(()) => app.store.sent(person, class).await.map_err(failed)?,
                // What was agreed to when it was written may be taken back by now; then it is not sent.
                Err(SendError::Store(StoreError::Refused(_))) => {}
                Err(SendError::Delivery(DeliveryError::Refused(_) | DeliveryError::Message)) => {
                    app.store.mail_refused(person).await.map_err(failed)?;
                    break;
                }
                Err(SendError::Delivery(error)) => {
                    tracing::warn!(reason = error.to_string(), "a message was not delivered");
                    return Err("a mail was not delivered");
                }
                Err(error) => {
                    tracing::error!(error = error.to_string(), "a mail could not be written");
                    return Err("a mail could not be written");
                }
            }
        }
    }
    app.store.postman_back(leased).await.map_err(failed)
}

#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Scope(#[from] jiayin_privacy::OutOfScope),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error("a link could not be sealed")]
    Link,
}

impl From<AppError> for SendError {
    fn from(_: AppError) -> Self {
        Self::Link
    }
}

async fn send<P>(app: &AppState, person: PersonId, class: Class, told: &Told) -> Result<(), SendError>
where
    P: Purpose + Allows<category::Contact>,
{
    let found: Option<Mailbox<P>> = app.store.mailbox(person).await?;
    let Some(mailbox) = found else { return Ok(()) };
    let locale = mailbox.language.as_deref().and_then(Locale::from_tag).unwrap_or(Locale::ZhCn);
    let l = app.catalogs.get(locale);
    let stop = match class {
        Class::Service => None,
        _ => Some(unsubscribe::link(app, person, class)?),
    };
    let lines = lines(&l, app.config.public_url.trim_end_matches('/'), class, told, stop.as_deref());
    let subject = match told {
        [(Kind::Announced, Some(title))] => title.clone(),
        _ => l.t1("mail-news-subject", "count", told.len()),
    };
    let letter_of = Letter { subject: &subject, lines: &lines, code: None, unsubscribe: stop.as_deref() };
    let payload = letter(P::ID, mailbox.address.read(&mailbox.grant)?, &letter_of, &l)?;
    Ok(app.egress.deliver(&payload).await?)
}

/// The paragraphs of a mail.
fn lines(l: &Localizer, site: &str, class: Class, told: &Told, stop: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        let count = told.iter().filter(|(known, _)| *known == kind).count();
        if kind == Kind::Announced {
            lines.extend(told.iter().filter_map(|(_, title)| title.clone()));
        } else if count > 0 {
            lines.push(l.t1(&format!("mail-news-{}", kind.tag()), "count", count));
        }
    }
    lines.push(l.t1("mail-news-where", "link", format!("{site}/messages")));
    match stop {
        Some(stop) => lines
            .push(l.tn("mail-news-stop", &[("class", l.of("message-class", class.tag())), ("link", stop.to_owned())])),
        None => lines.push(l.t("mail-news-service")),
    }
    lines
}
