//! `jiayin admin …`: what an operator does beside the running server.

mod found;
mod push_key;
mod rotate;
mod second_step;

use std::sync::Arc;

use clap::Subcommand;

use crate::config::Config;
use crate::providers::{Clock, Entropy, SystemClock, SystemEntropy};

/// What there is to do.
#[derive(Subcommand)]
pub enum Task {
    /// Found the school: prints the invitations of its first campus manager and of its privacy officer.
    Found(found::FoundArgs),
    /// Make the key by which browsers know our messages, for `push_key`.
    NewPushKey,
    /// Go over to another root key, while the server runs. Broken off, it goes on where it stopped.
    RotateRootKey(rotate::RotateArgs),
    /// Remove the second step of somebody who has lost it, and sign them out everywhere.
    ResetSecondStep(second_step::ResetArgs),
}

/// Does it.
///
/// # Errors
/// A line for the operator.
pub fn run(config: &Config, task: Task) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads to work with: {error}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    runtime.block_on(async {
        match task {
            Task::Found(args) => found::run(config, args, clock, entropy).await,
            Task::NewPushKey => {
                push_key::run(&*entropy);
                Ok(())
            }
            Task::RotateRootKey(args) => rotate::run(config, args, clock, entropy).await,
            Task::ResetSecondStep(args) => second_step::run(config, args, clock, entropy).await,
        }
    })
}
