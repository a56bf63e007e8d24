//! Review and progress over HTTP: the comment bank, several recordings at once, practice, and what the teacher and the
//! guardian see of it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin_domain::role::Role;
use jiayin_privacy::Identifier;
use jiayin_store::accounts::NewPerson;
use jiayin_store::homework::Tasks;
use jiff::Timestamp;

use crate::common::school::{Visit, rows, viewer};
use crate::common::{Reply, ScriptedEar, TestApp, form, sound};

/// A teacher of the same school with a class of their own, in which nobody is.
pub(crate) async fn other_teacher(app: &TestApp) -> Visit<'_> {
    let teacher = viewer(app, Role::Teacher, 0).await;
    let manager = viewer(app, Role::CampusManager, 0).await;
    let store = &app.state.store;
    let new = NewPerson {
        school: teacher.school,
        campus: None,
        role: Role::Teacher,
        name: "Mr Sun",
        identifiers: vec![Identifier::parse("sun@school.example").unwrap()],
        password: None,
    };
    let person = store.create_person(new).await.unwrap().unwrap();
    let class = store.create_class(teacher.school, manager.campus.unwrap(), "5C").await.unwrap();
    store.join_class(teacher.school, class, person, Role::Teacher).await.unwrap();
    let token = store.start_session(person).await.unwrap().unwrap();
    Visit::with_cookie(app, format!("session={}", token.to_text()))
}

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply.header("location").to_owned()
}

/// The ids that follow each occurrence of `before`.
fn ids_after(body: &str, before: &str) -> Vec<String> {
    body.match_indices(before).map(|(at, _)| body[at + before.len()..][..36].to_owned()).collect()
}

async fn tasks(app: &TestApp, number: usize) -> Tasks {
    app.state.store.tasks(&viewer(app, Role::Learner, number).await, Timestamp::UNIX_EPOCH).await.unwrap()
}

#[tokio::test]
async fn a_teachers_phrases_are_at_hand_in_the_review() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let other = other_teacher(&app).await;
    assert!(teacher.get("/comments").await.body.contains("Beautifully read!"), "ready ones are offered");
    assert_eq!(teacher.post_form("/comments", "text=+").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(goes_to(&teacher.post_form("/comments", "text=Your+R+%3Cb%3Esings%3C%2Fb%3E!").await), "/comments");
    let page = teacher.get("/comments").await.body;
    assert!(page.contains("value=\"Your R &#60;b&#62;sings") && !page.contains("<b>sings"), "{page}");
    let phrase = ids_after(&page, "action=\"/comments/").remove(0);
    let review = goes_to(&teacher.get("/review").await);
    let part = teacher.part(&review).await.body;
    assert!(part.contains("data-digit=\"1\"><kbd aria-hidden=\"true\">1</kbd> Your R"), "{part}");
    assert!(part.contains("data-speed=\"0.5\""));
    let (changed, removal) = (format!("/comments/{phrase}"), format!("/comments/{phrase}/removal"));
    for path in [&changed, &removal] {
        assert_eq!(other.post_form(path, "text=Mine").await.status, StatusCode::NOT_FOUND, "clause 7.5: {path}");
    }
    assert!(!other.get("/comments").await.body.contains("sings"));
    assert_eq!(
        teacher.post_form(&changed, &format!("text={}", "x".repeat(301))).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    goes_to(&teacher.post_form(&changed, "text=Your+R+sings!").await);
    assert!(teacher.part(&review).await.body.contains("data-phrase=\"Your R sings!\""));
    goes_to(&teacher.post_form(&removal, "").await);
    assert!(!teacher.part(&review).await.body.contains("sings"));
}

#[tokio::test]
async fn several_recordings_are_returned_at_once_and_it_is_undone() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let other = other_teacher(&app).await;
    let waiting = ids_after(&teacher.get("/review/list").await.body, "name=\"recording\" value=\"");
    assert!(waiting.len() >= 12, "{}", waiting.len());
    let chosen: String = waiting[..12].iter().map(|id| format!("recording={id}&")).collect();
    let nothing = teacher.post_form("/review/list", "decision=returned").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let undecided = teacher.post_form("/review/list", &chosen).await;
    assert_eq!(undecided.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(undecided.body.matches(" checked>").count(), 12, "what was chosen stays chosen");
    let form = format!("{chosen}phrase=Once+more.&words=Slowly.&decision=returned");
    assert_eq!(goes_to(&other.post_form("/review/list", &form).await), "/review/list", "nothing of theirs waits");
    let still = ids_after(&teacher.get("/review/list").await.body, "name=\"recording\" value=\"");
    assert_eq!(still.len(), waiting.len());

    let done = goes_to(&teacher.post_form("/review/list", &form).await);
    let list = teacher.get(&done).await.body;
    assert_eq!(ids_after(&list, "name=\"recording\" value=\"").len(), waiting.len() - 12);
    assert!(list.contains("Done. Recordings: 12"), "{list}");
    let said = teacher.get(&format!("/review/{}", waiting[0])).await.body;
    assert!(said.contains("Once more. Slowly.") && said.contains("Returned"));
    let moment = done.split_once("done=").unwrap().1.to_owned();
    goes_to(&other.post_form("/review/list/undo", &format!("done={moment}")).await);
    assert!(teacher.get(&done).await.body.contains("Recordings: 12"), "another's undo undoes nothing");
    app.clock.advance(std::time::Duration::from_secs(120));
    app.work().await;
    let told = messages(&app).await;
    goes_to(&teacher.post_form("/review/list/undo", &format!("done={moment}")).await);
    let list = teacher.get(&done).await.body;
    assert_eq!(ids_after(&list, "name=\"recording\" value=\""), waiting, "all wait again, in the same order");
    assert!(!list.contains("Done. "));
    assert!(messages(&app).await < told, "who has not read of it yet does not");
}

/// How many messages there are.
async fn messages(app: &TestApp) -> i64 {
    rows(app).await.into_iter().find(|(table, _)| table == "message").unwrap().1
}

#[tokio::test]
async fn practice_is_chosen_heard_and_changes_no_homework() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let home = learner.get("/home").await.body;
    assert!(home.contains("href=\"/practice\"") && home.contains("days-practised"), "{home}");
    let before: Vec<_> = tasks(&app, 0).await.tasks.iter().map(|task| task.state).collect();
    let queue = ids_after(&Visit::of(&app, Role::Teacher, 0).await.get("/review/list").await.body, "value=\"0");
    let mut practised = Vec::new();
    for round in 0..6 {
        let step = goes_to(&learner.get("/practice").await);
        let page = learner.get(&step).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("data-practice") && page.body.contains(&format!("action=\"{step}\"")));
        assert!(page.body.contains(&format!("{round} of 6 sentences")), "{}", page.body);
        let body = form("", Some(("recording.wav", &sound::tone(1000, 200.0 + round as f32))));
        let request = learner
            .request(Method::POST, &step)
            .header("content-type", "multipart/form-data; boundary=jiayin-test")
            .header("content-length", body.len());
        assert_eq!(goes_to(&app.send(request.body(Body::from(body)).unwrap()).await), step);
        assert!(learner.get(&step).await.body.contains("data-waiting"));
        app.work().await;
        let page = learner.get(&step).await.body;
        assert!(page.contains("data-verdict=\"scored\"") && page.contains("href=\"/practice\""), "{page}");
        practised.push(step);
    }
    let end = learner.get("/practice").await;
    assert!(end.status == StatusCode::OK && end.body.contains("Well done"), "{}", end.body);
    practised.sort();
    practised.dedup();
    assert_eq!(practised.len(), 6, "each sentence once a day");
    let after: Vec<_> = tasks(&app, 0).await.tasks.iter().map(|task| task.state).collect();
    assert_eq!(before, after);
    let now = ids_after(&Visit::of(&app, Role::Teacher, 0).await.get("/review/list").await.body, "value=\"0");
    assert_eq!(queue, now, "nothing of it waits for the teacher");
    let homework = practised[0].replace("/practice/", "/homework/");
    let (assignment, exercise) = homework.rsplit_once('/').unwrap();
    let history = learner.get(&format!("{assignment}/exercises/{exercise}")).await.body;
    assert_eq!(history.matches("class=\"attempt\"").count(), 1, "nor stands among the attempts");
    for stranger in [Visit::of(&app, Role::Learner, 6).await, Visit::of(&app, Role::Guardian, 0).await] {
        assert_eq!(stranger.get(&practised[0]).await.status, StatusCode::NOT_FOUND, "clause 7.5");
    }
}

#[tokio::test]
async fn clause_7_5_progress_is_for_those_who_teach_the_class_or_answer_for_the_child() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let class = ids_after(&teacher.get("/classes").await.body, "href=\"/classes/").remove(0);
    let path = format!("/classes/{class}/progress");
    let page = teacher.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Who needs help", "class=\"grid heat\"", "class=\"sound-weak\"", "lang=\"en-fonipa\"", "heat-5"] {
        assert!(page.body.contains(part), "{part} is not in\n{}", page.body);
    }
    let csv = teacher.get(&format!("{path}.csv")).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.body.starts_with("\u{feff}\"Learner\",\"Last recording\""), "{}", csv.body);
    assert_eq!(csv.body.lines().count(), 7, "six learners under a head");
    let strangers = [
        other_teacher(&app).await,
        Visit::of(&app, Role::CampusManager, 0).await,
        Visit::of(&app, Role::Guardian, 0).await,
        Visit::of(&app, Role::Learner, 0).await,
    ];
    for stranger in &strangers {
        for path in [path.clone(), format!("{path}.csv")] {
            assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    let child = Visit::of(&app, Role::Learner, 0).await.person;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let own = guardian.get(&format!("/family/{child}")).await.body;
    assert!(own.contains("Sounds to practise at home"), "{own}");
    assert!((1..=2).contains(&own.matches("class=\"ipa big\"").count()), "a sound or two");
    let earlier = guardian.get(&format!("/family/{child}?ago=1")).await.body;
    assert!(own.contains("Best recording of the week") || earlier.contains("Best recording of the week"));
    let other = Visit::of(&app, Role::Guardian, 1).await;
    assert_eq!(other.get(&format!("/family/{child}")).await.status, StatusCode::NOT_FOUND);
}

/// Forty recordings one after the other, each with the form that the key Enter sends.
#[tokio::test]
async fn forty_recordings_are_walked_through_without_going_back() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let waiting = ids_after(&teacher.get("/review/list").await.body, "name=\"recording\" value=\"");
    assert!(waiting.len() >= 40, "{} wait", waiting.len());
    let mut place = goes_to(&teacher.get("/review").await);
    let mut walked = Vec::new();
    for _ in 0..40 {
        let part = teacher.part(&place).await.body;
        let next = ids_after(&part, "name=\"next\" value=\"");
        walked.push(place.trim_start_matches("/review/").to_owned());
        let next = next.first().map(String::as_str).unwrap_or_default();
        place = goes_to(&teacher.post_form(&place, &format!("decision=accepted&next={next}")).await);
    }
    let once: BTreeSet<&String> = walked.iter().collect();
    assert_eq!(once.len(), 40, "each once");
    assert!(once.iter().all(|id| waiting.contains(id)));
    assert_eq!(
        ids_after(&teacher.get("/review/list").await.body, "name=\"recording\" value=\"").len(),
        waiting.len() - 40
    );
}
