//! Who may do what: the role × action matrix. Every route names its [`Action`]; what is not in the matrix is refused.
//!
//! The matrix says what a role may do at all. Whether *this* class or *this* child is theirs, the query asks that reads
//! it: what one may not see does not exist (404).

use crate::role::Role;

/// Something that a visitor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look at the public pages, try the ear, sign in.
    VisitPublicPages,
    /// Read health and metrics.
    Operate,
    /// Sign out; change one's own language, look and name.
    KeepOwnProfile,
    /// Protect one's own account with a second step.
    KeepSecondStep,
    /// Sign in with a passkey, and keep one's own.
    KeepPasskeys,
    /// Make tokens for programs that act for oneself, or for one's child.
    KeepTokens,
    /// Have a program read the classes one teaches or manages, and who is in them.
    ReadRosters,
    /// Have a program read homework: one's own, or that of one's classes.
    ReadHomework,
    /// Show a picture of oneself.
    KeepPortrait,
    /// Do one's own homework: hear, record, see results.
    DoHomework,
    /// Send one's own recordings: homework, or course audio.
    SendRecordings,
    /// Hear the recordings and read the results that one may see.
    HearRecordings,
    /// Hear the audio of a course.
    HearCourses,
    /// Make courses and lessons, record their audio.
    MakeCourses,
    /// Give homework to one's classes, and take it back.
    AssignHomework,
    /// Look at the work of one's classes.
    SeeClasses,
    /// Score, comment on, and return recordings of one's classes.
    ReviewHomework,
    /// Follow one's own children.
    FollowChildren,
    /// See the classes of one's campus and their activity.
    SeeCampus,
    /// Decide for oneself, or for one's children, about purposes.
    DecideConsents,
    /// Make requests about one's own data or one's child's, complain, and see what became of it.
    MakeRequests,
    /// Ask the help desk, follow one's own conversations with it.
    AskForHelp,
    /// Answer who asks the help desk.
    AnswerHelp,
    /// See work that failed for good, have it tried again.
    SeeFailures,
    /// Read what one is told, and choose what one wants to be told.
    ReadMessages,
    /// Say something to a class or a campus.
    Announce,
    /// Make surveys, and see what comes of them.
    MakeSurveys,
    /// Answer the surveys to which one is asked, and take answers back.
    AnswerSurveys,
    /// Invite families into a class.
    InviteFamilies,
    /// Open classes on one's campus, and invite teachers.
    RunCampus,
    /// Keep the policy: its versions, people's requests, what was kept and expired.
    KeepPolicy,
}

impl Action {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::VisitPublicPages,
        Self::Operate,
        Self::KeepOwnProfile,
        Self::KeepSecondStep,
        Self::KeepPasskeys,
        Self::KeepTokens,
        Self::ReadRosters,
        Self::ReadHomework,
        Self::KeepPortrait,
        Self::DoHomework,
        Self::SendRecordings,
        Self::HearRecordings,
        Self::HearCourses,
        Self::MakeCourses,
        Self::AssignHomework,
        Self::SeeClasses,
        Self::ReviewHomework,
        Self::FollowChildren,
        Self::SeeCampus,
        Self::DecideConsents,
        Self::MakeRequests,
        Self::AskForHelp,
        Self::AnswerHelp,
        Self::SeeFailures,
        Self::ReadMessages,
        Self::Announce,
        Self::MakeSurveys,
        Self::AnswerSurveys,
        Self::InviteFamilies,
        Self::RunCampus,
        Self::KeepPolicy,
    ];
}

/// Whether a role may do something; `None` is a visitor who is not signed in. Default: no.
pub fn may(role: Option<Role>, action: Action) -> bool {
    use Action::{
        Announce, AnswerHelp, AnswerSurveys, AskForHelp, AssignHomework, DecideConsents, DoHomework, FollowChildren,
        HearCourses, HearRecordings, InviteFamilies, KeepOwnProfile, KeepPasskeys, KeepPolicy, KeepPortrait,
        KeepSecondStep, KeepTokens, MakeCourses, MakeRequests, MakeSurveys, Operate, ReadHomework, ReadMessages,
        ReadRosters, ReviewHomework, RunCampus, SeeCampus, SeeClasses, SeeFailures, SendRecordings, VisitPublicPages,
    };
    match action {
        // Operation has no role of its own yet: whoever reaches the port may look, as with any exporter.
        VisitPublicPages | Operate => true,
        KeepOwnProfile | MakeRequests | AskForHelp | ReadMessages => role.is_some(),
        AnswerHelp | SeeFailures => matches!(role, Some(Role::CampusManager | Role::PrivacyOfficer)),
        KeepSecondStep => matches!(role, Some(Role::Teacher | Role::CampusManager | Role::PrivacyOfficer)),
        // Grown-ups: a child's tablet is often the family's, and unlocks for all of them.
        KeepPasskeys => role.is_some_and(|role| role != Role::Learner),
        // A child makes none: the guardian does, for the child.
        KeepTokens => role.is_some_and(|role| role != Role::Learner),
        ReadRosters => matches!(role, Some(Role::Teacher | Role::CampusManager)),
        ReadHomework => matches!(role, Some(Role::Learner | Role::Teacher)),
        // A child's face stays the child's: children choose a drawing.
        KeepPortrait => role.is_some_and(|role| role != Role::Learner),
        DoHomework => role == Some(Role::Learner),
        SendRecordings => matches!(role, Some(Role::Learner | Role::Teacher)),
        HearRecordings => matches!(role, Some(Role::Learner | Role::Guardian | Role::Teacher)),
        HearCourses => role.is_some_and(|role| role != Role::PrivacyOfficer),
        MakeCourses | AssignHomework | SeeClasses | ReviewHomework => role == Some(Role::Teacher),
        FollowChildren => role == Some(Role::Guardian),
        SeeCampus => role == Some(Role::CampusManager),
        // A child decides nothing alone: the guardian does (clause 8.2).
        DecideConsents => role.is_some_and(|role| role != Role::Learner),
        AnswerSurveys => matches!(role, Some(Role::Learner | Role::Guardian | Role::Teacher)),
        InviteFamilies | Announce | MakeSurveys => matches!(role, Some(Role::Teacher | Role::CampusManager)),
        RunCampus => role == Some(Role::CampusManager),
        KeepPolicy => role == Some(Role::PrivacyOfficer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole matrix as a table, to be read by people: a change of it shows here.
    #[test]
    fn the_matrix_is_as_agreed() {
        let columns: Vec<Option<Role>> = std::iter::once(None).chain(Role::ALL.into_iter().map(Some)).collect();
        let table: Vec<String> = Action::ALL
            .iter()
            .map(|action| {
                let row: String = columns.iter().map(|role| if may(*role, *action) { 'x' } else { '.' }).collect();
                format!("{row} {action:?}")
            })
            .collect();
        assert_eq!(
            table,
            [
                "xxxxxx VisitPublicPages",
                "xxxxxx Operate",
                ".xxxxx KeepOwnProfile",
                "...xxx KeepSecondStep",
                "..xxxx KeepPasskeys",
                "..xxxx KeepTokens",
                "...xx. ReadRosters",
                ".x.x.. ReadHomework",
                "..xxxx KeepPortrait",
                ".x.... DoHomework",
                ".x.x.. SendRecordings",
                ".xxx.. HearRecordings",
                ".xxxx. HearCourses",
                "...x.. MakeCourses",
                "...x.. AssignHomework",
                "...x.. SeeClasses",
                "...x.. ReviewHomework",
                "..x... FollowChildren",
                "....x. SeeCampus",
                "..xxxx DecideConsents",
                ".xxxxx MakeRequests",
                ".xxxxx AskForHelp",
                "....xx AnswerHelp",
                "....xx SeeFailures",
                ".xxxxx ReadMessages",
                "...xx. Announce",
                "...xx. MakeSurveys",
                ".xxx.. AnswerSurveys",
                "...xx. InviteFamilies",
                "....x. RunCampus",
                ".....x KeepPolicy",
            ]
        );
    }
}
