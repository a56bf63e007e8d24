//! For the operator: is it alive, is it ready, how does it fare.

pub mod failures;
pub mod health;
pub mod traffic;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use self::traffic::Traffic;
use crate::app::AppState;
use crate::error::AppError;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// Counters and clocks. Their labels are fixed words, so their number is bounded.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Histogram,
    scorings: Family<OutcomeLabels, Counter>,
    scoring_seconds: Histogram,
    waiting: Gauge<f64, AtomicU64>,
    busy: Gauge<f64, AtomicU64>,
    /// Sound and pictures, in and out.
    pub traffic: Traffic,
}

const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("jiayin");
        let traffic = Traffic::register(&mut registry);
        let mut metrics = Self {
            registry,
            traffic,
            requests: Family::default(),
            request_seconds: Histogram::new(SECONDS),
            scorings: Family::default(),
            scoring_seconds: Histogram::new(SECONDS),
            waiting: Gauge::default(),
            busy: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Requests by route and status", metrics.requests.clone());
        registry.register("http_request_seconds", "Time to answer", metrics.request_seconds.clone());
        registry.register("scorings", "Recordings by outcome", metrics.scorings.clone());
        registry.register("scoring_seconds", "Time on a scoring thread", metrics.scoring_seconds.clone());
        registry.register("scoring_waiting", "Recordings that wait for a thread", metrics.waiting.clone());
        registry.register("scoring_busy", "Scoring threads at work", metrics.busy.clone());
        metrics
    }

    /// Counts a request.
    pub fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&RequestLabels { method, route: route.to_owned(), status }).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Counts a recording that went through a scoring thread; `outcome` is a verdict or an error's code.
    pub fn scoring(&self, outcome: &'static str, took: Duration) {
        self.scorings.get_or_create(&OutcomeLabels { outcome }).inc();
        self.scoring_seconds.observe(took.as_secs_f64());
    }

    /// Counts a recording that was sent away because of the crowd.
    pub fn refused(&self) {
        self.scorings.get_or_create(&OutcomeLabels { outcome: "refused" }).inc();
    }
}

/// `GET /metrics`: the Prometheus (OpenMetrics) text format.
pub async fn metrics(State(app): State<AppState>) -> Result<Response, AppError> {
    app.metrics.waiting.set(app.pool.waiting() as f64);
    app.metrics.busy.set(app.pool.busy() as f64);
    let mut text = String::new();
    encode(&mut text, &app.metrics.registry).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}
