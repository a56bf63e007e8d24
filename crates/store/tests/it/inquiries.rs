//! Questions about the policy: asked, answered by the officer of the same school, and read by nobody else.

use jiayin_domain::role::Role;

use crate::databases::{TestSchool, both, person};

#[tokio::test]
async fn a_question_is_answered_by_the_officer_of_the_school_alone() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let officer = person(store, school.school, Role::PrivacyOfficer, "Officer", "o@school.example", None).await;
        let elsewhere = store.create_school("Elsewhere").await.unwrap();
        let other = person(store, elsewhere, Role::PrivacyOfficer, "Other", "o@other.example", None).await;

        let question = store.ask(&school.guardian, "Who hears the recordings?").await.unwrap().unwrap();
        assert_eq!(store.open_questions(&officer).await.unwrap(), 1);
        assert!(store.questions(&school.teacher).await.unwrap().is_none());
        assert!(store.questions(&other).await.unwrap().unwrap().questions.is_empty());
        let asked = store.questions(&officer).await.unwrap().unwrap();
        assert_eq!(asked.questions[0].text.read(&asked.grant).unwrap(), "Who hears the recordings?");

        assert!(!store.answer(&school.teacher, question, "I do").await.unwrap());
        assert!(!store.answer(&other, question, "I do").await.unwrap());
        assert!(store.answer(&officer, question, "The teacher of the class.").await.unwrap());
        let own = store.own_questions(&school.guardian).await.unwrap();
        let (answer, _) = own.questions[0].answer.as_ref().unwrap();
        assert_eq!(answer.read(&own.grant).unwrap(), "The teacher of the class.");
        assert!(store.own_questions(&school.learner).await.unwrap().questions.is_empty());
        assert_eq!(store.open_questions(&officer).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_fills_the_officers_desk() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        for _ in 0..10 {
            assert!(test.store.ask(&school.guardian, "And?").await.unwrap().is_some());
        }
        assert!(test.store.ask(&school.guardian, "And?").await.unwrap().is_none());
        assert!(test.store.ask(&school.learner, "And?").await.unwrap().is_some());
    })
    .await;
}
