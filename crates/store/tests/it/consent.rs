//! The ledger of consents, joining by invitation, and what refusing and withdrawing do at once.

use std::time::Duration;

use jiayin_domain::consent::{BirthMonth, Decision};
use jiayin_domain::role::Role;
use jiayin_privacy::{Consent, Identifier, Refusal};
use jiayin_store::StoreError;
use jiayin_store::consent::Choice;
use jiayin_store::invitations::{Ticket, TicketState};
use jiayin_store::join::{Decisions, Holder, Joined, NewChild};
use jiayin_store::ledger::Broken;

use crate::databases::{TestSchool, TestStore, both, person, shown, teaching};

fn guardian<'a>(identifier: &str, name: &'a str) -> Holder<'a> {
    Holder::New { identifier: Identifier::parse(identifier).unwrap(), name, password: "correct horse battery" }
}

fn child(name: &str) -> Option<NewChild<'_>> {
    Some(NewChild { name, born: BirthMonth::parse("2018-03").unwrap() })
}

fn yes() -> Decisions {
    Decisions {
        child: vec![("teaching", Decision::Given), ("improvement", Decision::Refused)],
        own: vec![("marketing", Decision::Refused)],
    }
}

/// Numbers of rows of all tables of the school's data.
async fn rows(test: &TestStore) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for (table, _) in jiayin_store::schema(&test.url).await.unwrap() {
        let count = test.count(&table).await;
        counts.push((table, count));
    }
    counts
}

#[tokio::test]
async fn a_guardian_brings_a_child_and_everything_begins_with_the_consents() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let ticket = Ticket::Child { class: school.class };
        let made = test.store.invite(&school.teacher, ticket, 2).await.unwrap().unwrap();
        let open = test.store.invitation(&made[0].1).await.unwrap().unwrap();
        assert_eq!((open.state, open.place.as_str()), (TicketState::Open, "3B"));

        let joined = test
            .store
            .join(&open, guardian("13900000001", "Sun Li"), child("Sun Bo"), &yes(), &shown(1))
            .await
            .unwrap();
        let Joined::Welcome { person, learner: Some(learner) } = joined else { panic!("{joined:?}") };
        assert_eq!(test.store.learns(learner).await.unwrap(), Consent::Given);
        let token = test.store.start_session(person).await.unwrap().unwrap();
        let viewer = test.store.viewer(&token).await.unwrap().unwrap();
        let standings = test.store.standings(&viewer, learner).await.unwrap().unwrap();
        let of = |id: &str| standings.iter().find(|standing| standing.purpose.id == id).unwrap().consent;
        assert_eq!((of("teaching"), of("improvement")), (Consent::Given, Consent::Refused));
        assert_eq!(of("recommendation"), Consent::NotAsked, "nothing is taken for granted");
        let class = test.store.class_page(&school.teacher, school.class, None).await.unwrap().unwrap();
        assert_eq!(class.learners.len(), 3);

        // The same ticket again, and by somebody who had the page open.
        assert_eq!(test.store.invitation(&made[0].1).await.unwrap().unwrap().state, TicketState::Used);
        let before = rows(test).await;
        let again = test.store.join(&open, guardian("13900000002", "Eve"), child("Mal"), &yes(), &shown(1)).await;
        assert_eq!(again.unwrap(), Joined::NotOpen);
        // A number that is taken.
        let other = test.store.invitation(&made[1].1).await.unwrap().unwrap();
        let taken =
            test.store.join(&other, guardian("13900000001", "Sun Li"), child("Sun Wu"), &yes(), &shown(1)).await;
        assert_eq!(taken.unwrap(), Joined::Taken);
        assert_eq!(rows(test).await, before, "nothing of it was kept");
        assert_eq!(
            test.store.check_ledger().await.unwrap(),
            Ok(2 + 5),
            "two decisions of the school, five of the family"
        );
    })
    .await;
}

#[tokio::test]
async fn without_consent_to_what_is_needed_nothing_is_kept() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let ticket = Ticket::Child { class: school.class };
        let made = test.store.invite(&school.teacher, ticket, 1).await.unwrap().unwrap();
        let open = test.store.invitation(&made[0].1).await.unwrap().unwrap();
        let before = rows(test).await;
        for child_says in [vec![], vec![("teaching", Decision::Refused)], vec![("improvement", Decision::Given)]] {
            let decisions = Decisions { child: child_says, own: vec![] };
            let joined =
                test.store.join(&open, guardian("13900000001", "Sun Li"), child("Sun Bo"), &decisions, &shown(1)).await;
            assert_eq!(joined.unwrap(), Joined::NoConsent);
        }
        assert_eq!(rows(test).await, before);
        assert_eq!(test.store.invitation(&made[0].1).await.unwrap().unwrap().state, TicketState::Open);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_no_guardians_brings_no_child() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let ticket = Ticket::Child { class: school.class };
        let made = test.store.invite(&school.teacher, ticket, 1).await.unwrap().unwrap();
        let open = test.store.invitation(&made[0].1).await.unwrap().unwrap();
        let before = rows(test).await;
        for viewer in [school.learner, school.teacher, school.manager] {
            let joined = test.store.join(&open, Holder::Known(viewer.person), child("X"), &yes(), &shown(1)).await;
            assert_eq!(joined.unwrap(), Joined::OtherRole);
        }
        assert_eq!(rows(test).await, before);
        let known = Holder::Known(school.guardian.person);
        let second = test.store.join(&open, known, child("Wang Li"), &yes(), &shown(1)).await.unwrap();
        assert!(matches!(second, Joined::Welcome { .. }));
        let family = test.store.family(&school.guardian, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(family.children.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn two_guardians_both_see_and_either_can_withdraw() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let learner = school.learner.person;
        let ticket = Ticket::Guardian { learner };
        assert!(test.store.invite(&school.other_guardian, ticket, 1).await.unwrap().is_none(), "not their child");
        let made = test.store.invite(&school.guardian, ticket, 1).await.unwrap().unwrap();
        let open = test.store.invitation(&made[0].1).await.unwrap().unwrap();
        assert_eq!(open.place, "", "the ticket tells nothing of the child");
        let own = Holder::Known(school.guardian.person);
        assert_eq!(test.store.join(&open, own, None, &yes(), &shown(1)).await.unwrap(), Joined::Already);
        let joined =
            test.store.join(&open, guardian("13900000009", "Wang Hong"), None, &Decisions::default(), &shown(1)).await;
        let Joined::Welcome { person, learner: Some(of) } = joined.unwrap() else { panic!("not let in") };
        assert_eq!(of, learner);
        let token = test.store.start_session(person).await.unwrap().unwrap();
        let second = test.store.viewer(&token).await.unwrap().unwrap();
        assert!(test.store.decide(&second, &[teaching(learner, Decision::Withdrawn)], &shown(1)).await.unwrap());
        let standings = test.store.standings(&school.guardian, learner).await.unwrap().unwrap();
        assert_eq!(standings[0].consent, Consent::Withdrawn);
    })
    .await;
}

#[tokio::test]
async fn withdrawing_cuts_access_at_once_and_giving_again_restores_it() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let learner = school.learner.person;
        let page = async || test.store.class_page(&school.teacher, school.class, None).await.unwrap().unwrap();
        assert_eq!(page().await.learners.len(), 2);
        assert!(
            test.store.decide(&school.guardian, &[teaching(learner, Decision::Withdrawn)], &shown(1)).await.unwrap()
        );
        assert_eq!(page().await.learners.len(), 1, "the child is in no list any more");
        let refused = test.store.tasks(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.err();
        assert!(matches!(refused, Some(StoreError::Refused(Refusal::ConsentWithdrawn))));
        assert!(
            test.store.family(&school.guardian, jiff::Timestamp::UNIX_EPOCH).await.is_ok(),
            "the guardian still sees"
        );
        test.clock.advance(Duration::from_secs(1));
        assert!(test.store.decide(&school.guardian, &[teaching(learner, Decision::Given)], &shown(1)).await.unwrap());
        assert_eq!(page().await.learners.len(), 2);
        let told: Vec<Decision> = test
            .store
            .decisions(&school.guardian, learner)
            .await
            .unwrap()
            .unwrap()
            .iter()
            .map(|(e, _)| e.decision)
            .collect();
        assert_eq!(told, [Decision::Given, Decision::Withdrawn, Decision::Given]);
    })
    .await;
}

#[tokio::test]
async fn nobody_decides_for_others_and_nothing_that_is_not_asked() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let learner = school.learner.person;
        let decide = async |viewer, choice| test.store.decide(viewer, &[choice], &shown(1)).await.unwrap();
        for viewer in [&school.learner, &school.teacher, &school.manager, &school.other_guardian] {
            assert!(!decide(viewer, teaching(learner, Decision::Withdrawn)).await);
            assert!(test.store.standings(viewer, learner).await.unwrap().is_none() || viewer.person == learner);
            assert!(test.store.decisions(viewer, learner).await.unwrap().is_none());
        }
        // Marketing is never asked for a child, and the agreement is not taken back with a switch.
        for purpose in ["marketing", "account", "security", "rights"] {
            assert!(!decide(&school.guardian, Choice { subject: learner, purpose, decision: Decision::Given }).await);
        }
        assert!(test.store.class_page(&school.teacher, school.class, None).await.unwrap().unwrap().learners.len() == 2);
    })
    .await;
}

#[tokio::test]
async fn a_changed_ledger_is_found_out() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        for decision in [Decision::Withdrawn, Decision::Given] {
            test.store.decide(&school.guardian, &[teaching(school.learner.person, decision)], &shown(1)).await.unwrap();
        }
        assert_eq!(test.store.check_ledger().await.unwrap(), Ok(4));
        test.execute("UPDATE consent SET decision = 'given' WHERE number = 3").await;
        assert_eq!(test.store.check_ledger().await.unwrap(), Err(Broken::At(3)));
        test.execute("UPDATE consent SET decision = 'withdrawn' WHERE number = 3").await;
        assert_eq!(test.store.check_ledger().await.unwrap(), Ok(4));
        test.execute("DELETE FROM consent WHERE number = 4").await;
        assert_eq!(test.store.check_ledger().await.unwrap(), Err(Broken::End));
    })
    .await;
}

#[tokio::test]
async fn a_stranger_is_no_guardian_until_invited_and_tickets_expire() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let ticket = Ticket::Child { class: school.class };
        for viewer in [&school.learner, &school.guardian] {
            assert!(test.store.invite(viewer, ticket, 1).await.unwrap().is_none());
        }
        let officer =
            person(&test.store, school.school, Role::PrivacyOfficer, "Zhou", "officer@school.example", None).await;
        let staff = Ticket::Staff { role: Role::Teacher, campus: Some(school.campus), class: Some(school.class) };
        assert!(test.store.invite(&officer, staff, 1).await.unwrap().is_none());
        let above = Ticket::Staff { role: Role::PrivacyOfficer, campus: None, class: None };
        assert!(
            test.store.invite(&school.manager, above, 1).await.unwrap().is_none(),
            "nobody makes their own officer"
        );
        let made = test.store.invite(&school.manager, staff, 1).await.unwrap().unwrap();
        test.clock.advance(Duration::from_secs(15 * 24 * 3600));
        let late = test.store.invitation(&made[0].1).await.unwrap().unwrap();
        assert_eq!(late.state, TicketState::Expired);
        let joined =
            test.store.join(&late, guardian("t@school.example", "T"), None, &Decisions::default(), &shown(1)).await;
        assert_eq!(joined.unwrap(), Joined::NotOpen);
    })
    .await;
}
