//! Anonymous answers: no way back.

use std::collections::BTreeMap;
use std::time::Duration;

use jiayin_domain::consent::Decision;
use jiayin_domain::id::{PersonId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_domain::survey::Kind;
use jiayin_store::surveys::{Code, Dropped, Outcome, Published, Stage};
use jiayin_store::{Store, Viewer};

use super::{draft, of_class, open, question, reply, says};
use crate::databases::{TestSchool, TestStore, both, person, shown, teaching};
use crate::rights::planted::work;
use crate::rights::raw::{Raw, holds};

/// Guardians of learners of the class, all of whom are asked.
async fn guardians(store: &Store, school: &TestSchool, count: usize) -> Vec<Viewer> {
    let mut guardians = vec![school.guardian, school.other_guardian];
    for number in guardians.len()..count {
        let of = |kind: usize| format!("139{kind:04}{number:04}");
        let learner = person(store, school.school, Role::Learner, "A child", &of(1), None).await;
        let guardian = person(store, school.school, Role::Guardian, "A parent", &of(2), None).await;
        store.join_class(school.school, school.class, learner.person, Role::Learner).await.unwrap();
        store.tie_guardian(school.school, guardian.person, learner.person).await.unwrap();
        let agreed = [teaching(learner.person, Decision::Given)];
        assert!(store.decide(&guardian, &agreed, &shown(1)).await.unwrap());
        guardians.push(guardian);
    }
    guardians
}

async fn drop_in(store: &Store, viewer: &Viewer, id: SurveyId, text: &str) -> (Option<Dropped>, Code) {
    let code = store.survey_code();
    (store.answer_unnamed(viewer, id, &says(text), &code).await.unwrap(), code)
}

/// Every row of every table as one text.
async fn all_rows(test: &TestStore) -> BTreeMap<String, Vec<String>> {
    let mut raw = Raw::open(&test.url).await;
    let mut all = BTreeMap::new();
    for (table, columns) in jiayin_store::schema(&test.url).await.unwrap() {
        let sql = if test.kind == "sqlite" {
            let cells: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            format!("SELECT {} FROM \"{table}\"", cells.join(" || '|' || "))
        } else {
            format!("SELECT t::text FROM \"{table}\" t")
        };
        let rows = raw.texts(sql).await;
        all.insert(table, rows);
    }
    all
}

fn names(row: &str, person: PersonId) -> bool {
    let (plain, hex) = (person.0.to_string(), person.0.simple().to_string().to_uppercase());
    row.contains(&plain) || row.contains(&hex)
}

#[tokio::test]
async fn clause_2_5_there_is_no_way_back_from_an_anonymous_answer_to_its_giver() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let people = guardians(store, &school, 3).await;
        let id = open(store, &school.teacher, of_class(&school, Some(Role::Guardian)), true).await;
        let before = all_rows(test).await;
        for (number, guardian) in people.iter().enumerate() {
            test.clock.advance(Duration::from_secs(60));
            assert_eq!(drop_in(store, guardian, id, &format!("canary {number}")).await.0, Some(Dropped::Kept));
        }
        let after = all_rows(test).await;
        let mut changed = Vec::new();
        for (table, rows) in &after {
            for row in rows.iter().filter(|row| !before[table].contains(row)) {
                assert!(table != "survey_box" || !people.iter().any(|person| names(row, person.person)), "{row}");
                changed.push(table.as_str());
            }
        }
        // One line for each who has taken part, without a time, and one line for all answers together.
        assert_eq!(changed, ["survey_box", "survey_taken", "survey_taken", "survey_taken"]);
        let columns: BTreeMap<_, _> = jiayin_store::schema(&test.url).await.unwrap().into_iter().collect();
        assert_eq!(columns["survey_box"], ["answers", "school_id", "survey_id"]);
        assert_eq!(columns["survey_taken"], ["id", "person_id", "school_id", "survey_id"]);
        let mut raw = Raw::open(&test.url).await;
        let id_bytes = if test.kind == "sqlite" { "id" } else { "uuid_send(id)" };
        for id in raw.bytes(format!("SELECT {id_bytes} FROM survey_taken")).await {
            let id = uuid::Uuid::from_slice(&id).unwrap();
            assert_eq!(id.get_timestamp(), None, "no id tells when");
        }
        if test.kind == "sqlite" {
            let made = raw.texts("SELECT sql FROM sqlite_master WHERE name = 'survey_taken'".to_owned()).await;
            assert!(made[0].ends_with("WITHOUT ROWID"), "{made:?}");
        }
        let everything = raw.everything(&test.url).await;
        assert!(!holds(&everything, "canary"), "the box is sealed: an older copy beside a newer one says nothing");
        // When it closes, even that is gone.
        assert!(store.close_survey(&school.teacher, id).await.unwrap());
        assert_eq!(test.count("survey_taken").await, 0);
        let last = all_rows(test).await;
        assert!(last["survey_box"].len() == 1 && !names(&last["survey_box"][0], people[0].person));
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_anonymous_results_show_after_the_end_and_from_five_on_in_no_order() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let people = guardians(store, &school, 8).await;
        let reach = of_class(&school, Some(Role::Guardian));
        let few = open(store, teacher, reach, true).await;
        for guardian in &people[..4] {
            drop_in(store, guardian, few, "few").await;
        }
        assert!(store.close_survey(teacher, few).await.unwrap());
        let outcome = store.survey_results(teacher, few).await.unwrap().unwrap();
        assert!(outcome.0.answers == 4 && matches!(outcome.1, Outcome::Hidden));
        let id = open(store, teacher, reach, true).await;
        let mut order = Vec::new();
        for (number, guardian) in people.iter().enumerate() {
            order.push(says(&number.to_string()));
            drop_in(store, guardian, id, &number.to_string()).await;
        }
        let hidden = store.survey_results(teacher, id).await.unwrap().unwrap().1;
        assert!(matches!(hidden, Outcome::Hidden), "what is added between two looks would tell whose it is");
        assert!(store.close_survey(teacher, id).await.unwrap());
        let Outcome::Anonymous(answers) = store.survey_results(teacher, id).await.unwrap().unwrap().1 else {
            panic!("eight answers are shown")
        };
        // By chance the order would be that of answering once in 40,320 times; the randomness of the test is fixed.
        assert_ne!(answers, order);
        let mut sorted: Vec<String> =
            answers.iter().map(|answers| answers[&2].in_words(&question(Kind::Text))).collect();
        sorted.sort_unstable();
        assert_eq!(sorted, ["0", "1", "2", "3", "4", "5", "6", "7"]);
        assert!(store.remove_survey(teacher, id).await.unwrap());
        assert_eq!(test.count("survey_box").await, 1);
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_an_anonymous_answer_is_given_once_and_taken_back_by_its_code() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher, guardian) = (&test.store, &school.teacher, &school.guardian);
        let id = open(store, teacher, of_class(&school, Some(Role::Guardian)), true).await;
        let (kept, code) = drop_in(store, guardian, id, "one").await;
        assert_eq!(kept, Some(Dropped::Kept));
        let twice = store.answer_unnamed(guardian, id, &says("one"), &code).await.unwrap();
        assert_eq!(twice, Some(Dropped::Kept), "the same form sent twice answers once");
        assert_eq!(drop_in(store, guardian, id, "again").await.0, Some(Dropped::Already));
        let answers = async || store.survey(teacher, id).await.unwrap().unwrap().answers;
        assert_eq!(answers().await, 1);
        assert!(!store.take_unnamed_back(guardian, id, &store.survey_code()).await.unwrap());
        assert!(store.take_unnamed_back(guardian, id, &code).await.unwrap());
        assert!(!store.take_unnamed_back(guardian, id, &code).await.unwrap());
        assert_eq!((answers().await, test.count("survey_taken").await), (0, 0));
        let (kept, code) = drop_in(store, guardian, id, "anew").await;
        assert_eq!(kept, Some(Dropped::Kept));
        assert!(store.close_survey(teacher, id).await.unwrap());
        assert!(!store.take_unnamed_back(guardian, id, &code).await.unwrap(), "the codes are forgotten");
        assert_eq!(drop_in(store, &school.other_guardian, id, "late").await.0, Some(Dropped::Closed));
        assert_eq!(drop_in(store, &school.learner, id, "not asked").await.0, None);
        assert_eq!(reply(store, guardian, id, "by name").await, None, "nobody answers an anonymous survey by name");
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_a_survey_closes_in_time_and_forgets_who_took_part() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let id = draft(store, teacher).await;
        let at = jiff::Timestamp::from_millisecond(1_772_438_400_000 + 3_600_000).unwrap();
        let reach = of_class(&school, None);
        assert_eq!(store.publish_survey(teacher, id, reach, true, Some(at)).await.unwrap(), Published::Asks(2));
        work(store).await;
        drop_in(store, &school.guardian, id, "one").await;
        test.clock.advance(Duration::from_millis(3_599_999));
        work(store).await;
        assert_eq!(test.count("survey_taken").await, 1);
        test.clock.advance(Duration::from_millis(1));
        assert_eq!(store.survey(teacher, id).await.unwrap().unwrap().stage, Stage::Closed);
        let leased = store.take_job().await.unwrap().unwrap();
        assert_eq!(leased.kind, jiayin_store::surveys::CLOSE_SURVEY);
        store.close_survey_in_time(&leased).await.unwrap();
        assert_eq!(test.count("survey_taken").await, 0);
        assert_eq!(store.survey(teacher, id).await.unwrap().unwrap().closes_at, Some(at));
    })
    .await;
}
