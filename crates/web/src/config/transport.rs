//! What may go over a network in the open: nothing (clauses 5.3, 7.2).

use std::net::IpAddr;

use url::{Host, Url};

use super::{Config, ConfigError, SmsProvider, range};
use crate::egress::push;

impl Config {
    /// Plain HTTP stays on this machine, unless it is said that something else sees to TLS (clause 7.2).
    pub(super) fn check_transport(&self) -> Result<(), ConfigError> {
        let (cert, key) = (!self.tls_cert_file.as_os_str().is_empty(), !self.tls_key_file.as_os_str().is_empty());
        range(cert == key, "tls_key_file", "set together with `tls_cert_file`")?;
        range(
            !cert || self.acme_domains.is_empty(),
            "acme_domains",
            "empty where `tls_cert_file` is set: certificates come from files or from ACME",
        )?;
        range(
            self.acme_domains.is_empty() || self.acme_contact.contains('@'),
            "acme_contact",
            "a mailbox: the certificate authority writes to it when something is wrong",
        )?;
        range(
            self.has_tls() || self.behind_proxy || self.http_addr.ip().is_loopback(),
            "http_addr",
            "on this machine alone (127.0.0.1 or [::1]) as long as there is no TLS: set `tls_cert_file` and \
             `tls_key_file`, or `acme_domains`, or `behind_proxy = true` if a proxy with TLS stands before it",
        )?;
        range(
            self.is_https() || !(self.has_tls() || self.behind_proxy),
            "public_url",
            "an address that starts with https:// where there is TLS or a proxy with it",
        )
    }

    /// Whether the server itself speaks TLS.
    pub fn has_tls(&self) -> bool {
        !self.tls_cert_file.as_os_str().is_empty() || !self.acme_domains.is_empty()
    }

    /// Mail and text messages: both ends named, and nothing personal over an open line.
    pub(super) fn check_channels(&self) -> Result<(), ConfigError> {
        if !self.smtp_url.is_empty() {
            let expected =
                "smtps://host, smtp://host?tls=required, or without TLS on this machine only (smtp://127.0.0.1)";
            range(Url::parse(&self.smtp_url).is_ok_and(|url| is_safe_smtp(&url)), "smtp_url", expected)?;
            let sender = self.mail_from.parse::<lettre::message::Mailbox>();
            range(sender.is_ok(), "mail_from", "the sender of all mail, `Name <address>`, since `smtp_url` is set")?;
        }
        range(
            self.push_key.is_empty() || push::signing_key(&self.push_key).is_some(),
            "push_key",
            "64 hexadecimal digits, as `jiayin admin new-push-key` prints them",
        )?;
        if self.sms_provider == SmsProvider::None {
            return Ok(());
        }
        let own = self.sms_provider == SmsProvider::Http;
        range(!self.sms_template.is_empty(), "sms_template", "the template of messages with codes")?;
        range(own || !self.sms_sign_name.is_empty(), "sms_sign_name", "the signature that the provider has approved")?;
        range(own || !self.sms_access_key_id.is_empty(), "sms_access_key_id", "the account with the provider")?;
        range(!self.sms_access_key_secret.is_empty(), "sms_access_key_secret", "the secret of the account")?;
        range(
            (self.sms_endpoint.is_empty() && !own)
                || Url::parse(&self.sms_endpoint).is_ok_and(|url| is_safe_http(&url)),
            "sms_endpoint",
            "an https:// address, or http:// on this machine only",
        )
    }
}

/// Whether an address is this machine's own.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // `smtp` is no scheme that the URL standard knows: its hosts come as names.
        Some(Host::Domain(name)) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether mail goes over TLS, or stays on this machine.
fn is_safe_smtp(url: &Url) -> bool {
    let tls = url.query_pairs().find(|(key, _)| key == "tls").is_some_and(|(_, value)| value == "required");
    match url.scheme() {
        "smtps" => url.has_host(),
        "smtp" => url.has_host() && (tls || is_loopback(url)),
        _ => false,
    }
}

/// Whether a request goes over TLS, or stays on this machine.
fn is_safe_http(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}
