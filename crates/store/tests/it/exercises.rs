//! Exercises of all kinds: answers that are chosen, versions under learners who have answered, copies, drafts, pictures.

use jiayin_domain::exercise::{Content, Kind, Line};
use jiayin_domain::homework::{ExerciseResult, SubmissionState};
use jiayin_domain::id::ExerciseId;
use jiayin_store::course_pictures::NewPicture;
use jiayin_store::exercises::NewExercise;
use jiayin_store::queue::Within;
use jiayin_store::{Store, Viewer};
use jiff::Timestamp;

use crate::databases::{TestSchool, TestStore, both};
use crate::uploads::{announced, send};

fn choose() -> NewExercise {
    let choices = ["cut", "cat", "cart"].map(str::to_owned).into();
    NewExercise { text: "cat".to_owned(), content: Content::Choose { choices, right: 1 } }
}

async fn results(store: &Store, learner: &Viewer) -> (SubmissionState, Vec<ExerciseResult>) {
    let tasks = store.tasks(learner, Timestamp::UNIX_EPOCH).await.unwrap();
    let task = &tasks.tasks[0];
    let results = task.results.as_ref().map(|results| results.read(&tasks.grant).unwrap().clone());
    (task.state, results.unwrap_or_default())
}

#[tokio::test]
async fn answers_are_counted_and_nothing_of_them_waits_for_the_teacher() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, learner) = (&test.store, &school.learner);
        let id = store.add_exercises(&school.teacher, school.lesson, &[choose()]).await.unwrap().unwrap()[0];
        for exercise in &school.exercises {
            assert!(store.remove_sentence(&school.teacher, *exercise).await.unwrap());
        }
        let answer = async |choice| store.choose(learner, school.assignment, id, choice).await.unwrap();
        assert_eq!(answer(3).await, None, "there is no such choice");
        assert_eq!(answer(0).await, Some(()));
        let (state, found) = results(store, learner).await;
        assert_eq!((state, found[0].best, found[0].attempts), (SubmissionState::Open, None, 1));
        assert_eq!(answer(0).await, Some(()), "the same again changes nothing");
        test.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!(answer(1).await, Some(()));
        assert_eq!(answer(2).await, Some(()), "the right one has been found");
        let (state, found) = results(store, learner).await;
        assert_eq!((state, found[0].best, found[0].attempts), (SubmissionState::Reviewed, Some(80), 2));
        assert_eq!(found[0].recording, None);
        assert!(store.queue(&school.teacher, Within::Everything).await.unwrap().is_empty());
        let page = store.exercise_page(learner, school.assignment, id).await.unwrap().unwrap();
        let chosen: Vec<_> = page.chosen.iter().map(|answer| *answer.read(&page.grant).unwrap()).collect();
        assert_eq!(
            chosen.iter().map(|answer| (answer.choice, answer.right)).collect::<Vec<_>>(),
            [(0, false), (1, true)]
        );
        assert_eq!(test.count("answer").await, 2);
        let class = store.class_page(&school.teacher, school.class, None).await.unwrap().unwrap();
        assert_eq!(class.assignments[0].to_hear, 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_answers_what_is_not_theirs_or_cannot_be_chosen() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let id = store.add_exercises(&school.teacher, school.lesson, &[choose()]).await.unwrap().unwrap()[0];
        let answer =
            async |viewer: &Viewer, exercise| store.choose(viewer, school.assignment, exercise, 1).await.unwrap();
        assert_eq!(answer(&school.teacher, id).await, None);
        assert_eq!(answer(&school.guardian, id).await, None);
        assert_eq!(answer(&school.learner, school.exercises[0]).await, None, "that one is spoken");
        assert!(store.remove_sentence(&school.teacher, id).await.unwrap());
        assert_eq!(answer(&school.learner, id).await, None, "taken out");
        assert_eq!(test.count("answer").await, 0);
    })
    .await;
}

async fn texts(store: &Store, school: &TestSchool) -> Vec<String> {
    let lesson = store.lesson(&school.teacher, school.lesson).await.unwrap().unwrap();
    lesson.sentences.into_iter().map(|sentence| sentence.text).collect()
}

async fn record(test: &TestStore, school: &TestSchool) -> ExerciseId {
    send(&test.store, &school.learner, &announced(school, 1, b"a recording"), b"a recording").await;
    school.exercises[0]
}

#[tokio::test]
async fn what_learners_have_answered_is_not_changed_under_them() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let old = record(test, &school).await;
        let new = NewExercise::sentence("We call it a bear.");
        let stands = store.edit_exercise(teacher, old, &new).await.unwrap().unwrap();
        assert_ne!(stands, old, "a new version");
        assert_eq!(texts(store, &school).await, ["We call it a bear.", "The cat is on the mat."], "in the same place");
        let tasks = store.tasks(&school.learner, Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(tasks.heard[0].text, "We call it bear.", "the recording keeps its text");
        assert_eq!(store.successor(&school.learner, old).await.unwrap(), Some(stands));
        assert_eq!(store.successor(&school.learner, stands).await.unwrap(), None);
        assert_eq!(store.edit_exercise(teacher, old, &new).await.unwrap(), None, "the old one is gone for the teacher");
        let again = NewExercise::sentence("We call it the bear.");
        assert_eq!(
            store.edit_exercise(teacher, stands, &again).await.unwrap(),
            Some(stands),
            "nobody has answered this one"
        );
        assert_eq!(store.successor(&school.learner, old).await.unwrap(), Some(stands));
    })
    .await;
}

#[tokio::test]
async fn a_picture_is_seen_by_the_school_and_by_nobody_else() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let picture = NewPicture { mime: "image/png", bytes: b"a bear", alt: "A brown bear" };
        let id = store.add_picture_exercise(teacher, school.lesson, "A bear.", &picture).await.unwrap().unwrap();
        let lesson = store.lesson(teacher, school.lesson).await.unwrap().unwrap();
        let sentence = lesson.sentences.last().unwrap();
        let kept = sentence.picture.clone().unwrap();
        assert_eq!(
            (sentence.content.kind(), sentence.exercise, kept.alt.as_str()),
            (Kind::Picture, id, "A brown bear")
        );
        let shown = store.course_picture(&school.learner, kept.media).await.unwrap().unwrap();
        assert_eq!((shown.mime.as_str(), shown.bytes.as_slice()), ("image/png", b"a bear".as_slice()));
        assert!(store.course_audio(&school.learner, kept.media, None).await.unwrap().is_none(), "it is no sound");
        let elsewhere = store.create_school("Another school").await.unwrap();
        let stranger = Viewer { school: elsewhere, ..school.learner };
        assert!(store.course_picture(&stranger, kept.media).await.unwrap().is_none());
        assert_eq!(store.remove_picture(teacher, id).await.unwrap(), None, "there would be nothing to look at");
        assert_eq!(store.describe_picture(teacher, id, "A bear in the wood").await.unwrap(), Some(id));
        let plain = school.exercises[0];
        assert_eq!(store.describe_picture(teacher, plain, "Nothing").await.unwrap(), None);
        assert_eq!(store.set_picture(teacher, plain, &picture).await.unwrap(), Some(plain));
        assert_eq!(store.remove_picture(teacher, plain).await.unwrap(), Some(plain));
        record(test, &school).await;
        assert_ne!(store.set_picture(teacher, plain, &picture).await.unwrap(), Some(plain), "answered: a new version");
    })
    .await;
}

#[tokio::test]
async fn a_copy_is_a_draft_and_a_draft_is_nobodys_homework() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let before = vec![Line { role: "Anna".to_owned(), text: "Hi.".to_owned() }];
        let content = Content::Dialogue { role: "Ben".to_owned(), before };
        let dialogue = NewExercise { text: "Hello.".to_owned(), content };
        store.add_exercises(teacher, school.lesson, &[dialogue.clone(), choose()]).await.unwrap().unwrap();
        let second = store.copy_exercise(teacher, school.exercises[0]).await.unwrap().unwrap();
        assert_eq!(
            texts(store, &school).await,
            ["We call it bear.", "We call it bear.", "The cat is on the mat.", "Hello.", "cat"]
        );
        assert_ne!(second, school.exercises[0]);
        assert!(store.set_unit(teacher, school.lesson, Some("Animals")).await.unwrap());
        let copy = store.copy_lesson(teacher, school.lesson, "Lesson, again").await.unwrap().unwrap();
        let copied = store.lesson(teacher, copy).await.unwrap().unwrap();
        assert_eq!((copied.title.as_str(), copied.unit.as_deref()), ("Lesson, again", Some("Animals")));
        assert!(!copied.published && copied.sentences.len() == 5);
        assert_eq!(copied.sentences[3].content, dialogue.content);
        assert_eq!(copied.sentences[4].content, choose().content);
        let due = Timestamp::from_millisecond(1_772_524_800_000).unwrap();
        assert!(store.assign(teacher, school.class, copy, due).await.unwrap().is_none(), "a draft");
        assert!(store.publish_lesson(teacher, copy).await.unwrap());
        assert!(store.publish_lesson(teacher, copy).await.unwrap(), "it stays published");
        assert!(store.assign(teacher, school.class, copy, due).await.unwrap().is_some());
        let empty = store.create_lesson(teacher, copied.course, "Empty").await.unwrap().unwrap();
        assert!(!store.publish_lesson(teacher, empty).await.unwrap(), "there is nothing in it");
    })
    .await;
}
