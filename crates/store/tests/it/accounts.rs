//! Signing in, sessions, the key ring.

use std::time::Duration;

use futures_util::future::join_all;
use jiayin_domain::role::Role;
use jiayin_privacy::Identifier;
use jiayin_store::StoreError;
use jiayin_store::accounts::NewPerson;
use jiayin_store::devices::{About, DeviceToken};
use jiayin_store::sign_in::{ATTEMPTS, SignIn};

use sqlx::Connection;

use crate::databases::{PASSWORD, TestSchool, TestStore, both};

#[tokio::test]
async fn the_right_password_opens_and_a_flood_of_wrong_ones_closes_to_strangers_only() {
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
        let sign_in =
            async |password: &str, known: bool| store.sign_in(&identifier(), password.to_owned(), known).await.unwrap();
        assert_eq!(sign_in(PASSWORD, false).await, SignIn::Welcome(person));
        let unknown = Identifier::parse("nobody@school.example").unwrap();
        assert_eq!(store.sign_in(&unknown, PASSWORD.to_owned(), false).await.unwrap(), SignIn::Wrong);
        let before = store.passwords_checked();
        // All at once: none of them may slip through between the count and the look.
        let flood = join_all((0..ATTEMPTS + 10).map(|_| sign_in("wrong", false))).await;
        let looked_at = flood.iter().filter(|outcome| **outcome == SignIn::Wrong).count() as u64;
        assert_eq!(store.passwords_checked() - before, looked_at);
        assert_eq!(looked_at, ATTEMPTS as u64);
        assert!(matches!(sign_in(PASSWORD, false).await, SignIn::TooMany { minutes: 1400..=1441 }));
        assert_eq!(sign_in(PASSWORD, true).await, SignIn::Welcome(person), "but not on a device of the owner's");
        test.clock.advance(Duration::from_secs(24 * 3600 + 1));
        assert_eq!(sign_in(PASSWORD, false).await, SignIn::Welcome(person));
    })
    .await;
}

#[tokio::test]
async fn a_hash_of_old_parameters_is_made_anew_when_its_password_comes_by() {
    use argon2::password_hash::phc::{ParamsString, PasswordHash, Salt};
    let test = TestStore::sqlite().await;
    let school = TestSchool::new(&test.store).await;
    let identifier = Identifier::parse("old@school.example").unwrap();
    let again = Identifier::parse("old@school.example").unwrap();
    let new = NewPerson {
        school: school.school,
        campus: None,
        role: Role::Teacher,
        name: "Ms Lin",
        identifiers: vec![again],
        password: Some(PASSWORD),
    };
    let person = test.store.create_person(new).await.unwrap().unwrap();
    let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let mut output = [0; 32];
    let version = argon2::Version::V0x13;
    argon2::Argon2::new(argon2::Algorithm::Argon2id, version, params.clone())
        .hash_password_into(PASSWORD.as_bytes(), &[7; 16], &mut output)
        .unwrap();
    let old = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(version.into()),
        params: ParamsString::try_from(&params).unwrap(),
        salt: Some(Salt::new(&[7; 16]).unwrap()),
        hash: Some(argon2::password_hash::phc::Output::new(&output).unwrap()),
    };
    let mut database = sqlx::SqliteConnection::connect(&test.url).await.unwrap();
    let written = sqlx::query("UPDATE password SET hash = ? WHERE hash LIKE '$argon2id%'").bind(old.to_string());
    assert_eq!(written.execute(&mut database).await.unwrap().rows_affected(), 1);
    let outcome = test.store.sign_in(&identifier, PASSWORD.to_owned(), false).await.unwrap();
    assert_eq!(outcome, SignIn::Welcome(person));
    let (hash,): (String,) = sqlx::query_as("SELECT hash FROM password").fetch_one(&mut database).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let outcome = test.store.sign_in(&identifier, PASSWORD.to_owned(), false).await.unwrap();
    assert_eq!(outcome, SignIn::Welcome(person));
}

#[tokio::test]
async fn a_device_is_known_for_its_person_alone_and_forgotten_when_revoked() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let (mine, theirs) = ("first@school.example", "second@school.example");
        let mut people = Vec::new();
        for address in [mine, theirs] {
            let new = NewPerson {
                school: school.school,
                campus: None,
                role: Role::Guardian,
                name: "Someone",
                identifiers: vec![Identifier::parse(address).unwrap()],
                password: None,
            };
            people.push(store.create_person(new).await.unwrap().unwrap());
        }
        let about = About { browser: "Safari 17".to_owned(), ..About::default() };
        let first = store.arrive(people[0], None, &about).await.unwrap().unwrap();
        assert!(!first.alarming, "the very first device alarms nobody");
        let known = async |address: &str, token: &DeviceToken| {
            store.knows_device(&Identifier::parse(address).unwrap(), Some(token)).await.unwrap()
        };
        assert!(known(mine, &first.device).await && !known(theirs, &first.device).await);
        let again = store.arrive(people[0], Some(first.device.clone()), &about).await.unwrap().unwrap();
        assert!(!again.alarming);
        let viewer = store.viewer(&first.token).await.unwrap().unwrap();
        assert!(!store.visit(&first.token).await.unwrap().unwrap().notice);
        let second = store.arrive(people[0], None, &About::default()).await.unwrap().unwrap();
        assert!(second.alarming);
        assert!(store.visit(&first.token).await.unwrap().unwrap().notice);
        assert!(!store.visit(&second.token).await.unwrap().unwrap().notice, "who signs in knows it");
        store.noticed(&viewer).await.unwrap();
        assert!(!store.visit(&first.token).await.unwrap().unwrap().notice);
        let (grant, devices) = store.devices(&viewer).await.unwrap();
        let browsers: Vec<_> =
            devices.iter().map(|device| device.about.as_ref().unwrap().browser.read(&grant).unwrap().clone()).collect();
        assert_eq!(browsers.iter().filter(|browser| *browser == "Safari 17").count(), 2);
        assert_eq!(browsers.len(), 3);
        let other = store.viewer(&second.token).await.unwrap().unwrap();
        let stranger = store.viewer(&store.arrive(people[1], None, &about).await.unwrap().unwrap().token).await;
        assert!(!store.revoke(&stranger.unwrap().unwrap(), other.session).await.unwrap());
        assert!(store.revoke(&viewer, other.session).await.unwrap());
        assert!(store.viewer(&second.token).await.unwrap().is_none() && !known(mine, &second.device).await);
        store.revoke_others(&viewer).await.unwrap();
        assert!(store.viewer(&again.token).await.unwrap().is_none(), "another session on the same device");
        assert!(store.viewer(&first.token).await.unwrap().is_some() && known(mine, &first.device).await);
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
