//! Connections over TLS, for axum. Each hand-shake has a task of its own: one that dawdles keeps nobody waiting, and has to
//! end in time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls_acme::is_tls_alpn_challenge;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::Answers;

/// How long a hand-shake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Hand-shakes at the same time; who comes then waits.
const AT_ONCE: usize = 512;
/// How long to wait when the system gives no more connections.
const BREATH: Duration = Duration::from_millis(100);

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// See the module.
pub struct TlsListener {
    ready: mpsc::Receiver<Connection>,
    address: SocketAddr,
}

impl TlsListener {
    pub(super) fn start(tcp: TcpListener, address: SocketAddr, answers: Answers) -> Self {
        let address = tcp.local_addr().unwrap_or(address);
        let (sender, ready) = mpsc::channel(AT_ONCE);
        tokio::spawn(accept(tcp, answers, sender));
        Self { ready, address }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Takes connections until nobody asks for them any more.
async fn accept(tcp: TcpListener, answers: Answers, ready: mpsc::Sender<Connection>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = ready.closed() => return,
            accepted = tcp.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                tokio::spawn(shake(stream, address, answers.clone(), ready.clone(), place));
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

async fn shake(
    stream: TcpStream,
    address: SocketAddr,
    answers: Answers,
    ready: mpsc::Sender<Connection>,
    _place: OwnedSemaphorePermit,
) {
    // Whoever does not manage it is no visitor yet: nothing is told, nothing logged.
    if let Ok(Ok(Some(stream))) = tokio::time::timeout(PATIENCE, hands(stream, &answers)).await {
        let _ = ready.send((stream, address)).await;
    }
}

/// `None` if it was the certificate authority, which has what it wanted.
async fn hands(stream: TcpStream, answers: &Answers) -> io::Result<Option<TlsStream<TcpStream>>> {
    let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
    match &answers.challenge {
        Some(challenge) if is_tls_alpn_challenge(&hello.client_hello()) => {
            hello.into_stream(Arc::clone(challenge)).await?.shutdown().await?;
            Ok(None)
        }
        _ => hello.into_stream(Arc::clone(&answers.site)).await.map(Some),
    }
}
