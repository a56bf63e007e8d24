//! **Every route**: what it is for, who answers it, and the order of what stands before them.

mod list;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, patch, post, put};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

pub use list::ROUTES;

use crate::app::AppState;
use crate::error::{self, AppError};
use crate::policy::officer;
use crate::{
    accounts, api, app_shell, assets, campus, classes, consent, courses, family, forms_in, guard, home, homework, join,
    messages, ops, policy, practice, preferences, privacy, recordings, requests, review, roster, session, start,
    support, surveys, tryout, uploads,
};

/// The router with everything that stands before it.
pub fn router(app: AppState) -> Router {
    let upload_limit = DefaultBodyLimit::max(app.config.upload_max() + tryout::upload::OVERHEAD);
    let list_limit = DefaultBodyLimit::max(roster::FORM_MAX);
    let survey_limit = DefaultBodyLimit::max(forms_in::BODY_MAX);
    let help_limit = DefaultBodyLimit::max(forms_in::BODY_MAX);
    let draft_limit = DefaultBodyLimit::max(officer::draft::FORM_MAX);
    let pages = Router::new()
        .route("/", get(start::page::get))
        .route("/tryout", get(tryout::page::get).post(tryout::page::post).layer(upload_limit))
        .route("/preferences", post(preferences::post))
        .route("/offline", get(app_shell::offline))
        .route("/manifest.webmanifest", get(app_shell::manifest))
        .route("/service-worker.js", get(app_shell::service_worker))
        .route("/sign-in", get(accounts::sign_in::get).post(accounts::sign_in::post))
        .route("/sign-in/demo", post(accounts::sign_in::demo))
        .route("/sign-in/forgot", get(accounts::forgot::get).post(accounts::forgot::post))
        .route("/sign-in/forgot/code", post(accounts::forgot::code))
        .route("/sign-in/second", post(accounts::second_sign_in::post))
        .route("/sign-in/passkey", post(accounts::passkey_sign_in::post))
        .route("/sign-out", post(accounts::sign_in::out))
        .route("/profile", get(accounts::profile::get).post(accounts::profile::post))
        .route("/profile/look", post(preferences::look::post))
        .route("/profile/avatar", get(accounts::avatar::get).post(accounts::avatar::post))
        .route("/profile/avatar/portrait", post(accounts::avatar::portrait).layer(upload_limit))
        .route("/profile/password", get(accounts::password::get).post(accounts::password::post))
        .route("/profile/second-step", get(accounts::second_step::get).post(accounts::second_step::post))
        .route("/profile/second-step/removal", post(accounts::second_step::remove))
        .route("/profile/passkeys", get(accounts::passkeys::get).post(accounts::passkeys::post))
        .route("/profile/passkeys/ceremony", post(accounts::passkeys::begin))
        .route("/profile/passkeys/{passkey}/removal", post(accounts::passkeys::remove))
        .route("/profile/devices", get(accounts::devices::get))
        .route("/profile/devices/end", post(accounts::devices::end))
        .route("/profile/devices/end-others", post(accounts::devices::end_others))
        .route("/profile/tokens", get(accounts::tokens::get).post(accounts::tokens::post))
        .route("/profile/tokens/{token}/removal", post(accounts::tokens::remove))
        .route("/api", get(api::reference::get))
        .route("/home", get(home::page::get))
        .route(
            "/homework/{assignment}/exercises/{exercise}",
            get(homework::exercise::get).post(homework::exercise::post).layer(upload_limit),
        )
        .route("/homework/{assignment}/exercises/{exercise}/answers", post(homework::choose::post))
        .route("/homework/{assignment}/finished", get(homework::finished::get))
        .route("/practice", get(practice::page::get))
        .route(
            "/practice/{assignment}/{exercise}",
            get(practice::page::step).post(practice::page::post).layer(upload_limit),
        )
        .route("/recordings/{recording}/result", get(recordings::result::get))
        .route("/family", get(family::page::get))
        .route("/family/{learner}", get(family::learner::get))
        .route("/classes", get(classes::list::get))
        .route("/classes/{class}", get(classes::page::get))
        .route("/classes/{class}/progress", get(classes::progress::get))
        .route("/classes/{class}/progress.csv", get(classes::progress::table))
        .route("/classes/{class}/assign", get(homework::assign::get).post(homework::assign::post))
        .route("/assignments/{assignment}", get(homework::assignment::get))
        .route("/assignments/{assignment}/withdrawal", post(homework::assignment::withdraw))
        .route("/courses", get(courses::list::get).post(courses::list::post))
        .route("/courses/{course}", get(courses::page::get).post(courses::page::post))
        .route("/courses/{course}/lessons", post(courses::page::add_lesson))
        .route("/courses/{course}/order", post(courses::page::order))
        .route("/courses/{course}/withdrawal", post(courses::page::withdraw))
        .route("/courses/{course}/lessons/{lesson}", get(courses::lesson::get).post(courses::lesson::post))
        .route("/courses/{course}/lessons/{lesson}/exercises", post(courses::sentences::add))
        .route("/courses/{course}/lessons/{lesson}/exercises/{exercise}", post(courses::sentences::edit))
        .route("/courses/{course}/lessons/{lesson}/exercises/{exercise}/removal", post(courses::sentences::remove))
        .route(
            "/courses/{course}/lessons/{lesson}/exercises/{exercise}/audio",
            post(courses::sentences::audio).layer(upload_limit),
        )
        .route(
            "/courses/{course}/lessons/{lesson}/exercises/pictures",
            post(courses::pictures::add).layer(upload_limit),
        )
        .route(
            "/courses/{course}/lessons/{lesson}/exercises/{exercise}/picture",
            post(courses::pictures::set).layer(upload_limit),
        )
        .route(
            "/courses/{course}/lessons/{lesson}/exercises/{exercise}/picture/removal",
            post(courses::pictures::remove),
        )
        .route("/courses/{course}/lessons/{lesson}/exercises/{exercise}/copies", post(courses::sentences::copy))
        .route("/courses/{course}/lessons/{lesson}/copies", post(courses::lesson::copy))
        .route("/courses/{course}/lessons/{lesson}/publication", post(courses::lesson::publish))
        .route("/courses/{course}/lessons/{lesson}/order", post(courses::sentences::order))
        .route("/courses/{course}/lessons/{lesson}/withdrawal", post(courses::lesson::withdraw))
        .route("/review", get(review::queue::get))
        .route("/review/list", get(review::list::get).post(review::list::post))
        .route("/review/list/undo", post(review::list::undo))
        .route("/review/{recording}", get(review::hear::get).post(review::hear::post))
        .route("/review/{recording}/voice/removal", post(review::voice::remove))
        .route("/comments", get(review::bank::get).post(review::bank::add))
        .route("/comments/{phrase}", post(review::bank::change))
        .route("/comments/{phrase}/removal", post(review::bank::remove))
        .route("/campus", get(campus::page::get))
        .route("/privacy/mine", get(privacy::data::get))
        .route("/privacy/mine/rows/{table}/{column}", get(privacy::rows::get))
        .route("/privacy/mine/files/{kind}/{file}/deletion", get(privacy::deletion::get).post(privacy::deletion::post))
        .route("/privacy/mine/copies", post(privacy::copies::post))
        .route("/privacy/mine/copies/{copy}", get(privacy::copies::get))
        .route("/privacy/mine/restriction", get(privacy::restriction::get).post(privacy::restriction::post))
        .route("/privacy/mine/cancellation", get(privacy::cancellation::get).post(privacy::cancellation::post))
        .route("/privacy/mine/cancellation/undo", post(privacy::cancellation::undo))
        .route("/family/{learner}/data", get(privacy::data::get))
        .route("/family/{learner}/data/rows/{table}/{column}", get(privacy::rows::get))
        .route(
            "/family/{learner}/data/files/{kind}/{file}/deletion",
            get(privacy::deletion::get).post(privacy::deletion::post),
        )
        .route("/family/{learner}/data/copies", post(privacy::copies::post))
        .route("/family/{learner}/data/copies/{copy}", get(privacy::copies::get))
        .route("/family/{learner}/data/restriction", get(privacy::restriction::get).post(privacy::restriction::post))
        .route("/family/{learner}/data/cancellation", get(privacy::cancellation::get).post(privacy::cancellation::post))
        .route("/family/{learner}/data/cancellation/undo", post(privacy::cancellation::undo))
        .route("/family/{learner}/data/name", post(privacy::name::post))
        .route("/campus/classes", post(campus::run::add_class))
        .route("/campus/teachers", post(campus::run::invite_teacher))
        .route("/campus/terms", get(campus::terms::get).post(campus::terms::post))
        .route("/campus/terms/{term}", post(campus::terms::change))
        .route("/campus/classes/{class}", get(campus::class::get))
        .route("/campus/classes/{class}/moves", post(campus::class::post_move))
        .route("/campus/classes/{class}/term", post(campus::class::post_term))
        .route("/campus/roster", get(roster::page::get).post(roster::preview::post).layer(list_limit))
        .route("/campus/roster/confirmation", post(roster::preview::confirm).layer(list_limit))
        .route("/campus/roster/sheet", post(roster::sheet::post).layer(list_limit))
        .route("/campus/roster/list", get(roster::export::get))
        .route("/campus/roster/{import}/undo", post(roster::page::undo))
        .route("/classes/{class}/invitations", get(classes::invitations::get).post(classes::invitations::post))
        .route("/classes/{class}/invitations/withdrawal", post(classes::invitations::withdraw))
        .route("/join/{ticket}", get(join::page::get).post(join::page::post))
        .route("/join/{ticket}/consents", post(join::page::consents))
        .route("/join/{ticket}/contact", post(join::page::contact))
        .route("/join/{ticket}/declined", get(join::page::declined))
        .route("/consent", get(consent::page::get).post(consent::page::post))
        .route("/consent/{subject}/receipts/{consent}", get(consent::page::get_receipt))
        .route("/family/{learner}/guardians", post(family::guardians::post))
        .route("/waiting", get(consent::waiting::get))
        .route("/enter", get(accounts::pictures::get).post(accounts::pictures::post))
        .route("/enter/{card}", get(accounts::card::get).post(accounts::card::post))
        .route("/family/{learner}/card", post(family::card::post))
        .route("/family/{learner}/card/removal", post(family::card::remove))
        .route("/classes/{class}/cards", get(classes::cards::get).post(classes::cards::post))
        .route("/classes/{class}/pictures", get(classes::pictures::get).post(classes::pictures::post))
        .route("/classes/{class}/pictures/{learner}", post(classes::pictures::post_one))
        .route("/classes/{class}/code", post(classes::pictures::renew))
        .route("/classes/{class}/code/removal", post(classes::pictures::remove))
        .route("/policy", get(policy::page::get))
        .route("/policy/children", get(policy::children::get))
        .route("/policy/cookies", get(policy::cookies::get))
        .route("/policy/versions", get(policy::versions::list))
        .route("/policy/versions/{number}", get(policy::versions::get))
        .route("/policy/versions/{number}/changes", get(policy::changes::get))
        .route("/policy/versions/{number}/seen", post(policy::versions::seen))
        .route("/policy/contact", get(policy::contact::get).post(policy::contact::post))
        .route("/leaving", get(policy::leaving::get))
        .route("/requests", get(requests::list::get).post(requests::list::post))
        .route("/requests/{request}", get(requests::page::get))
        .route("/requests/{request}/withdrawal", post(requests::page::withdraw))
        .route("/help", get(support::help::get).post(support::help::post).layer(help_limit))
        .route("/help/{ticket}", get(support::ticket::get))
        .route("/help/{ticket}/lines", post(support::ticket::say).layer(help_limit))
        .route("/help/{ticket}/closing", post(support::ticket::close))
        .route("/help/{ticket}/rating", post(support::ticket::rate))
        .route("/desk", get(support::queue::get))
        .route("/desk/answers", get(support::canned::get).post(support::canned::post))
        .route("/desk/answers/{answer}/removal", post(support::canned::remove))
        .route("/desk/{ticket}", get(support::desk::get))
        .route("/desk/{ticket}/answers", post(support::desk::answer))
        .route("/desk/{ticket}/notes", post(support::desk::note))
        .route("/desk/{ticket}/taking", post(support::desk::take))
        .route("/desk/{ticket}/handing", post(support::desk::hand))
        .route("/desk/{ticket}/closing", post(support::desk::close))
        .route("/failures", get(ops::failures::get))
        .route("/failures/{job}/retrying", post(ops::failures::retry))
        .route("/failures/{job}/removal", post(ops::failures::remove))
        .route("/messages", get(messages::inbox::get))
        .route("/messages/reading", post(messages::inbox::read_all))
        .route("/messages/settings", get(messages::settings::get).post(messages::settings::post))
        .route("/messages/calendar", post(messages::calendar::make))
        .route("/messages/calendar/removal", post(messages::calendar::remove))
        .route("/messages/push", post(messages::browsers::post))
        .route("/messages/push/removal", post(messages::browsers::remove))
        .route("/messages/{message}", get(messages::inbox::open))
        .route("/announcements", get(messages::announcements::get).post(messages::announcements::post))
        .route("/announcements/{announcement}/withdrawal", post(messages::announcements::withdraw))
        .route("/surveys", get(surveys::list::get).post(surveys::list::post))
        .route("/surveys/asked", get(surveys::asked::get))
        .route("/surveys/{survey}", get(surveys::builder::get).post(surveys::builder::post))
        .route("/surveys/{survey}/questions", post(surveys::question::add))
        .route("/surveys/{survey}/questions/{question}", post(surveys::question::edit))
        .route("/surveys/{survey}/questions/{question}/copies", post(surveys::question::copy))
        .route("/surveys/{survey}/questions/{question}/removal", post(surveys::question::remove))
        .route("/surveys/{survey}/order", post(surveys::question::order))
        .route("/surveys/{survey}/preview", get(surveys::builder::preview))
        .route("/surveys/{survey}/publication", get(surveys::publication::get).post(surveys::publication::post))
        .route("/surveys/{survey}/closing", post(surveys::publication::close))
        .route("/surveys/{survey}/removal", post(surveys::builder::remove))
        .route("/surveys/{survey}/results", get(surveys::results::get))
        .route("/surveys/{survey}/results.csv", get(surveys::results::table))
        .route("/surveys/{survey}/answer", get(surveys::answer::get).post(surveys::answer::post).layer(survey_limit))
        .route("/surveys/{survey}/withdrawal", get(surveys::withdrawal::get).post(surveys::withdrawal::post))
        .route("/unsubscribe/{token}", get(messages::unsubscribe::get).post(messages::unsubscribe::post))
        .route("/calendar/{link}", get(messages::calendar::get))
        .route("/officer", get(officer::front::get))
        .route("/officer/policy/draft", get(officer::draft::get).post(officer::draft::post).layer(draft_limit))
        .route("/officer/policy/draft/renewal", post(officer::draft::renew).layer(draft_limit))
        .route("/officer/policy/draft/removal", post(officer::draft::remove))
        .route("/officer/policy/schedule", post(officer::draft::schedule))
        .route("/officer/policy/{number}/cancellation", post(officer::front::cancel))
        .route("/officer/questions", get(officer::questions::get))
        .route("/officer/questions/{question}", post(officer::questions::answer))
        .route("/officer/requests", get(officer::requests::get))
        .route("/officer/requests/{request}", get(officer::request::get))
        .route("/officer/requests/{request}/taking", post(officer::request::take))
        .route("/officer/requests/{request}/decision", post(officer::request::decide))
        .route("/officer/requests/{request}/extension", post(officer::request::extend))
        .route("/officer/retention", get(officer::retention::get))
        .route("/officer/holds", post(officer::retention::place))
        .route("/officer/holds/{hold}/end", post(officer::retention::lift))
        .route("/officer/log", get(officer::log::get))
        .route("/officer/log.csv", get(officer::log::table))
        .route("/officer/log/check", get(officer::log_check::get))
        .route("/officer/measures", get(officer::measures::get))
        .fallback(async || AppError::NotFound)
        .layer(DefaultBodyLimit::max(64 * 1024))
        // Errors are rendered inside the compression and outside everything that may fail.
        .layer(from_fn_with_state(app.clone(), session::door))
        .layer(from_fn(guard::same_site))
        .layer(from_fn_with_state(app.clone(), error::render))
        .layer(
            CompressionLayer::new().compress_when(
                // Assets are compressed beforehand.
                DefaultPredicate::new()
                    .and(NotForContentType::new("text/css"))
                    .and(NotForContentType::new("text/javascript")),
            ),
        );
    // Sound, and what scripts send and ask: neither compressed nor cached by anybody.
    let bare = Router::new()
        .route("/uploads", post(uploads::post))
        .route("/uploads/{upload}", patch(uploads::patch).head(uploads::head))
        .route("/recordings/{recording}/audio", get(recordings::audio::recording))
        .route("/recordings/{recording}/voice", get(recordings::audio::voice))
        .route("/media/{media}", get(recordings::audio::media))
        .route("/help/{ticket}/pictures/{picture}", get(support::picture::get))
        .route("/surveys/{survey}/answer/voices/{voice}", get(surveys::voice::get))
        .route("/surveys/{survey}/results/voices/{voice}", get(surveys::voice::get))
        .route("/portraits/{media}", get(accounts::avatar::show))
        .route("/privacy/mine/files/{kind}/{file}", get(privacy::files::get))
        .route("/privacy/mine/copies/{copy}/file", get(privacy::files::copy))
        .route("/family/{learner}/data/files/{kind}/{file}", get(privacy::files::get))
        .route("/family/{learner}/data/copies/{copy}/file", get(privacy::files::copy))
        .layer(DefaultBodyLimit::max(uploads::PIECE_MAX))
        .layer(from_fn_with_state(app.clone(), session::door))
        .layer(from_fn(guard::same_site))
        .layer(from_fn_with_state(app.clone(), error::render));
    // For programs: no cookie is looked at, so no other site's form can do anything.
    let interface = Router::new()
        .route("/api/v1/openapi.json", get(api::document::get))
        .route("/api/v1/me", get(api::me::get))
        .route("/api/v1/classes", get(api::roster::classes))
        .route("/api/v1/classes/{class}/members", get(api::roster::members))
        .route("/api/v1/assignments", get(api::homework::list))
        .route("/api/v1/assignments/{assignment}", get(api::homework::get))
        .route(
            "/api/v1/assignments/{assignment}/exercises/{exercise}/recordings",
            post(api::sending::post).layer(upload_limit),
        )
        .route("/api/v1/children", get(api::family::children))
        .route("/api/v1/recordings/{recording}/result", get(api::results::get))
        .route("/api/v1/recordings/{recording}/audio", get(api::results::audio))
        .route("/api/v1/rights/copies", get(api::rights::copies).post(api::rights::ask))
        .route("/api/v1/rights/copies/{copy}", get(api::rights::copy))
        .route("/api/v1/rights/copies/{copy}/file", get(api::rights::file))
        .route("/api/v1/rights/name", put(api::rights::name))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(from_fn_with_state(app.clone(), api::door::door))
        .layer(from_fn_with_state(app.clone(), error::render));
    let plain = Router::new()
        .route("/static/{name}", get(assets::get))
        .route("/healthz", get(ops::health::healthz))
        .route("/readyz", get(ops::health::readyz))
        .route("/metrics", get(ops::metrics))
        .layer(from_fn_with_state(app.clone(), error::render));
    pages
        .merge(bare)
        .merge(interface)
        .merge(plain)
        .layer(from_fn_with_state(app.clone(), policy::frame::name))
        .layer(from_fn_with_state(app.clone(), guard::headers))
        .layer(from_fn_with_state(app.clone(), guard::observe))
        .with_state(app)
}
