//! `GET /` for who is not signed in.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SchoolId;
use jiayin_domain::role::Role;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// The start page.
#[derive(Template)]
#[template(path = "start/page.html")]
pub struct StartPage {
    /// Frame.
    pub layout: Layout,
    /// The accounts of the demo school by role; none if this is no demo.
    pub demo: Vec<DemoGroup>,
}

/// Accounts of one role.
pub struct DemoGroup {
    /// The role.
    pub role: Role,
    /// The accounts.
    pub accounts: Vec<DemoAccount>,
}

/// An account to be looked through with one click.
pub struct DemoAccount {
    /// Id of the person; goes out as `person` with `POST /sign-in/demo`.
    pub person: String,
    /// Name.
    pub name: String,
    /// Class, children or campus, in a few words; may be empty.
    pub note: String,
}

/// `GET /`: the way to one's own front page for who is signed in.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Response, AppError> {
    if let Some(person) = &visitor.person {
        return Ok(see_other(person.front()));
    }
    let demo = match app.demo {
        Some(school) => groups(&app, school).await?,
        None => Vec::new(),
    };
    Ok(html(&StartPage { layout: Layout::new(&visitor, &app), demo })?.into_response())
}

async fn groups(app: &AppState, school: SchoolId) -> Result<Vec<DemoGroup>, AppError> {
    let demo = app.store.demo_accounts(school).await?;
    let order = [Role::Teacher, Role::Learner, Role::Guardian, Role::CampusManager, Role::PrivacyOfficer];
    let mut groups: Vec<DemoGroup> = order.into_iter().map(|role| DemoGroup { role, accounts: Vec::new() }).collect();
    for (role, person, name) in &demo.accounts {
        let name = name.read(&demo.grant)?;
        let mut notes: Vec<String> =
            demo.classes.iter().filter(|(member, _)| member == person).map(|(_, class)| class.clone()).collect();
        for (_, child) in demo.children.iter().filter(|(guardian, _)| guardian == person) {
            if let Some((_, _, name)) = demo.accounts.iter().find(|(_, other, _)| other == child) {
                notes.push(name.read(&demo.grant)?.clone());
            }
        }
        let account = DemoAccount { person: person.to_string(), name: name.clone(), note: notes.join(" · ") };
        if let Some(group) = groups.iter_mut().find(|group| group.role == *role) {
            group.accounts.push(account);
        }
    }
    groups.retain(|group| !group.accounts.is_empty());
    Ok(groups)
}
