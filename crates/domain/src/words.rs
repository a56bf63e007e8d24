//! Sorts of things that stand as a word in the database, in forms and in text keys.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $tag:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$item])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the database, in forms and in text keys.
            pub fn tag(self) -> &'static str {
                match self {
                    $(Self::$variant => $tag,)+
                }
            }

            /// The one with exactly this word.
            pub fn from_tag(tag: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.tag() == tag)
            }
        }
    };
}

pub(crate) use words;
