//! Several sinks: where they begin, what is lost, who waits for whom, how they end.

use std::fs;
use std::os::unix::net::UnixListener;

use super::http::Server;
use super::*;

#[test]
fn where_sinks_begin() {
    type Row = (&'static str, Begin, Option<u64>, &'static [u64], u64);
    let rows: [Row; 6] = [
        ("new", Begin::Now, None, &[6], 0),
        (
            "new, from the beginning",
            Begin::Beginning,
            None,
            &[3, 4, 5, 6],
            0,
        ),
        ("known", Begin::Now, Some(4), &[5, 6], 0),
        (
            "known, from the beginning",
            Begin::Beginning,
            Some(4),
            &[5, 6],
            0,
        ),
        ("known, with a gap", Begin::Now, Some(1), &[3, 4, 5, 6], 1),
        ("known, in front of the log", Begin::Now, Some(9), &[6], 0),
    ];
    for (name, from, cursor, expected, skipped) in rows {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        let memory = Memory::with(5);
        memory.delete(|id| id < 3);
        if let Some(cursor) = cursor {
            memory.set_cursor("archive", cursor);
        }
        let settings = SinkSettings {
            from,
            ..file("archive", &path)
        };
        let shipping = start(&memory, &[settings], limits());
        wait_until_empty(&memory, &shipping, "archive");
        memory.add(1);
        shipping.wake();
        wait_until_empty(&memory, &shipping, "archive");
        assert_eq!(ids(&fs::read_to_string(&path).unwrap()), expected, "{name}");
        assert_eq!(status(&shipping, "archive").skipped, skipped, "{name}");
    }
}

#[test]
fn a_log_that_is_empty_at_first_has_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let memory = Memory::with(100);
    memory.delete(|_| true);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    wait_for("a cursor", || memory.cursor_of("archive") == Some(0));
    memory.add(1);
    shipping.wake();
    wait_until_empty(&memory, &shipping, "archive");
    assert_eq!(ids(&fs::read_to_string(&path).unwrap()), [101]);
    // After it has seen the log, everything it misses is a loss, even if nothing is left.
    shipping.stop();
    memory.add(7);
    memory.delete(|_| true);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    wait_for("a position", || {
        status(&shipping, "archive").behind == Some(0)
    });
    memory.add(1);
    shipping.wake();
    wait_until_empty(&memory, &shipping, "archive");
    assert_eq!(ids(&fs::read_to_string(&path).unwrap()), [101, 109]);
    assert_eq!(status(&shipping, "archive").skipped, 7);
}

#[test]
fn rows_that_go_during_an_outage_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later").join("calls.jsonl");
    let memory = Memory::with(700);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    wait_for("an outage", || {
        status(&shipping, "archive").failing_since.is_some()
    });
    memory.add(300);
    // The batch that is being delivered (1 to 500) is not lost; 501 to 800 are. 900 was removed.
    memory.delete(|id| id <= 800 || id == 900);
    fs::create_dir(path.parent().unwrap()).unwrap();
    wait_until_empty(&memory, &shipping, "archive");
    let expected: Vec<u64> = (1..=500).chain(801..=899).chain(901..=1000).collect();
    assert_eq!(ids(&fs::read_to_string(&path).unwrap()), expected);
    let status = status(&shipping, "archive");
    assert_eq!((status.delivered, status.skipped), (699, 300));
}

#[test]
fn a_wake_is_heard_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let memory = Memory::with(0);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    wait_for("a cursor", || memory.cursor_of("archive").is_some());
    let mut slowest = Duration::ZERO;
    for id in 1..=20 {
        memory.add(1);
        let woken = Instant::now();
        shipping.wake();
        wait_for("a line", || memory.cursor_of("archive") == Some(id));
        slowest = slowest.max(woken.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    assert_eq!(
        ids(&fs::read_to_string(&path).unwrap()),
        (1..=20).collect::<Vec<u64>>()
    );
}

#[test]
fn a_sink_that_hangs_delays_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let socket = folder.path().join("calls.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let server = Server::start(&[0]);
    let memory = Memory::with(1);
    let sinks = [
        server.sink(None),
        sink("collector", SinkTarget::Unix { path: socket }),
        file("archive", &path),
    ];
    let limits = Limits {
        request: Duration::from_secs(600),
        patience: Duration::from_secs(600),
        stop: Duration::from_millis(200),
        ..limits()
    };
    let shipping = start(&memory, &sinks, limits);
    wait_for("a request", || !server.requests().is_empty());
    let begun = Instant::now();
    for id in 2..=20 {
        memory.add(1);
        shipping.wake();
        wait_for("a line", || memory.cursor_of("archive") == Some(id));
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
    let statuses = shipping.statuses();
    let behind: Vec<_> = statuses.iter().map(|sink| sink.behind).collect();
    assert_eq!(behind, [Some(20), Some(20), Some(0)]);
    assert!(statuses.iter().all(|sink| sink.last_error.is_none()));
    let stopped = Instant::now();
    shipping.stop();
    shipping.wake();
    drop(shipping);
    assert!(stopped.elapsed() < Duration::from_secs(2));
    assert_eq!(memory.cursor_of("siem"), Some(0));
}

#[test]
fn a_log_that_cannot_be_read_or_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let memory = Memory::with(2);
    memory.set_cursor("archive", 0);
    memory.is_unreadable.store(true, Ordering::SeqCst);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    let error = |part: &str| {
        wait_for(part, || {
            let status = status(&shipping, "archive");
            let error = status.last_error.filter(|_| status.failing_since.is_some());
            error.is_some_and(|error| error.contains(part))
        });
    };
    error("the calls' log cannot be read: disk I/O error");
    memory.is_read_only.store(true, Ordering::SeqCst);
    memory.is_unreadable.store(false, Ordering::SeqCst);
    error("cannot be remembered, so nothing more is: the disk is full");
    memory.add(2);
    shipping.wake();
    assert_eq!(ids(&fs::read_to_string(&path).unwrap()), [1, 2]);
    memory.is_read_only.store(false, Ordering::SeqCst);
    wait_until_empty(&memory, &shipping, "archive");
    assert_eq!(ids(&fs::read_to_string(&path).unwrap()), [1, 2, 3, 4]);
}

#[test]
fn sinks_are_replaced_while_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let memory = Memory::with(2);
    let sinks = [
        file("same", path("same")),
        file("moved", path("old")),
        file("gone", path("gone")),
    ];
    let shipping = start(&memory, &sinks, limits());
    for name in ["same", "moved", "gone"] {
        wait_until_empty(&memory, &shipping, name);
    }
    shipping.replace(vec![
        file("new", path("new")),
        file("moved", path("moved")),
        file("same", path("same")),
    ]);
    memory.add(1);
    shipping.wake();
    for name in ["same", "moved", "new"] {
        wait_until_empty(&memory, &shipping, name);
    }
    let names: Vec<String> = shipping.statuses().into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["new", "moved", "same"]);
    assert_eq!(status(&shipping, "same").delivered, 3);
    assert_eq!(status(&shipping, "moved").delivered, 1);
    let rows: [(&str, &[u64]); 5] = [
        ("same", &[1, 2, 3]),
        ("old", &[1, 2]),
        ("moved", &[3]),
        ("gone", &[1, 2]),
        ("new", &[1, 2, 3]),
    ];
    for (name, expected) in rows {
        let text = fs::read_to_string(path(name)).unwrap();
        assert_eq!(ids(&text), expected, "{name}");
    }
    // A sink that comes back continues where it was.
    shipping.replace(sinks.to_vec());
    wait_until_empty(&memory, &shipping, "gone");
    assert_eq!(ids(&fs::read_to_string(path("gone")).unwrap()), [1, 2, 3]);
    shipping.stop();
    shipping.replace(vec![file("late", path("late"))]);
    assert_eq!(memory.cursor_of("late"), None);
}

#[test]
fn a_sink_that_hangs_ends_before_its_successor_begins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let server = Server::start(&[0]);
    let memory = Memory::with(2);
    let limits = Limits {
        request: Duration::from_millis(500),
        ..limits()
    };
    let shipping = start(&memory, &[server.sink(None)], limits);
    wait_for("a request", || !server.requests().is_empty());
    let replaced = Instant::now();
    shipping.replace(vec![file("siem", &path)]);
    assert!(replaced.elapsed() < Duration::from_millis(300));
    wait_until_empty(&memory, &shipping, "siem");
    assert_eq!(ids(&fs::read_to_string(&path).unwrap()), [1, 2]);
    assert_eq!(server.requests().len(), 1);
}
