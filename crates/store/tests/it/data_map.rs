//! Every column of both databases is in the data map, and nothing personal lies about in the open.

use jiayin_domain::role::Role;
use jiayin_privacy::map;
use jiayin_store::schema;

use crate::databases::{TestSchool, both, person};

#[tokio::test]
async fn clause_2_2_every_column_is_in_the_data_map() {
    both(async |test| {
        let mut tables = schema(&test.url).await.unwrap();
        tables.extend(schema(&test.key_ring_url).await.unwrap());
        tables.sort();
        tables.dedup();
        assert_eq!(map::compare(&tables), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn clause_7_3_names_and_numbers_are_nowhere_in_the_open() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        person(&test.store, school.school, Role::Learner, "Planted Canary", "13912345678", None).await;
        if test.kind == "sqlite" {
            let mut looked = 0;
            for entry in std::fs::read_dir(test.folder.path()).unwrap() {
                let path = entry.unwrap().path();
                let Ok(bytes) = std::fs::read(&path) else { continue };
                looked += 1;
                for planted in ["Planted Canary", "13912345678", "Wang Fang"] {
                    let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
                    assert!(!found, "a planted value stands in {}", path.display());
                }
            }
            assert!(looked >= 2, "both databases were looked at");
        }
    })
    .await;
}
