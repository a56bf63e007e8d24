//! Exercises of all kinds over HTTP: as the teacher writes them, as the learner does them, and what is refused.

use std::io::Cursor;

use axum::http::StatusCode;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageFormat, Rgb, RgbImage};
use jiayin_domain::exercise::Kind;
use jiayin_domain::homework::SubmissionState;
use jiayin_domain::id::{AssignmentId, ExerciseId, LessonId};
use jiayin_domain::role::Role;
use jiayin_store::courses::Sentence;
use jiff::{Timestamp, ToSpan};

use crate::common::school::{Visit, viewer};
use crate::common::{Reply, ScriptedEar, TestApp};

/// A teacher with a new lesson, and its address.
struct Desk<'a> {
    teacher: Visit<'a>,
    lesson: LessonId,
    path: String,
}

impl<'a> Desk<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let teacher = Visit::of(app, Role::Teacher, 0).await;
        let course = teacher.post_form("/courses", "title=Kinds").await;
        let made = teacher.post_form(&format!("{}/lessons", course.header("location")), "title=All+of+them").await;
        let path = made.header("location").to_owned();
        let lesson = path.rsplit('/').next().unwrap().parse().unwrap();
        Self { teacher, lesson, path }
    }

    async fn add(&self, form: &str) -> Reply {
        self.teacher.post_form(&format!("{}/exercises", self.path), form).await
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)], picture: Option<&[u8]>) -> Reply {
        self.teacher.post_picture(&format!("{}{path}", self.path), fields, picture).await
    }

    async fn sentences(&self) -> Vec<Sentence> {
        let teacher = viewer(self.teacher.app, Role::Teacher, 0).await;
        self.teacher.app.state.store.lesson(&teacher, self.lesson).await.unwrap().unwrap().sentences
    }

    /// Publishes the lesson, and gives it to the class of the first learner.
    async fn give(&self, learner: &Visit<'_>) -> AssignmentId {
        let published = self.teacher.post_form(&format!("{}/publication", self.path), "").await;
        assert_eq!(published.status, StatusCode::SEE_OTHER);
        let (app, store) = (self.teacher.app, &self.teacher.app.state.store);
        let teacher = viewer(app, Role::Teacher, 0).await;
        let due = app.state.clock.now().checked_add(24.hours()).unwrap();
        for class in store.my_classes(&teacher).await.unwrap() {
            let given = store.assign(&teacher, class.class, self.lesson, due).await.unwrap().unwrap();
            let of = viewer(app, Role::Learner, 0).await;
            assert_eq!(of.person, learner.person);
            if store.tasks(&of, Timestamp::UNIX_EPOCH).await.unwrap().tasks.iter().any(|task| task.assignment == given)
            {
                return given;
            }
        }
        panic!("the learner is in no class of the teacher");
    }
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A marker segment of a JPEG file.
fn segment(contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    [&[0xff, 0xe1], &length[..], contents].concat()
}

/// A photograph as a phone takes it: turned on its side, with the place, the camera and the owner in it.
fn photograph() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
    tiff.extend(3u16.to_be_bytes());
    tiff.extend(entry(0x010f, 2, 16, 100u32.to_be_bytes()));
    tiff.extend(entry(0x0112, 3, 1, [0, 6, 0, 0]));
    tiff.extend(entry(0x8825, 4, 1, 60u32.to_be_bytes()));
    tiff.resize(60, 0);
    tiff.extend(1u16.to_be_bytes());
    tiff.extend(entry(0x0001, 2, 2, *b"N\0\0\0"));
    tiff.resize(100, 0);
    tiff.extend(b"GPS-CANARY-31.23\0");
    let exif = segment(&[b"Exif\0\0", tiff.as_slice()].concat());
    let xmp = segment(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>OWNER-CANARY</x:xmpmeta>");
    let jpeg = encoded(&RgbImage::from_fn(300, 200, |x, y| Rgb([x as u8, y as u8, 90])), ImageFormat::Jpeg);
    [&jpeg[..2], &exif, &xmp, &jpeg[2..], b"TRAILER-CANARY"].concat()
}

#[tokio::test]
async fn clause_11_2_of_a_picture_nothing_is_kept_but_what_can_be_seen() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    let sent = photograph();
    let fields = [("text", "A red cat."), ("alt", "A cat on a mat")];
    let added = desk.send("/exercises/pictures", &fields, Some(&sent)).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let sentences = desk.sentences().await;
    let picture = sentences[0].picture.clone().expect("the picture is kept");
    assert_eq!((sentences[0].content.kind(), picture.alt.as_str()), (Kind::Picture, "A cat on a mat"));
    let teacher = viewer(&app, Role::Teacher, 0).await;
    let kept = app.state.store.course_picture(&teacher, picture.media).await.unwrap().unwrap();
    for trace in ["Exif", "CANARY", "adobe", "xmpmeta", "IMG_0042"] {
        let holds = |bytes: &[u8]| bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
        assert!(holds(&sent) || trace == "IMG_0042", "{trace} was in what was sent");
        assert!(!holds(&kept.bytes), "{trace} is in what is kept");
    }
    let seen = image::load_from_memory(&kept.bytes).unwrap();
    assert_eq!((seen.width(), seen.height()), (200, 300), "it stands upright, as the phone was held");

    let learner = Visit::of(&app, Role::Learner, 0).await;
    let assignment = desk.give(&learner).await;
    let page = learner.get(&format!("/homework/{assignment}/exercises/{}", sentences[0].exercise)).await;
    let shown = format!("<img class=\"looked-at\" src=\"/media/{}\" alt=\"A cat on a mat\">", picture.media);
    assert!(page.body.contains(&shown), "{}", page.body);
    let reply = learner.get(&format!("/media/{}", picture.media)).await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "image/jpeg"));
}

#[tokio::test]
async fn a_file_that_is_no_picture_is_refused_and_leaves_nothing() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    let whole = encoded(&RgbImage::from_fn(400, 300, |x, y| Rgb([(x * y) as u8, 1, 2])), ImageFormat::Png);
    // 36 million pixels of one colour: a few kilobytes that would become 108 megabytes.
    let mut bomb = Vec::new();
    let smallest = PngEncoder::new_with_quality(&mut bomb, CompressionType::Best, FilterType::NoFilter);
    RgbImage::new(6000, 6000).write_with_encoder(smallest).unwrap();
    assert!(bomb.len() < 500_000, "{} bytes", bomb.len());
    let fields = [("text", "A red cat."), ("alt", "A cat")];
    for (file, message) in [
        (b"<svg onload='x'>".as_slice(), "not a picture we can read"),
        (&whole[..whole.len() / 2], "This picture is damaged"),
        (&bomb, "too many pixels"),
        (b"", "Choose a picture first"),
    ] {
        let reply = desk.send("/exercises/pictures", &fields, Some(file)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert!(reply.body.contains(message), "{message} is not in\n{}", reply.body);
        assert!(reply.body.contains("A red cat."), "what was typed is still there");
    }
    let huge = desk.send("/exercises/pictures", &fields, Some(&vec![7; 50_000_000])).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    for fields in [[("text", "A red cat."), ("alt", "  ")], [("text", "一只猫"), ("alt", "A cat")]] {
        let reply = desk.send("/exercises/pictures", &fields, Some(&whole)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(desk.sentences().await.is_empty());
}

#[tokio::test]
async fn exercises_of_every_kind_are_written_and_done() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    for form in [
        "kind=paragraph&text=I+see+a+red+bird.+I+see+three+cats.",
        "kind=dialogue&role=Ben&lines=Anna:+I+see+the+bird.%0ABen:+The+bird+runs+fast.",
        "kind=pair&text=ship&other=sheep",
        "kind=choose&text=bird&choice1=red&choice2=bird&choice3=%E9%B8%9F&right=2",
    ] {
        let reply = desk.add(form).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{form}: {}", reply.body);
    }
    let sentences = desk.sentences().await;
    let kinds: Vec<Kind> = sentences.iter().map(|sentence| sentence.content.kind()).collect();
    assert_eq!(kinds, [Kind::Paragraph, Kind::Dialogue, Kind::Pair, Kind::Choose]);
    let page = desk.teacher.get(&desk.path).await;
    assert!(page.body.contains("/ɪ/") && page.body.contains("/i/"), "the sounds of the pair");

    let learner = Visit::of(&app, Role::Learner, 0).await;
    let assignment = desk.give(&learner).await;
    let path = |exercise: ExerciseId| format!("/homework/{assignment}/exercises/{exercise}");
    let page = learner.get(&path(sentences[1].exercise)).await;
    assert!(page.body.contains("You are Ben") && page.body.contains("I see the bird."), "{}", page.body);
    assert!(page.body.contains("data-recorder"));
    let choose = path(sentences[3].exercise);
    let page = learner.get(&choose).await;
    assert!(!page.body.contains("data-recorder") && page.body.contains("value=\"3\""), "{}", page.body);
    let answer = async |choice: &str| learner.post_form(&format!("{choose}/answers"), choice).await;
    assert_eq!(answer("choice=1").await.header("location"), format!("{choose}#choices"));
    let page = learner.get(&choose).await;
    assert!(page.body.contains("Not that one") && !page.body.contains("That is it!"));
    assert_eq!(answer("choice=2").await.status, StatusCode::SEE_OTHER);
    let page = learner.get(&choose).await;
    assert!(page.body.contains("That is it!") && page.body.contains("4 of 5"), "{}", page.body);
    for wrong in ["choice=0", "choice=9"] {
        assert_eq!(answer(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(answer("choice=x").await.status, StatusCode::BAD_REQUEST);
    let spoken = learner.post_form(&format!("{}/answers", path(sentences[0].exercise)), "choice=1").await;
    assert_eq!(spoken.status, StatusCode::NOT_FOUND);
    let of = viewer(&app, Role::Learner, 0).await;
    let tasks = app.state.store.tasks(&of, Timestamp::UNIX_EPOCH).await.unwrap();
    let task = tasks.tasks.iter().find(|task| task.assignment == assignment).unwrap();
    let results = task.results.as_ref().unwrap().read(&tasks.grant).unwrap();
    assert_eq!((task.state, results[0].best, results[0].attempts), (SubmissionState::Open, Some(80), 2));
    for place in [format!("/assignments/{assignment}"), "/classes".to_owned(), "/review".to_owned()] {
        let page = desk.teacher.get(&place).await;
        assert!(matches!(page.status, StatusCode::OK | StatusCode::SEE_OTHER), "{place}: {}", page.status);
    }
}

#[tokio::test]
async fn what_a_kind_lacks_is_told_in_the_form() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    let words = "cat+".repeat(121);
    for (form, message) in [
        (format!("kind=paragraph&text={words}"), "120 words at most"),
        ("kind=choose&text=bird&choice1=red&choice2=bird".to_owned(), "Mark the answer that is right"),
        ("kind=choose&text=bird&choice1=red&right=1".to_owned(), "two to four answers"),
        ("kind=choose&text=bird&choice1=red&choice2=red&right=1".to_owned(), "are the same"),
        ("kind=pair&text=ship&other=ship".to_owned(), "exactly one sound"),
        ("kind=dialogue&role=Ben&lines=Anna:+Hello.".to_owned(), "No line belongs"),
        ("kind=dialogue&role=Ben&lines=Hello.".to_owned(), "Line 1: Each line needs a role"),
        ("kind=sing&lines=".to_owned(), "Write an English sentence"),
    ] {
        let reply = desk.add(&form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(reply.body.contains(message), "{message} is not in\n{}", reply.body);
    }
    assert!(desk.sentences().await.is_empty());
    let draft = desk.teacher.get(&desk.path).await;
    assert!(draft.body.contains("This lesson is a draft"));
}

#[tokio::test]
async fn the_order_is_changed_by_buttons_and_by_place_and_the_focus_stays() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    assert_eq!(desk.add("lines=One.%0ATwo.%0AThree.").await.status, StatusCode::SEE_OTHER);
    let ids: Vec<ExerciseId> = desk.sentences().await.iter().map(|sentence| sentence.exercise).collect();
    let order = async |item: ExerciseId, to: &str| {
        let reply = desk.teacher.post_form(&format!("{}/order", desk.path), &format!("item={item}&to={to}")).await;
        let texts: Vec<String> = desk.sentences().await.into_iter().map(|sentence| sentence.text).collect();
        (reply.header("location").split('#').nth(1).unwrap_or_default().to_owned(), texts.join(" "))
    };
    assert_eq!(order(ids[2], "up").await, (format!("up-{}", ids[2]), "One. Three. Two.".to_owned()));
    assert_eq!(order(ids[2], "up").await, (format!("down-{}", ids[2]), "Three. One. Two.".to_owned()));
    assert_eq!(order(ids[2], "2").await, (format!("up-{}", ids[2]), "One. Two. Three.".to_owned()));
    let page = desk.teacher.get(&desk.path).await;
    assert!(page.body.contains(&format!("id=\"up-{}\"", ids[2])), "the button that has the focus is there");
    let wrong = desk.teacher.post_form(&format!("{}/order", desk.path), &format!("item={}&to=left", ids[0])).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let copied = desk.teacher.post_form(&format!("{}/exercises/{}/copies", desk.path, ids[0]), "").await;
    assert_eq!(copied.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.sentences().await.iter().filter(|sentence| sentence.text == "One.").count(), 2);
    let unit = desk.teacher.post_form(&desk.path, "title=All+of+them&unit=Numbers").await;
    assert_eq!(unit.status, StatusCode::SEE_OTHER);
    let copy = desk.teacher.post_form(&format!("{}/copies", desk.path), "").await;
    let page = desk.teacher.get(copy.header("location")).await;
    assert!(page.body.contains("All of them (copy)") && page.body.contains("value=\"Numbers\""), "{}", page.body);
}

#[tokio::test]
async fn exercises_of_another_school_do_not_exist() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let desk = Desk::new(&app).await;
    desk.add("lines=One.").await;
    let id = desk.sentences().await[0].exercise;
    let elsewhere = app.state.store.create_school("Another school").await.unwrap();
    let new = jiayin_store::accounts::NewPerson {
        school: elsewhere,
        campus: None,
        role: Role::Teacher,
        name: "Ms Sun",
        identifiers: Vec::new(),
        password: None,
    };
    let person = app.state.store.create_person(new).await.unwrap().unwrap();
    let token = app.state.store.start_session(person).await.unwrap().unwrap();
    let stranger = Visit::with_cookie(&app, format!("session={}", token.to_text()));
    let learner = Visit::of(&app, Role::Learner, 0).await;
    for path in ["exercises", "publication", "copies", "order"] {
        let body = if path == "order" { format!("item={id}&to=up") } else { "lines=Mine.".to_owned() };
        for visit in [&stranger, &learner] {
            let reply = visit.post_form(&format!("{}/{path}", desk.path), &body).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    for path in ["", "/copies", "/picture/removal", "/removal"] {
        let reply = stranger.post_form(&format!("{}/exercises/{id}{path}", desk.path), "text=Mine.").await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(desk.sentences().await.len(), 1);
}
