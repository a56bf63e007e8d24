//! TLS, as a browser meets it: the real program with a certificate of its own, and a client that trusts only that one.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::program::{Server, jiayin, refused};

struct Certificate {
    pem: String,
    key: String,
}

impl Certificate {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        Self { pem: made.cert.pem(), key: made.key_pair.serialize_pem() }
    }

    fn write(&self, folder: &Path) {
        std::fs::write(folder.join("cert.pem"), &self.pem).unwrap();
        std::fs::write(folder.join("key.pem"), &self.key).unwrap();
    }

    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()
    }
}

fn program(folder: &Path) -> Command {
    let mut program = jiayin(folder, &["serve", "--demo"]);
    program
        .env("JIAYIN_HTTPS_ADDR", "127.0.0.1:0")
        .env("JIAYIN_PUBLIC_URL", "https://localhost")
        .env("JIAYIN_TLS_CERT_FILE", folder.join("cert.pem"))
        .env("JIAYIN_TLS_KEY_FILE", folder.join("key.pem"));
    program
}

/// What a client that knows this certificate and this version of TLS gets.
async fn ask(
    address: &str,
    trusted: &Certificate,
    version: &'static SupportedProtocolVersion,
    request: &str,
) -> std::io::Result<(ProtocolVersion, String)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let version = stream.get_ref().1.protocol_version().unwrap();
    Ok((version, String::from_utf8_lossy(&answer).to_lowercase()))
}

const GET: &str = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A ClientHello of TLS 1.1: no extension but the list of signatures, which servers ask for first.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 4, 0, 0x2f, 0xc0, 0x13]);
    body.extend([1, 0]);
    let signatures = [0, 13, 0, 6, 0, 4, 4, 1, 2, 1];
    body.extend(u16::try_from(signatures.len()).unwrap().to_be_bytes());
    body.extend(signatures);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(body.len() + 4).unwrap().to_be_bytes());
    record.extend([1, 0]);
    record.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    record.extend(body);
    record
}

#[tokio::test]
async fn clause_7_2_the_site_speaks_tls_of_today_and_plain_http_only_sends_on() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new();
    certificate.write(folder.path());
    let mut server = Server::start(&mut program(folder.path()));
    let address = server.address.strip_prefix("https://").unwrap().to_owned();

    for (version, name) in
        [(&rustls::version::TLS13, ProtocolVersion::TLSv1_3), (&rustls::version::TLS12, ProtocolVersion::TLSv1_2)]
    {
        let (spoken, answer) = ask(&address, &certificate, version, GET).await.unwrap();
        assert_eq!(spoken, name);
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        for header in [
            "strict-transport-security: max-age=31536000",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: same-origin",
            "cross-origin-resource-policy: same-origin",
            "content-security-policy: default-src 'none'; script-src 'self'",
        ] {
            assert!(answer.contains(header), "{header} is missing");
        }
    }
    let mut old = TcpStream::connect(&address).await.unwrap();
    old.write_all(&hello_of_tls_1_1()).await.unwrap();
    let mut answer = Vec::new();
    old.read_to_end(&mut answer).await.unwrap();
    assert_eq!((answer[0], &answer[5..]), (21, &[2, 70][..]), "an alert: protocol_version");

    let plain = server.running.line().rsplit(' ').next().unwrap().to_owned();
    let other = Server { running: server.running, address: plain };
    let request = axum::http::Request::get(format!("{}/home?a=b", other.address)).header("host", "evil.example");
    let (status, headers, _) = other.ask(request, "").await;
    assert_eq!((status.as_u16(), headers["location"].to_str().unwrap()), (308, "https://localhost/home?a=b"));
    let request = axum::http::Request::post(format!("{}/sign-in", other.address));
    assert_eq!(other.ask(request, "identifier=a").await.0.as_u16(), 308, "forms are not read there");
}

#[tokio::test]
async fn clause_3_3_over_tls_the_session_cookie_is_secure_and_this_hosts_alone() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new();
    certificate.write(folder.path());
    let server = Server::start(&mut program(folder.path()));
    let address = server.address.strip_prefix("https://").unwrap();
    let form = format!("identifier=learner11%40demo.example&password={}", jiayin::demo::PASSWORD);
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    );
    let (_, answer) = ask(address, &certificate, &rustls::version::TLS13, &request).await.unwrap();
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(cookie.starts_with("set-cookie: __host-session="), "{answer}");
    for word in ["; secure", "; httponly", "; samesite=", "; path=/"] {
        assert!(cookie.contains(word), "{word} is missing");
    }
}

#[tokio::test]
async fn clause_7_2_without_tls_the_server_stays_on_its_own_machine() {
    let folder = tempfile::tempdir().unwrap();
    let start = |set: &[(&str, &str)]| {
        let mut program = jiayin(folder.path(), &["serve", "--demo"]);
        program.env("JIAYIN_HTTP_ADDR", "0.0.0.0:0").envs(set.iter().copied());
        program
    };
    let said = refused(&mut start(&[]));
    for word in ["http_addr", "tls_cert_file", "acme_domains", "behind_proxy = true"] {
        assert!(said.contains(word), "{said}");
    }
    let said = refused(&mut start(&[("JIAYIN_BEHIND_PROXY", "true")]));
    assert!(said.contains("public_url"), "behind a proxy visitors come over https: {said}");
    let proxy = [("JIAYIN_BEHIND_PROXY", "true"), ("JIAYIN_PUBLIC_URL", "https://school.example")];
    drop(Server::start(&mut start(&proxy)));
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_is_refused_and_a_new_one_is_taken_while_serving() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Certificate::new(), Certificate::new());
    let said = refused(&mut program(folder.path()));
    assert!(said.contains("tls_cert_file"), "{said}");
    first.write(folder.path());
    std::fs::write(folder.path().join("key.pem"), &second.key).unwrap();
    let said = refused(&mut program(folder.path()));
    assert!(said.contains("do not fit"), "{said}");

    first.write(folder.path());
    let server = Server::start(&mut program(folder.path()));
    let address = server.address.strip_prefix("https://").unwrap();
    let version = &rustls::version::TLS13;
    assert!(ask(address, &second, version, GET).await.is_err(), "the client looks at the certificate");
    let hangup = || Command::new("kill").args(["-HUP", &server.running.id().to_string()]).status().unwrap();
    std::fs::write(folder.path().join("cert.pem"), "damaged").unwrap();
    assert!(hangup().success());
    assert!(ask(address, &first, version, GET).await.is_ok(), "the one before stays");
    second.write(folder.path());
    assert!(hangup().success());
    let mut tries = 0;
    while ask(address, &second, version, GET).await.is_err() {
        tries += 1;
        assert!(tries < 200, "the new certificate is not taken");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn with_acme_the_server_asks_the_directory_that_is_configured() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Certificate::new();
    authority.write(folder.path());
    let key = PrivateKeyDer::from_pem_slice(authority.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![authority.der()], key)
        .unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let directory = format!("https://127.0.0.1:{}/directory", tcp.local_addr().unwrap().port());
    let mut program = jiayin(folder.path(), &["serve", "--demo"]);
    program
        .env("JIAYIN_HTTPS_ADDR", "127.0.0.1:0")
        .env("JIAYIN_PUBLIC_URL", "https://school.example")
        .env("JIAYIN_ACME_DOMAINS", "[\"school.example\"]")
        .env("JIAYIN_ACME_CONTACT", "officer@school.example")
        .env("JIAYIN_ACME_DIRECTORY_URL", directory)
        .env("JIAYIN_ACME_CA_FILE", folder.path().join("cert.pem"));
    let server = Server::start(&mut program);
    let (stream, _) = tcp.accept().await.unwrap();
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
    let mut head = vec![0; 14];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head, b"GET /directory");
    drop(server);
}
