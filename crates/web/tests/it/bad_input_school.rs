//! Bad input in a school: files that are no sound, homework that was taken back. The right status, a message in both
//! languages that says what to do, and nothing kept of it.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin_domain::role::Role;
use jiayin_store::courses::Sentence;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::common::school::{Visit, hex, viewer};
use crate::common::{CHINESE, ENGLISH, Reply, ScriptedEar, TestApp, fixtures, form, sound};

/// A sentence of the first course, and the address of its lesson.
async fn sentence(app: &TestApp) -> (String, Sentence) {
    let teacher = viewer(app, Role::Teacher, 0).await;
    let course = app.state.store.courses(&teacher).await.unwrap().remove(0);
    let lesson = &course.lessons[0];
    (format!("/courses/{}/lessons/{}", course.course, lesson.lesson), lesson.sentences[0].clone())
}

async fn send_audio(teacher: &Visit<'_>, path: &str, language: &str, file: &[u8]) -> Reply {
    let request =
        teacher.request(Method::POST, path).header("content-type", "multipart/form-data; boundary=jiayin-test");
    let mut request = request.body(Body::from(form("", Some(("sound.wav", file))))).unwrap();
    request.headers_mut().insert("accept-language", language.parse().unwrap());
    teacher.app.send(request).await
}

#[tokio::test]
async fn a_course_takes_no_file_that_is_no_sound() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let (lesson, before) = sentence(&app).await;
    let path = format!("{lesson}/exercises/{}/audio", before.exercise);
    let cannot = [(ENGLISH, "cannot be read. Try a WAV"), (CHINESE, "请换一个 WAV")];
    let too_long = [(ENGLISH, "too long for one sentence"), (CHINESE, "太长了")];
    let missing = [(ENGLISH, "Choose a sound file first"), (CHINESE, "请先选一个声音文件")];
    let whole = fixtures::reading().bytes();
    let (webm, long) = (sound::truncated_webm(), sound::silence(130_000));
    let files: [(&[u8], _); 5] = [
        (b"Dear teacher, this is no sound.", cannot),
        (&whole[..40], cannot),
        (&webm, cannot),
        (&long, too_long),
        (b"", missing),
    ];
    for (file, messages) in files {
        for (language, message) in messages {
            let reply = send_audio(&teacher, &path, language, file).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
            assert!(reply.body.contains(message), "{message} is not in\n{}", reply.body);
        }
    }
    assert_eq!(sentence(&app).await.1, before, "nothing is kept");
    let kept = send_audio(&teacher, &path, ENGLISH, &whole).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let audio = sentence(&app).await.1.audio.expect("the sound is kept");
    assert_ne!(Some(&audio), before.audio.as_ref());
    assert_eq!(teacher.get(&format!("/media/{}", audio.media)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn homework_that_is_taken_back_while_a_child_records_says_so() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let home = learner.get("/home").await;
    let (_, rest) = home.body.split_once("/homework/").expect("there is something to do");
    let (assignment, rest) = rest.split_once("/exercises/").unwrap();
    let exercise = &rest[..36];
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let withdrawn = teacher.post_form(&format!("/assignments/{assignment}/withdrawal"), "").await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    let announcement = json!({
        "id": uuid::Uuid::from_u128(7).to_string(), "kind": "recording", "owner": learner.person,
        "assignment": assignment, "exercise": exercise, "mime": "audio/webm", "size": 5,
        "sha256": hex(&Sha256::digest(b"sound")),
    });
    for (language, message) in [(ENGLISH, "taken this homework back"), (CHINESE, "已被老师收回")] {
        let mut request = learner
            .request(Method::POST, "/uploads")
            .header("content-type", "application/json")
            .body(Body::from(announcement.to_string()))
            .unwrap();
        request.headers_mut().insert("accept-language", language.parse().unwrap());
        let reply = app.send(request).await;
        assert_eq!(reply.status, StatusCode::GONE);
        assert!(reply.body.contains(message), "{}", reply.body);
    }
    assert_eq!(
        learner.get(&format!("/homework/{assignment}/exercises/{exercise}")).await.status,
        StatusCode::NOT_FOUND
    );
}
