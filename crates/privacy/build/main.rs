//! Reads `data_map.toml`, checks that it holds together, and writes the Rust that follows from it: categories, purposes,
//! who may open what, the sealed columns, and the map itself.

#![expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

mod check;
mod emit;
mod model;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=data_map.toml");
    println!("cargo::rerun-if-changed=build");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaints) => {
            for complaint in complaints {
                println!("cargo::error=data_map.toml: {complaint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Vec<String>> {
    let text = std::fs::read_to_string("data_map.toml").map_err(|error| vec![error.to_string()])?;
    let map: model::Map = toml::from_str(&text).map_err(|error| vec![error.to_string().replace('\n', " ")])?;
    let complaints = check::complaints(&map);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| vec!["cargo gave no folder to write to".to_owned()])?;
    for (name, code) in [
        ("category.rs", emit::categories(&map)),
        ("purpose.rs", emit::purposes(&map)),
        ("column.rs", emit::columns(&map)),
        ("blob.rs", emit::blobs(&map)),
        ("map.rs", emit::map(&map)),
    ] {
        let file = Path::new(&folder).join(name);
        std::fs::write(&file, code).map_err(|error| vec![format!("{}: {error}", file.display())])?;
    }
    Ok(())
}
