//! Surveys: named answers are their giver's, anonymous ones are nobody's.

mod anonymous;
mod voices;

use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::SurveyId;
use jiayin_domain::role::Role;
use jiayin_domain::survey::{Answer, Answers, Change, Kind, Question, QuestionError, Typed};
use jiayin_privacy::{Consent, Purpose, Refusal, purpose};
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::messages::{Audience, Subject};
use jiayin_store::rights::Closing;
use jiayin_store::surveys::{Edited, Outcome, Published, Reach, Said, Stage};
use jiayin_store::{Store, StoreError, Viewer};

use crate::databases::{TestSchool, both, person, shown};
use crate::rights::planted::work;
use crate::rights::raw::{Raw, holds};

fn question(kind: Kind) -> Question {
    let typed = Typed { text: "How was it?", options: "Good\nBad", required: false, ..Typed::default() };
    Question::read(kind, &typed).unwrap()
}

/// A draft with a choice and a text.
async fn draft(store: &Store, viewer: &Viewer) -> SurveyId {
    let id = store.create_survey(viewer, "After the play").await.unwrap();
    for kind in [Kind::Single, Kind::Text] {
        assert!(matches!(
            store.edit_survey(viewer, id, Change::Add(question(kind))).await.unwrap(),
            Edited::Question(_)
        ));
    }
    id
}

async fn open(store: &Store, viewer: &Viewer, reach: Reach, anonymous: bool) -> SurveyId {
    let id = draft(store, viewer).await;
    assert!(matches!(
        store.publish_survey(viewer, id, reach, anonymous, None).await.unwrap(),
        Published::Asks(count) if count > 0
    ));
    work(store).await;
    id
}

fn of_class(school: &TestSchool, role: Option<Role>) -> Reach {
    Reach { place: Audience::Class(school.class), role }
}

fn says(text: &str) -> Answers {
    Answers::from([(1, Answer::One(0)), (2, Answer::Text(text.to_owned()))])
}

fn answering() -> Shown {
    Shown { surface: Surface::Survey, ..shown(1) }
}

/// The guardian decides about surveys for the child.
async fn surveys(store: &Store, guardian: &Viewer, child: &Viewer, decision: Decision) {
    let choice = Choice { subject: child.person, purpose: <purpose::Surveys as Purpose>::ID, decision };
    assert!(store.decide(guardian, &[choice], &shown(1)).await.unwrap());
}

async fn reply(store: &Store, viewer: &Viewer, id: SurveyId, text: &str) -> Option<bool> {
    store.answer_named(viewer, id, &says(text), &[], &answering()).await.unwrap()
}

async fn read_back(store: &Store, viewer: &Viewer, id: SurveyId) -> Option<Answers> {
    let to = store.survey_to_answer(viewer, id).await.unwrap()?;
    to.given.map(|given| Said::answers(given.said.read(&given.grant).unwrap()))
}

async fn named(store: &Store, viewer: &Viewer, id: SurveyId) -> Vec<(String, Answers)> {
    match store.survey_results(viewer, id).await.unwrap().unwrap().1 {
        Outcome::Named(grant, replied) => replied
            .iter()
            .map(|one| (one.name.read(&grant).unwrap().clone(), Said::answers(one.said.read(&grant).unwrap())))
            .collect(),
        Outcome::Nothing => Vec::new(),
        Outcome::Hidden | Outcome::Anonymous(_) => panic!("not named"),
    }
}

#[tokio::test]
async fn a_draft_changes_until_it_is_published() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let id = draft(store, teacher).await;
        assert_eq!(store.survey(teacher, id).await.unwrap().unwrap().stage, Stage::Draft);
        assert!(store.survey(&school.manager, id).await.unwrap().is_none(), "a draft is its author's");
        assert_eq!(store.edit_survey(teacher, id, Change::Up(2)).await.unwrap(), Edited::Question(2));
        assert_eq!(store.edit_survey(teacher, id, Change::Up(9)).await.unwrap(), Edited::Gone);
        assert_eq!(store.edit_survey(&school.manager, id, Change::Up(2)).await.unwrap(), Edited::Gone);
        assert!(store.name_survey(teacher, id, "The play", "Tell us.").await.unwrap());
        let kept = store.survey(teacher, id).await.unwrap().unwrap();
        assert_eq!((&*kept.title, kept.sheet.0[0].id, kept.asks), ("The play", 2, None));
        let empty = store.create_survey(teacher, "Empty").await.unwrap();
        let class = of_class(&school, None);
        assert_eq!(store.publish_survey(teacher, empty, class, false, None).await.unwrap(), Published::Empty);
        let campus = Reach { place: Audience::Campus(school.campus), role: None };
        assert_eq!(store.publish_survey(teacher, id, campus, false, None).await.unwrap(), Published::Gone);
        let learners = of_class(&school, Some(Role::Learner));
        assert_eq!(store.publish_survey(teacher, id, learners, false, None).await.unwrap(), Published::Nobody);
        assert_eq!(store.publish_survey(teacher, id, class, false, None).await.unwrap(), Published::Asks(2));
        assert_eq!(store.edit_survey(teacher, id, Change::Remove(1)).await.unwrap(), Edited::Gone);
        assert!(!store.name_survey(teacher, id, "Other", "").await.unwrap());
        assert_eq!(store.publish_survey(teacher, id, class, true, None).await.unwrap(), Published::Gone);
        assert!(!store.remove_survey(teacher, id).await.unwrap(), "an open one is closed first");
        assert!(store.close_survey(teacher, id).await.unwrap());
        assert!(store.remove_survey(teacher, id).await.unwrap());
        assert!(store.survey(teacher, id).await.unwrap().is_none());
        for _ in 0..28 {
            store.edit_survey(teacher, empty, Change::Add(question(Kind::Text))).await.unwrap();
        }
        for _ in 0..2 {
            store.edit_survey(teacher, empty, Change::Copy(1)).await.unwrap();
        }
        let full = store.edit_survey(teacher, empty, Change::Copy(1)).await.unwrap();
        assert_eq!(full, Edited::Refused(QuestionError::Many));
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_a_child_is_asked_only_once_the_guardian_agrees_to_surveys() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let id = open(store, &school.teacher, of_class(&school, None), false).await;
        let asked = async |viewer: &Viewer| store.surveys_for(viewer).await.unwrap().len();
        assert_eq!((asked(&school.learner).await, asked(&school.guardian).await), (0, 1));
        assert!(store.survey_to_answer(&school.learner, id).await.unwrap().is_none());
        assert_eq!(reply(store, &school.learner, id, "Hello").await, None);
        surveys(store, &school.guardian, &school.learner, Decision::Given).await;
        assert_eq!((asked(&school.learner).await, asked(&school.classmate).await), (1, 0));
        assert_eq!(reply(store, &school.learner, id, "Hello").await, Some(true));
        assert_eq!(read_back(store, &school.learner, id).await, Some(says("Hello")));
        // Taken back, the answer goes with the consent; what is asked of the lessons has nothing to do with it.
        surveys(store, &school.guardian, &school.learner, Decision::Withdrawn).await;
        assert_eq!((test.count("survey_reply").await, asked(&school.learner).await), (0, 0));
        assert_eq!(store.learns(school.learner.person).await.unwrap(), Consent::Given);
        // Who has left the class, or has had processing restricted, is not asked either.
        let own = store.own_claim(&school.guardian).await.unwrap();
        assert!(store.restrict(&own, true).await.unwrap());
        assert_eq!(asked(&school.guardian).await, 0);
        assert_eq!(asked(&school.manager).await, 0);
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_named_answers_are_sealed_changed_and_taken_back() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, guardian) = (&test.store, &school.guardian);
        let id = open(store, &school.teacher, of_class(&school, Some(Role::Guardian)), false).await;
        assert_eq!(store.inbox(guardian).await.unwrap().messages.len(), 2, "homework and the survey");
        assert!(store.inbox(guardian).await.unwrap().messages.iter().any(|message| matches!(
            &message.subject,
            Subject::Survey { survey, title } if *survey == id && title == "After the play"
        )));
        assert_eq!(reply(store, guardian, id, "a canary in the answer").await, Some(true));
        assert_eq!(reply(store, &school.other_guardian, id, "fine").await, Some(true));
        let raw = Raw::open(&test.url).await.everything(&test.url).await;
        assert!(!holds(&raw, "a canary in the answer"), "answers are sealed");
        let of = named(store, &school.teacher, id).await;
        assert_eq!(of.len(), 2);
        assert!(of.contains(&("Wang Jun".to_owned(), says("a canary in the answer"))));
        assert!(store.survey_results(&school.manager, id).await.unwrap().is_none(), "the teacher's survey");
        assert_eq!(reply(store, guardian, id, "better").await, Some(true));
        assert_eq!(test.count("survey_reply").await, 2, "changed, not added");
        assert_eq!(read_back(store, guardian, id).await, Some(says("better")));
        // Answering is the agreement, and the ledger knows it.
        let decided = async || {
            let decisions = store.decisions(guardian, guardian.person).await.unwrap().unwrap();
            let of = decisions.into_iter().find(|(entry, _)| entry.purpose == "surveys").unwrap().0;
            (of.decision, of.surface)
        };
        assert_eq!(decided().await, (Decision::Given, "survey".to_owned()));
        assert!(store.close_survey(&school.teacher, id).await.unwrap());
        assert_eq!(reply(store, guardian, id, "too late").await, Some(false));
        assert!(store.take_named_back(guardian, id, &answering()).await.unwrap(), "after the end, too");
        assert!(!store.take_named_back(guardian, id, &answering()).await.unwrap());
        assert_eq!(decided().await, (Decision::Withdrawn, "survey".to_owned()));
        assert_eq!(named(store, &school.teacher, id).await, [("Li Hua".to_owned(), says("fine"))]);
        assert_eq!(test.count("survey_reply").await, 1);
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_answers_go_with_the_account_and_not_under_a_legal_hold() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, guardian) = (&test.store, &school.guardian);
        let id = open(store, &school.teacher, of_class(&school, Some(Role::Guardian)), false).await;
        reply(store, guardian, id, "one").await;
        reply(store, &school.other_guardian, id, "other").await;
        let officer = person(store, school.school, Role::PrivacyOfficer, "Qian", "officer@school.example", None).await;
        let until = jiff::Timestamp::from_millisecond(1_772_438_400_000 + 30 * 24 * 3_600_000).unwrap();
        store
            .place_hold(&officer, school.other_guardian.person, "a court asks", until)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let kept = store.take_named_back(&school.other_guardian, id, &answering()).await;
        assert!(matches!(kept, Err(StoreError::Refused(Refusal::Held))));
        assert!(store.close_survey(&school.teacher, id).await.unwrap());
        let kept = store.remove_survey(&school.teacher, id).await;
        assert!(matches!(kept, Err(StoreError::Refused(Refusal::Held))));
        let claim = store.own_claim(guardian).await.unwrap();
        store.cancel(&claim, Closing::Now).await.unwrap().unwrap();
        work(store).await;
        assert_eq!(test.count("survey_reply").await, 1);
        assert_eq!(named(store, &school.teacher, id).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_manager_asks_a_campus_and_one_role_of_it() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, manager) = (&test.store, &school.manager);
        let reach = Reach { place: Audience::Campus(school.campus), role: Some(Role::Teacher) };
        let id = open(store, manager, reach, false).await;
        assert_eq!(store.surveys_for(&school.teacher).await.unwrap().len(), 1);
        assert_eq!(store.surveys_for(&school.guardian).await.unwrap().len(), 0);
        assert_eq!(reply(store, &school.teacher, id, "well").await, Some(true));
        assert_eq!(named(store, manager, id).await, [("Ms Lin".to_owned(), says("well"))]);
        let elsewhere = store.create_campus(school.school, "South").await.unwrap();
        let other =
            person(store, school.school, Role::CampusManager, "Sun", "south@school.example", Some(elsewhere)).await;
        assert!(store.survey(&other, id).await.unwrap().is_none());
        assert!(store.surveys(&other).await.unwrap().is_empty());
        let second =
            person(store, school.school, Role::CampusManager, "Zhou", "second@school.example", Some(school.campus))
                .await;
        assert_eq!(store.surveys(&second).await.unwrap().len(), 1, "who runs the campus sees what it was asked");
        assert!(!store.remove_survey(&second, id).await.unwrap());
    })
    .await;
}
