//! One row of a list, as it was read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Longest name, in characters; as long as one may call oneself.
pub const NAME_MAX: usize = 40;
/// Longest name of a class or a term, in characters.
pub const CLASS_MAX: usize = 80;
/// Longest student number, in characters.
pub const NUMBER_MAX: usize = 32;
/// Longest phone number or address, in characters.
pub const CONTACT_MAX: usize = 254;

/// What a row makes of a person in a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// They learn in it.
    #[default]
    Learner,
    /// They teach it.
    Teacher,
    /// The list says something else.
    Other,
}

/// A row. It names people, so it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Where it stands in the file, counted from 1.
    #[serde(rename = "l")]
    pub line: u32,
    /// What they are called.
    #[serde(rename = "n")]
    pub name: String,
    /// The school's own number of the learner.
    #[serde(rename = "s", skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// The class.
    #[serde(rename = "c")]
    pub class: String,
    /// The campus, if the list says it.
    #[serde(rename = "k", skip_serializing_if = "String::is_empty")]
    pub campus: String,
    /// The term, if the list says it.
    #[serde(rename = "t", skip_serializing_if = "String::is_empty")]
    pub term: String,
    /// Its first day.
    #[serde(rename = "f", skip_serializing_if = "String::is_empty")]
    pub first: String,
    /// Its last day.
    #[serde(rename = "e", skip_serializing_if = "String::is_empty")]
    pub last: String,
    /// Learner or teacher.
    #[serde(rename = "p")]
    pub part: Part,
    /// A teacher's phone number or address; of learners none is read.
    #[serde(rename = "m", skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// The number of the invitation that an earlier import prepared for the row.
    #[serde(rename = "i", skip_serializing_if = "String::is_empty")]
    pub invitation: String,
}

/// A text as it is compared: without blanks, full-width letters and digits as plain ones, in lower case.
pub fn fold(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        other => other,
    };
    text.chars().filter(|letter| !letter.is_whitespace()).map(plain).flat_map(char::to_lowercase).collect()
}

/// A day as people write it: `2026-09-01`, `2026/9/1`, `2026.9.1`, `2026年9月1日`, `20260901`.
pub fn date(text: &str) -> Option<Date> {
    let text = fold(text);
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()).collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] => (year, month, day),
        [whole] if whole.len() == 8 && whole.is_ascii() => (&whole[..4], &whole[4..6], &whole[6..]),
        _ => return None,
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().filter(|date| date.year() >= 1900)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["2026-09-01", "2026/9/1", "2026.9.1", "2026年9月1日", "20260901", " ２０２６-９-１ "] {
            assert_eq!(date(text), Some(day(2026, 9, 1)), "{text}");
        }
        for text in ["", "2026", "2026-13-01", "1-9-2026", "2026-02-30", "soon", "一二三四五六七八"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn texts_are_compared_without_blanks_width_and_case() {
        assert_eq!(fold(" 三年级 Ａ 班\u{3000}"), fold("三年级a班"));
        assert_ne!(fold("三年级A班"), fold("三年级B班"));
    }
}
