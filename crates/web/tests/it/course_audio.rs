//! Course audio is listened to before it is kept, whichever way it comes: what is no use is refused with a reason, what is
//! poor is kept with a word on it, and all of it is played equally loud.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin::uploads::listening::{Unfit, listen};
use jiayin_domain::role::Role;
use jiayin_domain::sound::{Fault, Heard};
use jiayin_speech::Audio;
use jiayin_speech::decode::{DecodeLimits, decode};
use jiayin_speech::take::measure;
use jiayin_store::course_audio::CourseAudio;
use jiayin_store::courses::Sentence;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::common::school::{Visit, hex, viewer};
use crate::common::{CHINESE, ENGLISH, Reply, ScriptedEar, TestApp, fixtures, form, sound};

/// The reading, so many times as loud; what does not fit is cut off.
fn louder(times: f32) -> Vec<u8> {
    let audio = decode(&fixtures::reading().bytes(), &DecodeLimits::default()).unwrap();
    let sample = |sample: &f32| (sample * times * 32_767.0).round() as i16;
    sound::wav(16_000, &audio.samples().iter().map(sample).collect::<Vec<_>>())
}

/// A teacher at a sentence of the demo school.
struct Desk<'a> {
    app: &'a TestApp,
    teacher: Visit<'a>,
    page: String,
    first: Sentence,
}

impl<'a> Desk<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let teacher = Visit::of(app, Role::Teacher, 0).await;
        let seen = viewer(app, Role::Teacher, 0).await;
        let course = app.state.store.courses(&seen).await.unwrap().remove(0);
        let lesson = &course.lessons[0];
        let page = format!("/courses/{}/lessons/{}", course.course, lesson.lesson);
        Self { app, teacher, page, first: lesson.sentences[0].clone() }
    }

    async fn audio(&self) -> Option<CourseAudio> {
        Desk::new(self.app).await.first.audio
    }

    /// As the recorder sends it: the answer to the last piece.
    async fn by_script(&self, number: u128, bytes: &[u8]) -> Reply {
        let id = uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).to_string();
        let announced = self.announce(&id, bytes).await;
        assert_eq!(announced.status, StatusCode::CREATED, "{}", announced.body);
        let mut reply = announced;
        for (at, piece) in bytes.chunks(64 * 1024).enumerate() {
            reply = self.teacher.piece(&id, at * 64 * 1024, piece).await;
        }
        reply
    }

    async fn announce(&self, id: &str, bytes: &[u8]) -> Reply {
        let announcement = json!({
            "id": id, "kind": "course_audio", "exercise": self.first.exercise.to_string(),
            "mime": "audio/wav", "size": bytes.len(), "sha256": hex(&Sha256::digest(bytes)),
        });
        self.teacher.post_json("/uploads", &announcement).await
    }

    /// As a page without scripts sends it.
    async fn by_form(&self, language: &str, bytes: &[u8]) -> Reply {
        let path = format!("{}/exercises/{}/audio", self.page, self.first.exercise);
        let request = self.teacher.request(Method::POST, &path);
        let request = request.header("content-type", "multipart/form-data; boundary=jiayin-test");
        let mut request = request.body(Body::from(form("", Some(("sound.wav", bytes))))).unwrap();
        request.headers_mut().insert("accept-language", language.parse().unwrap());
        self.app.send(request).await
    }

    /// The page of the lesson.
    async fn seen(&self, language: &str) -> String {
        let mut request = self.teacher.request(Method::GET, &self.page).body(Body::empty()).unwrap();
        request.headers_mut().insert("accept-language", language.parse().unwrap());
        self.app.send(request).await.body
    }
}

#[tokio::test]
async fn what_the_recorder_sends_is_kept_with_what_was_heard() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    let reply = desk.by_script(1, &fixtures::reading().bytes()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let answer = reply.json();
    let gain = answer["gain"].as_f64().unwrap();
    assert!((9.0..12.0).contains(&gain), "quiet, it is played louder: {gain}");
    assert_eq!((&answer["faults"], &answer["refused"]), (&json!([]), &json!(null)));
    let kept = desk.audio().await.unwrap();
    assert_eq!(answer["media"], json!(kept.media.to_string()));
    assert!(desk.seen(ENGLISH).await.contains(&format!("data-gain=\"{gain}\"")));
    let id = answer["recording"].as_str().unwrap();
    let again = desk.announce(id, &fixtures::reading().bytes()).await.json();
    assert_eq!((&again["gain"], &again["acknowledged"]), (&answer["gain"], &answer["acknowledged"]), "asked again");
}

#[tokio::test]
async fn a_poor_recording_is_kept_with_a_word_to_the_teacher_alone() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    let reply = desk.by_script(1, &louder(20.0)).await;
    assert_eq!((reply.status, &reply.json()["faults"]), (StatusCode::OK, &json!(["clipped"])), "{}", reply.body);
    for (language, words) in [(ENGLISH, "The sound is distorted."), (CHINESE, "声音有破音")] {
        // Once for the script, and once at the exercise.
        assert_eq!(desk.seen(language).await.matches(words).count(), 2, "{words}");
    }
    let by_form = desk.by_form(ENGLISH, &louder(20.0)).await;
    assert_eq!(by_form.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.audio().await.unwrap().faults, [Fault::Clipped]);
    let better = desk.by_form(ENGLISH, &fixtures::reading().bytes()).await;
    assert_eq!(better.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.seen(ENGLISH).await.matches("The sound is distorted.").count(), 1, "recorded again, it is gone");
}

#[tokio::test]
async fn what_is_no_use_is_refused_both_ways_and_what_was_there_stays() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    desk.by_script(1, &fixtures::reading().bytes()).await;
    let before = desk.audio().await;
    let (silent, short, long) = (sound::silence(3000), sound::tone(120, 300.0), sound::silence(130_000));
    let files: [(&[u8], &str, [&str; 2]); 5] = [
        (b"Dear teacher, this is no sound.", "unreadable", ["cannot be read. Try a WAV", "请换一个 WAV"]),
        (&fixtures::reading().bytes()[..40], "unreadable", ["cannot be read. Try a WAV", "请换一个 WAV"]),
        (&silent, "silent", ["We heard nothing", "没听到声音"]),
        (&short, "too-short", ["too short for its sentence", "这段录音太短"]),
        (&long, "too-long", ["too long for one sentence", "太长了"]),
    ];
    for (number, (file, code, words)) in files.into_iter().enumerate() {
        let reply = desk.by_script(10 + number as u128, file).await;
        assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{code}: {}", reply.body);
        let answer = reply.json();
        assert_eq!((&answer["refused"], &answer["acknowledged"]), (&json!(code), &json!(null)));
        for (language, words) in [ENGLISH, CHINESE].into_iter().zip(words) {
            let reply = desk.by_form(language, file).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
            assert!(reply.body.matches(words).count() == 2, "{code}: {words}");
        }
    }
    assert_eq!(desk.audio().await, before);
    // More than is taken.
    let huge = vec![0u8; 30_000_000];
    assert_eq!(desk.by_form(ENGLISH, &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let id = uuid::Uuid::from_u128(99).to_string();
    assert_eq!(desk.announce(&id, &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.audio().await, before);
}

#[test]
fn all_recordings_are_played_equally_loud() {
    let mut measured = 0;
    for entry in std::fs::read_dir(fixtures::folder())
        .unwrap()
        .chain(std::fs::read_dir(fixtures::folder().join("readings")).unwrap())
    {
        let path = entry.unwrap().path();
        if !path.is_file() || path.extension().is_some_and(|kind| kind == "md") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let heard = listen(&bytes, Some("I put my elbows on the table")).unwrap().unwrap().heard;
        assert_eq!(heard.faults, [], "{}", path.display());
        let played = |heard: &Heard| {
            let audio = decode(&bytes, &DecodeLimits::default()).unwrap();
            let factor = 10f32.powf(heard.gain.db() / 20.0);
            measure(&Audio::new(audio.samples().iter().map(|sample| sample * factor).collect(), 0.0)).unwrap()
        };
        let take = played(&heard);
        let (loudness, peak) = (take.loudness.unwrap(), take.true_peak);
        assert!(peak < -0.9, "{}: {peak} dBTP", path.display());
        // As loud as all others, or as loud as its peaks allow.
        assert!((loudness + 19.0).abs() <= 1.0 || (peak + 1.0).abs() < 0.1, "{}: {loudness} LUFS", path.display());
        assert!((-21.5..=-18.0).contains(&loudness), "{}: {loudness} LUFS", path.display());
        measured += 1;
    }
    assert!(measured >= 15, "{measured}");
}

#[test]
fn what_was_measured_decides() {
    let text = Some("I put my elbows on the table");
    assert_eq!(listen(&sound::noise(3000, 1), text).unwrap().unwrap().heard.faults.last(), Some(&Fault::Noisy));
    assert_eq!(listen(&louder(0.03), text).unwrap().unwrap().heard.faults, [Fault::Quiet]);
    let paragraph = "word ".repeat(60);
    assert_eq!(listen(&fixtures::reading().bytes(), Some(&paragraph)).unwrap(), Err(Unfit::TooShort));
}
