//! Picture passwords over HTTP: the teacher prints slips, children come in, strangers do not.

use axum::http::StatusCode;
use jiayin::accounts::pictures::{PICTURES, ROWS};
use jiayin::config::Config;
use jiayin_domain::consent::Decision;
use jiayin_domain::consent::Surface;
use jiayin_domain::role::Role;
use jiayin_privacy::{Identifier, Purpose, purpose};
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown};

use crate::account_security::Browser;
use crate::common::school::{Visit, viewer};
use crate::common::{ScriptedEar, TestApp};

async fn school() -> TestApp {
    let config = Config { behind_proxy: true, scoring_threads: 1, ..Config::default() };
    TestApp::demo_with(config, ScriptedEar::kind()).await
}

/// The classes of a teacher.
async fn classes(teacher: &Visit<'_>) -> Vec<String> {
    let page = teacher.get("/classes").await.body;
    let mut found: Vec<String> = page
        .match_indices("href=\"/classes/")
        .map(|(at, _)| page[at + 6..at + 6 + "/classes/".len() + 36].to_owned())
        .collect();
    found.dedup();
    found
}

/// The first class of a teacher.
async fn class(teacher: &Visit<'_>) -> String {
    classes(teacher).await.remove(0)
}

/// A teacher of the same school who teaches none of its classes.
async fn another_teacher(app: &TestApp) -> Visit<'_> {
    let new = NewPerson {
        school: app.state.demo.unwrap(),
        campus: None,
        role: Role::Teacher,
        name: "Mr Wu",
        identifiers: vec![Identifier::parse("wu@demo.example").unwrap()],
        password: None,
    };
    let person = app.state.store.create_person(new).await.unwrap().unwrap();
    let token = app.state.store.start_session(person).await.unwrap().unwrap();
    Visit::with_cookie(app, format!("session={}", token.to_text()))
}

/// What a slip says.
#[derive(Clone, Debug)]
struct Slip {
    code: String,
    number: String,
    pictures: Vec<usize>,
}

fn read_slips(sheet: &str) -> Vec<Slip> {
    let shown = |slip: &str, place: usize| {
        slip.split("class=\"code-shown\">").nth(place).unwrap().split('<').next().unwrap().to_owned()
    };
    let read = |slip: &str| Slip {
        code: shown(slip, 1),
        number: shown(slip, 2),
        pictures: slip
            .split("#picture-")
            .skip(1)
            .map(|rest| PICTURES.iter().position(|tag| *tag == rest.split('"').next().unwrap()).unwrap())
            .collect(),
    };
    sheet.split("ticket slip").skip(1).map(read).collect()
}

impl Slip {
    fn form(&self) -> String {
        let rows: String = ROWS.iter().zip(&self.pictures).map(|(row, picture)| format!("&{row}={picture}")).collect();
        format!("code={}&number={}{rows}", self.code.replace(' ', "+"), self.number)
    }

    fn wrong(&self) -> Self {
        let mut pictures = self.pictures.clone();
        pictures[0] = (pictures[0] + 1) % PICTURES.len();
        Self { pictures, ..self.clone() }
    }
}

#[tokio::test]
async fn clause_7_8_a_child_comes_in_with_pictures_and_the_page_names_nobody() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let pictures = format!("{}/pictures", class(&teacher).await);
    assert!(teacher.get(&pictures).await.body.contains("The class has no code"));
    let slips = read_slips(&teacher.post_form(&pictures, "").await.body);
    assert_eq!(slips.len(), 6, "one for each learner");
    assert!(slips.iter().all(|slip| slip.pictures.len() == 4));
    let list = teacher.get(&pictures).await.body;
    assert!(list.contains(&slips[0].code) && list.contains("Number 6"));
    assert!(!list.contains("#picture-"), "pictures are shown once");

    let mut child = Browser::new(&app, "192.0.2.1");
    let page = child.get(&format!("/enter?code={}", slips[0].code.replace(' ', "+"))).await;
    assert_eq!(page.body.matches("type=\"radio\"").count(), 64);
    assert!(page.body.contains(&slips[0].code));
    let wrong = child.post("/enter", &slips[0].wrong().form()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for name in ["王小明", "李"] {
        assert!(!page.body.contains(name) && !wrong.body.contains(name), "no page names a child");
    }
    for incomplete in ["", "code=BCD347&number=1&first=1&second=2&third=3", "number=x&first=0", "first=999"] {
        let refused = child.post("/enter", incomplete).await.status;
        assert!(
            matches!(refused, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST),
            "{incomplete}: {refused}"
        );
    }
    let reply = child.post("/enter", &slips[0].form()).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(child.get("/home").await.status, StatusCode::OK);

    // One's own number with another's pictures, another class's code, a code that there is not.
    let mut stranger = Browser::new(&app, "192.0.2.2");
    let others = Slip { pictures: slips[1].pictures.clone(), ..slips[0].clone() };
    if others.pictures != slips[0].pictures {
        assert_eq!(stranger.post("/enter", &others.form()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let other_class = classes(&teacher).await.into_iter().find(|path| !pictures.starts_with(path)).unwrap();
    assert_eq!(teacher.post_form(&format!("{other_class}/code"), "").await.status, StatusCode::SEE_OTHER);
    let other_page = teacher.get(&format!("{other_class}/pictures")).await.body;
    let other_code = other_page.split("class=\"code-shown\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_ne!(other_code, slips[5].code);
    let mixed = Slip { code: other_code, ..slips[5].clone() };
    assert_eq!(stranger.post("/enter", &mixed.form()).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Taken back and made anew.
    let code = pictures.replace("/pictures", "/code");
    assert_eq!(teacher.post_form(&format!("{code}/removal"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(stranger.post("/enter", &slips[2].form()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(teacher.post_form(&format!("{code}/removal"), "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(teacher.post_form(&code, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        stranger.post("/enter", &slips[2].form()).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the old code"
    );

    // Who does not teach the class finds none of it.
    let second = another_teacher(&app).await;
    for path in [pictures.clone(), code.clone(), format!("{code}/removal")] {
        assert_eq!(second.post_form(&path, "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(second.get(&pictures).await.status, StatusCode::NOT_FOUND);
    let learner = Visit::of(&app, Role::Learner, 0).await.person;
    assert_eq!(second.post_form(&format!("{pictures}/{learner}"), "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(teacher.post_form(&format!("{other_class}/pictures/{learner}"), "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(teacher.post_form(&format!("{pictures}/{learner}"), "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn clause_7_8_pictures_cannot_be_guessed_and_a_guesser_locks_nobody_out() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let class = class(&teacher).await;
    let slips = read_slips(&teacher.post_form(&format!("{class}/pictures"), "").await.body);
    let sheet = teacher.post_form(&format!("{class}/cards"), "").await.body;
    let at = sheet.find("/enter/").unwrap();
    let card = &sheet[at..at + "/enter/".len() + 64];
    let mut child = Browser::new(&app, "192.0.2.1");
    assert_eq!(child.post("/enter", &slips[0].form()).await.status, StatusCode::SEE_OTHER);

    let before = app.state.store.passwords_checked();
    for number in 0..60 {
        // Many networks, and a cookie that is none of ours.
        let mut guesser = Browser::new(&app, &format!("198.51.100.{number}"));
        guesser.cookies.push(format!("device={}", "ab".repeat(32)));
        let status = guesser.post("/enter", &slips[0].wrong().form()).await.status;
        let expected = if number < 10 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(status, expected, "{number}");
    }
    assert_eq!(app.state.store.passwords_checked() - before, 10);
    let mut elsewhere = Browser::new(&app, "192.0.2.9");
    assert_eq!(elsewhere.post("/enter", &slips[0].form()).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(child.post("/enter", &slips[0].form()).await.status, StatusCode::SEE_OTHER, "the child's own tablet");
    assert_eq!(elsewhere.post(card, "").await.status, StatusCode::SEE_OTHER, "and the card");
}

#[tokio::test]
async fn clause_8_1_pictures_open_nothing_to_a_child_whose_guardian_takes_the_consent_back() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let class = class(&teacher).await;
    let slips = read_slips(&teacher.post_form(&format!("{class}/pictures"), "").await.body);
    let mut child = Browser::new(&app, "192.0.2.1");
    assert_eq!(child.post("/enter", &slips[0].form()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(child.get("/home").await.status, StatusCode::OK);

    let guardian = viewer(&app, Role::Guardian, 0).await;
    let learner = viewer(&app, Role::Learner, 0).await.person;
    let no = Choice { subject: learner, purpose: <purpose::Teaching as Purpose>::ID, decision: Decision::Withdrawn };
    let shown = Shown { version: 1, digest: [7; 32], language: "en", surface: Surface::Settings };
    assert!(app.state.store.decide(&guardian, &[no], &shown).await.unwrap());
    let mut again = Browser::new(&app, "192.0.2.2");
    assert_eq!(again.post("/enter", &slips[0].form()).await.status, StatusCode::SEE_OTHER);
    let home = again.get("/home").await;
    assert_eq!((home.status, home.header("location")), (StatusCode::SEE_OTHER, "/waiting"));
    let fewer = teacher.post_form(&format!("{class}/pictures"), "").await.body;
    assert_eq!(fewer.matches("ticket slip").count(), 5, "and no new ones are made");
}
