//! Text messages through a provider: Alibaba Cloud's Dysmsapi, or a gateway of the operator's own.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use http_body_util::Full;
use serde::Deserialize;
use url::Url;

use super::acs3::Call;
use super::http::Http;
use super::{DeliveryError, Payload};
use crate::config::{Config, SmsProvider};
use crate::providers::{Clock, Entropy};

/// Where Dysmsapi answers in mainland China.
const DYSMSAPI: &str = "https://dysmsapi.aliyuncs.com";

/// The provider.
pub(super) struct Messenger {
    provider: SmsProvider,
    endpoint: Url,
    key_id: String,
    secret: String,
    http: Http,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Code", default)]
    code: String,
}

impl Messenger {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, String> {
        let endpoint = if config.sms_endpoint.is_empty() { DYSMSAPI } else { &config.sms_endpoint };
        Ok(Self {
            provider: config.sms_provider,
            endpoint: Url::parse(endpoint).map_err(|error| format!("`sms_endpoint`: {error}"))?,
            key_id: config.sms_access_key_id.clone(),
            secret: config.sms_access_key_secret.clone(),
            http: Http::new()?,
            clock,
            entropy,
        })
    }

    pub(super) async fn send(&self, payload: &Payload) -> Result<(), DeliveryError> {
        let request = match self.provider {
            SmsProvider::Alibaba => self.alibaba(payload),
            _ => self.gateway(payload),
        };
        let (status, body) = self.http.ask(request.ok_or(DeliveryError::Message)?).await?;
        let code = match serde_json::from_slice::<Answer>(&body) {
            Ok(answer) => answer.code,
            Err(_) => String::new(),
        };
        match status {
            // Dysmsapi says 200 to some refusals too; a gateway need not say anything.
            StatusCode::OK if code == "OK" || self.provider == SmsProvider::Http => Ok(()),
            status if status.is_success() && self.provider == SmsProvider::Http => Ok(()),
            status if status.is_server_error() => Err(DeliveryError::Unreachable),
            status => Err(DeliveryError::Refused(word(&code).unwrap_or_else(|| status.as_str().to_owned()))),
        }
    }

    /// `SendSms` of 2017-05-25. Its parameters stand in the query, as its interface description has them.
    fn alibaba(&self, payload: &Payload) -> Option<Request<Full<Bytes>>> {
        let mut nonce = [0; 16];
        self.entropy.fill(&mut nonce);
        let authority = self.endpoint.authority();
        // A mainland number without its country; others with it, but without the plus.
        let phone = payload.field("phone");
        let phone = phone.strip_prefix("+86").or_else(|| phone.strip_prefix('+')).unwrap_or(phone);
        let parameters = [
            ("PhoneNumbers", phone),
            ("SignName", payload.field("sign_name")),
            ("TemplateCode", payload.field("template")),
            ("TemplateParam", payload.field("parameters")),
        ];
        let call = Call {
            key: (&self.key_id, &self.secret),
            host: authority,
            action: ("SendSms", "2017-05-25"),
            date: &self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            nonce: &hex::encode(nonce),
            parameters: &parameters,
        };
        let address = format!("{}://{authority}/?{}", self.endpoint.scheme(), call.query());
        call.request().uri(address).body(Full::default()).ok()
    }

    fn gateway(&self, payload: &Payload) -> Option<Request<Full<Bytes>>> {
        let body: serde_json::Map<String, serde_json::Value> =
            payload.recipient.fields.iter().map(|name| ((*name).to_owned(), payload.field(name).into())).collect();
        let body = serde_json::to_vec(&body).ok()?;
        Request::post(self.endpoint.as_str())
            .header(AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .ok()
    }
}

/// A provider's word for its refusal, if it is one: nothing that could carry a value.
fn word(code: &str) -> Option<String> {
    let plain = code.len() <= 60 && code.chars().all(|letter| letter.is_ascii_alphabetic() || "._-".contains(letter));
    (plain && !code.is_empty()).then(|| code.to_owned())
}
