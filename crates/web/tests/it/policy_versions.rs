//! The officer announces a version; people are told, see what changed, and ask.

use std::time::Duration;

use axum::http::StatusCode;
use jiayin_domain::role::Role;
use jiayin_store::policy::PolicyTexts;

use crate::common::school::Visit;
use crate::common::{CHINESE, Reply, ScriptedEar, TestApp};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// The form of the draft page.
fn form(texts: &PolicyTexts) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("zh", &texts.zh)
        .append_pair("en", &texts.en)
        .append_pair("children_zh", &texts.children_zh)
        .append_pair("children_en", &texts.children_en)
        .finish()
}

/// The texts in force with a sentence more in each language.
async fn with(app: &TestApp, zh: &str, en: &str) -> PolicyTexts {
    let number = app.state.store.current_policy().await.unwrap().number;
    let texts = app.state.store.policy(number).await.unwrap().unwrap().texts;
    PolicyTexts { zh: format!("{}\n\n{zh}", texts.zh), en: format!("{}\n\n{en}", texts.en), ..texts }
}

async fn schedule(officer: &Visit<'_>, at: &str) -> Reply {
    officer.post_form("/officer/policy/schedule", &format!("effective={}", at.replace(':', "%3A"))).await
}

/// Announces a version with one sentence more, for the 10th of March 2026.
async fn announce(app: &TestApp, officer: &Visit<'_>) {
    let texts = with(app, "我们养了一只鹦鹉。", "We keep a parrot.").await;
    assert_eq!(officer.post_form("/officer/policy/draft", &form(&texts)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(schedule(officer, "2026-03-10T08:00").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn clause_12_1_a_version_takes_effect_after_its_notice_or_is_refused() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    // It is the 2nd of March 2026, 16:00 at the school.
    for (at, said) in [
        ("2026-03-02T15:59", "That moment has passed"),
        ("2026-03-09T15:59", "The first moment that would do is 2026-03-09 16:00"),
        ("someday", "Please give a date and a time"),
    ] {
        let reply = schedule(&officer, at).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{at}");
        assert!(reply.body.contains(said), "{at}: {said}");
    }
    announce(&app, &officer).await;
    assert_eq!(app.get("/policy").await.header("policy-version"), "1");
    let reply = schedule(&officer, "2026-03-11T08:00").await;
    assert!(reply.body.contains("Another version is announced"), "one at a time");
    app.clock.advance(WEEK);
    assert_eq!(app.get("/policy").await.header("policy-version"), "1");
    app.clock.advance(Duration::from_secs(16 * 3600));
    let page = app.get("/policy").await;
    assert_eq!(page.header("policy-version"), "2");
    assert!(page.body.contains("We keep a parrot."));
    assert!(app.get_in("/policy", CHINESE).await.body.contains("我们养了一只鹦鹉。"));
}

#[tokio::test]
async fn clause_12_1_the_tables_must_be_those_of_the_data_map() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let mut texts = with(&app, "新。", "New.").await;
    let honest = texts.en.clone();
    texts.en = texts.en.replacen("365 days", "30 days", 1);
    assert_ne!(texts.en, honest);
    officer.post_form("/officer/policy/draft", &form(&texts)).await;
    let refused = schedule(&officer, "2026-03-10T08:00").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("The tables are not those of the data map"));
    let renewed = officer.post_form("/officer/policy/draft/renewal", &form(&texts)).await;
    assert_eq!(renewed.status, StatusCode::SEE_OTHER);
    assert_eq!(app.state.store.policy_draft().await.unwrap().unwrap().texts.en, honest);
    assert_eq!(schedule(&officer, "2026-03-10T08:00").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn clause_12_2_everybody_is_told_once_and_shown_the_difference() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let banner = "class=\"policy-notice\"";
    assert!(!guardian.get("/family").await.body.contains(banner));
    announce(&app, &officer).await;
    let page = guardian.get("/family").await.body;
    assert!(page.contains(banner) && page.contains("takes effect on 2026-03-10"));
    assert!(!app.get("/").await.body.contains(banner), "of a visitor nothing is remembered");

    let changes = guardian.get("/policy/versions/2/changes").await.body;
    assert!(changes.contains("<ins>We keep a parrot.</ins>"), "{changes}");
    assert!(!changes.contains(banner));
    assert!(!guardian.get("/family").await.body.contains(banner), "seen when opened");

    assert!(learner.get("/home").await.body.contains(banner));
    let away = learner.post_form("/policy/versions/2/seen", "back=/home").await;
    assert_eq!((away.status, away.header("location")), (StatusCode::SEE_OTHER, "/home"));
    assert!(!learner.get("/home").await.body.contains(banner), "seen when put away");
    assert_eq!(learner.post_form("/policy/versions/9/seen", "back=/home").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.state.store.policy_seen_count(2).await.unwrap(), 2);
    assert!(officer.get("/officer").await.body.contains("<td class=\"number\">2</td>"));
    let elsewhere = learner.post_form("/policy/versions/2/seen", "back=//evil.example").await;
    assert_eq!(elsewhere.header("location"), "/");
}

#[tokio::test]
async fn clause_12_3_old_versions_stay_readable_and_a_cancelled_one_never_holds() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    announce(&app, &officer).await;
    let cancelled = officer.post_form("/officer/policy/2/cancellation", "").await;
    assert_eq!(cancelled.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.post_form("/officer/policy/2/cancellation", "").await.status, StatusCode::GONE);
    assert_eq!(officer.post_form("/officer/policy/7/cancellation", "").await.status, StatusCode::NOT_FOUND);
    announce(&app, &officer).await;
    app.clock.advance(WEEK + WEEK / 7);
    assert_eq!(app.get("/policy").await.header("policy-version"), "3");
    assert_eq!(officer.post_form("/officer/policy/3/cancellation", "").await.status, StatusCode::GONE);
    let old = app.get("/policy/versions/1").await;
    assert_eq!(old.status, StatusCode::OK);
    assert!(old.body.contains("superseded") && !old.body.contains("parrot"));
    let list = app.get("/policy/versions").await.body;
    for standing in ["in force", "withdrawn", "superseded"] {
        assert!(list.contains(standing), "{standing}");
    }
    assert!(app.get("/policy/versions/3/changes").await.body.contains("Compared with version 1"));
}

#[tokio::test]
async fn clause_12_4_a_question_reaches_the_officer_and_its_answer_the_asker() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let officer = Visit::of(&app, Role::PrivacyOfficer, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let empty = guardian.post_form("/policy/contact", "text=+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = guardian.post_form("/policy/contact", "text=Who+hears+%3Cus%3E%3F").await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/policy/contact?sent=1"));
    assert!(officer.get("/officer").await.body.contains("wait for an answer: 1"));
    let desk = officer.get("/officer/questions").await.body;
    assert!(desk.contains("Who hears &#60;us&#62;?") || desk.contains("Who hears &lt;us&gt;?"), "{desk}");
    let name = app.state.store.demo_accounts(app.state.demo.unwrap()).await.unwrap();
    let (_, _, asker) = name.accounts.iter().find(|(_, person, _)| *person == guardian.person).unwrap();
    assert!(!desk.contains(asker.read(&name.grant).unwrap().as_str()), "an answer needs no name");
    let action = desk.split('"').find(|part| part.starts_with("/officer/questions/")).unwrap();
    let long = format!("text={}", "a".repeat(2001));
    assert_eq!(officer.post_form(action, &long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(officer.post_form(action, "text=The+teacher.").await.status, StatusCode::SEE_OTHER);
    assert!(guardian.get("/policy/contact").await.body.contains("The teacher."));
    assert!(!Visit::of(&app, Role::Guardian, 1).await.get("/policy/contact").await.body.contains("The teacher."));
}
