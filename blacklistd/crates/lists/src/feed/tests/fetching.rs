//! Fetching from a test server.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::feed::subscription::Source;
use crate::feed::{Fetched, Fetcher, Validators};

/// A server that gives prepared answers, by path, and records its requests.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            answers: Arc::default(),
        };
        let (asked, answers) = (Arc::clone(&server.asked), Arc::clone(&server.answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                    request.push(byte[0]);
                }
                let request = String::from_utf8(request).unwrap();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                asked.lock().unwrap().push(request);
                let answer = answers.lock().unwrap().get(&path).cloned();
                match answer {
                    Some(answer) if answer == "silence" => std::mem::forget(stream),
                    Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                    None => stream
                        .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .unwrap(),
                }
            }
        });
        server
    }

    fn answer(&self, path: &str, head: &str, body: &str) {
        let text = format!(
            "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.answers.lock().unwrap().insert(path.to_owned(), text);
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn last(&self) -> String {
        self.asked
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .to_ascii_lowercase()
    }
}

fn fetch(server: &Server, path: &str, known: &Validators) -> Result<(Fetched, String), String> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x");
    let short = Duration::from_millis(300);
    Fetcher::with_limits(short, short, Duration::from_secs(5))
        .fetch(&Source::Web(server.url(path)), known, 1000, &target)
        .map(|fetched| {
            (
                fetched,
                std::fs::read_to_string(&target).unwrap_or_default(),
            )
        })
        .map_err(|error| error.to_string())
}

#[test]
fn a_server_is_asked_for_what_is_new() {
    let server = Server::start();
    server.answer(
        "/a",
        "200 OK\r\nETag: \"1\"\r\nLast-Modified: Fri, 20 Nov 2026 10:00:00 GMT",
        "+4930\n",
    );
    let known = Validators {
        etag: Some("\"1\"".to_owned()),
        last_modified: Some("Fri, 20 Nov 2026 10:00:00 GMT".to_owned()),
    };
    let fetched = fetch(&server, "/a", &Validators::default()).unwrap();
    assert_eq!(fetched, (Fetched::New(known.clone()), "+4930\n".to_owned()));
    assert!(!server.last().contains("if-none-match"));
    server.answer("/a", "304 Not Modified", "");
    assert_eq!(fetch(&server, "/a", &known).unwrap().0, Fetched::Unchanged);
    assert!(
        server.last().contains("if-none-match: \"1\"\r\n"),
        "{}",
        server.last()
    );
    assert!(
        server
            .last()
            .contains("if-modified-since: fri, 20 nov 2026 10:00:00 gmt\r\n")
    );
    server.answer(
        "/b",
        &format!("302 Found\r\nLocation: {}", server.url("/c")),
        "",
    );
    server.answer("/c", "200 OK", "x");
    assert_eq!(fetch(&server, "/b", &known).unwrap().1, "x");
}

#[test]
fn a_server_that_gives_nothing_is_named() {
    let server = Server::start();
    server.answer("/large", "200 OK", &"1\n".repeat(501));
    server.answer(
        "/loop",
        &format!("302 Found\r\nLocation: {}", server.url("/loop")),
        "",
    );
    server.answer("/error", "500 Oops", "x");
    let mut answers = server.answers.lock().unwrap();
    answers.insert("/silent".to_owned(), "silence".to_owned());
    answers.insert(
        "/short".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".to_owned(),
    );
    drop(answers);
    let rows = [
        ("/missing", "the server answers 404"),
        ("/error", "the server answers 500"),
        ("/large", "larger than 1000 bytes"),
        ("/silent", "it takes too long"),
        ("/loop", "leads on and on"),
        ("/short", "cannot be fetched"),
    ];
    for (path, expected) in rows {
        let start = Instant::now();
        let error = fetch(&server, path, &Validators::default()).unwrap_err();
        assert!(error.contains(expected), "{path}: {error}");
        assert!(start.elapsed() < Duration::from_secs(4), "{path}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let secure = format!("https://{}/x?key=secret", server.address);
    for url in [format!("http://{nobody}/x?key=secret"), secure] {
        let folder = tempfile::tempdir().unwrap();
        let short = Duration::from_millis(300);
        let error = Fetcher::with_limits(short, short, short)
            .fetch(
                &Source::Web(url),
                &Validators::default(),
                1000,
                &folder.path().join("x"),
            )
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("the feed cannot be fetched: "), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
