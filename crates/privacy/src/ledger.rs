//! The ledger of consents: what an entry says, how entries are chained, and the receipt that the person gets.
//!
//! Each entry's hash covers the entry and the hash before it. Whoever changes, removes or inserts one has to compute all
//! later ones anew, and the receipts that people hold no longer fit.

use jiayin_domain::consent::Decision;
use jiayin_domain::id::{ConsentId, PersonId, SchoolId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::map;
use crate::purpose::Basis;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// What stands before the first entry.
pub const GENESIS: Hash = [0; 32];

/// One decision about one purpose.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// Its id.
    pub id: ConsentId,
    /// Its place in the ledger, from 1.
    pub number: i64,
    /// The school.
    pub school: SchoolId,
    /// Who decided.
    pub actor: PersonId,
    /// For whom.
    pub subject: PersonId,
    /// Id of the purpose.
    pub purpose: String,
    /// What was decided.
    pub decision: Decision,
    /// Number of the policy's version that was shown.
    pub version: i64,
    /// That version's digest.
    pub digest: Hash,
    /// The language in which it was shown.
    pub language: String,
    /// Where it was decided.
    pub surface: String,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

impl ConsentEntry {
    /// The entry's hash: SHA-256 over the hash before it and the fields in order, each with its length before it.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut digest = Sha256::new();
        let mut field = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        field(b"jiayin consent 1");
        field(previous);
        field(self.id.0.as_bytes());
        field(&self.number.to_be_bytes());
        field(self.school.0.as_bytes());
        field(self.actor.0.as_bytes());
        field(self.subject.0.as_bytes());
        field(self.purpose.as_bytes());
        field(self.decision.tag().as_bytes());
        field(&self.version.to_be_bytes());
        field(&self.digest);
        field(self.language.as_bytes());
        field(self.surface.as_bytes());
        field(&self.at.to_be_bytes());
        digest.finalize().into()
    }
}

/// Who is behind the service, for receipts.
pub struct Controller<'a> {
    /// Legal name.
    pub name: &'a str,
    /// Phone number.
    pub phone: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// Address of the policy.
    pub policy_url: String,
}

/// A receipt for an entry, with the fields of ISO/IEC TS 27560: the record itself, its parties, what is processed and why,
/// and the event. `hash` is the entry's own hash, by which it can be found in the ledger.
pub fn receipt(entry: &ConsentEntry, hash: &Hash, controller: &Controller<'_>) -> Value {
    let purpose = map::purpose(&entry.purpose);
    let at = Timestamp::from_millisecond(entry.at).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let basis = match purpose.map(|purpose| purpose.basis) {
        Some(Basis::Contract) => "contract",
        Some(Basis::LegalObligation) => "legal_obligation",
        Some(Basis::Consent) | None => "consent",
    };
    let categories: Vec<Value> = map::CATEGORIES
        .iter()
        .filter(|category| purpose.is_some_and(|purpose| purpose.categories.contains(&category.id)))
        .map(|category| {
            json!({"pii_type": category.id, "title": {"zh-CN": category.title_zh, "en": category.title_en},
                   "sensitive": category.sensitive, "retention": retention(category.id)})
        })
        .collect();
    json!({
        "receipt_metadata": {
            "schema_version": "ISO/IEC TS 27560:2023",
            "record_id": entry.id.to_string(),
            "ledger_number": entry.number,
            "ledger_hash": hex::encode(hash),
        },
        "parties": [
            {"role": "pii_controller", "name": controller.name, "phone": controller.phone, "email": controller.email},
            {"role": "pii_principal", "pii_principal_id": entry.subject.to_string()},
            {"role": if entry.actor == entry.subject { "pii_principal" } else { "guardian" },
             "pii_principal_id": entry.actor.to_string()},
        ],
        "processing": {
            "privacy_notice": {"url": controller.policy_url, "version": entry.version, "sha256": hex::encode(entry.digest),
                               "language": entry.language},
            "purposes": [{
                "purpose": entry.purpose,
                "title": purpose.map(|purpose| json!({"zh-CN": purpose.title_zh, "en": purpose.title_en})),
                "lawful_basis": basis,
                "clauses": purpose.map(|purpose| purpose.clauses),
                "pii_categories": categories,
            }],
            "withdrawal": "the page of consents, one switch for each purpose",
        },
        "events": [{
            "event_type": entry.decision.tag(),
            "event_time": at,
            "entity_id": entry.actor.to_string(),
            "method": entry.surface,
        }],
    })
}

/// The titles of all that the map says of how long a category is kept, each once.
fn retention(category: &str) -> Vec<Value> {
    let ids: std::collections::BTreeSet<&str> =
        map::COLUMNS.iter().filter(|column| column.category == category).map(|column| column.retention).collect();
    ids.into_iter()
        .filter_map(map::retention)
        .map(|kept| json!({"days": kept.days, "zh-CN": kept.title_zh, "en": kept.title_en}))
        .collect()
}
