//! Picture passwords: how children sign in who have neither mailbox nor card at hand. A class has a code; a learner has a number
//! in it and [`PICTURES`] pictures out of [`CHOICE`], in order. None of this shows a name to whoever guesses.

mod entering;
mod making;

pub use entering::PictureEntry;
pub use making::{PictureHolder, PictureSheet, SheetRow};

/// Pictures that are chosen from.
pub const CHOICE: u8 = 16;
/// Pictures that a learner has.
pub const PICTURES: usize = 4;

/// A learner's pictures in order, each below [`CHOICE`].
pub type Pictures = [u8; PICTURES];

/// Letters of a class's code, none of which is taken for another or makes a word.
const LETTERS: &[u8; 23] = b"BCDFGHJKMNPQRTVWXY34679";
/// Length of a class's code: 27 bits.
const CODE_LENGTH: usize = 6;

/// A class's code as it is kept, however it was typed; `None` for what cannot be one.
fn normalised(typed: &str) -> Option<String> {
    let code: String =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    let fits = code.len() == CODE_LENGTH && code.bytes().all(|letter| LETTERS.contains(&letter));
    fits.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        assert_eq!(normalised(" bcd-347 "), Some("BCD347".to_owned()));
        assert_eq!(normalised("BCD 347"), Some("BCD347".to_owned()));
        for wrong in ["", "BCD34", "BCD3477", "ABC347", "BCD34O"] {
            assert_eq!(normalised(wrong), None, "{wrong:?}");
        }
    }
}
