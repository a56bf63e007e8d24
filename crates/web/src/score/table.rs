//! The answer for people: a line of scores, and the sentence with its words coloured and marked.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use jiayin_speech::Evaluation;
use jiayin_speech::evaluation::{Verdict, WordEvaluation};
use serde_json::Value;

use super::line::Answer;
use crate::tryout::view::{Grade, verdict_code};

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

fn style(grade: Grade) -> Style {
    let style = Style::new();
    match grade {
        Grade::Good => style.fg_color(Some(AnsiColor::Green.into())),
        Grade::Fair => style.fg_color(Some(AnsiColor::Yellow.into())),
        Grade::Weak => style.fg_color(Some(AnsiColor::Red.into())).bold(),
        Grade::Missed => style.dimmed().strikethrough(),
        Grade::Extra => style.fg_color(Some(AnsiColor::Magenta.into())).italic(),
    }
}

/// Writes an answer.
pub(super) fn write(out: &mut impl Write, answer: &Answer) -> io::Result<()> {
    match answer {
        Answer::Failed { id, error, .. } => {
            let red = style(Grade::Weak);
            write!(out, "{BOLD}{}{BOLD:#}  {red}{}{red:#}", name(id), printable(error))
        }
        Answer::Evaluated { id, evaluation, took_ms } => {
            write!(out, "{BOLD}{}{BOLD:#}  ", name(id))?;
            summary(out, evaluation, *took_ms)?;
            if evaluation.verdict == Verdict::Scored {
                words(out, &evaluation.words)?;
            }
            Ok(())
        }
    }
}

fn name(id: &Value) -> String {
    match id {
        Value::Null => "?".to_owned(),
        Value::String(text) => printable(text),
        other => other.to_string(),
    }
}

/// A file's name may hold anything, control sequences for the terminal too.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn summary(out: &mut impl Write, evaluation: &Evaluation, took_ms: f64) -> io::Result<()> {
    let scores = &evaluation.scores;
    if evaluation.verdict == Verdict::Scored {
        write!(
            out,
            "{BOLD}{:.0}{BOLD:#}  accuracy {:.0}  fluency {:.0}  prosody {:.0}  completeness {:.0}",
            scores.total, scores.accuracy, scores.fluency, scores.prosody, scores.completeness
        )?;
    } else {
        write!(out, "{}", verdict_code(evaluation.verdict))?;
    }
    let seconds = f64::from(evaluation.audio.duration_ms) / 1000.0;
    write!(out, "  {DIM}{seconds:.1} s, {took_ms:.0} ms{DIM:#}")
}

fn words(out: &mut impl Write, words: &[WordEvaluation]) -> io::Result<()> {
    write!(out, "\n ")?;
    for word in words {
        let grade = Grade::of_word(word);
        let style = style(grade);
        let text = if word.text.is_empty() { "…".to_owned() } else { printable(&word.text) };
        write!(out, " {style}{text}{style:#}{DIM}{}{DIM:#}", if grade == Grade::Good { "" } else { grade.sign() })?;
    }
    for word in words {
        for phone in word.phones.iter().filter(|phone| phone.flagged) {
            write!(out, "\n    {}: /{}/", printable(&word.text), phone.ipa)?;
            if let Some(heard) = phone.heard {
                write!(out, " sounded like /{}/", heard.ipa())?;
            }
        }
    }
    Ok(())
}
