//! Numbers as they are said.

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 5] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
    (100, "hundred"),
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Largest number that is said as a number; longer ones are read digit by digit.
pub(super) const LARGEST: u64 = 999_999_999_999_999;

/// Words, one after another.
pub(super) type Words = Vec<String>;

fn put(words: &mut Words, text: &str) {
    words.push(text.to_owned());
}

/// "one hundred and five"; `and` is British, and optional in the ear of both.
pub(super) fn cardinal(number: u64, and: bool) -> Words {
    let mut words = Words::new();
    say(number, and, &mut words);
    words
}

fn say(number: u64, and: bool, words: &mut Words) {
    match number {
        0..=19 => put(words, SMALL[number as usize]),
        20..=99 => {
            put(words, TENS[(number / 10) as usize]);
            if !number.is_multiple_of(10) {
                put(words, SMALL[(number % 10) as usize]);
            }
        }
        _ => {
            let Some((scale, name)) = SCALES.iter().find(|(scale, _)| number >= *scale) else { return };
            say(number / scale, and, words);
            put(words, name);
            let rest = number % scale;
            if rest > 0 {
                if and && rest < 100 {
                    put(words, "and");
                }
                say(rest, and, words);
            }
        }
    }
}

/// "twenty first".
pub(super) fn ordinal(number: u64) -> Words {
    let mut words = cardinal(number, false);
    if let Some(last) = words.last_mut() {
        *last = match last.as_str() {
            "one" => "first".to_owned(),
            "two" => "second".to_owned(),
            "three" => "third".to_owned(),
            "five" => "fifth".to_owned(),
            "eight" => "eighth".to_owned(),
            "nine" => "ninth".to_owned(),
            "twelve" => "twelfth".to_owned(),
            tens if tens.ends_with('y') => format!("{}ieth", &tens[..tens.len() - 1]),
            other => format!("{other}th"),
        };
    }
    words
}

/// The plural of the last word: "nineteen nineties", "two thirds".
pub(super) fn plural(mut words: Words) -> Words {
    if let Some(last) = words.last_mut() {
        *last = match last.as_str() {
            "six" => "sixes".to_owned(),
            "half" => "halves".to_owned(),
            tens if tens.ends_with('y') => format!("{}ies", &tens[..tens.len() - 1]),
            other => format!("{other}s"),
        };
    }
    words
}

/// A year: 1999 "nineteen ninety nine", 1905 "nineteen oh five", 2005 "two thousand five", 2024 "twenty twenty four".
pub(super) fn year(number: u64) -> Words {
    let (century, rest) = (number / 100, number % 100);
    if !(1_100..=2_999).contains(&number) || century.is_multiple_of(10) && rest < 10 {
        return cardinal(number, false);
    }
    let mut words = cardinal(century, false);
    match rest {
        0 => put(&mut words, "hundred"),
        1..=9 => {
            put(&mut words, "oh");
            put(&mut words, SMALL[rest as usize]);
        }
        _ => say(rest, false, &mut words),
    }
    words
}

/// Digit by digit; `zero` is what 0 is called ("zero" or "oh"). What is no digit is left out.
pub(super) fn digits(text: &str, zero: &str) -> Words {
    let name = |digit: u32| if digit == 0 { zero } else { SMALL[digit as usize] };
    text.chars().filter_map(|c| c.to_digit(10)).map(|digit| name(digit).to_owned()).collect()
}

/// The name of a month, 1–12.
pub(super) fn month(number: u64) -> Option<&'static str> {
    MONTHS.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
}

/// Whether a lower-case word is the name of a month, or short for one.
pub(super) fn is_month(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',']);
    word.len() >= 3 && MONTHS.iter().any(|month| *month == word || &month[..3] == word || word == "sept")
}

/// A whole number written with digits and perhaps commas between groups of three.
pub(super) fn parse(text: &str) -> Option<u64> {
    let mut groups = text.split(',');
    let first = groups.next()?;
    let grouped = text.contains(',');
    let well_formed = !first.is_empty()
        && (!grouped || first.len() <= 3)
        && groups.all(|group| group.len() == 3)
        && text.bytes().all(|b| b.is_ascii_digit() || b == b',');
    if !well_formed {
        return None;
    }
    text.replace(',', "").parse().ok().filter(|number| *number <= LARGEST)
}

/// All ways in which a run of digits (commas allowed) is read, the usual one first.
pub(super) fn readings(text: &str) -> Vec<Words> {
    let plain = !text.contains(',');
    let Some(number) = parse(text).filter(|_| !(plain && (text.len() > 6 || text.len() > 1 && text.starts_with('0'))))
    else {
        return vec![digits(text, "zero"), digits(text, "oh")];
    };
    let mut all = Vec::new();
    if plain && (1_100..=2_099).contains(&number) {
        all.push(year(number));
    }
    all.push(cardinal(number, false));
    all.push(cardinal(number, true));
    if plain && (100..=9_999).contains(&number) {
        all.push(digits(text, "oh"));
    }
    if plain && (2_001..=2_099).contains(&number) {
        let mut pair = cardinal(20, false);
        pair.extend(if number < 2_010 { digits(&text[2..], "oh") } else { cardinal(number % 100, false) });
        all.push(pair);
    }
    all
}

/// Ways of reading a number with a decimal point: "three point one four".
pub(super) fn decimals(whole: &str, fraction: &str) -> Vec<Words> {
    let start = match parse(whole) {
        Some(number) => cardinal(number, false),
        None if whole.is_empty() => Words::new(),
        None => digits(whole, "zero"),
    };
    let ways = ["zero", "oh"].map(|zero| {
        let mut words = start.clone();
        put(&mut words, "point");
        words.extend(digits(fraction, zero));
        words
    });
    ways.into_iter().collect()
}

/// Ways of reading a fraction: "one half", "two thirds", "one over seven".
pub(super) fn fraction(top: u64, bottom: u64) -> Vec<Words> {
    let part = match bottom {
        2 => vec!["half".to_owned()],
        4 => vec!["quarter".to_owned()],
        _ => ordinal(bottom),
    };
    let named = |count: Words, part: Words| [count, if top == 1 { part } else { plural(part) }].concat();
    let mut all = Vec::new();
    if (1..=99).contains(&bottom) && bottom != 1 {
        all.push(named(cardinal(top, false), part.clone()));
        if top == 1 {
            all.push(named(vec!["a".to_owned()], part));
        }
        if bottom == 4 {
            all.push(named(cardinal(top, false), vec!["fourth".to_owned()]));
        }
    }
    for between in ["over", "out"] {
        let mut words = cardinal(top, false);
        put(&mut words, between);
        if between == "out" {
            put(&mut words, "of");
        }
        words.extend(cardinal(bottom, false));
        all.push(words);
    }
    all
}
