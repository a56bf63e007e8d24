//! Markdown to HTML. What an officer writes is shown to everybody: HTML in it is shown as text, pictures as their words, and
//! a link that leads elsewhere than to our own pages, a mailbox or a phone number is no link.

use std::fmt::Write;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A text to be shown.
#[derive(Default)]
pub struct Rendered {
    /// HTML.
    pub html: String,
    /// Headings of the second level: anchor and words.
    pub contents: Vec<(String, String)>,
}

/// Renders a text; its anchors begin with `prefix`, so that two texts can stand on one page.
pub fn render(text: &str, prefix: &str) -> Rendered {
    let mut contents: Vec<(String, String)> = Vec::new();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut heading: Option<String> = None;
    // For each open link whether it is shown as one.
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        if let (Some(words), Event::Text(text) | Event::Code(text)) = (&mut heading, &event) {
            words.push_str(text);
        }
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => {}
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                links.push(is_own(dest_url));
                if is_own(dest_url) {
                    events.push(event);
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop().unwrap_or_default() {
                    events.push(event);
                }
            }
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                let anchor = format!("{prefix}-{}", contents.len() + 1);
                events.push(heading_start(anchor.clone().into()));
                contents.push((anchor, String::new()));
                heading = Some(String::new());
            }
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => {
                if let (Some(words), Some(last)) = (heading.take(), contents.last_mut()) {
                    last.1 = words;
                }
                events.push(event);
            }
            // Wide tables scroll in a box of their own, not the page.
            Event::Start(Tag::Table(_)) => {
                events.push(Event::Html("<div class=\"table-scroll\" tabindex=\"0\">".into()));
                events.push(event);
            }
            Event::End(TagEnd::Table) => {
                events.push(event);
                events.push(Event::Html("</div>".into()));
            }
            other => events.push(other),
        }
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events.into_iter());
    Rendered { html: page, contents }
}

fn heading_start(anchor: CowStr<'_>) -> Event<'_> {
    Event::Start(Tag::Heading { level: HeadingLevel::H2, id: Some(anchor), classes: Vec::new(), attrs: Vec::new() })
}

/// Whether a link stays with us: a page of ours, a place on this page, a mailbox, a phone number. A browser would read
/// `//host` and `/\host` as another site.
fn is_own(target: &str) -> bool {
    let path = target.starts_with('/') && !target.starts_with("//") && !target.contains('\\');
    path || target.starts_with('#') || target.starts_with("mailto:") || target.starts_with("tel:")
}

/// Text for a place between tags.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        let _ = match letter {
            '&' => safe.write_str("&amp;"),
            '<' => safe.write_str("&lt;"),
            '>' => safe.write_str("&gt;"),
            '"' => safe.write_str("&quot;"),
            other => safe.write_char(other),
        };
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        render(text, "s").html
    }

    #[test]
    fn html_is_shown_and_not_obeyed() {
        for text in ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<div\nonclick=x>\n\ny</div>"] {
            let shown = html(text);
            assert!(!shown.contains("<script") && !shown.contains("<img") && !shown.contains("<div"), "{shown}");
            assert!(shown.contains("&lt;"), "{shown}");
        }
    }

    #[test]
    fn links_stay_with_us() {
        assert!(html("[ours](/policy)").contains("href=\"/policy\""));
        assert!(html("[write](mailto:a@b.example)").contains("href=\"mailto:a@b.example\""));
        for text in [
            "[x](javascript:alert(1))",
            "[x](https://elsewhere.example)",
            "[x](//elsewhere.example)",
            "[x](/\\\\elsewhere.example)",
            "<https://elsewhere.example>",
            "[x][y]\n\n[y]: data:text/html,hello",
        ] {
            assert!(!html(text).contains("href"), "{text}: {}", html(text));
        }
        assert_eq!(html("![a cat](https://elsewhere.example/cat.png)"), "<p>a cat</p>\n");
    }

    #[test]
    fn headings_are_anchors() {
        let page = render("# One\n\n## Two `x`\n\n## Three", "s");
        assert_eq!(page.contents, [("s-1".into(), "Two x".into()), ("s-2".into(), "Three".into())]);
        assert!(page.html.contains("<h2 id=\"s-2\">Three</h2>"));
    }

    #[test]
    fn marks_of_tables_are_not_seen() {
        assert_eq!(html("[table-kept]: #from-the-data-map\n\nText"), "<p>Text</p>\n");
    }
}
