//! The data map at one moment, to be kept beside a version of the policy: what was promised then can be compared with what
//! is done now ([`crate::changes`]).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::map;
use crate::purpose::Basis;

/// The map as it was. Entries are sorted by id, so that the same map always has the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The categories.
    pub categories: Vec<Category>,
    /// The purposes.
    pub purposes: Vec<Purpose>,
    /// How long things are kept.
    pub retention: Vec<Retention>,
    /// What is kept: columns and files.
    pub items: Vec<Item>,
    /// To whom data is given.
    #[serde(default)]
    pub recipients: Vec<Recipient>,
    /// Cookies and other storage in the browser.
    pub browser: Vec<Stored>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Category {
    /// Its id.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Whether the law asks for special care.
    pub sensitive: bool,
}

/// A purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Purpose {
    /// Its id.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Its legal basis, as [`Basis::tag`] says it.
    pub basis: String,
    /// Clauses behind it.
    pub clauses: Vec<String>,
    /// Categories that it opens.
    pub categories: Vec<String>,
    /// Who may open, as [`crate::Relation::tag`] says it.
    pub relations: Vec<String>,
}

/// How long something is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Retention {
    /// Its id.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Days after the event from which they are counted; `None` until an event that may never come.
    pub days: Option<u32>,
}

/// Something that is kept of people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// `table.column`, or `file.<kind>`.
    pub id: String,
    /// In Chinese; `None` if it only ties rows together.
    pub zh: Option<String>,
    /// In English.
    pub en: Option<String>,
    /// Its category.
    pub category: String,
    /// Its retention.
    pub retention: String,
    /// Clauses behind it.
    pub clauses: Vec<String>,
}

/// Someone to whom data is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recipient {
    /// Its id.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Purposes for which it gets data.
    pub purposes: Vec<String>,
    /// Categories of which it gets data.
    pub categories: Vec<String>,
    /// The fields that it gets.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Country (ISO 3166-1) in which it works.
    #[serde(default)]
    pub region: String,
}

/// Something in the visitor's browser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stored {
    /// `cookie <name>`, or store and key.
    pub id: String,
    /// Whether the service needs it.
    pub essential: bool,
    /// Its retention.
    pub retention: String,
}

fn texts(list: &[&str]) -> Vec<String> {
    let mut list: Vec<String> = list.iter().map(|text| (*text).to_owned()).collect();
    list.sort_unstable();
    list
}

impl Snapshot {
    /// The map of this program.
    pub fn current() -> Self {
        Self {
            categories: map::CATEGORIES
                .iter()
                .map(|it| Category {
                    id: it.id.to_owned(),
                    zh: it.title_zh.to_owned(),
                    en: it.title_en.to_owned(),
                    sensitive: it.sensitive,
                })
                .collect(),
            purposes: map::PURPOSES.iter().map(purpose).collect(),
            retention: map::RETENTION
                .iter()
                .map(|it| Retention {
                    id: it.id.to_owned(),
                    zh: it.title_zh.to_owned(),
                    en: it.title_en.to_owned(),
                    days: it.days,
                })
                .collect(),
            items: items(),
            recipients: map::RECIPIENTS.iter().map(recipient).collect(),
            browser: stored(),
        }
        .sorted()
    }

    /// The same with every list in order.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.purposes.iter_mut().for_each(|it| {
            it.categories.sort_unstable();
            it.relations.sort_unstable();
        });
        self.categories.sort_unstable();
        self.purposes.sort_unstable();
        self.retention.sort_unstable();
        self.items.sort_unstable();
        self.recipients.sort_unstable();
        self.browser.sort_unstable();
        self
    }

    /// JSON, the same bytes for the same map.
    ///
    /// # Errors
    /// None in practice: every value of it has a form in JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads what [`Snapshot::to_json`] wrote.
    ///
    /// # Errors
    /// If it is something else.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

/// SHA-256 over several texts in their order, each preceded by its length in bytes (64 bits, big endian), so that none can
/// give a part of itself to its neighbour.
pub fn digest(texts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

fn purpose(it: &map::PurposeEntry) -> Purpose {
    Purpose {
        id: it.id.to_owned(),
        zh: it.title_zh.to_owned(),
        en: it.title_en.to_owned(),
        basis: it.basis.tag().to_owned(),
        clauses: it.clauses.iter().map(|id| (*id).to_owned()).collect(),
        categories: texts(it.categories),
        relations: it.relations.iter().map(|relation| relation.tag().to_owned()).collect(),
    }
}

fn recipient(it: &map::RecipientEntry) -> Recipient {
    Recipient {
        id: it.id.to_owned(),
        zh: it.title_zh.to_owned(),
        en: it.title_en.to_owned(),
        purposes: texts(it.purposes),
        categories: texts(it.categories),
        fields: texts(it.fields),
        region: it.region.to_owned(),
    }
}

fn items() -> Vec<Item> {
    let clauses = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let columns = map::COLUMNS.iter().map(|it| Item {
        id: format!("{}.{}", it.table, it.column),
        zh: it.export_zh.map(str::to_owned),
        en: it.export_en.map(str::to_owned),
        category: it.category.to_owned(),
        retention: it.retention.to_owned(),
        clauses: clauses(it.clauses),
    });
    let files = map::BLOBS.iter().map(|it| Item {
        id: format!("file.{}", it.kind),
        zh: Some(it.export_zh.to_owned()),
        en: Some(it.export_en.to_owned()),
        category: it.category.to_owned(),
        retention: it.retention.to_owned(),
        clauses: clauses(it.clauses),
    });
    columns.chain(files).collect()
}

fn stored() -> Vec<Stored> {
    let cookies = map::COOKIES.iter().map(|it| Stored {
        id: format!("cookie {}", it.name),
        essential: it.essential,
        retention: it.retention.to_owned(),
    });
    let others = map::BROWSER.iter().map(|it| Stored {
        id: format!("{} {}", it.store, it.key),
        essential: true,
        retention: it.retention.to_owned(),
    });
    cookies.chain(others).collect()
}

impl Basis {
    /// The word in snapshots and text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Consent => "consent",
            Self::LegalObligation => "legal_obligation",
        }
    }
}
