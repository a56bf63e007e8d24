//! What the tests share: people, keys, randomness that can be repeated, a log that remembers.

use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use jiayin_domain::id::{PersonId, SchoolId};
use jiayin_domain::provide::Entropy;
use jiayin_privacy::{
    AccessRequest, AuditEntry, AuditLog, Consent, Grant, Purpose, Relation, Scope, SubjectKey, grant,
};
use uuid::Uuid;

/// Randomness that can be repeated (SplitMix64).
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

pub(crate) fn row(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn key(subject: PersonId) -> SubjectKey {
    SubjectKey::generate(subject, &Seeded::new(7))
}

/// A log in memory; it can be made to fail.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) entries: Mutex<Vec<AuditEntry>>,
    pub(crate) full: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl AuditLog for Log {
    type Error = Full;

    async fn append(&self, entry: &AuditEntry) -> Result<(), Full> {
        if self.full {
            return Err(Full);
        }
        self.entries.lock().unwrap().push(entry.clone());
        Ok(())
    }
}

/// The result of a future that waits for nothing.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("waits for something"),
    }
}

/// A request of `subject` for their own data.
pub(crate) fn request(subject: PersonId) -> AccessRequest {
    AccessRequest {
        actor: Some(subject),
        school: SchoolId(Uuid::from_u128(1)),
        relation: Relation::Own,
        scope: Scope::One(subject),
        consent: Consent::NotNeeded,
        restricted: false,
        group: None,
        object: None,
    }
}

/// A grant over the subject's own data.
pub(crate) fn own<P: Purpose>(subject: PersonId) -> Grant<P> {
    now(grant::<P, _>(&Log::default(), request(subject))).unwrap()
}
