//! Where the root key comes from: a file, the configuration, or a command.
//!
//! All three may give several keys while the root key is rotated. Which one is in use, the key ring says; the others are
//! those it goes over to, or comes from. The files are read and the command is run again whenever the key ring is under a key
//! that this process does not know, so that a running server follows a rotation.

mod command;
mod files;

use std::path::{Path, PathBuf};

use jiayin_privacy::RootKey;
use jiayin_store::keyring::RootKeySource;

use crate::config::Config;
pub use command::Command;
pub use files::{KeyFiles, read as read_key};

/// Where the root key comes from.
#[derive(Clone)]
pub enum Source {
    /// A file, with others beside it while it is rotated.
    Files(KeyFiles),
    /// The configuration itself, which means the environment.
    Text(String),
    /// A command.
    Command(Command),
}

impl Source {
    /// As the configuration says; `keys` is the folder of the default file.
    pub fn new(config: &Config, keys: &Path) -> Self {
        if !config.root_key.is_empty() {
            return Self::Text(config.root_key.clone());
        }
        if !config.root_key_command.is_empty() {
            return Self::Command(Command::new(config.root_key_command.clone(), config.root_key_timeout_s));
        }
        let given = !config.root_key_file.as_os_str().is_empty();
        let file: PathBuf = if given { config.root_key_file.clone() } else { keys.join("root.key") };
        Self::Files(KeyFiles::new(file))
    }
}

impl RootKeySource for Source {
    fn read(&self) -> Result<Vec<RootKey>, String> {
        match self {
            Self::Files(files) => files.read(),
            Self::Text(text) => keys(text).ok_or_else(|| {
                "`root_key` (JIAYIN_ROOT_KEY) is not a root key: 32 bytes in Base64, several with spaces between them"
                    .to_owned()
            }),
            Self::Command(command) => keys(&command.run()?).ok_or_else(|| {
                "what `root_key_command` writes is not a root key: 32 bytes in Base64, several on lines of their own"
                    .to_owned()
            }),
        }
    }
}

/// The keys in a text, white space between them; `None` if there is none, or something else.
fn keys(text: &str) -> Option<Vec<RootKey>> {
    let keys: Vec<RootKey> = text.split_whitespace().map(RootKey::from_text).collect::<Result<_, _>>().ok()?;
    (!keys.is_empty()).then_some(keys)
}
