//! The page of the archive that a person reads without a network: everything in tables, in both languages, recordings to
//! be played. No scripts, nothing from outside.

use jiayin_privacy::map;
use jiayin_privacy::plan::{Reading, Shown};
use jiff::Timestamp;
use serde_json::Value;

use super::rows::Row;
use crate::time;

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2b30;\
background:#fff}h1,h2{line-height:1.25}table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem;display:block;overflow-x:auto}\
th,td{border:1px solid #cdd8dc;padding:.4rem .6rem;text-align:start;vertical-align:top}th{background:#eef4f5}\
small,.more{color:#52656c}pre{white-space:pre-wrap;max-width:40rem}audio{width:16rem}";

/// Text made safe to stand in a page.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A moment as a person in China reads it.
fn moment(at: Timestamp) -> String {
    let local = jiff::tz::offset(8).to_time_zone();
    at.to_zoned(local).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Everything before the first table.
pub(super) fn head(at: Timestamp, controller: &str) -> String {
    let when = moment(at);
    let controller = safe(controller);
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>个人信息副本 · A copy of your data</title>\
         <style>{STYLE}</style></head><body><h1>个人信息副本 <small lang=\"en\">A copy of your data</small></h1>\
         <p>{when}（北京时间 <span lang=\"en\">Beijing time</span>） {controller}</p>\
         <p>这里是我们保存的全部内容。录音在 audio 文件夹里，data.json 供其他程序读取。<br><span lang=\"en\">This is everything \
         that we keep. Recordings are in the folder audio; data.json is for other programs.</span></p>\n"
    )
}

/// The heading of a table and its columns.
pub(super) fn begin_table(reading: &Reading) -> String {
    let (zh, en) = reading.titles();
    let category = map::category(reading.category).map_or(("", ""), |it| (it.title_zh, it.title_en));
    let keeping = reading.retention.map_or(("", ""), |it| (it.title_zh, it.title_en));
    let mut html = format!(
        "<section><h2>{} <small lang=\"en\">{}</small></h2><p class=\"more\">{} · 保存期限：{}<br><span lang=\"en\">{} · kept: \
         {}</span></p><table><thead><tr>",
        safe(zh),
        safe(en),
        safe(category.0),
        safe(keeping.0),
        safe(category.1),
        safe(keeping.1)
    );
    for column in &reading.columns {
        let (zh, en) = column.labels();
        html += &format!("<th scope=\"col\">{}<br><small lang=\"en\">{}</small></th>", safe(zh), safe(en));
    }
    if super::rows::kinds_of(&reading.about).next().is_some() {
        html += "<th scope=\"col\">文件<br><small lang=\"en\">File</small></th>";
    }
    html + "</tr></thead><tbody>\n"
}

/// A row; `file` is its place in the archive.
pub(super) fn row(reading: &Reading, row: &Row, file: Option<&str>) -> String {
    let mut html = "<tr>".to_owned();
    for (column, value) in reading.columns.iter().zip(&row.values) {
        html += &format!("<td>{}</td>", cell(column, value));
    }
    if super::rows::kinds_of(&reading.about).next().is_some() {
        let file = file.map(safe).map(|path| match path.starts_with("audio/") {
            true => {
                format!("<audio controls preload=\"none\" src=\"{path}\"></audio><br><a href=\"{path}\">{path}</a>")
            }
            false => format!("<a href=\"{path}\">{path}</a>"),
        });
        html += &format!("<td>{}</td>", file.unwrap_or_default());
    }
    html + "</tr>\n"
}

fn cell(column: &Shown, value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) if map::is_time(column.column()) => {
            text.parse().map_or_else(|_| safe(text), |at: Timestamp| moment(at))
        }
        Value::String(text) => safe(text),
        Value::Object(_) | Value::Array(_) => {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            format!(
                "<details><summary>详情 <span lang=\"en\">details</span></summary><pre>{}</pre></details>",
                safe(&text)
            )
        }
        other => safe(&other.to_string()),
    }
}

/// The end of a table.
pub(super) const END_TABLE: &str = "</tbody></table></section>\n";

/// The end of the page.
pub(super) const END: &str = "</body></html>\n";

/// The moment of a row, for `data.json`.
pub(super) fn moment_of(at_ms: Option<i64>) -> Option<String> {
    at_ms.map(|at| time(at).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_is_text_and_nothing_else() {
        let column = Shown::Plain("comment", "评语", "Comment");
        let cell = cell(&column, &Value::from("<script src='x'>\"&\"</script>"));
        assert_eq!(cell, "&lt;script src=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/script&gt;");
    }

    #[test]
    fn moments_are_told_as_in_beijing() {
        let column = Shown::Plain("created_at", "时间", "Time");
        assert_eq!(super::cell(&column, &Value::from("2026-03-02T20:00:00Z")), "2026-03-03 04:00");
    }
}
