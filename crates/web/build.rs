//! Sees to it that the page's assets are built before they are embedded.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=static/dist");
    println!("cargo::rerun-if-changed=templates");
    if !Path::new("static/dist/manifest.json").is_file() {
        println!("cargo::error=the style sheet and scripts are not built yet: run `make assets` first");
    }
}
