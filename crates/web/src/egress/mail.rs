//! Mail over SMTP: text and HTML of the same message.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::Url;

use super::{DeliveryError, Payload};
use crate::config::Config;
use crate::providers::{Clock, Entropy};

/// A server that has not taken the message by then is given up.
const PATIENCE: Duration = Duration::from_secs(15);

/// The mail server.
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Mailer {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, String> {
        let from = config.mail_from.parse().map_err(|error| format!("`mail_from`: {error}"))?;
        let public = Url::parse(&config.public_url).ok();
        let host = public.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.smtp_url)
            .map_err(|error| format!("`smtp_url`: {error}"))?
            .hello_name(ClientId::Domain(host.clone()))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from, host, clock, entropy })
    }

    pub(super) async fn send(&self, payload: &Payload) -> Result<(), DeliveryError> {
        let message = self.message(payload).ok_or(DeliveryError::Message)?;
        let sent = tokio::time::timeout(PATIENCE * 2, self.transport.send(message)).await;
        match sent.map_err(|_| DeliveryError::Unreachable)? {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => {
                // The code alone: servers like to repeat the address in their text.
                Err(DeliveryError::Refused(error.status().map(|code| code.to_string()).unwrap_or_default()))
            }
            Err(_) => Err(DeliveryError::Unreachable),
        }
    }

    fn message(&self, payload: &Payload) -> Option<Message> {
        let to = Mailbox::new(None, payload.field("to").parse().ok()?);
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let mut message = Message::builder();
        if !payload.field("unsubscribe").is_empty() {
            // One click, and no more is sent (RFC 8058).
            let list = HeaderName::new_from_ascii_str("List-Unsubscribe");
            let at_once = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
            message = message
                .raw_header(HeaderValue::new(list, format!("<{}>", payload.field("unsubscribe"))))
                .raw_header(HeaderValue::new(at_once, "List-Unsubscribe=One-Click".to_owned()));
        }
        message
            .from(self.from.clone())
            .to(to)
            .subject(payload.field("subject"))
            .date(SystemTime::from(self.clock.now()))
            .message_id(Some(format!("<{}@{}>", hex::encode(id), self.host)))
            // Nobody's holiday notice answers it (RFC 3834).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(
                payload.field("text").to_owned(),
                payload.field("html").to_owned(),
            ))
            .ok()
    }
}
