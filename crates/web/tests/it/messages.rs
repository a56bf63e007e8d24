//! Messages: what happens is told to whom it concerns, as each has chosen; announcements, mail, calendars.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use jiayin::config::Config;
use jiayin_domain::role::Role;
use mail_parser::MessageParser;

use crate::common::providers::{Inbox, TakenMail, mail_server};
use crate::common::school::{Visit, rows};
use crate::common::{Reply, ScriptedEar, TestApp};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

async fn school(refusing: bool) -> (TestApp, Inbox<TakenMail>) {
    let server = mail_server(refusing).await;
    let config = Config {
        scoring_threads: 1,
        smtp_url: server.url.clone(),
        mail_from: "no-reply@school.test".to_owned(),
        ..Config::default()
    };
    let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
    app.work().await;
    (app, server)
}

/// What stands in a page between the first `before` and the next `after`.
pub(crate) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let at = page.find(before).unwrap_or_else(|| panic!("no {before} in {page}")) + before.len();
    page[at..].split(after).next().unwrap()
}

fn audience_of(page: &str, name: &str) -> String {
    let end = page.find(&format!(">{name}</option>")).unwrap_or_else(|| panic!("no {name} in {page}"));
    let start = page[..end].rfind("value=\"").unwrap() + "value=\"".len();
    page[start..end].split('"').next().unwrap().to_owned()
}

/// The teacher gives the first class its homework anew, due in two days.
pub(crate) async fn assign(teacher: &Visit<'_>) {
    let list = teacher.get("/classes").await.body;
    let class = between(&list, "href=\"/classes/", "\"").to_owned();
    let form = teacher.get(&format!("/classes/{class}/assign")).await.body;
    let lesson = between(&form, "name=\"lesson\" value=\"", "\"").to_owned();
    let due = between(&form, "name=\"due\" value=\"", "\"").to_owned();
    let sent = teacher.post_form(&format!("/classes/{class}/assign"), &format!("lesson={lesson}&due={due}")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
}

pub(crate) async fn choose(visit: &Visit<'_>, wanted: &[&str], quiet: (&str, &str)) -> Reply {
    let mut fields = vec![format!("quiet_from={}&quiet_until={}", quiet.0, quiet.1)];
    fields.extend(wanted.iter().map(|name| format!("{name}=1")));
    visit.post_form("/messages/settings", &fields.join("&")).await
}

async fn announce(visit: &Visit<'_>, class: &str, audience: &str, title: &str, body: &str) -> Reply {
    let fields = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("audience", audience)
        .append_pair("class", class)
        .append_pair("title", title)
        .append_pair("body", body)
        .finish();
    visit.post_form("/announcements", &fields).await
}

async fn consents(visit: &Visit<'_>, purpose: &str, on: bool) {
    let page = visit.get("/consent").await.body;
    let form = page.split("<form").find(|form| form.contains(&format!("value=\"{purpose}\""))).unwrap();
    let subject = between(form, "name=\"subject\" value=\"", "\"");
    let policy = between(form, "name=\"policy\" value=\"", "\"");
    let body = format!("subject={subject}&purpose={purpose}&policy={policy}&on={on}");
    assert_eq!(visit.post_form("/consent", &body).await.status, StatusCode::SEE_OTHER);
}

fn unread(page: &Reply) -> usize {
    page.body.matches("class=\"unread\"").count()
}

#[tokio::test]
async fn what_happens_is_told_to_learner_and_guardian_and_to_nobody_else() {
    let (app, _) = school(false).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let other = Visit::of(&app, Role::Guardian, 4).await;
    for visit in [&learner, &guardian, &other] {
        visit.post_form("/messages/reading", "").await;
    }
    let before = unread(&other.get("/messages").await);
    assign(&teacher).await;
    app.work().await;
    let own = learner.get("/messages").await;
    assert_eq!(unread(&own), 1, "{}", own.body);
    assert!(own.body.contains("New homework: "), "{}", own.body);
    assert!(learner.get("/home").await.body.contains("<b>1<span"), "the frame says that there is something new");
    let page = guardian.get("/messages").await;
    assert_eq!(unread(&page), 1, "{}", page.body);
    assert!(page.body.contains("王小明"), "the guardian reads of which child: {}", page.body);
    assert_eq!(unread(&other.get("/messages").await), before, "the other class's families hear nothing of it");
    // Opened, it is read, and leads on.
    let message = between(&page.body, "class=\"unread\">\n    <a href=\"", "\"").to_owned();
    let opened = guardian.get(&message).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    assert!(opened.header("location").starts_with("/family/"), "{}", opened.header("location"));
    assert_eq!(unread(&guardian.get("/messages").await), 0);
    // Somebody else's message does not exist.
    assert_eq!(other.get(&message).await.status, StatusCode::NOT_FOUND);
    assert_eq!(learner.get(&message).await.status, StatusCode::NOT_FOUND);
    // Not done, it is called to mind before it is due.
    for _ in 0..12 {
        app.clock.advance(HOUR * 4);
        app.work().await;
    }
    let later = guardian.get("/messages").await;
    assert!(later.body.contains("Due soon and not done yet: "), "{}", later.body);
}

#[tokio::test]
async fn clause_10_1_nothing_is_sent_that_nobody_has_asked_for() {
    let (app, mut server) = school(false).await;
    let (teacher, guardian) = (Visit::of(&app, Role::Teacher, 0).await, Visit::of(&app, Role::Guardian, 0).await);
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    assign(&teacher).await;
    app.work().await;
    app.clock.advance(HOUR * 24);
    app.work().await;
    assert!(server.is_empty(), "no mail without a wish");
    // With the wish, one mail in the evening for what has come together.
    assert_eq!(
        choose(&guardian, &["learning.inbox", "learning.mail"], ("21:00", "08:00")).await.status,
        StatusCode::SEE_OTHER
    );
    assign(&teacher).await;
    assign(&teacher).await;
    app.work().await;
    assert!(server.is_empty(), "it waits for the evening");
    app.clock.advance(HOUR * 24);
    app.work().await;
    let taken = server.next().await;
    let mail = MessageParser::default().parse(&taken.raw).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    assert!(text.contains("项新作业") && text.contains("/messages"), "{text}");
    assert!(!text.contains("王小明") && !text.contains("王建华"), "a mail names nobody: {text}");
    assert!(mail.header_raw("List-Unsubscribe").is_some_and(|link| link.contains("/unsubscribe/")), "{text}");
    assert_eq!(mail.header_raw("List-Unsubscribe-Post").map(str::trim), Some("List-Unsubscribe=One-Click"));
    assert!(server.is_empty(), "one mail, not one for each");
    // News of the school needs a consent, whatever the switch says.
    let campus = audience_of(&manager.get("/announcements").await.body, "花园路校区");
    consents(&guardian, "news", false).await;
    assert_eq!(announce(&manager, "news", &campus, "Open day", "Come and see us.").await.status, StatusCode::SEE_OTHER);
    app.work().await;
    assert!(!guardian.get("/messages").await.body.contains("Open day"), "no consent, no news");
    consents(&guardian, "news", true).await;
    announce(&manager, "news", &campus, "Spring fair", "Come and see us.").await;
    app.work().await;
    assert!(guardian.get("/messages").await.body.contains("Spring fair"));
    let child = Visit::of(&app, Role::Learner, 0).await;
    assert!(!child.get("/messages").await.body.contains("Spring fair"), "children are sent no news");
}

#[tokio::test]
async fn clause_10_2_each_class_can_be_stopped_on_each_channel_and_by_the_mail_itself() {
    let (app, mut server) = school(false).await;
    let (teacher, guardian) = (Visit::of(&app, Role::Teacher, 0).await, Visit::of(&app, Role::Guardian, 0).await);
    choose(&guardian, &["learning.inbox", "learning.mail"], ("00:00", "00:00")).await;
    assign(&teacher).await;
    app.work().await;
    app.clock.advance(HOUR * 24);
    app.work().await;
    let taken = server.next().await;
    let mail = MessageParser::default().parse(&taken.raw).unwrap();
    let link = mail.header_raw("List-Unsubscribe").unwrap().to_owned();
    let path = format!("/unsubscribe/{}", between(&link.replace(['\r', '\n', ' '], ""), "/unsubscribe/", ">"));
    // Looking at the link stops nothing; a mail program's own post does, without any session.
    assert_eq!(app.get(&path).await.status, StatusCode::OK);
    assert!(guardian.get("/messages/settings").await.body.contains("name=\"learning.mail\" value=\"1\" checked"));
    let one_click = Request::post(&path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("List-Unsubscribe=One-Click"))
        .unwrap();
    assert_eq!(app.send(one_click).await.status, StatusCode::OK);
    let settings = guardian.get("/messages/settings").await.body;
    assert!(settings.contains("name=\"learning.mail\" value=\"1\">"), "{settings}");
    assert!(
        settings.contains("name=\"learning.inbox\" value=\"1\" checked"),
        "the page of messages goes on: {settings}"
    );
    assign(&teacher).await;
    app.work().await;
    app.clock.advance(HOUR * 24);
    app.work().await;
    assert!(server.is_empty(), "no more mail");
    // And the page of messages, too.
    let had = guardian.get("/messages").await.body.matches("<li").count();
    choose(&guardian, &[], ("00:00", "00:00")).await;
    assign(&teacher).await;
    app.work().await;
    assert_eq!(guardian.get("/messages").await.body.matches("<li").count(), had);
    for wrong in ["/unsubscribe/00", "/unsubscribe/zz", &format!("{path}00")] {
        assert_eq!(app.get(wrong).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn clause_10_3_service_messages_reach_everyone_in_spite_of_every_switch() {
    let (app, mut server) = school(false).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let people = [
        Visit::of(&app, Role::Guardian, 0).await,
        Visit::of(&app, Role::Guardian, 4).await,
        Visit::of(&app, Role::Learner, 7).await,
        Visit::of(&app, Role::Teacher, 0).await,
    ];
    for person in &people {
        choose(person, &[], ("00:00", "23:59")).await;
    }
    consents(&people[0], "marketing", false).await;
    consents(&people[0], "news", false).await;
    let campus = audience_of(&manager.get("/announcements").await.body, "花园路校区");
    let sent =
        announce(&manager, "service", &campus, "Maintenance", "On Saturday from 2:00 to 4:00 nothing works.").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    app.work().await;
    for person in &people {
        let page = person.get("/messages").await.body;
        assert!(page.contains("Maintenance"), "{page}");
    }
    let mut reached = Vec::new();
    while !server.is_empty() {
        let taken = server.next().await;
        let mail = MessageParser::default().parse(&taken.raw).unwrap();
        assert_eq!(mail.subject(), Some("Maintenance"));
        assert!(mail.header_raw("List-Unsubscribe").is_none(), "there is nothing to unsubscribe from");
        reached.push(taken.to);
    }
    // Nine guardians, twelve learners with a mailbox in the demo, one teacher.
    assert_eq!(reached.len(), 22, "{reached:?}");
    // Who has said it sees how far it has come.
    people[0].get(between(&people[0].get("/messages").await.body, "class=\"unread\">\n    <a href=\"", "\"")).await;
    assert!(manager.get("/announcements").await.body.contains("reached 22, read by 1"));
}

#[tokio::test]
async fn clause_10_4_a_service_message_cannot_be_switched_off_and_cannot_advertise() {
    let (app, _) = school(false).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let campus = audience_of(&manager.get("/announcements").await.body, "花园路校区");
    let before = rows(&app).await;
    for (title, body) in [
        ("Maintenance", "And a DISCOUNT of 20 % for summer."),
        ("Free trial lesson", "On Saturday."),
        ("系统维护", "维护期间续班立减200元"),
        ("暑 期 优 惠", "详情见前台"),
    ] {
        let refused = announce(&manager, "service", &campus, title, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{title}");
        assert!(refused.body.contains("must not advertise") && refused.body.contains(title), "{}", refused.body);
    }
    assert_eq!(rows(&app).await, before, "nothing of it was kept or sent");
    // The switch is not there, and a form that claims it was changes nothing.
    let settings = guardian.get("/messages/settings").await.body;
    assert!(settings.contains("name=\"service.inbox\" value=\"1\" checked disabled"), "{settings}");
    choose(&guardian, &[], ("00:00", "00:00")).await;
    assert!(
        guardian.get("/messages/settings").await.body.contains("name=\"service.mail\" value=\"1\" checked disabled")
    );
    // A teacher speaks of lessons, whatever the form says.
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let class = audience_of(&teacher.get("/announcements").await.body, "三年级 1 班");
    announce(&teacher, "service", &class, "No lesson on Friday", "The next one is on Monday.").await;
    app.work().await;
    let page = Visit::of(&app, Role::Guardian, 1).await.get("/messages").await.body;
    assert!(between(&page, "No lesson on Friday", "</li>").contains("Lessons"), "{page}");
}

#[tokio::test]
async fn a_mailbox_that_refuses_is_left_alone_until_its_owner_says_so() {
    let (app, _) = school(true).await;
    let (teacher, guardian) = (Visit::of(&app, Role::Teacher, 0).await, Visit::of(&app, Role::Guardian, 0).await);
    choose(&guardian, &["learning.inbox", "learning.mail"], ("00:00", "00:00")).await;
    assign(&teacher).await;
    app.work().await;
    app.clock.advance(HOUR * 24);
    app.work().await;
    let settings = guardian.get("/messages/settings").await.body;
    assert!(settings.contains("Your mailbox refuses our mail"), "{settings}");
    choose(&guardian, &["learning.inbox", "learning.mail"], ("00:00", "00:00")).await;
    assert!(!guardian.get("/messages/settings").await.body.contains("Your mailbox refuses our mail"));
}

#[tokio::test]
async fn a_calendar_shows_when_homework_is_due_until_its_link_is_taken_away() {
    let (app, _) = school(false).await;
    let (teacher, guardian) = (Visit::of(&app, Role::Teacher, 0).await, Visit::of(&app, Role::Guardian, 0).await);
    assign(&teacher).await;
    let page = guardian.post_form("/messages/calendar", "").await.body;
    let link = format!("/calendar/{}", between(&page, "/calendar/", "\""));
    let calendar = app.get(&link).await;
    assert_eq!((calendar.status, calendar.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
    assert!(calendar.body.starts_with("BEGIN:VCALENDAR\r\n") && calendar.body.contains("BEGIN:VEVENT"));
    assert!(!calendar.body.contains("王"), "nobody is named: {}", calendar.body);
    assert!(!guardian.get("/messages/settings").await.body.contains(&link), "it is shown once");
    let page = guardian.post_form("/messages/calendar", "").await.body;
    let renewed = format!("/calendar/{}", between(&page, "/calendar/", "\""));
    assert_eq!(app.get(&link).await.status, StatusCode::NOT_FOUND, "the old one has ended");
    assert_eq!(app.get(&renewed).await.status, StatusCode::OK);
    guardian.post_form("/messages/calendar/removal", "").await;
    assert_eq!(app.get(&renewed).await.status, StatusCode::NOT_FOUND);
    for wrong in ["/calendar/x.ics", "/calendar/00", &format!("/calendar/{}.ics", "00".repeat(32))] {
        assert_eq!(app.get(wrong).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_cannot_be_said_says_why_and_goes_nowhere() {
    let (app, _) = school(false).await;
    let (manager, teacher) = (Visit::of(&app, Role::CampusManager, 0).await, Visit::of(&app, Role::Teacher, 0).await);
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let campus = audience_of(&manager.get("/announcements").await.body, "花园路校区");
    let long = "x".repeat(81);
    for (class, audience, title, body) in [
        ("news", campus.as_str(), "", "text"),
        ("news", &campus, &long, "text"),
        ("news", &campus, "title", "  "),
        ("news", "nobody", "title", "text"),
        ("marketing", &campus, "title", "text"),
    ] {
        assert_eq!(announce(&manager, class, audience, title, body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(announce(&teacher, "learning", &campus, "title", "text").await.status, StatusCode::NOT_FOUND);
    assert_eq!(announce(&guardian, "learning", &campus, "title", "text").await.status, StatusCode::NOT_FOUND);
    let strange = choose(&guardian, &[], ("25:00", "08:00")).await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(strange.body.contains("hours and minutes"), "{}", strange.body);
    // What was said can be taken back, by who said it.
    announce(&manager, "learning", &campus, "Sports day", "On Friday.").await;
    app.work().await;
    assert!(guardian.get("/messages").await.body.contains("Sports day"));
    let page = manager.get("/announcements").await.body;
    let withdrawal = between(&page, "action=\"/announcements/", "\"").to_owned();
    let path = format!("/announcements/{withdrawal}");
    assert_eq!(teacher.post_form(&path, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(manager.post_form(&path, "").await.status, StatusCode::SEE_OTHER);
    assert!(!guardian.get("/messages").await.body.contains("Sports day"));
    let post = manager.request(Method::POST, "/announcements").header("content-type", "text/plain");
    let reply = app.send(post.body(Body::from("hello")).unwrap()).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}
