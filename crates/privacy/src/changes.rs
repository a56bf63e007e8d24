//! What a new data map does that the old one did not, and whom it concerns: a material change asks for consent again
//! (clause 12.3), anything else is announced.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::snapshot::{Item, Purpose, Snapshot};

/// One difference between two maps. Ids are those of the map that has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A category of data that was not kept before.
    NewCategory {
        /// The category.
        category: String,
    },
    /// Data is opened for something new.
    NewPurpose {
        /// The purpose.
        purpose: String,
    },
    /// A purpose opens a category that it did not open.
    WiderPurpose {
        /// The purpose.
        purpose: String,
        /// The category.
        category: String,
    },
    /// Others than before may open for a purpose.
    WiderAudience {
        /// The purpose.
        purpose: String,
        /// Who.
        relation: String,
    },
    /// A purpose rests on another legal basis.
    OtherBasis {
        /// The purpose.
        purpose: String,
    },
    /// Data is given to someone new, or more of it, or for more.
    NewRecipient {
        /// The recipient.
        recipient: String,
    },
    /// Something is kept longer.
    LongerRetention {
        /// The category of what is kept.
        category: String,
        /// How long now.
        retention: String,
    },
    /// Something is kept shorter.
    ShorterRetention {
        /// The category of what is kept.
        category: String,
        /// How long now.
        retention: String,
    },
    /// One thing more is kept, of a category that was kept before.
    NewItem {
        /// The column or file.
        item: String,
    },
    /// One thing more is stored in the browser.
    NewStored {
        /// The cookie or key.
        stored: String,
    },
    /// A category, purpose, recipient, column, file or cookie is no more.
    Removed {
        /// Its kind and id.
        what: String,
    },
}

impl Change {
    /// Whether what was agreed to no longer covers it.
    pub fn is_material(&self) -> bool {
        match self {
            Self::NewCategory { .. }
            | Self::NewPurpose { .. }
            | Self::WiderPurpose { .. }
            | Self::WiderAudience { .. }
            | Self::OtherBasis { .. }
            | Self::NewRecipient { .. }
            | Self::LongerRetention { .. } => true,
            Self::ShorterRetention { .. } | Self::NewItem { .. } | Self::NewStored { .. } | Self::Removed { .. } => {
                false
            }
        }
    }

    /// Key of the text that tells it.
    pub fn key(&self) -> &'static str {
        match self {
            Self::NewCategory { .. } => "change-new-category",
            Self::NewPurpose { .. } => "change-new-purpose",
            Self::WiderPurpose { .. } => "change-wider-purpose",
            Self::WiderAudience { .. } => "change-wider-audience",
            Self::OtherBasis { .. } => "change-other-basis",
            Self::NewRecipient { .. } => "change-new-recipient",
            Self::LongerRetention { .. } => "change-longer-retention",
            Self::ShorterRetention { .. } => "change-shorter-retention",
            Self::NewItem { .. } => "change-new-item",
            Self::NewStored { .. } => "change-new-stored",
            Self::Removed { .. } => "change-removed",
        }
    }

    /// Ids of the purposes of the new map for which a material change asks for consent again; none for any other change.
    pub fn touches(&self, new: &Snapshot) -> Vec<String> {
        let opening = |category: &str| -> Vec<String> {
            let opens = |purpose: &&Purpose| purpose.categories.iter().any(|it| it == category);
            new.purposes.iter().filter(opens).map(|purpose| purpose.id.clone()).collect()
        };
        match self {
            Self::NewCategory { category } | Self::LongerRetention { category, .. } => opening(category),
            Self::NewPurpose { purpose }
            | Self::WiderPurpose { purpose, .. }
            | Self::WiderAudience { purpose, .. }
            | Self::OtherBasis { purpose } => vec![purpose.clone()],
            Self::NewRecipient { recipient } => {
                let found = new.recipients.iter().find(|it| it.id == *recipient);
                found.map_or_else(Vec::new, |it| it.purposes.clone())
            }
            Self::ShorterRetention { .. } | Self::NewItem { .. } | Self::NewStored { .. } | Self::Removed { .. } => {
                Vec::new()
            }
        }
    }
}

/// Purposes for which any of the changes asks for consent again, sorted.
pub fn touched(changes: &[Change], new: &Snapshot) -> Vec<String> {
    let all: BTreeSet<String> = changes.iter().flat_map(|change| change.touches(new)).collect();
    all.into_iter().collect()
}

/// What the new map does that the old one did not, and what it no longer does; sorted, the material changes first.
pub fn changes(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut found = BTreeSet::new();
    for id in added(&old.categories, &new.categories, |it| &it.id) {
        found.insert(Change::NewCategory { category: id });
    }
    purposes(old, new, &mut found);
    recipients(old, new, &mut found);
    items(old, new, &mut found);
    for id in added(&old.browser, &new.browser, |it| &it.id) {
        found.insert(Change::NewStored { stored: id });
    }
    removed(old, new, &mut found);
    let (mut material, other): (Vec<_>, Vec<_>) = found.into_iter().partition(Change::is_material);
    material.extend(other);
    material
}

/// Ids that only the new list has.
fn added<T>(old: &[T], new: &[T], id: impl Fn(&T) -> &String) -> Vec<String> {
    let known: BTreeSet<&String> = old.iter().map(&id).collect();
    new.iter().map(&id).filter(|id| !known.contains(id)).cloned().collect()
}

fn lacking<'a>(old: &[String], new: &'a [String]) -> impl Iterator<Item = &'a String> {
    new.iter().filter(|id| !old.contains(id))
}

fn purposes(old: &Snapshot, new: &Snapshot, found: &mut BTreeSet<Change>) {
    for now in &new.purposes {
        let purpose = now.id.clone();
        let Some(before) = old.purposes.iter().find(|it| it.id == now.id) else {
            found.insert(Change::NewPurpose { purpose });
            continue;
        };
        for category in lacking(&before.categories, &now.categories) {
            found.insert(Change::WiderPurpose { purpose: purpose.clone(), category: category.clone() });
        }
        for relation in lacking(&before.relations, &now.relations) {
            found.insert(Change::WiderAudience { purpose: purpose.clone(), relation: relation.clone() });
        }
        if before.basis != now.basis {
            found.insert(Change::OtherBasis { purpose });
        }
    }
}

fn recipients(old: &Snapshot, new: &Snapshot, found: &mut BTreeSet<Change>) {
    for now in &new.recipients {
        let covered = old.recipients.iter().find(|it| it.id == now.id).is_some_and(|before| {
            let mut more = lacking(&before.purposes, &now.purposes)
                .chain(lacking(&before.categories, &now.categories))
                .chain(lacking(&before.fields, &now.fields));
            before.region == now.region && more.next().is_none()
        });
        if !covered {
            found.insert(Change::NewRecipient { recipient: now.id.clone() });
        }
    }
}

/// Days, where none is longer than any number of them. What a map does not know is kept no time at all.
fn days(map: &Snapshot, retention: &str) -> u64 {
    let found = map.retention.iter().find(|it| it.id == retention);
    found.map_or(0, |it| it.days.map_or(u64::MAX, u64::from))
}

fn items(old: &Snapshot, new: &Snapshot, found: &mut BTreeSet<Change>) {
    let known: BTreeMap<&String, &Item> = old.items.iter().map(|it| (&it.id, it)).collect();
    for now in &new.items {
        let Some(before) = known.get(&now.id) else {
            found.insert(Change::NewItem { item: now.id.clone() });
            continue;
        };
        let (category, retention) = (now.category.clone(), now.retention.clone());
        match days(new, &now.retention).cmp(&days(old, &before.retention)) {
            std::cmp::Ordering::Greater => found.insert(Change::LongerRetention { category, retention }),
            std::cmp::Ordering::Less => found.insert(Change::ShorterRetention { category, retention }),
            std::cmp::Ordering::Equal => false,
        };
    }
}

fn removed(old: &Snapshot, new: &Snapshot, found: &mut BTreeSet<Change>) {
    let mut gone = |kind: &str, ids: Vec<String>| {
        found.extend(ids.into_iter().map(|id| Change::Removed { what: format!("{kind} {id}") }));
    };
    gone("category", added(&new.categories, &old.categories, |it| &it.id));
    gone("purpose", added(&new.purposes, &old.purposes, |it| &it.id));
    gone("recipient", added(&new.recipients, &old.recipients, |it| &it.id));
    gone("item", added(&new.items, &old.items, |it| &it.id));
    gone("browser", added(&new.browser, &old.browser, |it| &it.id));
    for before in &old.purposes {
        if let Some(now) = new.purposes.iter().find(|it| it.id == before.id) {
            let narrowed =
                lacking(&now.categories, &before.categories).chain(lacking(&now.relations, &before.relations));
            gone("purpose", narrowed.map(|what| format!("{}/{what}", before.id)).collect());
        }
    }
}
