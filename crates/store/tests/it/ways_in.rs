//! Passkeys and picture passwords: what is kept, what is counted, and who may.

use std::time::Duration;

use futures_util::future::join_all;
use jiayin_domain::id::PasskeyId;
use jiayin_domain::role::Role;
use jiayin_store::Viewer;
use jiayin_store::devices::About;
use jiayin_store::passkeys::{Added, NewPasskey, PASSKEYS_MOST};
use jiayin_store::pictures::{CHOICE, PictureEntry, PictureSheet};
use jiayin_store::sign_in::SignIn;

use crate::databases::{PASSWORD, TestSchool, TestStore, both, person};

fn passkey(number: u8) -> NewPasskey {
    NewPasskey {
        credential: vec![number; 32],
        public_key: vec![1, 2, 3],
        state: vec![number; 7],
        name: "Phone".to_owned(),
    }
}

async fn only(test: &TestStore, viewer: &Viewer) -> PasskeyId {
    test.store.passkeys(viewer).await.unwrap().1[0].id
}

#[tokio::test]
async fn a_passkey_is_its_owners_and_each_ceremony_ends_once() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let (owner, other) = (&school.teacher, &school.manager);
        assert_eq!(store.add_passkey(owner, &passkey(1)).await.unwrap(), Added::Yes);
        assert_eq!(store.add_passkey(other, &passkey(1)).await.unwrap(), Added::Known, "whoever brings it");
        let (grant, mine) = store.passkeys(owner).await.unwrap();
        assert_eq!(mine[0].name.read(&grant).unwrap(), "Phone");
        assert_eq!(mine[0].credential.read(&grant).unwrap(), &vec![1; 32]);
        assert!(store.passkeys(other).await.unwrap().1.is_empty());
        assert!(store.passkey(&[2; 32]).await.unwrap().is_none());
        let known = store.passkey(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((known.person, known.state), (owner.person, vec![1; 7]));
        assert_eq!(known.public_key.read(&known.grant).unwrap(), &vec![1, 2, 3]);

        // Many at once with the same answer: one of them is let in.
        let at_once = join_all((0..8).map(|_| store.passkey_used(known.id, 1000, vec![9; 7]))).await;
        assert_eq!(at_once.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
        assert!(!store.passkey_used(known.id, 999, vec![8; 7]).await.unwrap(), "begun before the last");
        assert_eq!(store.passkey(&[1; 32]).await.unwrap().unwrap().state, vec![9; 7]);

        let id = only(test, owner).await;
        assert!(!store.remove_passkey(other, id).await.unwrap());
        assert!(store.remove_passkey(owner, id).await.unwrap());
        assert!(store.passkey(&[1; 32]).await.unwrap().is_none());
        assert_eq!(test.count("passkey").await, 0);
    })
    .await;
}

#[tokio::test]
async fn passkeys_are_bounded_and_go_with_a_forgotten_password() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        for number in 0..PASSKEYS_MOST {
            assert_eq!(store.add_passkey(&school.teacher, &passkey(number as u8)).await.unwrap(), Added::Yes);
        }
        assert_eq!(store.add_passkey(&school.teacher, &passkey(99)).await.unwrap(), Added::TooMany);
        store.add_passkey(&school.manager, &passkey(100)).await.unwrap();
        store.reset_password(school.teacher.person, PASSWORD.to_owned()).await.unwrap();
        assert_eq!(test.count("passkey").await, 1, "a thief's key would be among them");
        assert!(store.own_password_fits(&school.teacher, PASSWORD.to_owned()).await.unwrap());
        assert!(!store.own_password_fits(&school.teacher, "another".to_owned()).await.unwrap());
        assert!(!store.own_password_fits(&school.manager, String::new()).await.unwrap(), "who has none");
    })
    .await;
}

/// The row of a sheet with this name: two who joined at the same moment may stand in either order.
fn row(sheet: &PictureSheet, name: &str) -> usize {
    sheet.rows.iter().position(|row| row.name.read(&sheet.grant).unwrap() == name).unwrap()
}

fn entry(sheet: &PictureSheet, row: usize) -> PictureEntry {
    PictureEntry::new(&sheet.code, sheet.rows[row].number, &sheet.rows[row].pictures).unwrap()
}

/// The same with another last picture.
fn wrong(sheet: &PictureSheet, row: usize) -> PictureEntry {
    let mut pictures = sheet.rows[row].pictures;
    pictures[3] = (pictures[3] + 1) % CHOICE;
    PictureEntry::new(&sheet.code, sheet.rows[row].number, &pictures).unwrap()
}

#[tokio::test]
async fn pictures_open_with_the_right_code_number_and_order_alone() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let sheet = store.make_pictures(&school.teacher, school.class, None).await.unwrap().unwrap();
        assert_eq!(sheet.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
        let (fang, lei) = (row(&sheet, "Wang Fang"), row(&sheet, "Li Lei"));
        let come = async |entry: &PictureEntry| store.enter_by_pictures(entry, false).await.unwrap();
        assert_eq!(come(&entry(&sheet, fang)).await, SignIn::Welcome(school.learner.person));
        assert_eq!(come(&entry(&sheet, lei)).await, SignIn::Welcome(school.classmate.person));
        assert_eq!(come(&wrong(&sheet, fang)).await, SignIn::Wrong);
        let swapped = PictureEntry::new(&sheet.code, sheet.rows[lei].number, &sheet.rows[fang].pictures).unwrap();
        if sheet.rows[0].pictures != sheet.rows[1].pictures {
            assert_eq!(come(&swapped).await, SignIn::Wrong, "another's pictures");
        }
        let nobody = PictureEntry::new(&sheet.code, 3, &sheet.rows[0].pictures).unwrap();
        assert_eq!(come(&nobody).await, SignIn::Wrong);
        let nowhere = PictureEntry::new("BCD347", 1, &sheet.rows[0].pictures).unwrap();
        assert_eq!(come(&nowhere).await, SignIn::Wrong);
        assert!(PictureEntry::new(&sheet.code, 1, &[0, 1, 2]).is_none());
        assert!(PictureEntry::new(&sheet.code, 1, &[0, 1, 2, CHOICE]).is_none());

        // One learner's new pictures: the number stays, the old pictures and nobody else's go.
        let fresh =
            store.make_pictures(&school.teacher, school.class, Some(school.learner.person)).await.unwrap().unwrap();
        assert_eq!((fresh.rows.len(), fresh.rows[0].number), (1, sheet.rows[fang].number));
        assert_eq!(fresh.code, sheet.code);
        assert_eq!(come(&entry(&fresh, 0)).await, SignIn::Welcome(school.learner.person));
        assert_eq!(come(&entry(&sheet, lei)).await, SignIn::Welcome(school.classmate.person));

        // Another class has another code, under which these numbers open nothing.
        let other = store.create_class(school.school, school.campus, "4A").await.unwrap();
        store.join_class(school.school, other, school.teacher.person, Role::Teacher).await.unwrap();
        let other = store.renew_class_code(&school.teacher, other).await.unwrap().unwrap();
        assert_ne!(other, sheet.code);
        let elsewhere = PictureEntry::new(&other, sheet.rows[lei].number, &sheet.rows[lei].pictures).unwrap();
        assert_eq!(come(&elsewhere).await, SignIn::Wrong);

        // A new code, and none at all.
        let code = store.renew_class_code(&school.teacher, school.class).await.unwrap().unwrap();
        assert_ne!(code, sheet.code);
        assert_eq!(come(&entry(&sheet, lei)).await, SignIn::Wrong);
        let renewed = PictureSheet { code, ..sheet };
        assert_eq!(come(&entry(&renewed, lei)).await, SignIn::Welcome(school.classmate.person));
        assert!(store.remove_class_code(&school.teacher, school.class).await.unwrap());
        assert_eq!(come(&entry(&renewed, lei)).await, SignIn::Wrong);
        assert_eq!(store.class_code(&school.teacher, school.class).await.unwrap(), Some(None));
    })
    .await;
}

#[tokio::test]
async fn guessing_pictures_ends_for_strangers_and_not_for_the_learner() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let sheet = store.make_pictures(&school.teacher, school.class, None).await.unwrap().unwrap();
        let arrival = store.arrive(school.learner.person, None, &About::default()).await.unwrap().unwrap();
        let (fang, lei) = (row(&sheet, "Wang Fang"), row(&sheet, "Li Lei"));
        let right = entry(&sheet, fang);
        assert!(store.knows_picture_device(&right, Some(&arrival.device)).await.unwrap());
        assert!(!store.knows_picture_device(&entry(&sheet, lei), Some(&arrival.device)).await.unwrap());
        let bad = wrong(&sheet, fang);
        let before = store.passwords_checked();
        // All at once: none of them may slip through between the count and the look.
        let flood = join_all((0..30).map(|_| store.enter_by_pictures(&bad, false))).await;
        let looked_at = flood.iter().filter(|outcome| matches!(outcome, Ok(SignIn::Wrong))).count();
        assert_eq!((looked_at, store.passwords_checked() - before), (10, 10));
        let outcome = store.enter_by_pictures(&right, false).await.unwrap();
        assert!(matches!(outcome, SignIn::TooMany { minutes: 1400..=1441 }), "{outcome:?}");
        assert_eq!(store.enter_by_pictures(&right, true).await.unwrap(), SignIn::Welcome(school.learner.person));
        let other = store.enter_by_pictures(&entry(&sheet, lei), false).await.unwrap();
        assert_eq!(other, SignIn::Welcome(school.classmate.person), "another number is not touched");

        // Numbers that there are not are counted for the class.
        let mut refused = 0;
        for number in 0..120 {
            let guess = PictureEntry::new(&sheet.code, 100 + number, &sheet.rows[0].pictures).unwrap();
            refused += usize::from(store.enter_by_pictures(&guess, false).await.unwrap() != SignIn::Wrong);
        }
        assert_eq!(refused, 30, "ten of the hundred were used for the first number");
        test.clock.advance(Duration::from_secs(24 * 3600 + 1));
        assert_eq!(store.enter_by_pictures(&right, false).await.unwrap(), SignIn::Welcome(school.learner.person));
    })
    .await;
}

#[tokio::test]
async fn only_the_teacher_of_a_class_makes_its_pictures() {
    both(async |test| {
        let store = &test.store;
        let school = TestSchool::new(store).await;
        let stranger = person(store, school.school, Role::Teacher, "Mr Wu", "wu@school.example", None).await;
        for viewer in [&stranger, &school.manager, &school.guardian, &school.learner] {
            assert!(store.make_pictures(viewer, school.class, None).await.unwrap().is_none());
            assert!(store.picture_holders(viewer, school.class).await.unwrap().is_none());
            assert!(store.class_code(viewer, school.class).await.unwrap().is_none());
            assert!(store.renew_class_code(viewer, school.class).await.unwrap().is_none());
            assert!(!store.remove_class_code(viewer, school.class).await.unwrap());
        }
        let nobody = store.make_pictures(&school.teacher, school.class, Some(school.guardian.person)).await.unwrap();
        assert!(nobody.is_none(), "no learner of the class");
        assert_eq!((test.count("class_code").await, test.count("picture_password").await), (0, 0));
    })
    .await;
}
