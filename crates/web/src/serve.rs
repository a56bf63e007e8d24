//! `jiayin serve`: starts the web server and stops it in good order.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use jiayin_domain::id::SchoolId;
use jiayin_store::Store;
use tracing_subscriber::EnvFilter;

use crate::app::AppState;
use crate::config::{Config, LogFormat};
use crate::demo;
use crate::ear::Ear;
use crate::model;
use crate::network::Peer;
use crate::providers::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::routes::router;
use crate::{storage, tls, worker};

/// Serves until the process is told to stop (SIGTERM or Ctrl-C); then finishes what is under way.
///
/// # Errors
/// A line for the operator that says why it cannot start.
pub fn serve(config: Config, demo: bool) -> Result<(), String> {
    log_to_stderr(&config);
    let ear: Arc<dyn Ear> = Arc::new(model::load()?);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads to serve with: {error}"))?;
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let store = storage::open(&config, Arc::clone(&clock), Arc::clone(&entropy)).await?;
        let school = if demo { demo_school(&store, &clock, &entropy).await? } else { None };
        let app = AppState::new(config, ear, store, school, clock, entropy).map_err(|error| error.to_string())?;
        worker::start(&app);
        listen(app).await
    })
}

async fn demo_school(
    store: &Store,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Option<SchoolId>, String> {
    let made = demo::school(store, clock, entropy).await;
    match made.map_err(|error| format!("the demo school could not be made: {error}"))? {
        Some(_) if demo::is_outdated(store).await.map_err(|error| error.to_string())? => Err(
            "the demo school in `data_dir` was made by an older version, under another policy: move the folder away, and \
             a new one is made"
                .to_owned(),
        ),
        Some(school) => Ok(Some(school)),
        None => Err("there is a real school in `data_dir`: the demo needs a folder of its own".to_owned()),
    }
}

async fn listen(app: AppState) -> Result<(), String> {
    let address = app.config.http_addr;
    let plain = tls::bind(address, "http_addr").await?;
    let bound = plain.local_addr().unwrap_or(address);
    if !app.config.has_tls() {
        ready(&app, "http", bound);
        return run(plain, app).await;
    }
    let secure = tls::listen(&app.config, Arc::clone(&app.clock)).await?;
    let onward = axum::serve(plain, tls::redirect(&app.config.public_url)).into_future();
    ready(&app, "https", secure.address());
    let _ = writeln!(std::io::stdout(), "it sends visitors on from http://{bound}");
    tokio::select! {
        ended = run(secure, app) => ended,
        ended = onward => ended.map_err(|error| format!("the server for plain HTTP broke off: {error}")),
    }
}

async fn run<L>(listener: L, app: AppState) -> Result<(), String>
where
    L: Listener<Addr = SocketAddr>,
    Peer: for<'a> Connected<IncomingStream<'a, L>>,
{
    let stopping = app.clone();
    axum::serve(listener, router(app).into_make_service_with_connect_info::<Peer>())
        .with_graceful_shutdown(async move {
            stop_signal().await;
            stopping.ready.store(false, Ordering::Relaxed);
            tracing::info!("stopping: finishing what is under way");
        })
        .await
        .map_err(|error| format!("the server broke off: {error}"))
}

/// Tells a person where to look; whoever closed standard output does not want to know.
fn ready(app: &AppState, scheme: &str, address: SocketAddr) {
    let (model, threads) = (app.ear.model_version(), app.pool.threads());
    tracing::info!(model, threads, "listening on {scheme}://{address}");
    let _ = writeln!(std::io::stdout(), "jiayin is ready: {scheme}://{address}");
}

async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn log_to_stderr(config: &Config) {
    let filter = config.log.parse().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber is refused; only a test could ask for one.
    let _ = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // As in main: the place of a panic, never its message.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}
