//! Rules of the house that the compiler does not know.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{Complaints, log_fields, metadata};

/// Longest file, in lines.
const LINES: usize = 400;

/// Files that may be longer, with the reason.
const LONG: [(&str, &str); 0] = [];

/// Folders that are built, fetched or not ours.
const SKIPPED: [&str; 8] = [".git", "target", "node_modules", "dist", "dist.new", ".cache", ".venv", "__pycache__"];

/// Which of our crates may use which. The direction is web → store → {privacy, domain}, web → speech.
const LAYERS: [(&str, &[&str]); 6] = [
    ("jiayin", &["jiayin-store", "jiayin-privacy", "jiayin-domain", "jiayin-speech"]),
    ("jiayin-store", &["jiayin-privacy", "jiayin-domain"]),
    ("jiayin-privacy", &["jiayin-domain"]),
    ("jiayin-domain", &[]),
    ("jiayin-speech", &[]),
    ("xtask", &[]),
];

/// Crates of the web, of asynchronous programming and of databases: only `jiayin` and `jiayin-store` see them.
const OUTSIDE: [&str; 8] = ["tokio", "hyper", "axum", "tower", "async-trait", "futures-util", "sea-orm", "sqlx"];

/// Words by which a connection to the outside is opened, and the one folder that may have them (design invariant 4).
const OUTWARD: [&str; 9] = [
    "AcmeConfig",
    "TcpStream::connect",
    "UdpSocket",
    "UnixStream::connect",
    "SmtpTransport",
    "hyper_util::client",
    "hyper_rustls",
    "reqwest",
    "ureq::",
];
const GATE: &str = "crates/web/src/egress/";

pub(crate) fn run(root: &Path) -> Result<Complaints, String> {
    let mut files = Vec::new();
    walk(root, &mut files).map_err(|error| format!("cannot read the tree: {error}"))?;
    let mut complaints = Complaints::new();
    for file in &files {
        let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        if let Ok(text) = std::fs::read_to_string(file) {
            check_file(&name, &text, &mut complaints);
        }
    }
    check_layers(root, &mut complaints)?;
    check_routes(root, &files, &mut complaints)?;
    log_fields::check(root, &files, &mut complaints)?;
    println!("tidy: {} files, {} complaints", files.len(), complaints.len());
    Ok(complaints)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED.iter().any(|name| entry.file_name() == *name) {
            walk(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn check_file(name: &str, text: &str, complaints: &mut Complaints) {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let lines = text.lines().count();
    if ends(&[".rs", ".js", ".css", ".py", ".html"]) && lines > LINES && !LONG.iter().any(|(long, _)| *long == name) {
        complaints.push(format!("{name}: {lines} lines; more than {LINES} are too many to hold in mind"));
    }
    if ends(&[".rs"]) && !text.starts_with("//!") {
        complaints.push(format!("{name}: the first line says what the module is for (`//! …`)"));
    }
    let product = name.starts_with("crates/") && name.contains("/src/") && !name.starts_with(GATE);
    if product && let Some(word) = OUTWARD.iter().find(|word| text.contains(**word)) {
        complaints.push(format!("{name}: {word}: connections to the outside are opened in {GATE} alone"));
    }
    if !ends(&[".rs", ".js", ".css", ".py", ".html", ".md", ".toml", ".ftl", ".sh", "Makefile", ".ci/run", ".json"]) {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        let at = number + 1;
        if machine_path(line) {
            complaints.push(format!("{name}:{at}: a path of one machine"));
        }
        if line.contains(concat!("TO", "DO")) || line.contains(concat!("FIX", "ME")) {
            complaints.push(format!("{name}:{at}: write a test that waits for it or an ADR, not a note"));
        }
        if name.ends_with(".html") && leaves(line) {
            complaints.push(format!("{name}:{at}: a link to another site goes through /leaving"));
        }
        if line.ends_with([' ', '\t']) && !name.ends_with(".md") {
            complaints.push(format!("{name}:{at}: white space at the end"));
        }
    }
}

/// Whether a template leads to, or loads from, another site by itself.
fn leaves(line: &str) -> bool {
    ["href", "src", "action"].iter().any(|attribute| {
        ["http:", "https:", "//"].iter().any(|target| line.contains(&format!("{attribute}=\"{target}")))
    })
}

/// Absolute paths that exist on a developer's machine only.
fn machine_path(line: &str) -> bool {
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Use", "rs/"), concat!("/tm", "p/")]
        .iter()
        .any(|path| {
            line.match_indices(path).any(|(place, _)| {
                let before = line[..place].chars().last();
                !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '/' | '-' | '_' | '}'))
            })
        })
}

fn check_layers(root: &Path, complaints: &mut Complaints) -> Result<(), String> {
    let metadata = metadata::read_for_host(root)?;
    for id in &metadata.workspace_members {
        let name = metadata.name(id);
        let Some((_, may)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
            complaints.push(format!("{name}: a crate without a place in the layers (xtask/src/tidy.rs)"));
            continue;
        };
        for needed in metadata.needs(id) {
            if metadata.workspace_members.iter().any(|member| member == needed) && !may.contains(&metadata.name(needed))
            {
                complaints.push(format!("{name} must not depend on {}", metadata.name(needed)));
            }
        }
        if !["jiayin", "jiayin-store"].contains(&name) {
            let below = everything_below(&metadata, id);
            for outside in OUTSIDE.iter().filter(|outside| below.contains(**outside)) {
                complaints.push(format!("{name} must not depend on {outside}, not even through others"));
            }
        }
    }
    Ok(())
}

fn everything_below<'a>(metadata: &'a metadata::Metadata, id: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![id]);
    while let Some(id) = open.pop() {
        open.extend(metadata.needs(id).into_iter().filter(|needed| seen.insert(*needed)));
    }
    seen.into_iter().map(|id| metadata.name(id)).collect()
}

/// Routes stand in one file, and each of them in the list beside it that says who may come.
fn check_routes(root: &Path, files: &[PathBuf], complaints: &mut Complaints) -> Result<(), String> {
    let home = root.join("crates/web/src/routes.rs");
    let call = concat!(".rou", "te(\"");
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs") && **file != home) {
        if std::fs::read_to_string(file).is_ok_and(|text| text.contains(call)) {
            complaints.push(format!("{}: routes belong in crates/web/src/routes.rs", file.display()));
        }
    }
    let read = |file: &Path| std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()));
    let (router, list) = (read(&home)?, read(&home.with_extension("").join("list.rs"))?);
    let (_, list) = list.split_once("pub const ROUTES").ok_or("routes/list.rs has no list of routes")?;
    // A long route stands on a line of its own behind the bracket.
    let bracket = call.trim_end_matches('"');
    let quoted = |text: &str| text.split('"').nth(1).unwrap_or_default().to_owned();
    let routed: BTreeSet<String> = router.split(bracket).skip(1).map(quoted).collect();
    let listed: BTreeSet<String> = list.split('"').filter(|part| part.starts_with('/')).map(str::to_owned).collect();
    complaints.extend(
        routed
            .symmetric_difference(&listed)
            .map(|path| format!("routes.rs: {path} is only in the list or only in the router")),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(name: &str, text: &str) -> usize {
        let mut found = Complaints::new();
        check_file(name, text, &mut found);
        found.len()
    }

    #[test]
    fn rules_bite_and_do_not_overreach() {
        assert_eq!(complaints("a.rs", "//! Fine.\n"), 0);
        assert_eq!(complaints("a.rs", "fn main() {}\n"), 1);
        assert_eq!(complaints("a.rs", &format!("//! Long.\n{}", "\n".repeat(LINES))), 1);
        assert_eq!(complaints("a.md", concat!("see /ho", "me/someone/x")), 1);
        assert_eq!(complaints("a.md", concat!("see https://a.example/ho", "me/x")), 0);
        assert_eq!(complaints("a.js", concat!("// TO", "DO: later")), 1);
        assert_eq!(complaints("a.css", "a {} \n"), 1);
        assert_eq!(complaints("a.html", "<a href=\"https://a.example\">a</a>\n"), 1);
        assert_eq!(complaints("a.html", "<a href=\"/leaving?to=https%3A%2F%2Fa.example\">a</a>\n"), 0);
        let connects = "//! Calls home.\nuse hyper_rustls::HttpsConnector;\n";
        assert_eq!(complaints("crates/web/src/home.rs", connects), 1);
        assert_eq!(complaints("crates/web/src/egress/http.rs", connects), 0);
    }
}
