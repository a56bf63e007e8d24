//! Terms, classes and lists over HTTP: a file is shown, imported, undone; what is no list is told; nobody else's campus.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use encoding_rs::GB18030;
use jiayin_domain::role::Role;

use crate::common::school::{Visit, rows};
use crate::common::{Reply, ScriptedEar, TestApp};

const LIST: &str = "学期,学期开始,学期结束,班级,姓名,学号,家长电话\n\
                    2026年秋季,2026-09-01,2027-01-20,五年级9班,甄小云,20260001,13800000000\n\
                    2026年秋季,,,五年级9班,甄小雨,20260002,\n\
                    2026年秋季,,,五年级9班,甄小雨,20260002,\n\
                    ,,,,甄小雪,,\n";

async fn upload(manager: &Visit<'_>, file: &[u8]) -> Reply {
    let mut body =
        b"--jiayin-test\r\nContent-Disposition: form-data; name=\"elsewhere\"\r\n\r\nmove\r\n--jiayin-test\r\n\
                     Content-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n"
            .to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--jiayin-test--\r\n");
    let request = manager
        .request(Method::POST, "/campus/roster")
        .header("content-type", "multipart/form-data; boundary=jiayin-test")
        .header("content-length", body.len());
    manager.app.send(request.body(Body::from(body)).unwrap()).await
}

fn token(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap_or_else(|| panic!("no token: {page}"));
    rest.split('"').next().unwrap()
}

async fn confirm(manager: &Visit<'_>, page: &str) -> Reply {
    manager.post_form("/campus/roster/confirmation", &format!("token={}", token(page))).await
}

/// The tiles of a preview: new, changed, left alone, wrong.
fn tiles(page: &str) -> Vec<usize> {
    let numbers = page.split("<li class=\"tile\"><b>").skip(1).map(|rest| rest.split('<').next().unwrap());
    numbers.map(|number| number.parse().unwrap()).collect()
}

fn undo_path(page: &str) -> String {
    let (_, rest) = page.split_once("action=\"/campus/roster/").unwrap();
    let rest = if rest.starts_with("sheet") { rest.split_once("action=\"/campus/roster/").unwrap().1 } else { rest };
    format!("/campus/roster/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn clause_i_4_an_import_leaves_no_personal_row_about_children_without_consent() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let before = rows(&app).await;
    let (gbk, _, _) = GB18030.encode(LIST);
    let page = upload(&manager, &gbk).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(tiles(&page.body), [2, 0, 0, 2], "{}", page.body);
    for part in ["甄小云", "an invitation to “五年级9班”", "the same as line 3", "no class", "家长电话", "2026年秋季"]
    {
        assert!(page.body.contains(part), "{part}");
    }
    let looked = rows(&app).await;
    let personal = |rows: &[(String, i64)]| -> Vec<(String, i64)> {
        // That the manager looked at the names of the campus stands in the audit log.
        rows.iter().filter(|(table, _)| table != "audit").cloned().collect()
    };
    assert_eq!(personal(&looked), personal(&before), "a preview leaves nothing");
    let sheet = confirm(&manager, &page.body).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.body);
    assert_eq!(sheet.body.matches("/join/").count(), 2);
    assert!(sheet.body.contains("甄小云") && !sheet.body.contains("甄小雪"));
    let after = rows(&app).await;
    for ((table, before), (_, after)) in personal(&before).iter().zip(personal(&after)) {
        let more = match table.as_str() {
            "invitation" => 2,
            "class" | "term" | "roster_import" => 1,
            _ => 0,
        };
        assert_eq!(after - before, more, "{table}");
    }
    for name in ["甄小云", "20260001"] {
        for file in ["jiayin.sqlite", "jiayin.sqlite-wal"] {
            let bytes = std::fs::read(app.state.config.data_dir.join(file)).unwrap_or_default();
            assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{name} in {file}");
        }
    }

    // The sheet as a file, which imported again is known row by row; the same list is, too.
    let file = manager.post_form("/campus/roster/sheet", &format!("token={}", token(&sheet.body))).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert!(file.body.starts_with('\u{feff}') && file.body.contains("甄小雨") && file.body.contains("/join/"));
    let again = upload(&manager, file.body.as_bytes()).await;
    assert_eq!(tiles(&again.body), [0, 0, 2, 0], "{}", again.body);
    assert!(again.body.contains("There is nothing to import"));
    assert_eq!(tiles(&upload(&manager, LIST.as_bytes()).await.body), [0, 0, 2, 2]);

    let undone = manager.post_form(&undo_path(&sheet.body), "").await;
    assert_eq!((undone.status, undone.header("location")), (StatusCode::SEE_OTHER, "/campus/roster?back=4&stay=0"));
    assert!(manager.get("/campus/roster?back=4&stay=0").await.body.contains("Undone: 4"));
    assert_eq!(manager.post_form(&undo_path(&sheet.body), "").await.status, StatusCode::NOT_FOUND);
    let link = sheet.body.split("/join/").nth(1).unwrap()[..64].to_owned();
    assert_eq!(app.get(&format!("/join/{link}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_exported_is_left_alone_when_it_comes_back() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let list = manager.get("/campus/roster/list").await;
    assert_eq!((list.status, list.header("cache-control")), (StatusCode::OK, "no-store"));
    let count = list.body.lines().count() - 1;
    assert!(count > 10, "{}", list.body);
    let page = upload(&manager, list.body.as_bytes()).await;
    assert_eq!(tiles(&page.body), [0, 0, count, 0], "{}", page.body);
    // Numbers are filled in by the school, and stand in the next list.
    let numbered: Vec<String> = list
        .body
        .trim_end()
        .lines()
        .enumerate()
        .map(|(at, line)| match line.strip_suffix("\"\"") {
            Some(line) if line.contains("learner") => format!("{line}\"=S{at}\""),
            _ => line.to_owned(),
        })
        .collect();
    let page = upload(&manager, numbered.join("\r\n").as_bytes()).await;
    let learners = tiles(&page.body)[1];
    assert!(learners > 8, "{}", page.body);
    assert_eq!(confirm(&manager, &page.body).await.status, StatusCode::OK);
    let list = manager.get("/campus/roster/list").await.body;
    assert_eq!(list.matches(",\"'=S").count(), learners, "no cell is a formula: {list}");
    assert_eq!(tiles(&upload(&manager, list.as_bytes()).await.body), [0, 0, count, 0]);
    let class = manager.get("/campus").await.body;
    let class = &class[class.find("/campus/classes/").unwrap()..][..52];
    assert!(manager.get(class).await.body.contains("=S"), "and on the page of the class");
}

#[tokio::test]
async fn what_is_no_list_is_told_and_nothing_happens() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    for (file, said) in [
        (&b""[..], "nothing in the file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no list that can be read"),
        (b"\xd0\xcf\x11\xe0", "old XLS format"),
        ("姓名,学号\n甄小云,1\n".as_bytes(), "no column for the class"),
        (b"a,b\n1,2\n", "No line names the columns"),
    ] {
        let reply = upload(&manager, file).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains(said), "{said}: {}", reply.body);
    }
    let large = "甄小云,五年级9班,1234567\n".repeat(400_000);
    assert!(large.len() > 10_000_000);
    assert_eq!(upload(&manager, large.as_bytes()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(manager.post_form("/campus/roster", "file=x").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for token in ["", "00", "zz"] {
        let reply = manager.post_form("/campus/roster/confirmation", &format!("token={token}")).await;
        assert_eq!(reply.status, StatusCode::GONE, "{token}");
    }
    assert!(!rows(&app).await.contains(&("roster_import".to_owned(), 1)));
}

#[tokio::test]
async fn a_shown_list_is_for_one_person_and_half_an_hour() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let page = upload(&manager, LIST.as_bytes()).await.body;
    // A list is no sheet, though both are sealed by us.
    let as_sheet = manager.post_form("/campus/roster/sheet", &format!("token={}", token(&page))).await;
    assert_eq!(as_sheet.status, StatusCode::GONE);
    // Between looking and importing somebody opens the class: it is shown again.
    let opened = manager.post_form("/campus/classes", "title=%E4%BA%94%E5%B9%B4%E7%BA%A79%E7%8F%AD").await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let again = confirm(&manager, &page).await;
    assert!(again.body.contains("Something has changed"), "{}", again.body);
    app.clock.advance(std::time::Duration::from_secs(1801));
    assert_eq!(confirm(&manager, &again.body).await.status, StatusCode::GONE);
    for (role, number) in [(Role::Teacher, 0), (Role::Guardian, 0), (Role::Learner, 0), (Role::PrivacyOfficer, 0)] {
        let other = Visit::of(&app, role, number).await;
        assert_eq!(other.get("/campus/roster").await.status, StatusCode::NOT_FOUND, "{role:?}");
        assert_eq!(other.get("/campus/roster/list").await.status, StatusCode::NOT_FOUND, "{role:?}");
        assert_eq!(upload(&other, LIST.as_bytes()).await.status, StatusCode::NOT_FOUND, "{role:?}");
    }
}

#[tokio::test]
async fn terms_fold_old_classes_away_and_learners_go_to_others() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let campus = manager.get("/campus").await.body;
    let class = campus[campus.find("/campus/classes/").unwrap()..][..52].to_owned();
    let wrong = manager.post_form("/campus/terms", "name=Old&first=2020-09-01&last=2020-01-01").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("The last day comes after the first") && wrong.body.contains("value=\"Old\""));
    let made = manager.post_form("/campus/terms", "name=Old&first=2020-02-01&last=2020-07-01").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let terms = manager.get("/campus/terms").await.body;
    let term = &terms[terms.find("/campus/terms/").unwrap() + 14..][..36];

    let page = manager.get(&class).await.body;
    let learner = &page[page.find("name=\"learner\" value=\"").unwrap() + 22..][..36];
    let to = &page[page.find("<select id=\"to\"").unwrap()..];
    let to = &to[to.find("value=\"").unwrap() + 7..][..36];
    let moved = manager.post_form(&format!("{class}/moves"), &format!("learner={learner}&to={to}")).await;
    assert_eq!(moved.header("location"), format!("{class}?moved=1"));
    assert!(!manager.get(&class).await.body.contains(learner));
    assert!(manager.get(&format!("/campus/classes/{to}")).await.body.contains(learner));
    let odd = manager.post_form(&format!("{class}/moves"), "learner=x&to=y").await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);

    assert_eq!(
        manager.post_form(&format!("{class}/term"), &format!("term={term}")).await.status,
        StatusCode::SEE_OTHER
    );
    let campus = manager.get("/campus").await.body;
    assert!(campus.contains("past-term") && campus.contains(&class), "{campus}");
    let nowhere = uuid::Uuid::nil();
    for path in [format!("/campus/classes/{nowhere}/moves"), format!("{class}/moves")] {
        let reply = manager.post_form(&path, &format!("learner={learner}&to={nowhere}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(manager.get(&format!("/campus/classes/{nowhere}")).await.status, StatusCode::NOT_FOUND);
    let reply = manager.post_form(&format!("/campus/terms/{nowhere}"), "name=A&first=2020-02-01&last=2020-07-01").await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
}
