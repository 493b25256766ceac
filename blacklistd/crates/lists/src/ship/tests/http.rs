//! Endpoints: a test server with prepared answers.

use std::collections::VecDeque;
use std::fs;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// A request as it arrived.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: String,
}

/// A server that gives prepared answers in order, and then 200. 0 means no answer.
pub(super) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

fn receive(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ")?;
    let length = length.lines().next()?.trim().parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Request { head, body })
}

impl Server {
    pub(super) fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
        };
        let requests = Arc::clone(&server.requests);
        let answers = Arc::clone(&server.answers);
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = receive(&mut stream) else {
                    continue;
                };
                requests.lock().unwrap().push(request);
                let answer = answers.lock().unwrap().pop_front().unwrap_or(200);
                if answer == 0 {
                    silent.push(stream);
                    continue;
                }
                let text = format!(
                    "HTTP/1.1 {answer} Word\r\nLocation: /elsewhere\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                );
                // The client may have closed the connection.
                let _ = stream.write_all(text.as_bytes());
            }
        });
        server
    }

    pub(super) fn sink(&self, token_file: Option<PathBuf>) -> SinkSettings {
        let url = format!("http://{}/calls?key=secret", self.address);
        sink("siem", SinkTarget::Http { url, token_file })
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

#[test]
fn answers_and_what_becomes_of_the_lines() {
    let rows: [(&str, &[u16], Option<&str>); 9] = [
        ("taken", &[204], None),
        ("broken", &[500, 503], Some("the server answers 503")),
        ("busy", &[429], Some("the server answers 429")),
        ("late", &[408], Some("the server answers 408")),
        (
            "not allowed",
            &[401],
            Some("the server answers 401: look at token_file"),
        ),
        (
            "not there",
            &[404],
            Some("the server answers 404: look at url"),
        ),
        (
            "not taken",
            &[400],
            Some("the server answers 400: it does not take these lines"),
        ),
        (
            "elsewhere",
            &[302],
            Some(
                "the server answers 302, which leads elsewhere: write the address that it leads to as url",
            ),
        ),
        ("silent", &[0], Some("the server takes too long")),
    ];
    for (name, answers, expected) in rows {
        let server = Server::start(answers);
        let memory = Memory::with(3);
        let limits = Limits {
            request: Duration::from_millis(300),
            ..limits()
        };
        let shipping = start(&memory, &[server.sink(None)], limits);
        wait_until_empty(&memory, &shipping, "siem");
        let status = status(&shipping, "siem");
        assert_eq!(status.last_error.as_deref(), expected, "{name}");
        assert!(!status.target.contains("secret"), "{name}");
        let requests = server.requests();
        let tries = answers.len() + usize::from(expected.is_some());
        assert_eq!(requests.len(), tries, "{name}");
        for request in requests {
            assert_eq!(ids(&request.body), [1, 2, 3], "{name}");
            assert!(
                request.head.starts_with("post /calls?key=secret http/1.1"),
                "{name}"
            );
            let kind = "content-type: application/x-ndjson\r\n";
            assert!(request.head.contains(kind), "{name}");
            assert!(!request.head.contains("authorization"), "{name}");
        }
    }
}

#[test]
fn a_refusal_is_tried_again_behind_the_longest_pause() {
    let server = Server::start(&[401]);
    let memory = Memory::with(1);
    let limits = Limits {
        longest_pause: Duration::from_millis(400),
        ..limits()
    };
    let shipping = start(&memory, &[server.sink(None)], limits);
    wait_for("a refusal", || {
        status(&shipping, "siem").failing_since.is_some()
    });
    let refused = Instant::now();
    // New rows do not make it any shorter.
    memory.add(1);
    shipping.wake();
    wait_until_empty(&memory, &shipping, "siem");
    assert!(refused.elapsed() > Duration::from_millis(300));
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(|request| ids(&request.body))
        .collect();
    assert_eq!(bodies, [vec![1], vec![1], vec![2]]);
}

#[test]
fn batches_are_bounded() {
    let server = Server::start(&[]);
    let memory = Memory::with(501);
    for _ in 0..2 {
        memory.add_text(&"x".repeat(600 << 10));
    }
    memory.add_text(&"x".repeat(2 << 20));
    memory.add(1);
    let shipping = start(&memory, &[server.sink(None)], limits());
    wait_until_empty(&memory, &shipping, "siem");
    let sizes: Vec<usize> = server
        .requests()
        .iter()
        .map(|request| request.body.lines().count())
        .collect();
    assert_eq!(sizes, [500, 2, 1, 1, 1]);
}

#[test]
fn tokens_are_sent_and_never_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let server = Server::start(&[]);
    let memory = Memory::with(1);
    let shipping = start(&memory, &[server.sink(Some(path.clone()))], limits());
    let error = |part: &str| {
        wait_for(part, || {
            let error = status(&shipping, "siem").last_error;
            assert!(!error.as_deref().unwrap_or_default().contains("s3cret"));
            error.is_some_and(|error| error.contains(part))
        });
    };
    error("cannot read token_file");
    let write = |text: &str, mode: u32| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    write("", 0o600);
    error("must hold one token");
    write("s3cret two", 0o604);
    error("everybody can read token_file");
    error("chmod o= ");
    assert!(server.requests().is_empty());
    write("s3cret\n", 0o640);
    wait_until_empty(&memory, &shipping, "siem");
    // It is read again for each batch.
    write("0ther", 0o600);
    memory.add(1);
    shipping.wake();
    wait_until_empty(&memory, &shipping, "siem");
    let requests = server.requests();
    assert!(
        requests[0]
            .head
            .contains("authorization: bearer s3cret\r\n")
    );
    assert!(requests[1].head.contains("authorization: bearer 0ther\r\n"));
}

#[test]
fn a_server_that_is_not_there() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let memory = Memory::with(1);
    let plain = Server::start(&[]);
    for url in [
        format!("http://{nobody}/?key=secret"),
        format!("https://{}/?key=secret", plain.address),
    ] {
        let target = SinkTarget::Http {
            url,
            token_file: None,
        };
        let shipping = start(&memory, &[sink("siem", target)], limits());
        wait_for("an error", || {
            status(&shipping, "siem").last_error.is_some()
        });
        let error = status(&shipping, "siem").last_error.unwrap();
        assert!(error.starts_with("the server "), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
