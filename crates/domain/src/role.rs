//! Roles: what a person is to the school.

use serde::{Deserialize, Serialize};

/// What a person is to the school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Learns; mostly a child.
    Learner,
    /// Answers for learners.
    Guardian,
    /// Teaches classes.
    Teacher,
    /// Runs a campus.
    CampusManager,
    /// Answers for the policy: its versions, people's requests, what is kept and how long.
    PrivacyOfficer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Learner, Self::Guardian, Self::Teacher, Self::CampusManager, Self::PrivacyOfficer];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Guardian => "guardian",
            Self::Teacher => "teacher",
            Self::CampusManager => "campus_manager",
            Self::PrivacyOfficer => "privacy_officer",
        }
    }

    /// The role with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.tag() == tag)
    }
}
