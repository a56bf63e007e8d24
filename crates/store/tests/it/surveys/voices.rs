//! Answers that are said aloud: heard by who may read the answer, and gone with it.

use jiayin_domain::consent::Decision;
use jiayin_domain::id::{MediaId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_domain::sound::Gain;
use jiayin_domain::survey::{Answer, Answers, Change, Kind, Spoken};
use jiayin_store::surveys::{NewVoice, Published, Reach};
use jiayin_store::{Store, StoreError, Viewer};

use super::{answering, named, of_class, question, read_back, surveys};
use crate::databases::{TestSchool, TestStore, both, person};
use crate::rights::planted::work;

/// A survey with a question that is answered aloud.
async fn spoken(store: &Store, viewer: &Viewer, reach: Reach) -> SurveyId {
    let id = store.create_survey(viewer, "After the play").await.unwrap();
    store.edit_survey(viewer, id, Change::Add(question(Kind::Voice))).await.unwrap();
    let anonymous = store.publish_survey(viewer, id, reach, true, None).await.unwrap();
    assert_eq!(anonymous, Published::Spoken, "a voice has a name");
    assert!(matches!(store.publish_survey(viewer, id, reach, false, None).await.unwrap(), Published::Asks(_)));
    work(store).await;
    id
}

fn says(media: MediaId) -> Answers {
    Answers::from([(1, Answer::Voice(Spoken { media, gain: Gain(150), duration_ms: 1800 }))])
}

async fn say(store: &Store, viewer: &Viewer, id: SurveyId, bytes: &[u8]) -> MediaId {
    let media = store.voice_id();
    let voice = NewVoice { media, mime: "audio/webm", bytes, duration_ms: 1800 };
    let kept = store.answer_named(viewer, id, &says(media), &[voice], &answering()).await.unwrap();
    assert_eq!(kept, Some(true));
    media
}

async fn heard(store: &Store, viewer: &Viewer, id: SurveyId, media: MediaId) -> Option<Vec<u8>> {
    store.survey_voice(viewer, id, media, None).await.unwrap().map(|audio| audio.bytes)
}

/// Files that lie there, at whatever depth.
fn files(test: &TestStore) -> usize {
    let mut folders = vec![test.folder.path().join("files/survey_voice")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files += 1 }
        }
    }
    files
}

#[tokio::test]
async fn clause_2_5_a_spoken_answer_is_heard_by_who_gave_it_and_who_asked() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher, guardian) = (&test.store, &school.teacher, &school.guardian);
        let id = spoken(store, teacher, of_class(&school, Some(Role::Guardian))).await;
        let media = say(store, guardian, id, b"spoken words").await;
        assert_eq!(heard(store, guardian, id, media).await.unwrap(), b"spoken words");
        assert_eq!(heard(store, teacher, id, media).await.unwrap(), b"spoken words");
        assert_eq!(named(store, teacher, id).await, [("Wang Jun".to_owned(), says(media))]);
        let stranger = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        for other in [&school.learner, &school.other_guardian, &school.manager, &stranger] {
            assert_eq!(heard(store, other, id, media).await, None);
        }
        let elsewhere = spoken(store, teacher, of_class(&school, Some(Role::Guardian))).await;
        assert_eq!(heard(store, teacher, elsewhere, media).await, None, "it is not of that survey");
        // Sealed, with the length and the form that the export tells.
        let file = store.survey_voice(guardian, id, media, Some((7, Some(11)))).await.unwrap().unwrap();
        assert_eq!((file.mime.as_str(), file.length, &*file.bytes), ("audio/webm", 12, &b"words"[..]));
        // Whoever has processing restricted is not read, and not heard.
        let own = store.own_claim(guardian).await.unwrap();
        assert!(store.restrict(&own, true).await.unwrap());
        assert_eq!(heard(store, teacher, id, media).await, None);
    })
    .await;
}

#[tokio::test]
async fn clause_2_5_a_spoken_answer_that_is_changed_or_taken_back_leaves_no_file() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, guardian) = (&test.store, &school.guardian);
        let id = spoken(store, &school.teacher, of_class(&school, None)).await;
        let first = say(store, guardian, id, b"first").await;
        // The same answer sent again keeps its recording.
        let again = store.answer_named(guardian, id, &says(first), &[], &answering()).await.unwrap();
        assert_eq!((again, files(test)), (Some(true), 1));
        let second = say(store, guardian, id, b"second").await;
        assert_eq!(heard(store, guardian, id, first).await, None);
        assert_eq!((heard(store, guardian, id, second).await.unwrap(), files(test)), (b"second".to_vec(), 1));
        // Nobody makes another's recording their own, and what is refused leaves nothing.
        let other = &school.other_guardian;
        let extra = NewVoice { media: store.voice_id(), mime: "audio/webm", bytes: b"x", duration_ms: 1 };
        let taken = store.answer_named(other, id, &says(second), &[extra], &answering()).await;
        assert!(matches!(taken, Err(StoreError::Busy)));
        assert_eq!((files(test), read_back(store, other, id).await), (1, None));
        assert!(store.take_named_back(guardian, id, &answering()).await.unwrap());
        assert_eq!((files(test), test.count("media").await), (0, 0));
        // A child's goes when the guardian no longer agrees, and everybody's with the survey.
        surveys(store, guardian, &school.learner, Decision::Given).await;
        say(store, &school.learner, id, b"a child").await;
        assert_eq!(files(test), 1);
        surveys(store, guardian, &school.learner, Decision::Withdrawn).await;
        assert_eq!((files(test), test.count("media").await), (0, 0));
        say(store, other, id, b"other").await;
        assert!(store.close_survey(&school.teacher, id).await.unwrap());
        assert!(store.remove_survey(&school.teacher, id).await.unwrap());
        assert_eq!((files(test), test.count("media").await), (0, 0));
    })
    .await;
}
