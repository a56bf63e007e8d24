//! The plan of small lists.

use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::id::{ClassId, PersonId, TermId};

fn class(n: u128) -> ClassId {
    ClassId(Uuid::from_u128(n))
}

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

const TERM: TermId = TermId(Uuid::from_u128(77));

fn ground() -> Ground {
    let class = |n, name: &str, term| KnownClass {
        id: class(n),
        name: name.to_owned(),
        term,
        learners_invited: 0,
        teachers_invited: 0,
    };
    let learner = |n, name: &str, has_number, classes: &[u128]| KnownPerson {
        id: person(n),
        part: Part::Learner,
        name: Some(name.to_owned()),
        has_number,
        classes: classes.iter().map(|n| ClassId(Uuid::from_u128(*n))).collect(),
    };
    Ground {
        campus: "North".to_owned(),
        terms: vec![KnownTerm { id: TERM, name: "Spring".to_owned(), last: date(2026, 6, 30) }],
        classes: vec![class(1, "3A", None), class(2, "3B", None), class(3, "4A", Some(TERM))],
        people: vec![
            learner(1, "Wang Fang", false, &[1]),
            learner(2, "Li Lei", true, &[2]),
            learner(3, "Han Mei", false, &[1, 2]),
        ],
        today: date(2026, 3, 1),
    }
}

fn row(line: u32, name: &str, class: &str, number: &str) -> Entry {
    let text = str::to_owned;
    Entry { line, name: text(name), class: text(class), number: text(number), ..Entry::default() }
}

fn outcomes(entries: &[Entry], hints: &[Hint], ground: &Ground) -> Vec<Outcome> {
    plan(entries, hints, ground, Elsewhere::Move).rows.into_iter().map(|row| row.outcome).collect()
}

fn known_as(n: u128) -> Hint {
    Hint { person: Some(person(n)), ticket: None }
}

#[test]
fn rows_are_known_new_moved_or_wrong() {
    let entries = [
        row(2, "王芳", "3A", ""),
        row(3, "wang fang", "3A", "S-1"),
        row(4, "Li Lei", "3A", "S-2"),
        row(5, "Nobody", "5C", ""),
        row(6, "", "3A", ""),
        row(7, "A", "", ""),
        row(8, "Han Mei", "4A", "S-3"),
    ];
    let mut hints = vec![Hint::default(); 7];
    hints[2] = known_as(2);
    hints[6] = known_as(3);
    let found = outcomes(&entries, &hints, &ground());
    assert_eq!(
        found,
        [
            Outcome::Invite(Part::Learner, ClassRef::Known(class(1))),
            Outcome::Number(person(1)),
            Outcome::Move(person(2), class(2), ClassRef::Known(class(1)), false),
            Outcome::Invite(Part::Learner, ClassRef::New(0)),
            Outcome::Wrong(Reason::Name),
            Outcome::Wrong(Reason::Class),
            Outcome::Wrong(Reason::ManyPlaces),
        ]
    );
}

#[test]
fn who_is_named_in_several_classes_is_in_several() {
    let entries = [row(2, "Li Lei", "3B", "S-2"), row(3, "Li Lei", "3A", "S-2")];
    let found = outcomes(&entries, &[known_as(2), known_as(2)], &ground());
    assert_eq!(found[0], Outcome::Same);
    assert_eq!(found[1], Outcome::Join(person(2), Part::Learner, ClassRef::Known(class(1)), false));
    let joined = plan(&entries[1..], &[known_as(2)], &ground(), Elsewhere::Join);
    assert!(matches!(joined.rows[0].outcome, Outcome::Join(..)), "if the reader wants it so");
}

#[test]
fn the_same_row_twice_and_the_number_of_another_are_wrong() {
    let entries = [
        row(2, "Xu Nan", "3A", "S-7"),
        row(3, "Xu Nan", "３a", "S-7"),
        row(4, "Xu Bei", "3A", "S-7"),
        row(5, "Xu Nan", "3A", "S-8"),
        row(6, "Wang Fang", "3A", ""),
        row(7, "Wang Fang", "3A", "S-9"),
    ];
    let found = outcomes(&entries, &[], &ground());
    assert_eq!(found[1], Outcome::Wrong(Reason::Twice(2)));
    assert_eq!(found[2], Outcome::Wrong(Reason::NumberOf(2)));
    assert!(matches!(found[3], Outcome::Invite(..)), "a namesake with a number of their own");
    assert_eq!((found[4], found[5]), (Outcome::Same, Outcome::Wrong(Reason::Twice(6))));
}

#[test]
fn invitations_that_wait_are_counted_not_made_again() {
    let mut ground = ground();
    ground.classes[0].learners_invited = 2;
    let two = [row(2, "Xu Nan", "3A", ""), row(3, "Xu Bei", "3A", "")];
    assert_eq!(outcomes(&two, &[], &ground), [Outcome::Invited; 2]);
    let three = [two[0].clone(), two[1].clone(), row(4, "Xu Dong", "3A", "")];
    let made = plan(&three, &[], &ground, Elsewhere::Move);
    assert!(made.rows.iter().all(|row| row.outcome.kind() == Kind::Create && row.remarks == [Remark::Older]));
    // A list that carries the numbers of its invitations leaves no doubt.
    let hints = [Hint { person: None, ticket: Some(TicketHint::Open(class(1))) }; 2];
    let found = outcomes(&three, &hints, &ground);
    assert_eq!(found[..2], [Outcome::Invited; 2]);
    assert!(matches!(found[2], Outcome::Invite(..)));
}

#[test]
fn terms_and_classes_are_found_or_made() {
    let with = |line, class: &str, term: &str, first: &str, last: &str| Entry {
        term: term.to_owned(),
        first: first.to_owned(),
        last: last.to_owned(),
        ..row(line, &format!("Xu {line}"), class, "")
    };
    let entries = [
        with(2, "3A", "spring", "", ""),
        with(3, "4A", "Autumn", "2026/9/1", "2027/1/20"),
        with(4, "4A", "Autumn", "", ""),
        with(5, "4A", "Winter", "", ""),
        with(6, "4A", "Winter", "2026-12-01", "2026-11-01"),
    ];
    let made = plan(&entries, &[], &ground(), Elsewhere::Move);
    assert_eq!(made.into_term, [(class(1), TermRef::Known(TERM))]);
    assert_eq!(made.terms.len(), 1);
    assert_eq!(made.classes.len(), 1);
    assert_eq!(made.rows[2].outcome, Outcome::Invite(Part::Learner, ClassRef::New(0)));
    assert_eq!(made.rows[3].outcome, Outcome::Wrong(Reason::Term));
    assert_eq!(made.rows[4].outcome, Outcome::Wrong(Reason::Term));
}

#[test]
fn of_whom_nothing_may_be_opened_nothing_is_changed() {
    let mut ground = ground();
    ground.people[1].name = None;
    let found = outcomes(&[row(2, "Li Lei", "3A", "S-2")], &[known_as(2)], &ground);
    assert_eq!(found, [Outcome::Paused]);
}
