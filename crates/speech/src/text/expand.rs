//! How one token is read: abbreviations, acronyms, letters, addresses, compounds; numbers go to `figures`.

use super::figures;
use super::lexicon::Lexicon;
use super::normalise::{Reading, Spoken};
use super::numbers::Words;

/// What stands around a token, and in what.
pub(super) struct Context<'a> {
    pub(super) before: &'a str,
    pub(super) after: &'a str,
    /// The whole text is in upper case, so upper case means nothing.
    pub(super) shouting: bool,
    pub(super) lexicon: &'a Lexicon,
}

/// Most ways of reading one token.
pub(super) const MOST: usize = 6;

/// Abbreviations that are known by their full stop, and what is said for them. Others: words "|"-parted.
const DOTTED: [(&str, &str); 46] = [
    ("mr", "mister"),
    ("mrs", "mrs"),
    ("ms", "ms"),
    ("dr", "doctor|drive"),
    ("st", "saint|street"),
    ("prof", "professor"),
    ("sr", "senior"),
    ("jr", "junior"),
    ("mt", "mount"),
    ("vs", "versus"),
    ("etc", "etc|and so on"),
    ("approx", "approximately"),
    ("dept", "department"),
    ("ave", "avenue"),
    ("rd", "road"),
    ("blvd", "boulevard"),
    ("fig", "figure"),
    ("no", "no|number"),
    ("vol", "volume"),
    ("jan", "january|jan"),
    ("feb", "february"),
    ("mar", "march|mar"),
    ("apr", "april"),
    ("jun", "june|jun"),
    ("jul", "july"),
    ("aug", "august"),
    ("sep", "september"),
    ("sept", "september"),
    ("oct", "october"),
    ("nov", "november"),
    ("dec", "december"),
    ("mon", "monday"),
    ("tue", "tuesday"),
    ("tues", "tuesday"),
    ("wed", "wednesday|wed"),
    ("thu", "thursday"),
    ("thur", "thursday"),
    ("thurs", "thursday"),
    ("fri", "friday"),
    ("sat", "sat|saturday"),
    ("sun", "sun|sunday"),
    ("ph.d", "p h d"),
    ("e.g", "e g|for example"),
    ("i.e", "i e|that is"),
    ("co", "company|co"),
    ("inc", "incorporated|ink"),
];
/// Abbreviations that are read in full without a full stop, too.
const UNDOTTED: [&str; 7] = ["mr", "mrs", "ms", "dr", "prof", "vs", "etc"];
/// Acronyms that a dictionary also knows as words, or that are spelt in any case.
const SPELT: [&str; 18] = [
    "usa", "uk", "tv", "cd", "dvd", "ceo", "ufo", "dna", "atm", "gps", "diy", "faq", "vip", "pdf", "usb", "bbc", "cnn",
    "led",
];
/// Signs that are read as a word wherever they stand alone or between words.
const SIGNS: [(char, &str); 8] = [
    ('&', "and"),
    ('+', "plus"),
    ('=', "equals"),
    ('@', "at"),
    ('%', "percent"),
    ('*', "times"),
    ('÷', "divided by"),
    ('#', "number"),
];

/// The ways of reading a cleaned token, at most [`MOST`]; none if it is not read aloud.
pub(super) fn expand(token: &str, context: &Context) -> Vec<Reading> {
    let mut readings = read(token, context);
    readings.retain(|reading| !reading.is_empty());
    let mut distinct: Vec<Reading> = Vec::new();
    for reading in readings {
        if distinct.len() < MOST && !distinct.contains(&reading) {
            distinct.push(reading);
        }
    }
    distinct
}

fn read(token: &str, context: &Context) -> Vec<Reading> {
    let start = |c: char| !c.is_ascii_alphanumeric() && !"$£€¥#@+-.'°".contains(c);
    let end = |c: char| !c.is_ascii_alphanumeric() && !"%$£€¥.'°+".contains(c);
    let core = token.trim_start_matches(start).trim_end_matches(end);
    if !core.contains(|c: char| c.is_ascii_alphanumeric()) {
        return sign_alone(token, context);
    }
    if let Some(readings) = figures::read(core, context) {
        return readings.into_iter().map(spoken).collect();
    }
    if let Some(readings) = abbreviation(core, context) {
        return readings;
    }
    let core = core.trim_end_matches('.');
    if let Some(address) = address(core) {
        return vec![mixed(&address, context)];
    }
    let core = core.trim_start_matches(['.', '-', '+', '$', '£', '€', '¥']);
    if let Some(name) = core.strip_prefix('#') {
        return vec![[vec![Spoken::Word("hashtag".to_owned())], mixed(name, context)].concat(), mixed(name, context)];
    }
    let parts: Vec<&str> =
        core.split(['-', '/', '.', '_', ',', ':', ';', '!', '?']).filter(|part| !part.is_empty()).collect();
    let whole = core.to_ascii_lowercase();
    match parts.as_slice() {
        _ if context.lexicon.contains(&whole) && parts.len() > 1 => vec![vec![Spoken::Word(whole)]],
        [word] if word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'\'') => self::word(word, context),
        _ => vec![parts.iter().flat_map(|part| mixed(part, context)).collect()],
    }
}

/// Plain words, parted by spaces where one entry holds several.
pub(super) fn spoken(words: Words) -> Reading {
    words
        .iter()
        .flat_map(|words| words.split(' '))
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            match (letters.next(), letters.next()) {
                // In tables a single letter is the letter, but for the article.
                (Some(letter), None) if letter.is_ascii_alphabetic() && letter != 'a' => Spoken::Letter(letter),
                (Some(letter), Some('.')) => Spoken::Letter(letter),
                _ => Spoken::Word(word.to_owned()),
            }
        })
        .collect()
}

fn sign_alone(token: &str, context: &Context) -> Vec<Reading> {
    let digit = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let between_numbers = digit(context.before) && digit(context.after);
    let word = match token {
        "-" | "/" | "*" | "÷" if !between_numbers => return Vec::new(),
        "-" => "minus",
        "/" => "divided by",
        "#" | "%" if !between_numbers => return Vec::new(),
        _ => match SIGNS.iter().find(|(sign, _)| token.chars().eq([*sign])) {
            Some((_, word)) => word,
            None => return Vec::new(),
        },
    };
    vec![spoken(vec![word.to_owned()])]
}

fn abbreviation(core: &str, context: &Context) -> Option<Vec<Reading>> {
    let lower = core.to_ascii_lowercase();
    let stem = lower.trim_end_matches('.');
    let dotted = lower.ends_with('.');
    let letters: Vec<&str> = stem.split('.').collect();
    if let Some((_, said)) = DOTTED.iter().find(|(short, _)| *short == stem)
        && (dotted || letters.len() > 1 || UNDOTTED.contains(&stem))
    {
        let mut ways: Vec<&str> = said.split('|').collect();
        let capital = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
        let number_follows = context.after.starts_with(|c: char| c.is_ascii_digit());
        if stem == "no" && number_follows
            || matches!(stem, "dr" | "st") && capital(context.before) && !capital(context.after)
        {
            ways.reverse();
        }
        return Some(ways.into_iter().map(|way| spoken(vec![way.to_owned()])).collect());
    }
    // "U.S.", "a.m.", "J.K."
    let initials = letters.len() > 1
        && letters.iter().all(|letter| letter.len() == 1 && letter.as_bytes()[0].is_ascii_alphabetic());
    if initials {
        return Some(vec![stem.chars().filter(char::is_ascii_alphabetic).map(Spoken::Letter).collect()]);
    }
    // "p. 12"
    (stem == "p" && dotted && context.after.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| vec![spoken(vec!["page".to_owned()])])
}

/// An e-mail or web address with its signs as words, or `None` if it is none.
fn address(core: &str) -> Option<String> {
    let lower = core.to_ascii_lowercase();
    let web = ["http://", "https://"].iter().find_map(|scheme| lower.strip_prefix(scheme));
    let rest = web.unwrap_or(&lower);
    let host = rest.rsplit('@').next()?.split('/').next()?;
    let labels: Vec<&str> = host.split('.').collect();
    let (first, last) = (labels.first()?, labels.last()?);
    let known = ["com", "org", "net", "cn", "edu", "gov", "io", "uk", "info"].contains(last);
    let is_address = labels.len() > 1
        && last.len() > 1
        && last.bytes().all(|b| b.is_ascii_alphabetic())
        && !first.is_empty()
        && (web.is_some() || known || *first == "www" || rest.find('@').is_some_and(|at| at > 0));
    is_address.then(|| {
        let mut words = String::new();
        for c in rest.trim_end_matches('/').chars() {
            match c {
                '.' => words.push_str(" dot "),
                '@' => words.push_str(" at "),
                '/' => words.push_str(" slash "),
                '-' => words.push_str(" dash "),
                '_' => words.push_str(" underscore "),
                other => words.push(other),
            }
        }
        words.replace("www", " w w w ")
    })
}

/// Letters, digits and signs without a rule of their own: each run is read for itself.
fn mixed(text: &str, context: &Context) -> Reading {
    let mut reading = Reading::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let letter = |c: char| c.is_ascii_alphabetic() || c == '\'';
        let run = |same: &dyn Fn(char) -> bool| rest.find(|c: char| !same(c)).unwrap_or(rest.len());
        let length = if letter(first) {
            let length = run(&letter);
            reading.extend(word(&rest[..length], context).into_iter().next().unwrap_or_default());
            length
        } else if first.is_ascii_digit() {
            let length = run(&|c| c.is_ascii_digit());
            reading.extend(figures::plain(&rest[..length]).into_iter().next().map(spoken).unwrap_or_default());
            length
        } else {
            let said = SIGNS.iter().find(|(sign, _)| *sign == first).map(|(_, said)| (*said).to_owned());
            reading.extend(spoken(said.into_iter().collect()));
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    reading
}

fn spell(word: &str) -> Reading {
    word.chars().filter(char::is_ascii_alphabetic).map(|c| Spoken::Letter(c.to_ascii_lowercase())).collect()
}

/// A run of letters and apostrophes.
fn word(written: &str, context: &Context) -> Vec<Reading> {
    let known = |word: &str| context.lexicon.contains(word);
    let mut lower = written.to_ascii_lowercase();
    if !known(&lower) {
        // A quotation mark, not an apostrophe.
        lower = lower.trim_matches('\'').to_owned();
    }
    let written = written.trim_matches('\'');
    let letters: String = lower.chars().filter(char::is_ascii_alphabetic).collect();
    let as_word = || vec![Spoken::Word(lower.clone())];
    match letters.len() {
        0 => return Vec::new(),
        1 if lower.len() == 1 && !matches!(lower.as_str(), "a" | "i" | "o") => return vec![spell(&lower)],
        1 => return vec![as_word()],
        _ => {}
    }
    let capitals = written.bytes().filter(u8::is_ascii_uppercase).count();
    let all_capitals = capitals == letters.len();
    let has_vowel = letters.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    // "CDs", "UK's"
    if capitals > 1
        && !context.shouting
        && let Some(stem) = written.strip_suffix("'s").or_else(|| written.strip_suffix('s'))
        && stem.bytes().all(|b| b.is_ascii_uppercase())
        && !(stem.len() > 2
            && known(&stem.to_ascii_lowercase())
            && !SPELT.contains(&stem.to_ascii_lowercase().as_str()))
    {
        let mut reading = spell(stem);
        if let Some(Spoken::Letter(last)) = reading.pop() {
            reading.push(Spoken::Letters(last));
        }
        return vec![reading];
    }
    if SPELT.contains(&lower.as_str()) && (all_capitals || !known(&lower)) {
        return if known(&lower) && context.shouting { vec![as_word(), spell(&lower)] } else { vec![spell(&lower)] };
    }
    if all_capitals && !context.shouting {
        return match (known(&lower), letters.len()) {
            (true, 2) => vec![spell(&lower), as_word()],
            (true, _) => vec![as_word()],
            (false, 2..=5) => vec![spell(&lower)],
            (false, _) => vec![as_word()],
        };
    }
    if known(&lower) {
        return vec![as_word()];
    }
    if !has_vowel {
        return vec![spell(&lower)];
    }
    if let Some(parts) = camel(written).filter(|_| !context.shouting) {
        return vec![parts.into_iter().map(|part| Spoken::Word(part.to_ascii_lowercase())).collect()];
    }
    vec![as_word()]
}

/// "PlayTime" as "Play", "Time".
fn camel(word: &str) -> Option<[&str; 2]> {
    let bytes = word.as_bytes();
    let at = (2..word.len().saturating_sub(1))
        .find(|at| bytes[at - 1].is_ascii_lowercase() && bytes[*at].is_ascii_uppercase())?;
    Some([&word[..at], &word[at..]])
}
