//! What the page shows of an evaluation: stars, colours and hints instead of bare numbers.
//!
//! Feedback to children is precise or silent: a sound is pointed out only where the engine flagged it, and a word is
//! called weak only if one of its sounds is, or another word was said.

use askama::Template;
use jiayin_domain::homework::stars;
use jiayin_speech::Evaluation;
use jiayin_speech::evaluation::{AudioQuality, Miscue, PhoneEvaluation, Scores, Verdict, WordEvaluation};
use jiayin_speech::phone::ARPABET;

use super::stage::Stage;
use crate::locale::Localizer;

/// A word that everyone knows for each phone of [`ARPABET`], with the letters that spell it.
pub const EXAMPLES: [&str; 39] = [
    "hot",
    "cat",
    "cup",
    "dog",
    "cow",
    "five",
    "book",
    "chair",
    "dad",
    "this",
    "red",
    "bird",
    "cake",
    "fish",
    "green",
    "hat",
    "sit",
    "see",
    "jump",
    "key",
    "leg",
    "milk",
    "nose",
    "sing",
    "go",
    "boy",
    "pen",
    "run",
    "sun",
    "she",
    "ten",
    "think",
    "good",
    "blue",
    "very",
    "we",
    "yes",
    "zoo",
    "television",
];

/// At most so many sounds are pointed out at once.
const WEAK_SOUNDS: usize = 3;

/// The stable word for a verdict.
pub fn verdict_code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Scored => "scored",
        Verdict::NoSpeech => "no_speech",
        Verdict::TooShort => "too_short",
        Verdict::TooNoisy => "too_noisy",
        Verdict::WrongText => "wrong_text",
        Verdict::TooLong => "too_long",
    }
}

/// How something went, in the four colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Well said.
    Good,
    /// To be understood.
    Fair,
    /// To be practised.
    Weak,
    /// Left out.
    Missed,
    /// Said although it does not stand there, or said twice.
    Extra,
}

impl Grade {
    /// All of them, in the order of the legend.
    pub const ALL: [Self; 5] = [Self::Good, Self::Fair, Self::Weak, Self::Missed, Self::Extra];

    /// Class name and end of the text's key.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Weak => "weak",
            Self::Missed => "missed",
            Self::Extra => "extra",
        }
    }

    /// A sign beside the colour, for those who do not see colours.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "★",
            Self::Fair => "●",
            Self::Weak => "▲",
            Self::Missed => "○",
            Self::Extra => "＋",
        }
    }

    /// The grade of a word.
    pub fn of_word(word: &WordEvaluation) -> Self {
        match word.miscue {
            Miscue::Omission => Self::Missed,
            Miscue::Insertion | Miscue::Repetition => Self::Extra,
            Miscue::Substitution => Self::Weak,
            Miscue::None if word.phones.iter().any(|phone| phone.flagged) => Self::Weak,
            Miscue::None if word.total >= 70.0 => Self::Good,
            Miscue::None => Self::Fair,
        }
    }

    fn of_phone(phone: &PhoneEvaluation) -> Self {
        match phone {
            PhoneEvaluation { flagged: true, .. } => Self::Weak,
            PhoneEvaluation { accuracy: 65.0.., .. } => Self::Good,
            _ => Self::Fair,
        }
    }
}

/// One of the five scores.
pub struct ScoreView {
    /// Name.
    pub name: String,
    /// 0–100.
    pub value: u8,
}

/// One sound of a word.
pub struct PhoneView {
    /// In IPA.
    pub ipa: &'static str,
    /// 0–100.
    pub accuracy: u8,
    /// Colour.
    pub grade: Grade,
    /// What it sounded like, in IPA.
    pub heard: Option<&'static str>,
}

/// One word.
pub struct WordView {
    /// From 1, for the address within the page.
    pub number: usize,
    /// As in the prompt; for an insertion, three dots.
    pub text: String,
    /// Colour.
    pub grade: Grade,
    /// What the colour says.
    pub label: String,
    /// 0–100.
    pub total: u8,
    /// 0–100, or `None` for a word of one syllable, where stress says nothing.
    pub stress: Option<u8>,
    /// Start in the recording.
    pub start_ms: u32,
    /// End in the recording.
    pub end_ms: u32,
    /// Sounds; none where the word was not said.
    pub phones: Vec<PhoneView>,
}

/// A sound to practise.
pub struct WeakSound {
    /// In IPA.
    pub ipa: &'static str,
    /// How to make it.
    pub hint: String,
    /// A word that has it.
    pub example: &'static str,
    /// The words in which it went wrong.
    pub words: String,
    /// What it sounded like.
    pub heard: Option<&'static str>,
}

/// The result of one recording.
#[derive(Template)]
#[template(path = "tryout/result.html", whitespace = "minimize")]
pub struct ResultPart {
    /// Texts.
    pub l: Localizer,
    /// A stable word for the verdict.
    pub verdict: &'static str,
    /// Whether there are scores.
    pub scored: bool,
    /// 1–5 if scored.
    pub stars: usize,
    /// Headline.
    pub title: String,
    /// What to do next.
    pub message: String,
    /// Total and its four parts.
    pub scores: Vec<ScoreView>,
    /// The sentence.
    pub words: Vec<WordView>,
    /// Grades that occur in the sentence.
    pub grades: Vec<Grade>,
    /// Sounds to practise.
    pub weak: Vec<WeakSound>,
    /// Remarks on the recording itself.
    pub notes: Vec<String>,
    /// Address of the next sentence; empty for one's own text.
    pub next: String,
    /// Whether the page has course audio, so that a word can be heard from it and then from oneself.
    pub model: bool,
}

/// Scores are shown as whole numbers.
pub(crate) fn whole(score: f32) -> u8 {
    score.clamp(0.0, 100.0).round() as u8
}

impl ResultPart {
    /// The view of an evaluation in the visitor's language.
    pub fn new(l: &Localizer, evaluation: &Evaluation, stage: &Stage) -> Self {
        let next = if stage.own { String::new() } else { format!("/tryout?level={}&n={}", stage.level, stage.next()) };
        Self::of(l, evaluation, next, false)
    }

    /// The view of an evaluation, with the address of what comes next, and whether there is course audio to compare.
    pub fn of(l: &Localizer, evaluation: &Evaluation, next: String, model: bool) -> Self {
        let verdict = verdict_code(evaluation.verdict);
        let scored = evaluation.verdict == Verdict::Scored;
        let stars = if scored { stars(evaluation.scores.total) } else { 0 };
        let key = if scored { format!("stars-{stars}") } else { format!("verdict-{}", verdict.replace('_', "-")) };
        let words = if scored { words(l, &evaluation.words) } else { Vec::new() };
        Self {
            l: l.clone(),
            verdict,
            scored,
            stars,
            title: l.t(&key),
            message: l.t(&format!("{key}-text")),
            scores: scores(l, &evaluation.scores),
            grades: Grade::ALL.into_iter().filter(|grade| words.iter().any(|word| word.grade == *grade)).collect(),
            words,
            weak: if scored { weak(l, &evaluation.words) } else { Vec::new() },
            notes: notes(l, evaluation.verdict, &evaluation.audio),
            next,
            model,
        }
    }
}

/// The five scores, the total first.
pub fn scores(l: &Localizer, scores: &Scores) -> Vec<ScoreView> {
    [
        ("score-total", scores.total),
        ("score-accuracy", scores.accuracy),
        ("score-fluency", scores.fluency),
        ("score-prosody", scores.prosody),
        ("score-completeness", scores.completeness),
    ]
    .into_iter()
    .map(|(key, value)| ScoreView { name: l.t(key), value: whole(value) })
    .collect()
}

/// The words of a reading with their sounds.
pub fn words(l: &Localizer, words: &[WordEvaluation]) -> Vec<WordView> {
    let view = |(index, word): (usize, &WordEvaluation)| {
        let grade = Grade::of_word(word);
        let said = word.miscue != Miscue::Omission;
        let syllables = word.phones.iter().filter(|phone| phone.phone.is_vowel()).count();
        let phone = |phone: &PhoneEvaluation| PhoneView {
            ipa: phone.ipa,
            accuracy: whole(phone.accuracy),
            grade: Grade::of_phone(phone),
            heard: phone.heard.filter(|_| phone.flagged).map(|heard| heard.ipa()),
        };
        WordView {
            number: index + 1,
            text: if word.text.is_empty() { "…".to_owned() } else { word.text.clone() },
            grade,
            label: l.t(&format!("grade-{}", grade.tag())),
            total: whole(word.total),
            stress: (said && syllables > 1).then(|| whole(word.stress)),
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            phones: if said { word.phones.iter().map(phone).collect() } else { Vec::new() },
        }
    };
    words.iter().enumerate().map(view).collect()
}

/// The sounds to practise in some words, the weakest first.
pub(crate) fn weak(l: &Localizer, words: &[WordEvaluation]) -> Vec<WeakSound> {
    let mut flagged: Vec<(&PhoneEvaluation, Vec<&str>)> = Vec::new();
    for word in words {
        for phone in word.phones.iter().filter(|phone| phone.flagged) {
            let text = word.text.trim_matches(|letter: char| !letter.is_alphanumeric());
            match flagged.iter_mut().find(|(first, _)| first.phone.index() == phone.phone.index()) {
                Some((_, texts)) if texts.contains(&text) => {}
                Some((_, texts)) => texts.push(text),
                None => flagged.push((phone, vec![text])),
            }
        }
    }
    flagged.sort_by(|(a, _), (b, _)| a.accuracy.total_cmp(&b.accuracy));
    flagged
        .into_iter()
        .take(WEAK_SOUNDS)
        .map(|(phone, texts)| WeakSound {
            ipa: phone.ipa,
            hint: l.t(&format!("sound-{}", ARPABET[phone.phone.index()])),
            example: EXAMPLES[phone.phone.index()],
            words: texts.join(", "),
            heard: phone.heard.map(|heard| heard.ipa()),
        })
        .collect()
}

/// Remarks on the recording itself.
pub fn notes(l: &Localizer, verdict: Verdict, audio: &AudioQuality) -> Vec<String> {
    if !matches!(verdict, Verdict::Scored | Verdict::WrongText | Verdict::TooShort) {
        return Vec::new();
    }
    [
        ("note-clipped", audio.clipped > 0.005),
        ("note-quiet", audio.level_db < -42.0),
        ("note-noisy", audio.snr_db < 10.0),
    ]
    .into_iter()
    .filter(|(_, applies)| *applies)
    .map(|(key, _)| l.t(key))
    .collect()
}
