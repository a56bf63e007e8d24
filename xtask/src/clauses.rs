//! `make clauses`: for every clause of the privacy policy what enforces it, which test proves it, and whether it passes.
//!
//! The list is `docs/clauses.tsv`: id, duty, what enforces it. A test proves a clause if its name begins with
//! `clause_<id>_`, dots written as underscores (`clause_2_11_…`). The tests are really run.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Complaints, metadata};

pub(crate) fn run(root: &Path) -> Result<Complaints, String> {
    let list =
        std::fs::read_to_string(root.join("docs/clauses.tsv")).map_err(|error| format!("docs/clauses.tsv: {error}"))?;
    eprintln!("running the tests whose names begin with clause_ …");
    let output = metadata::cargo()
        .args(["test", "--workspace", "--no-fail-fast", "--", "clause_"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo test: {error}"))?;
    let tests = results(&String::from_utf8_lossy(&output.stdout));
    if tests.is_empty() && !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut counts = BTreeMap::from([("passed", 0), ("failed", 0), ("none", 0)]);
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(id), Some(_duty), enforced) = (columns.next(), columns.next(), columns.next().unwrap_or("-")) else {
            return Err(format!("docs/clauses.tsv: {line}"));
        };
        let own: Vec<_> = tests.iter().filter(|(name, _)| proves(name, id)).collect();
        let state = match &own[..] {
            [] => "none",
            own if own.iter().all(|(_, passed)| **passed) => "passed",
            _ => "failed",
        };
        *counts.entry(state).or_default() += 1;
        let names: Vec<_> = own.iter().map(|(name, _)| name.as_str()).collect();
        println!("{id}\t{enforced}\t{}\t{state}", if names.is_empty() { "-".to_owned() } else { names.join(",") });
    }
    eprintln!(
        "clauses: {} with a passing test, {} with a failing one, {} with none yet",
        counts["passed"], counts["failed"], counts["none"]
    );
    Ok(if counts["failed"] == 0 { Complaints::new() } else { vec!["a clause's test fails".to_owned()] })
}

/// Name and outcome of each test in the output of the test runner.
fn results(output: &str) -> BTreeMap<String, bool> {
    let result = |line: &str| {
        let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
        Some((name.to_owned(), outcome.trim() == "ok"))
    };
    output.lines().filter_map(result).collect()
}

fn proves(test: &str, id: &str) -> bool {
    let function = test.rsplit("::").next().unwrap_or(test);
    function.starts_with(&format!("clause_{}_", id.to_ascii_lowercase().replace('.', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_proves_its_own_clause_only() {
        assert!(proves("frame::clause_2_11_no_cookie", "2.11"));
        assert!(!proves("frame::clause_2_11_no_cookie", "2.1"));
        assert!(proves("clause_i_4_consent", "I.4"));
    }

    #[test]
    fn outcomes_are_read_from_the_runner() {
        let seen = results("running 2 tests\ntest a::clause_2_1_x ... ok\ntest b ... FAILED\n");
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            [("a::clause_2_1_x".to_owned(), true), ("b".to_owned(), false)]
        );
    }
}
