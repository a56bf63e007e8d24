//! English text to words and sounds.

use std::sync::LazyLock;

use jiayin_speech::prompt::{MAX_WORDS, PromptError};
use jiayin_speech::text::normalise::{Spoken, normalise};
use jiayin_speech::text::{Lexicon, MAX_PRONUNCIATIONS, TextReader};
use proptest::prelude::*;

static READER: LazyLock<&TextReader> = LazyLock::new(|| crate::SCORER.reader());

/// The usual reading of each token; letters in capitals, tokens parted by " / ".
fn said(text: &str) -> String {
    let tokens = normalise(text, &READER.lexicon).unwrap_or_else(|error| panic!("{text}: {error}"));
    let token = |reading: &[Spoken]| {
        let words = reading.iter().map(|spoken| match spoken {
            Spoken::Word(word) => word.clone(),
            Spoken::Letter(letter) => letter.to_ascii_uppercase().to_string(),
            Spoken::Letters(letter) => format!("{}s", letter.to_ascii_uppercase()),
        });
        words.collect::<Vec<_>>().join(" ")
    };
    tokens.iter().map(|t| token(&t.readings[0])).collect::<Vec<_>>().join(" / ")
}

#[test]
fn texts_are_read_as_people_read_them() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("Hello, world!", "hello / world"),
        ("WE CALL IT BEAR", "we / call / it / bear"),
        ("I'm here; don't go.", "i'm / here / don't / go"),
        ("It’s six o’clock", "it's / six / o'clock"),
        ("a well-known T-shirt, a red-haired cat", "a / well-known / t-shirt / a / red haired / cat"),
        ("I have 3 cats", "i / have / three / cats"),
        ("21 days", "twenty one / days"),
        ("1,234,567 people", "one million two hundred thirty four thousand five hundred sixty seven / people"),
        ("in 1999", "in / nineteen ninety nine"),
        ("in 1905", "in / nineteen oh five"),
        ("in 1900", "in / nineteen hundred"),
        ("in 2005", "in / two thousand five"),
        ("in 2024.", "in / twenty twenty four"),
        ("the 1990s", "the / nineteen nineties"),
        ("the '80s", "the / eighties"),
        ("my 1st day", "my / first / day"),
        ("the 21st, 22nd and 103rd", "the / twenty first / twenty second / and / one hundred third"),
        ("the 12th", "the / twelfth"),
        ("3.14", "three point one four"),
        ("0.5", "zero point five"),
        ("-5 degrees", "minus five / degrees"),
        ("1/2 cup", "one half / cup"),
        ("2/3", "two thirds"),
        ("3/4", "three quarters"),
        ("2½ hours", "two and a half / hours"),
        ("at 3:30", "at / three thirty"),
        ("at 7:05", "at / seven oh five"),
        ("at 8:00", "at / eight o'clock"),
        ("7 a.m.", "seven / A M"),
        ("7pm", "seven P M"),
        ("9:15 PM", "nine fifteen / pm"),
        ("May 5th", "may / fifth"),
        ("May 5, 2024", "may / fifth / twenty twenty four"),
        ("5/12/2024", "may twelfth twenty twenty four"),
        ("25/12/2024", "december twenty fifth twenty twenty four"),
        ("2024-05-12", "may twelfth twenty twenty four"),
        ("$5.50", "five dollars and fifty cents"),
        ("$1", "one dollar"),
        ("£3", "three pounds"),
        ("¥20", "twenty yuan"),
        ("€1", "one euro"),
        ("$0.99", "ninety nine cents"),
        ("$5 million", "five / million dollars"),
        ("100%", "one hundred percent"),
        ("call 13812345678", "call / one three eight one two three four five six seven eight"),
        ("555-1234", "five five five one two three four"),
        ("007", "zero zero seven"),
        ("5 km", "five / kilometers"),
        ("1 km", "one / kilometer"),
        ("10kg", "ten kilograms"),
        ("37°C", "thirty seven degrees celsius"),
        ("20 ℃", "twenty / degrees celsius"),
        ("60 km/h", "sixty / kilometers per hour"),
        ("Mr. Smith and Mrs. Brown", "mister / smith / and / mrs / brown"),
        ("Dr. Li", "doctor / li"),
        ("St. John", "saint / john"),
        ("on Main St.", "on / main / street"),
        ("e.g. this", "E G / this"),
        ("i.e. that", "I E / that"),
        ("cats, dogs, etc.", "cats / dogs / etc"),
        ("cats vs. dogs", "cats / versus / dogs"),
        ("No. 5", "number / five"),
        ("No. I won't.", "no / i / won't"),
        ("a TV", "a / T V"),
        ("the USA and the UK", "the / U S A / and / the / U K"),
        ("two CDs or DVDs", "two / C Ds / or / D V Ds"),
        ("the NASA man", "the / nasa / man"),
        ("the XYZ file", "the / X Y Z / file"),
        ("U.S. history", "U S / history"),
        ("salt & pepper", "salt / and / pepper"),
        ("2 + 2 = 4", "two / plus / two / equals / four"),
        ("2+2=4", "two plus two equals four"),
        ("5 - 3", "five / minus / three"),
        ("3 × 4", "three / times / four"),
        ("#1", "number one"),
        ("pages 3-5", "pages / three to five"),
        ("tom@example.com", "tom at example dot com"),
        ("www.example.com", "W W W dot example dot com"),
        ("good 😀 day 👍", "good / day"),
        ("Ｈｅｌｌｏ，　ｗｏｒｌｄ！", "hello / world"),
        ("a café, naïve", "a / cafe / naive"),
        ("\"Yes,\" he said - (quietly)…", "yes / he / said / quietly"),
        ("hello,world", "hello / world"),
        ("yes—no", "yes / no"),
        ("and/or", "and or"),
        ("MP3 player", "M P three / player"),
        ("A4 paper", "a four / paper"),
        ("an x-ray", "an / x-ray"),
        ("a 10-year-old boy", "a / ten year old / boy"),
        ("open 24/7", "open / twenty four seven"),
        ("'Come here!'", "come / here"),
        ("the dogs' bowl", "the / dogs' / bowl"),
        ("rock 'n' roll", "rock / N / roll"),
        ("it is 5.", "it / is / five"),
        ("room 101", "room / one hundred one"),
    ] {
        let read = said(text);
        if read != expected {
            wrong.push(format!("{text:?}: {read:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tokens_keep_their_punctuation() {
    let words = READER.read("\"Well,\" said Tom-cat — $5!").unwrap();
    let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(texts, ["\"Well,\"", "said", "Tom-cat", "$5!"]);
}

#[test]
fn what_cannot_be_a_prompt() {
    let read = |text: &str| READER.read(text);
    for text in ["", "  \n", "... !? —", "😀🎉", "'", "- - -", "。。。"] {
        assert_eq!(read(text), Err(PromptError::Empty), "{text:?}");
    }
    assert_eq!(read("Hello 你好!"), Err(PromptError::NotEnglish("你好".to_owned())));
    assert_eq!(read("я"), Err(PromptError::NotEnglish("я".to_owned())));
    assert_eq!(read("١٢"), Err(PromptError::NotEnglish("١٢".to_owned())));
    assert_eq!(read(&"word ".repeat(500)), Err(PromptError::TooLong { words: 500 }));
    assert_eq!(read(&"word ".repeat(MAX_WORDS)).map(|words| words.len()), Ok(MAX_WORDS));
    assert!(matches!(read(&"a".repeat(1 << 20)), Err(PromptError::TooLong { .. })));
}

fn phones(text: &str) -> Vec<String> {
    let words = READER.read(text).unwrap();
    let word = &words[0].pronunciations;
    word.iter().map(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn several_readings_are_accepted() {
    assert!(phones("the").contains(&"DH IY0".to_owned()));
    assert!(phones("2005").contains(&"T W EH1 N T IY0 OW1 F AY1 V".to_owned()));
    assert_eq!(phones("$5")[0], "F AY1 V D AA1 L ER0 Z");
    for text in ["the", "2005", "5/12/2024", "$5.50", "3:30", "13812345678"] {
        assert!((1..=MAX_PRONUNCIATIONS).contains(&phones(text).len()), "{text}");
    }
}

#[test]
fn made_up_words_sound_as_in_training() {
    // What training/ear/g2p.py prints for the same words.
    for (word, expected) in GOLDEN {
        let said = READER.g2p.pronounce(word).unwrap();
        assert_eq!(said.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), expected, "{word}");
    }
    assert_eq!(READER.g2p.pronounce("'"), None);
    assert_eq!(READER.g2p.pronounce("123"), None);
    assert!(READER.g2p.pronounce(&"blick".repeat(50)).is_some());
}

#[test]
#[ignore = "prints times; run with --ignored --nocapture"]
fn speed() {
    let (_, load) = crate::timed(|| Lexicon::embedded().unwrap());
    let lexicon = &READER.lexicon;
    println!("lexicon: {} words, {} bytes, loads in {load:?}", lexicon.len(), lexicon.size());
    let (_, known) =
        crate::timed(|| (0..1000).for_each(|_| drop(READER.read("The quick brown fox jumps over 13 lazy dogs."))));
    println!("a sentence of 9 words: {:?}", known / 1000);
    let (_, unknown) = crate::timed(|| (0..100).for_each(|_| drop(READER.g2p.pronounce("snarfle"))));
    println!("an unknown word: {:?}", unknown / 100);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![".{0,60}", "[-a-zA-Z0-9 .,:/$£%'@#°+&=½]{0,60}"]) {
        if let Ok(words) = READER.read(&text) {
            prop_assert!(!words.is_empty());
            for word in words {
                prop_assert!((1..=MAX_PRONUNCIATIONS).contains(&word.pronunciations.len()), "{}", word.text);
                prop_assert!(word.pronunciations.iter().all(|p| !p.is_empty()), "{}", word.text);
            }
        }
    }
}

const GOLDEN: [(&str, &str); 7] = [
    ("blick", "B L IH1 K"),
    ("snarfle", "S N AA1 R F AH0 L"),
    ("wugs", "W AH1 G Z"),
    ("plimberton", "P L IH1 M B ER0 T AH0 N"),
    ("frindle", "F R IH1 N D AH0 L"),
    ("quoxity", "K W AA1 K S AH0 T IY0"),
    ("thrabbed", "TH R AE1 B D"),
];
