//! Conversations with the help desk: what they are about, how one stands, and what may be done with it next.

use crate::words::words;

/// Working days within which the help desk answers.
pub const ANSWER_DAYS: u16 = 2;

words! {
    /// What a conversation is about.
    Topic {
        /// Recording does not work, or nothing is to be heard.
        Sound = "sound",
        /// Signing in, invitations, the account.
        Account = "account",
        /// Homework and its evaluation.
        Homework = "homework",
        /// Classes, teachers, lessons.
        Lessons = "lessons",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// For whom a conversation waits.
    State {
        /// For the desk: its writer has said the last word.
        Waiting = "waiting",
        /// For its writer, who was answered.
        Answered = "answered",
        /// For nobody.
        Closed = "closed",
    }
}

words! {
    /// Who answers a conversation.
    Desk {
        /// The managers of a campus.
        Campus = "campus",
        /// The privacy officers of the school.
        Officer = "officer",
    }
}

words! {
    /// What is done with a conversation; it is made of these.
    Deed {
        /// Its writer says something.
        Ask = "ask",
        /// The desk answers.
        Answer = "answer",
        /// Somebody at the desk notes something for the others there.
        Note = "note",
        /// Somebody at the desk makes it theirs.
        Take = "take",
        /// It is handed to somebody else.
        Hand = "hand",
        /// It is closed, by its writer or by the desk.
        Close = "close",
    }
}

words! {
    /// How content its writer is.
    Rating {
        /// It helped.
        Good = "good",
        /// It helped a little.
        Fair = "fair",
        /// It did not help.
        Poor = "poor",
    }
}

impl State {
    /// For whom it waits after a deed; `None` if that cannot be done as it stands. What is closed is opened again by its
    /// writer alone, who says something more.
    pub fn after(self, deed: Deed) -> Option<Self> {
        match (self, deed) {
            (_, Deed::Ask) => Some(Self::Waiting),
            (_, Deed::Note) => Some(self),
            (Self::Closed, _) => None,
            (_, Deed::Answer) => Some(Self::Answered),
            (_, Deed::Take | Deed::Hand) => Some(self),
            (_, Deed::Close) => Some(Self::Closed),
        }
    }

    /// Whether it waits for anybody.
    pub fn is_open(self) -> bool {
        self != Self::Closed
    }
}

impl Deed {
    /// Whether the writer is shown it: notes and who at the desk has it are the desk's own business. Their copy has all.
    pub fn is_shown_to_writer(self) -> bool {
        matches!(self, Self::Ask | Self::Answer | Self::Close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that can be done, as a table: a change of it shows here.
    #[test]
    fn what_is_closed_is_opened_by_its_writer_alone() {
        let row = |deed: Deed| {
            let after = |state: &State| state.after(deed).map_or("-", State::tag);
            format!("{}: {}", deed.tag(), State::ALL.iter().map(after).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(
            Deed::ALL.iter().map(|deed| row(*deed)).collect::<Vec<_>>(),
            [
                "ask: waiting waiting waiting",
                "answer: answered answered -",
                "note: waiting answered closed",
                "take: waiting answered -",
                "hand: waiting answered -",
                "close: closed closed -",
            ]
        );
    }
}
