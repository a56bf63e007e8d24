//! `jiayin admin rotate-root-key`: all keys are taken over by another root key, batch after batch, while the server runs.
//!
//! Where the root key is a file, the new one is put beside it, then in its place, and the old one is kept as `….previous` until
//! no key is wrapped by it. Where it comes from the environment or a command, that must give both keys first: a rotation that
//! a running server could not follow does not begin.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiayin_privacy::{RootKey, RootKeyId};
use jiayin_store::StoreError;
use jiayin_store::keyring::KeyRing;

use crate::config::Config;
use crate::providers::{Clock, Entropy};
use crate::root_key::{KeyFiles, Source, read_key};
use crate::storage::Places;

/// What can be said to it.
#[derive(Args)]
pub struct RotateArgs {
    /// File with the new root key (32 bytes in Base64); without it one is made.
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
}

pub(super) async fn run(
    config: &Config,
    args: RotateArgs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<(), String> {
    let places = Places::new(config);
    if places.is_new {
        return Err("there is no key ring here yet (`data_dir`, `key_ring_url`): start the server once".to_owned());
    }
    let given = match &args.new_key_file {
        Some(file) => {
            Some(read_key(file)?.ok_or_else(|| format!("there is no file {} (--new-key-file)", file.display()))?)
        }
        None => None,
    };
    let ring = places.key_ring(&*clock, Arc::clone(&entropy)).await?;
    let (current, leaving) = ring.root_keys().await.map_err(failed)?;
    if leaving.is_none() {
        if let Source::Files(files) = &places.root
            && files.has_previous()
        {
            files.switch(current)?;
            files.forget_previous()?;
            tell(&format!(
                "an earlier rotation had all but ended: the root key {current} is in place, the old one is gone"
            ));
            if given.is_none() {
                return Ok(());
            }
        }
        let next = next(&places.root, &ring, current, given, &*entropy).await?;
        ring.go_over(next, clock.now().as_millisecond()).await.map_err(failed)?;
    } else if given.is_some_and(|given| given.id() != current) {
        return Err(format!(
            "a rotation to the root key {current} has not been finished: run this again without --new-key-file"
        ));
    }
    finish(&places.root, &ring, &*clock).await
}

/// The root key to go over to.
async fn next(
    source: &Source,
    ring: &KeyRing,
    current: RootKeyId,
    given: Option<RootKey>,
    entropy: &dyn Entropy,
) -> Result<RootKeyId, String> {
    if given.as_ref().is_some_and(|given| given.id() == current) {
        return Err(format!("the key ring is under the root key {current} already"));
    }
    if let Source::Files(files) = source {
        return files.next(given, entropy);
    }
    let mut others = ring.given().await.map_err(failed)?;
    others.retain(|id| *id != current && given.as_ref().is_none_or(|given| given.id() == *id));
    match others[..] {
        [next] => Ok(next),
        _ => {
            Err("let `root_key` or `root_key_command` give the old root key and the new one, one after the other, and \
                  start every server with it; then run this again"
                .to_owned())
        }
    }
}

/// Puts the new key in its place, takes all keys over, and forgets the old root key.
async fn finish(source: &Source, ring: &KeyRing, clock: &dyn Clock) -> Result<(), String> {
    let (current, _) = ring.root_keys().await.map_err(failed)?;
    let files: Option<&KeyFiles> = if let Source::Files(files) = source { Some(files) } else { None };
    if let Some(files) = files {
        files.switch(current)?;
    }
    let done = ring.take_over(clock.now().as_millisecond(), |done| tell(&format!("{done} keys so far")));
    let done = done.await.map_err(failed)?;
    tell(&format!("{done} keys taken over: the key ring is under the root key {current}, and no other"));
    match files {
        Some(files) => {
            files.forget_previous()?;
            tell(&format!(
                "{} is the new one: put a copy in its safe place. The old one is needed only for backups of the key ring \
                 that were made before now; make a new one (jiayin backup --keys), then destroy both",
                files.file().display()
            ));
        }
        None => tell("now let `root_key` or `root_key_command` give the new root key alone"),
    }
    Ok(())
}

fn failed(error: StoreError) -> String {
    format!("the root key could not be rotated ({error}); what was taken over stays so, and running it again goes on")
}

fn tell(line: &str) {
    anstream::println!("{line}");
}
