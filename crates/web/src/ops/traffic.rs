//! How much sound and pictures the server takes in and gives out, by kind of network.
//!
//! Our own scripts say in a header which kind of network the device is on, where the browser tells them; it is one of four
//! words, or it counts as unknown. It is added up here and kept nowhere, and nothing of the person is beside it.

use axum::http::HeaderMap;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Header of our scripts.
const HEADER: &str = "x-network";
const NETWORKS: [&str; 4] = ["wifi", "cellular", "other", UNKNOWN];
const UNKNOWN: &str = "unknown";

/// A kind of network: a word of a short list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(&'static str);

impl Network {
    /// As the request says; whatever is not on the list is unknown.
    pub fn of(headers: &HeaderMap) -> Self {
        let said = headers.get(HEADER).and_then(|value| value.to_str().ok());
        Self(said.and_then(|said| NETWORKS.into_iter().find(|word| *word == said)).unwrap_or(UNKNOWN))
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    direction: &'static str,
    network: &'static str,
}

/// The counter.
#[derive(Default)]
pub struct Traffic(Family<Labels, Counter>);

impl Traffic {
    /// At zero, and shown to the operator.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let traffic = Self::default();
        registry.register("media_bytes", "Bytes of sound and pictures by direction and network", traffic.0.clone());
        traffic
    }

    /// Bytes came in.
    pub fn came(&self, network: Network, bytes: usize) {
        self.add("in", network, bytes);
    }

    /// Bytes went out.
    pub fn went(&self, network: Network, bytes: usize) {
        self.add("out", network, bytes);
    }

    fn add(&self, direction: &'static str, Network(network): Network, bytes: usize) {
        self.0.get_or_create(&Labels { direction, network }).inc_by(bytes as u64);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_words_of_the_list_reach_the_counter() {
        let of = |said: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert(HEADER, HeaderValue::from_static(said));
            }
            Network::of(&headers).0
        };
        assert_eq!(of(Some("wifi")), "wifi");
        assert_eq!(of(Some("cellular")), "cellular");
        for said in [None, Some("Wifi"), Some("home of Li Lei"), Some("wifi, cellular"), Some("")] {
            assert_eq!(of(said), "unknown", "{said:?}");
        }
    }
}
