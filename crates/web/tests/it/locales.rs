//! The two languages have the same texts, every text is used, and none is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiayin::accounts::notices::Notice;
use jiayin::accounts::pictures::{PICTURES, ROWS};
use jiayin::accounts::tokens;
use jiayin::api::problem::Code;
use jiayin::campus::terms::TermError;
use jiayin::codes::CodePurpose;
use jiayin::ear::RECORDING_CODES;
use jiayin::error::ERROR_KEYS;
use jiayin::faces::DRAWINGS;
use jiayin::locale::{Catalogs, Locale};
use jiayin::policy::officer::log;
use jiayin::policy::officer::measures::Kind as MeasureKind;
use jiayin::policy::page::Standing;
use jiayin::policy::tables::TABLES;
use jiayin::preferences::look::{Saver, Switch};
use jiayin::roster::file::FileError;
use jiayin::support::help::STUCK;
use jiayin::tryout::samples::{LEVELS, PER_LEVEL};
use jiayin::tryout::stage::{WAY_STEPS, WAYS_ON};
use jiayin::tryout::view::Grade;
use jiayin_domain::exercise::Kind as ExerciseKind;
use jiayin_domain::homework::{RecordingState, SubmissionState};
use jiayin_domain::message::{Channel, Class, Kind as MessageKind};
use jiayin_domain::progress::Standing as SkillStanding;
use jiayin_domain::request::{Deed, Kind as RequestKind, State};
use jiayin_domain::role::Role;
use jiayin_domain::roster::{Kind, Reason, Remark};
use jiayin_domain::sound::Fault;
use jiayin_domain::support;
use jiayin_domain::token::TokenScope;
use jiayin_speech::phone::ARPABET;
use jiayin_store::failures::KINDS;
use jiayin_store::rights::CopyState;

/// Keys that are put together at run time.
fn families() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    keys.extend(ERROR_KEYS.iter().flat_map(|key| [(*key).to_owned(), format!("{key}-text")]));
    keys.extend(RECORDING_CODES.iter().chain(&["missing"]).map(|code| format!("recording-{}", code.replace('_', "-"))));
    keys.extend(["text-empty", "text-not-english", "text-too-long"].map(str::to_owned));
    keys.extend(ARPABET.iter().map(|symbol| format!("sound-{symbol}")));
    keys.extend((1..=LEVELS.len()).map(|level| format!("level-{level}")));
    keys.extend(["auto", "light", "dark"].map(|theme| format!("theme-{theme}")));
    keys.extend(Grade::ALL.iter().map(|grade| format!("grade-{}", grade.tag())));
    keys.extend((1..=5).flat_map(|stars| [format!("stars-{stars}"), format!("stars-{stars}-text")]));
    for verdict in ["no-speech", "too-short", "too-noisy", "wrong-text", "too-long"] {
        keys.extend([format!("verdict-{verdict}"), format!("verdict-{verdict}-text")]);
    }
    keys.extend(Role::ALL.iter().flat_map(|role| [format!("role-{}", role.tag()), format!("demo-{}", role.tag())]));
    keys.extend(SubmissionState::ALL.iter().map(|state| format!("homework-{}", state.tag())));
    keys.extend(RecordingState::ALL.iter().map(|state| format!("attempt-state-{}", state.tag())));
    keys.extend(SkillStanding::ALL.iter().map(|standing| format!("standing-{}", standing.tag())));
    keys.extend(CopyState::ALL.iter().map(|state| format!("copy-state-{}", state.tag())));
    keys.extend(["open", "done", "waiting", "returned"].map(|state| format!("step-{state}")));
    keys.extend(
        ["all-done", "nothing-yet", "no-class"]
            .iter()
            .flat_map(|tag| [format!("home-{tag}"), format!("home-{tag}-text")]),
    );
    keys.extend(
        [
            "kept",
            "offline",
            "busy",
            "full",
            "broken",
            "sign-in",
            "homeless",
            "refused",
            "unsafe",
            "heard-later",
            "wifi",
        ]
        .map(|hint| format!("exercise-hint-{hint}")),
    );
    keys.extend(
        Notice::ALL
            .iter()
            .flat_map(|notice| ["", "-subject", "-short"].map(|end| format!("notice-{}{end}", notice.tag()))),
    );
    keys.extend(["card-unknown", "join-declined", "join-expired", "join-used"].map(|page| format!("{page}-text")));
    keys.extend(PICTURES.iter().chain(&ROWS).map(|picture| format!("picture-{picture}")));
    keys.extend(DRAWINGS.iter().map(|drawing| format!("drawing-{drawing}")));
    keys.extend(Switch::ALL.iter().flat_map(|it| ["", "-text"].map(|end| format!("look-{}{end}", it.tag()))));
    keys.insert("look-plain".to_owned());
    keys.extend(Saver::ALL.iter().map(|saver| format!("saver-{}", saver.tag())));
    keys.extend(CodePurpose::ALL.iter().map(|purpose| format!("code-for-{}", purpose.tag())));
    for state in ["sending", "offline", "busy", "full", "broken", "sign-in", "unsafe", "wifi"] {
        keys.extend([format!("outbox-one-{state}"), format!("outbox-many-{state}")]);
    }
    for state in ["recording", "homeless", "refused"] {
        keys.extend([format!("outbox-case-{state}"), format!("outbox-case-{state}-text")]);
    }
    keys.extend(Fault::ALL.iter().map(|fault| format!("fault-{}", fault.tag())));
    for kind in ExerciseKind::ALL {
        keys.extend([format!("kind-{}", kind.tag()), format!("exercise-task-{}", kind.tag())]);
    }
    for class in Class::ALL {
        keys.extend([format!("message-class-{}", class.tag()), format!("message-class-what-{}", class.tag())]);
    }
    keys.extend(Channel::ALL.iter().map(|channel| format!("message-channel-{}", channel.tag())));
    // Announcements bring their own title.
    let counted = MessageKind::ALL.iter().filter(|kind| **kind != MessageKind::Announced);
    keys.extend(counted.map(|kind| format!("mail-news-{}", kind.tag())));
    for (family, tags) in [
        ("answer", &["long", "missing", "unknown"][..]),
        ("done", &["answered", "closed", "thanks"]),
        ("error", &["ends", "many", "option", "options", "question", "spoken", "twice"]),
        ("kind", &["multiple", "scale", "single", "text", "voice"]),
        ("role", &["everyone", "guardian", "learner", "teacher"]),
        ("stage", &["closed", "open"]),
        ("voice", &["silent", "too-long", "too-short", "unreadable"]),
    ] {
        keys.extend(tags.iter().map(|tag| format!("survey-{family}-{tag}")));
    }
    keys.extend(TokenScope::ALL.iter().map(tokens::key));
    keys.extend(Code::ALL.iter().flat_map(|code| ["", "-text"].map(|end| format!("problem-{}{end}", code.tag()))));
    keys.extend(policy_families());
    keys.extend(Kind::ALL.iter().map(|kind| format!("roster-kind-{}", kind.tag())));
    keys.extend(Reason::TAGS.iter().map(|tag| format!("roster-wrong-{tag}")));
    keys.extend(Remark::ALL.iter().map(|remark| format!("roster-remark-{}", remark.tag())));
    keys.extend(FileError::ALL.iter().map(|error| error.key().to_owned()));
    keys.extend(TermError::ALL.iter().map(|error| error.key().to_owned()));
    keys.extend(RequestKind::ALL.iter().map(|kind| format!("request-kind-{}", kind.tag())));
    keys.extend(State::ALL.iter().map(|state| format!("request-state-{}", state.tag())));
    keys.extend(Deed::ALL.iter().map(|deed| format!("request-deed-{}", deed.tag())));
    keys.extend(help_families());
    for way in WAYS_ON {
        keys.insert(format!("way-{way}"));
        keys.extend((1..=WAY_STEPS).map(|step| format!("way-{way}-{step}")));
    }
    keys
}

/// Keys of the help desk that are put together at run time.
fn help_families() -> Vec<String> {
    let mut keys: Vec<String> = STUCK.iter().flat_map(|key| [(*key).to_owned(), format!("{key}-text")]).collect();
    keys.extend(support::Topic::ALL.iter().map(|topic| format!("help-topic-{}", topic.tag())));
    keys.extend(support::Rating::ALL.iter().map(|rating| format!("help-rating-{}", rating.tag())));
    keys.extend(support::Desk::ALL.iter().map(|desk| format!("desk-of-{}", desk.tag())));
    keys.extend(KINDS.iter().chain(&["other"]).map(|kind| format!("failure-{}", kind.replace('_', "-"))));
    for state in support::State::ALL {
        keys.extend(["help-state", "desk-show", "desk-none"].map(|family| format!("{family}-{}", state.tag())));
    }
    // What is said needs no word for it.
    let done = support::Deed::ALL.iter().filter(|deed| !matches!(deed, support::Deed::Ask | support::Deed::Answer));
    keys.extend(done.map(|deed| format!("help-deed-{}", deed.tag())));
    keys
}

/// Keys of the policy that are put together at run time.
fn policy_families() -> Vec<String> {
    let columns = "category content purposes kept clauses purpose basis data who name says why lasts owner recipient fields \
                   region permission";
    let mut keys: Vec<String> = columns.split_whitespace().map(|column| format!("policy-column-{column}")).collect();
    keys.extend(Standing::ALL.iter().map(|standing| format!("policy-standing-{}", standing.tag())));
    for basis in ["contract", "consent", "legal_obligation"] {
        keys.extend([format!("basis-{basis}"), format!("basis-long-{basis}")]);
    }
    let relations = "own guardian teacher member manager officer system";
    keys.extend(relations.split_whitespace().map(|relation| format!("relation-{relation}")));
    let changes = "new-category new-purpose wider-purpose wider-audience other-basis new-recipient longer-retention \
                   shorter-retention new-item new-stored removed";
    keys.extend(changes.split_whitespace().map(|change| format!("change-{change}")));
    keys.extend(MeasureKind::ALL.iter().map(|kind| format!("measure-kind-{}", kind.tag())));
    keys.extend(["program", "operator"].map(|owner| format!("measure-owner-{owner}")));
    keys.extend(["empty", "too-long", "too-many"].map(|error| format!("inquiry-{error}")));
    keys.extend(TABLES.map(|table| format!("record-table-{table}")));
    keys.extend(["schedule", "operator"].map(|origin| format!("sweep-origin-{origin}")));
    keys.extend(log::DEEDS.map(|deed| format!("log-deed-{deed}")));
    keys.extend(log::COLUMNS.map(|column| format!("log-column-{column}")));
    keys.extend(log::RELATIONS.map(|relation| format!("log-as-{relation}")));
    keys.extend(log::GROUPS.iter().chain(&["people"]).map(|group| format!("log-whose-{group}")));
    keys
}

/// Keys of a locale, with the names of the values that are set into each.
fn keys(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for (file, source) in locale.sources() {
        for line in source.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let (key, text) = line.split_once(" = ").unwrap_or_else(|| panic!("{file}.ftl: {line}"));
            let values =
                text.split("{ $").skip(1).filter_map(|part| part.split_once(" }")).map(|(name, _)| name.to_owned());
            assert!(keys.insert(key.to_owned(), values.collect()).is_none(), "{key} comes twice");
        }
    }
    keys
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Every `t("key")`, `t1("key"` and `of("family"` in templates and code; literal keys in lists count as used too.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("templates"), &mut found);
    files(&root.join("src"), &mut found);
    found.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn both_languages_have_the_same_keys_and_values() {
    let [zh, en] = Locale::ALL.map(keys);
    assert_eq!(zh, en);
}

#[test]
fn no_key_is_missing_and_none_is_left_over() {
    let known = keys(Locale::En);
    let sources = sources();
    let families = families();
    let missing: Vec<_> = families.iter().filter(|key| !known.contains_key(*key)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "put together at run time, but in no file");
    for call in ["t(\"", "t1(\""] {
        for (place, _) in sources.match_indices(call) {
            let before = sources[..place].chars().last();
            let key = sources[place + call.len()..].split('"').next().unwrap();
            if before == Some('.') {
                assert!(known.contains_key(key), "{key} is used, but in no file");
            }
        }
    }
    let unused: Vec<_> =
        known.keys().filter(|key| !families.contains(*key) && !sources.contains(&format!("\"{key}\""))).collect();
    assert_eq!(unused, Vec::<&String>::new(), "in the files, but used nowhere");
}

#[test]
fn no_text_is_left_in_the_other_language() {
    let catalogs = Catalogs::load().unwrap();
    let chinese = |text: &str| text.chars().any(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter));
    let (zh, en) = (catalogs.get(Locale::ZhCn), catalogs.get(Locale::En));
    for key in keys(Locale::En).keys() {
        assert!(chinese(&zh.t(key)), "{key} is not in Chinese");
        // Hints on sounds may name a Chinese one to start from.
        assert!(key.starts_with("sound-") || !chinese(&en.t(key)), "{key} is not in English");
    }
}

#[test]
fn sample_sentences_are_forty_and_all_different() {
    let all: BTreeSet<_> = LEVELS.iter().flatten().map(|sample| sample.text).collect();
    assert_eq!(all.len(), LEVELS.len() * PER_LEVEL);
    assert!(all.iter().all(|text| text.is_ascii()));
}
