//! The audit log: under a crowd an entry for each who opens something, and nothing opened without one; what was done to it behind
//! the program's back is found out; the privacy officer reads it.

use std::time::Duration;

use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use jiayin_store::audit::{Asked, Broken, Mark, PAGE};
use jiayin_store::retention::Origin;
use jiayin_store::{Store, StoreError, Viewer};
use jiff::SignedDuration;
use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};

use crate::databases::{TestSchool, TestStore, both, person};
use crate::rights::raw::Raw;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Days for which an entry is kept.
const KEPT: u32 = 1096;

/// Entries of teachers in the log, as the database itself counts them.
async fn entries(test: &TestStore) -> i64 {
    let sql = "SELECT count(*) FROM audit WHERE relation = 'teacher'";
    if test.kind == "sqlite" {
        let mut database = SqliteConnection::connect(&test.url).await.unwrap();
        database.fetch_one(sql).await.unwrap().get(0)
    } else {
        let mut database = PgConnection::connect(&test.url).await.unwrap();
        database.fetch_one(sql).await.unwrap().get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_in_a_crowd_leaves_an_entry() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let before = entries(test).await;
        let crowd = (0..60).map(|_| {
            let (store, teacher, class) = (test.store.clone(), school.teacher, school.class);
            tokio::spawn(async move { store.class_page(&teacher, class, None).await.unwrap().unwrap().learners.len() })
        });
        for one in crowd.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), 2);
        }
        assert_eq!(entries(test).await - before, 60);
        // Whoever leaves before the entry is written takes nothing from the others.
        let mut left = Vec::new();
        for _ in 0..20 {
            let (store, teacher, class) = (test.store.clone(), school.teacher, school.class);
            let one =
                tokio::spawn(async move { store.class_page(&teacher, class, None).await.map(|page| page.is_some()) });
            left.push((one.abort_handle(), one));
        }
        for (number, (abort, one)) in left.into_iter().enumerate() {
            if number % 2 == 0 {
                abort.abort();
            } else {
                assert!(one.await.unwrap().unwrap());
            }
        }
        assert!(entries(test).await - before >= 70);
    })
    .await;
}

#[tokio::test]
async fn without_its_entry_nothing_is_opened() {
    let test = TestStore::sqlite().await;
    let school = TestSchool::new(&test.store).await;
    let before = entries(&test).await;
    let mut other = SqliteConnection::connect(&test.url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = test.store.class_page(&school.teacher, school.class, None).await.err().unwrap();
    assert!(matches!(refused, StoreError::Busy), "{refused}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(entries(&test).await, before);
    assert!(test.store.class_page(&school.teacher, school.class, None).await.unwrap().is_some());
    assert_eq!(entries(&test).await, before + 1);
}

/// The teacher looks at the class so many times.
async fn looks(test: &TestStore, school: &TestSchool, times: usize) {
    for _ in 0..times {
        test.store.class_page(&school.teacher, school.class, None).await.unwrap().unwrap();
    }
}

async fn checked(store: &Store) -> Result<(u64, u64), Broken> {
    store.check_log(None).await.unwrap().map(|log| (log.entries, log.unchained))
}

#[tokio::test]
async fn whatever_is_altered_in_the_log_is_found_out() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        looks(test, &school, 5).await;
        let (entries, _) = checked(&test.store).await.unwrap();
        assert_eq!(i64::try_from(entries).unwrap(), test.count("audit").await);
        let third = i64::try_from(entries).unwrap() - 2;
        let nobody = Raw::open(&test.url).await.id(uuid::Uuid::from_u128(7));
        let hash = Raw::open(&test.url).await.blob(&[9; 32]);
        for (column, value) in [
            ("id", nobody.as_str()),
            ("school_id", nobody.as_str()),
            ("actor_id", nobody.as_str()),
            ("scope_id", "NULL"),
            ("object_id", nobody.as_str()),
            ("object_kind", "'recording'"),
            ("relation", "'own'"),
            ("purpose", "'account'"),
            ("category", "''"),
            ("scope_kind", "'person'"),
            ("at", "at - 1"),
            ("subjects", "1"),
            ("hash", hash.as_str()),
            ("previous", hash.as_str()),
        ] {
            test.execute(&format!("CREATE TABLE kept AS SELECT * FROM audit WHERE number = {third}")).await;
            test.execute(&format!("UPDATE audit SET {column} = {value} WHERE number = {third}")).await;
            assert_eq!(checked(&test.store).await, Err(Broken::At(third)), "{column}");
            test.execute(&format!("DELETE FROM audit WHERE number = {third}")).await;
            assert_eq!(checked(&test.store).await, Err(Broken::At(third)), "removed");
            test.execute("INSERT INTO audit SELECT * FROM kept").await;
            test.execute("DROP TABLE kept").await;
            assert_eq!(checked(&test.store).await, Ok((entries, 0)));
        }
        // An entry without its place, and one put to the end with the digests of another.
        let columns =
            "school_id, scope_id, actor_id, object_id, object_kind, relation, purpose, category, scope_kind, subjects";
        let copied = |more: &str| {
            let copy = format!("{columns}, id, at, number, previous, hash) SELECT {columns}, {nobody}, {more}");
            format!("INSERT INTO audit ({copy} FROM audit WHERE number = {third}")
        };
        test.execute(&copied("at + 1, NULL, NULL, NULL")).await;
        assert_eq!(checked(&test.store).await, Err(Broken::Unchained));
        test.execute(&format!("DELETE FROM audit WHERE id = {nobody}")).await;
        test.execute(&copied(&format!("at, {}, previous, hash", entries + 1))).await;
        assert_eq!(checked(&test.store).await, Err(Broken::At(i64::try_from(entries).unwrap() + 1)));
        test.execute(&format!("DELETE FROM audit WHERE id = {nobody}")).await;
        assert_eq!(checked(&test.store).await, Ok((entries, 0)));
    })
    .await;
}

#[tokio::test]
async fn what_was_cut_off_at_the_end_is_found_out_by_a_mark() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        looks(test, &school, 3).await;
        let log = test.store.check_log(None).await.unwrap().unwrap();
        let mark: Mark = log.end.unwrap().to_string().parse().unwrap();
        looks(test, &school, 1).await;
        let log = test.store.check_log(Some(&mark)).await.unwrap().unwrap();
        assert!(!log.noted_expired && log.end != Some(mark.clone()));
        test.execute(&format!("DELETE FROM audit WHERE number >= {}", log.entries - 1)).await;
        assert!(checked(&test.store).await.is_ok(), "what is left does not tell");
        assert_eq!(test.store.check_log(Some(&mark)).await.unwrap(), Err(Broken::Noted));
        // The program has not forgotten where it was: what it writes next shows the gap.
        looks(test, &school, 1).await;
        assert_eq!(checked(&test.store).await, Err(Broken::At(i64::try_from(log.entries).unwrap() - 1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_one_log() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let stores = [test.store.clone(), test.again(1).await, test.again(2).await];
        let before = entries(test).await;
        let crowd = (0..60).map(|number| {
            let (store, teacher, class) = (stores[number % 3].clone(), school.teacher, school.class);
            tokio::spawn(async move { store.class_page(&teacher, class, None).await.unwrap().is_some() })
        });
        for one in crowd.collect::<Vec<_>>() {
            assert!(one.await.unwrap());
        }
        assert_eq!(entries(test).await - before, 60);
        assert!(checked(&stores[1]).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn clause_7_7_entries_go_when_their_time_is_over_and_the_log_still_holds() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let officer = person(&test.store, school.school, Role::PrivacyOfficer, "He", "po@school.example", None).await;
        looks(test, &school, 3).await;
        let old = test.store.check_log(None).await.unwrap().unwrap().end.unwrap();
        // One entry is held, in the middle of others that are not.
        let ends = test.clock_now() + SignedDuration::from_hours(24 * 1095);
        test.store.place_hold(&officer, school.learner.person, "a letter", ends).await.unwrap().unwrap().unwrap();
        looks(test, &school, 2).await;
        test.clock.advance(DAY * 30);
        let ends = test.clock_now() + SignedDuration::from_hours(24 * 1095);
        test.store.place_hold(&officer, school.learner.person, "a letter", ends).await.unwrap().unwrap().unwrap();
        looks(test, &school, 4).await;
        let (all, _) = checked(&test.store).await.unwrap();
        test.clock.advance(DAY * (KEPT - 30));
        test.store.sweep(Origin::Schedule, None).await.unwrap();
        let (left, _) = checked(&test.store).await.unwrap();
        assert!(left < all && left >= 5, "{left} of {all}");
        let held = test.count("audit WHERE object_kind = 'hold'").await;
        assert_eq!(held, 2, "the old one is held");
        let log = test.store.check_log(Some(&old)).await.unwrap().unwrap();
        assert!(log.noted_expired, "the mark shows nothing any more");
        // What has not expired may not be missing, at its beginning neither.
        let first = test.count("audit WHERE number IS NOT NULL").await;
        test.execute("CREATE TABLE kept AS SELECT * FROM audit").await;
        let youngest_old = "SELECT min(number) FROM audit WHERE object_kind IS NULL";
        test.execute(&format!("DELETE FROM audit WHERE number = ({youngest_old})")).await;
        assert!(matches!(checked(&test.store).await, Err(Broken::At(_))), "of {first}");
        test.execute("DELETE FROM audit").await;
        test.execute("INSERT INTO audit SELECT * FROM kept").await;
        assert_eq!(checked(&test.store).await, Ok((left, 0)));
        // Nor is it enough to say that more has expired.
        test.execute("UPDATE chain SET number = number + 1 WHERE name = 'audit-expired'").await;
        assert!(matches!(checked(&test.store).await, Err(Broken::At(_))));
        test.execute("UPDATE chain SET number = number - 1 WHERE name = 'audit-expired'").await;
        // When all have expired, the next one comes after them.
        test.clock.advance(DAY * (KEPT + 1));
        test.store.sweep(Origin::Schedule, None).await.unwrap();
        assert_eq!(test.count("audit WHERE relation = 'teacher'").await, 0);
        let again = test.again(9).await;
        again.class_page(&school.teacher, school.class, None).await.unwrap().unwrap();
        let (left, _) = checked(&again).await.unwrap();
        assert!(left >= 1 && test.count(&format!("audit WHERE number <= {all}")).await < i64::try_from(left).unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_is_older_than_the_chain_is_told_apart() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        looks(test, &school, 3).await;
        test.execute("UPDATE audit SET number = NULL, previous = NULL, hash = NULL").await;
        test.clock.advance(DAY);
        let again = test.again(1).await;
        again.class_page(&school.teacher, school.class, None).await.unwrap().unwrap();
        let before = u64::try_from(test.count("audit WHERE number IS NULL").await).unwrap();
        assert_eq!(checked(&again).await, Ok((1, before)));
    })
    .await;
}

#[tokio::test]
async fn clause_7_7_the_officer_reads_who_opened_what_of_whom() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let officer = person(store, school.school, Role::PrivacyOfficer, "He", "po@school.example", None).await;
        let read = async |asked: &Asked| store.log_entries(&officer, asked, PAGE).await.unwrap().unwrap();
        for stranger in [&school.teacher, &school.learner, &school.guardian, &school.manager] {
            assert!(store.log_entries(stranger, &Asked::default(), PAGE).await.unwrap().is_none());
        }
        looks(test, &school, 2).await;
        let newest = read(&Asked::default()).await;
        let look = &newest[0];
        assert_eq!((look.actor, look.relation.as_str()), (Some(school.teacher.person), "teacher"));
        assert_eq!((look.scope_kind.as_str(), look.scope, look.subjects), ("class", Some(school.class.0), 2));
        // A learner who comes later was not looked at yet.
        test.clock.advance(DAY);
        let late = person(store, school.school, Role::Learner, "Han", "13800000009", None).await;
        store.join_class(school.school, school.class, late.person, Role::Learner).await.unwrap();
        let of = |person: PersonId| Asked { person: Some(person), ..Asked::default() };
        let looks_at =
            |entries: &[jiayin_store::audit::Entry]| entries.iter().filter(|it| it.scope_kind == "class").count();
        let noted = test.count("audit WHERE object_kind = 'audit-read'").await;
        assert_eq!(looks_at(&read(&of(school.learner.person)).await), looks_at(&newest));
        assert_eq!(looks_at(&read(&of(late.person)).await), 0);
        assert_eq!(test.count("audit WHERE object_kind = 'audit-read'").await, noted + 2, "who was looked up is noted");
        let by_teacher = read(&of(school.teacher.person)).await;
        assert!(by_teacher.iter().any(|it| it.actor == Some(school.teacher.person)));
        // By purpose, by day, page by page.
        let purpose = Asked { purpose: Some("teaching".to_owned()), ..Asked::default() };
        assert!(read(&purpose).await.iter().all(|it| it.purpose == "teaching"));
        let later = Asked { from: Some(test.clock_now()), ..Asked::default() };
        assert!(read(&later).await.iter().all(|it| it.at >= test.clock_now()));
        let earlier = Asked { until: Some(test.clock_now()), ..Asked::default() };
        let before = read(&earlier).await;
        assert!(!before.is_empty() && before.iter().all(|it| it.at < test.clock_now()));
        let rest = Asked { after: Some(before[0].id), ..earlier };
        assert_eq!(read(&rest).await, before[1..]);
        // Another school's log is not there.
        let other = store.create_school("Another school").await.unwrap();
        let stranger: Viewer = person(store, other, Role::PrivacyOfficer, "Bo", "bo@school.example", None).await;
        let theirs = store.log_entries(&stranger, &of(school.learner.person), PAGE).await.unwrap().unwrap();
        assert_eq!(theirs, []);
        let all = store.log_entries(&stranger, &Asked::default(), PAGE).await.unwrap().unwrap();
        assert!(all.iter().all(|it| it.actor == Some(stranger.person)), "the look alone: {all:?}");
    })
    .await;
}
