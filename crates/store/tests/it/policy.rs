//! Versions of the policy: announced before they hold, and asking for consent again where they change something.

use std::time::Duration;

use jiayin_domain::provide::Clock;
use jiayin_domain::revision::{NOTICE_DAYS, NoticeError};
use jiayin_domain::role::Role;
use jiayin_privacy::snapshot::Snapshot;
use jiayin_store::policy::{PolicyTexts, ScheduleError};
use jiayin_store::{Store, StoreError, Viewer};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::databases::{TestSchool, TestStore, both, both_without_policy, person};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn texts(word: &str) -> PolicyTexts {
    let text = |language: &str| format!("# {word} {language}");
    PolicyTexts { zh: text("zh"), en: text("en"), children_zh: text("children zh"), children_en: text("children en") }
}

fn in_days(test: &TestStore, days: i64) -> Timestamp {
    test.clock.now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

async fn officer(store: &Store, school: &TestSchool) -> Viewer {
    person(store, school.school, Role::PrivacyOfficer, "Officer", "officer@school.example", None).await
}

#[tokio::test]
async fn the_first_version_holds_at_once_and_is_made_once() {
    both_without_policy(async |test| {
        let store = &test.store;
        assert!(matches!(store.current_policy().await, Err(StoreError::NoPolicy)));
        let first = store.ensure_first_policy(&texts("one")).await.unwrap();
        assert_eq!(first.number, 1);
        assert_eq!(store.ensure_first_policy(&texts("other")).await.unwrap(), first);
        assert_eq!(store.current_policy().await.unwrap(), first);
        let kept = store.policy(1).await.unwrap().unwrap();
        assert_eq!(kept.texts, texts("one"));
        assert!(kept.head.created_by.is_none() && kept.head.touches.is_empty());
        assert_eq!(store.consent_floor("marketing").await.unwrap(), 1);
        assert!(store.policy(2).await.unwrap().is_none());
        assert_eq!(test.again(9).await.ensure_first_policy(&texts("other")).await.unwrap(), first, "after a restart");
    })
    .await;
}

#[tokio::test]
async fn a_version_is_announced_holds_later_and_can_be_taken_back_before() {
    both_without_policy(async |test| {
        let store = &test.store;
        store.ensure_first_policy(&texts("one")).await.unwrap();
        let school = TestSchool::new(store).await;
        let officer = officer(store, &school).await;
        let schedule = async |viewer: &Viewer, at| store.schedule_policy(viewer, &texts("two"), at, NOTICE_DAYS).await;
        let refused = schedule(&school.teacher, in_days(test, 8)).await;
        assert!(matches!(refused, Err(ScheduleError::NotAllowed)));
        let refused = schedule(&officer, in_days(test, 0)).await;
        assert!(matches!(refused, Err(ScheduleError::Notice(NoticeError::Past))));
        let refused = schedule(&officer, in_days(test, 6)).await;
        assert!(matches!(refused, Err(ScheduleError::Notice(NoticeError::TooEarly { earliest })) if earliest == in_days(test, 7)));
        let empty = PolicyTexts { en: " ".to_owned(), ..texts("two") };
        let refused = store.schedule_policy(&officer, &empty, in_days(test, 8), NOTICE_DAYS).await;
        assert!(matches!(refused, Err(ScheduleError::Empty)));

        assert!(store.save_policy_draft(&officer, &texts("two")).await.unwrap());
        assert!(!store.save_policy_draft(&school.teacher, &texts("mine")).await.unwrap());
        assert_eq!(store.policy_draft().await.unwrap().unwrap().texts, texts("two"));
        let second = schedule(&officer, in_days(test, 8)).await.unwrap();
        assert_eq!(second.number, 2);
        assert!(store.policy_draft().await.unwrap().is_none(), "the draft is used up");
        assert!(matches!(schedule(&officer, in_days(test, 9)).await, Err(ScheduleError::Pending)));
        assert_eq!(store.current_policy().await.unwrap().number, 1, "not in force yet");
        assert!(!store.cancel_policy(&school.teacher, 2).await.unwrap());
        assert!(store.cancel_policy(&officer, 2).await.unwrap());
        assert!(!store.cancel_policy(&officer, 2).await.unwrap() && !store.cancel_policy(&officer, 1).await.unwrap());

        let third = schedule(&officer, in_days(test, 7)).await.unwrap();
        assert_eq!(third.number, 3, "a number is used once");
        test.clock.advance(7 * DAY);
        assert_eq!(store.current_policy().await.unwrap(), third);
        assert!(!store.cancel_policy(&officer, 3).await.unwrap(), "what holds is not taken back");
        let heads = store.policies().await.unwrap();
        assert_eq!(heads.iter().map(|head| head.cancelled_at.is_some()).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(store.policy(1).await.unwrap().unwrap().texts, texts("one"), "old versions stay readable");
    })
    .await;
}

/// As if an older program had published the first version: one that did not know marketing.
async fn older_map(test: &TestStore) {
    let mut map = Snapshot::current();
    map.purposes.retain(|purpose| purpose.id != "marketing");
    let json = map.to_json().unwrap().replace('\'', "''");
    let sql = AssertSqlSafe(format!("UPDATE policy_version SET snapshot = '{json}' WHERE number = 1"));
    if test.kind == "sqlite" {
        sqlx::SqliteConnection::connect(&test.url).await.unwrap().execute(sql).await.unwrap();
    } else {
        sqlx::PgConnection::connect(&test.url).await.unwrap().execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn clause_12_3_a_material_change_asks_for_consent_again_and_nothing_else_does() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        test.store.ensure_first_policy(&texts("one")).await.unwrap();
        older_map(test).await;
        let store = &test.again(11).await;
        let officer = officer(store, &school).await;
        assert_eq!(*store.undeclared().await.unwrap(), ["marketing"], "the program does what version 1 does not say");
        assert_eq!(store.consent_floor("marketing").await.unwrap(), 2, "no consent to version 1 covers that");
        assert_eq!(store.consent_floor("improvement").await.unwrap(), 1);

        store.schedule_policy(&officer, &texts("two"), in_days(test, 7), NOTICE_DAYS).await.unwrap();
        test.clock.advance(7 * DAY);
        assert!(store.undeclared().await.unwrap().is_empty());
        assert_eq!(store.policy(2).await.unwrap().unwrap().head.touches, ["marketing"]);
        assert_eq!(store.consent_floor("marketing").await.unwrap(), 2);
        assert_eq!(store.consent_floor("improvement").await.unwrap(), 1);

        store.schedule_policy(&officer, &texts("clearer words"), in_days(test, 7), NOTICE_DAYS).await.unwrap();
        test.clock.advance(7 * DAY);
        assert_eq!(store.current_policy().await.unwrap().number, 3);
        assert_eq!(store.consent_floor("marketing").await.unwrap(), 2, "other words alone ask for nothing");
    })
    .await;
}

#[tokio::test]
async fn who_has_seen_a_version_is_kept_once() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let officer = officer(store, &school).await;
        store.ensure_first_policy(&texts("one")).await.unwrap();
        assert!(store.unseen_policy(&school.guardian).await.unwrap().is_none(), "the first version changed nothing");
        store.schedule_policy(&officer, &texts("two"), in_days(test, 7), NOTICE_DAYS).await.unwrap();
        let unseen = store.unseen_policy(&school.guardian).await.unwrap().unwrap();
        assert_eq!(unseen.version.number, 2);
        assert!(store.see_policy(&school.guardian, 2).await.unwrap());
        let seen = store.policy_seen_at(&school.guardian, 2).await.unwrap();
        test.clock.advance(DAY);
        assert!(store.see_policy(&school.guardian, 2).await.unwrap());
        assert_eq!(store.policy_seen_at(&school.guardian, 2).await.unwrap(), seen, "the first time counts");
        assert!(!store.see_policy(&school.guardian, 7).await.unwrap());
        assert!(store.unseen_policy(&school.guardian).await.unwrap().is_none());
        assert!(test.again(5).await.unseen_policy(&school.guardian).await.unwrap().is_none(), "after a restart too");
        assert!(store.unseen_policy(&school.learner).await.unwrap().is_some());
        assert_eq!(store.policy_seen_count(2).await.unwrap(), 1);

        test.clock.advance(8 * DAY);
        let late = person(store, school.school, Role::Learner, "Late", "13800000077", None).await;
        assert!(store.unseen_policy(&late).await.unwrap().is_none(), "who joined under it has read it then");
        let third = store.schedule_policy(&officer, &texts("three"), in_days(test, 7), NOTICE_DAYS).await.unwrap();
        assert_eq!(store.unseen_policy(&late).await.unwrap().unwrap().version, third);
        assert!(store.cancel_policy(&officer, 3).await.unwrap());
        assert!(store.unseen_policy(&late).await.unwrap().is_none(), "what is taken back need not be read");
    })
    .await;
}
