//! The help desk: who sees which conversation, what becomes of it step by step, and two who answer at once.

use std::time::Duration;

use jiayin_domain::id::TicketId;
use jiayin_domain::role::Role;
use jiayin_domain::support::{Deed, Desk, Rating, State, Topic};
use jiayin_store::support::{Begun, CANNED_MAX, Handing, Moved, Said, Show};
use jiayin_store::{Store, Viewer};
use jiff::{SignedDuration, Timestamp};

use crate::databases::{TestSchool, both, person};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn said(text: &str) -> Said<'_> {
    let due_at = Timestamp::from_millisecond(1_772_438_400_000).unwrap() + SignedDuration::from_hours(48);
    Said { text, picture: None, due_at }
}

async fn begun(store: &Store, viewer: &Viewer, text: &str) -> TicketId {
    match store.begin_ticket(viewer, Topic::Sound, &said(text)).await.unwrap() {
        Begun::As(id) => id,
        Begun::TooMany => panic!("too many"),
    }
}

async fn waiting(store: &Store, viewer: &Viewer) -> Vec<TicketId> {
    let found = store.ticket_queue(viewer, Show(State::Waiting)).await.unwrap().unwrap();
    found.iter().map(|ticket| ticket.id).collect()
}

/// How many steps a conversation has had.
async fn version(store: &Store, viewer: &Viewer, id: TicketId) -> i64 {
    store.ticket_at_desk(viewer, id).await.unwrap().unwrap().open.ticket.version
}

#[tokio::test]
async fn a_conversation_goes_to_the_campus_and_its_answer_back() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let (guardian, manager) = (&school.guardian, &school.manager);
        let first = begun(store, guardian, "Nothing is to be heard.").await;
        test.clock.advance(DAY);
        let second = begun(store, &school.teacher, "How do I …").await;
        assert_eq!(waiting(store, manager).await, [first, second], "the longest wait first");
        test.clock.advance(DAY * 2);
        let counts = store.ticket_counts(manager).await.unwrap();
        assert_eq!((counts.waiting, counts.overdue, counts.answered, counts.closed), (2, 2, 0, 0));

        let desk = store.ticket_at_desk(manager, first).await.unwrap().unwrap();
        let text = desk.open.entries[0].text.as_ref().unwrap();
        assert_eq!(text.read(&desk.open.grant).unwrap(), "Nothing is to be heard.");
        assert_eq!(desk.open.name.unwrap().read(&desk.open.grant).unwrap(), "Wang Jun");
        assert_eq!(store.note_on_ticket(manager, first, "An old tablet.").await.unwrap(), Moved::Done);
        let read = version(store, manager, first).await;
        assert_eq!(store.answer_ticket(manager, (first, read), "Turn it up.").await.unwrap(), Moved::Done);
        assert_eq!(waiting(store, manager).await, [second]);
        assert_eq!(test.count("job WHERE kind = 'tell_helped'").await, 1, "the writer is told");

        let own = store.own_ticket(guardian, first).await.unwrap().unwrap();
        let deeds: Vec<Deed> = own.entries.iter().map(|entry| entry.deed).collect();
        assert_eq!(deeds, [Deed::Ask, Deed::Answer], "notes are the desk's own");
        assert_eq!((own.ticket.state, own.ticket.owner), (State::Answered, Some(manager.person)));
        assert_eq!(store.rate_ticket(guardian, first, Rating::Good, None).await.unwrap(), Moved::Stale, "open");
        assert_eq!(store.close_own_ticket(guardian, first).await.unwrap(), Moved::Done);
        for (rating, remark) in [(Rating::Poor, None), (Rating::Good, Some("Quick."))] {
            assert_eq!(store.rate_ticket(guardian, first, rating, remark).await.unwrap(), Moved::Done);
        }
        let own = store.own_ticket(guardian, first).await.unwrap().unwrap();
        assert_eq!((own.ticket.rating, own.ticket.state), (Some(Rating::Good), State::Closed));
        assert_eq!(own.remark.unwrap().read(&own.grant).unwrap(), "Quick.");

        let read = version(store, manager, first).await;
        let late = store.answer_ticket(manager, (first, read), "And?").await.unwrap();
        assert_eq!(late, Moved::Stale, "what is closed, only its writer opens");
        assert_eq!(store.say_in_ticket(guardian, first, &said("Again!")).await.unwrap(), Moved::Done);
        assert_eq!(waiting(store, manager).await, [second, first], "it waits anew");
        assert_eq!(store.own_tickets(guardian).await.unwrap()[0].closed_at, None);
    })
    .await;
}

#[tokio::test]
async fn nobody_elses_conversation_exists() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let picture = Said { picture: Some(("image/png", b"a picture")), ..said("Look.") };
        let Begun::As(id) = store.begin_ticket(&school.guardian, Topic::Other, &picture).await.unwrap() else {
            panic!("too many")
        };
        let open = store.own_ticket(&school.guardian, id).await.unwrap().unwrap();
        let media = open.entries[0].picture.unwrap();
        let south = store.create_campus(school.school, "South").await.unwrap();
        let make =
            async |role, mailbox: &str, campus| person(store, school.school, role, "Other", mailbox, campus).await;
        let elsewhere = make(Role::CampusManager, "south@school.example", Some(south)).await;
        let officer = make(Role::PrivacyOfficer, "o@school.example", None).await;
        for stranger in [&school.other_guardian, &school.learner, &school.teacher, &elsewhere, &officer] {
            assert!(store.own_ticket(stranger, id).await.unwrap().is_none());
            assert!(store.ticket_at_desk(stranger, id).await.unwrap().is_none());
            assert!(store.ticket_picture(stranger, id, media).await.unwrap().is_none());
            for moved in [
                store.say_in_ticket(stranger, id, &said("Mine.")).await,
                store.close_own_ticket(stranger, id).await,
                store.rate_ticket(stranger, id, Rating::Good, None).await,
                store.answer_ticket(stranger, (id, 0), "Yes.").await,
                store.note_on_ticket(stranger, id, "Hm.").await,
                store.take_ticket(stranger, id).await,
                store.hand_ticket(stranger, id, Handing::To(Desk::Officer), "Please.").await,
                store.close_ticket(stranger, (id, 0)).await,
            ] {
                assert_eq!(moved.unwrap(), Moved::Missing);
            }
        }
        assert!(store.ticket_queue(&school.teacher, Show(State::Waiting)).await.unwrap().is_none());
        assert!(waiting(store, &elsewhere).await.is_empty() && waiting(store, &officer).await.is_empty());
        for mine in [&school.guardian, &school.manager] {
            let shown = store.ticket_picture(mine, id, media).await.unwrap().unwrap();
            assert_eq!((shown.mime.as_str(), shown.bytes.as_slice()), ("image/png", &b"a picture"[..]));
        }
        // A picture of another conversation is not one of this.
        let other = begun(store, &school.guardian, "Else.").await;
        assert!(store.ticket_picture(&school.guardian, other, media).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_handed_over_and_back_and_nobody_answers_their_own() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let manager = &school.manager;
        let make =
            async |role, mailbox: &str, campus| person(store, school.school, role, "Colleague", mailbox, campus).await;
        let colleague = make(Role::CampusManager, "b@school.example", Some(school.campus)).await;
        let officer = make(Role::PrivacyOfficer, "o@school.example", None).await;
        let id = begun(store, &school.learner, "Help.").await;
        let desk = store.ticket_at_desk(manager, id).await.unwrap().unwrap();
        let (grant, colleagues) = desk.colleagues.unwrap();
        assert_eq!(colleagues.len(), 1);
        assert_eq!(colleagues[0].1.read(&grant).unwrap(), "Colleague");
        let to = |to| store.hand_ticket(manager, id, to, "Please have a look.");
        assert_eq!(to(Handing::Colleague(school.teacher.person)).await.unwrap(), Moved::Missing, "no colleague");
        assert_eq!(to(Handing::Colleague(officer.person)).await.unwrap(), Moved::Missing, "at another desk");
        assert_eq!(to(Handing::Colleague(colleague.person)).await.unwrap(), Moved::Done);
        let own = store.own_ticket(&school.learner, id).await.unwrap().unwrap();
        assert_eq!(own.ticket.owner, Some(colleague.person));
        assert_eq!(to(Handing::To(Desk::Officer)).await.unwrap(), Moved::Done);
        assert_eq!(to(Handing::To(Desk::Officer)).await.unwrap(), Moved::Missing, "it has left this desk");
        assert_eq!(waiting(store, &officer).await, [id]);
        let desk = store.ticket_at_desk(&officer, id).await.unwrap().unwrap();
        assert!(desk.has_campus && desk.open.ticket.owner.is_none());
        assert_eq!(store.take_ticket(&officer, id).await.unwrap(), Moved::Done);
        assert_eq!(store.take_ticket(&officer, id).await.unwrap(), Moved::Stale, "theirs already");
        let back = store.hand_ticket(&officer, id, Handing::To(Desk::Campus), "Yours.").await.unwrap();
        assert_eq!(back, Moved::Done);
        assert_eq!(waiting(store, manager).await, [id]);

        let own = begun(store, manager, "I am stuck myself.").await;
        assert!(store.ticket_at_desk(manager, own).await.unwrap().is_none());
        assert_eq!(waiting(store, &officer).await, [own]);
        let nowhere = store.hand_ticket(&officer, own, Handing::To(Desk::Campus), "Yours.").await.unwrap();
        assert_eq!(nowhere, Moved::Missing, "a manager's has no campus to go to");
        let officers = begun(store, &officer, "And I.").await;
        assert!(!waiting(store, &officer).await.contains(&officers), "for another officer");
    })
    .await;
}

#[tokio::test]
async fn two_who_answer_at_once_do_not_both_and_what_the_writer_says_is_never_lost() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let (guardian, manager) = (&school.guardian, &school.manager);
        let id = begun(store, guardian, "Help.").await;
        let (one, other) = tokio::join!(
            store.answer_ticket(manager, (id, 0), "One."),
            store.answer_ticket(manager, (id, 0), "Another."),
        );
        let moved = [one.unwrap(), other.unwrap()];
        assert!(moved.contains(&Moved::Done) && moved.contains(&Moved::Stale), "{moved:?}");
        let more = said("One more thing.");
        let (asked, answered) =
            tokio::join!(store.say_in_ticket(guardian, id, &more), store.answer_ticket(manager, (id, 1), "I forgot:"),);
        assert_eq!(asked.unwrap(), Moved::Done);
        let lines = 3 + usize::from(answered.unwrap() == Moved::Done);
        assert_eq!(store.own_ticket(guardian, id).await.unwrap().unwrap().entries.len(), lines);
        assert_eq!(store.close_ticket(manager, (id, 0)).await.unwrap(), Moved::Stale, "not what was not read");
    })
    .await;
}

#[tokio::test]
async fn nobody_fills_the_desk_and_what_is_kept_ready_is_the_desks() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let mut last = begun(store, &school.guardian, "And?").await;
        for _ in 1..10 {
            last = begun(store, &school.guardian, "And?").await;
        }
        let more = store.begin_ticket(&school.guardian, Topic::Other, &said("And?")).await.unwrap();
        assert_eq!(more, Begun::TooMany);
        store.close_own_ticket(&school.guardian, last).await.unwrap();
        begun(store, &school.guardian, "Room again.").await;

        let south = store.create_campus(school.school, "South").await.unwrap();
        let other = person(store, school.school, Role::CampusManager, "Other", "s@school.example", Some(south)).await;
        let officer = person(store, school.school, Role::PrivacyOfficer, "Other", "o@school.example", None).await;
        let kept = store.keep_canned(&school.manager, "Sound", "Turn it up.").await.unwrap().unwrap();
        assert!(store.keep_canned(&school.teacher, "Sound", "Turn it up.").await.unwrap().is_none());
        assert!(store.canned_answers(&school.teacher).await.unwrap().is_none());
        for stranger in [&other, &officer] {
            assert_eq!(store.canned_answers(stranger).await.unwrap(), Some(Vec::new()));
            assert!(!store.drop_canned(stranger, kept).await.unwrap());
        }
        assert_eq!(store.canned_answers(&school.manager).await.unwrap().unwrap()[0].text, "Turn it up.");
        assert!(store.drop_canned(&school.manager, kept).await.unwrap());
        for number in 0..CANNED_MAX {
            assert!(store.keep_canned(&other, &number.to_string(), "Yes.").await.unwrap().is_some());
        }
        assert!(store.keep_canned(&other, "One more", "No.").await.unwrap().is_none());
    })
    .await;
}
