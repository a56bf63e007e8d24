//! Sees to it that the page's assets are built before they are embedded, and makes the table of common passwords.

use std::path::Path;

use sha2::{Digest, Sha256};

fn main() {
    println!("cargo::rerun-if-changed=static/dist");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=passwords");
    if !Path::new("static/dist/manifest.json").is_file() {
        println!("cargo::error=the style sheet and scripts are not built yet: run `make assets` first");
    }
    if let Err(error) = common_passwords() {
        println!("cargo::error=the table of common passwords: {error}");
    }
}

/// The first four bytes of the SHA-256 of each common password, sorted.
fn common_passwords() -> std::io::Result<()> {
    let list = std::fs::read_to_string("passwords/common.txt")?;
    let mut digests: Vec<[u8; 4]> = list
        .lines()
        .map(|password| {
            let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(password));
            [a, b, c, d]
        })
        .collect();
    digests.sort_unstable();
    digests.dedup();
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("cargo gave no folder"))?;
    std::fs::write(Path::new(&folder).join("common_passwords.bin"), digests.concat())
}
