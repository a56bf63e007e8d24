//! Services: what a route belongs to, and the policy that holds for it (clause 1.1).

use crate::policy::Action;

/// A policy that a service is under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyId {
    /// The operator's privacy policy.
    Privacy,
}

impl PolicyId {
    /// Its word in headers and records.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
        }
    }
}

/// A service, as people understand the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// The public pages, and trying the ear.
    Site,
    /// Accounts and profiles.
    Accounts,
    /// Homework: doing, hearing, reviewing it.
    Homework,
    /// Courses and their audio.
    Courses,
    /// What guardians follow.
    Family,
    /// Running a campus.
    Campus,
    /// Messages, announcements, calendars.
    Messages,
    /// Answering who asks for help.
    Support,
    /// Surveys: making and answering them.
    Surveys,
    /// The policy itself, and people's rights.
    Privacy,
    /// Health and metrics.
    Operation,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Site,
        Self::Accounts,
        Self::Homework,
        Self::Courses,
        Self::Family,
        Self::Campus,
        Self::Messages,
        Self::Support,
        Self::Surveys,
        Self::Privacy,
        Self::Operation,
    ];

    /// The service that an action belongs to. A new action does not compile before it belongs to one.
    pub fn of(action: Action) -> Self {
        match action {
            Action::VisitPublicPages => Self::Site,
            Action::Operate | Action::SeeFailures => Self::Operation,
            Action::KeepOwnProfile
            | Action::KeepSecondStep
            | Action::KeepPasskeys
            | Action::KeepPortrait
            | Action::KeepTokens => Self::Accounts,
            Action::DoHomework
            | Action::ReadHomework
            | Action::SendRecordings
            | Action::HearRecordings
            | Action::AssignHomework
            | Action::SeeClasses
            | Action::ReviewHomework => Self::Homework,
            Action::HearCourses | Action::MakeCourses => Self::Courses,
            Action::FollowChildren => Self::Family,
            Action::SeeCampus | Action::InviteFamilies | Action::RunCampus | Action::ReadRosters => Self::Campus,
            Action::ReadMessages | Action::Announce => Self::Messages,
            Action::AskForHelp | Action::AnswerHelp => Self::Support,
            Action::MakeSurveys | Action::AnswerSurveys => Self::Surveys,
            Action::KeepPolicy | Action::DecideConsents | Action::MakeRequests => Self::Privacy,
        }
    }

    /// The policy that it is under.
    pub fn policy(self) -> PolicyId {
        PolicyId::Privacy
    }

    /// The word in records and text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Accounts => "accounts",
            Self::Homework => "homework",
            Self::Courses => "courses",
            Self::Family => "family",
            Self::Campus => "campus",
            Self::Messages => "messages",
            Self::Support => "support",
            Self::Surveys => "surveys",
            Self::Privacy => "privacy",
            Self::Operation => "operation",
        }
    }
}
