//! The staff over HTTP: a course is made, given as homework, heard, and seen by the manager.

use axum::http::StatusCode;
use jiayin_domain::role::Role;

use crate::common::school::Visit;
use crate::common::{Reply, ScriptedEar, TestApp};

/// The id that follows the first occurrence of `before`.
fn id_after(body: &str, before: &str) -> String {
    let (_, rest) = body.split_once(before).unwrap_or_else(|| panic!("{before} is not in\n{body}"));
    rest[..36].to_owned()
}

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply.header("location").to_owned()
}

#[tokio::test]
async fn a_lesson_is_made_and_given() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    assert_eq!(teacher.post_form("/courses", "title=+").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let course = goes_to(&teacher.post_form("/courses", "title=At+the+zoo").await);
    let lesson = goes_to(&teacher.post_form(&format!("{course}/lessons"), "title=Birds").await);
    let refused = teacher.post_form(&format!("{lesson}/exercises"), "lines=A+bird.%0A%E9%B8%9F%E3%80%82").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Line 2") && refused.body.contains("A bird."));
    goes_to(&teacher.post_form(&format!("{lesson}/exercises"), "lines=A+bird.%0ATwo+birds.").await);
    let page = teacher.get(&lesson).await.body;
    let sentence = id_after(&page, "data-exercise=\"");
    let refused = teacher.post_form(&format!("{lesson}/exercises/{sentence}"), "text=").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    goes_to(&teacher.post_form(&format!("{lesson}/exercises/{sentence}"), "text=A+blue+bird.").await);
    goes_to(&teacher.post_form(&format!("{lesson}/order"), &format!("item={sentence}&to=down")).await);
    let page = teacher.get(&lesson).await.body;
    assert!(page.find("Two birds.").unwrap() < page.find("A blue bird.").unwrap());
    let elsewhere = lesson.replace(&course[9..], &sentence);
    assert_eq!(teacher.get(&elsewhere).await.status, StatusCode::NOT_FOUND, "a lesson of another course");

    let class = id_after(&teacher.get("/classes").await.body, "/classes/");
    let assign = format!("/classes/{class}/assign");
    assert!(!teacher.get(&assign).await.body.contains("Two birds."), "a draft is not given");
    goes_to(&teacher.post_form(&format!("{lesson}/publication"), "").await);
    assert!(teacher.get(&assign).await.body.contains("Two birds."));
    let wrong = teacher.post_form(&assign, "lesson=&due=2001-01-01T20:00").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let due = id_after(&teacher.get(&assign).await.body, "name=\"due\" value=\"");
    let form = format!("lesson={}&due={}", &lesson[lesson.len() - 36..], &due[..16]);
    let grid = goes_to(&teacher.post_form(&assign, &form).await);
    assert!(teacher.get(&grid).await.body.contains("Two birds."));
    let assignment = id_after(&grid, "assignment=");
    let back = goes_to(&teacher.post_form(&format!("/assignments/{assignment}/withdrawal"), "").await);
    assert!(teacher.get(&back).await.body.contains("taken back"));
    goes_to(&teacher.post_form(&format!("{lesson}/withdrawal"), "").await);
    assert_eq!(teacher.get(&lesson).await.status, StatusCode::NOT_FOUND);
    assert_eq!(goes_to(&teacher.post_form(&format!("{course}/withdrawal"), "").await), "/courses");
    assert_eq!(teacher.get(&course).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn recordings_are_heard_one_after_the_other() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let first = goes_to(&teacher.get("/review").await);
    let page = teacher.get(&first).await;
    assert!(page.body.contains("</html>") && page.body.contains("data-machine="), "{}", page.body);
    let part = teacher.part(&first).await;
    assert!(part.body.starts_with("<article") && part.body.contains("name=\"next\""));
    let next = id_after(&part.body, "name=\"next\" value=\"");
    let wrong = teacher.post_form(&first, "score=200&decision=accepted").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"200\""));
    let kept = teacher.post_form(&first, &format!("score=91&comment=Lovely&decision=accepted&next={next}")).await;
    assert_eq!(goes_to(&kept), format!("/review/{next}"));
    let heard = teacher.get(&first).await.body;
    assert!(heard.contains("value=\"91\"") && heard.contains("Lovely"));
    assert!(teacher.get(&format!("/review/{next}")).await.body.contains(&first), "the way back");
    assert_ne!(goes_to(&teacher.get("/review").await), first);

    let class = id_after(&teacher.get("/classes").await.body, "/review?class=");
    let of_class = goes_to(&teacher.get(&format!("/review?class={class}")).await);
    assert!(of_class.ends_with(&format!("?class={class}")));
    let grid = teacher.get(&format!("/classes/{class}")).await;
    assert_eq!(grid.status, StatusCode::OK);
    let assignment = id_after(&grid.body, "?assignment=");
    assert_eq!(teacher.get(&format!("/assignments/{assignment}")).await.status, StatusCode::OK);
    let nothing = teacher.get(&format!("/review?assignment={}", uuid::Uuid::nil())).await;
    assert!(nothing.status == StatusCode::OK && nothing.body.contains("data-empty"));

    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    assert_eq!(manager.get("/campus").await.status, StatusCode::OK);
    assert_eq!(manager.get(&first).await.status, StatusCode::NOT_FOUND);
    let learner = Visit::of(&app, Role::Learner, 0).await;
    for path in ["/classes", "/courses", "/review", "/campus", first.as_str()] {
        assert_eq!(learner.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
