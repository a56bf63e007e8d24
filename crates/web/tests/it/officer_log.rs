//! The audit log as the privacy officer reads and checks it, on the pages and by command.

use std::time::Duration;

use axum::http::StatusCode;
use jiayin_domain::role::Role;
use sqlx::{Connection, Executor, SqliteConnection};

use crate::common::school::Visit;
use crate::common::{ScriptedEar, TestApp};
use crate::program::{done, jiayin, refused};

async fn behind_its_back(app: &TestApp, sql: &'static str) {
    let database = format!("sqlite:{}", app.folder().join("jiayin.sqlite").display());
    SqliteConnection::connect(&database).await.unwrap().execute(sql).await.unwrap();
}

/// The mark that a page of a check shows.
fn mark(page: &str) -> String {
    let at = page.find("<p><code>").unwrap_or_else(|| panic!("no mark in {page}")) + "<p><code>".len();
    page[at..].split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn clause_7_7_the_officer_sees_who_opened_what_of_a_child() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let (teacher, learner) = (Visit::of(&app, Role::Teacher, 0).await, Visit::of(&app, Role::Learner, 0).await);
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    assert!(officer.get("/officer").await.body.contains("href=\"/officer/log\""), "a link leads there");
    app.clock.advance(Duration::from_secs(3600));
    let today = "2026-03-02";
    assert_eq!(teacher.get("/classes").await.status, StatusCode::OK);
    let all = officer.get("/officer/log").await.body;
    let teachers = teacher.person.to_string();
    let leads = format!("teacher of the class <a href=\"/officer/log?person={teachers}\"");
    assert!(all.contains(&leads), "{all}");
    for name in ["王小明", "王建华", "林老师"] {
        assert!(!all.contains(name), "nobody's name is in the log");
    }
    // What concerns one child; that the officer looked is itself in the log.
    let of_child = format!("/officer/log?person={}", learner.person);
    let found = officer.get(&of_child).await.body;
    assert!(found.contains(&teachers) && found.contains("a class of"), "{found}");
    assert!(officer.get("/officer/log").await.body.contains("looked up in the audit log"));
    // Page by page, and what was chosen stays chosen.
    let first = officer.get("/officer/log?from=2026-01-01").await.body;
    let older = first.split('"').find(|part| part.contains("after=")).unwrap().replace("&#38;", "&");
    assert!(older.contains("from=2026-01-01&after="), "{older}");
    let second = officer.get(&older).await.body;
    assert!(second.contains("Back to the newest") && second.contains("value=\"2026-01-01\""));
    // By purpose and day, and as a table.
    let none = officer.get("/officer/log?from=2027-01-01").await;
    assert!(none.status == StatusCode::OK && none.body.contains("No entries."));
    let table = officer.get(&format!("/officer/log.csv?purpose=teaching&from={today}&to={today}")).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(table.body.starts_with('\u{feff}') && table.body.contains(&teachers), "{}", table.body);
    assert!(!table.body.contains("looked up"));

    for (query, said) in [
        ("person=Xiao", "That is no account number"),
        ("from=2026-03-05&to=2026-03-01", "Please choose days"),
        ("to=someday", "Please choose days"),
    ] {
        let page = officer.get(&format!("/officer/log?{query}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.body.contains(said) && page.body.contains("aria-invalid"), "{query}: {}", page.body);
        assert_eq!(officer.get(&format!("/officer/log.csv?{query}")).await.status, StatusCode::BAD_REQUEST);
    }
    assert!(officer.get("/officer/log?after=nonsense").await.body.contains(&teachers), "a cut address begins anew");
    for path in ["/officer/log", "/officer/log.csv", "/officer/log/check"] {
        assert_eq!(teacher.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn clause_7_7_a_log_that_was_tampered_with_is_told() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let (teacher, officer) = (Visit::of(&app, Role::Teacher, 0).await, Visit::of(&app, Role::PrivacyOfficer, 0).await);
    teacher.get("/classes").await;
    let page = officer.get("/officer/log/check").await.body;
    assert!(page.contains("each in its place") && !page.contains("altered<"), "{page}");
    let noted = mark(&page);
    teacher.get("/classes").await;
    let page = officer.get(&format!("/officer/log/check?mark={noted}")).await.body;
    assert!(page.contains("The entry that you noted is there"), "{page}");
    let wrong = officer.get("/officer/log/check?mark=12").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("That is no mark"), "{}", wrong.body);

    behind_its_back(&app, "UPDATE audit SET subjects = subjects + 1 WHERE number = 3").await;
    let page = officer.get("/officer/log/check").await.body;
    assert!(page.contains("Entry 3 was altered") && page.contains(">altered<"), "{page}");
    behind_its_back(&app, "DELETE FROM audit").await;
    behind_its_back(&app, "DELETE FROM consent WHERE number = 2").await;
    let page = officer.get(&format!("/officer/log/check?mark={noted}")).await.body;
    assert!(page.contains("The entry that you noted is not in the log") && page.contains("Decision 2"), "{page}");
}

#[tokio::test]
async fn clause_7_7_the_operator_checks_by_command() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let command = |arguments: &[&str]| {
        let mut command = jiayin(app.folder(), &[&["privacy"], arguments].concat());
        command.env("JIAYIN_DATA_DIR", app.folder());
        command
    };
    let before = done(&mut command(&["check"]));
    assert!(before.contains("decisions, as they were written"), "{before}");
    // The command's own entry comes after those of the server.
    let learner = Visit::of(&app, Role::Learner, 0).await.person.to_string();
    let copy = app.folder().join("copy.zip");
    done(&mut command(&["export", "--person", &learner, "--to", copy.to_str().unwrap()]));
    Visit::of(&app, Role::Teacher, 0).await.get("/classes").await;
    let said = done(&mut command(&["check"]));
    assert_ne!(said, before);
    let mark = said.split("ends with ").nth(1).and_then(|rest| rest.split(':').next()).unwrap();
    assert!(done(&mut command(&["check", "--mark", mark])).contains(mark));
    assert!(refused(&mut command(&["check", "--mark", "12"])).contains("no mark"));
    behind_its_back(&app, "UPDATE audit SET at = at + 1 WHERE number = 1").await;
    let said = refused(&mut command(&["check"]));
    assert!(said.contains("not as it was written, from entry 1 on"), "{said}");
}
