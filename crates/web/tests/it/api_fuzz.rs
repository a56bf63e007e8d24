//! Schemathesis calls the interface of the real program with what its own document allows, and with what it does not: no
//! answer is a server's error or other than described. The tool is made ready once, in the folder of the build.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use serde_json::{Value, json};

use crate::common::program::{Asker, Server};

const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis/requirements.txt");
const FORM: &str = "application/x-www-form-urlencoded";
/// Test cases of each kind for an operation.
const EXAMPLES: &str = "20";

/// The tool in an environment of its own, with exactly the versions of the list.
fn schemathesis() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    let (tool, done) = (folder.join("bin/schemathesis"), folder.join("requirements.txt"));
    let wanted = std::fs::read_to_string(REQUIREMENTS).unwrap();
    if tool.is_file() && std::fs::read_to_string(&done).is_ok_and(|made| made == wanted) {
        return tool;
    }
    let run = |command: &mut Command| {
        let output = command.output().expect("the fuzz run needs python3: run `make setup`");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--no-deps", "-r", REQUIREMENTS]));
    std::fs::write(done, wanted).unwrap();
    tool
}

/// Signs somebody in and makes a token on the page.
async fn token(server: &Server, login: &str, child: bool, role: Role) -> String {
    let mut asker = Asker::new(String::new());
    let form = format!("identifier={login}%40demo.example&password={PASSWORD}").into_bytes();
    let signed = asker.ask(&server.address, Method::POST, "/sign-in", FORM, 0, form).await.unwrap();
    asker.cookie = signed.cookie.split(';').next().unwrap().to_owned();
    let page = asker.get(server, "/profile/tokens").await.text();
    let person = match child {
        true => page.split("<option value=\"").nth(2).unwrap()[..36].to_owned(),
        false => String::new(),
    };
    let scopes: String = TokenScope::of(role).iter().map(|scope| format!("&scope={}", scope.tag())).collect();
    let form = format!("name=Fuzz&days=30&for={person}&password={PASSWORD}{scopes}").into_bytes();
    let page = asker.ask(&server.address, Method::POST, "/profile/tokens", FORM, 0, form).await.unwrap().text();
    let at = page.find("jiayin_").unwrap_or_else(|| panic!("no token in {page}"));
    page[at..at + 7 + 64].to_owned()
}

/// What a token's person may ask for by id, so that not every question is about nothing.
async fn known(server: &Server, token: &str) -> Value {
    let mut program = Asker::new(String::new());
    program.token = token.to_owned();
    let get = async |path: &str| -> Value {
        serde_json::from_slice(&program.get(server, path).await.body).unwrap_or_default()
    };
    let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let ids = |list: &Value| -> Vec<Value> { all(&list["items"]).iter().map(|item| item["id"].clone()).collect() };
    let (classes, assignments) = (ids(&get("/api/v1/classes").await), ids(&get("/api/v1/assignments").await));
    let (mut exercises, mut recordings) = (Vec::new(), Vec::new());
    for assignment in assignments.iter().filter_map(Value::as_str) {
        let detail = get(&format!("/api/v1/assignments/{assignment}")).await;
        exercises.extend(all(&detail["exercises"]).iter().map(|one| one["id"].clone()));
        for work in all(&detail["work"]) {
            recordings.extend(all(&work["results"]).iter().map(|one| one["recording_id"].clone()));
        }
    }
    recordings.retain(Value::is_string);
    json!({ "class": classes, "assignment": assignments, "exercise": exercises, "recording": recordings })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzz_run_finds_no_server_error_and_no_break_of_the_document() {
    let tool = schemathesis();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::of_programs(folder.path());
    for (login, child, role) in [
        ("guardian1", true, Role::Learner),
        ("guardian1", false, Role::Guardian),
        ("teacher", false, Role::Teacher),
        ("manager", false, Role::CampusManager),
        ("officer", false, Role::PrivacyOfficer),
    ] {
        let token = token(&server, login, child, role).await;
        let output = Command::new(&tool)
            .arg("--config-file")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis/schemathesis.toml"))
            .arg("run")
            .arg(format!("{}/api/v1/openapi.json", server.address))
            .args(["--url", &server.address, "--header", &format!("Authorization:Bearer {token}")])
            .args(["--checks", "all", "--seed", "1", "--max-examples", EXAMPLES, "--no-shrink", "--no-color"])
            .args(["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--warnings", "off"])
            .env("JIAYIN_KNOWN", known(&server, &token).await.to_string())
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "as {role:?}:\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
