//! Requests that a person must decide: one's own and the officer's of the same school, step by step.

use std::time::Duration;

use jiayin_domain::id::RequestId;
use jiayin_domain::request::{Deed, Kind, State};
use jiayin_domain::role::Role;
use jiayin_store::requests::{Moved, NewRequest, Received, Verdict};
use jiayin_store::{Store, Viewer};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::databases::{TestSchool, TestStore, both, person};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The test's own term, of ten days: how long it is, the calendar says.
fn later(from: Timestamp) -> Timestamp {
    from + SignedDuration::from_hours(240)
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_772_438_400_000).unwrap()
}

fn complaint<'a>(viewer: &Viewer, text: &'a str) -> NewRequest<'a> {
    NewRequest { subject: viewer.person, kind: Kind::Complaint, text, due_at: later(now()) }
}

async fn made(store: &Store, viewer: &Viewer, text: &str) -> RequestId {
    match store.make_request(viewer, &complaint(viewer, text)).await.unwrap() {
        Received::As(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn officer(test: &TestStore, school: &TestSchool, mailbox: &str) -> Viewer {
    person(&test.store, school.school, Role::PrivacyOfficer, "Officer", mailbox, None).await
}

#[tokio::test]
async fn a_request_goes_to_the_officer_of_the_school_and_its_answer_back() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let officer = officer(test, &school, "o@school.example").await;
        let id = made(store, &school.guardian, "Who sold my number?").await;
        assert_eq!(store.waiting_requests(&officer).await.unwrap(), (1, 0));
        assert_eq!(store.decide_request(&officer, id, Verdict::Granted, "Done.").await.unwrap(), Moved::Stale);
        test.clock.advance(DAY);
        assert_eq!(store.take_request(&officer, id).await.unwrap(), Moved::Done);
        assert_eq!(store.take_request(&officer, id).await.unwrap(), Moved::Stale, "it is theirs already");

        let open = store.request_at_desk(&officer, id).await.unwrap().unwrap();
        assert_eq!(open.text.read(&open.grant).unwrap(), "Who sold my number?");
        let (_, name) = open.names.iter().find(|(named, _)| *named == school.guardian.person).unwrap();
        assert!(!name.read(&open.grant).unwrap().is_empty(), "a decision about a person needs the person");
        assert_eq!(store.unread_requests(school.guardian.person).await.unwrap(), 0);
        test.clock.advance(DAY);
        assert_eq!(store.decide_request(&officer, id, Verdict::Refused, "Nobody did.").await.unwrap(), Moved::Done);
        assert_eq!(store.decide_request(&officer, id, Verdict::Granted, "Or so.").await.unwrap(), Moved::Stale);
        assert_eq!(store.withdraw_request(&school.guardian, id).await.unwrap(), Moved::Stale);

        assert_eq!(store.unread_requests(school.guardian.person).await.unwrap(), 1);
        assert!(store.own_requests(&school.guardian).await.unwrap()[0].unread);
        let own = store.own_request(&school.guardian, id).await.unwrap().unwrap();
        assert_eq!(own.outcome.unwrap().read(&own.grant).unwrap(), "Nobody did.");
        assert_eq!((own.request.state, own.names.len()), (State::Refused, 0));
        let deeds: Vec<Deed> = own.steps.iter().map(|step| step.deed).collect();
        assert_eq!(deeds, [Deed::Receive, Deed::Take, Deed::Refuse]);
        assert_eq!((own.steps[2].before, own.steps[2].actor), (Some(State::Taken), officer.person));
        assert_eq!(store.unread_requests(school.guardian.person).await.unwrap(), 0, "seen once opened");
        let queue = store.request_queue(&officer).await.unwrap().unwrap();
        assert_eq!((queue.waiting.len(), queue.closed.len()), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn nobody_elses_request_exists() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let id = made(store, &school.guardian, "Mine.").await;
        let elsewhere = store.create_school("Elsewhere").await.unwrap();
        let other = person(store, elsewhere, Role::PrivacyOfficer, "Other", "o@other.example", None).await;
        for stranger in [&school.teacher, &school.learner, &other] {
            assert!(store.own_request(stranger, id).await.unwrap().is_none());
            assert!(store.request_at_desk(stranger, id).await.unwrap().is_none());
            assert_eq!(store.withdraw_request(stranger, id).await.unwrap(), Moved::Missing);
            assert_eq!(store.take_request(stranger, id).await.unwrap(), Moved::Missing);
            assert_eq!(store.extend_request(stranger, id, later, "Why").await.unwrap(), Moved::Missing);
            let decided = store.decide_request(stranger, id, Verdict::Granted, "Yes").await.unwrap();
            assert_eq!(decided, Moved::Missing);
        }
        assert!(store.request_queue(&school.teacher).await.unwrap().is_none());
        assert!(store.request_queue(&other).await.unwrap().unwrap().waiting.is_empty());
        assert_eq!(store.withdraw_request(&school.guardian, id).await.unwrap(), Moved::Done);
    })
    .await;
}

#[tokio::test]
async fn a_request_is_for_oneself_or_ones_own_child() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let about = async |viewer: &Viewer, subject| {
            store.make_request(viewer, &NewRequest { subject, ..complaint(viewer, "Please.") }).await.unwrap()
        };
        assert!(matches!(about(&school.guardian, school.learner.person).await, Received::As(_)));
        assert_eq!(about(&school.guardian, school.classmate.person).await, Received::NotTheirs);
        assert_eq!(about(&school.teacher, school.learner.person).await, Received::NotTheirs);
        assert_eq!(about(&school.learner, school.guardian.person).await, Received::NotTheirs);
        let (grant, children) = store.children_to_ask_for(&school.guardian).await.unwrap();
        assert!(children.iter().any(|(child, _)| *child == school.learner.person));
        assert!(children.iter().all(|(_, name)| name.read(&grant).is_ok()));
        assert!(store.children_to_ask_for(&school.teacher).await.unwrap().1.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_term_is_put_off_once_in_time_and_by_who_has_the_request() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let (first, second) =
            (officer(test, &school, "a@school.example").await, officer(test, &school, "b@school.example").await);
        let late = made(store, &school.guardian, "Late.").await;
        let id = made(store, &school.guardian, "In time.").await;
        store.take_request(&first, id).await.unwrap();
        assert_eq!(store.extend_request(&second, id, later, "Why").await.unwrap(), Moved::Stale, "another's");
        assert_eq!(store.take_request(&second, id).await.unwrap(), Moved::Done, "taken over");
        assert_eq!(store.decide_request(&first, id, Verdict::Granted, "Yes").await.unwrap(), Moved::Stale);
        assert_eq!(store.extend_request(&second, id, later, "Logs are searched.").await.unwrap(), Moved::Done);
        assert_eq!(store.extend_request(&second, id, later, "Still.").await.unwrap(), Moved::Stale, "once");
        assert_eq!(store.unread_requests(school.guardian.person).await.unwrap(), 1);
        let own = store.own_request(&school.guardian, id).await.unwrap().unwrap();
        assert_eq!(own.request.due_at, later(later(now())));
        assert_eq!(own.extension.unwrap().read(&own.grant).unwrap(), "Logs are searched.");

        let queue = store.request_queue(&first).await.unwrap().unwrap();
        assert_eq!(queue.waiting.iter().map(|request| request.id).collect::<Vec<_>>(), [late, id], "due first");
        store.take_request(&first, late).await.unwrap();
        test.clock.advance(DAY * 11);
        assert_eq!(store.waiting_requests(&first).await.unwrap(), (2, 1));
        assert_eq!(store.extend_request(&first, late, later, "Sorry.").await.unwrap(), Moved::Stale, "too late");
        assert_eq!(store.decide_request(&first, late, Verdict::Granted, "Sorry.").await.unwrap(), Moved::Done);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_told_of_though_the_longer_term_has_not_been_yet() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let officer = officer(test, &school, "o@school.example").await;
        let id = made(store, &school.guardian, "Who sold my number?").await;
        store.take_request(&officer, id).await.unwrap();
        assert_eq!(store.extend_request(&officer, id, later, "Logs are searched.").await.unwrap(), Moved::Done);
        let telling = store.take_job().await.unwrap().unwrap();
        // While the first is being told of: it may have been read already.
        assert_eq!(store.decide_request(&officer, id, Verdict::Granted, "Done.").await.unwrap(), Moved::Done);
        store.tell(&telling, Offset::UTC).await.unwrap();
        assert_eq!(test.count("job WHERE kind = 'tell_answered'").await, 1, "told of once more");
        let again = store.take_job().await.unwrap().unwrap();
        store.tell(&again, Offset::UTC).await.unwrap();
        assert_eq!(test.count("job WHERE kind = 'tell_answered'").await, 0);
        assert_eq!(test.count("message WHERE kind = 'answered'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_fills_the_queue_and_the_log_outlasts_the_requests() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let mut last = None;
        for _ in 0..10 {
            last = Some(made(store, &school.guardian, "And?").await);
        }
        let one_more = complaint(&school.guardian, "And?");
        assert_eq!(store.make_request(&school.guardian, &one_more).await.unwrap(), Received::TooMany);
        made(store, &school.learner, "And?").await;
        assert_eq!(store.withdraw_request(&school.guardian, last.unwrap()).await.unwrap(), Moved::Done);
        made(store, &school.guardian, "Room again.").await;

        let logged = test.count("audit WHERE object_kind LIKE 'request-%'").await;
        assert_eq!(logged, 13, "twelve received, one taken back");
        store.erase(school.guardian.person).await.unwrap();
        assert_eq!(test.count("rights_request").await, 1, "the learner's");
        assert_eq!(test.count("rights_step").await, 1);
        assert!(test.count("audit WHERE object_kind LIKE 'request-%'").await >= logged);
    })
    .await;
}
