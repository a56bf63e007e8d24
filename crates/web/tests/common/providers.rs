//! Providers outside, played by the test: a mail server and a gateway for text messages, on this machine.

use std::collections::BTreeMap;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What came in last, waited for.
pub struct Inbox<T> {
    pub url: String,
    receiver: UnboundedReceiver<T>,
}

impl<T> Inbox<T> {
    pub async fn next(&mut self) -> T {
        tokio::time::timeout(Duration::from_secs(30), self.receiver.recv()).await.expect("something comes").unwrap()
    }

    /// Whether nothing has come.
    pub fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }
}

/// A mail as the server took it.
pub struct TakenMail {
    pub to: String,
    pub raw: Vec<u8>,
}

/// A mail server that takes everything; with `refusing`, nothing.
pub async fn mail_server(refusing: bool) -> Inbox<TakenMail> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, sender.clone(), refusing));
        }
    });
    Inbox { url, receiver }
}

async fn converse(stream: TcpStream, sender: UnboundedSender<TakenMail>, refusing: bool) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test\r\n").await.unwrap();
    let (mut line, mut to) = (String::new(), String::new());
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME\r\n",
            "MAIL" => "250 fine\r\n",
            "RCPT" if refusing => "550 no such mailbox\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap().to_owned();
                "250 fine\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                let mut raw = Vec::new();
                while !raw.ends_with(b"\r\n.\r\n") {
                    stream.read_until(b'\n', &mut raw).await.unwrap();
                }
                raw.truncate(raw.len() - 3);
                sender.send(TakenMail { to: to.clone(), raw }).unwrap();
                "250 taken\r\n"
            }
            "QUIT" => break,
            _ => "502 what?\r\n",
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        line.clear();
    }
}

/// A request as the gateway took it.
pub struct TakenRequest {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A web server that answers everything like this.
pub async fn gateway(status: &'static str, answer: &'static str) -> Inbox<TakenRequest> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            sender.send(take(&mut stream).await).unwrap();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
        }
    });
    Inbox { url, receiver }
}

async fn take(stream: &mut BufReader<TcpStream>) -> TakenRequest {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    TakenRequest { method, target, headers, body }
}

impl TakenRequest {
    /// The parameters in the address, decoded.
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let url = url::Url::parse(&format!("http://gateway{}", self.target)).unwrap();
        url.query_pairs().into_owned().collect()
    }

    /// Whether the request bears Alibaba Cloud's signature of this account, computed anew from what arrived.
    pub fn is_signed(&self, key_id: &str, secret: &str) -> bool {
        let Some(rest) = self.headers["authorization"].strip_prefix("ACS3-HMAC-SHA256 ") else { return false };
        let parts: BTreeMap<&str, &str> = rest.split(',').filter_map(|part| part.split_once('=')).collect();
        let (path, query) = self.target.split_once('?').unwrap();
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        let mut canonical = format!("{}\n{path}\n{}\n", self.method, pairs.join("&"));
        for name in parts["SignedHeaders"].split(';') {
            canonical += &format!("{name}:{}\n", self.headers[name]);
        }
        let hashed = super::school::hex(&Sha256::digest(&self.body));
        canonical += &format!("\n{}\n{hashed}", parts["SignedHeaders"]);
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", super::school::hex(&Sha256::digest(canonical)));
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(to_sign.as_bytes());
        // Everything that says who calls what, and when, is signed.
        let signed: Vec<&str> = parts["SignedHeaders"].split(';').collect();
        let enough =
            ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"]
                .iter()
                .all(|name| signed.contains(name));
        enough
            && hashed == self.headers["x-acs-content-sha256"]
            && parts["Credential"] == key_id
            && parts["Signature"] == super::school::hex(&mac.finalize().into_bytes())
    }
}
