//! How a person wants the pages, and what stands beside their name: kept with the account, refused if it is nothing that
//! there is, seen by nobody else but whom it is for.

use std::io::Cursor;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use image::{ImageFormat, Rgb, RgbImage};
use jiayin::faces::DRAWINGS;
use jiayin_domain::role::Role;
use jiayin_store::faces::Face;

use crate::common::school::{Visit, rows, stranger_posts, viewer};
use crate::common::{ENGLISH, Reply, ScriptedEar, TestApp};

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    picture(width, height, ImageFormat::Jpeg)
}

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture =
        RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) });
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn send_portrait(person: &Visit<'_>, file: &[u8], square: &[(&str, &str)]) -> Reply {
    let mut body = Vec::new();
    for (name, value) in square {
        let field = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(field.as_bytes());
    }
    let head = "--edge\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"IMG_7.jpg\"\r\n\r\n";
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let request = person.request(Method::POST, "/profile/avatar/portrait").header("content-length", body.len());
    let request = request.header("content-type", "multipart/form-data; boundary=edge");
    person.app.send(request.body(Body::from(body)).unwrap()).await
}

/// The address of the picture in the head of a person's pages.
async fn portrait_of(person: &Visit<'_>) -> Option<String> {
    let page = person.get("/profile").await.body;
    let at = page.find("/portraits/")?;
    Some(page[at..at + "/portraits/".len() + 36].to_owned())
}

#[tokio::test]
async fn the_look_is_on_every_page_and_comes_along_to_the_next_browser() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    assert!(
        learner.get("/home").await.body.contains("data-theme=\"auto\" data-saver=\"device\">"),
        "nothing is chosen"
    );
    let reply = learner.post_form("/profile/look", "large=on").await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/profile#look-title"));
    assert!(reply.header("set-cookie").starts_with("look=large; Path=/; Max-Age="), "{}", reply.header("set-cookie"));
    // What is pressed next is added to what this browser has.
    let more =
        learner.request(Method::POST, "/profile/look").header("content-type", "application/x-www-form-urlencoded");
    let more = more.header("cookie", "look=large").body(Body::from("saver=mobile")).unwrap();
    let reply = app.send(more).await;
    assert!(reply.header("set-cookie").starts_with("look=large.mobile;"), "{}", reply.header("set-cookie"));
    let body = format!("person={}", learner.person);
    let elsewhere = stranger_posts(&app, "/sign-in/demo", &body).await;
    let cookies: Vec<_> =
        elsewhere.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("look=large.mobile;")), "{cookies:?}");
    let request = Request::get("/").header("cookie", "look=large.still.quiet.wifi.always").body(Body::empty()).unwrap();
    let page = app.send(request).await.body;
    assert!(page.contains("data-saver=\"always\" data-large data-still data-quiet data-wifi>"), "{page:.400}");
}

#[tokio::test]
async fn settings_that_there_are_not_are_refused_and_change_nothing() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    for body in ["large=huge", "saver=sometimes", "quiet=", "large=on&wifi=perhaps", "large=%ff"] {
        let reply = learner.post_form("/profile/look", body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(reply.headers.get("set-cookie").is_none(), "{body}");
    }
    let kept = app.state.store.profile(learner.person).await.unwrap().unwrap();
    assert_eq!(kept.look, None);
    let request = Request::get("/").header("accept-language", ENGLISH).header("cookie", "look=huge\"><script>");
    assert!(app.send(request.body(Body::empty()).unwrap()).await.body.contains("data-saver=\"device\">"));
}

#[tokio::test]
async fn a_drawing_is_chosen_and_seen_by_the_teacher() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let page = learner.get("/profile/avatar").await.body;
    for drawing in DRAWINGS {
        assert!(page.contains(&format!("value=\"{drawing}\" aria-pressed=\"false\"")), "{drawing}");
        assert_eq!(app.get(&app.state.assets.url(&format!("{drawing}.svg"))).await.status, StatusCode::OK, "{drawing}");
    }
    assert!(!page.contains("/profile/avatar/portrait"), "a child's face stays the child's");
    let reply = learner.post_form("/profile/avatar", "drawing=fox").await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/profile/avatar"));
    assert!(learner.get("/profile/avatar").await.body.contains("value=\"fox\" aria-pressed=\"true\""));
    let fox = format!("<img class=\"face\" src=\"{}\" alt=\"\"", app.state.assets.url("fox.svg"));
    assert!(learner.get("/home").await.body.contains(&fox), "in the head of every page");
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let known = viewer(&app, Role::Teacher, 0).await;
    let mut pages = vec![teacher.get("/review/list").await.body];
    for class in app.state.store.my_classes(&known).await.unwrap() {
        pages.push(teacher.get(&format!("/classes/{}", class.class)).await.body);
    }
    assert!(pages.iter().any(|page| page.contains(&fox)), "in the list of the class");
    for wrong in ["drawing=dragon", "drawing=../icon", "drawing=", ""] {
        assert_eq!(learner.post_form("/profile/avatar", wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(learner.post_form("/profile/avatar", "drawing=letter").await.status, StatusCode::SEE_OTHER);
    let kept = app.state.store.profile(learner.person).await.unwrap().unwrap();
    assert_eq!(kept.face, Face::Letter);
}

#[tokio::test]
async fn a_portrait_is_a_square_of_what_was_sent_and_the_old_one_is_gone() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let sent = jpeg(600, 300);
    let reply = send_portrait(&teacher, &sent, &[("x", "0"), ("y", "50"), ("size", "100")]).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/profile/avatar"));
    let first = portrait_of(&teacher).await.expect("it stands in the head of the page");
    let shown = teacher.get(&first).await;
    assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "image/jpeg"));
    assert!(shown.header("cache-control").starts_with("private"));
    let known = viewer(&app, Role::Teacher, 0).await;
    let id = first.trim_start_matches("/portraits/").parse().unwrap();
    let kept = app.state.store.portrait(&known, id).await.unwrap().unwrap();
    let picture = image::load_from_memory(&kept.bytes).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (256, 256));
    assert!(picture.pixels().all(|pixel| pixel.0[0] > pixel.0[2]), "the left half, as asked for");
    assert_eq!(send_portrait(&teacher, &sent, &[]).await.status, StatusCode::SEE_OTHER, "without a square, the middle");
    let second = portrait_of(&teacher).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(teacher.get(&first).await.status, StatusCode::NOT_FOUND, "deleted");
    teacher.post_form("/profile/avatar", "drawing=owl").await;
    assert_eq!(teacher.get(&second).await.status, StatusCode::NOT_FOUND, "and so is this one");
}

#[tokio::test]
async fn clause_11_2_who_works_for_the_school_is_seen_by_it_and_others_by_themselves_alone() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    for adult in [&teacher, &guardian] {
        assert_eq!(send_portrait(adult, &jpeg(64, 64), &[]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(send_portrait(&learner, &jpeg(64, 64), &[]).await.status, StatusCode::NOT_FOUND, "not for children");
    let (staffs, guardians) = (portrait_of(&teacher).await.unwrap(), portrait_of(&guardian).await.unwrap());
    for other in [&learner, &guardian] {
        assert_eq!(other.get(&staffs).await.status, StatusCode::OK);
    }
    assert_eq!(guardian.get(&guardians).await.status, StatusCode::OK);
    for other in [&learner, &teacher, &Visit::of(&app, Role::Guardian, 1).await] {
        assert_eq!(other.get(&guardians).await.status, StatusCode::NOT_FOUND);
    }
    for path in [&staffs, &guardians] {
        assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "not for strangers");
    }
}

#[tokio::test]
async fn a_file_that_is_no_portrait_is_refused_and_leaves_nothing() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let before = rows(&app).await;
    let whole = picture(200, 200, ImageFormat::Png);
    for (file, message) in [
        (b"Dear school, this is no picture.".as_slice(), "not a picture we can read"),
        (&whole[..whole.len() / 2], "This picture is damaged"),
        (b"", "Choose a picture first"),
    ] {
        let reply = send_portrait(&teacher, file, &[("x", "ten"), ("y", "-1"), ("size", "1e9")]).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert!(reply.body.contains(message), "{message}");
    }
    let large = send_portrait(&teacher, &vec![7; 30_000_000], &[]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let tables = |all: Vec<(String, i64)>| all.into_iter().filter(|(table, _)| table == "media").collect::<Vec<_>>();
    assert_eq!(tables(before), tables(rows(&app).await));
}

/// The page that is kept for when there is no network says nothing of scores, comments and recordings.
#[tokio::test]
async fn a_page_to_take_along_has_nothing_in_it_that_was_said_or_scored() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let home = learner.get("/home").await.body;
    let paths: Vec<String> = home
        .match_indices("/homework/")
        .filter_map(|(at, _)| home.get(at..at + "/homework/".len() + 36 + "/exercises/".len() + 36))
        .filter(|path| path.contains("/exercises/"))
        .map(str::to_owned)
        .collect();
    let mut heard = 0;
    for path in &paths {
        heard += usize::from(learner.get(path).await.body.contains("/recordings/"));
        let request = learner.request(Method::GET, path).header("x-along", "1").body(Body::empty()).unwrap();
        let page = app.send(request).await.body;
        assert!(page.contains("data-exercise-id=") && page.contains("data-owner="), "it is the exercise");
        for said in ["/recordings/", "class=\"history\"", "class=\"said", "data-attempt=", "step done"] {
            assert!(!page.contains(said), "{said} in {path}");
        }
    }
    assert!(heard > 0, "there was something to leave out");
    assert!(home.contains("data-along=\"") && home.contains("data-pages=\"/homework/"), "{home}");
}

/// Clause 11.3: what goes over the network for sound and pictures is counted by kind of network, and by nothing else.
#[tokio::test]
async fn clause_11_3_media_bytes_are_counted_by_kind_of_network_alone() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let known = viewer(&app, Role::Learner, 0).await;
    let tasks = app.state.store.tasks(&known, jiff::Timestamp::UNIX_EPOCH).await.unwrap().tasks;
    let media =
        tasks.iter().flat_map(|task| &task.sentences).find_map(|sentence| sentence.audio.as_ref()).unwrap().media;
    let path = format!("/media/{media}");
    let listen = async |network: &str| {
        let request = learner.request(Method::GET, &path).header("x-network", network).body(Body::empty()).unwrap();
        let length: u64 = app.send(request).await.header("content-length").parse().unwrap();
        length
    };
    let length = listen("cellular").await;
    listen("cellular").await;
    listen("wifi").await;
    learner.get(&path).await;
    listen("the wifi of Li Lei").await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let portrait = jpeg(64, 64);
    send_portrait(&teacher, &portrait, &[]).await;
    let metrics = app.get("/metrics").await.body;
    for (direction, network, bytes) in [
        ("out", "cellular", 2 * length),
        ("out", "wifi", length),
        ("out", "unknown", 2 * length),
        ("in", "unknown", portrait.len() as u64),
    ] {
        let line = format!("jiayin_media_bytes_total{{direction=\"{direction}\",network=\"{network}\"}} {bytes}");
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("Li Lei"));
}

/// Clause 11.3: no page makes a browser fetch sound before it is asked for; scripts do, unless data is saved.
#[test]
fn clause_11_3_no_player_fetches_by_itself() {
    fn look(folder: &std::path::Path, players: &mut usize) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, players);
                continue;
            }
            let page = std::fs::read_to_string(&path).unwrap();
            for tag in page.split("<audio").skip(1).map(|rest| rest.split('>').next().unwrap()) {
                assert!(tag.contains("preload=\"none\""), "{}: {tag}", path.display());
                *players += 1;
            }
        }
    }
    let mut players = 0;
    look(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut players);
    assert!(players >= 4, "{players}");
}
