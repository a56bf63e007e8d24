//! A real PostgreSQL for the tests: one server for each test process, on loopback and a free port, ended with the process; its
//! folder goes with it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

/// The server that runs.
struct Server {
    port: u16,
}

/// Runs a server as long as the shell that does so is not interrupted, then removes its folder: the tests' process, which has
/// made it, may end in any way.
const UNTIL_INTERRUPTED: &str =
    r#"folder=$1; shift; "$@" & server=$!; trap 'kill -INT $server' INT; wait $server; wait $server; rm -rf "$folder""#;

/// The URL of a new, empty database.
pub async fn new_database() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let port = server().port;
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let url = |name: &str| format!("postgres://postgres@127.0.0.1:{port}/{name}");
    let mut admin = connect(&url("postgres")).await;
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    url(&name)
}

async fn connect(url: &str) -> PgConnection {
    for _ in 0..200 {
        if let Ok(connection) = PgConnection::connect(url).await {
            return connection;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("PostgreSQL was started and does not answer");
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        let data = folder.join("data");
        std::fs::create_dir(&data).unwrap();
        if is_root() {
            // PostgreSQL refuses to run as root; Debian's package brings the user.
            assert!(Command::new("chown").arg("-R").arg("postgres").arg(&folder).status().unwrap().success());
        }
        let made = as_postgres(&program("initdb"))
            .args(["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        start(&folder, &data, port);
        Server { port }
    })
}

/// Starts the server from a thread that lives as long as the process: the kernel interrupts the shell when that thread ends.
fn start(folder: &Path, data: &Path, port: u16) {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["sh", "-c", UNTIL_INTERRUPTED, "sh"]).arg(folder);
    command.arg(program("postgres")).arg("-D").arg(data).args(["-p", &port.to_string(), "-k"]).arg(data);
    command.args(["-h", "127.0.0.1", "-F", "-c", "max_connections=300", "-c", "shared_buffers=16MB"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    std::thread::spawn(move || {
        let mut server = command.spawn().expect("setpriv, of util-linux, starts PostgreSQL");
        let ended = server.wait();
        panic!("PostgreSQL has ended: {ended:?}");
    });
}

fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// Debian keeps the server's programs out of the path, a folder for each version.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(name))
}
