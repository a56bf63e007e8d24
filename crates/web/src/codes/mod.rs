//! One-time codes: who holds the code that was sent to a phone or a mailbox controls it (docs/adr/0009-one-time-codes.md).
//!
//! Whoever asks for a code may never have agreed to anything, so no row is written: what must be known again is sealed into a
//! token that the form carries, and only a random number, a count and an end stay here, in memory.

mod message;
mod pending;

use std::time::Duration;

use jiayin_privacy::{Identifier, IdentifierKind};
use jiayin_store::accounts::mask;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::app::AppState;
use crate::egress::DeliveryError;
use crate::error::AppError;
use crate::limits::{self, Rule};
use crate::locale::Localizer;
use crate::network::Network;

use message::Message;
pub(crate) use message::{Letter, mail, sms};
pub use pending::Pending;
use pending::{Id, Refused};

/// A code is good for so long.
pub const GOOD_FOR: Duration = Duration::from_secs(10 * 60);
/// Tries for one code.
pub const TRIES: u8 = 5;
/// Digits of a code.
const DIGITS: usize = 6;
/// Kind of the sealed token.
const TOKEN: &str = "one-time code";

/// One code a minute and ten a day for a phone or mailbox; forty an hour for a network, which may be a whole school's.
const AGAIN: Rule = Rule { most: 1, within: Duration::from_secs(60) };
const A_DAY: Rule = Rule { most: 10, within: Duration::from_secs(24 * 3600) };
const NETWORK: Rule = Rule { most: 40, within: Duration::from_secs(3600) };

/// What a code is for. A code for one thing proves nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    /// Making an account.
    Registration,
    /// A guardian agreeing for a child.
    Guardian,
    /// Adding or changing one's own phone number or address.
    Contact,
    /// A new password in place of a forgotten one.
    Reset,
}

impl CodePurpose {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Registration, Self::Guardian, Self::Contact, Self::Reset];

    /// The word in text keys: `code-for-<tag>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Guardian => "guardian",
            Self::Contact => "contact",
            Self::Reset => "reset",
        }
    }
}

/// What the phone or mailbox is sent. What the page shows is the same in every case, so that it tells nobody who has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// The code.
    Code,
    /// That there is an account already; its owner may have forgotten.
    AccountExists,
    /// Nothing.
    Nothing,
}

/// A code that is on its way.
pub struct Challenge {
    /// Goes out and comes back in the hidden field `token` of the form.
    pub token: String,
    /// Where it was sent, with the middle hidden.
    pub sent_to: String,
    /// The code itself: in a demo without a mail or message provider, to be shown as such.
    pub shown: Option<String>,
}

/// Why no code was sent. Each has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too many codes for this phone, mailbox or network.
    #[error("too many codes")]
    TooMany {
        /// Minutes until the next one, at least 1.
        minutes: u32,
    },
    /// The school sends no mail, or no text messages.
    #[error("no channel for this kind of identifier")]
    NoChannel(IdentifierKind),
    /// Too much is under way.
    #[error("busy")]
    Busy,
}

impl SendError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::TooMany { minutes } => l.t1("code-too-many-sent", "minutes", minutes),
            Self::NoChannel(IdentifierKind::Phone) => l.t("code-no-sms"),
            Self::NoChannel(IdentifierKind::Email) => l.t("code-no-mail"),
            Self::Busy => l.t("code-busy"),
        }
    }
}

/// Why a code is not taken. Each has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not six digits; does not count as a try.
    #[error("not a code")]
    NotACode,
    /// Another code.
    #[error("wrong code")]
    Wrong {
        /// Tries that are left.
        left: u8,
    },
    /// More than five tries.
    #[error("too many tries")]
    TooManyTries,
    /// Ten minutes are over, or the server was started anew.
    #[error("expired")]
    Expired,
    /// It has done its work.
    #[error("used")]
    Used,
    /// The token is not one of ours, or for something else.
    #[error("tampered")]
    Tampered,
}

impl CodeError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::NotACode => l.t("code-not-a-code"),
            Self::Wrong { left } => l.t1("code-wrong", "left", left),
            Self::TooManyTries => l.t("code-too-many-tries"),
            Self::Expired => l.t("code-expired"),
            Self::Used => l.t("code-used"),
            Self::Tampered => l.t("code-tampered"),
        }
    }

    /// Whether the same form may be tried again.
    pub fn may_try_again(self) -> bool {
        matches!(self, Self::NotACode | Self::Wrong { .. })
    }
}

/// A phone or mailbox whose holder has shown the code that was sent to it. [`check`] alone makes one.
pub struct Proved(Identifier);

impl Proved {
    /// The phone number or address.
    pub fn identifier(&self) -> &Identifier {
        &self.0
    }

    /// Takes it out.
    pub fn into_identifier(self) -> Identifier {
        self.0
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    id: Id,
    identifier: String,
    purpose: CodePurpose,
    /// Keyed digest of the code together with all of the above.
    code: [u8; 32],
    /// Milliseconds since 1970.
    until: i64,
}

/// Sends a code to a phone or mailbox. Takes as long whether or not there is an account: the message goes on its own way, and
/// a provider that refuses it is told of in the log only.
///
/// # Errors
/// `Ok(Err(…))` for what the visitor can be told; [`AppError`] for our own faults.
pub async fn send_code(
    app: &AppState,
    identifier: &Identifier,
    purpose: CodePurpose,
    tell: Tell,
    network: &Network,
    l: &Localizer,
) -> Result<Result<Challenge, SendError>, AppError> {
    let kind = identifier.kind();
    let configured = match kind {
        IdentifierKind::Phone => app.egress.has_sms(),
        IdentifierKind::Email => app.egress.has_mail(),
    };
    if !configured && app.demo.is_none() {
        return Ok(Err(SendError::NoChannel(kind)));
    }
    let Some(place) = app.egress.place() else { return Ok(Err(SendError::Busy)) };
    let to = app.store.tokens().digest("code to", &[identifier.normalised().as_bytes()]);
    let rules = [(AGAIN, to), (A_DAY, to), (NETWORK, network.digest())];
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &rules) {
        return Ok(Err(SendError::TooMany { minutes: limits::minutes(wait) }));
    }
    let code = new_code(app);
    let Some(token) = new_token(app, identifier, purpose, &code)? else { return Ok(Err(SendError::Busy)) };
    let sent_to = mask(identifier.normalised());
    if !configured {
        return Ok(Ok(Challenge { token, sent_to, shown: Some(code.to_string()) }));
    }
    // Even the writing of the message happens behind the visitor's back: how long it takes tells nothing.
    let message = Message { kind, to: Zeroizing::new(identifier.normalised().to_owned()), purpose, tell, code };
    let (app, l) = (app.clone(), l.clone());
    tokio::spawn(async move {
        report(message.send(&app, &l).await);
        drop(place);
    });
    Ok(Ok(Challenge { token, sent_to, shown: None }))
}

/// Says in the log that something was not delivered, and nothing of whom.
pub(crate) fn report(delivered: Result<(), DeliveryError>) {
    if let Err(error) = delivered {
        tracing::warn!(reason = error.to_string(), "a message was not delivered");
    }
}

/// Looks whether what was typed is the code that was sent. A code is good once.
///
/// # Errors
/// [`CodeError`].
pub fn check(app: &AppState, token: &str, purpose: CodePurpose, typed: &str) -> Result<Proved, CodeError> {
    let sealed = open(app, token, purpose).ok_or(CodeError::Tampered)?;
    let identifier = Identifier::parse(&sealed.identifier).map_err(|_| CodeError::Tampered)?;
    if sealed.until <= app.clock.now().as_millisecond() {
        return Err(CodeError::Expired);
    }
    let code = digits(typed).ok_or(CodeError::NotACode)?;
    let right = digest(app, &sealed.id, &identifier, purpose, &code) == sealed.code;
    match app.codes.tried(&sealed.id, right, app.clock.monotonic()) {
        Ok(()) => Ok(Proved(identifier)),
        Err(Refused::Wrong { left }) => Err(CodeError::Wrong { left }),
        Err(Refused::TooManyTries) => Err(CodeError::TooManyTries),
        Err(Refused::Used) => Err(CodeError::Used),
        Err(Refused::Unknown) => Err(CodeError::Expired),
    }
}

/// Where the code of this token was sent, with the middle hidden, to show the form again; `None` for a token that is none.
pub fn sent_to(app: &AppState, token: &str, purpose: CodePurpose) -> Option<String> {
    open(app, token, purpose).map(|sealed| mask(&sealed.identifier))
}

fn open(app: &AppState, token: &str, purpose: CodePurpose) -> Option<Sealed> {
    let bytes = hex::decode(token).ok()?;
    let plain = app.store.tokens().open(TOKEN, &bytes).ok()?;
    serde_json::from_slice::<Sealed>(&plain).ok().filter(|sealed| sealed.purpose == purpose)
}

fn new_token(
    app: &AppState,
    identifier: &Identifier,
    purpose: CodePurpose,
    code: &str,
) -> Result<Option<String>, AppError> {
    let mut id = Id::default();
    app.entropy.fill(&mut id);
    if !app.codes.begin(id, app.clock.monotonic()) {
        return Ok(None);
    }
    let good_for = i64::try_from(GOOD_FOR.as_millis()).unwrap_or(i64::MAX);
    let sealed = Sealed {
        code: digest(app, &id, identifier, purpose, code),
        id,
        identifier: identifier.normalised().to_owned(),
        purpose,
        until: app.clock.now().as_millisecond().saturating_add(good_for),
    };
    let internal = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    let plain = Zeroizing::new(serde_json::to_vec(&sealed).map_err(|error| internal(&error))?);
    let token = app.store.tokens().seal(TOKEN, &plain, &*app.entropy).map_err(|error| internal(&error))?;
    Ok(Some(hex::encode(token)))
}

fn digest(app: &AppState, id: &Id, identifier: &Identifier, purpose: CodePurpose, code: &str) -> [u8; 32] {
    let parts = [&id[..], identifier.normalised().as_bytes(), purpose.tag().as_bytes(), code.as_bytes()];
    app.store.tokens().digest(TOKEN, &parts)
}

/// Six digits, each as likely as any other.
fn new_code(app: &AppState) -> Zeroizing<String> {
    const CODES: u64 = 10_u64.pow(DIGITS as u32);
    let mut bytes = [0; 8];
    app.entropy.fill(&mut bytes);
    // Of 2⁶⁴ numbers some codes get one in 10¹³ more than others: nothing that could be used.
    Zeroizing::new(format!("{:06}", u64::from_be_bytes(bytes) % CODES))
}

/// The digits of what was typed, full-width ones too; blanks between them make no difference.
fn digits(typed: &str) -> Option<Zeroizing<String>> {
    let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
    for letter in typed.chars().filter(|letter| !letter.is_whitespace()) {
        let digit = match letter {
            '\u{ff10}'..='\u{ff19}' => char::from_digit(letter as u32 - 0xff10, 10)?,
            '0'..='9' => letter,
            _ => return None,
        };
        if digits.len() == DIGITS {
            return None;
        }
        digits.push(digit);
    }
    (digits.len() == DIGITS).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let read = |typed| digits(typed).map(|digits| digits.to_string());
        assert_eq!(read(" 123 456 "), Some("123456".to_owned()));
        assert_eq!(read("１２３４５６"), Some("123456".to_owned()));
        for wrong in ["", "12345", "1234567", "12345a", "-12345"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
