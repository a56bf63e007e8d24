//! What is kept goes in time, what the law asks for stays, and what is uploaded is known by owner, purpose and key: driven
//! through the pages, the workers and the command line.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiayin_domain::role::Role;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::common::school::{Visit, hex};
use crate::common::{CHINESE, ScriptedEar, TestApp};
use crate::program::{done, jiayin, refused};

const DAY: Duration = Duration::from_secs(24 * 3600);
const ID: &str = "01990000-0000-7000-8000-0000000000f7";

async fn school() -> TestApp {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    app
}

/// Files of a kind in the folder of the sealed files.
fn files(app: &TestApp, kind: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let Ok(folders) = std::fs::read_dir(app.folder().join("files").join(kind)) else { return found };
    for folder in folders {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            found.push(std::fs::read(file.unwrap().path()).unwrap());
        }
    }
    found
}

/// Nights go by, each with what is done in it.
async fn nights(app: &TestApp, days: u32) {
    app.clock.advance(DAY * days);
    app.work().await;
}

#[tokio::test]
async fn clause_4_11_recordings_go_a_year_after_they_were_made_and_the_officer_reads_the_report() {
    let app = school().await;
    jiayin::worker::schedule(&app.state).await.unwrap();
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let page = officer.get("/officer/retention").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("No sweep has been done yet") && page.body.contains("365 days from the recording"));
    assert!(!files(&app, "recording").is_empty());
    nights(&app, 1).await;
    assert!(!files(&app, "recording").is_empty(), "they are some weeks old");
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let page = officer.get("/officer/retention").await.body;
    assert!(page.contains("every night") && !page.contains("nothing has been deleted"), "{page}");
    // A child closes the account, so that a key is destroyed too.
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let cancelled =
        guardian.post_form(&format!("/family/{}/data/cancellation", child.person), "when=now&sure=yes").await;
    assert_eq!(cancelled.status, StatusCode::SEE_OTHER);
    nights(&app, 365).await;
    assert!(files(&app, "recording").is_empty(), "gone from the disk");
    assert!(!files(&app, "course_audio").is_empty(), "the teacher is still there");
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let page = officer.get("/officer/retention").await.body;
    assert!(page.contains("Files ") && page.contains("Sign-ins "), "what went is named: {page}");
    let first = page.split("<tbody>").find(|part| part.contains("every night")).unwrap();
    let numbers: Vec<u64> =
        first.split("class=\"number\">").skip(1).map(|cell| cell.split('<').next().unwrap().parse().unwrap()).collect();
    assert!(numbers[0] > numbers[1] && numbers[1] > 0, "rows and files: {numbers:?}");
    assert_eq!(numbers[3], 1, "one key destroyed");
    let guardian = Visit::of(&app, Role::Guardian, 1).await;
    assert_eq!(guardian.get("/family").await.status, StatusCode::OK, "the pages stand without the old recordings");
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    for path in ["/classes", "/review", "/courses"] {
        assert_eq!(teacher.get(path).await.status, StatusCode::OK, "{path}");
    }
    // When the nights go by without it, the officer is told.
    app.clock.advance(DAY * 3);
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    assert!(officer.get("/officer/retention").await.body.contains("For more than a day nothing has been deleted"));
}

#[tokio::test]
async fn clause_4_11_the_operator_may_look_first_and_sweep_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| done(&mut jiayin(folder.path(), arguments));
    run(&["admin", "found", "--school", "A school", "--campus", "North"]);
    assert!(run(&["privacy", "sweep", "--dry-run"]).contains("would be deleted: 0 rows, 0 files"));
    // The invitations that founding made, as they are two months later.
    let database = format!("sqlite:{}", folder.path().join("data/jiayin.sqlite").display());
    let mut raw = <sqlx::SqliteConnection as sqlx::Connection>::connect(&database).await.unwrap();
    sqlx::query("UPDATE invitation SET expires_at = 1000").execute(&mut raw).await.unwrap();
    assert!(run(&["privacy", "sweep", "--dry-run"]).contains("would be deleted: 2 rows"));
    let count = async |raw: &mut sqlx::SqliteConnection| -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM invitation").fetch_one(raw).await.unwrap()
    };
    assert_eq!(count(&mut raw).await, 2, "it only looked");
    let said = run(&["privacy", "sweep"]);
    assert!(said.contains("invitation") && said.contains("deleted: 2 rows, 0 files"), "{said}");
    assert_eq!(count(&mut raw).await, 0);
    assert!(refused(&mut jiayin(folder.path(), &["privacy", "erase", "--person", ID])).contains("no such account"));
}

#[tokio::test]
async fn clause_4_12_a_legal_hold_overrides_the_sweep_is_visible_and_ends() {
    let app = school().await;
    jiayin::worker::schedule(&app.state).await.unwrap();
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let base = format!("/family/{}/data", child.person);
    let account = child.person.to_string();
    let form = |person: &str, reason: &str, until: &str| format!("person={person}&reason={reason}&until={until}");
    for (person, reason, until, said) in [
        ("nobody", "A+letter", "2027-12-31", "There is no account with this number"),
        (ID, "A+letter", "2027-12-31", "There is no account with this number"),
        (&account, "+", "2027-12-31", "Please give a reason"),
        (&account, "A+letter", "2026-01-01", "Please give a last day"),
        (&account, "A+letter", "2031-01-01", "Please give a last day"),
        (&account, "A+letter", "soon", "Please give a last day"),
    ] {
        let reply = officer.post_form("/officer/holds", &form(person, reason, until)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(reply.body.contains(said), "{said}");
    }
    let good = form(&account, "A+letter+of+the+court", "2027-12-31");
    for role in [Role::Teacher, Role::Guardian, Role::CampusManager, Role::Learner] {
        let other = Visit::of(&app, role, 0).await;
        assert_eq!(other.post_form("/officer/holds", &good).await.status, StatusCode::NOT_FOUND, "{role:?}");
        assert_eq!(other.get("/officer/retention").await.status, StatusCode::NOT_FOUND, "{role:?}");
    }
    assert_eq!(officer.post_form("/officer/holds", &good).await.status, StatusCode::SEE_OTHER);
    let page = officer.get("/officer/retention").await.body;
    assert!(page.contains("A letter of the court") && page.contains("2028-01-01 00:00"), "{page}");
    // Visible for whom it is about, in both languages, and on the page that cancels the account.
    let own = guardian.get(&base).await.body;
    assert!(own.contains("By law this data must be kept until 2028-01-01 00:00"), "{own}");
    assert!(guardian.get(&format!("{base}/cancellation")).await.body.contains("By law this data must be kept"));
    let request = Request::get(&base).header("cookie", guardian.cookie()).header("accept-language", CHINESE);
    let chinese = app.send(request.body(Body::empty()).unwrap()).await.body;
    assert!(chinese.contains("须依法保存至 2028-01-01 00:00"));
    // It overrides what the guardian asks for...
    let list = guardian.get(&format!("{base}/rows/media/subject_id")).await.body;
    let at = list.find(&format!("{base}/files/recording/")).unwrap();
    let file = list[at..].split('"').next().unwrap().trim_end_matches("/deletion").to_owned();
    let kept = guardian.post_form(&format!("{file}/deletion"), "").await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.body.contains("Kept by law"), "{}", kept.body);
    // ...and the sweep, a year later.
    let own_files = list.matches(&format!("{base}/files/recording/")).count();
    assert!(own_files > 0 && files(&app, "recording").len() > own_files);
    nights(&app, 366).await;
    assert!(!files(&app, "recording").is_empty(), "the child's are kept");
    assert!(files(&app, "recording").len() <= own_files, "the others' are gone");
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let page = officer.get("/officer/retention").await.body;
    let hold = page.split("/officer/holds/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(officer.post_form(&format!("/officer/holds/{hold}/end"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.post_form(&format!("/officer/holds/{hold}/end"), "").await.status, StatusCode::NOT_FOUND);
    assert!(officer.get("/officer/retention").await.body.contains("over"));
    nights(&app, 1).await;
    assert!(files(&app, "recording").is_empty(), "it has ended");
}

#[tokio::test]
async fn clause_2_3_what_is_uploaded_has_an_owner_a_purpose_and_a_key() {
    let app = school().await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let home = child.get("/home").await.body;
    let at = home.find("\"/homework/").unwrap();
    let (assignment, exercise) =
        home[at + "\"/homework/".len()..].split('"').next().unwrap().split_once("/exercises/").unwrap();
    let sound = b"the sound of a child reading".repeat(40);
    let announced = json!({
        "id": ID, "kind": "recording", "owner": child.person, "assignment": assignment, "exercise": exercise,
        "mime": "audio/webm", "size": sound.len(), "sha256": hex(&Sha256::digest(&sound)),
    });
    child.post_json("/uploads", &announced).await;
    assert_eq!(child.piece(ID, 0, &sound).await.status, StatusCode::OK);
    app.work().await;
    // Its owner, and what it is used for, are shown to whom it belongs; it can be heard there.
    let base = format!("/family/{}/data", child.person);
    let page = guardian.get(&base).await.body;
    for said in ["Recordings", "Setting, doing, evaluating and reviewing spoken homework", "policy clauses"] {
        assert!(page.contains(said), "{said}");
    }
    let list = guardian.get(&format!("{base}/rows/media/subject_id")).await.body;
    assert!(list.contains(&hex(&Sha256::digest(&sound))), "the file is known by its digest");
    // Each row of a file names its owner, a kind whose purposes the map knows, and the owner has a key of their own.
    let (data, keys) = (app.folder().join("jiayin.sqlite"), app.folder().join("keys/keys.sqlite"));
    let open = async |file: &std::path::Path| {
        <sqlx::SqliteConnection as sqlx::Connection>::connect(&format!("sqlite:{}", file.display())).await.unwrap()
    };
    let media: Vec<(Vec<u8>, String)> =
        sqlx::query_as("SELECT subject_id, kind FROM media").fetch_all(&mut open(&data).await).await.unwrap();
    assert!(media.len() > 1);
    for (owner, kind) in media {
        let blob = jiayin_privacy::map::blob(&kind).unwrap_or_else(|| panic!("{kind} is not in the map"));
        let purposes = jiayin_privacy::map::PURPOSES.iter().filter(|it| it.categories.contains(&blob.category));
        assert!(purposes.count() > 0, "{kind} is kept for nothing");
        let key: i64 =
            sqlx::query_scalar("SELECT count(*) FROM subject_key WHERE subject_id = ? AND wrapped IS NOT NULL")
                .bind(owner)
                .fetch_one(&mut open(&keys).await)
                .await
                .unwrap();
        assert_eq!(key, 1, "{kind}: its owner has a key");
    }
    // Nothing of it lies on the disk in the clear, and without the owner's key it is noise.
    assert!(files(&app, "recording").iter().all(|file| !file.windows(20).any(|part| sound.starts_with(part))));
    let heard = guardian.get(&format!("/recordings/{ID}/audio")).await;
    assert_eq!(heard.status, StatusCode::OK);
    let cancelled = guardian.post_form(&format!("{base}/cancellation"), "when=now&sure=yes").await;
    assert_eq!(cancelled.status, StatusCode::SEE_OTHER);
    app.work().await;
    assert_eq!(guardian.get(&format!("/recordings/{ID}/audio")).await.status, StatusCode::NOT_FOUND);
}
