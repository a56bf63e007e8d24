//! Sample data for the pages of tokens and of the interface for programs.

use jiayin::accounts::doubt::Doubt;
use jiayin::accounts::password::OldPasswordError;
use jiayin::accounts::tokens::{PersonView, TokenError, TokenView, TokensPage, Typed};
use jiayin::api::reference::{ReferencePage, page};
use jiayin_domain::id::ApiTokenId;
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use uuid::Uuid;

use super::pages::Samples;

impl Samples<'_> {
    pub fn tokens(&self, wrong: bool) -> TokensPage {
        let token = |name: &str, child: &str, used: &str, over| TokenView {
            id: ApiTokenId(Uuid::nil()),
            name: name.to_owned(),
            child: child.to_owned(),
            scopes: vec![TokenScope::HomeworkRead, TokenScope::ResultsRead],
            made: self.when("2026-05-02T10:29:00Z"),
            ends: self.when("2026-08-02T10:29:00Z"),
            used: used.to_owned(),
            over,
        };
        let person = |id: &str, name: &str, role| PersonView {
            id: id.to_owned(),
            name: name.to_owned(),
            scopes: TokenScope::of(role),
        };
        TokensPage {
            layout: self.layout("/profile/tokens", Some(("王建国", Role::Guardian))),
            made: (!wrong).then(|| format!("jiayin_{}", "a1b2c3d4".repeat(8))),
            error: wrong.then_some(TokenError::Doubt(Doubt::Password(OldPasswordError::Wrong))),
            tokens: vec![token("作业助手", "王小明", "2026-06-01", false), token("Backup", "", "", true)],
            persons: vec![person("", "", Role::Guardian), person("p1", "王小明", Role::Learner)],
            typed: Typed { name: "作业助手".to_owned(), days: 90, ..Typed::default() },
            second_step: wrong,
        }
    }

    pub fn reference(&self) -> ReferencePage {
        page(self.app, self.layout("/api", None)).unwrap()
    }
}
