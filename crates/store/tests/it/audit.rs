//! The audit log under a crowd: an entry for each who opens something, and nothing opened without one.

use jiayin_store::StoreError;
use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};

use crate::databases::{TestSchool, TestStore, both};

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
