//! Passwords: Argon2id at OWASP's parameters (Password Storage Cheat Sheet, 2024): 19 MiB, 2 passes, 1 lane.
//!
//! One thread does it for all, in memory that it keeps. Each password takes 19 MiB and some 30 ms of a core, and a flood of
//! attempts may take no more than that; asked for anew each time, the system's allocator kept five times as much.

use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use jiayin_domain::provide::Entropy;
use tokio::sync::oneshot;

use crate::StoreError;

/// The memory that the function fills, kept from one password to the next.
type Memory = Vec<Block>;
type Work = Box<dyn FnOnce(&mut Memory) + Send>;

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
    let made = in_turn(move |memory| new_hash(memory, password.as_bytes(), &salt)).await?;
    made.ok_or_else(|| StoreError::Keys("a password could not be hashed".to_owned()))
}

fn new_hash(memory: &mut Memory, password: &[u8], salt: &[u8]) -> Option<String> {
    let params = Params::default();
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(digest(memory, params, password, salt)?),
    };
    Some(hash.to_string())
}

/// Whether a password fits a hash. Without one, a hash that nothing fits is looked at all the same, so that time tells
/// nothing.
///
/// # Errors
/// If it cannot be looked at.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, StoreError> {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    in_turn(move |memory| fits(memory, password.as_bytes(), &hash).unwrap_or(false) && known).await
}

/// Whether a hash was made with other parameters than new ones are: it is made anew when its password comes by.
pub(crate) fn is_outdated(hash: &str) -> bool {
    let params = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
    let current = Params::default();
    params.is_none_or(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) != (current.m_cost(), current.t_cost(), current.p_cost())
    })
}

/// `None` for what is no hash of ours.
fn fits(memory: &mut Memory, password: &[u8], hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    if hash.algorithm != ARGON2ID_IDENT || hash.version != Some(Version::V0x13.into()) {
        return None;
    }
    let found = digest(memory, Params::try_from(&hash).ok()?, password, hash.salt.as_ref()?)?;
    // Outputs are compared in constant time.
    Some(hash.hash.as_ref()? == &found)
}

fn digest(memory: &mut Memory, params: Params, password: &[u8], salt: &[u8]) -> Option<Output> {
    let blocks = params.block_count();
    memory.resize(blocks.max(memory.len()), Block::default());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let done = argon2.hash_password_into_with_memory(password, salt, &mut output, memory.get_mut(..blocks)?);
    // Nothing of the password stays behind.
    memory.fill(Block::default());
    done.ok()?;
    Output::new(&output).ok()
}

/// Does the work on the thread of passwords, when those before it are done. Who has gone away in the meantime is skipped.
async fn in_turn<T: Send + 'static>(work: impl FnOnce(&mut Memory) -> T + Send + 'static) -> Result<T, StoreError> {
    static QUEUE: OnceLock<Sender<Work>> = OnceLock::new();
    let queue = QUEUE.get_or_init(|| {
        let (sender, receiver) = channel::<Work>();
        std::thread::spawn(move || {
            let mut memory = Memory::new();
            receiver.into_iter().for_each(|work| work(&mut memory));
        });
        sender
    });
    let gone = || StoreError::Keys("the thread of passwords has ended".to_owned());
    let (sender, receiver) = oneshot::channel();
    let work = move |memory: &mut Memory| {
        if !sender.is_closed() {
            let _ = sender.send(work(memory));
        }
    };
    queue.send(Box::new(work)).map_err(|_| gone())?;
    receiver.await.map_err(|_| gone())
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    #[test]
    fn the_hash_that_nothing_fits_is_a_hash_and_costs_as_much() {
        let mut memory = Memory::new();
        assert_eq!(fits(&mut memory, b"", NOBODY), Some(false));
        let params = Params::try_from(&PasswordHash::new(NOBODY).unwrap()).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
    }

    #[test]
    fn a_hash_of_other_parameters_is_outdated() {
        assert!(!is_outdated(NOBODY));
        assert!(is_outdated(&NOBODY.replace("m=19456", "m=12288")) && is_outdated(&NOBODY.replace("t=2", "t=1")));
    }

    #[test]
    fn hashes_are_those_of_the_library() {
        let mut memory = Memory::new();
        let ours = new_hash(&mut memory, b"correct horse", &[7; 16]).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", ours.as_str()).is_ok());
        assert_eq!(fits(&mut memory, b"correct horse", &ours), Some(true));
        assert_eq!(fits(&mut memory, b"correct house", &ours), Some(false));
        assert_eq!(fits(&mut memory, b"correct horse", "$2b$12$nothing"), None);
    }
}
