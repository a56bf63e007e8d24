//! Every field of a log line is in the data map: what is written, why, for how long. A field that is not listed there could
//! carry anything of anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::Complaints;

/// The macros that write a line, or a span that lines carry.
const MACROS: [&str; 9] =
    ["error!", "warn!", "info!", "debug!", "trace!", "event!", "span!", "info_span!", "debug_span!"];
/// Arguments that are no fields.
const SETTINGS: [&str; 4] = ["target:", "parent:", "name:", "tracing::Level::"];

/// Compares the log calls in the crates with the `[[log]]` entries of the data map.
pub(crate) fn check(root: &Path, files: &[PathBuf], complaints: &mut Complaints) -> Result<(), String> {
    let map = root.join("crates/privacy/data_map.toml");
    let map = std::fs::read_to_string(&map).map_err(|error| format!("{}: {error}", map.display()))?;
    let listed = listed(&map);
    let mut used = BTreeSet::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let Some((_, inside)) = name.strip_prefix("crates/").and_then(|name| name.split_once('/')) else { continue };
        if !inside.starts_with("src/") || !name.ends_with(".rs") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        let imports = |line: &str| {
            line.trim_start().starts_with("use tracing::")
                && MACROS.iter().any(|name| line.contains(name.trim_end_matches('!')))
        };
        if text.lines().any(imports) {
            complaints.push(format!("{name}: write `tracing::` before the macro, so that its fields are found"));
        }
        for field in fields(&text) {
            if !listed.contains(&field) {
                complaints.push(format!("{name}: the log field `{field}` is not in crates/privacy/data_map.toml"));
            }
            used.insert(field);
        }
    }
    let idle = listed.iter().filter(|field| !used.contains(*field));
    complaints.extend(idle.map(|field| format!("data_map.toml: nothing writes the log field `{field}`")));
    Ok(())
}

/// Names of the `[[log]]` entries.
fn listed(map: &str) -> BTreeSet<String> {
    let entries = map.split("[[log]]").skip(1);
    entries.filter_map(|entry| Some(entry.split_once("name = \"")?.1.split_once('"')?.0.to_owned())).collect()
}

/// Names of the fields of all log calls in a source file.
fn fields(source: &str) -> Vec<String> {
    let calls = source.split("tracing::").skip(1);
    let inside = calls.filter_map(|call| {
        let name = MACROS.iter().find(|name| call.starts_with(**name))?;
        Some(call[name.len()..].trim_start_matches(['(', '[', '{']))
    });
    inside.flat_map(arguments).filter_map(|argument| field(&argument)).collect()
}

/// The arguments of a call, up to its closing bracket.
fn arguments(call: &str) -> Vec<String> {
    let (mut all, mut one, mut depth, mut quoted, mut before) = (Vec::new(), String::new(), 0u32, false, ' ');
    for letter in call.chars() {
        match letter {
            '"' if before != '\\' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(std::mem::take(&mut one));
                before = letter;
                continue;
            }
            _ => {}
        }
        one.push(letter);
        before = letter;
    }
    all.push(one);
    all
}

/// The field that an argument writes: `name`, `%name`, `?name` or `name = value`; none for a message.
fn field(argument: &str) -> Option<String> {
    let argument = argument.trim();
    if argument.is_empty() || argument.starts_with('"') || SETTINGS.iter().any(|setting| argument.starts_with(setting))
    {
        return None;
    }
    let name = argument.split_once('=').map_or(argument, |(name, _)| name);
    Some(name.trim().trim_start_matches(['%', '?']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_every_form() {
        let source = r#"
            tracing::info!(request_id, took_ms = began.elapsed().as_millis(), "request, {of}");
            tracing::warn!(job = %leased.job(1, "a, b"), ?reason, "failed");
            tracing::error!(
                target: "us", %error,
                "the \"disk\", it is full",
            );
            tracing::debug!("nothing");
        "#;
        assert_eq!(fields(source), ["request_id", "took_ms", "job", "reason", "error"]);
    }

    #[test]
    fn the_map_is_read() {
        let map =
            "[[cookie]]\nname = \"lang\"\n[[log]]\nname = \"method\"\nsays = \"x\"\n\n[[log]]\nname = \"route\"\n";
        assert_eq!(listed(map).into_iter().collect::<Vec<_>>(), ["method", "route"]);
    }
}
