//! The manifest: lines of JSON, each asking for one recording to be scored. A line that makes no sense is a request
//! that will be answered with an error; only a file that cannot be read ends the run.

use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::line::{Request, Task};
use crate::ear::HearError;

/// Longest line that is taken, in bytes.
const LINE_MAX: u64 = 1024 * 1024;

#[derive(Deserialize)]
struct Line {
    audio: PathBuf,
    text: String,
    phones: Option<Vec<Vec<String>>>,
}

/// The requests of a manifest in `folder`. Blank lines are passed over.
pub(super) fn requests(
    mut reader: Box<dyn BufRead + Send>,
    folder: PathBuf,
) -> impl Iterator<Item = io::Result<Request>> + Send {
    let mut number = 0;
    std::iter::from_fn(move || {
        loop {
            number += 1;
            match next_line(&mut *reader) {
                Ok(None) => return None,
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => return Some(Ok(request(&line, number, &folder))),
                Err(error) => return Some(Err(error)),
            }
        }
    })
    // After an error the same error would come for ever.
    .scan(false, |ended, item| {
        if *ended {
            return None;
        }
        *ended = item.is_err();
        Some(item)
    })
}

/// The next line, cut off one byte past the longest; the rest of a longer one is skipped.
fn next_line(reader: &mut (dyn BufRead + Send)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if (&mut *reader).take(LINE_MAX + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 > LINE_MAX && line.last() != Some(&b'\n') {
        reader.skip_until(b'\n')?;
    }
    Ok(Some(line))
}

fn request(line: &[u8], number: usize, folder: &Path) -> Request {
    let wrong = |id: Value, reason: String| Request {
        id,
        line: Some(number),
        task: Err(HearError::Line { code: "bad_line", reason: format!("line {number}: {reason}") }),
    };
    if line.len() as u64 > LINE_MAX {
        return wrong(Value::Null, format!("longer than {LINE_MAX} bytes"));
    }
    let mut value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => return wrong(Value::Null, format!("not JSON: {error}")),
    };
    let Some(object) = value.as_object_mut() else {
        return wrong(Value::Null, "not a JSON object".to_owned());
    };
    let id = object.remove("id").unwrap_or_default();
    if !id.is_string() && !id.is_number() {
        return wrong(Value::Null, "`id` must be a string or a number".to_owned());
    }
    match serde_json::from_value::<Line>(value) {
        Ok(Line { audio, text, phones }) => {
            let beside = folder.join(&audio);
            Request { id, line: Some(number), task: Ok(Task { audio: vec![audio, beside], text, phones }) }
        }
        Err(error) => wrong(id, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(text: impl Into<Vec<u8>>) -> Vec<Request> {
        requests(Box::new(Cursor::new(text.into())), PathBuf::from("folder")).map(Result::unwrap).collect()
    }

    #[test]
    fn good_and_bad_lines_keep_their_order_and_number() {
        let requests = read(
            "{\"id\":\"a\",\"audio\":\"a.wav\",\"text\":\"A cat.\"}\n\nnot json\n[1]\n{\"id\":7,\"audio\":\"b.wav\"}\n{\"audio\":\"c\",\"text\":\"x\"}",
        );
        assert_eq!(requests.len(), 5);
        let task = requests[0].task.as_ref().unwrap();
        assert_eq!(task.audio, [PathBuf::from("a.wav"), PathBuf::from("folder/a.wav")]);
        assert_eq!((&requests[1].id, requests[1].line), (&Value::Null, Some(3)));
        assert!(requests[1].task.is_err() && requests[2].task.is_err());
        assert_eq!((&requests[3].id, requests[3].line), (&Value::from(7), Some(5)));
        let error = requests[3].task.as_ref().err().unwrap().to_string();
        assert!(error.contains("text"), "{error}");
        assert_eq!((&requests[4].id, requests[4].line), (&Value::Null, Some(6)));
    }

    #[test]
    fn an_endless_line_is_one_bad_line() {
        let mut text = vec![b'x'; 3 * LINE_MAX as usize];
        text.extend_from_slice(b"\n{\"id\":1,\"audio\":\"a\",\"text\":\"b\"}\n");
        let requests = read(text);
        assert_eq!(requests.len(), 2);
        assert!(requests[0].task.is_err() && requests[1].task.is_ok());
    }

    #[test]
    fn bytes_that_are_no_text_are_a_bad_line() {
        assert!(read(vec![0xff, 0xfe, b'\n'])[0].task.is_err());
    }
}
