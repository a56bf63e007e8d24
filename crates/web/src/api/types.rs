//! Words that several answers share.

use jiayin_domain::homework::{Decision, SubmissionState};
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A random number that stays, by which a thing is known (UUID version 7 for what was made here).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = "uuid", example = "01990000-0000-7000-8000-000000000001")]
pub struct Id(pub Uuid);

/// A moment in UTC, as RFC 3339 writes it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = "date-time", example = "2026-03-02T08:00:00Z")]
pub struct Moment(String);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.to_string())
    }
}

/// What a person is to the school.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Learns.
    Learner,
    /// Answers for learners.
    Guardian,
    /// Teaches classes.
    Teacher,
    /// Runs a campus.
    CampusManager,
    /// Answers for the policy.
    PrivacyOfficer,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Learner => Self::Learner,
            Role::Guardian => Self::Guardian,
            Role::Teacher => Self::Teacher,
            Role::CampusManager => Self::CampusManager,
            Role::PrivacyOfficer => Self::PrivacyOfficer,
        }
    }
}

/// What a token allows.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub enum ScopeName {
    /// See homework.
    #[serde(rename = "homework:read")]
    HomeworkRead,
    /// Send recordings.
    #[serde(rename = "homework:write")]
    HomeworkWrite,
    /// See scores, hear recordings.
    #[serde(rename = "results:read")]
    ResultsRead,
    /// See classes and who is in them.
    #[serde(rename = "roster:read")]
    RosterRead,
    /// Fetch copies of one's data.
    #[serde(rename = "rights:read")]
    RightsRead,
    /// Ask for copies, put one's name right.
    #[serde(rename = "rights:write")]
    RightsWrite,
}

impl From<TokenScope> for ScopeName {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::HomeworkRead => Self::HomeworkRead,
            TokenScope::HomeworkWrite => Self::HomeworkWrite,
            TokenScope::ResultsRead => Self::ResultsRead,
            TokenScope::RosterRead => Self::RosterRead,
            TokenScope::RightsRead => Self::RightsRead,
            TokenScope::RightsWrite => Self::RightsWrite,
        }
    }
}

/// Where a learner stands with an assignment.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Something is still to be done.
    Open,
    /// All of it is done; the teacher may look.
    Done,
    /// The teacher has looked.
    Reviewed,
    /// The teacher asks for another try.
    Returned,
}

impl From<SubmissionState> for WorkState {
    fn from(state: SubmissionState) -> Self {
        match state {
            SubmissionState::Open => Self::Open,
            SubmissionState::Done => Self::Done,
            SubmissionState::Reviewed => Self::Reviewed,
            SubmissionState::Returned => Self::Returned,
        }
    }
}

/// What a teacher decided.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionName {
    /// It counts.
    Accepted,
    /// Another try, please.
    Returned,
}

impl From<Decision> for DecisionName {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Accepted => Self::Accepted,
            Decision::Returned => Self::Returned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(value: impl Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn words_are_those_of_the_rest_of_the_program() {
        for role in Role::ALL {
            assert_eq!(word(RoleName::from(role)), role.tag());
        }
        for scope in TokenScope::ALL {
            assert_eq!(word(ScopeName::from(scope)), scope.tag());
        }
        for state in SubmissionState::ALL {
            assert_eq!(word(WorkState::from(state)), state.tag());
        }
        for decision in [Decision::Accepted, Decision::Returned] {
            assert_eq!(word(DecisionName::from(decision)), decision.tag());
        }
    }
}
