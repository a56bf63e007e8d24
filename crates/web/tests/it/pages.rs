//! The pages of the start, of learners and of guardians, with sample data: rendered in both languages, nothing inline,
//! the forms as their handlers read them. The rendered pages lie under `target/pages`, to be looked at.

use std::convert::Infallible;
use std::path::Path;

use askama::Template;
use axum::body::Body;
use axum::http::Request;
use axum::response::{Html, IntoResponse};
use http_body_util::BodyExt;
use jiayin::accounts::passkeys::PasskeyError;
use jiayin::accounts::password::OldPasswordError;
use jiayin::accounts::pictures::EnterError;
use jiayin::accounts::profile::NameError;
use jiayin::accounts::second_step::{Setup, Stand, StepError};
use jiayin::accounts::sign_in::SignInError;
use jiayin::codes::CodeError;
use jiayin::home::page::Now;
use jiayin::homework::attempt::AttemptState;
use jiayin::locale::Locale;
use jiayin::pictures_in::PictureError;
use jiayin::surveys::answer::Done;
use jiayin::surveys::publication::PublishError;
use jiayin::visitor::Theme;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;

use crate::common::TestApp;
use crate::common::pages::Samples;

fn setup() -> Setup {
    Setup {
        token: "a1b2c3".to_owned(),
        qr: "<svg viewBox=\"0 0 1 1\"></svg>".to_owned(),
        secret: "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567".to_owned(),
    }
}

/// Every sample page by name.
fn pages(samples: &Samples<'_>) -> Vec<(&'static str, String)> {
    let evaluated = || AttemptState::Evaluated(Box::new(samples.result()));
    let rendered: Vec<(&str, Result<String, askama::Error>)> = vec![
        ("start", samples.start(false).render()),
        ("start-demo", samples.start(true).render()),
        ("sign-in", samples.sign_in(None).render()),
        ("sign-in-wrong", samples.sign_in(Some(SignInError::Wrong)).render()),
        ("sign-in-incomplete", samples.sign_in(Some(SignInError::Incomplete)).render()),
        ("sign-in-too-many", samples.sign_in(Some(SignInError::TooMany { minutes: 15 })).render()),
        ("sign-in-over", samples.sign_in(Some(SignInError::SessionOver)).render()),
        ("profile", samples.profile(None).render()),
        ("profile-wrong", samples.profile(Some(NameError::Empty)).render()),
        ("avatar", samples.avatar(None).render()),
        ("avatar-wrong", samples.avatar(Some(PictureError::Damaged)).render()),
        ("devices", samples.devices().render()),
        ("password", samples.password(None).render()),
        ("password-wrong", samples.password(Some(OldPasswordError::Wrong)).render()),
        ("second-step", samples.second_step(Stand::Off(setup()), None).render()),
        ("second-step-wrong", samples.second_step(Stand::Off(setup()), Some(StepError::Wrong)).render()),
        ("second-step-on", samples.second_step(Stand::On { left: 9 }, None).render()),
        ("second-step-codes", samples.second_step(Stand::Fresh(vec!["abcdefgh23".to_owned(); 10]), None).render()),
        ("second-sign-in", samples.second_sign_in().render()),
        ("sign-in-passkey", samples.sign_in(Some(SignInError::Passkey)).render()),
        ("passkeys", samples.passkeys(None).render()),
        ("passkeys-wrong", samples.passkeys(Some(PasskeyError::Over)).render()),
        ("passkeys-nameless", samples.no_passkeys().render()),
        ("passkey-new", samples.new_passkey().render()),
        ("tokens", samples.tokens(false).render()),
        ("tokens-wrong", samples.tokens(true).render()),
        ("api", samples.reference().render()),
        ("enter", samples.enter(None).render()),
        ("enter-wrong", samples.enter(Some(EnterError::Wrong)).render()),
        ("pictures", samples.pictures("BCD 347").render()),
        ("pictures-no-code", samples.pictures("").render()),
        ("picture-sheet", samples.picture_sheet().render()),
        ("inbox", samples.inbox(false).render()),
        ("inbox-empty", samples.inbox(true).render()),
        ("announcement", samples.announcement().render()),
        ("message-settings", samples.message_settings(false).render()),
        ("message-settings-trouble", samples.message_settings(true).render()),
        ("unsubscribe", samples.unsubscribe(false).render()),
        ("unsubscribe-done", samples.unsubscribe(true).render()),
        ("announcements", samples.announcements(false).render()),
        ("announcements-wrong", samples.announcements(true).render()),
        ("help", samples.help(true, false).render()),
        ("help-wrong", samples.help(true, true).render()),
        ("help-visitor", samples.help(false, false).render()),
        ("help-ticket", samples.help_ticket(false).render()),
        ("help-ticket-closed", samples.help_ticket(true).render()),
        ("desk", samples.desk_queue(true).render()),
        ("desk-empty", samples.desk_queue(false).render()),
        ("desk-ticket", samples.desk_ticket(false).render()),
        ("desk-ticket-stale", samples.desk_ticket(true).render()),
        ("desk-answers", samples.desk_answers().render()),
        ("failures", samples.failures(true).render()),
        ("failures-none", samples.failures(false).render()),
        ("survey-answer", samples.survey_answer(false).render()),
        ("survey-answer-wrong", samples.survey_answer(true).render()),
        ("survey-thanks", samples.survey_done(Done::Thanks, true).render()),
        ("survey-answered", samples.survey_done(Done::Answered, false).render()),
        ("survey-closed", samples.survey_done(Done::Closed, true).render()),
        ("survey-withdrawal", samples.survey_withdrawal(false).render()),
        ("survey-withdrawal-wrong", samples.survey_withdrawal(true).render()),
        ("surveys-asked", samples.surveys_asked(false).render()),
        ("surveys-asked-none", samples.surveys_asked(true).render()),
        ("surveys", samples.surveys(false).render()),
        ("surveys-none", samples.surveys(true).render()),
        ("survey-builder", samples.survey_builder(false).render()),
        ("survey-builder-wrong", samples.survey_builder(true).render()),
        ("survey-preview", samples.survey_preview().render()),
        ("survey-publication", samples.survey_publication(None).render()),
        ("survey-publication-wrong", samples.survey_publication(Some(PublishError::Names)).render()),
        ("survey-results", samples.survey_results(false).render()),
        ("survey-results-hidden", samples.survey_results(true).render()),
        ("forgot", samples.forgot().render()),
        ("forgot-code", samples.forgot_code(None).render()),
        ("forgot-code-wrong", samples.forgot_code(Some(CodeError::Wrong { left: 3 })).render()),
        ("home", samples.home(samples.next_thing()).render()),
        ("home-done", samples.home(Now::AllDone).render()),
        ("home-nothing", samples.home(Now::NothingYet).render()),
        ("home-no-class", samples.home(Now::NoClass).render()),
        ("exercise", samples.exercise(None, true).render()),
        ("exercise-no-model", samples.exercise(None, false).render()),
        ("exercise-waiting", samples.exercise(Some(AttemptState::Waiting), true).render()),
        ("exercise-result", samples.exercise(Some(evaluated()), true).render()),
        ("exercise-unreadable", samples.exercise(Some(AttemptState::Unreadable), true).render()),
        ("finished", samples.finished("").render()),
        ("finished-next", samples.finished("/homework/y/exercises/1").render()),
        ("family", samples.family(true).render()),
        ("family-none", samples.family(false).render()),
        ("family-learner", samples.learner().render()),
    ];
    rendered.into_iter().map(|(name, page)| (name, page.unwrap())).collect()
}

#[tokio::test]
async fn every_sample_page_renders_in_both_languages_with_nothing_inline() {
    let app = TestApp::new().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    for locale in Locale::ALL {
        for theme in [Theme::Light, Theme::Dark] {
            for (name, page) in pages(&Samples { app: &app.state, locale, theme }) {
                assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="), "{name}");
                assert_eq!(page.matches("<script").count(), 1, "{name}");
                assert!(page.contains(&format!("<html lang=\"{}\"", locale.tag())), "{name}");
                let file = format!("{name}-{}-{}.html", locale.tag(), theme.tag());
                std::fs::write(folder.join(file), &page).unwrap();
            }
        }
    }
}

/// What a first visit transfers: the page as the server compresses it, the style sheet, the icon, and the script with what it
/// loads before it starts.
#[tokio::test]
async fn every_first_load_is_well_under_sixty_kilobytes() {
    let app = TestApp::new().await;
    let assets = app.state.assets.compressed_len(&["app.css", "app.js", "office.css", "icon.svg"]);
    let script = String::from_utf8(app.state.assets.bytes("app.js").unwrap().into_owned()).unwrap();
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/dist");
    let parts: Vec<&str> = script.split("from\"./").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!parts.is_empty(), "the script is built in parts");
    let part = |name: &&str| std::fs::metadata(dist.join(format!("{name}.br"))).unwrap().len();
    let assets = assets + usize::try_from(parts.iter().map(part).sum::<u64>()).unwrap();
    for (name, page) in pages(&Samples { app: &app.state, locale: Locale::ZhCn, theme: Theme::Auto }) {
        let sent = compressed(page).await;
        assert!(sent + assets < 50_000, "{name}: {sent} + {assets}");
    }
}

/// How long a page is on its way to a browser, in bytes.
async fn compressed(page: String) -> usize {
    let plain = service_fn(move |_: Request<Body>| {
        let page = page.clone();
        async move { Ok::<_, Infallible>(Html(page).into_response()) }
    });
    let request = Request::get("/").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let answer = CompressionLayer::new().layer(plain).oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    answer.into_body().collect().await.unwrap().to_bytes().len()
}

async fn page(name: &str) -> String {
    let app = TestApp::new().await;
    let samples = Samples { app: &app.state, locale: Locale::En, theme: Theme::Auto };
    pages(&samples).into_iter().find(|(found, _)| *found == name).unwrap().1
}

#[tokio::test]
async fn forms_are_as_their_handlers_read_them() {
    for (name, parts) in [
        ("start-demo", vec!["action=\"/sign-in/demo\"", "name=\"person\" value=\"王小明\"", "href=\"/tryout\""]),
        (
            "sign-in-wrong",
            vec!["name=\"identifier\"", "value=\"13800005678\"", "name=\"password\"", "name=\"next\" value=\"/home\""],
        ),
        (
            "profile",
            vec![
                "action=\"/profile\"",
                "name=\"name\"",
                "action=\"/sign-out\"",
                "href=\"/profile/devices\"",
                "href=\"/profile/password\"",
                "action=\"/profile/look\"",
                "name=\"large\" value=\"on\"",
                "name=\"saver\" value=\"mobile\"",
            ],
        ),
        (
            "devices",
            vec!["action=\"/profile/devices/end\"", "name=\"session\"", "action=\"/profile/devices/end-others\""],
        ),
        (
            "avatar-wrong",
            vec![
                "action=\"/profile/avatar\"",
                "name=\"drawing\" value=\"owl\"",
                "action=\"/profile/avatar/portrait\" enctype=\"multipart/form-data\"",
                "name=\"picture\"",
                "name=\"x\"",
                "name=\"y\"",
                "name=\"size\"",
            ],
        ),
        ("password", vec!["action=\"/profile/password\"", "name=\"old\"", "name=\"password\""]),
        ("second-step", vec!["action=\"/profile/second-step\"", "name=\"token\"", "name=\"code\"", "<svg "]),
        ("second-step-on", vec!["action=\"/profile/second-step/removal\"", "name=\"code\""]),
        ("second-sign-in", vec!["action=\"/sign-in/second\"", "name=\"token\" value=\"a1b2c3\"", "name=\"code\""]),
        (
            "sign-in-passkey",
            vec![
                "action=\"/sign-in/passkey\"",
                "name=\"token\"",
                "name=\"next\" value=\"/home\"",
                "name=\"credential\"",
            ],
        ),
        (
            "passkeys-wrong",
            vec![
                "action=\"/profile/passkeys/ceremony\"",
                "name=\"name\"",
                "name=\"password\"",
                "name=\"code\"",
                "/removal\"",
            ],
        ),
        ("passkey-new", vec!["action=\"/profile/passkeys\"", "name=\"token\"", "name=\"name\"", "name=\"credential\""]),
        (
            "enter-wrong",
            vec![
                "action=\"/enter\"",
                "name=\"code\" value=\"BCD 347\"",
                "name=\"number\" value=\"7\"",
                "name=\"first\" value=\"0\"",
                "name=\"fourth\" value=\"15\"",
            ],
        ),
        ("forgot", vec!["action=\"/sign-in/forgot\"", "name=\"identifier\""]),
        (
            "forgot-code",
            vec![
                "action=\"/sign-in/forgot/code\"",
                "name=\"token\" value=\"a1b2c3\"",
                "name=\"code\"",
                "autocomplete=\"one-time-code\"",
                "name=\"password\"",
                "autocomplete=\"new-password\"",
            ],
        ),
        (
            "exercise",
            vec!["enctype=\"multipart/form-data\"", "name=\"recording\"", "data-owner=\"p1\"", "src=\"/media/m1\""],
        ),
    ] {
        let page = page(name).await;
        for part in parts {
            assert!(page.contains(part), "{name}: {part} is not in\n{page}");
        }
    }
    // A password is never sent back.
    assert!(!page("sign-in-wrong").await.contains("type=\"password\" value"));
}

#[tokio::test]
async fn each_role_sees_its_own_areas() {
    let home = page("home").await;
    assert!(home.contains("href=\"/home\" aria-current=\"page\"") && !home.contains("href=\"/family\""));
    let family = page("family").await;
    assert!(family.contains("href=\"/family\" aria-current=\"page\"") && !family.contains("data-outbox "));
    let start = page("start").await;
    assert!(!start.contains("/sign-out") && !start.contains("sign-in/demo"));
}

#[tokio::test]
async fn a_learner_without_scripts_can_hear_upload_and_look_again() {
    let page = page("exercise-waiting").await;
    assert!(page.contains("<audio controls") && page.contains("type=\"file\""));
    assert!(page.contains("See if it is ready"));
    // What only a script can do does not pretend to be there.
    assert!(page.contains("recorder js-only") && page.contains("data-go-on hidden"));
}
