//! Alibaba Cloud's request signature, version 3 (ACS3-HMAC-SHA256), as its documentation "Request syntax and signature method
//! V3" describes it. For calls in the RPC style: path `/`, parameters in the query, no body.

use axum::http::request::Builder;
use axum::http::{Method, Request};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A call to be signed.
pub(super) struct Call<'a> {
    /// Name and secret of the account.
    pub(super) key: (&'a str, &'a str),
    /// `host` or `host:port`.
    pub(super) host: &'a str,
    /// What is called, and its version.
    pub(super) action: (&'a str, &'a str),
    /// Seconds since 1970 in ISO 8601, UTC: `2023-10-26T10:22:32Z`.
    pub(super) date: &'a str,
    /// A number that is used once.
    pub(super) nonce: &'a str,
    /// Parameters, in any order.
    pub(super) parameters: &'a [(&'a str, &'a str)],
}

impl Call<'_> {
    /// The parameters as they stand in the address: sorted by name, encoded.
    pub(super) fn query(&self) -> String {
        let encoded = |text| utf8_percent_encode(text, ENCODED).to_string();
        let mut pairs: Vec<_> = self.parameters.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
        pairs.sort();
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The request's method and headers, the signature among them. The caller sets address and (empty) body.
    pub(super) fn request(&self) -> Builder {
        let nothing = hex::encode(Sha256::digest(b""));
        // Sorted by name, as the signature wants them.
        let headers = [
            ("host", self.host),
            ("x-acs-action", self.action.0),
            ("x-acs-content-sha256", &nothing),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.action.1),
        ];
        let names = headers.map(|(name, _)| name).join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("POST\n/\n{}\n{lines}\n{names}\n{nothing}", self.query());
        let signed = format!("{ALGORITHM}\n{}", hex::encode(Sha256::digest(canonical)));
        let signature = hex::encode(hmac(self.key.1.as_bytes(), signed.as_bytes()));
        let authorization =
            format!("{ALGORITHM} Credential={},SignedHeaders={names},Signature={signature}", self.key.0);
        let request = Request::builder().method(Method::POST).header("authorization", authorization);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC hashes a key that is longer than its block (RFC 2104); done here, there is no length that could be wrong.
    let mut block = [0; 64];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the documentation, with its result.
    #[test]
    fn the_documented_example_is_signed_as_documented() {
        let call = Call {
            key: ("YourAccessKeyId", "YourAccessKeySecret"),
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: ("RunInstances", "2014-05-26"),
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            parameters: &[
                ("RegionId", "cn-shanghai"),
                ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
            ],
        };
        let request = call.request().uri("/").body(()).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert!(authorization.ends_with(&format!("Signature={expected}")), "{authorization}");
    }

    #[test]
    fn parameters_are_encoded_as_rfc_3986_has_it() {
        let parameters = [("b", "a b*~"), ("a", "佳{\"c\":1}")];
        let call = Call { key: ("", ""), host: "", action: ("", ""), date: "", nonce: "", parameters: &parameters };
        assert_eq!(call.query(), "a=%E4%BD%B3%7B%22c%22%3A1%7D&b=a%20b%2A~");
    }
}
