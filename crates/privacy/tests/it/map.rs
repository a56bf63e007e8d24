//! The data map: it holds together, says what the policy says, and notices what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use jiayin_privacy::map::{self, Erase};

const TEXT: &str = include_str!("../../data_map.toml");

/// What the build says of the map after `from` was replaced by `to`.
fn complaints(from: &str, to: &str) -> Vec<String> {
    assert!(TEXT.contains(from), "{from:?} is not in the map");
    match toml::from_str(&TEXT.replacen(from, to, 1)) {
        Ok(map) => crate::check::complaints(&map),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn a_broken_map_is_not_built() {
    assert!(complaints("basis", "basis").is_empty());
    for (from, to, expected) in [
        ("category = \"name\"\nsealed", "category = \"nome\"\nsealed", "person.name: there is no category \"nome\""),
        ("retention = \"attempt\"", "retention = \"ever\"", "sign_in_attempt.lookup: there is no retention \"ever\""),
        ("clauses = [\"2.1\", \"7.3\"]", "clauses = [\"13.1\"]", "person.name: \"13.1\" is no clause id"),
        ("clauses = [\"2.1\", \"7.3\"]", "clauses = []", "person.name: names no clause"),
        ("clauses = [\"4.2\"]", "clauses = [\"4.02\"]", "purpose.recommendation: \"4.02\" is no clause id"),
        ("subject = \"learner_id\"", "subject = \"pupil\"", "learner_number.learner_id: its subject \"pupil\""),
        ("column = \"theme\"", "column = \"language\"", "person.language: stands in the map twice"),
        ("sealed = true\nsubject = \"id\"", "subject = \"id\"", "person.name: what is sealed, and nothing else"),
        ("erase = \"row\"", "erase = \"kept\"", "identifier.person_id: what is kept after an erasure"),
        ("export_zh = \"姓名\"\n", "", "person.name: a label in one language only"),
        (
            "categories = [\"account\", \"name\", \"contact\"]",
            "categories = [\"voice\"]",
            "category.voice: purpose.marketing opens it, though it is never for that",
        ),
        ("reason = \"an organisation\"", "reason = \" \"", "school: plain without a reason"),
        (
            "category = \"voice\"\nsubject = \"media.subject_id\"",
            "category = \"song\"\nsubject = \"media.subject_id\"",
            "blob recording",
        ),
        (
            "via = \"identifier.lookup.person_id\"",
            "via = \"identifier.nothing.person_id\"",
            "sign_in_attempt.lookup: \"identifier.nothing.person_id\" is no table.column.person",
        ),
        (
            "shown = [\"class.name\"]",
            "shown = [\"person.name\"]",
            "membership.class_id: what is shown of it, \"person.name\"",
        ),
        (
            "erase = \"row\"\nexport_zh = \"登录方式\"",
            "erase = \"blank\"\nexport_zh = \"登录方式\"",
            "identifier: its rows about \"person_id\" are deleted, and yet",
        ),
        ("reason_zh = \"已注销账号的空壳，不再能认出任何人\"\n", "", "person.school_id: a reason in one language only"),
        ("only = \"kind\"", "only = \"sort\"", "blob recording: Some(\"sort\") is no column of media"),
        ("unlink = [\"exercise.audio_id\"]", "unlink = [\"exercise.sound\"]", "blob course_audio: \"exercise.sound\""),
        ("{ column = \"model\"", "{ column = \"total\"", "table.evaluation: \"total\", shown besides"),
        ("table = \"school\"", "table = \"School!\"", "\"School!\": a name is"),
        ("basis = \"consent\"", "basis = \"interest\"", "unknown variant `interest`"),
        ("sensitive = true", "sensible = true", "unknown field `sensible`"),
    ] {
        let found = complaints(from, to);
        assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:?}");
    }
}

/// All tables and columns of the map, as a database would list them.
fn as_mapped() -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in map::COLUMNS {
        tables.entry(column.table.to_owned()).or_default().push(column.column.to_owned());
    }
    for plain in map::PLAIN {
        tables.entry(plain.table.to_owned()).or_default().extend(plain.columns.iter().map(|name| (*name).to_owned()));
    }
    tables
}

#[test]
fn a_column_that_only_one_side_has_is_noticed() {
    let actual: Vec<_> = as_mapped().into_iter().collect();
    assert_eq!(map::compare(&actual), Vec::<String>::new());

    let mut more = actual.clone();
    more.push(("person".to_owned(), vec!["nickname".to_owned()]));
    assert_eq!(
        map::compare(&more),
        ["person.nickname is not in the data map: say what it is about, or why about nobody"]
    );

    let mut less = as_mapped();
    less.get_mut("review").unwrap().retain(|name| name != "comment");
    less.remove("system_key");
    let found = map::compare(&less.into_iter().collect::<Vec<_>>());
    assert_eq!(found.len(), 4);
    assert_eq!(found[0], "review.comment is in the data map, but there is no such column");
}

#[test]
fn every_clause_of_the_map_is_a_clause_of_the_policy() {
    let list = include_str!("../../../../docs/clauses.tsv");
    let known: BTreeSet<&str> =
        list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next()).collect();
    let named = map::COLUMNS
        .iter()
        .map(|it| it.clauses)
        .chain(map::PURPOSES.iter().map(|it| it.clauses))
        .chain(map::RETENTION.iter().map(|it| it.clauses))
        .chain(map::BLOBS.iter().map(|it| it.clauses))
        .chain(map::COOKIES.iter().map(|it| it.clauses))
        .chain(map::BROWSER.iter().map(|it| it.clauses))
        .chain(map::LOG_FIELDS.iter().map(|it| it.clauses));
    for clause in named.flatten() {
        assert!(known.contains(clause), "{clause} is not in docs/clauses.tsv");
    }
}

#[test]
fn sensitive_columns_are_sealed_or_say_nothing_by_themselves() {
    let open: Vec<_> = map::COLUMNS
        .iter()
        .filter(|it| map::CATEGORIES.iter().any(|category| category.id == it.category && category.sensitive))
        .filter(|it| !it.sealed)
        .map(|it| format!("{}.{}", it.table, it.column))
        .collect();
    // Ids, sizes and formats, and whether a recording was accepted: a new one shows here.
    assert_eq!(
        open.join(" "),
        "recording.media_id recording.voice_id evaluation.recording_id evaluation.learner_id review.recording_id \
         review.learner_id review.decision media.subject_id media.kind media.mime media.bytes media.sha256 \
         media.duration_ms upload.sha256 upload.media_id export.person_id export.state phrase.teacher_id progress.learner_id"
    );
}

#[test]
fn look_ups_find() {
    let name = map::column("person", "name").unwrap();
    assert!(name.sealed && name.erase == Erase::Key && name.purposes.contains(&"family"));
    assert!(map::column("person", "nickname").is_none());
    assert_eq!(map::retention("attempt").unwrap().days, Some(1));
    assert!(map::retention("account").unwrap().days.is_none());
}
