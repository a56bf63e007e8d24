//! Every crate that goes into the product has a licence that allows it.

use std::path::Path;

use crate::{Complaints, metadata};

/// Licences that ask for no more than a mention. MPL-2.0 covers its own files only; such crates are used unmodified.
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

pub(crate) fn run(root: &Path) -> Result<Complaints, String> {
    let metadata = metadata::read(root)?;
    let check = |package: &metadata::Package| {
        let licence = package.license.as_deref().unwrap_or("none stated");
        (!allowed(licence))
            .then(|| format!("{} {}: licence {licence} is not on the list", package.name, package.version))
    };
    let complaints: Complaints = metadata.packages.iter().filter_map(check).collect();
    println!("{} crates, {} with a licence that is not allowed", metadata.packages.len(), complaints.len());
    Ok(complaints)
}

/// Whether an SPDX expression can be met with the allowed licences.
fn allowed(expression: &str) -> bool {
    // Old manifests write "MIT/Apache-2.0" for a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    any(&mut words) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>) -> bool {
    let mut met = all(words);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words);
    }
    met
}

fn all(words: &mut Words<'_>) -> bool {
    let mut met = one(words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words);
    }
    met
}

fn one(words: &mut Words<'_>) -> bool {
    let met = match words.next() {
        Some("(") => {
            let met = any(words);
            words.next_if_eq(&")").is_some() && met
        }
        Some(name) => ALLOWED.contains(&name),
        None => false,
    };
    // An exception gives more rights, never fewer.
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    met
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn expressions_are_read() {
        for good in
            ["MIT", "MIT/Apache-2.0", "Apache-2.0 WITH LLVM-exception OR GPL-3.0", "(MIT OR GPL-2.0) AND Unicode-3.0"]
        {
            assert!(allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "none stated", "(MIT"] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
