//! Words that the dictionary lacks but whose relatives it has: possessives and plurals, contractions, endings, British
//! spellings, compounds.

use super::lexicon::Lexicon;
use crate::phone::Phone;
use crate::prompt::Pronunciation;

/// Shortest half of a compound. Among shorter words of the dictionary are too many names ("car", "son", but also "lin").
const SHORTEST_HALF: usize = 4;
/// Short words that compounds of school English are made of all the same.
const SHORT_HALVES: [&str; 22] = [
    "air", "bag", "bed", "box", "boy", "bus", "car", "cat", "cup", "day", "dog", "man", "men", "pan", "pen", "pot",
    "sea", "sky", "sun", "tea", "toy", "way",
];
/// British spellings and the American ones under which the dictionary may have the word.
const SPELLINGS: [(&str, &str); 8] = [
    ("isation", "ization"),
    ("ise", "ize"),
    ("ising", "izing"),
    ("yse", "yze"),
    ("our", "or"),
    ("tre", "ter"),
    ("lled", "led"),
    ("lling", "ling"),
];

/// Pronunciations of a lower-case word from the dictionary or from its relatives there; empty if there are none.
pub(super) fn known(word: &str, lexicon: &Lexicon) -> Vec<Pronunciation> {
    let ways: [fn(&str, &Lexicon) -> Vec<Pronunciation>; 5] = [exact, respelt, suffixed, inflected, compound];
    ways.iter().map(|way| way(word, lexicon)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn exact(word: &str, lexicon: &Lexicon) -> Vec<Pronunciation> {
    lexicon.get(word)
}

fn respelt(word: &str, lexicon: &Lexicon) -> Vec<Pronunciation> {
    SPELLINGS
        .iter()
        .filter(|(british, _)| word.contains(british))
        .map(|(british, american)| lexicon.get(&word.replacen(british, american, 1)))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// "Xiaoming's", "that'll", "there'd".
fn suffixed(word: &str, lexicon: &Lexicon) -> Vec<Pronunciation> {
    let Some((stem, suffix)) = word.rsplit_once('\'') else { return Vec::new() };
    let stems = lexicon.get(stem);
    let ending: &[&str] = match suffix {
        "s" => return stems.iter().filter_map(with_s).collect(),
        "" => &[],
        "ll" => &["AH0", "L"],
        "d" => &["D"],
        "ve" => &["AH0", "V"],
        "re" => &["ER0"],
        "m" => &["M"],
        _ => return Vec::new(),
    };
    stems.iter().filter_map(|stem| append(stem, ending)).collect()
}

/// Regular endings: s, ed, ing, ly, ness, er.
fn inflected(word: &str, lexicon: &Lexicon) -> Vec<Pronunciation> {
    let stems = |ending: &str| {
        let stem = word.strip_suffix(ending).filter(|stem| stem.len() > 2)?;
        let mut forms = vec![stem.to_owned(), format!("{stem}e")];
        let letters = stem.as_bytes();
        if letters[letters.len() - 1] == letters[letters.len() - 2] {
            forms.push(stem[..stem.len() - 1].to_owned());
        }
        if let Some(short) = stem.strip_suffix('i') {
            forms.push(format!("{short}y"));
        }
        forms.into_iter().map(|form| lexicon.get(&form)).find(|found| !found.is_empty())
    };
    let with = |ending: &str, phones: &[&str]| -> Option<Vec<Pronunciation>> {
        Some(stems(ending)?.iter().filter_map(|stem| append(stem, phones)).collect())
    };
    let plural = |ending: &str| Some(stems(ending)?.iter().filter_map(with_s).collect::<Vec<_>>());
    let past = || Some(stems("ed")?.iter().filter_map(with_ed).collect::<Vec<_>>());
    let found = match word {
        _ if word.ends_with("ing") => with("ing", &["IH0", "NG"]),
        _ if word.ends_with("ed") => past(),
        _ if word.ends_with("ly") => with("ly", &["L", "IY0"]),
        _ if word.ends_with("ness") => with("ness", &["N", "AH0", "S"]),
        _ if word.ends_with("er") => with("er", &["ER0"]),
        _ if word.ends_with("ss") => None,
        _ => plural("s").filter(|found| !found.is_empty()).or_else(|| plural("es")),
    };
    found.unwrap_or_default()
}

/// "schoolbag", "lunchbox": two words that are known, the later ones with less stress.
fn compound(word: &str, lexicon: &Lexicon) -> Vec<Pronunciation> {
    let fits = |half: &str| half.len() >= SHORTEST_HALF || SHORT_HALVES.contains(&half);
    let halves = (3..word.len().saturating_sub(2))
        .filter_map(|at| word.split_at_checked(at))
        .filter(|(first, second)| fits(first) && fits(second) && word.len() >= 7)
        .map(|(first, second)| (lexicon.get(first), lexicon.get(second)))
        .filter(|(first, second)| !first.is_empty() && !second.is_empty());
    // Where several splits are known, the most even one is likeliest to be meant.
    let best = halves.min_by_key(|(first, second)| first[0].len().abs_diff(second[0].len()));
    best.map(|(first, second)| {
        vec![[first[0].clone(), second[0].iter().map(|phone| weaker(*phone)).collect()].concat()]
    })
    .unwrap_or_default()
}

fn weaker(phone: Phone) -> Phone {
    phone.stress().filter(|stress| *stress == 1).and_then(|_| Phone::new(phone.index(), Some(2))).unwrap_or(phone)
}

/// With the ending of plural and possessive: after a hissing sound IH Z, after a voiceless one S, else Z.
pub(super) fn with_s(stem: &Pronunciation) -> Option<Pronunciation> {
    match stem.last()?.symbol() {
        "S" | "Z" | "SH" | "ZH" | "CH" | "JH" => append(stem, &["IH0", "Z"]),
        "P" | "T" | "K" | "F" | "TH" => append(stem, &["S"]),
        _ => append(stem, &["Z"]),
    }
}

/// With the ending of the past: after T and D IH D, after a voiceless sound T, else D.
fn with_ed(stem: &Pronunciation) -> Option<Pronunciation> {
    match stem.last()?.symbol() {
        "T" | "D" => append(stem, &["IH0", "D"]),
        "P" | "K" | "F" | "TH" | "S" | "SH" | "CH" => append(stem, &["T"]),
        _ => append(stem, &["D"]),
    }
}

fn append(stem: &Pronunciation, ending: &[&str]) -> Option<Pronunciation> {
    let ending: Option<Pronunciation> = ending.iter().map(|symbol| symbol.parse().ok()).collect();
    Some([stem.clone(), ending?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relatives_are_said_by_rule() {
        let lexicon = Lexicon::embedded().unwrap();
        for (word, expected) in [
            ("schoolbag", "S K UW1 L B AE2 G"),
            ("lunchbox", "L AH1 N CH B AA2 K S"),
            ("whiteboard", "W AY1 T B AO2 R D"),
            ("emoji's", "IH0 M OW1 JH IY0 Z"),
            ("vlogging", "V L AO1 G IH0 NG"),
            ("vlogged", "V L AO1 G D"),
            ("vlogs", "V L AO1 G Z"),
            ("giraffe'll", "JH ER0 AE1 F AH0 L"),
            ("honour", "AA1 N ER0"),
        ] {
            let said =
                known(word, &lexicon).first().map(|p| p.iter().map(Phone::to_string).collect::<Vec<_>>().join(" "));
            assert_eq!(said.as_deref(), Some(expected), "{word}");
        }
        assert!(known("snarfle", &lexicon).is_empty());
    }
}
