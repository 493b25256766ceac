//! A log of calls in memory, and tables of decisions; sinks are tested in the files next to it.

mod files;
mod http;
mod journald;
mod shipping;
mod sockets;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::progress::Progress;
use super::*;
use blacklist_figures::SinkStatus;

/// How long a test waits for an expected event.
const DEADLINE: Duration = Duration::from_secs(20);

/// A calls' log.
#[derive(Default)]
struct Memory {
    rows: Mutex<Vec<LogLine>>,
    last: Mutex<u64>,
    cursors: Mutex<BTreeMap<String, u64>>,
    is_unreadable: AtomicBool,
    is_read_only: AtomicBool,
}

impl Memory {
    fn with(rows: u64) -> Arc<Self> {
        let memory = Arc::new(Self::default());
        memory.add(rows);
        memory
    }

    fn add(&self, rows: u64) {
        for _ in 0..rows {
            self.add_text("");
        }
    }

    fn add_text(&self, text: &str) {
        let mut last = self.last.lock().unwrap();
        *last += 1;
        self.rows.lock().unwrap().push(LogLine {
            id: *last,
            json: format!("{{\"id\":{last},\"text\":\"{text}\"}}"),
        });
    }

    fn delete(&self, is_gone: impl Fn(u64) -> bool) {
        self.rows.lock().unwrap().retain(|line| !is_gone(line.id));
    }

    fn cursor_of(&self, sink: &str) -> Option<u64> {
        self.cursors.lock().unwrap().get(sink).copied()
    }

    fn set_cursor(&self, sink: &str, id: u64) {
        self.cursors.lock().unwrap().insert(sink.to_owned(), id);
    }
}

impl Source for Memory {
    fn after(&self, id: u64, limit: usize) -> Result<Vec<LogLine>, String> {
        if self.is_unreadable.load(Ordering::SeqCst) {
            return Err("disk I/O error".to_owned());
        }
        let rows = self.rows.lock().unwrap();
        let behind = rows.iter().filter(|line| line.id > id);
        Ok(behind.take(limit).cloned().collect())
    }

    fn ends(&self) -> Result<(u64, u64), String> {
        let rows = self.rows.lock().unwrap();
        let id = |line: Option<&LogLine>| line.map_or(0, |line| line.id);
        Ok((id(rows.first()), id(rows.last())))
    }

    fn cursor(&self, sink: &str) -> Result<Option<u64>, String> {
        Ok(self.cursor_of(sink))
    }

    fn keep_cursor(&self, sink: &str, id: u64) -> Result<(), String> {
        if self.is_read_only.load(Ordering::SeqCst) {
            return Err("the disk is full".to_owned());
        }
        self.set_cursor(sink, id);
        Ok(())
    }
}

/// Short times, except for that without a wake-up.
fn limits() -> Limits {
    Limits {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(50),
        idle: Duration::from_secs(600),
        pace: Duration::from_millis(1),
        patience: Duration::from_millis(300),
        connect: Duration::from_secs(2),
        request: Duration::from_secs(2),
        stop: Duration::from_secs(2),
    }
}

fn sink(name: &str, target: SinkTarget) -> SinkSettings {
    SinkSettings {
        name: name.to_owned(),
        target,
        from: Begin::Beginning,
    }
}

fn file(name: &str, path: impl Into<PathBuf>) -> SinkSettings {
    sink(name, SinkTarget::File { path: path.into() })
}

fn start(memory: &Arc<Memory>, sinks: &[SinkSettings], limits: Limits) -> Shipping {
    let source: Arc<dyn Source> = Arc::<Memory>::clone(memory);
    Shipping::with_limits(sinks.to_vec(), source, limits)
}

fn status(shipping: &Shipping, name: &str) -> SinkStatus {
    let mut statuses = shipping.statuses().into_iter();
    statuses.find(|status| status.name == name).unwrap()
}

/// Waits until a condition is true.
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until a sink has nothing left to deliver and has stored its cursor.
fn wait_until_empty(memory: &Memory, shipping: &Shipping, name: &str) {
    wait_for(name, || {
        let newest = memory.ends().unwrap().1;
        memory.cursor_of(name) == Some(newest)
            && status(shipping, name).behind == Some(0)
            && status(shipping, name).failing_since.is_none()
    });
}

/// Ids of lines, in order.
fn ids(text: &str) -> Vec<u64> {
    text.lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect(line);
            value["id"].as_u64().unwrap()
        })
        .collect()
}

#[test]
fn pauses_grow_up_to_the_longest() {
    let limits = Limits::default();
    let rows = [
        ("first", 1, false, 500),
        ("second", 2, false, 1000),
        ("sixth", 6, false, 16_000),
        ("seventh", 7, false, 30_000),
        ("one of many", 4_000_000_000, false, 30_000),
        ("refused", 1, true, 30_000),
    ];
    for (name, failures, is_refusal, expected) in rows {
        let pause = limits.pause(failures, is_refusal);
        assert_eq!(pause, Duration::from_millis(expected), "{name}");
    }
}

#[test]
fn places_have_no_secrets() {
    let http = |url: &str| SinkTarget::Http {
        url: url.to_owned(),
        token_file: Some("/etc/blacklist/token".into()),
    };
    let rows = [
        (
            http("https://a.example/x?key=secret"),
            "https://a.example/x",
        ),
        (http("https://a.example/x"), "https://a.example/x"),
        (
            SinkTarget::File {
                path: "/var/log/x".into(),
            },
            "/var/log/x",
        ),
    ];
    for (target, expected) in rows {
        assert_eq!(target.place(), expected);
    }
}

/// What `work` logs on this thread.
fn logged(work: impl FnOnce()) -> Vec<String> {
    use tracing_subscriber::layer::SubscriberExt as _;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .with_writer(move || writer.clone());
    let filter = tracing_subscriber::filter::LevelFilter::INFO;
    let subscriber = tracing_subscriber::registry().with(filter).with(layer);
    tracing::subscriber::with_default(subscriber, work);
    let bytes = log.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn an_outage_is_told_once() {
    let progress = Progress::new(&file("archive", "/var/log/x"));
    let lines = logged(|| {
        for failure in 1..=100 {
            assert_eq!(progress.failed("the disk is full"), failure);
        }
        progress.recovered();
        progress.recovered();
        for _ in 0..100 {
            progress.skipped(3);
        }
        progress.caught_up();
        progress.caught_up();
        assert_eq!(progress.failed("it is gone"), 1);
        progress.skipped(1);
    });
    let expected = [
        "WARN sink \"archive\" (file /var/log/x): the disk is full; it is tried again",
        "INFO sink \"archive\" (file /var/log/x): calls are shipped again; they were not since ",
        "WARN sink \"archive\" (file /var/log/x): 3 calls deleted before shipping",
        "INFO sink \"archive\" (file /var/log/x): everything is shipped, 300 calls",
        "WARN sink \"archive\" (file /var/log/x): it is gone; it is tried again",
        "WARN sink \"archive\" (file /var/log/x): 1 call deleted before",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    let status = progress.status(Some((200, 500)));
    assert_eq!(status.skipped, 301);
    assert_eq!(status.last_error.as_deref(), Some("it is gone"));
    assert!(status.failing_since.is_some());
    assert_eq!(status.behind, None);
    for (name, position, expected) in [
        ("in the log", 400, Some(100)),
        ("before it", 7, Some(301)),
        ("at its end", 500, Some(0)),
        ("behind it", 600, Some(0)),
    ] {
        progress.at(position);
        assert_eq!(progress.status(Some((200, 500))).behind, expected, "{name}");
    }
    progress.at(0);
    assert_eq!(progress.status(Some((0, 0))).behind, Some(0));
}
