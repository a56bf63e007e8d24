//! Course audio is kept once it has been listened to, and not before.

use jiayin_domain::id::ExerciseId;
use jiayin_domain::sound::{Fault, Gain, Heard};
use jiayin_store::Store;
use jiayin_store::course_audio::CourseAudio;
use jiayin_store::exercises::NewExercise;
use jiayin_store::listened::Arrived;
use jiayin_store::uploads::{Announced, Progress, Target};

use crate::databases::{TestSchool, both};
use crate::uploads::{announced, send};

fn audio(school: &TestSchool, number: u128, bytes: &[u8]) -> Announced {
    Announced { target: Target::CourseAudio { exercise: school.exercises[0] }, ..announced(school, number, bytes) }
}

async fn first(store: &Store, school: &TestSchool) -> (ExerciseId, String, Option<CourseAudio>) {
    let courses = store.courses(&school.teacher).await.unwrap();
    let sentence = &courses[0].lessons[0].sentences[0];
    (sentence.exercise, sentence.text.clone(), sentence.audio.clone())
}

#[tokio::test]
async fn it_waits_until_it_is_heard_and_is_kept_with_what_was() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let new = audio(&school, 1, b"a sentence");
        assert_eq!(send(store, teacher, &new, b"a sentence").await, Progress::Whole);
        assert_eq!(first(store, &school).await.2, None, "nobody has heard it yet");
        let again = test.again(1).await;
        assert_eq!(again.announce(teacher, &new).await.unwrap(), Some(Progress::At(10)), "after a restart");
        assert_eq!(again.append(teacher, new.id, 10, b"").await.unwrap(), Some(Progress::Whole));
        let Some(Arrived::Sound { bytes, text }) = again.arrived(teacher, new.id).await.unwrap() else {
            panic!("it is to be heard");
        };
        assert_eq!((bytes.as_slice(), text), (&b"a sentence"[..], Some(first(store, &school).await.1)));
        assert!(again.arrived(&school.classmate, new.id).await.unwrap().is_none(), "another's");
        assert!(again.heard_of(teacher, new.id).await.unwrap().is_none());
        let heard = Heard { gain: Gain(-350), faults: vec![Fault::Clipped, Fault::Noisy] };
        assert_eq!(again.keep_heard(&school.classmate, new.id, &heard).await.unwrap(), None);
        let kept = again.keep_heard(teacher, new.id, &heard).await.unwrap().unwrap();
        assert!(matches!(kept, Progress::Acknowledged { .. }));
        assert_eq!(again.keep_heard(teacher, new.id, &heard).await.unwrap(), Some(kept), "once more");
        assert_eq!(again.heard_of(teacher, new.id).await.unwrap(), Some(heard.clone()));
        let (exercise, text, found) = first(&again, &school).await;
        let found = found.unwrap();
        assert_eq!((found.gain, &found.faults), (Some(heard.gain), &heard.faults));
        assert_eq!(again.course_audio(teacher, found.media, None).await.unwrap().unwrap().bytes, b"a sentence");
        again.copy_exercise(teacher, exercise).await.unwrap().unwrap();
        let courses = again.courses(teacher).await.unwrap();
        assert_eq!(courses[0].lessons[0].sentences[1].audio, Some(found), "a copy is played alike");
        let other = NewExercise::sentence(&format!("{text} And more."));
        again.edit_exercise(teacher, exercise, &other).await.unwrap().unwrap();
        assert_eq!(first(&again, &school).await.2, None, "of another text it no longer fits");
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_leaves_what_was_there() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let good = audio(&school, 1, b"a sentence");
        send(store, teacher, &good, b"a sentence").await;
        let heard = Heard { gain: Gain(0), faults: Vec::new() };
        store.keep_heard(teacher, good.id, &heard).await.unwrap().unwrap();
        let before = first(store, &school).await;
        let bad = audio(&school, 2, b"no sound at all");
        send(store, teacher, &bad, b"no sound at all").await;
        store.refuse_heard(&school.classmate, bad.id).await.unwrap();
        assert!(store.upload_progress(teacher, bad.id).await.unwrap().is_some(), "it is not theirs to refuse");
        store.refuse_heard(teacher, bad.id).await.unwrap();
        assert_eq!(store.upload_progress(teacher, bad.id).await.unwrap(), None);
        assert_eq!(first(store, &school).await, before);
        store.refuse_heard(teacher, good.id).await.unwrap();
        assert_eq!(first(store, &school).await, before, "what is kept stays");
    })
    .await;
}
