//! The application's state.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiayin_domain::id::SchoolId;
use jiayin_store::Store;
use tokio::sync::{Semaphore, watch};

use crate::api::sending::Arriving;
use crate::assets::Assets;
use crate::codes::Pending;
use crate::config::Config;
use crate::ear::Ear;
use crate::egress::Egress;
use crate::limits::Limits;
use crate::locale::Catalogs;
use crate::ops::Metrics;
use crate::pool::Pool;
use crate::providers::{Clock, Entropy};

/// What all handlers share.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The contents of [`AppState`].
pub struct Shared {
    /// Configuration.
    pub config: Config,
    /// The ear.
    pub ear: Arc<dyn Ear>,
    /// What is kept.
    pub store: Store,
    /// The demo school, if this is a demo.
    pub demo: Option<SchoolId>,
    /// Changes when there is work for the workers.
    pub work: watch::Sender<u64>,
    /// Changes when a recording has been heard.
    pub heard: watch::Sender<u64>,
    /// The gate to the outside.
    pub egress: Egress,
    /// One-time codes on their way.
    pub codes: Pending,
    /// How often things were done.
    pub limits: Limits,
    /// Recordings that programs are sending at this moment.
    pub arriving: Arriving,
    /// Threads that score.
    pub pool: Pool,
    /// Kilobytes of memory that uploads may still take.
    pub upload_memory: Arc<Semaphore>,
    /// Counters.
    pub metrics: Metrics,
    /// Texts.
    pub catalogs: Catalogs,
    /// Style sheet and scripts.
    pub assets: Assets,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Whether new visitors are welcome; false while the server stops.
    pub ready: AtomicBool,
}

impl std::ops::Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl AppState {
    /// Puts the application together.
    ///
    /// # Errors
    /// If there are no threads to be had, or this build's texts or assets are broken.
    pub fn new(
        config: Config,
        ear: Arc<dyn Ear>,
        store: Store,
        demo: Option<SchoolId>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> io::Result<Self> {
        let pool = Pool::start(config.threads(), config.scoring_queue)?;
        let upload_memory = Arc::new(Semaphore::new(config.upload_memory_mb as usize * 1000));
        let egress = Egress::new(&config, Arc::clone(&clock), Arc::clone(&entropy)).map_err(io::Error::other)?;
        Ok(Self(Arc::new(Shared {
            egress,
            codes: Pending::default(),
            limits: Limits::default(),
            arriving: Arriving::default(),
            ear,
            store,
            demo,
            work: watch::Sender::new(0),
            heard: watch::Sender::new(0),
            pool,
            upload_memory,
            metrics: Metrics::new(),
            catalogs: Catalogs::load().map_err(io::Error::other)?,
            assets: Assets::load().map_err(io::Error::other)?,
            clock,
            entropy,
            ready: AtomicBool::new(true),
            config,
        })))
    }

    /// Calls a worker: there is something to do.
    pub fn wake_workers(&self) {
        self.work.send_modify(|count| *count = count.wrapping_add(1));
    }
}
