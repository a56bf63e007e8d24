//! Going over to another root key: what other processes do meanwhile, and what was destroyed.

use std::sync::{Arc, Mutex};

use jiayin_domain::provide::Clock;
use jiayin_domain::role::Role;
use jiayin_privacy::RootKey;
use jiayin_store::keyring::{KeyRing, RootKeySource};
use jiayin_store::{Settings, Store};

use crate::databases::{TestEntropy, TestSchool, TestStore, both, person};

/// Root keys that the test puts there.
#[derive(Default)]
struct Keys(Mutex<Vec<String>>);

impl Keys {
    fn are(&self, keys: &[&RootKey]) {
        *self.0.lock().unwrap() = keys.iter().map(|key| key.to_text().to_string()).collect();
    }
}

impl RootKeySource for Keys {
    fn read(&self) -> Result<Vec<RootKey>, String> {
        Ok(self.0.lock().unwrap().iter().map(|text| RootKey::from_text(text).unwrap()).collect())
    }
}

async fn process(test: &TestStore, keys: &Arc<Keys>, seed: u64) -> Result<Store, jiayin_store::StoreError> {
    let settings = Settings {
        database_url: test.url.clone(),
        key_ring_url: test.key_ring_url.clone(),
        files: test.folder.path().join("files"),
        root: Arc::clone(keys) as Arc<dyn RootKeySource>,
    };
    Store::open(settings, Arc::clone(&test.clock) as Arc<dyn Clock>, Arc::new(TestEntropy::new(seed << 32))).await
}

#[tokio::test]
async fn a_process_that_knows_only_the_old_root_key_makes_no_key_under_it_any_more() {
    both(async |test| {
        let (old, new) = (test.root_key(), RootKey::generate(&TestEntropy::new(77)));
        let keys = Arc::new(Keys::default());
        keys.are(&[&old]);
        let server = process(test, &keys, 10).await.unwrap();
        let school = TestSchool::new(&server).await;
        keys.are(&[&old, &new]);
        let clock = Arc::clone(&test.clock) as Arc<dyn Clock>;
        let source = Arc::clone(&keys) as Arc<dyn RootKeySource>;
        let ring = KeyRing::at(&test.key_ring_url, source, &*clock, Arc::new(TestEntropy::new(99))).await.unwrap();
        ring.go_over(new.id(), 1).await.unwrap();
        let other = RootKey::generate(&TestEntropy::new(78));
        keys.are(&[&old, &new, &other]);
        assert!(ring.go_over(other.id(), 1).await.unwrap_err().to_string().contains("earlier rotation"));

        // Made by the server in the midst of it.
        person(&server, school.school, Role::Learner, "In the midst", "13800000009", None).await;
        assert!(ring.take_over(2, |_| ()).await.unwrap() > 0);
        assert_eq!(ring.root_keys().await.unwrap(), (new.id(), None));
        assert_eq!(ring.take_over(3, |_| ()).await.unwrap(), 0, "a second time there is nothing to do");

        keys.are(&[&new]);
        let fresh = process(test, &keys, 11).await.unwrap();
        let names = fresh.class_page(&school.teacher, school.class, None).await.unwrap();
        assert!(names.is_some(), "all names open under the new root key");
        keys.are(&[&old]);
        assert!(process(test, &keys, 12).await.is_err(), "the old one alone opens nothing");
    })
    .await;
}
