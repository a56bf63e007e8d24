//! What a token for programs allows: scopes narrow what its person may do, and never widen it.

use crate::role::Role;

/// Longest life of a token, in days.
pub const LONGEST_DAYS: u16 = 365;
/// Longest life of a token that acts as a child, in days.
pub const LONGEST_DAYS_OF_CHILD: u16 = 90;

/// Something that a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenScope {
    /// See what homework there is.
    HomeworkRead,
    /// Send recordings for it.
    HomeworkWrite,
    /// See scores, hear recordings.
    ResultsRead,
    /// See classes and who is in them.
    RosterRead,
    /// See one's copies, and fetch them.
    RightsRead,
    /// Ask for a copy, put one's name right.
    RightsWrite,
}

impl TokenScope {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::HomeworkRead,
        Self::HomeworkWrite,
        Self::ResultsRead,
        Self::RosterRead,
        Self::RightsRead,
        Self::RightsWrite,
    ];

    /// The word in the database, in the interface's document and, with `-` for `:`, in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::HomeworkRead => "homework:read",
            Self::HomeworkWrite => "homework:write",
            Self::ResultsRead => "results:read",
            Self::RosterRead => "roster:read",
            Self::RightsRead => "rights:read",
            Self::RightsWrite => "rights:write",
        }
    }

    /// The scope with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.tag() == tag)
    }

    /// The scopes that make sense for a token that acts as a person of this role. A child's token learns; the child's
    /// rights stay with the guardian and the pages.
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Learner => &[Self::HomeworkRead, Self::HomeworkWrite, Self::ResultsRead],
            Role::Guardian => &[Self::HomeworkRead, Self::ResultsRead, Self::RightsRead, Self::RightsWrite],
            Role::Teacher => {
                &[Self::HomeworkRead, Self::ResultsRead, Self::RosterRead, Self::RightsRead, Self::RightsWrite]
            }
            Role::CampusManager => &[Self::RosterRead, Self::RightsRead, Self::RightsWrite],
            Role::PrivacyOfficer => &[Self::RightsRead, Self::RightsWrite],
        }
    }

    /// Several as one text: their words with a blank between.
    pub fn join(scopes: &[Self]) -> String {
        scopes.iter().map(|scope| scope.tag()).collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`TokenScope::join`] wrote; words that are not known allow nothing.
    pub fn split(text: &str) -> Vec<Self> {
        text.split(' ').filter_map(Self::from_tag).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_written_and_read() {
        for scope in TokenScope::ALL {
            assert_eq!(TokenScope::split(&TokenScope::join(&[scope])), [scope]);
        }
        assert_eq!(
            TokenScope::split("homework:read admin rights:read"),
            [TokenScope::HomeworkRead, TokenScope::RightsRead]
        );
        assert!(TokenScope::split("").is_empty());
    }

    #[test]
    fn a_child_has_no_rights_by_token_and_only_a_child_sends_recordings() {
        for role in Role::ALL {
            let scopes = TokenScope::of(role);
            assert_eq!(scopes.contains(&TokenScope::HomeworkWrite), role == Role::Learner);
            assert_eq!(scopes.contains(&TokenScope::RightsRead), role != Role::Learner);
        }
    }
}
