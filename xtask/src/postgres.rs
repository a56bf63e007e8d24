//! A PostgreSQL of one's own for the bench: a new server on a free port of this machine, gone when it is dropped.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that runs. It has the settings that PostgreSQL comes with: a commit waits for the disk.
pub(crate) struct Postgres {
    process: Child,
    port: u16,
}

impl Postgres {
    /// Starts one with its data in `folder`. `None` if there is no PostgreSQL on this machine.
    pub(crate) fn start(folder: &Path) -> Result<Option<Self>, String> {
        let Some(programs) = programs() else { return Ok(None) };
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let root = as_root();
        if root {
            // PostgreSQL refuses to run as root; Debian's package brings the user.
            done(Command::new("chown").arg("postgres").arg(folder))?;
        }
        let data = folder.join("data");
        let mut init = as_postgres(root, &programs.join("initdb"));
        init.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D"]).arg(&data);
        done(init.stdout(Stdio::null()))?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let mut server = as_postgres(root, &programs.join("postgres"));
        server.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"]).arg(&data);
        server.stdout(Stdio::null()).stderr(Stdio::null());
        let process = server.spawn().map_err(|error| format!("postgres: {error}"))?;
        let postgres = Self { process, port };
        for name in ["school", "keys"] {
            postgres.create(&programs, name)?;
        }
        Ok(Some(postgres))
    }

    /// Address of one of its databases: `school` or `keys`.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn create(&self, programs: &Path, name: &str) -> Result<(), String> {
        let mut problem = String::new();
        for _ in 0..100 {
            let mut create = Command::new(programs.join("createdb"));
            create
                .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", name])
                .stderr(Stdio::null());
            match done(&mut create) {
                Ok(()) => return Ok(()),
                // Not yet ready.
                Err(error) => problem = error,
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(problem)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its children end when they see that it is gone.
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// Debian keeps the server's programs out of the path, a folder for each version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.retain(|folder| folder.join("initdb").is_file());
    found.sort();
    found.pop()
}

fn as_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn as_postgres(root: bool, program: &Path) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn done(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{:?}: {status}", command.get_program())),
        Err(error) => Err(format!("{:?}: {error}", command.get_program())),
    }
}
