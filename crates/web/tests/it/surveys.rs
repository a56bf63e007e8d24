//! Surveys over the web: made, published, answered, taken back, counted; and what is refused.

use axum::http::StatusCode;
use jiayin_domain::role::Role;

use crate::common::school::{Visit, fetched, rows};
use crate::common::{Reply, ScriptedEar, TestApp, fixtures, sound};
use crate::progress::other_teacher;

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let at = page.find(before).unwrap_or_else(|| panic!("no {before} in {page}")) + before.len();
    page[at..].split(after).next().unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn send(visit: &Visit<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    visit.post_form(path, &form(fields)).await
}

fn moved(reply: &Reply) -> &str {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply.header("location")
}

/// A draft with a choice, a scale and a text, of which only the choice must be answered; its address.
async fn draft(staff: &Visit<'_>) -> String {
    let begun = send(staff, "/surveys", &[("title", "After the play")]).await;
    let path = moved(&begun).to_owned();
    let questions = format!("{path}/questions");
    for fields in [
        &[("kind", "single"), ("text", "How was it?"), ("options", "Good\r\nBad"), ("required", "1")][..],
        &[("kind", "scale"), ("text", "How loud?"), ("low", "soft"), ("high", "loud"), ("faces", "1")],
        &[("kind", "text"), ("text", "Anything else?")],
    ] {
        moved(&send(staff, &questions, fields).await);
    }
    path
}

async fn publish(staff: &Visit<'_>, path: &str, place: &str, role: &str, names: &str) -> Reply {
    let page = staff.get(&format!("{path}/publication")).await.body;
    let end = page.find(&format!("{place}</option>")).unwrap_or_else(|| panic!("no {place} in {page}"));
    let start = page[..end].rfind("value=\"").unwrap() + "value=\"".len();
    let audience = page[start..end].split('"').next().unwrap().to_owned();
    let fields = [("audience", &*audience), ("role", role), ("names", names), ("closes_date", "")];
    send(staff, &format!("{path}/publication"), &fields).await
}

async fn school() -> TestApp {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    app
}

/// The guardian agrees that the first child is asked.
async fn agree(guardian: &Visit<'_>, on: bool) {
    let page = guardian.get("/consent").await.body;
    let form = page.split("<form").find(|form| form.contains("value=\"surveys\"")).unwrap();
    let subject = between(form, "name=\"subject\" value=\"", "\"");
    let policy = between(form, "name=\"policy\" value=\"", "\"");
    let body = format!("subject={subject}&purpose=surveys&policy={policy}&on={on}");
    assert_eq!(guardian.post_form("/consent", &body).await.status, StatusCode::SEE_OTHER);
}

async fn count(app: &TestApp, table: &str) -> i64 {
    rows(app).await.into_iter().find(|(name, _)| name == table).unwrap().1
}

/// A form with a recording, as a browser sends it.
async fn speak(visit: &Visit<'_>, path: &str, fields: &[(&str, &str)], recording: Option<&[u8]>) -> Reply {
    let name = if recording.is_some_and(<[u8]>::is_empty) { "" } else { "answer" };
    let file = recording.map(|bytes| ("q4", name, "audio/wav", bytes));
    visit.post_files(path, fields, file.as_slice()).await
}

#[tokio::test]
async fn clause_2_5_an_answer_is_said_aloud_heard_and_taken_back() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let path = draft(&teacher).await;
    moved(
        &send(&teacher, &format!("{path}/questions"), &[("kind", "voice"), ("text", "Say it"), ("required", "1")])
            .await,
    );
    // A voice has a name: what is anonymous asks for none.
    let anonymous = publish(&teacher, &path, "三年级 1 班", "everyone", "anonymous").await;
    assert_eq!(anonymous.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(anonymous.body.contains("a voice can be recognised"), "{}", anonymous.body);
    moved(&publish(&teacher, &path, "三年级 1 班", "everyone", "named").await);
    app.work().await;
    let answer = format!("{path}/answer");
    assert!(guardian.get(&answer).await.body.contains("enctype=\"multipart/form-data\" data-spoken-form"));
    // What is no voice is refused at its question, and nothing is kept.
    let before = count(&app, "media").await;
    let reading = fixtures::reading().bytes();
    for (file, says) in [
        (&b"no sound at all"[..], "cannot be read"),
        (&sound::silence(2000), "We heard nothing"),
        (&sound::noise(70_000, 3), "longer than a minute"),
        (&vec![b'x'; 21_000_000], "too large: at most 20 MB"),
        (b"", "has no answer yet"),
    ] {
        let refused = speak(&guardian, &answer, &[("q1", "0"), ("q3", "typed")], Some(file)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        let question = between(&refused.body, "id=\"question-4\"", "</fieldset>");
        assert!(question.contains(says), "{says} is not in {question}");
        assert!(refused.body.contains(">typed</textarea>"), "{says}: what was typed stays");
    }
    // A good recording beside a question that was forgotten is not kept either; the page's script still has it.
    let forgotten = speak(&guardian, &answer, &[], Some(&reading)).await;
    assert_eq!(forgotten.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(forgotten.body.contains("id=\"q1-error\"") && !forgotten.body.contains("id=\"q4-error\""));
    assert_eq!((count(&app, "survey_reply").await, count(&app, "media").await), (0, before));
    moved(&speak(&guardian, &answer, &[("q1", "0")], Some(&reading)).await);
    assert_eq!(count(&app, "media").await, before + 1);
    let own = guardian.get(&format!("{answer}?sent=1")).await.body;
    let src = between(&own, "<audio controls preload=\"none\" src=\"", "\"").to_owned();
    assert!(src.starts_with(&format!("{answer}/voices/")), "{src}");
    assert_eq!(fetched(&guardian, &src).await, reading);
    // Who asked hears it; nobody else does, not even by the address of who asked.
    let heard = src.replace("/answer/", "/results/");
    assert!(teacher.get(&format!("{path}/results")).await.body.contains(&format!("src=\"{heard}\"")));
    assert_eq!(fetched(&teacher, &heard).await, reading);
    assert_eq!(teacher.ranged(&heard, "bytes=0-3").await.status, StatusCode::PARTIAL_CONTENT);
    let other = Visit::of(&app, Role::Guardian, 1).await;
    for (visit, address) in [(&other, &src), (&guardian, &heard)] {
        assert_eq!(visit.get(address).await.status, StatusCode::NOT_FOUND);
    }
    let colleague = other_teacher(&app).await;
    assert_eq!(colleague.get(&heard).await.status, StatusCode::NOT_FOUND);
    let table = teacher.get(&format!("{path}/results.csv")).await.body;
    assert!(table.contains("♪ 0:0"), "{table}");
    // Changed without a new recording it stays; another's id is nobody's; without any it is missing.
    let media = src.rsplit('/').next().unwrap();
    let page = guardian.get(&format!("{answer}?change=1")).await.body;
    assert!(page.contains(&format!("value=\"{media}\" checked data-spoken-keep")), "{page}");
    moved(&speak(&guardian, &answer, &[("q1", "1"), ("q4", media)], Some(b"")).await);
    assert_eq!(fetched(&guardian, &src).await, reading);
    let taken = speak(&other, &answer, &[("q1", "1"), ("q4", media)], None).await;
    assert!(taken.body.contains("id=\"q4-error\""), "{}", taken.body);
    let without = speak(&guardian, &answer, &[("q1", "1")], None).await;
    assert!(without.body.contains("id=\"q4-error\""));
    moved(&send(&guardian, &format!("{path}/withdrawal"), &[]).await);
    assert_eq!(guardian.get(&src).await.status, StatusCode::NOT_FOUND);
    assert_eq!(count(&app, "media").await, before);
}

#[tokio::test]
async fn clause_2_5_named_answers_are_given_changed_counted_and_taken_back() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    agree(&guardian, true).await;
    let path = draft(&teacher).await;
    let preview = teacher.get(&format!("{path}/preview")).await.body;
    assert!(preview.contains("How loud?") && !preview.contains("action=\"/surveys/"), "nothing can be sent from it");
    let published = publish(&teacher, &path, "三年级 1 班", "everyone", "named").await;
    assert_eq!(moved(&published), format!("{path}/results"));
    app.work().await;
    // Both find it, without being stopped by it.
    assert!(learner.get("/home").await.body.contains(&format!("href=\"{path}/answer\"")));
    let inbox = guardian.get("/messages").await.body;
    assert!(inbox.contains("We would like to know what you think: After the play"), "{inbox}");
    let answer = format!("{path}/answer");
    let page = guardian.get(&answer).await.body;
    assert!(page.contains("By sending them you agree"), "{page}");
    // What is missing is told at the question, and what was typed is kept.
    let refused = send(&guardian, &answer, &[("q2", "4"), ("q3", "The <b>songs</b>")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("id=\"q1-error\"") && refused.body.contains("The &#60;b&#62;songs"));
    assert!(refused.body.contains("value=\"4\" checked"), "{}", refused.body);
    assert_eq!(count(&app, "survey_reply").await, 0);
    let good = [("q1", "0"), ("q2", "4"), ("q3", "=1+1")];
    assert_eq!(moved(&send(&guardian, &answer, &good).await), format!("{answer}?sent=1"));
    moved(&send(&guardian, &answer, &good).await);
    moved(&send(&learner, &answer, &[("q1", "1"), ("q2", "2")]).await);
    assert_eq!(count(&app, "survey_reply").await, 2, "sent twice, it counts once");
    assert!(!guardian.get("/messages").await.body.contains("survey-cards"), "it no longer asks");
    let own = guardian.get(&format!("{answer}?sent=1")).await.body;
    assert!(own.contains("Thank you!") && own.contains("=1+1"), "{own}");
    let results = teacher.get(&format!("{path}/results")).await.body;
    for text in [
        "answered by 2",
        "<td>1</td><td>50%</td>",
        "mean 3.0",
        "王小明",
        "=1+1",
        "<rect class=\"bar-part\" width=\"50\"",
    ] {
        assert!(results.contains(text), "{text} is not in {results}");
    }
    let table = teacher.get(&format!("{path}/results.csv")).await;
    assert!(
        table.body.starts_with("\u{feff}\"Name\",\"How was it?\",\"How loud?\",\"Anything else?\""),
        "{}",
        table.body
    );
    assert!(table.body.contains("\"Good\",\"4/5\",\"'=1+1\""), "no formula: {}", table.body);
    // Changed, shown to its giver among their data, and taken back, also after the end.
    assert!(guardian.get(&format!("{answer}?change=1")).await.body.contains("value=\"4\" checked"));
    moved(&send(&guardian, &answer, &[("q1", "1")]).await);
    assert!(guardian.get("/privacy/mine").await.body.contains("Answers to surveys"));
    moved(&send(&teacher, &format!("{path}/closing"), &[]).await);
    assert!(guardian.get(&answer).await.body.contains("This survey is closed"));
    let back = send(&guardian, &format!("{path}/withdrawal"), &[]).await;
    assert_eq!(moved(&back), "/surveys/asked?back=1");
    assert_eq!(guardian.get(&format!("{path}/withdrawal")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(count(&app, "survey_reply").await, 1);
    // What the guardian takes back for the child goes, too.
    agree(&guardian, false).await;
    assert_eq!(count(&app, "survey_reply").await, 0);
    assert!(teacher.get(&format!("{path}/results")).await.body.contains("No answers yet"));
}

#[tokio::test]
async fn clause_2_5_anonymous_answers_have_a_code_and_no_name() {
    let app = school().await;
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    let path = draft(&manager).await;
    moved(&publish(&manager, &path, "花园路校区", "guardian", "anonymous").await);
    app.work().await;
    let answer = format!("{path}/answer");
    let mut codes = Vec::new();
    for number in 0..5 {
        let guardian = Visit::of(&app, Role::Guardian, number).await;
        let page = guardian.get(&answer).await.body;
        assert!(page.contains("leave out names"), "{page}");
        let code = between(&page, "name=\"code\" value=\"", "\"").to_owned();
        let text = format!("words of {number}");
        let fields = [("code", &*code), ("q1", "0"), ("q2", "3"), ("q3", &*text)];
        // Sent twice by an impatient finger, it is one answer, and the code is the same.
        for _ in 0..2 {
            let thanks = send(&guardian, &answer, &fields).await;
            assert_eq!(thanks.status, StatusCode::OK);
            assert!(thanks.body.contains(&code) && thanks.body.contains("Thank you!"), "{}", thanks.body);
        }
        let other = send(&guardian, &answer, &[("q1", "1")]).await;
        assert!(other.body.contains("You have answered already"), "{}", other.body);
        codes.push(code);
    }
    let results = format!("{path}/results");
    let open = manager.get(&results).await.body;
    assert!(open.contains("answered by 5") && !open.contains("words of"), "{open}");
    assert_eq!(manager.get(&format!("{results}.csv")).await.status, StatusCode::NOT_FOUND);
    // One is taken back by its code and given anew.
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let withdrawal = format!("{path}/withdrawal");
    let wrong = send(&guardian, &withdrawal, &[("code", "ABCD EFGH JKLM")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("ABCD EFGH JKLM"), "what was typed is kept: {}", wrong.body);
    moved(&send(&guardian, &withdrawal, &[("code", &codes[0].to_lowercase())]).await);
    assert!(manager.get(&results).await.body.contains("answered by 4"));
    send(&guardian, &answer, &[("q1", "1"), ("q3", "words anew")]).await;
    moved(&send(&manager, &format!("{path}/closing"), &[]).await);
    let closed = manager.get(&results).await.body;
    assert!(
        closed.contains("words anew") && closed.contains("words of 3") && !closed.contains("words of 0"),
        "{closed}"
    );
    let table = manager.get(&format!("{results}.csv")).await.body;
    assert!(table.contains("\"How was it?\",\"Good\",\"4\",\"80%\""), "{table}");
    assert_eq!(count(&app, "survey_taken").await, 0);
    assert_eq!(guardian.get(&withdrawal).await.status, StatusCode::NOT_FOUND, "the codes are forgotten");
}

#[tokio::test]
async fn clause_7_5_other_peoples_surveys_do_not_exist() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let other = other_teacher(&app).await;
    let path = draft(&teacher).await;
    for visit in [&other, &Visit::of(&app, Role::CampusManager, 0).await] {
        for page in ["", "/preview", "/publication", "/results", "/results.csv"] {
            assert_eq!(visit.get(&format!("{path}{page}")).await.status, StatusCode::NOT_FOUND, "{page}");
        }
        for (page, body) in [
            ("", "title=x"),
            ("/questions", "kind=text&text=x"),
            ("/order", "item=1&to=up"),
            ("/closing", ""),
            ("/removal", ""),
        ] {
            let reply = visit.post_form(&format!("{path}{page}"), body).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{page}");
        }
    }
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    assert_eq!(guardian.get(&format!("{path}/answer")).await.status, StatusCode::NOT_FOUND, "a draft asks nobody");
    moved(&publish(&teacher, &path, "三年级 1 班", "everyone", "named").await);
    // A learner whose guardian has not agreed, and a family of another class.
    let strangers = [Visit::of(&app, Role::Learner, 0).await, Visit::of(&app, Role::Guardian, 4).await];
    for stranger in &strangers {
        for page in ["/answer", "/withdrawal"] {
            assert_eq!(stranger.get(&format!("{path}{page}")).await.status, StatusCode::NOT_FOUND, "{page}");
            assert_eq!(stranger.post_form(&format!("{path}{page}"), "q1=0").await.status, StatusCode::NOT_FOUND);
        }
    }
    assert_eq!(count(&app, "survey_reply").await, 0);
    // What is published is changed no longer, by its author either.
    assert_eq!(send(&teacher, &path, &[("title", "Other")]).await.status, StatusCode::CONFLICT);
    assert_eq!(moved(&teacher.get(&path).await), format!("{path}/results"));
}

#[tokio::test]
async fn what_was_not_asked_is_no_answer_and_nothing_is_kept_of_it() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let path = draft(&teacher).await;
    moved(&publish(&teacher, &path, "三年级 1 班", "guardian", "named").await);
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let answer = format!("{path}/answer");
    let long = "x".repeat(100_000);
    for fields in [
        &[("q1", "2")][..],
        &[("q1", "4")],
        &[("q1", "Good")],
        &[("q1", "0"), ("q1", "1")],
        &[("q1", "0"), ("q2", "6")],
        &[("q1", "0"), ("q2", "0")],
        &[("q1", "0"), ("q3", &long)],
    ] {
        let reply = send(&guardian, &answer, fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{:?}", &fields[0]);
        assert!(reply.body.contains("class=\"field-error\" id=\"q"), "told at the question");
    }
    assert!(send(&guardian, &answer, &[("q1", "0"), ("q3", &long)]).await.body.contains(&long), "all is kept");
    let field = send(&guardian, &answer, &[("q1", "0"), ("q9", "0")]).await;
    assert_eq!(field.status, StatusCode::BAD_REQUEST);
    assert_eq!(count(&app, "survey_reply").await, 0);
}

#[tokio::test]
async fn a_builder_says_what_is_wrong_and_keeps_what_was_typed() {
    let app = school().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let titled = send(&teacher, "/surveys", &[("title", &"x".repeat(81))]).await;
    assert_eq!(titled.status, StatusCode::UNPROCESSABLE_ENTITY);
    let path = draft(&teacher).await;
    let one =
        send(&teacher, &format!("{path}/questions"), &[("kind", "single"), ("text", "Why?"), ("options", "A")]).await;
    assert_eq!(one.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(one.body.contains("value=\"Why?\"") && one.body.contains("Please give 2 to 12 options"), "{}", one.body);
    let empty = send(&teacher, &format!("{path}/questions/2"), &[("kind", "scale"), ("text", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kind = send(&teacher, &format!("{path}/questions"), &[("kind", "recording"), ("text", "Sing!")]).await;
    assert_eq!(kind.status, StatusCode::BAD_REQUEST);
    moved(&send(&teacher, &format!("{path}/questions/2"), &[("text", "How fast?")]).await);
    assert_eq!(
        moved(&send(&teacher, &format!("{path}/order"), &[("item", "3"), ("to", "up")]).await),
        format!("{path}#up-3")
    );
    let copied = send(&teacher, &format!("{path}/questions/3/copies"), &[]).await;
    assert_eq!(moved(&copied), format!("{path}#question-4"));
    moved(&send(&teacher, &format!("{path}/questions/1/removal"), &[]).await);
    assert_eq!(send(&teacher, &format!("{path}/questions/1/removal"), &[]).await.status, StatusCode::NOT_FOUND);
    let page = teacher.get(&path).await.body;
    let order: Vec<usize> = ["question-3", "question-4", "question-2"]
        .iter()
        .map(|id| page.find(&format!("<li id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}")))
        .collect();
    assert!(order.is_sorted() && page.contains("How fast?"));
    for (fields, message) in [
        (vec![("names", "named"), ("role", "everyone")], "choose whom it asks"),
        (vec![("audience", "class:x"), ("names", "named"), ("role", "everyone")], "choose whom it asks"),
    ] {
        let refused = send(&teacher, &format!("{path}/publication"), &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(message), "{}", refused.body);
    }
    assert!(
        publish(&teacher, &path, "三年级 1 班", "everyone", "").await.body.contains("choose whether it is anonymous")
    );
    assert!(publish(&teacher, &path, "三年级 1 班", "learner", "named").await.body.contains("Nobody would be asked"));
    moved(&send(&teacher, &format!("{path}/removal"), &[]).await);
    assert_eq!(teacher.get(&path).await.status, StatusCode::NOT_FOUND);
}
