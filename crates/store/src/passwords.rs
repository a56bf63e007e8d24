//! Passwords: Argon2id at OWASP's parameters (Password Storage Cheat Sheet, 2024): 19 MiB, 2 passes, 1 lane.
//!
//! One thread does it for all. Each password takes 19 MiB and some 30 ms of a core; a flood of attempts may take no more
//! than that, and what the allocator keeps of it stays small.

use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use jiayin_domain::provide::Entropy;
use tokio::sync::oneshot;

use crate::StoreError;

type Work = Box<dyn FnOnce() + Send>;

/// A hash of random bytes that nobody knows, at the same cost as real ones.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$kGTlsM0bUzQxfLiPY1DjyFdVsZHQkzYXgFXvKzXnVfI";

/// The hash of a password, in the PHC string format.
///
/// # Errors
/// If it cannot be made.
pub(crate) async fn hash(password: String, entropy: &dyn Entropy) -> Result<String, StoreError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    in_turn(move || {
        let hash = argon2().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| StoreError::Keys(error.to_string()))
    })
    .await?
}

/// Whether a password fits a hash. Without one, a hash that nothing fits is looked at all the same, so that time tells
/// nothing.
///
/// # Errors
/// If it cannot be looked at.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, StoreError> {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    in_turn(move || {
        let Ok(hash) = PasswordHash::new(&hash) else { return false };
        argon2().verify_password(password.as_bytes(), &hash).is_ok() && known
    })
    .await
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Does the work on the thread of passwords, when those before it are done. Who has gone away in the meantime is skipped.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    static QUEUE: OnceLock<Sender<Work>> = OnceLock::new();
    let queue = QUEUE.get_or_init(|| {
        let (sender, receiver) = channel::<Work>();
        std::thread::spawn(move || receiver.into_iter().for_each(|work| work()));
        sender
    });
    let gone = || StoreError::Keys("the thread of passwords has ended".to_owned());
    let (sender, receiver) = oneshot::channel();
    let work = move || {
        if !sender.is_closed() {
            let _ = sender.send(work());
        }
    };
    queue.send(Box::new(work)).map_err(|_| gone())?;
    receiver.await.map_err(|_| gone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_that_nothing_fits_is_a_hash_and_costs_as_much() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        assert!(argon2().verify_password(b"", &hash).is_err());
        let params = Params::try_from(&hash).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
    }
}
