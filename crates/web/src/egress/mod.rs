//! The gate: the only place from which anything leaves the machine (clauses 5.1, 5.3). Each call names a recipient of the
//! data map, a purpose, and the fields of what it sends; what the map does not list, field by field, does not go.

pub(crate) mod acme;
mod acs3;
mod http;
mod mail;
pub(crate) mod push;
mod sms;

use std::sync::Arc;
use std::time::Duration;

use jiayin_privacy::map::{self, RecipientEntry};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::config::{Config, SmsProvider};
use crate::providers::{Clock, Entropy};

use mail::Mailer;
use push::Pusher;
use sms::Messenger;

/// Messages that may be under way at once; a delivery takes seconds, and each holds a connection.
const UNDER_WAY: usize = 64;
/// After a failure that may pass, one more try is made so much later.
const AGAIN_AFTER: Duration = Duration::from_secs(3);

/// Why the gate lets something not out. It names no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// The data map knows no such recipient.
    #[error("no registered recipient")]
    Recipient,
    /// The recipient is not sent anything for this purpose.
    #[error("not a purpose of this recipient")]
    Purpose,
    /// The fields are not those that the data map lists for the recipient.
    #[error("not the fields of this recipient")]
    Fields,
}

/// Why something was not delivered. It names no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The gate says no.
    #[error("blocked: {0}")]
    Blocked(#[from] Blocked),
    /// There is no such channel in the configuration.
    #[error("not configured")]
    NotConfigured,
    /// The message cannot be written: an address or a header that is none.
    #[error("not a message")]
    Message,
    /// The provider did not answer, or not in time; trying again may help.
    #[error("the provider does not answer")]
    Unreachable,
    /// There is nobody at this address any more.
    #[error("nobody is there any more")]
    Gone,
    /// The provider said no, with a word of its own.
    #[error("the provider refuses: {0}")]
    Refused(String),
}

/// What may leave: a recipient of the data map and exactly its fields. Made by [`Payload::new`] only.
pub struct Payload {
    recipient: &'static RecipientEntry,
    fields: Vec<(&'static str, Zeroizing<String>)>,
}

impl Payload {
    /// Puts together what is to be sent.
    ///
    /// # Errors
    /// [`Blocked`] if the data map has no such recipient, not for this purpose, or with other fields.
    pub fn new(recipient: &str, purpose: &str, fields: Vec<(&'static str, String)>) -> Result<Self, Blocked> {
        let recipient = map::recipient(recipient).ok_or(Blocked::Recipient)?;
        if !recipient.purposes.contains(&purpose) {
            return Err(Blocked::Purpose);
        }
        let given = |name: &&str| fields.iter().filter(|(field, _)| field == name).count() == 1;
        if fields.len() != recipient.fields.len() || !recipient.fields.iter().all(given) {
            return Err(Blocked::Fields);
        }
        let fields = fields.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect();
        Ok(Self { recipient, fields })
    }

    fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value)
    }
}

/// The channels to the outside, as configured.
pub struct Egress {
    mail: Option<Mailer>,
    sms: Option<Messenger>,
    push: Option<Pusher>,
    places: Arc<Semaphore>,
}

impl Egress {
    /// Makes ready what the configuration names. Nothing is connected yet.
    ///
    /// # Errors
    /// If an address in the configuration cannot be used.
    pub fn new(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, String> {
        let mail = match config.smtp_url.is_empty() {
            true => None,
            false => Some(Mailer::new(config, Arc::clone(&clock), Arc::clone(&entropy))?),
        };
        let push = match config.push_key.is_empty() {
            true => None,
            false => Some(Pusher::new(config, Arc::clone(&clock))?),
        };
        let sms = match config.sms_provider {
            SmsProvider::None => None,
            SmsProvider::Alibaba | SmsProvider::Http => Some(Messenger::new(config, clock, entropy)?),
        };
        Ok(Self { mail, sms, push, places: Arc::new(Semaphore::new(UNDER_WAY)) })
    }

    /// Whether mail is configured.
    pub fn has_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// Whether text messages are configured.
    pub fn has_sms(&self) -> bool {
        self.sms.is_some()
    }

    /// The key by which browsers know what we push, in base64url; `None` if push is not configured.
    pub fn push_key(&self) -> Option<&str> {
        self.push.as_ref().map(Pusher::public_key)
    }

    /// Whether an address belongs to a push service that the operator lets messages go to.
    pub fn pushes_to(&self, endpoint: &str) -> bool {
        self.push.as_ref().is_some_and(|push| push.knows(endpoint))
    }

    /// Room for one more message; `None` when too many are under way.
    pub fn place(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Sends, and once more if the provider did not answer.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn deliver(&self, payload: &Payload) -> Result<(), DeliveryError> {
        match self.send(payload).await {
            Err(DeliveryError::Unreachable) => {
                tokio::time::sleep(AGAIN_AFTER).await;
                self.send(payload).await
            }
            other => other,
        }
    }

    async fn send(&self, payload: &Payload) -> Result<(), DeliveryError> {
        match payload.recipient.id {
            "mail" => self.mail.as_ref().ok_or(DeliveryError::NotConfigured)?.send(payload).await,
            "sms" => self.sms.as_ref().ok_or(DeliveryError::NotConfigured)?.send(payload).await,
            "push" => self.push.as_ref().ok_or(DeliveryError::NotConfigured)?.send(payload).await,
            _ => Err(DeliveryError::NotConfigured),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(extra: &[&'static str]) -> Vec<(&'static str, String)> {
        ["to", "subject", "text", "html", "unsubscribe"]
            .iter()
            .chain(extra)
            .map(|name| (*name, "x".to_owned()))
            .collect()
    }

    #[test]
    fn clause_5_1_whom_the_map_does_not_name_is_sent_nothing() {
        for unknown in ["advertiser", "analytics", ""] {
            assert_eq!(Payload::new(unknown, "security", mail(&[])).err(), Some(Blocked::Recipient));
        }
    }

    #[test]
    fn clause_5_3_what_the_map_does_not_list_does_not_go() {
        assert!(Payload::new("mail", "security", mail(&[])).is_ok());
        assert_eq!(Payload::new("mail", "teaching", mail(&[])).err(), Some(Blocked::Purpose));
        assert_eq!(Payload::new("mail", "security", mail(&["name"])).err(), Some(Blocked::Fields));
        assert_eq!(Payload::new("mail", "security", mail(&["to"])).err(), Some(Blocked::Fields));
        assert_eq!(Payload::new("mail", "security", mail(&[]).split_off(1)).err(), Some(Blocked::Fields));
        assert_eq!(Payload::new("sms", "security", mail(&[])).err(), Some(Blocked::Fields));
    }
}
