//! The command line: its contract, and every bad input.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::common::{fixtures, sound};

fn jiayin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiayin"));
    command.arg("score");
    command
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn manifest(&self, lines: &[Value]) -> PathBuf {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.file("in.jsonl", text.as_bytes())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn score_manifest(manifest: &Path) -> Vec<Value> {
    let output = jiayin().arg("--manifest").arg(manifest).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    lines(&output)
}

#[test]
fn every_line_is_answered_in_order_with_the_fields_of_the_contract() {
    let folder = Folder::new();
    let reading = fixtures::reading();
    let silence = folder.file("silence.wav", &sound::silence(2000));
    let manifest = folder.manifest(&[
        json!({"id": "one", "audio": reading.wav(), "text": reading.text}),
        json!({"id": "two", "audio": silence, "text": "We like milk."}),
        json!({"id": "three", "audio": "silence.wav", "text": "We like milk."}),
    ]);
    let answers = score_manifest(&manifest);
    let ids: Vec<_> = answers.iter().map(|answer| answer["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["one", "two", "three"], "a path may be relative to the manifest");
    let one = &answers[0];
    assert_eq!(one["verdict"], "scored");
    for score in ["accuracy", "fluency", "prosody", "completeness", "total"] {
        assert!((0.0..=100.0).contains(&one["scores"][score].as_f64().unwrap()), "{score}");
    }
    let word = &one["words"][0];
    for key in ["text", "accuracy", "stress", "total", "start_ms", "end_ms", "miscue", "phones"] {
        assert!(!word[key].is_null(), "{key}");
    }
    for key in ["arpabet", "ipa", "accuracy", "start_ms", "end_ms", "flagged"] {
        assert!(!word["phones"][0][key].is_null(), "{key}");
    }
    assert!(word["phones"][0].as_object().unwrap().contains_key("heard"));
    for key in ["duration_ms", "speech_ms", "level_db", "snr_db", "clipped"] {
        assert!(one["audio"][key].is_number(), "{key}");
    }
    assert!(one["took_ms"].is_number());
    assert_eq!(answers[1]["verdict"], "no_speech");
    assert_eq!(answers[1]["scores"]["total"], 0.0);
}

#[test]
fn given_phones_match_the_answer_one_to_one() {
    let folder = Folder::new();
    let reading = fixtures::reading();
    let phones: Vec<Vec<&str>> = reading.text.split_whitespace().map(|_| vec!["W", "IY0", "K", "AO0", "L"]).collect();
    let manifest = folder.manifest(&[json!({"id": 1, "audio": reading.wav(), "text": reading.text, "phones": phones})]);
    let answer = &score_manifest(&manifest)[0];
    let words: Vec<Vec<String>> = answer["words"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|word| word["miscue"] != "insertion" && word["miscue"] != "repetition")
        .map(|word| {
            let phones = word["phones"].as_array().unwrap();
            phones.iter().map(|phone| phone["arpabet"].as_str().unwrap().to_owned()).collect()
        })
        .collect();
    assert_eq!(words, phones);
}

#[test]
fn bad_lines_are_answered_beside_good_ones() {
    let folder = Folder::new();
    let silence = folder.file("silence.wav", &sound::silence(500));
    let good = json!({"id": "good", "audio": silence, "text": "We like milk."});
    let text = format!(
        "not json\n{}\n{}\n\n{}\n{}\n{}\n{good}\n",
        json!({"id": "no text", "audio": silence}),
        json!({"id": "missing", "audio": "no/such.wav", "text": "We like milk."}),
        json!({"id": "phones", "audio": silence, "text": "We like milk.", "phones": [["XX"], ["L"], ["M"]]}),
        json!({"id": "mismatch", "audio": silence, "text": "We like milk.", "phones": [["W"]]}),
        json!({"audio": silence, "text": "no id"}),
    );
    let answers = score_manifest(&folder.file("in.jsonl", text.as_bytes()));
    let brief: Vec<_> = answers.iter().map(|answer| (answer["id"].clone(), answer["error"].is_string())).collect();
    assert_eq!(
        brief,
        [
            (Value::Null, true),
            (json!("no text"), true),
            (json!("missing"), true),
            (json!("phones"), true),
            (json!("mismatch"), true),
            (Value::Null, true),
            (json!("good"), false),
        ]
    );
    assert_eq!(answers[0]["line"], 1);
    assert_eq!(answers[5]["line"], 6 + 1);
    assert!(answers[2]["error"].as_str().unwrap().contains("no/such.wav"));
    assert!(answers[3]["error"].as_str().unwrap().contains("XX"));
}

#[test]
fn bad_recordings_have_a_reason_or_a_verdict() {
    let folder = Folder::new();
    let huge = folder.path().join("huge.wav");
    std::fs::File::create(&huge).unwrap().set_len(200_000_000).unwrap();
    for (name, bytes, expected) in [
        ("empty.wav", Vec::new(), "empty"),
        ("text.wav", b"Dear teacher, this is my homework.".to_vec(), "unknown_format"),
        ("cut.webm", sound::truncated_webm(), "corrupt"),
        ("nan.wav", sound::not_a_number(1000), "no_speech"),
        ("short.wav", sound::silence(100), "too_short"),
        ("long.wav", sound::silence(600_000), "too_long"),
    ] {
        let output = jiayin().args(["--text", "We like milk."]).arg(folder.file(name, &bytes)).output().unwrap();
        assert!(output.status.success(), "{name}");
        let answer = &lines(&output)[0];
        let seen = answer["code"].as_str().or(answer["verdict"].as_str()).unwrap();
        assert_eq!(seen, expected, "{name}: {answer}");
    }
    let output = jiayin().args(["--text", "We like milk."]).arg(&huge).output().unwrap();
    assert_eq!(lines(&output)[0]["code"], "too_large");
}

#[test]
fn bad_texts_have_a_reason() {
    let folder = Folder::new();
    let silence = folder.file("silence.wav", &sound::silence(500));
    let long = "milk ".repeat(500);
    for (text, code) in [
        ("?!", "text_empty"),
        ("😀", "text_empty"),
        ("我喜欢牛奶", "text_not_english"),
        (long.as_str(), "text_too_long"),
    ] {
        let output = jiayin().args(["--text", text]).arg(&silence).output().unwrap();
        assert!(output.status.success());
        assert_eq!(lines(&output)[0]["code"], code);
    }
}

#[test]
fn files_of_one_text_carry_their_path_as_id() {
    let folder = Folder::new();
    let [a, b] = ["a.wav", "b.wav"].map(|name| folder.file(name, &sound::silence(300)));
    let output = jiayin().args(["--text", "We like milk.", "--threads", "2"]).args([&a, &b]).output().unwrap();
    let ids: Vec<_> = lines(&output).iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, [json!(a), json!(b)]);
}

#[test]
fn the_manifest_may_come_through_a_pipe() {
    let folder = Folder::new();
    let silence = folder.file("silence.wav", &sound::silence(300));
    let mut child = jiayin().args(["--manifest", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let line = json!({"id": 1, "audio": silence, "text": "We like milk."});
    child.stdin.take().unwrap().write_all(format!("{line}\n").repeat(40).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(lines(&output).len(), 40);
}

#[test]
fn threads_do_not_change_the_answers() {
    let folder = Folder::new();
    let reading = fixtures::reading();
    let line = json!({"id": 1, "audio": reading.wav(), "text": reading.text});
    let manifest = folder.manifest(&[line.clone(), line.clone(), line]);
    let scores = |threads: &str| {
        let output = jiayin().arg("--manifest").arg(&manifest).args(["--threads", threads]).output().unwrap();
        let mut answers = lines(&output);
        answers.iter_mut().for_each(|answer| answer["took_ms"] = Value::Null);
        answers
    };
    assert_eq!(scores("1"), scores("3"));
}

#[test]
fn what_cannot_begin_fails_with_a_message() {
    for (arguments, message) in [
        (&["--manifest", "no/such.jsonl"][..], "no/such.jsonl"),
        (&["--manifest", "."], "folder"),
        (&["--text", "We like milk."], "FILES"),
        (&["--text", "a", "a.wav", "--threads", "0"], "threads"),
        (&[], "--text"),
    ] {
        let output = jiayin().args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(message), "{arguments:?}: {said}");
    }
}

#[test]
fn serve_names_the_key_that_is_wrong() {
    for (variable, value, key) in [
        ("JIAYIN_HTTP_ADDR", "nowhere", "HTTP_ADDR"),
        ("JIAYIN_SCORING_QUEUE", "0", "scoring_queue"),
        ("JIAYIN_HTP_ADDR", "127.0.0.1:0", "htp_addr"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_jiayin")).arg("serve").env(variable, value).output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(key), "{variable}: {said}");
    }
}
