//! A family joins: invitation, policy, consents, code, names; what is kept at each step, and what a guardian can change.

use axum::http::StatusCode;
use jiayin::join::form::KEPT;
use jiayin_domain::id::ClassId;
use jiayin_domain::role::Role;
use jiayin_privacy::{Identifier, map};
use jiayin_store::accounts::NewPerson;

use crate::common::school::{Visit, rows, stranger_posts};
use crate::common::{Reply, ScriptedEar, TestApp};

/// The address of a teacher's first class.
async fn class(teacher: &Visit<'_>) -> String {
    let classes = teacher.get("/classes").await.body;
    let at = classes.find("/classes/").unwrap();
    classes[at..at + "/classes/".len() + 36].to_owned()
}

/// The address of a fresh ticket into the first class.
async fn ticket(app: &TestApp) -> String {
    let teacher = Visit::of(app, Role::Teacher, 0).await;
    let class = class(&teacher).await;
    let page = teacher.post_form(&format!("{class}/invitations"), "number=1").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let at = page.body.find("/join/").unwrap();
    page.body[at..at + "/join/".len() + 64].to_owned()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) =
        page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The code that the demo shows on its page.
fn code(page: &str) -> String {
    let (_, rest) = page.split_once("so the code is shown here: ").unwrap_or_else(|| panic!("no code: {page}"));
    rest[..6].to_owned()
}

const AGREED: &str = "agree=on&child-teaching=on";
const DETAILS: &str = "name=Sun+Li&password=a+long+enough+password&child-name=Sun+Bo&born=2018-03&guardian=on";

/// All steps up to the last; its form, ready to send.
async fn up_to_the_last_step(app: &TestApp, ticket: &str, identifier: &str) -> String {
    let policy = hidden(&app.get(ticket).await.body, "policy");
    let chosen = format!("policy={policy}&{AGREED}");
    let contact = stranger_posts(app, &format!("{ticket}/consents"), &chosen).await;
    assert_eq!(contact.status, StatusCode::OK, "{}", contact.body);
    let details = stranger_posts(app, &format!("{ticket}/contact"), &format!("{chosen}&identifier={identifier}")).await;
    assert_eq!(details.status, StatusCode::OK, "{}", details.body);
    format!("{chosen}&token={}&code={}&{DETAILS}", hidden(&details.body, "token"), code(&details.body))
}

/// The guardian who has just joined.
fn signed_in<'a>(app: &'a TestApp, reply: &Reply) -> Visit<'a> {
    let cookies = reply.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    let pairs: Vec<String> = cookies.map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect();
    Visit::with_cookie(app, pairs.join("; "))
}

#[tokio::test]
async fn clause_i_3_who_declines_leaves_no_row() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let ticket = ticket(&app).await;
    let before = rows(&app).await;
    let last = up_to_the_last_step(&app, &ticket, "declines@example.com").await;
    let declined = app.get(&format!("{ticket}/declined")).await;
    assert_eq!(declined.status, StatusCode::OK);
    assert!(declined.body.contains("Nothing was kept"));
    // Without the agreement, and without what is needed, the last step keeps nothing either.
    for without in ["agree=on&", "child-teaching=on&"] {
        let reply = stranger_posts(&app, &ticket, &last.replace(without, "")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn clause_i_4_nothing_is_kept_before_the_consent_and_it_names_the_version_and_its_hash() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let ticket = ticket(&app).await;
    let before = rows(&app).await;
    let last = up_to_the_last_step(&app, &ticket, "13912340001").await;
    assert_eq!(rows(&app).await, before, "three steps, and not a row");
    let joined = stranger_posts(&app, &ticket, &last).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    let guardian = signed_in(&app, &joined);
    let page = guardian.get("/consent").await.body;
    assert!(page.contains("Sun Bo"));
    let at = page.find("/consent/").unwrap();
    let receipt = guardian.get(page[at..].split('"').next().unwrap()).await.json();
    let policy = app.state.store.current_policy().await.unwrap();
    let notice = &receipt["processing"]["privacy_notice"];
    assert_eq!(notice["version"], policy.number);
    assert_eq!(notice["sha256"], crate::common::school::hex(&policy.digest));
    assert_eq!(receipt["parties"][0]["name"], app.state.config.operator.legal_name);
    assert!(app.state.store.check_ledger().await.unwrap().is_ok());
}

#[tokio::test]
async fn clause_2_1_registration_asks_for_what_the_data_map_has_and_takes_nothing_else() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    for (field, table, column) in KEPT {
        assert!(map::column(table, column).is_some(), "{field} is kept in a column that the map does not have");
    }
    let ticket = ticket(&app).await;
    let before = rows(&app).await;
    for extra in ["address=Beijing", "child-gender=f", "phone=13900000000", "child-marketing=on"] {
        for step in ["/consents", "/contact", ""] {
            let reply = stranger_posts(&app, &format!("{ticket}{step}"), &format!("{AGREED}&{extra}")).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{extra} at {step}");
        }
    }
    assert_eq!(rows(&app).await, before);
    // An address alone is enough, and so is a phone number (the test above).
    let last = up_to_the_last_step(&app, &ticket, "only@example.com").await;
    assert_eq!(stranger_posts(&app, &ticket, &last).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn clause_7_12_who_joins_is_told_that_no_protection_is_perfect() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let ticket = ticket(&app).await;
    let policy = hidden(&app.get(&ticket).await.body, "policy");
    let form = format!("policy={policy}&{AGREED}&identifier=told%40example.com");
    let page = stranger_posts(&app, &format!("{ticket}/contact"), &form).await.body;
    assert!(page.contains("no protection is perfect"));
}

#[tokio::test]
async fn wrong_codes_used_tickets_and_replays_are_told() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let ticket = ticket(&app).await;
    let last = up_to_the_last_step(&app, &ticket, "13912340002").await;
    let right = last.split("&code=").nth(1).unwrap()[..6].to_owned();
    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    let reply = stranger_posts(&app, &ticket, &last.replace(&format!("code={right}"), &format!("code={wrong}"))).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.body.contains("not the code") && reply.body.contains("Sun Bo"), "what was typed is still there");
    for (field, bad) in [("born=2018-03", "born=1990-01"), ("born=2018-03", "born=x"), ("guardian=on", "")] {
        let reply = stranger_posts(&app, &ticket, &last.replace(field, bad)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    assert_eq!(stranger_posts(&app, &ticket, &last).await.status, StatusCode::SEE_OTHER);
    let after = rows(&app).await;
    assert_eq!(stranger_posts(&app, &ticket, &last).await.status, StatusCode::GONE, "the same form again");
    assert_eq!(app.get(&ticket).await.status, StatusCode::GONE);
    assert_eq!(app.get(&format!("/join/{}", "0".repeat(64))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/join/nonsense").await.status, StatusCode::NOT_FOUND);
    assert_eq!(rows(&app).await, after);
}

#[tokio::test]
async fn a_child_or_a_teacher_is_no_guardian() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    for account in ["learner11", "teacher"] {
        let ticket = ticket(&app).await;
        let last = up_to_the_last_step(&app, &ticket, &format!("{account}%40demo.example")).await;
        let before = rows(&app).await;
        let reply = stranger_posts(&app, &ticket, &last).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains("cannot bring a child"));
        assert_eq!(rows(&app).await, before);
    }
}

/// The form of the switch of a child's purpose on the page of consents.
fn switch(page: &str, child: &str, purpose: &str, on: bool) -> String {
    let section = page.split("<section").find(|section| section.contains(child)).unwrap();
    format!("subject={}&purpose={purpose}&policy={}&on={on}", hidden(section, "subject"), hidden(section, "policy"))
}

#[tokio::test]
async fn clause_8_2_without_the_guardians_consent_a_child_can_do_nothing() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let home = child.get("/home").await;
    assert_eq!(home.status, StatusCode::OK);
    let at = home.body.find("/homework/").unwrap();
    let exercise = home.body[at..].split('"').next().unwrap().to_owned();
    let name = app.state.store.profile(child.person).await.unwrap().unwrap();
    let name = name.name.read(&name.grant).unwrap().clone();
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let class = class(&teacher).await;
    assert!(teacher.get(&class).await.body.contains(&name));

    let consents = guardian.get("/consent").await.body;
    let reply = guardian.post_form("/consent", &switch(&consents, &name, "teaching", false)).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    for path in ["/home", exercise.as_str()] {
        let reply = child.get(path).await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/waiting"), "{path}");
    }
    assert!(child.get("/waiting").await.body.contains("paused the lessons"));
    let announced = child.post_json("/uploads", &serde_json::json!({})).await;
    assert_eq!(announced.status, StatusCode::FORBIDDEN);
    assert!(!teacher.get(&class).await.body.contains(&name), "the teacher sees the child no more");
    assert!(guardian.get("/family").await.body.contains(&name), "the guardian does");

    let consents = guardian.get("/consent").await.body;
    guardian.post_form("/consent", &switch(&consents, &name, "teaching", true)).await;
    assert_eq!(child.get("/home").await.status, StatusCode::OK);
    assert!(teacher.get(&class).await.body.contains(&name));
}

#[tokio::test]
async fn clause_6_6_each_purpose_has_one_switch_both_ways_and_refusing_changes_nothing_else() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let name = app.state.store.profile(child.person).await.unwrap().unwrap();
    let name = name.name.read(&name.grant).unwrap().clone();
    for purpose in ["improvement", "recommendation"] {
        for on in [true, false] {
            let page = guardian.get("/consent").await.body;
            let reply = guardian.post_form("/consent", &switch(&page, &name, purpose, on)).await;
            assert_eq!(reply.status, StatusCode::SEE_OTHER);
            let section = guardian.get("/consent").await.body;
            let section = section.split("<section").find(|section| section.contains(&name)).unwrap().to_owned();
            let form = section.split("<form").find(|form| form.contains(&format!("value=\"{purpose}\""))).unwrap();
            assert!(form.contains(if on { "value=\"false\"" } else { "value=\"true\"" }), "{purpose} {on}");
            assert_eq!(child.get("/home").await.status, StatusCode::OK);
        }
    }
    assert!(app.state.store.check_ledger().await.unwrap().is_ok());
}

#[tokio::test]
async fn clause_8_2_nobody_else_decides_for_a_child() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await;
    let name = app.state.store.profile(child.person).await.unwrap().unwrap();
    let name = name.name.read(&name.grant).unwrap().clone();
    let form = switch(&guardian.get("/consent").await.body, &name, "teaching", false);
    for (role, number) in [(Role::Guardian, 1), (Role::Teacher, 0), (Role::CampusManager, 0), (Role::Learner, 0)] {
        let reply = Visit::of(&app, role, number).await.post_form("/consent", &form).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{role:?}");
    }
    assert_eq!(child.get("/home").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_browsers_signal_refuses_marketing_without_asking() {
    use axum::body::Body;
    use axum::http::Request;
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let ticket = ticket(&app).await;
    let page = app.send(Request::get(&ticket).header("sec-gpc", "1").body(Body::empty()).unwrap()).await.body;
    assert!(!page.contains("own-marketing"));
    assert!(app.get(&ticket).await.body.contains("own-marketing"));
}

/// The link in the first card of a page.
fn enter(page: &str) -> String {
    let at = page.find("/enter/").unwrap_or_else(|| panic!("no card: {page}"));
    page[at..at + "/enter/".len() + 64].to_owned()
}

#[tokio::test]
async fn a_child_signs_in_with_a_card_until_there_is_a_newer_one() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let ticket = ticket(&app).await;
    let last = up_to_the_last_step(&app, &ticket, "13912340003").await;
    let guardian = stranger_posts(&app, &ticket, &last).await;
    let guardian = signed_in(&app, &guardian);
    let family = guardian.get("/family").await.body;
    let at = family.find("/family/").unwrap();
    let child = family[at..at + "/family/".len() + 36].to_owned();
    let first = enter(&guardian.post_form(&format!("{child}/card"), "").await.body);
    assert!(app.get(&first).await.body.contains("Go in"), "looking does nothing yet");
    let home = signed_in(&app, &stranger_posts(&app, &first, "").await);
    assert_eq!(home.get("/home").await.status, StatusCode::OK);

    let second = enter(&guardian.post_form(&format!("{child}/card"), "").await.body);
    assert_eq!(app.get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger_posts(&app, &first, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger_posts(&app, &second, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(guardian.post_form(&format!("{child}/card/removal"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(stranger_posts(&app, &second, "").await.status, StatusCode::NOT_FOUND);
    // Others make no cards for this child, and neither does the child.
    for (role, number) in [(Role::Guardian, 0), (Role::Learner, 0), (Role::CampusManager, 0)] {
        let other = Visit::of(&app, role, number).await.post_form(&format!("{child}/card"), "").await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "{role:?}");
    }
}

#[tokio::test]
async fn a_teacher_prints_a_sheet_of_cards_for_the_class() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let cards = format!("{}/cards", class(&teacher).await);
    assert_eq!(teacher.get(&cards).await.status, StatusCode::OK);
    let sheet = teacher.post_form(&cards, "").await.body;
    assert_eq!(sheet.matches("/enter/").count(), 6, "one for each learner");
    assert_eq!(sheet.matches("shape-rendering=\"crispEdges\"").count(), 6);
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    assert_eq!(manager.get(&cards).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn clause_8_1_a_childs_account_does_nothing_until_the_guardians_own_flow_is_done() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let class = class(&teacher).await;
    // However the account came to be: here by the school's own hand, without a guardian.
    let new = NewPerson {
        school: app.state.demo.unwrap(),
        campus: None,
        role: Role::Learner,
        name: "Entered By School",
        identifiers: vec![Identifier::parse("13912340009").unwrap()],
        password: Some("a long enough password"),
    };
    let child = app.state.store.create_person(new).await.unwrap().unwrap();
    let id = ClassId(class.trim_start_matches("/classes/").parse().unwrap());
    app.state.store.join_class(app.state.demo.unwrap(), id, child, Role::Learner).await.unwrap();
    let reply = stranger_posts(&app, "/sign-in", "identifier=13912340009&password=a+long+enough+password").await;
    let visit = signed_in(&app, &reply);
    let home = visit.get("/home").await;
    assert_eq!((home.status, home.header("location")), (StatusCode::SEE_OTHER, "/waiting"));
    assert!(visit.get("/waiting").await.body.contains("has not said yes yet"));
    assert_eq!(visit.post_json("/uploads", &serde_json::json!({})).await.status, StatusCode::FORBIDDEN);
    assert!(!teacher.get(&class).await.body.contains("Entered By School"), "nobody sees the child");
}
