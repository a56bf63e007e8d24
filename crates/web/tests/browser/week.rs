//! The week of a class in real browsers: the teacher gives homework, three children do it, one with a microphone, one without a
//! network, one whose microphone is denied; the teacher reviews by keyboard, and a family reads what was said.

use std::time::Duration;

use jiayin::worker;
use jiayin_domain::id::AssignmentId;
use jiayin_domain::role::Role;
use jiayin_store::homework::Task;
use jiayin_store::queue::Within;
use jiff::Timestamp;
use serde_json::json;

use crate::common::school::viewer;
use crate::common::{TestApp, fixtures, real_ear};
use crate::driver::{Browser, Wish};
use crate::story::{homework, look, record, sign_in};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

async fn tasks(app: &TestApp, child: usize) -> Vec<Task> {
    let learner = viewer(app, Role::Learner, child).await;
    app.state.store.tasks(&learner, Timestamp::UNIX_EPOCH).await.unwrap().tasks
}

/// The teacher gives the first class a lesson by clicking through the pages; which homework that is.
async fn give(teacher: &Browser, lesson: &str) -> AssignmentId {
    let before: Vec<AssignmentId> = tasks(teacher.app(), 0).await.iter().map(|task| task.assignment).collect();
    sign_in(teacher, Role::Teacher, 0).await;
    teacher.click(".class-head h2 a").await;
    teacher.click("main a[href$='/assign']").await;
    teacher.wait_for("form input[name=lesson]").await;
    let choose = format!(
        "const all = [...document.querySelectorAll('input[name=lesson]')]; \
         all.find((one) => one.closest('label').textContent.includes({})).click()",
        json!(lesson)
    );
    teacher.run(&choose).await;
    teacher.run("document.querySelector('input[name=lesson]').form.requestSubmit()").await;
    teacher.wait_until("return !location.pathname.endsWith('/assign')").await;
    let after = tasks(teacher.app(), 0).await;
    after.iter().map(|task| task.assignment).find(|given| !before.contains(given)).expect("homework was given")
}

/// How many recordings of a piece of homework wait for the teacher.
async fn waiting(app: &TestApp, given: AssignmentId) -> usize {
    let teacher = viewer(app, Role::Teacher, 0).await;
    app.state.store.queue(&teacher, Within::Assignment(given)).await.unwrap().len()
}

async fn until_waiting(app: &TestApp, given: AssignmentId, count: usize) {
    for _ in 0..300 {
        if waiting(app, given).await == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(waiting(app, given).await, count);
}

async fn network(browser: &Browser, offline: bool) {
    browser.devtools("Network.enable", json!({})).await;
    let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.devtools("Network.emulateNetworkConditions", conditions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_week_of_a_class() {
    let reading = fixtures::reading();
    let app = TestApp::demo(real_ear()).await;
    worker::start(&app.state);
    let microphone = || Wish { microphone: Some(reading.wav()), language: "en", ..Wish::default() };
    let teacher = Browser::over(app, Wish { language: "en", ..Wish::default() }).await;
    let (known, _) = homework(teacher.app(), &reading.text).await;
    let given = give(&teacher, &known.title).await;
    assert_eq!(waiting(teacher.app(), given).await, 0);
    let plain = |text: &str| text.trim_end_matches('.').to_lowercase();
    let sentence = known.sentences.iter().find(|one| plain(&one.text) == plain(&reading.text)).unwrap();
    let path = format!("/homework/{given}/exercises/{}", sentence.exercise);

    // The first child finds the homework at home, records, and sees at once how it went.
    let first = teacher.beside(microphone()).await;
    sign_in(&first, Role::Learner, 0).await;
    assert!(first.text("main").await.contains(&known.title), "{}", first.text("main").await);
    first.open(&path).await;
    record(&first, &reading).await;
    first.wait_for(".result[data-verdict=scored]").await;
    until_waiting(teacher.app(), given, 1).await;
    first.close().await;

    // The second has no network when it records. What it said stays on the device, and goes by itself later.
    let second = teacher.beside(microphone()).await;
    sign_in(&second, Role::Learner, 1).await;
    second.open(&path).await;
    second.wait_for("[data-record]:enabled").await;
    network(&second, true).await;
    record(&second, &reading).await;
    second.wait_for("[data-outbox]:not([hidden])").await;
    second.picture("week-offline").await;
    assert_eq!(waiting(teacher.app(), given).await, 1);
    network(&second, false).await;
    until_waiting(teacher.app(), given, 2).await;
    second.close().await;

    // The third may not use the microphone, and sends a file.
    let third = teacher.beside(Wish { deny: true, ..microphone() }).await;
    sign_in(&third, Role::Learner, 2).await;
    third.open(&path).await;
    third.click("[data-record]:enabled").await;
    third.wait_for("[data-way-on=denied]").await;
    third.click("[data-open-upload]").await;
    third.wait_for("#recording").await.send_keys(&reading.wav().display().to_string()).await.unwrap();
    third.click(".upload-body button").await;
    third.wait_for(".result[data-verdict=scored]").await;
    until_waiting(teacher.app(), given, 3).await;
    third.close().await;

    // The teacher hears all three without touching the mouse, and says something to each.
    teacher.open(&format!("/review?assignment={given}")).await;
    teacher.wait_for("[data-review] .review-words").await;
    look(&teacher, "week-review").await;
    teacher.run("document.querySelector('h1').focus()").await;
    let own = viewer(teacher.app(), Role::Learner, 0).await.person;
    for _ in 0..3 {
        let shown = teacher.run("return document.querySelector('[data-review]').dataset.recording").await;
        teacher.key("c").await;
        teacher.key("Well read!").await;
        teacher.key(ESCAPE).await;
        teacher.key(ENTER).await;
        let next = format!("return document.querySelector('[data-review]')?.dataset.recording !== {shown}");
        teacher.wait_until(&next).await;
    }
    until_waiting(teacher.app(), given, 0).await;

    // The family reads it, and the child too.
    for (role, page) in [(Role::Guardian, format!("/family/{own}")), (Role::Learner, "/home".to_owned())] {
        sign_in(&teacher, role, 0).await;
        teacher.open(&page).await;
        let text = teacher.text("main").await;
        assert!(text.contains("Well read!"), "{page}: {text}");
        look(&teacher, &format!("week-{}", role.tag())).await;
    }
    teacher.close().await;
}
