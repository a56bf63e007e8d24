//! Tokens with figures: dates, times, money, measures, ordinals, fractions, telephone numbers.

use super::expand::Context;
use super::numbers::{self, Words, cardinal, digits, month, ordinal, parse, plural, year};

/// Signs and codes of money: the whole, its plural, the hundredth part, its plural.
const MONEY: [(&str, [&str; 4]); 4] = [
    ("$", ["dollar", "dollars", "cent", "cents"]),
    ("£", ["pound", "pounds", "penny", "pence"]),
    ("€", ["euro", "euros", "cent", "cents"]),
    ("¥", ["yuan", "yuan", "fen", "fen"]),
];
/// Units as written, and what is said for one and for more.
const UNITS: [(&str, &str, &str); 40] = [
    ("km", "kilometer", "kilometers"),
    ("m", "meter", "meters"),
    ("cm", "centimeter", "centimeters"),
    ("mm", "millimeter", "millimeters"),
    ("kg", "kilogram", "kilograms"),
    ("g", "gram", "grams"),
    ("mg", "milligram", "milligrams"),
    ("l", "liter", "liters"),
    ("ml", "milliliter", "milliliters"),
    ("lb", "pound", "pounds"),
    ("lbs", "pounds", "pounds"),
    ("oz", "ounce", "ounces"),
    ("ft", "foot", "feet"),
    ("mi", "mile", "miles"),
    ("mph", "mile per hour", "miles per hour"),
    ("km/h", "kilometer per hour", "kilometers per hour"),
    ("kph", "kilometer per hour", "kilometers per hour"),
    ("m/s", "meter per second", "meters per second"),
    ("°c", "degree celsius", "degrees celsius"),
    ("°f", "degree fahrenheit", "degrees fahrenheit"),
    ("°", "degree", "degrees"),
    ("s", "second", "seconds"),
    ("sec", "second", "seconds"),
    ("secs", "seconds", "seconds"),
    ("min", "minute", "minutes"),
    ("mins", "minutes", "minutes"),
    ("h", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("hrs", "hours", "hours"),
    ("hz", "hertz", "hertz"),
    ("kb", "kilobyte", "kilobytes"),
    ("mb", "megabyte", "megabytes"),
    ("gb", "gigabyte", "gigabytes"),
    ("tb", "terabyte", "terabytes"),
    ("w", "watt", "watts"),
    ("kw", "kilowatt", "kilowatts"),
    ("m2", "square meter", "square meters"),
    ("km2", "square kilometer", "square kilometers"),
    ("k", "thousand", "thousand"),
    ("bn", "billion", "billion"),
];
const SCALES: [&str; 5] = ["hundred", "thousand", "million", "billion", "trillion"];

fn words(text: &str) -> Words {
    text.split(' ').map(str::to_owned).collect()
}

fn join(parts: &[&[String]]) -> Words {
    parts.concat()
}

/// A number as written: sign, whole part (with commas), decimals, and what stands behind it.
struct Number<'a> {
    sign: &'static str,
    whole: &'a str,
    fraction: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Number<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (sign, text) = match text.as_bytes().first()? {
            b'-' => ("minus", &text[1..]),
            b'+' => ("plus", &text[1..]),
            _ => ("", text),
        };
        let is_digit = |c: char| c.is_ascii_digit();
        let end = text.find(|c: char| !is_digit(c) && c != ',').unwrap_or(text.len());
        let whole = text[..end].trim_end_matches(',');
        let mut rest = &text[whole.len()..];
        let mut fraction = None;
        if let Some(behind) = rest.strip_prefix('.').filter(|behind| behind.starts_with(is_digit)) {
            let end = behind.find(|c: char| !is_digit(c)).unwrap_or(behind.len());
            (fraction, rest) = (Some(&behind[..end]), &behind[end..]);
        }
        (!whole.is_empty() || fraction.is_some()).then_some(Self { sign, whole, fraction, rest })
    }

    fn value(&self) -> Option<u64> {
        parse(self.whole)
    }

    fn is_one(&self) -> bool {
        self.value() == Some(1) && self.fraction.is_none()
    }

    /// Ways of reading it without what stands behind it.
    fn said(&self) -> Vec<Words> {
        let ways = match self.fraction {
            Some(fraction) => numbers::decimals(self.whole, fraction),
            None => numbers::readings(self.whole),
        };
        let sign = (!self.sign.is_empty()).then(|| self.sign.to_owned());
        ways.into_iter().map(|way| sign.iter().cloned().chain(way).collect()).collect()
    }

    /// As an amount: never as a year or digit by digit.
    fn amount(&self) -> Vec<Words> {
        match (self.fraction, self.value()) {
            (None, Some(value)) => vec![cardinal(value, false), cardinal(value, true)],
            _ => self.said(),
        }
    }
}

/// Ways of reading a token that begins with a figure (or a sign before one), the usual one first; `None` if it has
/// no such form.
pub(super) fn read(core: &str, context: &Context) -> Option<Vec<Words>> {
    if let Some(readings) = unit_alone(core, context).or_else(|| scale_of_money(core, context)) {
        return Some(readings);
    }
    let core = core.trim_end_matches(['.', '\'']).trim_start_matches('\'');
    if let Some((units, amount)) = money_prefix(core) {
        return money(units, amount, context);
    }
    if let Some(number) = core.strip_prefix('#').and_then(Number::read).filter(|number| number.rest.is_empty()) {
        return Some(number.said().into_iter().map(|said| join(&[&words("number"), &said])).collect());
    }
    if !core.trim_start_matches(['-', '+', '.']).starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    time(core)
        .or_else(|| date(core))
        .or_else(|| fraction(core))
        .or_else(|| range(core))
        .or_else(|| measured(core, context))
}

/// Ways of reading a run of digits.
pub(super) fn plain(text: &str) -> Vec<Words> {
    numbers::readings(text)
}

/// "km" behind "5".
fn unit_alone(core: &str, context: &Context) -> Option<Vec<Words>> {
    let number = Number::read(context.before).filter(|number| number.rest.is_empty())?;
    let name = core.to_ascii_lowercase();
    let (_, one, more) = UNITS.iter().find(|(unit, _, _)| *unit == name.trim_end_matches('.'))?;
    let said = words(if number.is_one() { one } else { more });
    // Units of one letter are also letters.
    Some(vec![said])
}

/// "million" behind "$5".
fn scale_of_money(core: &str, context: &Context) -> Option<Vec<Words>> {
    let scale = core.trim_end_matches('.').to_ascii_lowercase();
    let (units, _) = money_prefix(context.before).filter(|_| SCALES.contains(&scale.as_str()))?;
    Some(vec![vec![scale, units[1].to_owned()]])
}

fn money_prefix(core: &str) -> Option<([&'static str; 4], &str)> {
    let core = core.strip_prefix("US").filter(|rest| rest.starts_with('$')).unwrap_or(core);
    let sign = MONEY.iter().find_map(|(sign, units)| core.strip_prefix(sign).map(|amount| (*units, amount)))?;
    sign.1.starts_with(|c: char| c.is_ascii_digit() || c == '.').then_some(sign)
}

fn money(units: [&'static str; 4], amount: &str, context: &Context) -> Option<Vec<Words>> {
    let number = Number::read(amount)?;
    let [one, more, part, parts] = units;
    let scale = match number.rest.to_ascii_lowercase().as_str() {
        "" | "." | "-" => None,
        "k" => Some("thousand"),
        "m" | "mn" => Some("million"),
        "b" | "bn" => Some("billion"),
        _ => return None,
    };
    if let Some(scale) = scale {
        return Some(number.amount().into_iter().map(|said| join(&[&said, &words(scale), &words(more)])).collect());
    }
    if SCALES
        .contains(&context.after.trim_end_matches(|c: char| !c.is_ascii_alphabetic()).to_ascii_lowercase().as_str())
    {
        return Some(number.amount());
    }
    let whole = number.value().or(number.whole.is_empty().then_some(0));
    let (Some(whole), Some(cents)) = (whole, number.fraction.filter(|fraction| fraction.len() == 2).and_then(parse))
    else {
        let unit = words(if number.is_one() { one } else { more });
        return Some(number.amount().into_iter().map(|said| join(&[&said, &unit])).collect());
    };
    let wholes = join(&[&cardinal(whole, false), &words(if whole == 1 { one } else { more })]);
    let hundredths = join(&[&cardinal(cents, false), &words(if cents == 1 { part } else { parts })]);
    Some(match (whole, cents) {
        (_, 0) => vec![wholes],
        (0, _) => vec![hundredths],
        _ => vec![
            join(&[&wholes, &words("and"), &hundredths]),
            join(&[&wholes, &hundredths]),
            join(&[&wholes, &cardinal(cents, false)]),
            join(&[&cardinal(whole, false), &cardinal(cents, false)]),
        ],
    })
}

/// "3:30", "07:05", "3:30pm"; also a score, "3:2".
fn time(core: &str) -> Option<Vec<Words>> {
    let (hour, rest) = core.split_once(':')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (minute, suffix) = rest.split_at(end);
    let (h, m) = (parse(hour)?, parse(minute)?);
    if minute.len() != 2 || h > 24 || m > 59 {
        return (suffix.is_empty()).then(|| {
            let (a, b) = (cardinal(h, false), cardinal(m, false));
            vec![join(&[&a, &words("to"), &b]), join(&[&a, &b])]
        });
    }
    let half_of_day = half_of_day(suffix);
    if half_of_day.is_none() && !suffix.is_empty() {
        return None;
    }
    let hours = cardinal(h, false);
    let next = || cardinal(if h % 12 == 0 { 1 } else { h % 12 + 1 }, false);
    let mut ways = match m {
        0 if half_of_day.is_some() => vec![hours.clone(), join(&[&hours, &words("o'clock")])],
        0 => vec![join(&[&hours, &words("o'clock")]), hours.clone(), join(&[&hours, &words("hundred")])],
        1..=9 => vec![
            join(&[&hours, &words("oh"), &cardinal(m, false)]),
            join(&[&hours, &words("zero"), &cardinal(m, false)]),
        ],
        _ => vec![join(&[&hours, &cardinal(m, false)])],
    };
    match m {
        15 => ways.extend([join(&[&words("quarter past"), &hours]), join(&[&words("a quarter past"), &hours])]),
        30 => ways.push(join(&[&words("half past"), &hours])),
        45 => ways.extend([join(&[&words("quarter to"), &next()]), join(&[&words("a quarter to"), &next()])]),
        1..30 => ways.push(join(&[&cardinal(m, false), &words("past"), &hours])),
        31..60 => ways.push(join(&[&cardinal(60 - m, false), &words("to"), &next()])),
        _ => {}
    }
    let suffix = half_of_day.unwrap_or_default();
    Some(ways.into_iter().map(|way| join(&[&way, &suffix])).collect())
}

/// "am", "p.m." and the like, as letters.
fn half_of_day(suffix: &str) -> Option<Words> {
    match suffix.replace('.', "").to_ascii_lowercase().as_str() {
        "am" => Some(words("a. m")),
        "pm" => Some(words("p m")),
        _ => None,
    }
}

/// "5/12/2024", "2024-05-12", "2024/5/12".
fn date(core: &str) -> Option<Vec<Words>> {
    let parts: Vec<&str> = core.split(['/', '-', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let said = |m: u64, d: u64, y: &[String]| {
        let name = month(m).filter(|_| (1..=31).contains(&d))?;
        Some(vec![
            join(&[&words(name), &ordinal(d), y]),
            join(&[&words("the"), &ordinal(d), &words("of"), &words(name), y]),
            join(&[&words(name), &words("the"), &ordinal(d), y]),
        ])
    };
    if a.len() == 4 && b.len() <= 2 && c.len() <= 2 {
        return said(parse(b)?, parse(c)?, &year(parse(a)?));
    }
    if a.len() > 2 || b.len() > 2 || !matches!(c.len(), 2 | 4) || core.contains('.') {
        return None;
    }
    let y = if c.len() == 4 { year(parse(c)?) } else { numbers::readings(c).into_iter().next()? };
    let (a, b) = (parse(a)?, parse(b)?);
    // American order first; both are taken where both make sense.
    let both: Vec<Words> = [said(a, b, &y), said(b, a, &y)].into_iter().flatten().flatten().collect();
    (!both.is_empty()).then_some(both)
}

/// "1/2", "3/4", "2-1/2" (two and a half).
fn fraction(core: &str) -> Option<Vec<Words>> {
    if core == "24/7" {
        return Some(vec![words("twenty four seven")]);
    }
    let (whole, part) = core.split_once('-').map_or((None, core), |(whole, part)| (Some(whole), part));
    let (top, bottom) = part.split_once('/')?;
    let (top, bottom) = (parse(top)?, parse(bottom)?);
    let ways = numbers::fraction(top, bottom);
    let Some(whole) = whole else { return Some(ways) };
    let whole = cardinal(parse(whole)?, false);
    let mut mixed: Vec<Words> = ways.into_iter().map(|way| join(&[&whole, &words("and"), &way])).collect();
    if top == 1 && mixed.len() > 1 {
        mixed.swap(0, 1); // "two and a half" before "two and one half"
    }
    Some(mixed)
}

/// "3-4", "1990-1995", "555-1234", "138-1234-5678".
fn range(core: &str) -> Option<Vec<Words>> {
    let parts: Vec<&str> = core.trim_start_matches('+').split('-').collect();
    let all_digits = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if !all_digits || parts.len() < 2 {
        return None;
    }
    let together = parts.concat();
    let same_length = parts.len() == 2 && parts[0].len() == parts[1].len();
    if together.len() >= 7 && !same_length {
        return Some(vec![digits(&together, "zero"), digits(&together, "oh")]);
    }
    let [a, b] = parts.as_slice() else {
        return Some(vec![parts.iter().flat_map(|part| plain(part).into_iter().next().unwrap_or_default()).collect()]);
    };
    let (a, b) = (plain(a).into_iter().next()?, plain(b).into_iter().next()?);
    Some(vec![join(&[&a, &words("to"), &b]), join(&[&a, &b]), join(&[&a, &words("minus"), &b])])
}

/// A number, perhaps with an ordinal ending, a percent sign, a unit or the like behind it.
fn measured(core: &str, context: &Context) -> Option<Vec<Words>> {
    let number = Number::read(core)?;
    let rest = number.rest.to_ascii_lowercase();
    let whole = number.value().filter(|_| number.fraction.is_none() && number.sign.is_empty());
    if rest.is_empty() {
        if number.sign == "plus" && number.whole.len() >= 7 {
            return Some(["zero", "oh"].map(|zero| join(&[&words("plus"), &digits(number.whole, zero)])).into());
        }
        let mut said = number.said();
        // "May 5", "5 May"
        let beside_month =
            [context.before, context.after].iter().any(|word| numbers::is_month(&word.to_ascii_lowercase()));
        if let Some(day) = whole.filter(|day| (1..=31).contains(day) && beside_month) {
            said.splice(0..0, [ordinal(day), join(&[&words("the"), &ordinal(day)])]);
        }
        return Some(said);
    }
    if let Some(value) = whole {
        match rest.as_str() {
            "st" | "nd" | "rd" | "th" => return Some(vec![ordinal(value), join(&[&words("the"), &ordinal(value)])]),
            "s" | "'s" if (1_100..=2_990).contains(&value) && value.is_multiple_of(10) => {
                return Some(vec![plural(year(value))]);
            }
            "s" | "'s" if value.is_multiple_of(10) && (20..=90).contains(&value) => {
                return Some(vec![plural(cardinal(value, false))]);
            }
            _ => {}
        }
    }
    if let Some(suffix) = half_of_day(&rest) {
        return Some(number.amount().into_iter().map(|said| join(&[&said, &suffix])).collect());
    }
    let unit = match rest.as_str() {
        "%" => words("percent"),
        "+" => words("plus"),
        _ => {
            let (_, one, more) = UNITS.iter().find(|(unit, _, _)| *unit == rest)?;
            words(if number.is_one() { one } else { more })
        }
    };
    let mut said = number.amount();
    if !number.sign.is_empty() && number.fraction.is_none() {
        said = number.said();
    }
    Some(said.into_iter().map(|said| join(&[&said, &unit])).collect())
}
