//! Configuration: defaults, then one TOML file, then `JIAYIN_*` variables. Read once, at start.
//!
//! A key that is not known and a value that does not fit are errors that name the key and where it was found.
//! Every key is described in `jiayin.example.toml`.

mod links;
mod sizes;
mod terms;
mod transport;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use jiayin_domain::operator::Operator;
use jiayin_domain::revision::NOTICE_DAYS;
use serde::{Deserialize, Serialize};

pub use links::ThirdParty;
pub use terms::Terms;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "jiayin.toml";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Who delivers text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsProvider {
    /// Nobody: there are no text messages.
    None,
    /// Alibaba Cloud's Short Message Service (Dysmsapi).
    Alibaba,
    /// A gateway of the operator's own, which takes JSON.
    Http,
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port that the web server listens on.
    pub http_addr: SocketAddr,
    /// Address and port of the site over TLS; unused without a certificate.
    pub https_addr: SocketAddr,
    /// Certificate with its chain, PEM.
    pub tls_cert_file: PathBuf,
    /// Its private key, PEM.
    pub tls_key_file: PathBuf,
    /// Domains for which certificates are fetched (ACME), in place of files.
    pub acme_domains: Vec<String>,
    /// Mailbox that the certificate authority may write to.
    pub acme_contact: String,
    /// Directory of the certificate authority.
    pub acme_directory_url: String,
    /// Root certificates (PEM) by which the authority's own server is known; empty for those of the web.
    pub acme_ca_file: PathBuf,
    /// Address under which visitors reach it; `https://` makes cookies `Secure`.
    pub public_url: String,
    /// Folder for everything that is stored.
    pub data_dir: PathBuf,
    /// Database of the school's data: `sqlite:FILE` or `postgres://…`; empty for a file in `data_dir`.
    pub database_url: String,
    /// Database of the key ring, another one than `database_url`; empty for a file in `data_dir`/keys.
    pub key_ring_url: String,
    /// File with the root key, which wraps all keys; empty for one in `data_dir`/keys, made at the first start.
    pub root_key_file: PathBuf,
    /// The root key itself, in place of a file. For the environment (`JIAYIN_ROOT_KEY`), not for a configuration file.
    pub root_key: String,
    /// A command that writes the root key to its standard output, in place of a file: program and arguments, no shell.
    pub root_key_command: Vec<String>,
    /// How long that command may take, in seconds.
    pub root_key_timeout_s: u32,
    /// Threads that score recordings; 0 for one per core.
    pub scoring_threads: usize,
    /// Recordings that may wait for a thread before visitors are asked to come back.
    pub scoring_queue: usize,
    /// Largest upload, in megabytes (10⁶ bytes).
    pub upload_max_mb: u32,
    /// Memory for all uploads that are under way at once, in megabytes.
    pub upload_memory_mb: u32,
    /// Requests that one token of the public interface may make in a minute.
    pub api_requests_per_minute: u32,
    /// Whether a proxy of the operator's own stands before the server, speaks TLS, and names visitors' addresses in
    /// `X-Forwarded-For`: then plain HTTP may be served to it over a network.
    pub behind_proxy: bool,
    /// Mail server, `smtps://user:password@host` or `smtp://…?tls=required`; empty for no mail.
    pub smtp_url: String,
    /// Sender of all mail: `Name <address>`.
    pub mail_from: String,
    /// Who delivers text messages.
    pub sms_provider: SmsProvider,
    /// Name of the account with the provider of text messages.
    pub sms_access_key_id: String,
    /// Its secret. For the environment (`JIAYIN_SMS_ACCESS_KEY_SECRET`), not for a configuration file.
    pub sms_access_key_secret: String,
    /// Signature that stands before each text message, as approved by the provider.
    pub sms_sign_name: String,
    /// Template of the message with a one-time code; its one parameter is `code`.
    pub sms_template: String,
    /// Template of the message with a notice about the account; its one parameter is `event`. Empty for none.
    pub sms_notice_template: String,
    /// Template of the message that there is something new; its one parameter is `count`. Empty for none.
    pub sms_messages_template: String,
    /// Address of the provider's interface; empty for its usual one.
    pub sms_endpoint: String,
    /// The secret key by which browsers know our messages, 64 hexadecimal digits; empty for no push. For the environment
    /// (`JIAYIN_PUSH_KEY`), not for a configuration file.
    pub push_key: String,
    /// Hosts of the services to which messages for browsers may go.
    pub push_services: Vec<String>,
    /// What is logged, as a `tracing` filter: `info`, `warn`, `jiayin=debug` …
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// Days between the announcement of a new policy and its effect.
    pub policy_notice_days: u16,
    /// Who runs the service and answers for the data.
    pub operator: Operator,
    /// Which days count in the terms that people are promised.
    pub privacy: Terms,
    /// Other hosts that are served, of affiliates: host → address of a policy of their own, or empty for this one.
    pub affiliates: BTreeMap<String, String>,
    /// Sites of others to which our pages may link.
    pub third_parties: Vec<ThirdParty>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http_addr: SocketAddr::from(([127, 0, 0, 1], 8080)),
            https_addr: SocketAddr::from(([0, 0, 0, 0], 443)),
            tls_cert_file: PathBuf::new(),
            tls_key_file: PathBuf::new(),
            acme_domains: Vec::new(),
            acme_contact: String::new(),
            acme_directory_url: "https://acme-v02.api.letsencrypt.org/directory".to_owned(),
            acme_ca_file: PathBuf::new(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            data_dir: PathBuf::from("data"),
            database_url: String::new(),
            key_ring_url: String::new(),
            root_key_file: PathBuf::new(),
            root_key: String::new(),
            root_key_command: Vec::new(),
            root_key_timeout_s: 20,
            scoring_threads: 0,
            scoring_queue: 32,
            upload_max_mb: 20,
            upload_memory_mb: 200,
            api_requests_per_minute: 120,
            behind_proxy: false,
            smtp_url: String::new(),
            mail_from: String::new(),
            sms_provider: SmsProvider::None,
            sms_access_key_id: String::new(),
            sms_access_key_secret: String::new(),
            sms_sign_name: String::new(),
            sms_template: String::new(),
            sms_notice_template: String::new(),
            sms_messages_template: String::new(),
            sms_endpoint: String::new(),
            push_key: String::new(),
            push_services: [
                "fcm.googleapis.com",
                "updates.push.services.mozilla.com",
                "*.push.apple.com",
                "*.notify.windows.com",
            ]
            .map(str::to_owned)
            .to_vec(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            policy_notice_days: NOTICE_DAYS,
            operator: Operator::default(),
            privacy: Terms::default(),
            affiliates: BTreeMap::new(),
            third_parties: Vec::new(),
        }
    }
}

/// Why the program cannot start with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A named file is not there.
    #[error("configuration: there is no file {0}")]
    NoFile(PathBuf),
    /// A key or a value is wrong; the message names it and its source.
    #[error("configuration: {0}")]
    Wrong(#[from] Box<figment::Error>),
    /// A value is of the right type but out of range.
    #[error("configuration: `{key}` must be {expected}")]
    Range {
        /// The key.
        key: &'static str,
        /// What would do.
        expected: &'static str,
    },
}

impl Config {
    /// Reads the configuration of this process.
    ///
    /// # Errors
    /// If the named file is missing, or a key or value is wrong.
    pub fn read(file: Option<PathBuf>) -> Result<Self, ConfigError> {
        let path = match file {
            Some(path) if !path.is_file() => return Err(ConfigError::NoFile(path)),
            Some(path) => path,
            None => PathBuf::from(DEFAULT_FILE),
        };
        Self::from_figment(layers(&path))
    }

    fn from_figment(figment: Figment) -> Result<Self, ConfigError> {
        let config: Self = figment.extract().map_err(Box::new)?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let url = &self.public_url;
        range(
            url.starts_with("http://") || url.starts_with("https://"),
            "public_url",
            "an address that starts with http:// or https://",
        )?;
        self.check_transport()?;
        let database = |url: &str| url.is_empty() || url.starts_with("sqlite:") || url.starts_with("postgres");
        range(database(&self.database_url), "database_url", "empty, sqlite:FILE or postgres://…")?;
        range(database(&self.key_ring_url), "key_ring_url", "empty, sqlite:FILE or postgres://…")?;
        range(
            self.database_url.is_empty() || self.database_url != self.key_ring_url,
            "key_ring_url",
            "another database than `database_url`: no backup may hold data and keys together",
        )?;
        let sources =
            [!self.root_key.is_empty(), !self.root_key_command.is_empty(), !self.root_key_file.as_os_str().is_empty()];
        range(
            sources.iter().filter(|given| **given).count() <= 1,
            "root_key_command",
            "the only one of `root_key_file`, `root_key` and `root_key_command` that is set",
        )?;
        range((1..=600).contains(&self.root_key_timeout_s), "root_key_timeout_s", "between 1 and 600")?;
        self.check_sizes()?;
        self.check_channels()?;
        range(
            self.log.parse::<tracing_subscriber::EnvFilter>().is_ok(),
            "log",
            "a filter such as info, warn or jiayin=debug",
        )?;
        range(
            (NOTICE_DAYS..=365).contains(&self.policy_notice_days),
            "policy_notice_days",
            "at least 7 and at most 365",
        )?;
        self.operator.check().map_err(|(key, expected)| ConfigError::Range { key, expected })?;
        self.privacy.check()?;
        self.check_links()
    }

    /// Whether visitors come over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Number of scoring threads, with 0 resolved to the number of cores.
    pub fn threads(&self) -> usize {
        if self.scoring_threads > 0 { self.scoring_threads } else { cores() }
    }

    /// Largest upload in bytes.
    pub fn upload_max(&self) -> usize {
        self.upload_max_mb as usize * 1_000_000
    }
}

fn range(fits: bool, key: &'static str, expected: &'static str) -> Result<(), ConfigError> {
    if fits { Ok(()) } else { Err(ConfigError::Range { key, expected }) }
}

/// Number of cores this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn layers(file: &Path) -> Figment {
    let defaults = Figment::from(Serialized::defaults(Config::default()));
    // Without a file the defaults do; one that was named has been looked for before.
    let set = if file.is_file() { defaults.merge(Toml::file_exact(file)) } else { defaults };
    set.merge(Env::prefixed("JIAYIN_").ignore(&["config"]).split("__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Config, String> {
        let figment = Figment::from(Serialized::defaults(Config::default())).merge(Toml::string(toml));
        Config::from_figment(figment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_file_states_the_defaults() {
        let example = include_str!("../../../jiayin.example.toml");
        let uncommented: String = example.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).fold(
            String::new(),
            |mut text, line| {
                text.push_str(line);
                text.push('\n');
                text
            },
        );
        assert_eq!(read(&uncommented).unwrap(), Config::default());
        for key in serde_json::to_value(Config::default()).unwrap().as_object().unwrap().keys() {
            let stated = example.contains(&format!("#: {key} = ")) || example.contains(&format!("#: [{key}]"));
            assert!(stated, "{key} is not in jiayin.example.toml");
        }
    }

    #[test]
    fn a_wrong_value_names_its_key() {
        for (toml, key) in [
            ("http_addr = \"nowhere\"", "http_addr"),
            ("scoring_threads = -1", "scoring_threads"),
            ("scoring_queue = 0", "scoring_queue"),
            ("upload_max_mb = 5000", "upload_max_mb"),
            ("upload_memory_mb = 1", "upload_memory_mb"),
            ("log_format = \"xml\"", "log_format"),
            ("log = \"a=b=c\"", "log"),
            ("public_url = \"school.example\"", "public_url"),
            ("database_url = \"mysql://x\"", "database_url"),
            ("database_url = \"sqlite:a\"\nkey_ring_url = \"sqlite:a\"", "key_ring_url"),
            ("root_key = \"a\"\nroot_key_command = [\"b\"]", "root_key_command"),
            ("root_key_timeout_s = 0", "root_key_timeout_s"),
            ("http_addr = \"0.0.0.0:80\"", "tls_cert_file"),
            ("tls_cert_file = \"a\"", "tls_key_file"),
            ("tls_cert_file = \"a\"\ntls_key_file = \"b\"", "public_url"),
            ("tls_cert_file = \"a\"\ntls_key_file = \"b\"\nacme_domains = [\"c\"]", "acme_domains"),
            ("acme_domains = [\"school.example\"]", "acme_contact"),
            ("behind_proxy = true", "public_url"),
            ("smtp_url = \"smtp://mail.example\"", "smtp_url"),
            ("smtp_url = \"http://mail.example\"", "smtp_url"),
            ("smtp_url = \"smtps://mail.example\"", "mail_from"),
            ("sms_provider = \"pigeon\"", "sms_provider"),
            ("sms_provider = \"alibaba\"", "sms_template"),
            (
                "sms_provider = \"http\"\nsms_template = \"a\"\nsms_access_key_secret = \"b\"\n\
                 sms_endpoint = \"http://sms.example\"",
                "sms_endpoint",
            ),
            ("htp_addr = \"127.0.0.1:80\"", "htp_addr"),
            ("policy_notice_days = 1", "policy_notice_days"),
            ("operator.phone = \"\"", "operator.phone"),
            ("operator.mailbox = \"nobody\"", "operator.mailbox"),
            ("operator.fax = \"1\"", "fax"),
            ("privacy.holidays = [\"8 March\"]", "holidays"),
            ("privacy = { holidays = [\"2027-02-08\"], extra_working_days = [\"2027-02-08\"] }", "extra_working_days"),
            ("affiliates = { \"a.example\" = \"a.example/policy\" }", "affiliates"),
            ("third_parties = [{ name = \"A\", host = \"\", policy_url = \"https://a.example\" }]", "third_parties"),
        ] {
            let error = read(toml).unwrap_err();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn a_named_file_must_exist() {
        assert!(Config::read(Some(PathBuf::from("no/such/file.toml"))).unwrap_err().to_string().contains("file.toml"));
    }
}
