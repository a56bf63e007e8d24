//! From where a request comes, for limits alone: the address becomes a keyed digest at once, and is neither kept nor logged.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::serve::IncomingStream;
use tokio::net::TcpListener;

use crate::app::AppState;
use crate::limits::Digest;
use crate::tls::TlsListener;

/// Header in which proxies name the visitor's address, the nearest proxy last.
const FORWARDED: &str = "x-forwarded-for";

/// The address at the other end of a connection, with or without TLS.
#[derive(Clone, Copy)]
pub struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The network of a request: one address, or the 64 bits that a household has under IPv6.
#[derive(Clone, Copy)]
pub struct Network(Digest);

impl Network {
    /// Its digest.
    pub fn digest(&self) -> Digest {
        self.0
    }
}

impl FromRequestParts<AppState> for Network {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<Peer>>().map(|info| info.0.0.ip());
        let named = if app.config.behind_proxy { named(&parts.headers) } else { None };
        let address = named.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(Self(app.store.tokens().digest("network", &[&prefix(address)])))
    }
}

/// What the nearest proxy says; what came before it, anybody may have written.
fn named(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

fn prefix(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_under_ipv6_are_one_network_and_the_nearest_proxy_is_believed() {
        let of = |text: &str| prefix(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        let headers = |values: &[&'static str]| {
            values.iter().map(|value| (FORWARDED.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        assert_eq!(named(&headers(&["10.0.0.1, 192.0.2.1"])), "192.0.2.1".parse().ok());
        assert_eq!(named(&headers(&["192.0.2.9", "10.0.0.1,192.0.2.1"])), "192.0.2.1".parse().ok());
        assert_eq!(named(&headers(&["unknown"])), None);
    }
}
