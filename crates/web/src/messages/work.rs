//! What workers do for messages: find out whom something concerns, and send mail, text messages, and what browsers show. It
//! says how much is new and where to find it, not of whom.

use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Channel, Class, Kind};
use jiayin_privacy::{Allows, IdentifierKind, Purpose, category, purpose};
use jiayin_store::StoreError;
use jiayin_store::jobs::Leased;
use jiayin_store::messages::{Browsers, Mailbox, Unsent};

use super::unsubscribe;
use crate::app::AppState;
use crate::codes::{Letter, mail as letter, sms};
use crate::egress::push::seal;
use crate::egress::{DeliveryError, Payload};
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

/// Sends somebody what they have not read on a channel, something for each class.
pub(crate) async fn send_out(app: &AppState, leased: &Leased, channel: Channel) -> Result<(), &'static str> {
    let person = PersonId(leased.target);
    let failed = |error: StoreError| {
        tracing::error!(%error, "a message could not be written");
        "a message could not be written"
    };
    let mut later = None;
    if has(app, channel) {
        let post = app.store.unsent(person, channel, OFFSET).await.map_err(failed)?;
        later = post.later;
        for unsent in post.now {
            let class = unsent.class;
            let sent = match class {
                Class::Service => send::<purpose::Notices>(app, person, channel, &unsent).await,
                Class::Learning => send::<purpose::Messages>(app, person, channel, &unsent).await,
                Class::News => send::<purpose::News>(app, person, channel, &unsent).await,
                Class::Marketing => send::<purpose::Marketing>(app, person, channel, &unsent).await,
            };
            match sent {
                Ok(()) => app.store.sent(person, class, channel).await.map_err(failed)?,
                // What was agreed to when it was written may be taken back by now; then it is not sent.
                Err(SendError::Store(StoreError::Refused(_))) => {}
                Err(SendError::Delivery(DeliveryError::Refused(_) | DeliveryError::Message | DeliveryError::Gone)) => {
                    if channel == Channel::Mail {
                        app.store.mail_refused(person).await.map_err(failed)?;
                    }
                    break;
                }
                Err(SendError::Delivery(error)) => {
                    tracing::warn!(reason = error.to_string(), "a message was not delivered");
                    return Err("a message was not delivered");
                }
                Err(error) => {
                    tracing::error!(error = error.to_string(), "a message could not be written");
                    return Err("a message could not be written");
                }
            }
        }
    }
    app.store.finish_job(leased, later).await.map_err(failed)
}

/// Whether a channel leads anywhere in this configuration.
pub(super) fn has(app: &AppState, channel: Channel) -> bool {
    match channel {
        Channel::Inbox => true,
        Channel::Mail => app.egress.has_mail(),
        Channel::Push => app.egress.push_key().is_some(),
        Channel::Text => app.egress.has_sms() && !app.config.sms_messages_template.is_empty(),
    }
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

async fn send<P>(app: &AppState, person: PersonId, channel: Channel, unsent: &Unsent) -> Result<(), SendError>
where
    P: Purpose + Allows<category::Contact>,
{
    match channel {
        Channel::Inbox => Ok(()),
        Channel::Mail => mail::<P>(app, person, unsent).await,
        Channel::Push => push::<P>(app, person, unsent).await,
        Channel::Text => text::<P>(app, person, unsent).await,
    }
}

fn language(app: &AppState, chosen: Option<&str>) -> Localizer {
    app.catalogs.get(chosen.and_then(Locale::from_tag).unwrap_or(Locale::ZhCn))
}

async fn mail<P>(app: &AppState, person: PersonId, unsent: &Unsent) -> Result<(), SendError>
where
    P: Purpose + Allows<category::Contact>,
{
    let found: Option<Mailbox<P>> = app.store.mailbox(person, IdentifierKind::Email).await?;
    let Some(mailbox) = found else { return Ok(()) };
    let Unsent { class, told } = unsent;
    let l = language(app, mailbox.language.as_deref());
    let stop = match class {
        Class::Service => None,
        _ => Some(unsubscribe::link(app, person, *class)?),
    };
    let lines = lines(&l, app.config.public_url.trim_end_matches('/'), *class, told, stop.as_deref());
    let subject = subject(&l, told);
    let letter_of = Letter { subject: &subject, lines: &lines, code: None, unsubscribe: stop.as_deref() };
    let payload = letter(P::ID, mailbox.address.read(&mailbox.grant)?, &letter_of, &l)?;
    Ok(app.egress.deliver(&payload).await?)
}

/// That there is something new, and how much; templates of text messages have no room for more.
async fn text<P>(app: &AppState, person: PersonId, unsent: &Unsent) -> Result<(), SendError>
where
    P: Purpose + Allows<category::Contact>,
{
    let found: Option<Mailbox<P>> = app.store.mailbox(person, IdentifierKind::Phone).await?;
    let Some(phone) = found else { return Ok(()) };
    let (to, count) = (phone.address.read(&phone.grant)?, unsent.told.len().to_string());
    let payload = sms(app, P::ID, to, &app.config.sms_messages_template, ("count", &count))?;
    Ok(app.egress.deliver(&payload).await?)
}

/// Tells all browsers of a person. It has been sent when one of them was told: the others show it with what comes next.
async fn push<P>(app: &AppState, person: PersonId, unsent: &Unsent) -> Result<(), SendError>
where
    P: Purpose + Allows<category::Contact>,
{
    let found: Option<Browsers<P>> = app.store.browsers(person).await?;
    let Some(browsers) = found else { return Ok(()) };
    let l = language(app, browsers.language.as_deref());
    let shown = serde_json::json!({
        "title": l.t("brand"),
        "body": subject(&l, &unsent.told),
        "tag": unsent.class.tag(),
        "lang": l.locale().tag(),
        "icon": app.assets.url("icon.svg"),
    });
    let shown = shown.to_string();
    let mut outcome = Ok(());
    let mut told = false;
    for browser in &browsers.all {
        let endpoint = browser.endpoint.read(&browsers.grant)?;
        let keys = browser.keys.read(&browsers.grant)?;
        let sent = match note::<P>(endpoint, unsent.class, &shown, keys) {
            Ok(note) => app.egress.deliver(&note).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(()) => told = true,
            // The person has switched it off in the browser, or the browser is no more.
            Err(DeliveryError::Gone | DeliveryError::Message) => app.store.forget_browser(browser.id).await?,
            Err(error) => {
                tracing::warn!(reason = error.to_string(), "a browser was not told");
                outcome = Err(error);
            }
        }
    }
    if told { Ok(()) } else { Ok(outcome?) }
}

/// What goes to one browser, sealed for it.
fn note<P: Purpose>(endpoint: &str, class: Class, shown: &str, keys: &[u8]) -> Result<Payload, DeliveryError> {
    let sealed = seal(shown, keys).ok_or(DeliveryError::Message)?;
    let fields = [("endpoint", endpoint.to_owned()), ("topic", class.tag().to_owned()), ("sealed_text", sealed)];
    Ok(Payload::new("push", P::ID, fields.into())?)
}

/// What is new, in a line.
fn subject(l: &Localizer, told: &Told) -> String {
    match told {
        [(Kind::Announced, Some(title))] => title.clone(),
        _ => l.t1("mail-news-subject", "count", told.len()),
    }
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
