//! TLS, built in (clause 7.2): with a certificate from files, or one that is fetched and renewed by itself (ACME). TLS 1.2 and
//! 1.3 only. Plain HTTP then does nothing but send visitors on.

mod files;
mod listener;
mod redirect;

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::ResolvesServerCert;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::egress::acme;
use crate::providers::Clock;
pub use listener::TlsListener;
pub use redirect::router as redirect;

/// What a connection is answered with.
#[derive(Clone)]
struct Answers {
    /// Visitors.
    site: Arc<ServerConfig>,
    /// The certificate authority, which looks whether the domain is ours.
    challenge: Option<Arc<ServerConfig>>,
}

/// Begins to listen on `https_addr`, with a certificate as the configuration says.
///
/// # Errors
/// A line for the operator that names the setting.
pub async fn listen(config: &Config, clock: Arc<dyn Clock>) -> Result<TlsListener, String> {
    let answers = if config.acme_domains.is_empty() {
        files::answers(config).await?
    } else {
        let (certificates, challenge) = acme::certificates(config, clock)?;
        Answers { site: site(certificates)?, challenge: Some(challenge) }
    };
    let address = config.https_addr;
    let tcp = bind(address, "https_addr").await?;
    Ok(TlsListener::start(tcp, address, answers))
}

/// Listens on an address that a setting names.
///
/// # Errors
/// A line for the operator.
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, String> {
    let variable = setting.to_uppercase();
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| format!("cannot listen on {address} (`{setting}`, JIAYIN_{variable}): {error}"))
}

/// How visitors are answered, whichever certificate it is.
fn site(certificates: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, String> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
