//! Every page there is, as whoever may see it finds it by following links: nothing scrolls sideways on a phone, and axe finds
//! nothing, by day and by night.

use std::collections::{BTreeMap, BTreeSet};

use jiayin::messages::unsubscribe;
use jiayin::routes::ROUTES;
use jiayin_domain::message::Class;
use jiayin_domain::role::Role;
use jiayin_store::accounts::NewPerson;

use crate::common::school::{Visit, viewer};
use crate::common::{ScriptedEar, TestApp};
use crate::driver::{Browser, Wish};
use crate::story::sign_in;

/// What is asked for and is no page: files, sounds, pictures, tables, and what scripts and programs read.
const NO_PAGES: [&str; 25] = [
    "/static/{name}",
    "/manifest.webmanifest",
    "/service-worker.js",
    "/healthz",
    "/readyz",
    "/metrics",
    "/portraits/{media}",
    "/recordings/{recording}/result",
    "/recordings/{recording}/audio",
    "/recordings/{recording}/voice",
    "/media/{media}",
    "/classes/{class}/progress.csv",
    "/privacy/mine/files/{kind}/{file}",
    "/privacy/mine/copies/{copy}/file",
    "/family/{learner}/data/files/{kind}/{file}",
    "/family/{learner}/data/copies/{copy}/file",
    "/campus/roster/list",
    "/help/{ticket}/pictures/{picture}",
    "/surveys/{survey}/results.csv",
    "/officer/log.csv",
    "/surveys/{survey}/answer/voices/{voice}",
    "/surveys/{survey}/results/voices/{voice}",
    "/calendar/{link}",
    "/consent/{subject}/receipts/{consent}",
    // As that of a family; nobody of the demo school who records decides for themselves.
    "/privacy/mine/files/{kind}/{file}/deletion",
];

/// The route that answers a path.
fn route(path: &str) -> Option<&'static str> {
    let fits = |route: &str| {
        let (mut wanted, mut given) = (route.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let all = || ROUTES.iter().filter(|(method, ..)| *method == "GET").map(|(_, route, _)| *route);
    all().find(|route| *route == path).or_else(|| all().find(|route| fits(route)))
}

/// The pages that are looked at, of those that are routes.
fn pages() -> BTreeSet<&'static str> {
    let get = ROUTES.iter().filter(|(method, ..)| *method == "GET").map(|(_, route, _)| *route);
    get.filter(|route| !NO_PAGES.contains(route) && !route.starts_with("/api/v1/")).collect()
}

fn moved(reply: &crate::common::Reply) -> String {
    assert!(reply.status.is_redirection(), "{} {}", reply.status, reply.body);
    reply.header("location").to_owned()
}

/// A secret address that a page shows.
fn secret(page: &str, before: &str) -> String {
    let at = page.find(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    page[at..at + before.len() + 64].to_owned()
}

/// A child whom nobody has agreed for yet; their number among the learners.
async fn a_child_without_consent(app: &TestApp) -> usize {
    let school = app.state.demo.unwrap();
    let name = "王小雨";
    let new = NewPerson { school, campus: None, role: Role::Learner, name, identifiers: Vec::new(), password: None };
    app.state.store.create_person(new).await.unwrap().unwrap();
    let accounts = app.state.store.demo_accounts(school).await.unwrap().accounts;
    accounts.iter().filter(|(role, ..)| *role == Role::Learner).count() - 1
}

/// Makes something of everything that the demo school does not have yet; addresses to which no link leads, by who opens them.
async fn furnish(app: &TestApp) -> Vec<(Option<(Role, usize)>, String)> {
    let teacher = Visit::of(app, Role::Teacher, 0).await;
    let guardian = Visit::of(app, Role::Guardian, 0).await;
    let manager = Visit::of(app, Role::CampusManager, 0).await;
    let officer = Visit::of(app, Role::PrivacyOfficer, 0).await;
    let mut further = Vec::new();
    let mut open = |who: Option<(Role, usize)>, path: String| further.push((who, path));

    let child = viewer(app, Role::Learner, 0).await.person;
    let request = moved(&guardian.post_form("/requests", "kind=complaint&about=&text=Who+called%3F").await);
    let ticket = moved(&guardian.post_picture("/help", &[("topic", "sound"), ("text", "I hear nothing.")], None).await);
    let ticket = ticket.split('?').next().unwrap().to_owned();
    open(Some((Role::Guardian, 0)), ticket.clone());
    open(Some((Role::CampusManager, 0)), ticket.replace("/help/", "/desk/"));
    manager.post_form("/desk/answers", "title=Microphone&text=Please+allow+it.").await;
    open(Some((Role::Guardian, 0)), request.clone());
    open(Some((Role::PrivacyOfficer, 0)), format!("/officer{request}"));
    officer.post_form(&format!("/officer{request}/taking"), "").await;
    for copies in ["/privacy/mine/copies".to_owned(), format!("/family/{child}/data/copies")] {
        open(Some((Role::Guardian, 0)), moved(&guardian.post_form(&copies, "").await));
    }
    let survey = moved(&teacher.post_form("/surveys", "title=After+the+play").await);
    for kind in ["single&options=Good%0ABad", "scale&faces=1", "text", "voice"] {
        teacher.post_form(&format!("{survey}/questions"), &format!("kind={kind}&text=How+was+it%3F")).await;
    }
    open(Some((Role::Teacher, 0)), survey.clone());
    open(Some((Role::Teacher, 0)), format!("{survey}/preview"));
    open(Some((Role::Teacher, 0)), format!("{survey}/publication"));
    let class = {
        let page = teacher.get("/classes").await.body;
        let at = page.find("href=\"/classes/").unwrap() + "href=\"".len();
        page[at..].split('"').next().unwrap().to_owned()
    };
    let asked = moved(&teacher.post_form("/surveys", "title=And+the+songs").await);
    teacher.post_form(&format!("{asked}/questions"), "kind=text&text=Which%3F").await;
    let to = class.replace("/classes/", "class:");
    let publish = format!("audience={to}&role=guardian&names=named&closes_date=");
    moved(&teacher.post_form(&format!("{asked}/publication"), &publish).await);
    moved(&guardian.post_form(&format!("{asked}/answer"), "q1=All").await);
    open(Some((Role::Guardian, 0)), format!("{asked}/answer"));
    open(Some((Role::Guardian, 0)), format!("{asked}/withdrawal"));
    open(Some((Role::Teacher, 0)), format!("{asked}/results"));
    let ticket = secret(&teacher.post_form(&format!("{class}/invitations"), "number=1").await.body, "/join/");
    open(None, format!("{ticket}/declined"));
    open(None, ticket);
    open(None, secret(&teacher.post_form(&format!("{class}/cards"), "").await.body, "/enter/"));
    let stop = unsubscribe::link(&app.state, guardian.person, Class::Learning).unwrap();
    open(None, stop[stop.find("/unsubscribe/").unwrap()..].to_owned());
    let data = guardian.get(&format!("/family/{child}/data")).await.body;
    for part in data.split("href=\"").filter(|part| part.contains("/data/rows/")) {
        let rows = guardian.get(part.split('"').next().unwrap()).await.body;
        if let Some(end) = rows.find("/deletion\"") {
            let start = rows[..end].rfind('"').unwrap() + 1;
            open(Some((Role::Guardian, 0)), rows[start..end + "/deletion".len()].to_owned());
        }
    }
    app.work().await;
    for path in [
        "/sign-in/forgot",
        "/enter",
        "/offline",
        "/leaving?to=https://example.org/",
        "/policy/versions/1",
        "/policy/versions/1/changes",
        "/nowhere",
    ] {
        open(None, path.to_owned());
    }
    open(Some((Role::Guardian, 0)), format!("/family/{child}/data/restriction"));
    open(Some((Role::Guardian, 0)), format!("/family/{child}/data/cancellation"));
    further
}

/// The links of a page to pages of ours.
async fn links(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]:not([download])')] \
        .filter((a) => a.origin === location.origin).map((a) => a.pathname + a.search)";
    serde_json::from_value(browser.run(script).await).unwrap()
}

struct Walk<'a> {
    browser: &'a Browser,
    views: &'a [(u32, u32, &'static str)],
    seen: BTreeSet<&'static str>,
    wrong: BTreeMap<String, Vec<String>>,
}

impl Walk<'_> {
    /// Looks at a page, if none of its kind was looked at; the pages to which it leads.
    async fn look(&mut self, path: &str, here: &mut BTreeSet<&'static str>) -> Vec<String> {
        let Some(route) = route(path.split('?').next().unwrap()) else { return Vec::new() };
        if NO_PAGES.contains(&route) || route.starts_with("/api/v1/") || !here.insert(route) {
            return Vec::new();
        }
        self.browser.open(path).await;
        let further = links(self.browser).await;
        let landed = self.browser.run("return location.pathname").await.as_str().unwrap().to_owned();
        // What leads elsewhere is looked at there.
        let landed = self::route(&landed).unwrap_or(route);
        if landed != route {
            here.insert(landed);
        }
        if self.seen.insert(route) | self.seen.insert(landed) {
            self.check(landed).await;
        }
        further
    }

    /// Looks at the page that is shown.
    async fn check(&mut self, name: &str) {
        for (width, height, scheme) in self.views {
            self.browser.device(*width, *height, scheme).await;
            let wide = self.browser.run("return document.documentElement.scrollWidth").await.as_u64().unwrap();
            let mut wrong = self.browser.accessibility().await;
            if wide > u64::from(*width) {
                wrong.push(format!("scrolls sideways: {wide}"));
            }
            if !wrong.is_empty() {
                self.wrong.insert(format!("{name} {width} {scheme}"), wrong);
            }
        }
    }

    /// Joins with a ticket, step by step, as a guardian would who makes a mistake at each.
    async fn join(&mut self, ticket: &str) {
        let browser = self.browser;
        let send = "main form:has(input[name=policy]) button.button";
        browser.open(ticket).await;
        browser.run(&format!("document.querySelector('{send}').form.noValidate = true")).await;
        browser.click(send).await;
        browser.wait_for(".field-error, [role=alert]").await;
        self.check("joining without agreeing").await;
        for name in ["agree", "child-teaching"] {
            browser.run(&format!("document.querySelector('input[name={name}]').checked = true")).await;
        }
        browser.click(send).await;
        browser.wait_for("#identifier").await.send_keys("13912340007").await.unwrap();
        self.check("joining: contact").await;
        browser.click(send).await;
        let page = browser.wait_for("#code").await;
        let digits = "return document.querySelector('main').textContent.match(/[0-9]{6}/)[0]";
        let code = browser.run(digits).await.as_str().unwrap().to_owned();
        page.send_keys(&code).await.unwrap();
        self.check("joining: details").await;
        for (name, value) in [("name", "孙丽"), ("password", "a long enough password"), ("child-name", "孙小波")] {
            browser.run(&format!("document.querySelector('#{name}').value = '{value}'")).await;
        }
        browser.run("document.querySelector('#born').value = '2018-03'").await;
        browser.run("document.querySelector('input[name=guardian]').checked = true").await;
        browser.click(send).await;
        browser.wait_until("return !location.pathname.startsWith('/join/')").await;
        self.check("joined").await;
    }

    /// Follows all links from a page on.
    async fn follow(&mut self, from: Vec<String>) {
        let (mut here, mut left) = (BTreeSet::new(), from);
        let mut known: BTreeSet<String> = left.iter().cloned().collect();
        while let Some(path) = left.pop() {
            for next in self.look(&path, &mut here).await {
                if known.insert(next.clone()) {
                    left.insert(0, next);
                }
            }
        }
    }
}

async fn everywhere(language: &'static str, views: &[(u32, u32, &'static str)]) {
    // Under a name: passkeys are for names.
    let browser = Browser::by_name(ScriptedEar::kind(), Wish { language, ..Wish::default() }).await;
    browser.app().work().await;
    let further = furnish(browser.app()).await;
    let mut walk = Walk { browser: &browser, views, seen: BTreeSet::new(), wrong: BTreeMap::new() };
    let of = |who| further.iter().filter(move |(of, _)| *of == who).map(|(_, path)| path.clone()).collect::<Vec<_>>();
    walk.follow([of(None), vec!["/".to_owned()]].concat()).await;
    let is_ticket = |path: &&String| path.starts_with("/join/") && !path.ends_with("/declined");
    walk.join(of(None).iter().find(is_ticket).unwrap()).await;
    for role in [Role::Learner, Role::Guardian, Role::Teacher, Role::CampusManager, Role::PrivacyOfficer] {
        sign_in(&browser, role, 0).await;
        let front = browser.run("return location.pathname").await.as_str().unwrap().to_owned();
        walk.follow([of(Some((role, 0))), vec![front]].concat()).await;
    }
    let waiting = a_child_without_consent(browser.app()).await;
    sign_in(&browser, Role::Learner, waiting).await;
    walk.follow(vec!["/waiting".to_owned()]).await;
    let (seen, wrong) = (walk.seen, walk.wrong);
    browser.close().await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    let left: Vec<&str> = pages().into_iter().filter(|page| !seen.contains(page)).collect();
    assert_eq!(left, Vec::<&str>::new(), "no way leads there");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_everyone_in_chinese() {
    everywhere("zh-CN", &[(360, 780, "light"), (1280, 900, "dark")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_everyone_in_english() {
    everywhere("en", &[(360, 780, "dark"), (1280, 900, "light")]).await;
}
