//! One HTTP request to a provider, over TLS with Mozilla's roots (the configuration allows plain HTTP on this machine only).

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::DeliveryError;

/// An answer that has not come by then is not waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest answer that is read, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// The client.
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    pub(super) fn new() -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| format!("no TLS: {error}"))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends, and reads the answer to its end. Redirections are not followed.
    pub(super) async fn ask(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), DeliveryError> {
        let answer = async {
            let response = self.0.request(request).await.map_err(|_| DeliveryError::Unreachable)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
            Ok((status, body.map_err(|_| DeliveryError::Unreachable)?.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, answer).await.map_err(|_| DeliveryError::Unreachable)?
    }
}
