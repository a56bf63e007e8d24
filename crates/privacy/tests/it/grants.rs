//! Who is granted what, and that nothing is granted without a trace.

use jiayin_privacy::{
    AccessRequest, Basis, Consent, GrantError, OutOfScope, Personal, Purpose, Refusal, Relation, Scope, category,
    decide, grant, purpose,
};

use crate::common::{Full, Log, now, own, person, request, row};

fn refusal<P: Purpose>(request: AccessRequest) -> Option<Refusal> {
    decide::<P>(request).err()
}

fn by_system(consent: Consent) -> AccessRequest {
    AccessRequest { actor: None, relation: Relation::System, consent, ..request(person(1)) }
}

#[test]
fn a_value_is_read_within_the_scope_only() {
    let value = |subject| Personal::<_, category::Name>::new(person(subject), "Lin");
    let grant = own::<purpose::Account>(person(1));
    assert_eq!(value(1).read(&grant), Ok(&"Lin"));
    assert_eq!(value(2).read(&grant), Err(OutOfScope::Subject));
    assert_eq!(value(2).into_inner(&grant), Err(OutOfScope::Subject));
    assert_eq!(format!("{grant:?}"), "Grant(account)");
}

#[test]
fn clause_4_10_a_new_purpose_without_consent_is_refused() {
    fn refused<P: Purpose>() {
        assert_eq!(P::BASIS, Basis::Consent);
        assert_eq!(refusal::<P>(by_system(Consent::default())), Some(Refusal::ConsentMissing));
        assert_eq!(refusal::<P>(by_system(Consent::Refused)), Some(Refusal::ConsentRefused));
        assert_eq!(refusal::<P>(by_system(Consent::Withdrawn)), Some(Refusal::ConsentWithdrawn));
        assert_eq!(refusal::<P>(by_system(Consent::Given)), None);
    }
    refused::<purpose::Improvement>();
    refused::<purpose::Recommendation>();
    refused::<purpose::Marketing>();
    refused::<purpose::News>();
    // And these are all there are: a purpose that is not based on consent is named by the contract or the law.
    let on_consent: Vec<_> = jiayin_privacy::map::PURPOSES
        .iter()
        .filter(|purpose| purpose.basis == Basis::Consent)
        .map(|purpose| purpose.id)
        .collect();
    assert_eq!(on_consent, ["improvement", "marketing", "news", "recommendation", "surveys"]);
}

#[test]
fn clause_4_1_a_teaching_request_is_no_consent_to_improvement() {
    assert_eq!(refusal::<purpose::Teaching>(by_system(Consent::NotNeeded)), None, "an adult is not asked");
    assert_eq!(refusal::<purpose::Improvement>(by_system(Consent::NotNeeded)), Some(Refusal::ConsentMissing));
    assert_eq!(
        refusal::<purpose::Teaching>(by_system(Consent::Refused)),
        Some(Refusal::ConsentRefused),
        "a child's is"
    );
    assert_eq!(refusal::<purpose::Improvement>(by_system(Consent::Refused)), Some(Refusal::ConsentRefused));
    assert_eq!(refusal::<purpose::Improvement>(request(person(1))), Some(Refusal::Relation));
}

#[test]
fn relations_are_those_of_the_map() {
    let ask = |relation| AccessRequest { actor: Some(person(9)), relation, ..request(person(1)) };
    assert_eq!(refusal::<purpose::Teaching>(ask(Relation::Teacher)), None);
    assert_eq!(refusal::<purpose::Teaching>(ask(Relation::Guardian)), Some(Refusal::Relation));
    assert_eq!(refusal::<purpose::Teaching>(ask(Relation::Manager)), Some(Refusal::Relation));
    assert_eq!(refusal::<purpose::Teaching>(ask(Relation::Member)), Some(Refusal::Relation));
    assert_eq!(refusal::<purpose::Courses>(ask(Relation::Member)), None);
    assert_eq!(refusal::<purpose::Family>(ask(Relation::Guardian)), None);
    assert_eq!(refusal::<purpose::Family>(ask(Relation::Teacher)), Some(Refusal::Relation));
    assert_eq!(refusal::<purpose::Administration>(ask(Relation::Manager)), None);
    assert_eq!(refusal::<purpose::Administration>(ask(Relation::Teacher)), Some(Refusal::Relation));
}

#[test]
fn own_means_oneself_and_somebody_must_ask() {
    let other = AccessRequest { scope: Scope::One(person(2)), ..request(person(1)) };
    assert_eq!(refusal::<purpose::Teaching>(other), Some(Refusal::NotOneself));
    let both = AccessRequest { scope: Scope::many([person(1), person(2)]), ..request(person(1)) };
    assert_eq!(refusal::<purpose::Teaching>(both), Some(Refusal::NotOneself));
    let one_of_one = AccessRequest { scope: Scope::Many(vec![person(1), person(1)]), ..request(person(1)) };
    assert_eq!(refusal::<purpose::Teaching>(one_of_one), None);
    for relation in [Relation::Own, Relation::Teacher] {
        let nobody = AccessRequest { actor: None, relation, ..request(person(1)) };
        assert_eq!(refusal::<purpose::Teaching>(nobody), Some(Refusal::Nobody));
    }
}

#[test]
fn restriction_stops_all_but_account_security_and_rights() {
    let restricted = |request| AccessRequest { restricted: true, ..request };
    assert_eq!(refusal::<purpose::Teaching>(restricted(request(person(1)))), Some(Refusal::Restricted));
    assert_eq!(refusal::<purpose::Improvement>(restricted(by_system(Consent::Given))), Some(Refusal::Restricted));
    assert_eq!(refusal::<purpose::Account>(restricted(request(person(1)))), None);
    assert_eq!(refusal::<purpose::Security>(restricted(request(person(1)))), None);
    assert_eq!(refusal::<purpose::Rights>(restricted(request(person(1)))), None);
}

#[test]
fn no_grant_without_an_entry() {
    let log = Log::default();
    let group = AccessRequest {
        actor: Some(person(9)),
        relation: Relation::Teacher,
        scope: Scope::many([person(3), person(1), person(3)]),
        group: Some(("class", row(5))),
        object: Some(("assignment", row(6))),
        ..request(person(1))
    };
    let granted = now(grant::<purpose::Teaching, _>(&log, group)).unwrap();
    assert_eq!(granted.covers::<category::Voice>(person(3)), Ok(()));
    let entries = log.entries.into_inner().unwrap();
    let [entry] = &entries[..] else { panic!("{} entries", entries.len()) };
    assert!(entry.actor == Some(person(9)) && entry.relation == Relation::Teacher);
    assert_eq!((entry.purpose, entry.scope_kind, entry.scope_id), ("teaching", "class", Some(row(5))));
    assert_eq!((entry.subjects, entry.object), (2, Some(("assignment", row(6)))));
    assert!(entry.categories.contains(&"voice"));

    let full = Log { full: true, ..Log::default() };
    let denied = now(grant::<purpose::Teaching, _>(&full, request(person(1))));
    assert_eq!(denied.err(), Some(GrantError::Log(Full)));
    let refused = now(grant::<purpose::Teaching, _>(&full, AccessRequest { actor: None, ..request(person(1)) }));
    assert_eq!(refused.err(), Some(GrantError::Refused(Refusal::Nobody)));
}

#[test]
fn a_narrowed_grant_says_so_and_opens_no_more() {
    let log = Log::default();
    let pending = decide::<purpose::Teaching>(request(person(1))).unwrap().only::<(category::Name, category::Voice)>();
    assert_eq!(pending.entry().categories, ["name", "voice"]);
    let grant = now(pending.write(&log)).unwrap();
    assert_eq!(grant.covers::<category::Name>(person(1)), Ok(()));
    assert_eq!(grant.covers::<category::Comment>(person(1)), Err(OutOfScope::Category));
    let one = decide::<purpose::Teaching>(request(person(1))).unwrap().only::<category::Name>();
    assert_eq!(one.entry().categories, ["name"]);
}

#[test]
fn scopes_sort_themselves() {
    let scope = Scope::many([person(3), person(1), person(2), person(1)]);
    assert_eq!(scope.subjects(), 3);
    assert!((1..=3).all(|number| scope.contains(person(number))) && !scope.contains(person(4)));
    assert!(matches!(Scope::many([person(1), person(1)]), Scope::One(one) if one == person(1)));
    assert_eq!(Scope::many([]).subjects(), 0);
    // Even an unsorted scope is put right before it is used.
    let many = AccessRequest {
        actor: Some(person(9)),
        relation: Relation::Teacher,
        scope: Scope::Many(vec![person(3), person(1)]),
        ..request(person(1))
    };
    let grant = now(grant::<purpose::Teaching, _>(&Log::default(), many)).unwrap();
    assert_eq!(grant.covers::<category::Name>(person(3)), Ok(()));
}

#[test]
fn refusals_have_keys_of_their_own() {
    let all = [
        Refusal::Relation,
        Refusal::NotOneself,
        Refusal::Nobody,
        Refusal::ConsentMissing,
        Refusal::ConsentRefused,
        Refusal::ConsentWithdrawn,
        Refusal::Restricted,
    ];
    let keys: std::collections::BTreeSet<_> = all.iter().map(|refusal| refusal.key()).collect();
    assert_eq!(keys.len(), all.len());
}

/// Handlers hold grants across waiting points.
#[test]
fn grants_and_keys_may_cross_threads() {
    fn may<T: Send + Sync>(_: &T) {}
    fn goes<T: Send>(_: T) {}
    may(&own::<purpose::Account>(person(1)));
    may(&crate::common::key(person(1)));
    may(&Personal::<_, category::Name>::new(person(1), String::new()));
    goes(grant::<purpose::Teaching, _>(&Log::default(), request(person(1))));
}
