//! What is written in a message: with a code, and without one.

use askama::Template;
use jiayin_privacy::IdentifierKind;
use zeroize::Zeroizing;

use super::{CodePurpose, GOOD_FOR, Tell};
use crate::app::AppState;
use crate::egress::{DeliveryError, Payload};
use crate::locale::Localizer;

/// Purpose in the data map of everything here.
const PURPOSE: &str = "account";

/// A message to be.
pub(super) struct Message {
    pub(super) kind: IdentifierKind,
    pub(super) to: Zeroizing<String>,
    pub(super) purpose: CodePurpose,
    pub(super) tell: Tell,
    pub(super) code: Zeroizing<String>,
}

impl Message {
    /// Writes and sends it.
    pub(super) async fn send(&self, app: &AppState, l: &Localizer) -> Result<(), DeliveryError> {
        let payload = match (self.tell, self.kind) {
            (Tell::Nothing, _) => None,
            (Tell::Code, IdentifierKind::Phone) => {
                Some(sms(app, PURPOSE, &self.to, &app.config.sms_template, ("code", &self.code))?)
            }
            (Tell::AccountExists, IdentifierKind::Phone) => {
                let (template, event) = (&app.config.sms_notice_template, l.t("notice-account-exists-short"));
                match template.is_empty() {
                    true => None,
                    false => Some(sms(app, PURPOSE, &self.to, template, ("event", &event))?),
                }
            }
            (Tell::Code, IdentifierKind::Email) => {
                let minutes = u32::try_from(GOOD_FOR.as_secs() / 60).unwrap_or(u32::MAX);
                let good_for = l.t1("code-mail-good-for", "minutes", minutes);
                let for_what = l.of("code-for", self.purpose.tag());
                let lines = [for_what, good_for, l.t("code-mail-secret"), l.t("code-mail-not-you")];
                let subject = l.t1("code-mail-subject", "code", self.code.as_str());
                let code = Some(self.code.as_str());
                Some(mail(PURPOSE, &self.to, &Letter { subject: &subject, lines: &lines, code, unsubscribe: None }, l)?)
            }
            (Tell::AccountExists, IdentifierKind::Email) => {
                let lines = [l.t("notice-account-exists"), l.t("code-mail-not-you")];
                let subject = l.t("notice-account-exists-subject");
                let letter = Letter { subject: &subject, lines: &lines, code: None, unsubscribe: None };
                Some(mail(PURPOSE, &self.to, &letter, l)?)
            }
        };
        match payload {
            Some(payload) => app.egress.deliver(&payload).await,
            None => Ok(()),
        }
    }
}

/// A mail, in HTML. Plain elements only: it is read in programs of all kinds, and fetches nothing.
#[derive(Template)]
#[template(path = "mail/message.html")]
struct MailHtml<'a> {
    l: &'a Localizer,
    subject: &'a str,
    lines: &'a [String],
    code: Option<&'a str>,
}

/// What a mail says.
pub(crate) struct Letter<'a> {
    /// Its subject.
    pub(crate) subject: &'a str,
    /// Its paragraphs.
    pub(crate) lines: &'a [String],
    /// A code, which stands behind the first of them.
    pub(crate) code: Option<&'a str>,
    /// The address at which one has no more of them sent.
    pub(crate) unsubscribe: Option<&'a str>,
}

/// A mail.
///
/// # Errors
/// If the gate does not let it out, or the template fails.
pub(crate) fn mail(purpose: &str, to: &str, letter: &Letter<'_>, l: &Localizer) -> Result<Payload, DeliveryError> {
    let Letter { subject, lines, code, unsubscribe } = *letter;
    let html = MailHtml { l, subject, lines, code }.render().map_err(|_| DeliveryError::Message)?;
    let mut paragraphs: Vec<&str> = lines.iter().map(String::as_str).collect();
    if let Some(code) = code {
        paragraphs.insert(1.min(paragraphs.len()), code);
    }
    let text = format!("{}\n\n-- \n{}\n", paragraphs.join("\n\n"), l.t("brand"));
    let unsubscribe = unsubscribe.unwrap_or_default();
    let fields = [("to", to), ("subject", subject), ("text", &text), ("html", &html), ("unsubscribe", unsubscribe)];
    Ok(Payload::new("mail", purpose, fields.map(|(name, value)| (name, value.to_owned())).to_vec())?)
}

/// A text message of a template with one parameter.
///
/// # Errors
/// If the gate does not let it out.
pub(crate) fn sms(
    app: &AppState,
    purpose: &str,
    to: &str,
    template: &str,
    (name, value): (&str, &str),
) -> Result<Payload, DeliveryError> {
    let parameters = serde_json::json!({ name: value }).to_string();
    let fields =
        [("phone", to), ("sign_name", &app.config.sms_sign_name), ("template", template), ("parameters", &parameters)];
    Ok(Payload::new("sms", purpose, fields.map(|(name, value)| (name, value.to_owned())).to_vec())?)
}
