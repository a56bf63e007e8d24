//! People's rights over HTTP: see, copy, correct, restrict, delete, cancel; for oneself and for one's own child only.

use std::time::Duration;

use axum::http::{Request, StatusCode};
use jiayin_domain::role::Role;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::common::school::{Visit, fetched, hex};
use crate::common::{ScriptedEar, TestApp};
use crate::program;

const ID: &str = "01990000-0000-7000-8000-0000000000f1";

/// The demo school with everything heard; the first learner, whose guardian is the first one.
async fn school() -> TestApp {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    app
}

/// The first address in a page that begins like this, up to the quotation mark.
fn link<'p>(page: &'p str, begins: &str) -> &'p str {
    let at = page.find(&format!("\"{begins}")).unwrap_or_else(|| panic!("no {begins} in {page}"));
    page[at + 1..].split('"').next().unwrap()
}

/// Address of the page of everything that is kept of the first learner, for their guardian.
async fn of_child(app: &TestApp) -> String {
    format!("/family/{}/data", Visit::of(app, Role::Learner, 0).await.person)
}

#[tokio::test]
async fn clause_6_1_everyone_sees_what_is_kept_of_them_with_purpose_clause_and_term() {
    let app = school().await;
    for role in Role::ALL {
        let visit = Visit::of(&app, role, 0).await;
        let page = visit.get("/privacy/mine").await;
        assert_eq!(page.status, StatusCode::OK, "{role:?}");
        for said in ["Kept:", "policy clauses", "Account", "Sign-ins"] {
            assert!(page.body.contains(said), "{role:?}: {said}");
        }
        assert!(visit.get("/profile").await.body.contains("/privacy/mine"), "the way there");
    }
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let page = learner.get("/privacy/mine").await;
    assert!(page.body.contains("Recordings"));
    let name = learner.get("/privacy/mine/rows/person/id").await;
    assert!(name.body.contains("王小明"), "names are opened");
    let files = learner.get("/privacy/mine/rows/media/subject_id").await;
    let sound = link(&files.body, "/privacy/mine/files/recording/");
    let part = learner.ranged(sound, "bytes=0-9").await;
    assert_eq!((part.status, !part.body.is_empty()), (StatusCode::PARTIAL_CONTENT, true));
    let classmate = Visit::of(&app, Role::Learner, 1).await;
    assert_eq!(classmate.get(sound).await.status, StatusCode::NOT_FOUND, "nobody else's");
    assert_eq!(learner.get("/privacy/mine/rows/session/token_hash").await.status, StatusCode::NOT_FOUND);
    assert_eq!(learner.get("/privacy/mine/files/export/".to_owned().as_str()).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn clause_6_1_a_copy_is_made_and_fetched_in_the_product() {
    let app = school().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let base = of_child(&app).await;
    let asked = guardian.post_form(&format!("{base}/copies"), "").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let place = asked.header("location").to_owned();
    assert!(guardian.get(&place).await.body.contains("<progress"));
    assert_eq!(guardian.get(&format!("{place}/file")).await.status, StatusCode::NOT_FOUND, "not yet");
    app.work().await;
    let part = guardian.part(&place).await;
    assert!(part.headers.get("x-waiting").is_none() && part.body.contains(&format!("{place}/file")), "{}", part.body);
    let bytes = fetched(&guardian, &format!("{place}/file")).await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(names.iter().any(|name| name.starts_with("audio/recording-")), "{names:?}");
    let data: serde_json::Value = serde_json::from_reader(archive.by_name("data.json").unwrap()).unwrap();
    assert_eq!(data["format"], "jiayin-export");
    assert!(data.to_string().contains("王小明"));
    assert!(archive.by_name("index.html").is_ok());
    for other in [Visit::of(&app, Role::Guardian, 4).await, Visit::of(&app, Role::Teacher, 0).await] {
        assert_eq!(other.get(&format!("{place}/file")).await.status, StatusCode::NOT_FOUND);
    }
    app.clock.advance(Duration::from_secs(8 * 24 * 3600));
    let late = Visit::of(&app, Role::Guardian, 0).await;
    assert_eq!(late.get(&format!("{place}/file")).await.status, StatusCode::NOT_FOUND, "seven days");
}

#[tokio::test]
async fn clause_6_2_a_corrected_name_is_on_every_page_at_once() {
    let app = school().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let base = of_child(&app).await;
    let class = link(&teacher.get("/classes").await.body, "/classes/").to_owned();
    assert!(teacher.get(&class).await.body.contains("王小明"));
    let wrong = guardian.post_form(&format!("{base}/name"), "name=+").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = guardian.post_form(&format!("{base}/name"), "name=Wang+Da+Ming").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let learner = Visit::of(&app, Role::Learner, 0).await;
    for (visit, path) in [(&teacher, class.as_str()), (&guardian, "/family"), (&learner, "/home"), (&guardian, &base)] {
        let page = visit.get(path).await.body;
        assert!(page.contains("Wang Da Ming") && !page.contains("王小明"), "{path}");
    }
    let stranger = Visit::of(&app, Role::Guardian, 4).await;
    assert_eq!(stranger.post_form(&format!("{base}/name"), "name=X").await.status, StatusCode::NOT_FOUND);
    // One's own, on the profile.
    assert_eq!(teacher.post_form("/profile", "name=Lin").await.status, StatusCode::SEE_OTHER);
    assert!(learner.get("/privacy/mine").await.body.contains("/profile"));
}

#[tokio::test]
async fn clause_8_3_a_guardian_sees_corrects_and_deletes_and_nobody_else_does() {
    let app = school().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let base = of_child(&app).await;
    assert!(guardian.get(&format!("/family/{}", child.person)).await.body.contains(&base), "the way there");
    assert_eq!(guardian.get(&base).await.status, StatusCode::OK);
    for path in ["", "/rows/person/id", "/restriction", "/cancellation"] {
        let stranger = Visit::of(&app, Role::Guardian, 4).await;
        assert_eq!(stranger.get(&format!("{base}{path}")).await.status, StatusCode::NOT_FOUND, "another's child");
        let teacher = Visit::of(&app, Role::Teacher, 0).await;
        assert_eq!(teacher.get(&format!("{base}{path}")).await.status, StatusCode::NOT_FOUND, "a teacher");
    }
    // The child looks, and leaves the rest to the guardian.
    let own = child.get("/privacy/mine").await.body;
    assert!(own.contains("ask your parents") && !own.contains("/privacy/mine/cancellation"));
    for path in ["/privacy/mine/restriction", "/privacy/mine/cancellation"] {
        assert_eq!(child.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(child.post_form(path, "when=later&on=true").await.status, StatusCode::NOT_FOUND);
    }
    let list = guardian.get(&format!("{base}/rows/media/subject_id")).await.body;
    let file = link(&list, &format!("{base}/files/recording/")).trim_end_matches("/deletion").to_owned();
    let theirs = file.replace(&base, "/privacy/mine");
    assert_eq!(child.post_form(&format!("{theirs}/deletion"), "").await.status, StatusCode::NOT_FOUND);
    assert!(guardian.get(&format!("{file}/deletion")).await.body.contains("Delete this recording?"));
    let id = file.rsplit('/').next().unwrap();
    assert_eq!(child.get(&format!("/recordings/{id}/audio")).await.status, StatusCode::OK);
    assert_eq!(guardian.post_form(&format!("{file}/deletion"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(guardian.post_form(&format!("{file}/deletion"), "").await.status, StatusCode::NOT_FOUND, "gone");
    assert_eq!(child.get(&format!("/recordings/{id}/audio")).await.status, StatusCode::NOT_FOUND);
    assert!(!guardian.get(&format!("{base}/rows/evaluation/learner_id")).await.body.contains(id));
    assert_eq!(child.get("/home").await.status, StatusCode::OK, "the results were computed anew");
}

#[tokio::test]
async fn restricted_data_is_opened_for_nobody_until_the_restriction_is_lifted() {
    let app = school().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let base = of_child(&app).await;
    let class = link(&teacher.get("/classes").await.body, "/classes/").to_owned();
    // A recording waits for the ear when the restriction comes.
    let home = child.get("/home").await.body;
    let (assignment, exercise) = link(&home, "/homework/")["/homework/".len()..].split_once("/exercises/").unwrap();
    let announced = json!({
        "id": ID, "kind": "recording", "owner": child.person, "assignment": assignment, "exercise": exercise,
        "mime": "audio/webm", "size": 5, "sha256": hex(&Sha256::digest(b"sound")),
    });
    child.post_json("/uploads", &announced).await;
    assert_eq!(child.piece(ID, 0, b"sound").await.status, StatusCode::OK);
    assert!(guardian.get(&format!("{base}/restriction")).await.body.contains("Restrict processing"));
    assert_eq!(guardian.post_form(&format!("{base}/restriction"), "on=true").await.status, StatusCode::SEE_OTHER);
    app.work().await;
    let page = teacher.get(&class).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("王小明"), "the class goes on without the child");
    assert!(page.body.contains("because processing is restricted: 1"));
    assert_eq!(teacher.get(&format!("/recordings/{ID}/audio")).await.status, StatusCode::FORBIDDEN);
    let home = child.get("/home").await;
    assert!(home.status == StatusCode::FORBIDDEN && home.body.contains("restricted"));
    let family = guardian.get("/family").await.body;
    assert!(family.contains("王小明") && family.contains(&base), "the way back");
    let moved = guardian.get(&format!("/family/{}", child.person)).await;
    assert_eq!(moved.header("location"), base);
    assert_eq!(guardian.get(&format!("{base}/rows/person/id")).await.status, StatusCode::OK, "rights go on");
    assert_eq!(guardian.post_form(&format!("{base}/restriction"), "on=false").await.status, StatusCode::SEE_OTHER);
    app.work().await;
    let result = child.part(&format!("/recordings/{ID}/result")).await.body;
    assert!(result.contains("data-verdict=\"scored\""), "what waited is heard: {result}");
    assert!(teacher.get(&class).await.body.contains("王小明"));
}

#[tokio::test]
async fn clause_6_3_an_account_is_cancelled_thought_over_kept_and_erased() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let page = teacher.get("/privacy/mine/cancellation").await.body;
    assert!(page.contains("What goes") && page.contains("What stays") && page.contains("3 years (1,096 days)"));
    let later = teacher.post_form("/privacy/mine/cancellation", "when=later").await;
    assert_eq!(later.status, StatusCode::SEE_OTHER);
    app.clock.advance(Duration::from_secs(6 * 24 * 3600));
    app.work().await;
    // Signing in within the week leads to the page where it can be undone.
    let again = teacher.post_form("/sign-in/demo", &format!("person={}", teacher.person)).await;
    assert_eq!(again.header("location"), "/privacy/mine");
    let mine = teacher.get("/privacy/mine").await.body;
    assert!(mine.contains("/privacy/mine/cancellation/undo"));
    assert_eq!(teacher.post_form("/privacy/mine/cancellation/undo", "").await.status, StatusCode::SEE_OTHER);
    app.clock.advance(Duration::from_secs(2 * 24 * 3600));
    app.work().await;
    assert_eq!(teacher.get("/classes").await.status, StatusCode::OK, "kept after all");
    assert_eq!(teacher.post_form("/privacy/mine/cancellation/undo", "").await.status, StatusCode::NOT_FOUND);
    let unsure = teacher.post_form("/privacy/mine/cancellation", "when=now").await;
    assert_eq!(unsure.status, StatusCode::BAD_REQUEST, "the box is not ticked");
    let now = teacher.post_form("/privacy/mine/cancellation", "when=now&sure=yes").await;
    assert_eq!((now.status, now.header("location")), (StatusCode::SEE_OTHER, "/"));
    app.work().await;
    assert_eq!(teacher.get("/classes").await.status, StatusCode::SEE_OTHER, "signed out");
    let gone = teacher.post_form("/sign-in/demo", &format!("person={}", teacher.person)).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let learner = Visit::of(&app, Role::Learner, 0).await;
    assert_eq!(learner.get("/home").await.status, StatusCode::OK, "learners' pages stand without the teacher");
}

#[tokio::test]
async fn clause_6_4_a_guardian_erases_a_child_in_the_product_within_one_request_and_a_job() {
    let app = school().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let base = of_child(&app).await;
    assert_eq!(
        guardian.post_form(&format!("{base}/cancellation"), "when=now&sure=yes").await.status,
        StatusCode::SEE_OTHER
    );
    app.work().await;
    assert_eq!(child.get("/home").await.status, StatusCode::SEE_OTHER, "the child is signed out");
    assert_eq!(guardian.get(&base).await.status, StatusCode::NOT_FOUND);
    assert!(!guardian.get("/family").await.body.contains("王小明"));
    let class = link(&teacher.get("/classes").await.body, "/classes/").to_owned();
    for path in [class.as_str(), "/review"] {
        let mut page = teacher.get(path).await;
        if page.status == StatusCode::SEE_OTHER {
            // The queue leads to its first recording.
            page = teacher.get(page.header("location")).await;
        }
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("王小明"), "{path}");
    }
}

#[tokio::test]
async fn clause_2_10_a_service_never_used_leaves_no_data() {
    let app = school().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let page = guardian.get("/privacy/mine").await.body;
    for never in ["Recordings", "Evaluations", "Reviews", "Uploads", "Copies of one"] {
        assert!(!page.contains(&format!("\">{never}")), "{never}");
    }
    let learner = Visit::of(&app, Role::Learner, 0).await.get("/privacy/mine").await.body;
    assert!(learner.contains("\">Recordings"), "who uses it sees it");
}

/// The real program: a copy into a file, then the erasure; nothing of the person in what it says.
#[tokio::test]
async fn the_operator_serves_rights_from_the_command_line() {
    let app = school().await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_jiayin"))
            .arg("privacy")
            .args(arguments)
            .env("JIAYIN_DATA_DIR", app.folder())
            .current_dir(app.folder())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!said.contains("王小明"), "{said}");
        (output.status.success(), said)
    };
    let (person, file) = (learner.person.to_string(), app.folder().join("copy.zip"));
    let to = file.to_str().unwrap();
    let (done, said) = run(&["export", "--person", &person, "--to", to]);
    assert!(done, "{said}");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&file).unwrap()).unwrap();
    let data: serde_json::Value = serde_json::from_reader(archive.by_name("data.json").unwrap()).unwrap();
    assert!(data.to_string().contains("王小明"));
    let (done, said) = run(&["export", "--person", &person, "--to", to]);
    assert!(!done && said.contains("cannot write"), "a file that is there is not written over: {said}");
    assert!(!run(&["export", "--person", "nobody", "--to", to]).0);
    let (done, said) = run(&["erase", "--person", &person]);
    assert!(done && said.contains("backup --tombstones"), "{said}");
    let (done, said) = run(&["erase", "--person", &person]);
    assert!(!done && said.contains("no such account"), "{said}");
}

/// The real program, talking as much as it can: people sign in, well and badly, look, have copies made, cancel; and it is
/// asked for what is not there, by address and by form. The log has lines, and nothing of anybody.
#[tokio::test]
async fn a_talkative_log_of_all_of_this_holds_nothing_of_anybody() {
    const MARK: &str = "canary-in-a-request";
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = program::jiayin(folder.path(), &["serve", "--demo"]);
    command.env("JIAYIN_LOG", "debug").stderr(std::fs::File::create(&log).unwrap());
    let server = program::Server::start(&mut command);
    let (cookie, home) = server.signed_in("guardian1@demo.example", "/family").await;
    assert!(home.contains("王小明"), "the guardian's page names the child");
    let base = link(&home, "/family/").to_owned();
    for path in [base.clone(), format!("{base}/data"), format!("{base}/data/rows/person/id"), format!("/{MARK}?{MARK}")]
    {
        server.ask(Request::get(format!("{}{path}", server.address)).header("cookie", &cookie), "").await;
    }
    let name = format!("name={MARK}");
    let cancel = "when=now&sure=yes";
    for (path, form) in
        [("/data/copies", ""), ("/data/name", &name), ("/data/copies", ""), ("/data/cancellation", cancel)]
    {
        let request = Request::post(format!("{}{base}{path}", server.address)).header("cookie", &cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, ..) = server.ask(request, form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
    }
    let form = format!("identifier={MARK}%40school.example&password={MARK}");
    let request = Request::post(format!("{}/sign-in", server.address));
    server.ask(request.header("content-type", "application/x-www-form-urlencoded"), &form).await;
    // The child is gone when the page is: the erasure is done by then.
    for _ in 0..200 {
        let request = Request::get(format!("{}{base}/data", server.address)).header("cookie", &cookie);
        if server.ask(request, "").await.0 == StatusCode::NOT_FOUND {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(server);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.lines().count() > 8, "{log}");
    let secret = cookie.split('=').nth(1).unwrap();
    let child = base.rsplit('/').next().unwrap();
    for never in [MARK, "王", "demo.example", jiayin::demo::PASSWORD, secret, child] {
        assert!(!log.contains(never), "{never} is in the log: {log}");
    }
}
