//! A device that makes passkeys, played by the test: it does what the standard says, or something else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Bits of the authenticator's data: the user is there, was verified, and a credential follows.
const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const CREDENTIAL: u8 = 64;

/// A device with one passkey.
#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    /// Id of the credential.
    pub credential: Vec<u8>,
    /// By which the site knows the user.
    pub user: Vec<u8>,
    /// The site of which the browser says it is.
    pub origin: String,
    /// The site for which the key is.
    pub site: String,
    /// How often it has signed.
    pub counter: u32,
    /// Whether it asks for a finger or a PIN.
    pub verifies: bool,
}

impl Authenticator {
    pub fn new(number: u8, origin: &str, site: &str) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).unwrap(),
            credential: vec![number; 20],
            user: Vec::new(),
            origin: origin.to_owned(),
            site: site.to_owned(),
            counter: 0,
            verifies: true,
        }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string().into()
    }

    fn data(&mut self, credential: bool) -> Vec<u8> {
        self.counter += 1;
        let mut data = Sha256::digest(self.site.as_bytes()).to_vec();
        let verified = if self.verifies { VERIFIED } else { 0 };
        data.push(PRESENT | verified | if credential { CREDENTIAL } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Makes the passkey that a page asks for; what the browser gives to our script.
    pub fn create(&mut self, options: &Value) -> String {
        self.user = BASE64.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let client_data = self.client_data("webauthn.create", options["challenge"].as_str().unwrap());
        let mut data = self.data(true);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        // The public key in COSE: kind EC2, algorithm ES256, curve P-256, x, y.
        let point = self.key.verifying_key().to_encoded_point(false);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().unwrap());
        // {"fmt": "none", "attStmt": {}, "authData": bytes} in CBOR.
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt");
        object.push(0x64);
        object.extend(b"none");
        object.push(0x67);
        object.extend(b"attStmt");
        object.extend([0xa0, 0x68]);
        object.extend(b"authData");
        object.extend([0x58, u8::try_from(data.len()).unwrap()]);
        object.extend(data);
        json!({
            "response": {"clientDataJSON": BASE64.encode(client_data), "attestationObject": BASE64.encode(object)},
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// Shows the passkey to a page that asks for one.
    pub fn get(&mut self, options: &Value) -> String {
        let client_data = self.client_data("webauthn.get", options["challenge"].as_str().unwrap());
        let data = self.data(false);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature: DerSignature = self.key.sign(&signed);
        json!({
            "id": BASE64.encode(&self.credential),
            "response": {
                "clientDataJSON": BASE64.encode(client_data),
                "authenticatorData": BASE64.encode(data),
                "signature": BASE64.encode(signature.as_bytes()),
                "userHandle": BASE64.encode(&self.user),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }
}
