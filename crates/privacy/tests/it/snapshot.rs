//! Snapshots of the map: the same map has the same bytes, and what a new one adds is noticed.

use jiayin_privacy::changes::{Change, changes, touched};
use jiayin_privacy::map;
use jiayin_privacy::snapshot::{Category, Purpose, Recipient, Retention, Snapshot, digest};
use proptest::prelude::*;

#[test]
fn a_snapshot_holds_the_whole_map_and_can_be_read_back() {
    let now = Snapshot::current();
    assert_eq!(now.categories.len(), map::CATEGORIES.len());
    assert_eq!(now.purposes.len(), map::PURPOSES.len());
    assert_eq!(now.items.len(), map::COLUMNS.len() + map::BLOBS.len());
    assert_eq!(now.browser.len(), map::COOKIES.len() + map::BROWSER.len());
    let json = now.to_json().unwrap();
    assert_eq!(Snapshot::from_json(&json).unwrap(), now);
    assert!(Snapshot::from_json("{}").is_err());
}

#[test]
fn texts_cannot_be_moved_across_their_borders() {
    assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    assert_ne!(digest(&["a", ""]), digest(&["a"]));
}

#[test]
fn each_kind_of_change_is_told_with_the_purposes_it_touches() {
    let old = Snapshot::current();
    let mut new = old.clone();
    new.categories.push(Category { id: "zodiac".into(), zh: "星座".into(), en: "Zodiac".into(), sensitive: false });
    let marketing = new.purposes.iter_mut().find(|it| it.id == "marketing").unwrap();
    marketing.categories.push("zodiac".into());
    marketing.relations.push("teacher".into());
    new.purposes.iter_mut().find(|it| it.id == "recommendation").unwrap().basis = "contract".into();
    new.recipients.push(Recipient {
        id: "printer".into(),
        zh: "印刷厂".into(),
        en: "Printer".into(),
        purposes: vec!["administration".into()],
        categories: vec!["name".into()],
        fields: vec!["name".into()],
        region: "CN".into(),
    });
    new.retention.iter_mut().find(|it| it.id == "recording").unwrap().days = Some(366);
    new.retention.iter_mut().find(|it| it.id == "session").unwrap().days = Some(10);
    new.browser.retain(|it| it.id != "cookie theme");
    let found = changes(&old, &new.clone().sorted());
    // Several categories are kept under one retention.
    let mut keys: Vec<&str> = found.iter().map(Change::key).collect();
    keys.dedup();
    assert_eq!(
        keys,
        [
            "change-new-category",
            "change-wider-purpose",
            "change-wider-audience",
            "change-other-basis",
            "change-new-recipient",
            "change-longer-retention",
            "change-shorter-retention",
            "change-removed",
        ],
        "{found:?}"
    );
    let all = touched(&found, &new);
    for purpose in ["marketing", "recommendation", "administration", "improvement"] {
        assert!(all.iter().any(|it| it == purpose), "{purpose} is touched: {all:?}");
    }
    assert!(!all.iter().any(|it| it == "courses"), "what nobody changed goes on: {all:?}");
}

/// Small maps, all over the same few words, so that two of them share and lack entries.
fn small() -> impl Strategy<Value = Snapshot> {
    let words = || prop::collection::btree_set(prop::sample::select(vec!["a", "b", "c", "d"]), 0..4);
    let owned = |set: std::collections::BTreeSet<&str>| set.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let purposes = prop::collection::btree_map(prop::sample::select(vec!["p", "q", "r"]), (words(), words()), 0..4);
    (words(), purposes, prop::option::of(1u32..400)).prop_map(move |(categories, purposes, days)| {
        let named = |id: String| Category { zh: id.clone(), en: id.clone(), id, sensitive: false };
        Snapshot {
            categories: owned(categories).into_iter().map(named).collect(),
            purposes: purposes
                .into_iter()
                .map(|(id, (categories, relations))| Purpose {
                    id: id.to_owned(),
                    zh: String::new(),
                    en: String::new(),
                    basis: "consent".to_owned(),
                    clauses: Vec::new(),
                    categories: owned(categories),
                    relations: owned(relations),
                })
                .collect(),
            retention: vec![Retention { id: "r".into(), zh: String::new(), en: String::new(), days }],
            ..Snapshot::default()
        }
        .sorted()
    })
}

proptest! {
    #[test]
    fn a_map_does_not_differ_from_itself(map in small()) {
        prop_assert_eq!(changes(&map, &map), []);
    }

    #[test]
    fn what_is_added_one_way_is_removed_the_other(old in small(), new in small()) {
        let forth = changes(&old, &new);
        let back = changes(&new, &old);
        prop_assert_eq!(forth.is_empty(), back.is_empty());
        let removed = |list: &[Change]| list.iter().any(|it| matches!(it, Change::Removed { .. }));
        prop_assert_eq!(forth.iter().any(Change::is_material), removed(&back));
    }

    #[test]
    fn a_purpose_is_touched_exactly_if_it_does_something_new(old in small(), new in small()) {
        let all = touched(&changes(&old, &new), &new);
        for purpose in &new.purposes {
            let before = old.purposes.iter().find(|it| it.id == purpose.id);
            let covered = before.is_some_and(|before| {
                purpose.categories.iter().all(|it| before.categories.contains(it))
                    && purpose.relations.iter().all(|it| before.relations.contains(it))
                    && purpose.categories.iter().all(|id| {
                        old.categories.iter().any(|it| it.id == *id) || !new.categories.iter().any(|it| it.id == *id)
                    })
            });
            prop_assert_eq!(!covered, all.contains(&purpose.id), "{}", purpose.id);
        }
    }

    #[test]
    fn order_makes_no_difference(map in small()) {
        let mut turned = map.clone();
        turned.categories.reverse();
        turned.purposes.reverse();
        turned.purposes.iter_mut().for_each(|it| it.categories.reverse());
        prop_assert_eq!(turned.sorted().to_json().unwrap(), map.to_json().unwrap());
    }
}
