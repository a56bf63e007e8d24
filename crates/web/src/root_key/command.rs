//! The root key from a command: for key management services.

use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// More than any root key needs; a command that writes on and on is not waited for.
const LONGEST: u64 = 64 * 1024;
/// How often it is looked whether a command that has closed its output has ended.
const LOOK: Duration = Duration::from_millis(10);

/// A command and how long it may take.
#[derive(Clone)]
pub struct Command {
    words: Vec<String>,
    seconds: u32,
}

impl Command {
    /// `words`: the program, then its arguments.
    pub fn new(words: Vec<String>, seconds: u32) -> Self {
        Self { words, seconds }
    }

    /// Runs it, without a shell, and answers what it writes to standard output. What it writes to standard error is left for
    /// the operator to see.
    ///
    /// # Errors
    /// A line for the operator: it cannot be started, takes too long, fails, or does not write text.
    pub fn run(&self) -> Result<String, String> {
        let (program, arguments) = self.words.split_first().ok_or("`root_key_command` is empty")?;
        let mut child = std::process::Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run {program} (`root_key_command`): {error}"))?;
        let text = self.output(&mut child, program);
        if text.is_err() {
            // It may have ended by itself; either way nothing is left of it.
            let _ = child.kill();
            let _ = child.wait();
        }
        text
    }

    fn output(&self, child: &mut Child, program: &str) -> Result<String, String> {
        let patience = Duration::from_secs(self.seconds.into());
        let late = || format!("{program} (`root_key_command`) takes longer than {} s", self.seconds);
        let output = child.stdout.take().ok_or_else(|| format!("{program} (`root_key_command`) has no output"))?;
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let read = output.take(LONGEST).read_to_string(&mut text).map(|_| text);
            // Nobody listens any more if it took too long.
            let _ = tell.send(read);
        });
        let text = match told.recv_timeout(patience) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return Err(format!("{program} (`root_key_command`) does not write text")),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(late()),
        };
        let mut waited = Duration::ZERO;
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(text),
                Ok(Some(status)) => return Err(format!("{program} (`root_key_command`) has failed: {status}")),
                Ok(None) if waited < patience => std::thread::sleep(LOOK),
                Ok(None) => return Err(late()),
                Err(error) => return Err(format!("cannot wait for {program} (`root_key_command`): {error}")),
            }
            waited += LOOK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &[&str]) -> Result<String, String> {
        Command::new(words.iter().map(ToString::to_string).collect(), 1).run()
    }

    #[test]
    fn a_command_is_run_without_a_shell() {
        assert_eq!(run(&["echo", "$HOME;", "a  b"]).unwrap(), "$HOME; a  b\n");
    }

    #[test]
    fn what_goes_wrong_is_told_and_names_the_setting() {
        let wrong: [(&[&str], &str); 5] = [
            (&["/no/such/program"], "cannot run"),
            (&["false"], "has failed"),
            (&["sleep", "60"], "longer than 1 s"),
            (&["sh", "-c", "exec >&-; sleep 60"], "longer than 1 s"),
            (&["printf", "\\377"], "does not write text"),
        ];
        for (words, expected) in wrong {
            let error = run(words).unwrap_err();
            assert!(error.contains(expected) && error.contains("root_key_command"), "{error}");
        }
    }
}
