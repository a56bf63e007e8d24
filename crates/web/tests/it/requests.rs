//! Requests that a person must decide: made, followed, taken in hand, answered in time or refused with reasons.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin::config::{Config, Terms};
use jiayin_domain::id::SchoolId;
use jiayin_domain::role::Role;
use jiayin_privacy::Identifier;
use jiayin_store::accounts::NewPerson;
use jiff::civil::date;

use crate::common::school::{Visit, rows};
use crate::common::{CHINESE, Reply, ScriptedEar, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A privacy officer beside the demo's own.
async fn officer_of<'a>(app: &'a TestApp, school: SchoolId, mailbox: &str) -> Visit<'a> {
    let new = NewPerson {
        school,
        campus: None,
        role: Role::PrivacyOfficer,
        name: "Another Officer",
        identifiers: vec![Identifier::parse(mailbox).unwrap()],
        password: None,
    };
    let person = app.state.store.create_person(new).await.unwrap().unwrap();
    let token = app.state.store.start_session(person).await.unwrap().unwrap();
    Visit::with_cookie(app, format!("session={}", token.to_text()))
}

/// The first address in a page that begins like this.
fn link(page: &str, begins: &str) -> String {
    let at = page.find(&format!("\"{begins}")).unwrap_or_else(|| panic!("no {begins} in {page}"));
    page[at + 1..].split('"').next().unwrap().to_owned()
}

async fn in_chinese(visit: &Visit<'_>, method: Method, path: &str, body: &str) -> Reply {
    let mut request = visit.request(method, path).header("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().unwrap().insert("accept-language", CHINESE.parse().unwrap());
    visit.app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// A guardian's complaint, and its address.
async fn complaint(guardian: &Visit<'_>, text: &str) -> String {
    let sent = guardian.post_form("/requests", &format!("kind=complaint&about=&text={text}")).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/requests?sent=1"), "{}", sent.body);
    link(&guardian.get("/requests?sent=1").await.body, "/requests/")
}

#[tokio::test]
async fn clause_6_5_a_complaint_has_a_clock_an_owner_and_an_outcome() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    for page in ["/privacy/mine", "/policy/contact", "/policy"] {
        assert!(guardian.get(page).await.body.contains("href=\"/requests\""), "{page} leads there");
    }
    assert!(guardian.get("/requests").await.body.contains("You have made no requests so far"));
    let place = complaint(&guardian, "My+number+was+sold+to+%3Cthem%3E.").await;
    // It is Monday, the 2nd of March 2026.
    let page = guardian.get(&place).await.body;
    for said in ["2026-03-23", "Working days left: 15", "Nobody’s yet", "My number was sold to"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("<them>"), "what people write is no HTML");

    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    assert!(officer.get("/officer").await.body.contains("wait for a decision: 1"));
    let queue = officer.get("/officer/requests").await.body;
    assert!(queue.contains("2026-03-23") && queue.contains("Working days left: 15"));
    assert!(!queue.contains("My number") && !queue.contains("王建华"), "the queue opens nothing of anybody");
    let desk = link(&queue, "/officer/requests/");
    let opened = officer.get(&desk).await.body;
    assert!(opened.contains("My number was sold") && opened.contains("王建华") && !opened.contains("name=\"verdict\""));
    assert_eq!(officer.post_form(&format!("{desk}/taking"), "").await.header("location"), desk);
    assert!(guardian.get(&place).await.body.contains("Officer for personal data"), "it has an owner");

    // A week later: ten working days are left.
    app.clock.advance(DAY * 7);
    assert!(guardian.get("/requests").await.body.contains("Working days left: 10"));
    let done = format!("{desk}/decision");
    let answered = officer.post_form(&done, "verdict=granted&text=The+sender+is+blocked.").await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);
    assert!(guardian.get("/privacy/mine").await.body.contains("Requests of yours with news: 1"));
    assert!(guardian.get("/requests").await.body.contains(">new<"));
    let page = guardian.get(&place).await.body;
    assert!(page.contains("The sender is blocked.") && page.contains("answered") && !page.contains("/withdrawal"));
    assert!(!guardian.get("/privacy/mine").await.body.contains("with news"), "seen");
    for (deed, by) in [("received", "you"), ("taken in hand", "a privacy officer"), ("answered", "a privacy officer")] {
        assert!(page.contains(&format!("<b>{deed}</b> · by {by}")), "{deed}: {page}");
    }
    let again = officer.post_form(&done, "verdict=refused&text=No.").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "what is decided stays so");
}

#[tokio::test]
async fn clause_6_5_nobody_decides_a_request_of_their_own() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let place = complaint(&officer, "My+own+affair.").await;
    let queue = officer.get("/officer/requests").await.body;
    assert!(queue.contains("another officer decides") && !queue.contains("/officer/requests/"), "{queue}");
    let desk = format!("/officer{place}");
    assert_eq!(officer.get(&desk).await.status, StatusCode::NOT_FOUND);
    for (step, form) in [("taking", ""), ("decision", "verdict=granted&text=Yes."), ("extension", "reasons=Later.")] {
        assert_eq!(officer.post_form(&format!("{desk}/{step}"), form).await.status, StatusCode::NOT_FOUND, "{step}");
    }
    let other = officer_of(&app, app.state.demo.unwrap(), "second@demo.example").await;
    assert_eq!(other.post_form(&format!("{desk}/taking"), "").await.status, StatusCode::SEE_OTHER);
    let done = other.post_form(&format!("{desk}/decision"), "verdict=granted&text=Done.").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(officer.get(&place).await.body.contains("Done."));
}

#[tokio::test]
async fn clause_6_5_the_queue_says_when_holidays_are_not_known() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let queue = async || Visit::of(&app, Role::PrivacyOfficer, 0).await.get("/officer/requests").await.body;
    assert!(!queue().await.contains("public holidays"));
    app.clock.advance(DAY * 266);
    assert!(queue().await.contains("The public holidays of 2027 are not known yet"));
}

#[tokio::test]
async fn clause_6_5_a_refusal_without_reasons_is_none() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let place = complaint(&guardian, "Give+me+all+recordings+of+the+class.").await;
    let desk = format!("/officer{place}");
    let decision = format!("{desk}/decision");
    let early = officer.post_form(&decision, "verdict=refused&text=No+because.").await;
    assert_eq!(early.status, StatusCode::CONFLICT, "who decides has taken it in hand");
    officer.post_form(&format!("{desk}/taking"), "").await;
    let empty = officer.post_form(&decision, "verdict=refused&text=+%0D%0A+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("A refusal needs reasons"), "{}", empty.body);
    let chinese = in_chinese(&officer, Method::POST, &decision, "verdict=refused&text=").await;
    assert_eq!(chinese.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(chinese.body.contains("拒绝必须说明理由"), "{}", chinese.body);
    let long = format!("verdict=refused&text={}", "a".repeat(2001));
    let long = officer.post_form(&decision, &long).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.body.contains(&"a".repeat(2001)), "what was typed is not lost");
    assert_eq!(officer.post_form(&decision, "verdict=maybe&text=Well").await.status, StatusCode::BAD_REQUEST);
    assert!(guardian.get(&place).await.body.contains("in hand"), "nothing was decided");

    let refused = officer.post_form(&decision, "verdict=refused&text=Other+children%27s+voices+are+theirs.").await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    let page = guardian.get(&place).await.body;
    for said in ["Refused, because:", "voices are theirs.", "PIPL 50, 65"] {
        assert!(page.contains(said), "{said}");
    }
    let chinese = in_chinese(&guardian, Method::GET, &place, "").await.body;
    assert!(chinese.contains("不予同意，理由：") && chinese.contains("网信部门"));
}

#[tokio::test]
async fn clause_6_5_the_clock_stands_still_on_holidays_and_shows_what_is_overdue() {
    let privacy = Terms { holidays: vec![date(2026, 3, 5)], extra_working_days: vec![date(2026, 3, 14)] };
    let app = TestApp::demo_with(Config { privacy, ..Config::default() }, ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let place = complaint(&guardian, "One+holiday%2C+one+Saturday+worked.").await;
    assert!(guardian.get(&place).await.body.contains("2026-03-23"));
    app.clock.advance(DAY * 18);
    // Friday the 20th: a new session, the old one was not used for two weeks.
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    assert!(officer.get("/officer/requests").await.body.contains("Working days left: 1"));
    app.clock.advance(DAY * 3);
    assert!(officer.get("/officer/requests").await.body.contains("Due today"));
    assert!(!officer.get("/officer").await.body.contains("Overdue"));
    // 16:00 at the school: eight hours and the day is over.
    app.clock.advance(Duration::from_secs(8 * 3600));
    assert!(officer.get("/officer/requests").await.body.contains("Overdue"));
    assert!(officer.get("/officer").await.body.contains("Overdue: 1"));
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    assert!(guardian.get("/requests").await.body.contains("Overdue"));
    let desk = format!("/officer{place}");
    officer.post_form(&format!("{desk}/taking"), "").await;
    assert!(!officer.get(&desk).await.body.contains("/extension"), "what is late is not made longer");
    assert_eq!(officer.post_form(&format!("{desk}/extension"), "text=Sorry.").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn clause_6_4_a_term_is_made_longer_once_and_the_asker_reads_why() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let place = complaint(&guardian, "Who+opened+my+data%3F").await;
    let desk = format!("/officer{place}");
    let extension = format!("{desk}/extension");
    assert_eq!(officer.post_form(&extension, "text=Why").await.status, StatusCode::CONFLICT, "not in hand");
    officer.post_form(&format!("{desk}/taking"), "").await;
    let empty = officer.post_form(&extension, "text=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("A longer term needs a reason"), "{}", empty.body);
    // 6 April is the day after the Qingming festival, and off.
    assert!(officer.get(&desk).await.body.contains("due by 2026-04-14"));
    let longer = officer.post_form(&extension, "text=The+logs+of+a+year+are+searched.").await;
    assert_eq!(longer.status, StatusCode::SEE_OTHER);
    assert!(guardian.get("/privacy/mine").await.body.contains("with news: 1"));
    let page = guardian.get(&place).await.body;
    assert!(page.contains("The logs of a year are searched.") && page.contains("2026-04-14"), "{page}");
    assert_eq!(officer.post_form(&extension, "text=And+more.").await.status, StatusCode::CONFLICT, "once");
    assert!(!officer.get(&desk).await.body.contains("/extension"));
}

#[tokio::test]
async fn clause_6_5_nobody_elses_request_exists() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let place = complaint(&guardian, "Mine+alone.").await;
    for (role, number) in [(Role::Guardian, 1), (Role::Learner, 0), (Role::Teacher, 0), (Role::PrivacyOfficer, 0)] {
        let other = Visit::of(&app, role, number).await;
        assert_eq!(other.get(&place).await.status, StatusCode::NOT_FOUND, "{role:?}");
        let taken_back = other.post_form(&format!("{place}/withdrawal"), "").await;
        assert_eq!(taken_back.status, StatusCode::NOT_FOUND, "{role:?}");
        assert!(!other.get("/requests").await.body.contains(&place));
    }
    let elsewhere = app.state.store.create_school("Elsewhere").await.unwrap();
    let strange = officer_of(&app, elsewhere, "o@other.example").await;
    let desk = format!("/officer{place}");
    assert_eq!(strange.get("/officer/requests").await.status, StatusCode::OK);
    assert_eq!(strange.get(&desk).await.status, StatusCode::NOT_FOUND);
    for (end, form) in [("taking", ""), ("decision", "verdict=granted&text=Yes"), ("extension", "text=Why")] {
        let reply = strange.post_form(&format!("{desk}/{end}"), form).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{end}");
    }
    assert!(guardian.get(&place).await.body.contains("Nobody’s yet"));
}

#[tokio::test]
async fn clause_6_5_a_guardian_asks_for_a_child_of_theirs_and_for_no_other() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let classmate = Visit::of(&app, Role::Learner, 1).await;
    let data = guardian.get(&format!("/family/{}/data", child.person)).await.body;
    let form = link(&data, "/requests?about=");
    let page = guardian.get(&form).await.body;
    assert!(page.contains(&format!("<option value=\"{}\" selected>王小明", child.person)), "{page}");
    assert!(!page.contains(&classmate.person.to_string()));
    let kept =
        async || rows(&app).await.into_iter().filter(|(table, _)| table.starts_with("rights_")).collect::<Vec<_>>();
    let before = kept().await;
    let about = |person| format!("kind=dispute&about={person}&text=The+score+is+wrong.");
    assert_eq!(guardian.post_form("/requests", &about(classmate.person)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(child.post_form("/requests", &about(guardian.person)).await.status, StatusCode::NOT_FOUND);
    for wrong in ["kind=&about=&text=What%3F", "kind=joke&about=&text=What%3F", "kind=other&about=&text=+"] {
        assert_eq!(guardian.post_form("/requests", wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(kept().await, before, "what is refused leaves nothing");

    assert_eq!(guardian.post_form("/requests", &about(child.person)).await.status, StatusCode::SEE_OTHER);
    let place = link(&guardian.get("/requests").await.body, "/requests/");
    assert!(guardian.get(&place).await.body.contains("王小明"));
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let desk = officer.get(&format!("/officer{place}")).await.body;
    assert!(desk.contains("王小明") && desk.contains("王建华"));
    let other_guardian = Visit::of(&app, Role::Guardian, 4).await;
    assert_eq!(other_guardian.get(&place).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn requests_are_taken_back_and_ten_may_wait_at_a_time() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let mut place = String::new();
    for _ in 0..10 {
        place = complaint(&teacher, "And%3F").await;
    }
    let full = teacher.post_form("/requests", "kind=other&about=&text=One+more.").await;
    assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(full.body.contains("Ten requests of yours wait") && full.body.contains("One more."));
    assert_eq!(teacher.post_form(&format!("{place}/withdrawal"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(teacher.post_form(&format!("{place}/withdrawal"), "").await.status, StatusCode::CONFLICT);
    assert!(teacher.get(&place).await.body.contains("taken back"));
    complaint(&teacher, "Room+again.").await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let second = officer_of(&app, app.state.demo.unwrap(), "second@demo.example").await;
    let desk = link(&officer.get("/officer/requests").await.body, "/officer/requests/");
    officer.post_form(&format!("{desk}/taking"), "").await;
    assert!(second.get(&desk).await.body.contains("Another officer’s"));
    assert_eq!(second.post_form(&format!("{desk}/taking"), "").await.status, StatusCode::SEE_OTHER);
    let late = officer.post_form(&format!("{desk}/decision"), "verdict=granted&text=Yes").await;
    assert_eq!(late.status, StatusCode::CONFLICT, "it is the second's now");
}
