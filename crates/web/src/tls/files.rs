//! A certificate from files. It is read again on SIGHUP and when the files have changed, so that whoever renews it has nothing
//! else to do; one that does not fit is not taken, and the one in use stays.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::{Answers, site};
use crate::config::Config;

/// How often it is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Files {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

pub(super) async fn answers(config: &Config) -> Result<Answers, String> {
    let (cert, key) = (config.tls_cert_file.clone(), config.tls_key_file.clone());
    let current = RwLock::new(Arc::new(read(&cert, &key)?));
    let files = Arc::new(Files { cert, key, current });
    let site = site(Arc::clone(&files) as Arc<dyn ResolvesServerCert>)?;
    tokio::spawn(follow(files));
    Ok(Answers { site, challenge: None })
}

fn read(cert: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let bad_cert = |why: String| format!("{} (`tls_cert_file`) holds no certificate in PEM: {why}", cert.display());
    let chain = CertificateDer::pem_file_iter(cert).map_err(|error| bad_cert(error.to_string()))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|error| bad_cert(error.to_string()))?;
    if chain.is_empty() {
        return Err(bad_cert("there is none in it".to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("{} (`tls_key_file`) holds no private key in PEM: {error}", key.display()))?;
    CertifiedKey::from_der(chain, secret, &ring::default_provider()).map_err(|error| {
        format!(
            "the key {} (`tls_key_file`) and {} (`tls_cert_file`) do not fit: {error}",
            key.display(),
            cert.display()
        )
    })
}

/// When the files were last changed.
fn changed(files: &Files) -> [Option<SystemTime>; 2] {
    [&files.cert, &files.key].map(|file| std::fs::metadata(file).and_then(|file| file.modified()).ok())
}

async fn follow(files: Arc<Files>) {
    let mut seen = changed(&files);
    let mut asked = Asked::new();
    loop {
        let now = tokio::select! {
            () = asked.again() => true,
            () = tokio::time::sleep(LOOK) => false,
        };
        let there = changed(&files);
        if !now && there == seen {
            continue;
        }
        seen = there;
        match read(&files.cert, &files.key) {
            Ok(fresh) => {
                *files.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                tracing::info!("the certificate was read again");
            }
            Err(error) => tracing::error!(error, "the certificate stays the one before"),
        }
    }
}

/// SIGHUP, where there is such a thing.
struct Asked {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Asked {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn again(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
