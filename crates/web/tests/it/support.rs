//! The help desk over HTTP: asked with a picture, answered, handed over, closed and rated; whose it is, and what is refused.

use std::io::Cursor;
use std::time::Duration;

use axum::http::StatusCode;
use image::{ImageFormat, Rgb, RgbImage};
use jiayin_domain::role::Role;
use jiayin_privacy::Identifier;
use jiayin_store::accounts::NewPerson;

use crate::common::school::{Visit, fetched, rows, viewer};
use crate::common::{ScriptedEar, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = RgbImage::from_fn(120, 80, |x, y| Rgb([x as u8, y as u8, 90]));
    image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

/// The beginning of a PNG that says it is as large as a football field.
fn bomb() -> Vec<u8> {
    let header = [b"IHDR".as_slice(), &60_000u32.to_be_bytes(), &60_000u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    };
    let check = !header.iter().fold(u32::MAX, step);
    [b"\x89PNG\r\n\x1a\n\0\0\0\r".as_slice(), &header, &check.to_be_bytes(), b"\0\0\0\0IDAT"].concat()
}

/// Asks with a picture; the address of the conversation.
async fn asked(visit: &Visit<'_>, text: &str) -> String {
    let sent = visit.post_picture("/help", &[("topic", "sound"), ("text", text)], Some(&picture())).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    sent.header("location").to_owned()
}

/// What stands between two marks.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let at = page.find(before).unwrap_or_else(|| panic!("no {before} in {page}")) + before.len();
    page[at..].split(after).next().unwrap()
}

/// The form of an answer, as the page has it.
async fn answer(visit: &Visit<'_>, desk: &str, rest: &str) -> String {
    let page = visit.get(desk).await.body;
    format!("version={}&{rest}", between(&page, "name=\"version\" value=\"", "\""))
}

#[tokio::test]
async fn a_guardian_asks_with_a_picture_and_is_helped() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    assert!(guardian.get("/family").await.body.contains("href=\"/help\""), "in the frame of every page");
    assert!(app.get("/nowhere").await.body.contains("href=\"/help\""), "and of errors");
    let place = asked(&guardian, "The button does nothing.").await;
    let own = guardian.get(&place).await.body;
    // It is Monday, the 2nd of March 2026.
    assert!(own.contains("waiting for our answer") && own.contains("2026-03-04"), "{own}");
    let seen = format!("{place}/pictures/{}", between(&own, &format!("{place}/pictures/"), "\""));
    let shown = guardian.get(&seen).await;
    assert_eq!((shown.header("content-type"), shown.header("cache-control")), ("image/jpeg", "private, max-age=600"));

    let queue = manager.get("/desk").await.body;
    assert!(queue.contains("Recording and hearing") && !queue.contains("button does") && !queue.contains("王建华"));
    let desk = place.replace("/help/", "/desk/");
    let opened = manager.get(&desk).await.body;
    assert!(opened.contains("The button") && opened.contains("王建华") && opened.contains(&seen), "{opened}");
    assert_eq!(manager.get(&seen).await.status, StatusCode::OK);

    let kept = manager.post_form("/desk/answers", "title=Microphone&text=Please+allow+it+in+the+browser.").await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let canned = between(&manager.get(&desk).await.body, "<option value=\"", "\"").to_owned();
    let form = answer(&manager, &desk, &format!("go=insert&text=Good+morning!&canned={canned}")).await;
    let inserted = manager.post_form(&format!("{desk}/answers"), &form).await;
    assert_eq!(inserted.status, StatusCode::OK);
    assert!(inserted.body.contains("Good morning!\n\nPlease allow it in the browser."), "{}", inserted.body);
    assert!(guardian.get(&place).await.body.contains("waiting for our answer"), "nothing is sent by inserting");
    let form = answer(&manager, &desk, "go=send&text=Please+allow+it+in+the+browser.").await;
    assert_eq!(manager.post_form(&format!("{desk}/answers"), &form).await.status, StatusCode::SEE_OTHER);
    app.work().await;
    let inbox = guardian.get("/messages").await.body;
    let message = between(between(&inbox, "message-list", "</ul>"), "href=\"/messages/", "\"");
    assert!(inbox.contains("The help desk has answered you."), "{inbox}");
    assert_eq!(guardian.get(&format!("/messages/{message}")).await.header("location"), place);

    let more = guardian.post_picture(&format!("{place}/lines"), &[("text", "Not there.")], Some(b"")).await;
    assert_eq!((more.status, more.header("location")), (StatusCode::SEE_OTHER, place.as_str()));
    let handed = manager.post_form(&format!("{desk}/handing"), "to=officer&text=Asks+about+permissions.").await;
    assert_eq!((handed.status, handed.header("location")), (StatusCode::SEE_OTHER, "/desk"), "{}", handed.body);
    assert_eq!(manager.get(&desk).await.status, StatusCode::NOT_FOUND, "it has left this desk");
    assert_eq!(manager.get(&seen).await.status, StatusCode::NOT_FOUND);
    let opened = officer.get(&desk).await.body;
    assert!(opened.contains("Asks about permissions.") && opened.contains("Not there."), "{opened}");
    let form = answer(&officer, &desk, "go=send&text=Now+it+works.").await;
    assert_eq!(officer.post_form(&format!("{desk}/answers"), &form).await.status, StatusCode::SEE_OTHER);

    let own = guardian.get(&place).await.body;
    assert!(own.contains("Now it works.") && !own.contains("Asks about"), "notes are the desk's own: {own}");
    assert_eq!(guardian.post_form(&format!("{place}/rating"), "rating=good&text=").await.status, StatusCode::CONFLICT);
    guardian.post_form(&format!("{place}/closing"), "").await;
    assert!(guardian.get(&place).await.body.contains("It helped a little"), "asked once it is closed");
    let unsure = guardian.post_form(&format!("{place}/rating"), "rating=&text=Well.").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains("Please choose one of the three") && unsure.body.contains("Well."));
    for rating in ["rating=poor&text=", "rating=good&text=Quick."] {
        assert_eq!(guardian.post_form(&format!("{place}/rating"), rating).await.status, StatusCode::SEE_OTHER);
    }
    let closed = officer.get(&desk).await.body;
    assert!(closed.contains("It helped<") && closed.contains("Quick.") && !closed.contains("name=\"go\""));
    assert!(officer.get("/desk?show=closed").await.body.contains(&desk));
    let again = guardian.post_picture(&format!("{place}/lines"), &[("text", "Again!")], None).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert!(officer.get("/desk").await.body.contains(&desk), "open again");
}

#[tokio::test]
async fn nobody_elses_conversation_exists() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let place = asked(&guardian, "Mine alone.").await;
    let desk = place.replace("/help/", "/desk/");
    let own = guardian.get(&place).await.body;
    let seen = format!("{place}/pictures/{}", between(&own, &format!("{place}/pictures/"), "\""));
    let school = viewer(&app, Role::Guardian, 0).await.school;
    let campus = app.state.store.create_campus(school, "South").await.unwrap();
    let new = NewPerson {
        school,
        campus: Some(campus),
        role: Role::CampusManager,
        name: "Another Manager",
        identifiers: vec![Identifier::parse("south@school.example").unwrap()],
        password: None,
    };
    let person = app.state.store.create_person(new).await.unwrap().unwrap();
    let token = app.state.store.start_session(person).await.unwrap().unwrap();
    let south = Visit::with_cookie(&app, format!("session={}", token.to_text()));
    let others = [
        Visit::of(&app, Role::Guardian, 1).await,
        Visit::of(&app, Role::Learner, 0).await,
        Visit::of(&app, Role::Teacher, 0).await,
        Visit::of(&app, Role::PrivacyOfficer, 0).await,
        south,
    ];
    for other in &others {
        for path in [&place, &desk, &seen] {
            assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for (end, form) in [
            ("answers", "version=1&text=Yes"),
            ("notes", "text=Hm"),
            ("taking", ""),
            ("handing", "to=officer&text=Please"),
            ("closing", "version=1"),
        ] {
            let reply = other.post_form(&format!("{desk}/{end}"), form).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{end}");
        }
        for (end, form) in [("closing", ""), ("rating", "rating=good&text=")] {
            assert_eq!(other.post_form(&format!("{place}/{end}"), form).await.status, StatusCode::NOT_FOUND, "{end}");
        }
        let said = other.post_picture(&format!("{place}/lines"), &[("text", "Mine.")], None).await;
        assert_eq!(said.status, StatusCode::NOT_FOUND);
    }
    assert!(!others[4].get("/desk").await.body.contains(&desk), "another campus");
    let kept = rows(&app).await.into_iter().find(|(table, _)| table == "ticket_entry").unwrap();
    assert_eq!(kept.1, 1, "nobody has added anything");
}

#[tokio::test]
async fn what_cannot_be_taken_is_told_on_the_page_and_nothing_typed_is_lost() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let long = "长".repeat(2001);
    let (huge, bomb, whole) = (vec![7u8; 30_000_000], bomb(), picture());
    let cases: [(&str, &str, Option<&[u8]>, &str); 9] = [
        ("", "Help!", None, "Please choose what it is about"),
        ("nonsense", "Help!", None, "Please choose what it is about"),
        ("sound", " \r\n ", None, "Please write something"),
        ("sound", &long, None, "under 2,000 characters"),
        ("sound", "Help!", Some(&huge), "too large: 20 MB"),
        ("sound", "Help!", Some(&bomb), "too many pixels"),
        ("sound", "Help!", Some(b"<svg onload='x'>"), "not a picture we can read"),
        ("sound", "Help!", Some(&whole[..whole.len() / 2]), "This picture is damaged"),
        ("complaint", "Help!", Some(&whole), "come without pictures"),
    ];
    for (topic, text, file, message) in cases {
        let reply = guardian.post_picture("/help", &[("topic", topic), ("text", text)], file).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert!(reply.body.contains(message), "{message} is not in\n{}", reply.body);
        assert!(reply.body.contains(&format!(">{text}</textarea>")), "{message}: what was typed is still there");
        let chosen = format!("value=\"{topic}\" selected");
        assert_eq!(reply.body.contains(&chosen), !["", "nonsense"].contains(&topic), "{message}");
    }
    let urlencoded = guardian.post_form("/help", "topic=sound&text=Help").await;
    assert_eq!(urlencoded.status, StatusCode::BAD_REQUEST);
    for table in ["ticket", "rights_request"] {
        assert_eq!(rows(&app).await.into_iter().find(|(name, _)| name == table).unwrap().1, 0, "{table}");
    }
    let place = asked(&guardian, "Help!").await;
    let empty = guardian.post_picture(&format!("{place}/lines"), &[("text", "")], Some(&whole)).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("Please write something"));
}

#[tokio::test]
async fn a_complaint_that_begins_on_the_page_of_help_is_a_request_with_its_term() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    for kind in ["complaint", "dispute"] {
        let sent = guardian.post_picture("/help", &[("topic", kind), ("text", "Who sold it?")], Some(b"")).await;
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/requests?sent=1"));
    }
    let requests = guardian.get("/requests").await.body;
    assert_eq!(requests.matches("Working days left: 15").count(), 2);
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    assert!(officer.get("/officer").await.body.contains("wait for a decision: 2"));
    assert!(officer.get("/desk").await.body.contains("Nobody waits for an answer"), "it is not two things");
}

#[tokio::test]
async fn two_who_answer_at_once_are_told_and_what_waits_too_long_shows() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let desk = asked(&guardian, "Help!").await.replace("/help/", "/desk/");
    let form = answer(&manager, &desk, "go=send&text=One+answer.").await;
    assert_eq!(manager.post_form(&format!("{desk}/answers"), &form).await.status, StatusCode::SEE_OTHER);
    let second = manager.post_form(&format!("{desk}/answers"), &form.replace("One", "Another")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("One answer.") && second.body.contains(">Another answer.</textarea>"));
    assert!(second.body.contains("was not sent"));
    let empty = answer(&manager, &desk, "go=send&text=+").await;
    let empty = manager.post_form(&format!("{desk}/answers"), &empty).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!manager.get(&desk).await.body.contains("Another answer."), "nothing of it was sent");

    let late = asked(&guardian, "And this?").await.replace("/help/", "/desk/");
    app.clock.advance(DAY * 2);
    assert!(!manager.get("/desk").await.body.contains("Overdue"), "the second working day is not over");
    app.clock.advance(DAY);
    let queue = manager.get("/desk").await.body;
    assert!(queue.contains("Overdue: 1") && queue.contains("class=\"due weak\""), "{queue}");
    assert!(queue.contains(&late) && !queue.contains(&desk), "what waits for them is not among it");
    assert!(manager.get("/desk?show=answered").await.body.contains(&desk));
}

#[tokio::test]
async fn who_cannot_sign_in_finds_help_and_leaves_nothing() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let before = rows(&app).await;
    let page = app.get("/help").await;
    assert_eq!(page.status, StatusCode::OK);
    let operator = &app.state.config.operator;
    for said in ["I cannot sign in", "/sign-in/forgot", "/sign-in?next=/help", &operator.phone, &operator.mailbox] {
        assert!(page.body.contains(said), "{said}");
    }
    assert!(!page.body.contains("<textarea") && !page.headers.contains_key("set-cookie"));
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn clause_2_4_a_conversation_is_in_the_copy_and_gone_with_the_account() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let place = asked(&teacher, "What I asked.").await;
    let desk = place.replace("/help/", "/desk/");
    manager.post_form(&format!("{desk}/notes"), "text=What+was+noted.").await;
    let form = answer(&manager, &desk, "go=send&text=What+was+answered.").await;
    manager.post_form(&format!("{desk}/answers"), &form).await;
    app.work().await;
    let mine = teacher.get("/privacy/mine").await.body;
    assert!(mine.contains("Conversations with the help desk"), "{mine}");

    let copy = teacher.post_form("/privacy/mine/copies", "").await.header("location").to_owned();
    app.work().await;
    let mut archive = zip::ZipArchive::new(Cursor::new(fetched(&teacher, &format!("{copy}/file")).await)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(names.iter().any(|name| name.contains("/ticket_picture-")), "{names:?}");
    let data: serde_json::Value = serde_json::from_reader(archive.by_name("data.json").unwrap()).unwrap();
    let data = data.to_string();
    for said in ["What I asked.", "What was answered.", "What was noted."] {
        assert!(data.contains(said), "{said} is not in the copy");
    }

    let files = || files_below(&app.folder().join("files/ticket_picture"));
    assert_eq!(files(), 1);
    let gone = teacher.post_form("/privacy/mine/cancellation", "when=now&sure=yes").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    app.work().await;
    for (table, count) in rows(&app).await {
        assert!(count == 0 || !table.starts_with("ticket"), "{count} rows of {table} are left");
    }
    assert_eq!(files(), 0, "the picture is gone");
    assert_eq!(manager.get(&desk).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn clause_2_4_a_conversation_expires_a_year_after_its_last_word() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let place = asked(&guardian, "Long ago.").await;
    app.clock.advance(DAY * 300);
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    guardian.post_picture(&format!("{place}/lines"), &[("text", "Still.")], None).await;
    app.clock.advance(DAY * 300);
    app.state.store.sweep(jiayin_store::retention::Origin::Operator, None).await.unwrap();
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let page = guardian.get(&place).await.body;
    assert!(page.contains("Long ago.") && page.contains("The picture has expired."), "{page}");
    app.clock.advance(DAY * 65);
    app.state.store.sweep(jiayin_store::retention::Origin::Operator, None).await.unwrap();
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    assert_eq!(guardian.get(&place).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn work_that_failed_for_good_is_seen_without_whom_it_was_for_and_tried_again() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    assert!(manager.get("/failures").await.body.contains("Nothing has failed for good"));
    for text in ["First.", "Second."] {
        let desk = asked(&guardian, text).await.replace("/help/", "/desk/");
        let form = answer(&manager, &desk, "go=send&text=An+answer.").await;
        manager.post_form(&format!("{desk}/answers"), &form).await;
    }
    let store = &app.state.store;
    while store.job_counts().await.unwrap().1 < 2 {
        match store.take_job().await.unwrap() {
            Some(leased) => drop(store.fail_job(&leased, "the line is down").await.unwrap()),
            None => app.clock.advance(Duration::from_secs(1)),
        }
    }
    let page = manager.get("/failures").await.body;
    assert_eq!(page.matches("Telling of an answer of the help desk").count(), 2, "{page}");
    assert!(
        page.contains("the line is down") && !page.contains("王建华") && !page.contains(&guardian.person.to_string())
    );
    let retry = between(&page, "action=\"/failures/", "/retrying").to_owned();
    assert_eq!(guardian.get("/failures").await.status, StatusCode::NOT_FOUND);
    let sent = manager.post_form(&format!("/failures/{retry}/retrying"), "").await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/failures"));
    app.work().await;
    assert!(guardian.get("/messages").await.body.contains("The help desk has answered you."));
    let rest = manager.get("/failures").await.body;
    let left = between(&rest, "action=\"/failures/", "/retrying").to_owned();
    assert_eq!(manager.post_form(&format!("/failures/{left}/removal"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(manager.post_form(&format!("/failures/{left}/removal"), "").await.status, StatusCode::NOT_FOUND);
    assert!(manager.get("/failures").await.body.contains("Nothing has failed for good"));
}

/// How many files lie below a folder.
fn files_below(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
