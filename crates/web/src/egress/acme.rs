//! Certificates that are fetched and renewed by themselves (ACME, RFC 8555; the challenge is TLS-ALPN-01, RFC 8737, so port 443
//! is all it needs). What leaves goes to the certificate authority of `acme_directory_url`: the domains, `acme_contact`, and keys
//! made for this. It is the operator's own; nothing is said of any visitor, so the data map lists no recipient for it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::ResolvesServerCert;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, EventOk};

use crate::config::Config;
use crate::providers::Clock;
use crate::storage;

/// Troubles are told at most this often: the client tries again by itself.
const TELL: Duration = Duration::from_secs(60);

/// Begins to fetch and renew. Answers the certificate as it is at any moment, and what the authority is answered with when it
/// looks whether the domain is ours.
///
/// # Errors
/// A line for the operator that names the setting.
pub(crate) fn certificates(
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<(Arc<dyn ResolvesServerCert>, Arc<ServerConfig>), String> {
    let cache = config.data_dir.join("acme");
    storage::private_folder(&cache)?;
    let provider = Arc::new(ring::default_provider());
    let acme = if config.acme_ca_file.as_os_str().is_empty() {
        AcmeConfig::new_with_provider(&config.acme_domains, Arc::clone(&provider))
    } else {
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_root_certificates(roots(&config.acme_ca_file)?)
            .with_no_client_auth();
        AcmeConfig::new_with_client_config(&config.acme_domains, Arc::new(client))
    };
    let mut state = acme
        .contact_push(format!("mailto:{}", config.acme_contact))
        .directory(&config.acme_directory_url)
        .cache(DirCache::new(cache))
        .state();
    let resolver: Arc<dyn ResolvesServerCert> = state.resolver();
    let challenge = state.challenge_rustls_config_with_provider(provider);
    tokio::spawn(async move {
        let mut told: Option<Duration> = None;
        while let Some(event) = state.next().await {
            match event {
                Ok(EventOk::DeployedNewCert) => tracing::info!("a new certificate has been fetched"),
                Ok(_) => {}
                Err(error) => {
                    let now = clock.monotonic();
                    if told.is_none_or(|told| now.saturating_sub(told) >= TELL) {
                        tracing::error!(%error, "no certificate could be fetched; it is tried again");
                        told = Some(now);
                    }
                }
            }
        }
    });
    Ok((resolver, challenge))
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let bad = |why: String| format!("{} (`acme_ca_file`) holds no certificates in PEM: {why}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))? {
        let added = roots.add(certificate.map_err(|error| bad(error.to_string()))?);
        added.map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() { Err(bad("there is none in it".to_owned())) } else { Ok(roots) }
}
