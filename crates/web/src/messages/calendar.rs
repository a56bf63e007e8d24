//! `GET /calendar/{link}`: when homework is due, as calendar programs read it (iCalendar, RFC 5545). Who holds the link needs
//! no account, so it shows titles and times and nobody's name; it can be made anew or taken away at any time.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use icalendar::{Calendar, Component, Event, Property};
use jiayin_store::messages::DueDate;
use jiayin_store::sessions::Token;
use jiff::Timestamp;

use super::settings;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::{Locale, Localizer};
use crate::session::{Person, see_other};
use crate::visitor::Visitor;

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the link is nobody's, or no longer.
pub async fn get(State(app): State<AppState>, Path(link): Path<String>) -> Result<Response, AppError> {
    let token = link.strip_suffix(".ics").and_then(Token::from_text).ok_or(AppError::NotFound)?;
    let (dates, language) = app.store.due_dates(&token).await?.ok_or(AppError::NotFound)?;
    let l = app.catalogs.get(language.as_deref().and_then(Locale::from_tag).unwrap_or(Locale::ZhCn));
    let headers = [(CONTENT_TYPE, "text/calendar; charset=utf-8"), (CACHE_CONTROL, "private, max-age=900")];
    Ok((headers, calendar(&l, &app.config.public_url, &dates)).into_response())
}

fn calendar(l: &Localizer, site: &str, dates: &[DueDate]) -> String {
    let mut calendar = Calendar::new();
    calendar.name(&l.t("calendar-name"));
    for date in dates {
        let mut event = Event::new();
        event
            .uid(&format!("{}@jiayin", date.assignment))
            .add_property("DTSTAMP", utc(date.given_at))
            .add_property("DTSTART", utc(date.due_at))
            .add_property("DURATION", "PT0S")
            .summary(&l.t1("calendar-event", "title", date.title.clone()))
            .append_property(Property::new("URL", format!("{}/", site.trim_end_matches('/'))));
        calendar.push(event.done());
    }
    calendar.done().to_string()
}

/// A moment as RFC 5545 writes it in UTC.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `POST /messages/calendar`: makes a link, and shows it once; another that there was is worthless from then on.
///
/// # Errors
/// [`AppError`].
pub async fn make(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    let token = app.store.make_calendar_link(&viewer).await?;
    let site = app.config.public_url.trim_end_matches('/');
    let link = format!("{site}/calendar/{}.ics", token.to_text());
    let page = settings::page(&app, &visitor, &viewer, Some(link)).await?;
    Ok((StatusCode::OK, html(&page)?).into_response())
}

/// `POST /messages/calendar/removal`.
///
/// # Errors
/// [`AppError`].
pub async fn remove(State(app): State<AppState>, Person(viewer): Person) -> Result<Response, AppError> {
    app.store.remove_calendar_link(&viewer).await?;
    Ok(see_other("/messages/settings?saved=1"))
}

#[cfg(test)]
mod tests {
    use jiayin_domain::id::AssignmentId;

    use super::*;
    use crate::locale::Catalogs;

    #[test]
    fn a_calendar_is_written_as_the_standard_has_it() {
        let at = |text: &str| text.parse().unwrap();
        let date = DueDate {
            assignment: AssignmentId("019a0000-0000-7000-8000-000000000001".parse().unwrap()),
            title: "Unit 1: cats, dogs; birds".to_owned(),
            due_at: at("2026-03-02T12:00:00Z"),
            given_at: at("2026-03-01T00:00:00Z"),
        };
        let written = calendar(&Catalogs::load().unwrap().get(Locale::En), "https://school.example/", &[date]);
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "UID:019a0000-0000-7000-8000-000000000001@jiayin",
            "DTSTAMP:20260301T000000Z",
            "DTSTART:20260302T120000Z",
            "URL:https://school.example/",
            "END:VCALENDAR",
        ] {
            assert!(written.contains(&format!("{line}\r\n")), "{line} in {written}");
        }
        assert!(written.contains("cats\\, dogs\\; birds"), "{written}");
        assert_eq!(written.matches("DTSTAMP").count(), 1);
        assert!(written.lines().all(|line| line.len() <= 75));
    }
}
