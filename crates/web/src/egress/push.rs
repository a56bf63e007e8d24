//! Web Push: a message to a browser through the service of its maker (RFC 8030), which sees that there is one, and not what
//! it says (RFC 8291); we show by a signature that it is ours (VAPID, RFC 8292).

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use base64ct::{Base64UrlUnpadded, Encoding};
use http_body_util::Full;
use p256::PublicKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use url::Url;
use web_push_native::Auth;

use super::http::Http;
use super::{DeliveryError, Payload};
use crate::config::Config;
use crate::providers::Clock;

/// The service keeps a message so long for a browser that is not there, in seconds: a day.
const KEPT_S: u32 = 24 * 3600;
/// A signature is good for so long, in seconds; services accept up to a day.
const SIGNED_FOR_S: i64 = 12 * 3600;
/// Length of a browser's public key, in bytes: a point of P-256, uncompressed.
pub(crate) const PUBLIC_KEY_LEN: usize = 65;
/// Length of the secret that the browser shares with us, in bytes.
pub(crate) const SECRET_LEN: usize = 16;

/// Signs and sends.
pub(super) struct Pusher {
    key: SigningKey,
    public_key: String,
    contact: String,
    services: Vec<String>,
    http: Http,
    clock: Arc<dyn Clock>,
}

impl Pusher {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let key = signing_key(&config.push_key).ok_or("`push_key` is no key")?;
        let public_key = Base64UrlUnpadded::encode_string(key.verifying_key().to_encoded_point(false).as_bytes());
        Ok(Self {
            key,
            public_key,
            contact: format!("mailto:{}", config.operator.mailbox),
            services: config.push_services.clone(),
            http: Http::new()?,
            clock,
        })
    }

    /// The key by which browsers know that a message is ours, in base64url.
    pub(super) fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Whether an address belongs to a service to which the operator lets messages go. Addresses come from browsers, and so
    /// from anybody; without this one could have the server call any machine.
    pub(super) fn knows(&self, endpoint: &str) -> bool {
        Url::parse(endpoint).is_ok_and(|url| self.services.iter().any(|service| belongs(&url, service)))
    }

    pub(super) async fn send(&self, payload: &Payload) -> Result<(), DeliveryError> {
        let endpoint = payload.field("endpoint");
        if !self.knows(endpoint) {
            return Err(DeliveryError::Message);
        }
        let url = Url::parse(endpoint).map_err(|_| DeliveryError::Message)?;
        let body = Base64UrlUnpadded::decode_vec(payload.field("sealed_text")).map_err(|_| DeliveryError::Message)?;
        let request = Request::post(url.as_str())
            .header(AUTHORIZATION, format!("vapid t={}, k={}", self.signed(&url), self.public_key))
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_ENCODING, "aes128gcm")
            .header("ttl", KEPT_S)
            .header("urgency", "normal")
            .header("topic", payload.field("topic"))
            .body(Full::from(Bytes::from(body)))
            .map_err(|_| DeliveryError::Message)?;
        let (status, _) = self.http.ask(request).await?;
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS => Err(DeliveryError::Unreachable),
            status if status.is_server_error() => Err(DeliveryError::Unreachable),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(DeliveryError::Gone),
            status => Err(DeliveryError::Refused(status.as_str().to_owned())),
        }
    }

    /// A JSON Web Token (ES256) for the service of an address.
    fn signed(&self, endpoint: &Url) -> String {
        let until = self.clock.now().as_second().saturating_add(SIGNED_FOR_S);
        let claims = json!({ "aud": endpoint.origin().ascii_serialization(), "exp": until, "sub": self.contact });
        let encode = |json: &serde_json::Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
        let head = encode(&json!({ "typ": "JWT", "alg": "ES256" }));
        let signed = format!("{head}.{}", encode(&claims));
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature.to_bytes()))
    }
}

/// The key that 64 hexadecimal digits say, if they say one.
pub(crate) fn signing_key(digits: &str) -> Option<SigningKey> {
    SigningKey::from_slice(&hex::decode(digits).ok()?).ok()
}

/// Whether an address belongs to a service: `host`, `*.host`, or this machine's own `127.0.0.1:port` without TLS.
fn belongs(url: &Url, service: &str) -> bool {
    let authority = url.authority();
    match url.scheme() {
        "https" => match service.strip_prefix('*') {
            Some(end) => authority.len() > end.len() && authority.ends_with(end),
            None => authority == service && !is_own(service),
        },
        "http" => authority == service && is_own(service),
        _ => false,
    }
}

/// Whether a service is on this machine.
fn is_own(service: &str) -> bool {
    service.starts_with("127.0.0.1:")
}

/// Seals a text for a browser with its keys, [`PUBLIC_KEY_LEN`] and [`SECRET_LEN`] bytes, in base64url (RFC 8291). `None` if
/// they are no keys.
pub(crate) fn seal(text: &str, keys: &[u8]) -> Option<String> {
    let (point, secret) = keys.split_at_checked(PUBLIC_KEY_LEN)?;
    let secret: [u8; SECRET_LEN] = secret.try_into().ok()?;
    let public_key = PublicKey::from_sec1_bytes(point).ok()?;
    let sealed = web_push_native::encrypt(text.as_bytes().to_vec(), &public_key, &Auth::from(secret)).ok()?;
    Some(Base64UrlUnpadded::encode_string(&sealed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clause_5_1_an_address_that_is_no_push_service_is_sent_nothing() {
        let services = ["fcm.googleapis.com", "*.notify.windows.com", "127.0.0.1:9999"];
        let known = |endpoint: &str| {
            Url::parse(endpoint).is_ok_and(|url| services.iter().any(|service| belongs(&url, service)))
        };
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:443/fcm/send/abc",
            "https://wns2-by3p.notify.windows.com/w/?token=x",
            "http://127.0.0.1:9999/push",
        ] {
            assert!(known(endpoint), "{endpoint}");
        }
        for endpoint in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com.evil.example/",
            "https://user@fcm.googleapis.com/",
            "https://fcm.googleapis.com:8443/",
            "https://evilnotify.windows.com/",
            "https://notify.windows.com/",
            "https://127.0.0.1:9999/",
            "http://127.0.0.1:8080/healthz",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!known(endpoint), "{endpoint}");
        }
    }

    #[test]
    fn what_is_no_key_seals_nothing() {
        assert_eq!(seal("hello", &[]), None);
        assert_eq!(seal("hello", &[4; PUBLIC_KEY_LEN + SECRET_LEN]), None);
        assert!(signing_key("00").is_none() && signing_key(&"0".repeat(64)).is_none());
        assert!(signing_key(&"1".repeat(64)).is_some());
    }
}
