//! Requests that a person must decide: complaints, disputes, doubts about identities. What kinds there are, how one stands,
//! and what may be done with it next.

use crate::words::words;

words! {
    /// What a request is about.
    Kind {
        /// Data is used against the law or the policy.
        Complaint = "complaint",
        /// A decision or an evaluation is contested.
        Dispute = "dispute",
        /// Somebody else seems to act in one's name, or an account is another's.
        Identity = "identity",
        /// Something is wrong that one cannot correct alone.
        Correction = "correction",
        /// Something is to be used less.
        Restriction = "restriction",
        /// Anything else about one's data.
        Other = "other",
    }
}

words! {
    /// How a request stands.
    State {
        /// Received, and nobody's yet.
        Open = "open",
        /// An officer has it.
        Taken = "taken",
        /// Done as was asked.
        Done = "done",
        /// Refused, with reasons.
        Refused = "refused",
        /// Taken back by who made it.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What is done with a request; its history is made of these.
    Deed {
        /// It came in.
        Receive = "receive",
        /// An officer makes it theirs, or takes it over from another.
        Take = "take",
        /// The term is made longer, once.
        Extend = "extend",
        /// It is answered as was asked.
        Answer = "answer",
        /// It is refused.
        Refuse = "refuse",
        /// Who made it takes it back.
        Withdraw = "withdraw",
    }
}

impl State {
    /// Whether it waits for a decision.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::Taken)
    }

    /// How it stands after a deed; `None` if that cannot be done with it as it stands. What is decided stays so: who does
    /// not agree makes another request.
    pub fn after(self, deed: Deed) -> Option<Self> {
        match (self, deed) {
            (Self::Open | Self::Taken, Deed::Take) => Some(Self::Taken),
            (Self::Open | Self::Taken, Deed::Withdraw) => Some(Self::Withdrawn),
            (Self::Taken, Deed::Extend) => Some(Self::Taken),
            (Self::Taken, Deed::Answer) => Some(Self::Done),
            (Self::Taken, Deed::Refuse) => Some(Self::Refused),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that can be done, as a table: a change of it shows here.
    #[test]
    fn only_who_has_a_request_decides_it_and_a_decision_stays() {
        let mut table = Vec::new();
        for state in State::ALL {
            for deed in Deed::ALL {
                table.extend(state.after(*deed).map(|after| (state.tag(), deed.tag(), after.tag())));
            }
        }
        assert_eq!(
            table,
            [
                ("open", "take", "taken"),
                ("open", "withdraw", "withdrawn"),
                ("taken", "take", "taken"),
                ("taken", "extend", "taken"),
                ("taken", "answer", "done"),
                ("taken", "refuse", "refused"),
                ("taken", "withdraw", "withdrawn"),
            ]
        );
    }

    #[test]
    fn words_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_tag(kind.tag()), Some(*kind));
        }
        for state in State::ALL {
            assert_eq!(State::from_tag(state.tag()), Some(*state));
            assert_eq!(state.is_pending(), state.after(Deed::Take).is_some());
        }
        assert_eq!(Deed::from_tag("forget"), None);
    }
}
