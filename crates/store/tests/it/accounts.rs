//! Signing in, sessions, the key ring.

use std::time::Duration;

use jiayin_domain::role::Role;
use jiayin_privacy::Identifier;
use jiayin_store::StoreError;
use jiayin_store::accounts::{NewPerson, SignIn};

use sqlx::Connection;

use crate::databases::{PASSWORD, TestSchool, TestStore, both};

#[tokio::test]
async fn the_right_password_opens_and_ten_wrong_ones_close_for_a_while() {
    both(async |test| {
        let store = &test.store;
        let school = store.create_school("A school").await.unwrap();
        let identifier = || Identifier::parse("138 0000 0009").unwrap();
        let new = NewPerson {
            school,
            campus: None,
            role: Role::Teacher,
            name: "Ms Lin",
            identifiers: vec![identifier()],
            password: Some(PASSWORD),
        };
        let person = store.create_person(new).await.unwrap().unwrap();
        let sign_in = async |password: &str| store.sign_in(&identifier(), password.to_owned()).await.unwrap();
        assert_eq!(sign_in(PASSWORD).await, SignIn::Welcome(person));
        let unknown = Identifier::parse("nobody@school.example").unwrap();
        assert_eq!(store.sign_in(&unknown, PASSWORD.to_owned()).await.unwrap(), SignIn::Wrong);
        for _ in 0..10 {
            assert_eq!(sign_in("wrong").await, SignIn::Wrong);
        }
        assert!(matches!(sign_in(PASSWORD).await, SignIn::TooMany { minutes: 1..=16 }));
        test.clock.advance(Duration::from_secs(16 * 60));
        assert_eq!(sign_in(PASSWORD).await, SignIn::Welcome(person));
    })
    .await;
}

#[tokio::test]
async fn an_identifier_belongs_to_one_person() {
    both(async |test| {
        let school = test.store.create_school("A school").await.unwrap();
        let new = |name| NewPerson {
            school,
            campus: None,
            role: Role::Guardian,
            name,
            identifiers: vec![Identifier::parse("guardian@school.example").unwrap()],
            password: None,
        };
        assert!(test.store.create_person(new("First")).await.unwrap().is_some());
        assert!(test.store.create_person(new("Second")).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_ended_and_when_it_is_not_used() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let token = store.start_session(school.learner.person).await.unwrap().unwrap();
        let text = token.to_text();
        let read = || jiayin_store::sessions::Token::from_text(&text).unwrap();
        let viewer = store.viewer(&read()).await.unwrap().unwrap();
        assert_eq!((viewer.person, viewer.role), (school.learner.person, Role::Learner));
        for _ in 0..3 {
            test.clock.advance(Duration::from_secs(10 * 24 * 3600));
            assert!(store.viewer(&read()).await.unwrap().is_some(), "each use prolongs it");
        }
        test.clock.advance(Duration::from_secs(15 * 24 * 3600));
        assert!(store.viewer(&read()).await.unwrap().is_none());
        let other = store.start_session(school.learner.person).await.unwrap().unwrap();
        let viewer = store.viewer(&other).await.unwrap().unwrap();
        store.end_session(viewer.session).await.unwrap();
        assert!(store.viewer(&other).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn names_are_kept_across_a_restart_and_need_the_root_key() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let again = test.again(1).await;
        let profile = again.profile(school.learner.person).await.unwrap().unwrap();
        assert_eq!(profile.name.read(&profile.grant).unwrap(), "Wang Fang");
        again.rename(&school.learner, "王芳").await.unwrap();
        let profile = test.store.profile(school.learner.person).await.unwrap().unwrap();
        assert_eq!(profile.name.read(&profile.grant).unwrap(), "王芳");
        let refused = test.with_another_root_key().await.err().unwrap();
        assert!(matches!(refused, StoreError::Keys(_)), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn clause_7_9_passwords_are_kept_as_argon2id_only() {
    let test = TestStore::sqlite().await;
    let school = test.store.create_school("A school").await.unwrap();
    let new = NewPerson {
        school,
        campus: None,
        role: Role::Teacher,
        name: "Ms Lin",
        identifiers: vec![Identifier::parse("teacher@school.example").unwrap()],
        password: Some(PASSWORD),
    };
    test.store.create_person(new).await.unwrap();
    let mut database = sqlx::SqliteConnection::connect(&test.url).await.unwrap();
    let hashes: Vec<(String,)> = sqlx::query_as("SELECT hash FROM password").fetch_all(&mut database).await.unwrap();
    assert_eq!(hashes.len(), 1);
    assert!(hashes[0].0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "OWASP's parameters");
    assert!(!hashes[0].0.contains(PASSWORD));
}
