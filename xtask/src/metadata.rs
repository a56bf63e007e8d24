//! What cargo knows of the workspace and of everything it depends on.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// `cargo metadata`, as far as it is needed here.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) resolve: Resolve,
    pub(crate) workspace_members: Vec<String>,
}

/// A crate.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
}

/// The resolved graph.
#[derive(Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

/// A crate in the graph.
#[derive(Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Edge>,
}

/// A dependency.
#[derive(Deserialize)]
pub(crate) struct Edge {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<Kind>,
}

/// What a dependency is for: `None` is the crate itself, otherwise its build or its tests.
#[derive(Deserialize)]
pub(crate) struct Kind {
    pub(crate) kind: Option<String>,
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Asks cargo about all platforms.
pub(crate) fn read(root: &Path) -> Result<Metadata, String> {
    ask(root, &[])
}

/// Asks cargo about this platform only: what a browser's build of a crate would need is no dependency of ours.
pub(crate) fn read_for_host(root: &Path) -> Result<Metadata, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let about = String::from_utf8_lossy(&output.stdout);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not name its host")?;
    ask(root, &["--filter-platform", host])
}

fn ask(root: &Path, more: &[&str]) -> Result<Metadata, String> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(more)
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

impl Metadata {
    /// Name of a crate.
    pub(crate) fn name<'a>(&'a self, id: &str) -> &'a str {
        self.packages
            .iter()
            .find(|package| package.id == id)
            .map_or("a crate that cargo does not know", |package| &package.name)
    }

    /// Ids of the crates that a crate needs to run, direct ones only.
    pub(crate) fn needs(&self, id: &str) -> Vec<&str> {
        let node = self.resolve.nodes.iter().find(|node| node.id == id);
        let edges = node.map_or(&[][..], |node| &node.deps);
        edges
            .iter()
            .filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none()))
            .map(|edge| &*edge.pkg)
            .collect()
    }
}
