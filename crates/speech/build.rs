//! Packs the pronouncing dictionary into a finite-state map and a list of phones, both embedded in the library.
//!
//! So that loading costs nothing: the map is searched where it lies. The layout is repeated in `src/text/lexicon.rs`.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "src/phone.rs"]
mod phone;

use phone::Phone;

/// Pronunciations kept for one word.
const MOST: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for file in [package_file("cmudict-fast", "resources/cmudict.dict")?, "data/supplement.dict".into()] {
        println!("cargo:rerun-if-changed={}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        read(&text, &mut words).map_err(|error| format!("{}: {error}", file.display()))?;
    }

    let mut phones: Vec<u8> = Vec::new();
    let mut places: HashMap<Vec<u8>, u64> = HashMap::new();
    let mut map = fst::MapBuilder::memory();
    for (word, pronunciations) in &words {
        let mut packed = vec![pronunciations.len() as u8];
        for pronunciation in pronunciations {
            packed.push(pronunciation.len() as u8);
            packed.extend(pronunciation);
        }
        // Words that sound alike share their bytes.
        let place = *places.entry(packed).or_insert_with_key(|packed| {
            let place = phones.len() as u64;
            phones.extend(packed);
            place
        });
        map.insert(word, place)?;
    }
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets no OUT_DIR")?;
    fs::write(Path::new(&out).join("lexicon.fst"), map.into_inner()?)?;
    fs::write(Path::new(&out).join("lexicon.phones"), phones)?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/phone.rs");
    Ok(())
}

/// A file inside the source of a package that we depend on. The package gives its dictionary to nobody but who knows
/// where cargo put it, so cargo is asked.
fn package_file(package: &str, file: &str) -> Result<PathBuf, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").ok_or("cargo does not say where it is")?;
    // Only the packages of this platform: cargo has downloaded no others.
    let target = std::env::var_os("TARGET").ok_or("cargo does not say for what it builds")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform"])
        .arg(target)
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let found = metadata["packages"].as_array().into_iter().flatten().find(|found| found["name"] == package);
    let manifest = found.and_then(|found| found["manifest_path"].as_str()).ok_or("the package is not among ours")?;
    Ok(Path::new(manifest).with_file_name(file))
}

/// Reads CMUdict's format: a word, a number in brackets if it is not the first entry, its phones, perhaps a comment.
fn read(text: &str, words: &mut BTreeMap<String, Vec<Vec<u8>>>) -> Result<(), Box<dyn Error>> {
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or_default();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split_whitespace();
        let Some(word) = fields.next() else { continue };
        let word = word.split('(').next().unwrap_or_default().to_lowercase();
        let pronunciation = fields.map(pack).collect::<Result<Vec<u8>, _>>()?;
        if pronunciation.is_empty() {
            return Err(format!("\"{word}\" has no phones").into());
        }
        let known = words.entry(word).or_default();
        if known.len() < MOST && !known.contains(&pronunciation) {
            known.push(pronunciation);
        }
    }
    Ok(())
}

/// One byte for a phone: its index and, in the low two bits, its stress (3: none given).
fn pack(symbol: &str) -> Result<u8, phone::UnknownPhone> {
    let phone: Phone = symbol.parse()?;
    Ok((phone.index() as u8) << 2 | phone.stress().unwrap_or(3))
}
