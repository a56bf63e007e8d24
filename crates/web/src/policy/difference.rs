//! What one version says differently from another, word by word: paragraphs that are the same are left out.

use std::time::Duration;

use similar::{ChangeTag, TextDiff, TextDiffConfig};

use super::markdown::escaped;

/// After this the comparison becomes coarser; it never gives a wrong one.
const PATIENCE: Duration = Duration::from_millis(200);

/// The paragraphs that differ, as HTML: what is gone in `<del>`, what is new in `<ins>`. Empty if nothing differs.
pub(super) fn difference(old: &str, new: &str) -> Vec<String> {
    // The last line ends as the others do, or it would differ where a paragraph was added after it.
    let (old, new) = (format!("{}\n", old.trim_end()), format!("{}\n", new.trim_end()));
    let lines = config().diff_lines(&*old, &*new);
    let mut found: Vec<String> = Vec::new();
    for group in lines.grouped_ops(0) {
        let (mut gone, mut come) = (String::new(), String::new());
        for change in group.iter().flat_map(|op| lines.iter_changes(op)) {
            match change.tag() {
                ChangeTag::Delete => gone.push_str(change.value()),
                ChangeTag::Insert => come.push_str(change.value()),
                ChangeTag::Equal => {}
            }
        }
        let shown = words(gone.trim(), come.trim());
        if !shown.is_empty() {
            found.push(shown);
        }
    }
    found
}

fn config() -> TextDiffConfig {
    let mut config = TextDiff::configure();
    config.timeout(PATIENCE);
    config
}

fn words(old: &str, new: &str) -> String {
    let diff = config().diff_unicode_words(old, new);
    let mut shown = String::new();
    let mut last = ChangeTag::Equal;
    for change in diff.iter_all_changes() {
        if change.tag() != last {
            shown.push_str(closing(last));
            shown.push_str(opening(change.tag()));
            last = change.tag();
        }
        shown.push_str(&escaped(change.value()));
    }
    shown.push_str(closing(last));
    shown
}

fn opening(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Equal => "",
        ChangeTag::Delete => "<del>",
        ChangeTag::Insert => "<ins>",
    }
}

fn closing(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Equal => "",
        ChangeTag::Delete => "</del>",
        ChangeTag::Insert => "</ins>",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_word_by_word() {
        assert!(difference("a\n\nb", "a\n\nb").is_empty());
        let old = "Same.\n\nKept for one year here.\n\nSame too.";
        let new = "Same.\n\nKept for two years here.\n\nSame too.";
        assert_eq!(
            difference(old, new),
            ["Kept for <del>one</del><ins>two</ins> <del>year</del><ins>years</ins> here."]
        );
        assert_eq!(difference("保存一年。", "保存两年。"), ["保存<del>一</del><ins>两</ins>年。"]);
        assert_eq!(difference("a", "a\n<b>"), ["<ins>&lt;b&gt;</ins>"]);
        assert_eq!(difference("", "neu"), ["<ins>neu</ins>"]);
    }
}
