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
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Learner, Self::Guardian, Self::Teacher, Self::CampusManager];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Guardian => "guardian",
            Self::Teacher => "teacher",
            Self::CampusManager => "campus_manager",
        }
    }

    /// The role with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.tag() == tag)
    }
}
