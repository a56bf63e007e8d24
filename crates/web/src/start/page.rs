//! `GET /` for who is not signed in.

use askama::Template;
use jiayin_domain::role::Role;

use crate::visitor::Layout;

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
