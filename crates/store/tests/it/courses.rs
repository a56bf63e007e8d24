//! Courses: renamed, put in order, taken out of use; and by whom not.

use jiayin_domain::role::Role;
use jiayin_store::course_pictures::NewPicture;
use jiayin_store::courses::Move;
use jiayin_store::exercises::NewExercise;

use crate::databases::{TestSchool, both, person};

#[tokio::test]
async fn lessons_and_sentences_move_and_change() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let course = store.create_course(teacher, "Zoo").await.unwrap();
        let mut lessons = Vec::new();
        for title in ["One", "Two", "Three"] {
            test.clock.advance(std::time::Duration::from_millis(1));
            lessons.push(store.create_lesson(teacher, course, title).await.unwrap().unwrap());
        }
        assert!(store.move_lesson(teacher, lessons[2], Move::Up).await.unwrap());
        assert!(store.move_lesson(teacher, lessons[0], Move::Up).await.unwrap(), "at the edge it stays");
        assert!(store.rename_lesson(teacher, lessons[1], "Second").await.unwrap());
        assert!(store.rename_course(teacher, course, "At the zoo").await.unwrap());
        let kept = store.course(teacher, course).await.unwrap().unwrap();
        assert_eq!(kept.title, "At the zoo");
        assert_eq!(kept.lessons.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["One", "Three", "Second"]);

        let texts = ["A cat.".to_owned(), "A dog.".to_owned()];
        let ids = store.add_sentences(teacher, lessons[0], &texts).await.unwrap().unwrap();
        assert!(store.move_sentence(teacher, ids[0], Move::Down).await.unwrap());
        let edit = async |id, text| store.edit_exercise(teacher, id, &NewExercise::sentence(text)).await.unwrap();
        assert_eq!(edit(ids[1], "A dog.").await, Some(ids[1]), "nothing changes, but it is there");
        assert_eq!(edit(ids[1], "A big dog.").await, Some(ids[1]), "nobody has answered it");
        let lesson = store.lesson(teacher, lessons[0]).await.unwrap().unwrap();
        assert_eq!(lesson.sentences.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["A big dog.", "A cat."]);
        assert!(store.remove_sentence(teacher, ids[0]).await.unwrap());
        assert_eq!(edit(ids[0], "Gone.").await, None);

        let all = store.courses(teacher).await.unwrap();
        let given: Vec<_> = all.iter().flat_map(|one| &one.lessons).filter(|one| one.in_use == 1).collect();
        assert_eq!(given.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["Lesson"]);
        let receiving = store.receiving(teacher, school.class).await.unwrap().unwrap();
        assert_eq!((receiving.name.as_str(), receiving.learners, receiving.given.len()), ("3B", 2, 1));

        assert!(store.withdraw_lesson(teacher, lessons[1]).await.unwrap());
        assert!(!store.withdraw_lesson(teacher, lessons[1]).await.unwrap());
        assert_eq!(store.course(teacher, course).await.unwrap().unwrap().lessons.len(), 2);
        assert!(store.withdraw_course(teacher, course).await.unwrap());
        assert!(store.course(teacher, course).await.unwrap().is_none());
        assert!(store.lesson(teacher, lessons[0]).await.unwrap().is_none(), "its lessons go with it");
        assert_eq!(edit(ids[1], "No.").await, None);
        let due = jiff::Timestamp::from_millisecond(1_772_524_800_000).unwrap();
        assert!(store.assign(teacher, school.class, lessons[0], due).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn courses_of_another_school_do_not_exist() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let course = store.create_course(&school.teacher, "Zoo").await.unwrap();
        let lesson = store.create_lesson(&school.teacher, course, "One").await.unwrap().unwrap();
        let elsewhere = store.create_school("Another school").await.unwrap();
        let stranger = person(store, elsewhere, Role::Teacher, "Mr Sun", "sun@other.example", None).await;
        assert!(store.courses(&stranger).await.unwrap().is_empty());
        assert!(store.course(&stranger, course).await.unwrap().is_none());
        assert!(!store.rename_course(&stranger, course, "Mine").await.unwrap());
        assert!(!store.withdraw_course(&stranger, course).await.unwrap());
        assert!(!store.rename_lesson(&stranger, lesson, "Mine").await.unwrap());
        assert!(!store.withdraw_lesson(&stranger, lesson).await.unwrap());
        assert!(!store.move_lesson(&stranger, lesson, Move::Up).await.unwrap());
        let mine = NewExercise::sentence("Mine.");
        assert!(store.edit_exercise(&stranger, school.exercises[0], &mine).await.unwrap().is_none());
        assert!(store.add_exercises(&stranger, lesson, &[mine]).await.unwrap().is_none());
        assert!(store.copy_exercise(&stranger, school.exercises[0]).await.unwrap().is_none());
        assert!(store.copy_lesson(&stranger, lesson, "Mine").await.unwrap().is_none());
        assert!(!store.publish_lesson(&stranger, lesson).await.unwrap());
        assert!(!store.set_unit(&stranger, lesson, Some("Mine")).await.unwrap());
        assert!(store.successor(&stranger, school.exercises[0]).await.unwrap().is_none());
        let picture = NewPicture { mime: "image/png", bytes: b"picture", alt: "A bear." };
        assert!(store.set_picture(&stranger, school.exercises[0], &picture).await.unwrap().is_none());
        assert!(store.add_picture_exercise(&stranger, lesson, "A bear.", &picture).await.unwrap().is_none());
        assert!(!store.remove_sentence(&stranger, school.exercises[0]).await.unwrap());
        assert!(!store.move_sentence(&stranger, school.exercises[0], Move::Down).await.unwrap());
        assert!(store.receiving(&stranger, school.class).await.unwrap().is_none());
    })
    .await;
}
