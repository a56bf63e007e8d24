//! Phone numbers and e-mail addresses, in the one form in which they are compared: however somebody types theirs, it gives
//! the same look-up.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// What an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentifierKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl IdentifierKind {
    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    /// The kind with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Phone, Self::Email].into_iter().find(|kind| kind.tag() == tag)
    }
}

/// Why a text is no identifier. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Nothing was typed.
    #[error("no phone number or e-mail address")]
    Empty,
    /// No phone number: E.164 has 8 to 15 digits; a number without a country is a mainland Chinese one.
    #[error("not a phone number")]
    Phone,
    /// No e-mail address.
    #[error("not an e-mail address")]
    Email,
}

/// A phone number or an e-mail address. It has no Debug of its text, and is wiped when dropped.
pub struct Identifier {
    kind: IdentifierKind,
    normalised: Zeroizing<String>,
}

impl Identifier {
    /// Reads what somebody typed: full-width letters and digits, spaces, dashes and brackets in phone numbers, capitals in
    /// e-mail addresses make no difference; +86 is supplied where no country is named.
    ///
    /// # Errors
    /// [`IdentifierError`].
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let plain: Zeroizing<String> = Zeroizing::new(text.trim().nfkc().collect());
        let typed = plain.trim();
        if typed.is_empty() {
            Err(IdentifierError::Empty)
        } else if typed.contains('@') {
            email(typed)
                .map(|normalised| Self { kind: IdentifierKind::Email, normalised })
                .ok_or(IdentifierError::Email)
        } else {
            phone(typed)
                .map(|normalised| Self { kind: IdentifierKind::Phone, normalised })
                .ok_or(IdentifierError::Phone)
        }
    }

    /// What it is.
    pub fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// The text that is sealed and looked up: E.164 (`+8613800138000`), or the address in small letters.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({})", self.kind.tag())
    }
}

/// E.164 of a number, already in NFKC.
fn phone(typed: &str) -> Option<Zeroizing<String>> {
    let mut digits = Zeroizing::new(String::with_capacity(16));
    let mut plus = false;
    for letter in typed.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if digits.is_empty() && !plus => plus = true,
            // Spaces, brackets, and the dashes there are; NFKC leaves most dashes as they were.
            ' ' | '\u{a0}' | '(' | ')' | '.' | '/' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => {}
            _ => return None,
        }
    }
    let international = if plus { Some(&digits[..]) } else { digits.strip_prefix("00") };
    let number = match international {
        Some(number) => match number.strip_prefix("86") {
            Some(national) => mainland(national)?,
            None => Zeroizing::new(number.to_owned()),
        },
        // 86 and a mobile number: the country without its plus.
        None => match digits.strip_prefix("86").filter(|national| is_mobile(national)) {
            Some(national) => mainland(national)?,
            None => mainland(&digits)?,
        },
    };
    let right = (8..=15).contains(&number.len()) && !number.starts_with('0');
    right.then(|| Zeroizing::new(format!("+{}", *number)))
}

/// A mainland Chinese mobile number: 1, then 3 to 9, then nine digits.
fn is_mobile(national: &str) -> bool {
    national.len() == 11 && national.starts_with('1') && !matches!(national.as_bytes()[1], b'0' | b'1' | b'2')
}

/// A mainland Chinese number with its country: a mobile number, or area code and seven or eight digits.
fn mainland(national: &str) -> Option<Zeroizing<String>> {
    if is_mobile(national) {
        return Some(Zeroizing::new(format!("86{national}")));
    }
    let fixed = national.strip_prefix('0').unwrap_or(national);
    // Of the area codes only Beijing's begins with 1; it has eight digits behind it.
    let right = match fixed.as_bytes() {
        [b'0', ..] => false,
        [b'1', second, ..] => *second == b'0' && fixed.len() == 10,
        _ => (9..=11).contains(&fixed.len()),
    };
    right.then(|| Zeroizing::new(format!("86{fixed}")))
}

/// An address in small letters, already in NFKC.
fn email(typed: &str) -> Option<Zeroizing<String>> {
    let small = Zeroizing::new(typed.to_lowercase());
    let address: Zeroizing<String> = Zeroizing::new(small.nfkc().collect());
    let (local, domain) = address.split_once('@')?;
    let wrong = |letter: char| letter.is_whitespace() || letter.is_control() || "@<>()[]\\,;:\"".contains(letter);
    let labels = domain.split('.').collect::<Vec<_>>();
    let right = !local.is_empty()
        && local.len() <= 64
        && address.len() <= 254
        && !local.contains(wrong)
        && !domain.contains(wrong)
        && labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    right.then(|| address.clone())
}
