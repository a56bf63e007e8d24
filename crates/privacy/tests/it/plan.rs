//! What follows from the map: nothing with a label is left out of a copy, nothing that must go is left out of an erasure.

use jiayin_privacy::map::{self, BLOBS, COLUMNS, Erase};
use jiayin_privacy::plan::{self, Shown, Step};
use jiayin_privacy::{OpenError, OutOfScope, column, purpose};

use crate::common::{Seeded, key, own, person, row};

#[test]
fn every_column_with_a_label_is_shown_to_whom_it_is_about() {
    let readings = plan::readings();
    for entry in COLUMNS.iter().filter(|entry| entry.export_en.is_some()) {
        let shown = readings.iter().any(|reading| {
            reading.about.table == entry.table && reading.columns.iter().any(|column| column.column() == entry.column)
        });
        assert!(shown, "{}.{}", entry.table, entry.column);
    }
    for reading in &readings {
        let sealed_for_others = reading.columns.iter().any(
            |column| matches!(column, Shown::Personal(entry) if entry.sealed && entry.subject != reading.about.column),
        );
        assert!(!sealed_for_others, "{}: a value under another's key", reading.about.table);
        assert!(!reading.titles().0.is_empty() && !reading.titles().1.is_empty());
        assert!(reading.columns.iter().all(|column| !column.labels().0.is_empty()));
    }
}

#[test]
fn every_table_that_people_are_shown_has_a_name() {
    for reading in plan::readings() {
        assert!(reading.title.is_some(), "[table.{}] is missing", reading.about.table);
    }
}

#[test]
fn an_erasure_begins_with_the_key_and_takes_along_all_that_must_go() {
    let steps = plan::erasure();
    assert!(matches!(steps[..2], [Step::Key, Step::Close]));
    let rows_at = |table: &str, subject: &str| {
        steps
            .iter()
            .position(|step| matches!(step, Step::Rows(about) if (about.table, about.column) == (table, subject)))
    };
    for entry in COLUMNS {
        match entry.erase {
            Erase::Row => assert!(rows_at(entry.table, entry.subject).is_some(), "{}.{}", entry.table, entry.column),
            Erase::Blank => assert!(steps.iter().any(|step| {
                matches!(step, Step::Blank(about, column) if (about.table, *column) == (entry.table, entry.column))
            })),
            Erase::Key | Erase::Kept => {}
        }
        if let Some(via) = entry.via {
            let before = rows_at(entry.table, entry.subject) < rows_at(via.table, via.person);
            assert!(before, "{} is found through {}", entry.table, via.table);
        }
    }
    for kind in BLOBS {
        let files =
            steps.iter().position(|step| matches!(step, Step::Files(other) if other.kind == kind.kind)).unwrap();
        let (table, subject) = kind.place();
        assert!(Some(files) < rows_at(table, subject), "{} before the rows that know of them", kind.kind);
    }
}

#[test]
fn what_stays_has_a_reason_in_both_languages() {
    let kept = plan::kept();
    assert!(kept.iter().any(|kept| kept.about.table == "audit"));
    assert!(kept.iter().all(|kept| !kept.reasons.0.is_empty() && !kept.reasons.1.is_empty()));
}

#[test]
fn clause_4_1_by_the_maps_names_opens_only_who_asks_by_right_for_their_own() {
    let (me, other) = (person(1), person(2));
    let sealed = |of| key(of).seal(column::person::NAME, row(5), "Wang Fang", &Seeded::new(3)).unwrap().into_bytes();
    let entry = map::column("person", "name").unwrap();
    let grant = own::<purpose::Rights>(me);
    assert_eq!(key(me).open_mapped(entry, row(5), &sealed(me), &grant).unwrap(), "Wang Fang");
    let theirs = key(other).open_mapped(entry, row(5), &sealed(other), &grant);
    assert_eq!(theirs.unwrap_err(), OpenError::OutOfScope(OutOfScope::Subject));
    assert_eq!(key(me).open_mapped(entry, row(6), &sealed(me), &grant).unwrap_err(), OpenError::Damaged);
    let another = map::column("review", "comment").unwrap();
    assert_eq!(key(me).open_mapped(another, row(5), &sealed(me), &grant).unwrap_err(), OpenError::Damaged);
}
