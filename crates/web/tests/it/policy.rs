//! What the policy says, where it is found, and what it holds for.

use std::collections::{BTreeSet, VecDeque};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiayin::config::{Config, ThirdParty};
use jiayin::routes::ROUTES;
use jiayin_domain::operator::Operator;
use jiayin_domain::policy::{Action, may};
use jiayin_domain::role::Role;
use jiayin_domain::service::{PolicyId, Service};
use jiayin_privacy::map;

use crate::common::school::Visit;
use crate::common::{CHINESE, ENGLISH, Reply, ScriptedEar, TestApp};

/// The page without its tags, entities and doubled spaces, as a reader has it.
fn words(page: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in page.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

fn links(page: &str) -> Vec<String> {
    let own = |part: &str| part.split('"').next().filter(|link| link.starts_with('/')).map(str::to_owned);
    page.split(" href=\"").skip(1).filter_map(own).filter(|link| !link.starts_with("/static/")).collect()
}

async fn at_host(app: &TestApp, path: &str, host: &str) -> Reply {
    app.send(Request::get(path).header("host", host).header("accept-language", ENGLISH).body(Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn clause_i_1_the_operator_of_the_configuration_is_named_wherever_one_is() {
    let operator = Operator { legal_name: "Blue Whale Schools | Ltd".to_owned(), ..Operator::default() };
    let config = Config { operator, scoring_threads: 1, ..Config::default() };
    let app = TestApp::with(config, ScriptedEar::kind()).await;
    for path in ["/policy", "/policy/children", "/policy/contact"] {
        for language in [CHINESE, ENGLISH] {
            let page = words(&app.get_in(path, language).await.body);
            assert!(page.contains("Blue Whale Schools | Ltd"), "{path} in {language}");
            assert!(!page.contains(&Operator::default().legal_name), "{path} in {language}");
        }
    }
}

#[tokio::test]
async fn clause_i_2_the_whole_policy_is_one_click_from_every_page() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let mut looked = 0;
    let mut visits = vec![(None, "/")];
    for (role, front) in [
        (Role::Learner, "/home"),
        (Role::Guardian, "/family"),
        (Role::Teacher, "/classes"),
        (Role::CampusManager, "/campus"),
        (Role::PrivacyOfficer, "/officer"),
    ] {
        visits.push((Some(Visit::of(&app, role, 0).await), front));
    }
    for (visit, front) in &visits {
        let mut known: BTreeSet<String> = BTreeSet::from([(*front).to_owned()]);
        let mut open: VecDeque<String> = known.iter().cloned().collect();
        while let Some(path) = open.pop_front().filter(|_| known.len() < 60) {
            let reply = match visit {
                Some(visit) => visit.get(&path).await,
                None => app.get(&path).await,
            };
            if !reply.header("content-type").starts_with("text/html") {
                continue;
            }
            let links = links(&reply.body);
            assert!(links.iter().any(|link| link == "/policy"), "{path} does not lead to the policy");
            looked += 1;
            open.extend(links.into_iter().filter(|link| known.insert(link.clone())));
        }
    }
    assert!(looked > 60, "the pages were looked at: {looked}");
    let zh = words(&app.get_in("/policy", CHINESE).await.body);
    for heading in [
        "一、适用范围",
        "二、我们收集哪些信息",
        "三、Cookie",
        "四、我们如何使用",
        "五、我们如何共享",
        "六、您如何管理",
        "七、我们如何保护",
        "八、未成年人",
        "九、商业信息",
        "十、邮件与通知",
        "十一、设备权限",
        "十二、本政策的修订",
    ] {
        assert!(zh.contains(heading), "{heading}");
    }
    let en = app.get("/policy").await.body;
    assert_eq!(en.matches("<h2 id=").count(), 12);
}

#[tokio::test]
async fn clause_i_5_the_policy_lists_everything_that_the_data_map_has() {
    let app = TestApp::new().await;
    let (zh, en) = (words(&app.get_in("/policy", CHINESE).await.body), words(&app.get("/policy").await.body));
    for entry in map::CATEGORIES {
        assert!(zh.contains(entry.title_zh) && en.contains(entry.title_en), "{}", entry.id);
    }
    for entry in map::PURPOSES {
        assert!(zh.contains(entry.title_zh) && en.contains(entry.title_en), "{}", entry.id);
    }
    for entry in map::COLUMNS.iter().filter_map(|it| it.export_zh.zip(it.export_en)) {
        assert!(zh.contains(entry.0) && en.contains(entry.1), "{entry:?}");
    }
    for entry in map::BLOBS {
        assert!(zh.contains(entry.export_zh) && en.contains(entry.export_en), "{}", entry.kind);
    }
    let used: BTreeSet<&str> = map::COLUMNS.iter().map(|it| it.retention).collect();
    for entry in used.iter().filter_map(|id| map::retention(id)) {
        assert!(zh.contains(entry.title_zh) && en.contains(entry.title_en), "{}", entry.id);
    }
}

#[tokio::test]
async fn clause_1_1_every_route_belongs_to_a_service_under_the_policy() {
    let app = TestApp::new().await;
    for &(method, path, action) in ROUTES {
        let service = Service::of(action);
        assert!(Service::ALL.contains(&service) && service.policy() == PolicyId::Privacy, "{path}");
        let reply = app.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header("policy-version"), "1", "{method} {path}");
    }
    for service in Service::ALL {
        assert!(Action::ALL.iter().any(|action| Service::of(*action) == service), "{} does nothing", service.tag());
    }
}

#[tokio::test]
async fn clause_1_2_an_affiliates_site_has_its_own_policy_or_ours() {
    let own = "https://sister.example/privacy";
    let affiliates =
        [("sister.example", own), ("cousin.example", "")].map(|(host, url)| (host.to_owned(), url.to_owned()));
    let app = TestApp::with(Config { affiliates: affiliates.into(), ..Config::default() }, ScriptedEar::kind()).await;

    for host in ["cousin.example", "127.0.0.1:8080", "stranger.example"] {
        let reply = at_host(&app, "/policy", host).await;
        assert_eq!((reply.status, reply.header("policy-version")), (StatusCode::OK, "1"), "{host}");
        assert_eq!(reply.header("link"), "</policy>; rel=\"privacy-policy\"", "{host}");
    }
    let reply = at_host(&app, "/", "Sister.example:443").await;
    assert_eq!(reply.header("link"), format!("<{own}>; rel=\"privacy-policy\""));
    assert_eq!(reply.header("policy-version"), "");
    let reply = at_host(&app, "/policy", "sister.example").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let page = at_host(&app, reply.header("location"), "sister.example").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(&format!("href=\"{own}\"")));
    let elsewhere = at_host(&app, reply.header("location"), "cousin.example").await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "only from the affiliate's own site");
}

#[tokio::test]
async fn clause_1_3_a_link_that_leaves_names_whose_site_and_policy_it_leads_to() {
    let party = ThirdParty {
        name: "Reading Room".to_owned(),
        host: "books.example".to_owned(),
        policy_url: "https://books.example/privacy".to_owned(),
    };
    let app = TestApp::with(Config { third_parties: vec![party], ..Config::default() }, ScriptedEar::kind()).await;
    let page = app.get("/leaving?to=https%3A%2F%2Fbooks.example%2Fstory").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Reading Room", "href=\"https://books.example/story\"", "href=\"https://books.example/privacy\""] {
        assert!(page.body.contains(part), "{part}");
    }
    for to in
        ["https%3A%2F%2Fevil.example", "javascript%3Aalert(1)", "http%3A%2F%2Fbooks.example", "%2F%2Fbooks.example"]
    {
        let reply = app.get(&format!("/leaving?to={to}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{to}");
        assert!(!reply.body.contains("href=\"http"), "{to}");
    }
    assert_eq!(app.get("/leaving").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn clause_1_4_a_visitor_is_answered_under_a_known_version() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    for path in ["/", "/tryout", "/sign-in", "/nowhere", "/healthz", "/policy"] {
        assert_eq!(app.get(path).await.header("policy-version"), "1", "{path}");
    }
    assert!(app.get("/").await.body.contains("version 1"));
    assert_eq!(Visit::of(&app, Role::Learner, 0).await.get("/home").await.header("policy-version"), "1");
}

#[tokio::test]
async fn clause_3_1_the_cookie_page_shows_the_whole_registry() {
    let app = TestApp::new().await;
    let zh = words(&app.get_in("/policy/cookies", CHINESE).await.body);
    let en = words(&app.get("/policy/cookies").await.body);
    for it in map::COOKIES {
        let kept = map::retention(it.retention).unwrap();
        for (page, says, why, kept) in
            [(&zh, it.says_zh, it.why_zh, kept.title_zh), (&en, it.says_en, it.why_en, kept.title_en)]
        {
            assert!(
                page.contains(it.name) && page.contains(says) && page.contains(why) && page.contains(kept),
                "{}",
                it.name
            );
        }
    }
    for it in map::BROWSER {
        assert!(zh.contains(it.says_zh) && en.contains(it.says_en) && en.contains(it.key), "{}", it.key);
    }
}

#[tokio::test]
async fn clause_7_1_the_officer_reads_the_register_of_measures() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let page = Visit::of(&app, Role::PrivacyOfficer, 0).await.get("/officer/measures").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["physical", "electronic", "managerial", "the operator", "2026-", ">due<"] {
        assert!(page.body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn clause_7_12_users_are_told_that_no_security_is_perfect() {
    let app = TestApp::new().await;
    assert!(app.get("/sign-in").await.body.contains("no system is perfectly safe"));
    assert!(app.get_in("/sign-in", CHINESE).await.body.contains("没有绝对安全的系统"));
    assert!(app.get("/policy").await.body.contains("No system is perfectly safe"));
}

#[tokio::test]
async fn clause_8_3_children_have_rules_of_their_own_with_an_officer_named() {
    let app = TestApp::new().await;
    let mailbox = &app.state.config.operator.officer_mailbox;
    for (language, part) in [(CHINESE, "不满十四周岁"), (ENGLISH, "children under fourteen")] {
        let page = app.get_in("/policy/children", language).await.body;
        assert!(page.contains(part) && page.contains(mailbox), "{language}");
    }
    let en = words(&app.get("/policy/children").await.body);
    for entry in map::CATEGORIES.iter().filter(|entry| entry.sensitive) {
        assert!(en.contains(&format!("{} (sensitive)", entry.title_en)), "{}", entry.id);
    }
}

#[tokio::test]
async fn clause_11_5_pages_ask_for_the_declared_permissions_and_no_other() {
    let header = TestApp::new().await.get("/").await.header("permissions-policy").to_owned();
    let allowed: BTreeSet<&str> =
        header.split(", ").filter(|part| !part.ends_with("=()")).filter_map(|part| part.split('=').next()).collect();
    let declared: BTreeSet<&str> = map::PERMISSIONS.iter().map(|it| it.name).collect();
    // Showing notifications is between the browser and the person; no header has a word for it.
    let in_header: BTreeSet<&str> = declared.iter().copied().filter(|name| *name != "notifications").collect();
    assert_eq!(allowed, in_header, "the header and the data map differ");
    assert!(header.split(", ").all(|part| part.ends_with("=()") || part.ends_with("=(self)")), "{header}");
    // What the scripts ask for stands in the map, too.
    let scripts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("static/js");
    let asks = [
        ("getUserMedia", "microphone"),
        ("geolocation", "geolocation"),
        ("requestDevice", "bluetooth"),
        ("getDisplayMedia", "display-capture"),
        ("Notification.requestPermission", "notifications"),
        ("clipboard.read", "clipboard-read"),
        ("video: true", "camera"),
    ];
    let mut microphone = false;
    for file in std::fs::read_dir(scripts).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for (call, name) in asks.iter().filter(|(call, _)| source.contains(call)) {
            assert!(declared.contains(name), "{call} needs the permission {name}, which the data map does not declare");
            microphone |= *name == "microphone";
        }
    }
    assert!(microphone, "the scripts were looked at");
}

#[tokio::test]
async fn what_the_policy_pages_ask_of_strangers_is_nothing() {
    let app = TestApp::new().await;
    let page = app.get("/policy/contact").await;
    assert!(page.body.contains("010-86394488") && !page.body.contains("<textarea"));
    let request = Request::post("/policy/contact").header("content-type", "application/x-www-form-urlencoded");
    let reply = app.send(request.body(Body::from("text=hello")).unwrap()).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND, "a visitor's question is not taken");
    assert!(may(None, Action::VisitPublicPages));
    for path in
        ["/policy/versions/2", "/policy/versions/0", "/policy/versions/x", "/policy/versions/99999999999/changes"]
    {
        assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn clause_2_2_the_record_of_processing_is_printed_by_the_program() {
    let folder = tempfile::tempdir().unwrap();
    for (format, part) in [
        ("md", "# 个人信息处理活动记录"),
        ("json", "\"legal_name\": \"北京帮你说互联网教育科技有限公司\""),
        ("csv", "person.name,姓名,Name,name,"),
        ("jsonld", "\"dpv:hasProcess\""),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_jiayin"))
            .args(["privacy", "map", "--format", format])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains(part), "{format}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is stored for it");
}
