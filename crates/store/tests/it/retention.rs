//! What has expired goes, to the millisecond; what is held stays; and the report says so.

use std::collections::BTreeSet;
use std::time::Duration;

use jiayin_domain::role::Role;
use jiayin_privacy::plan::{self, Expires, Expiry};
use jiayin_privacy::{Identifier, Refusal};
use jiayin_store::accounts::NewPerson;
use jiayin_store::jobs::SWEEP;
use jiayin_store::retention::{HoldError, Origin, Outcome};
use jiayin_store::rights::Closing;
use jiayin_store::{Store, StoreError, Viewer};
use jiff::{SignedDuration, Timestamp};

use crate::databases::{TestSchool, TestStore, both};
use crate::rights::planted::{Planted, work};
use crate::rights::raw::{Raw, count_files};
use crate::uploads::{announced, send};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn now(test: &TestStore) -> i64 {
    use jiayin_domain::provide::Clock;
    test.clock.now().as_millisecond()
}

/// Rules whose days are counted from a column of the row.
fn rules() -> Vec<(Expiry, &'static str, i64)> {
    let of = |rule: Expiry| match rule.expires {
        Expires::After(start, days) => Some((rule, start, i64::from(days) * 24 * 3600 * 1000)),
        Expires::Closed(_) => None,
    };
    plan::expiries().into_iter().filter_map(of).collect()
}

/// The rows of a rule, as SQL.
fn rows_of(rule: &Expiry) -> String {
    let only = rule.files.and_then(|kind| Some(format!(" WHERE {} = '{}'", kind.only?, kind.kind)));
    format!("FROM {}{}", rule.table, only.unwrap_or_default())
}

async fn counts(raw: &mut Raw) -> Vec<i64> {
    let mut counts = Vec::new();
    for (rule, ..) in rules() {
        counts.push(raw.count(format!("SELECT count(*) {}", rows_of(&rule))).await);
    }
    counts
}

async fn swept(store: &Store) -> Outcome {
    let foretold = store.sweep_dry().await.unwrap();
    let outcome = store.sweep(Origin::Operator, None).await.unwrap();
    let what = |outcome: &Outcome| -> BTreeSet<(String, String)> {
        outcome.rules.iter().filter(|it| it.rows > 0).map(|it| (it.rule.clone(), it.table.clone())).collect()
    };
    let files = |outcome: &Outcome| outcome.rules.iter().map(|it| it.files).sum::<u64>();
    assert_eq!(files(&outcome), files(&foretold));
    // What goes along with other rows is foretold under its own rule.
    assert!(what(&outcome).is_subset(&what(&foretold)), "{outcome:?} was not foretold: {foretold:?}");
    assert!(store.sweep_dry().await.unwrap().rules.iter().all(|it| it.rows == 0), "something is left");
    outcome
}

/// The officer of a school.
async fn officer(test: &TestStore, school: &TestSchool, number: u32) -> Viewer {
    let new = NewPerson {
        school: school.school,
        campus: None,
        role: Role::PrivacyOfficer,
        name: "An officer",
        identifiers: vec![Identifier::parse(&format!("officer{number}@school.example")).unwrap()],
        password: None,
    };
    let person = test.store.create_person(new).await.unwrap().unwrap();
    let token = test.store.start_session(person).await.unwrap().unwrap();
    test.store.viewer(&token).await.unwrap().unwrap()
}

fn in_days(test: &TestStore, days: i64) -> Timestamp {
    Timestamp::from_millisecond(now(test)).unwrap() + SignedDuration::from_hours(days * 24)
}

#[tokio::test]
async fn clause_4_11_every_rule_of_the_map_takes_its_rows_at_its_moment_and_not_before() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        Planted::new(test, &school).await;
        let mut raw = Raw::open(&test.url).await;
        for (rule, start, _) in rules() {
            assert!(raw.count(format!("SELECT count(*) {}", rows_of(&rule))).await > 0, "{}: no rows", rule.table);
            raw.run(format!("UPDATE {} SET {start} = {}", rule.table, now(test))).await;
        }
        let folder = test.folder.path().join("files");
        for kind in ["recording", "ticket_picture", "upload_part", "export"] {
            assert!(count_files(&folder.join(kind)) > 0, "{kind}");
        }
        let mut moments = 0;
        loop {
            let mut next: Option<i64> = None;
            for (rule, start, kept) in rules() {
                let rows = rows_of(&rule);
                if raw.count(format!("SELECT count(*) {rows}")).await > 0 {
                    let due = raw.count(format!("SELECT min({start}) {rows}")).await + kept;
                    next = Some(next.map_or(due, |next| next.min(due)));
                }
            }
            let Some(due) = next else { break };
            let wait = u64::try_from(due - now(test)).unwrap();
            test.clock.advance(Duration::from_millis(wait - 1));
            let before = counts(&mut raw).await;
            assert_eq!(swept(&test.store).await.rules, [], "a millisecond too early");
            assert_eq!(counts(&mut raw).await, before);
            test.clock.advance(Duration::from_millis(1));
            assert!(!swept(&test.store).await.rules.is_empty());
            assert_ne!(counts(&mut raw).await, before);
            moments += 1;
        }
        let terms: BTreeSet<i64> = rules().iter().map(|(.., kept)| *kept).collect();
        assert_eq!(moments, terms.len(), "one moment for each term of the map");
        for kind in ["recording", "ticket_picture", "upload_part", "export"] {
            assert_eq!(count_files(&folder.join(kind)), 0, "{kind}");
        }
        assert!(count_files(&folder.join("course_audio")) > 0, "has no days: it goes with its teacher");
        assert_eq!(test.count("submission").await, 2, "homework stays as long as the account");
    })
    .await;
}

#[tokio::test]
async fn clause_4_11_a_consent_names_nobody_three_years_after_the_account_and_the_ledger_still_holds() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let entries = test.store.check_ledger().await.unwrap().unwrap();
        let claim = test.store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        test.store.cancel(&claim, Closing::Now).await.unwrap();
        work(&test.store).await;
        let learner = Raw::open(&test.url).await.id(school.learner.person.0);
        let naming = async || {
            let mut raw = Raw::open(&test.url).await;
            raw.count(format!("SELECT count(*) FROM consent WHERE subject_id = {learner}")).await
        };
        test.clock.advance(DAY * 1096 - Duration::from_millis(1));
        test.store.sweep(Origin::Schedule, None).await.unwrap();
        assert_eq!(naming().await, 1);
        test.clock.advance(Duration::from_millis(1));
        let outcome = test.store.sweep(Origin::Schedule, None).await.unwrap();
        assert!(outcome.rules.iter().any(|it| it.table == "consent" && it.rows == 1), "{outcome:?}");
        assert_eq!(naming().await, 0);
        assert_eq!(test.count("consent").await, entries, "the chain has all its links");
        assert_eq!(test.store.check_ledger().await.unwrap(), Ok(entries));
        let again = test.store.sweep(Origin::Schedule, None).await.unwrap();
        assert!(again.rules.iter().all(|it| it.table != "consent"), "once");
        // Names taken out of an entry that is not old enough are an alteration like any other.
        let nobody = Raw::open(&test.url).await.id(uuid::Uuid::nil());
        test.execute(&format!(
            "UPDATE consent SET subject_id = {nobody}, actor_id = {nobody}, blanked_at = at + 1 WHERE blanked_at IS NULL"
        ))
        .await;
        assert!(test.store.check_ledger().await.unwrap().is_err());
    })
    .await;
}

#[tokio::test]
async fn clause_4_12_a_hold_keeps_one_person_s_data_until_it_ends_and_no_one_else_s() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let officer = officer(test, &school, 1).await;
        for (number, learner) in [(1, &school.learner), (2, &school.classmate)] {
            send(store, learner, &announced(&school, number, b"a recording"), b"a recording").await;
        }
        work(store).await;
        test.clock.advance(DAY * 10);
        let ends = in_days(test, 400);
        let place = async |person, ends| store.place_hold(&officer, person, "a letter", ends).await.unwrap().unwrap();
        let hold = place(school.learner.person, ends).await.unwrap();
        assert_eq!(place(school.learner.person, in_days(test, 0)).await, Err(HoldError::End));
        assert_eq!(place(school.learner.person, in_days(test, 1097)).await, Err(HoldError::End));
        assert_eq!(place(uuid::Uuid::nil().into(), ends).await, Err(HoldError::Nobody));
        assert!(store.place_hold(&school.teacher, school.learner.person, "x", ends).await.unwrap().is_none());
        assert!(!store.lift_hold(&school.manager, hold).await.unwrap());
        assert_eq!(store.held_until(school.learner.person).await.unwrap(), Some(ends));
        test.clock.advance(DAY * 360);
        let outcome = store.sweep(Origin::Schedule, None).await.unwrap();
        let recordings = outcome.rules.iter().find(|it| it.rule == "recording" && it.table == "media").unwrap();
        assert_eq!((recordings.files, recordings.held), (1, 1), "{outcome:?}");
        assert_eq!(test.count("recording").await, 1);
        // What is held can be deleted by nobody, whoever asks.
        let claim = store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        let mut raw = Raw::open(&test.url).await;
        let sql = if test.kind == "sqlite" { "SELECT id FROM media" } else { "SELECT uuid_send(id) FROM media" };
        let media = uuid::Uuid::from_slice(&raw.bytes(sql.to_owned()).await[0]).unwrap();
        let refused = store.delete_recording(&claim, media).await;
        assert!(matches!(refused, Err(StoreError::Refused(Refusal::Held))));
        store.cancel(&claim, Closing::Now).await.unwrap();
        work(store).await;
        assert!(store.is_restricted(school.learner.person).await.unwrap(), "stored, and not used");
        assert_eq!(test.count("recording").await, 1);
        let operator = store.claim_by_operator(school.learner.person).await.unwrap().unwrap();
        assert!(matches!(store.note_erasure(&operator).await, Err(StoreError::Refused(Refusal::Held))));
        // The end comes by itself, and what was put off is done.
        test.clock.advance(DAY * 41);
        assert_eq!(store.held_until(school.learner.person).await.unwrap(), None);
        work(store).await;
        assert_eq!(test.count("recording").await, 0);
        assert!(store.claim_by_operator(school.learner.person).await.unwrap().is_none(), "erased");
        assert!(!store.lift_hold(&officer, hold).await.unwrap(), "it is over");
    })
    .await;
}

#[tokio::test]
async fn a_lifted_hold_lets_go_at_once() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let officer = officer(test, &school, 1).await;
        let hold = store.place_hold(&officer, school.learner.person, "a letter", in_days(test, 30)).await.unwrap();
        let claim = store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        store.cancel(&claim, Closing::Now).await.unwrap();
        work(store).await;
        assert!(store.lift_hold(&officer, hold.unwrap().unwrap()).await.unwrap());
        let holds = store.holds(&officer).await.unwrap().unwrap();
        assert_eq!(holds.holds[0].reason.as_ref().unwrap().read(&holds.grant.unwrap()).unwrap(), "a letter");
        assert!(!holds.holds[0].in_force);
        test.clock.advance(DAY);
        work(store).await;
        assert!(store.claim_by_operator(school.learner.person).await.unwrap().is_none());
        assert!(store.holds(&school.teacher).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn the_sweep_comes_every_night_breaks_off_and_begins_again_and_finishes_lost_erasures() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let officer = officer(test, &school, 1).await;
        let tonight = in_days(test, 1);
        store.schedule_sweep(tonight).await.unwrap();
        store.schedule_sweep(in_days(test, 3)).await.unwrap();
        assert_eq!(test.count("job").await, 1, "one sweep on its way");
        assert!(store.take_job().await.unwrap().is_none(), "not yet");
        // An erasure whose job was lost.
        let claim = store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        store.cancel(&claim, Closing::Now).await.unwrap();
        test.execute("DELETE FROM job WHERE kind = 'erase'").await;
        test.clock.advance(DAY);
        let dropped = store.take_job().await.unwrap().unwrap();
        assert_eq!(dropped.kind, SWEEP);
        // The worker dies; another takes the job when the lease is over, and the first one finds that it has lost it.
        test.clock.advance(Duration::from_secs(60));
        let taken = store.take_job().await.unwrap().unwrap();
        let outcome = store.sweep_for(&taken, in_days(test, 1)).await.unwrap();
        assert!(outcome.rules.iter().any(|it| it.rule == "account" && it.rows == 1), "{outcome:?}");
        assert_eq!(outcome.keys, 1);
        assert!(store.claim_by_operator(school.learner.person).await.unwrap().is_none());
        store.sweep_for(&dropped, in_days(test, 2)).await.unwrap();
        assert_eq!(test.count("job").await, 1, "the next night, once");
        let reports = store.sweep_reports(&officer).await.unwrap().unwrap();
        assert_eq!(reports.iter().filter(|report| report.finished.is_none()).count(), 1, "the one that lost its lease");
        assert!(reports.iter().any(|report| report.outcome == outcome));
        assert!(store.sweep_reports(&school.teacher).await.unwrap().is_none());
        // What failed for good is tried again when the program starts.
        test.execute("UPDATE job SET state = 'dead'").await;
        store.schedule_sweep(in_days(test, 1)).await.unwrap();
        assert!(store.take_job().await.unwrap().is_some());
    })
    .await;
}
