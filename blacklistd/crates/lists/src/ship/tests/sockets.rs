//! Unix stream sockets: readers that leave, return, or do not read.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use super::*;

fn unix(path: &Path) -> SinkSettings {
    sink("collector", SinkTarget::Unix { path: path.into() })
}

fn accept(listener: &UnixListener) -> BufReader<UnixStream> {
    listener.set_nonblocking(true).unwrap();
    let mut stream = None;
    wait_for("a connection", || {
        stream = listener.accept().ok();
        stream.is_some()
    });
    let (stream, _) = stream.unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    // Less than a line, so that unread data stays in the kernel.
    BufReader::with_capacity(16, stream)
}

/// Reads `count` lines; an incomplete one at the end of the stream does not count.
fn read_lines(reader: &mut BufReader<UnixStream>, count: usize) -> Vec<u64> {
    let mut text = String::new();
    for _ in 0..count {
        let before = text.len();
        reader.read_line(&mut text).unwrap();
        if !text.ends_with('\n') {
            text.truncate(before);
            break;
        }
    }
    ids(&text)
}

#[test]
fn a_reader_that_goes_in_the_middle_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let memory = Memory::with(2000);
    let shipping = start(&memory, &[unix(&path)], limits());
    let mut reader = accept(&listener);
    let mut read = read_lines(&mut reader, 777);
    assert_eq!(read, (1..=777).collect::<Vec<u64>>());
    drop(reader);
    let mut reader = accept(&listener);
    let again = read_lines(&mut reader, 1500);
    assert_eq!(again, (501..=2000).collect::<Vec<u64>>());
    wait_until_empty(&memory, &shipping, "collector");
    read.extend(again);
    let distinct: BTreeSet<u64> = read.iter().copied().collect();
    assert_eq!(distinct.len(), 2000);
    assert!(read.len() - distinct.len() <= 500);
    assert_eq!(status(&shipping, "collector").delivered, 2000);
}

#[test]
fn what_was_written_and_not_read_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let memory = Memory::with(3);
    let shipping = start(&memory, &[unix(&path)], limits());
    let mut reader = accept(&listener);
    // All of it is in the kernel, and 1 line was read.
    assert_eq!(read_lines(&mut reader, 1), [1]);
    assert_eq!(status(&shipping, "collector").delivered, 0);
    assert_eq!(memory.cursor_of("collector"), Some(0));
    drop(reader);
    let mut reader = accept(&listener);
    assert_eq!(read_lines(&mut reader, 3), [1, 2, 3]);
    wait_until_empty(&memory, &shipping, "collector");
    // A reader that leaves while there is nothing to read is not a failure.
    drop(reader);
    let before = status(&shipping, "collector").last_error;
    memory.add(1);
    shipping.wake();
    let mut reader = accept(&listener);
    assert_eq!(read_lines(&mut reader, 1), [4]);
    wait_until_empty(&memory, &shipping, "collector");
    assert_eq!(status(&shipping, "collector").last_error, before);
}

#[test]
fn nobody_listens_and_nobody_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.sock");
    let memory = Memory::with(3);
    let shipping = start(&memory, &[unix(&path)], limits());
    let error = |part: &str| {
        wait_for(part, || {
            let error = status(&shipping, "collector").last_error;
            error.is_some_and(|error| error.contains(part))
        });
    };
    error("cannot connect to ");
    error(path.to_str().unwrap());
    let listener = UnixListener::bind(&path).unwrap();
    error("the reader does not read");
    assert_eq!(status(&shipping, "collector").behind, Some(3));
    let read = Instant::now();
    let mut seen = BTreeSet::new();
    while seen.len() < 3 && read.elapsed() < DEADLINE {
        seen.extend(read_lines(&mut accept(&listener), 3));
    }
    assert_eq!(seen, BTreeSet::from([1, 2, 3]));
}

#[test]
fn a_slow_reader_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let memory = Memory::with(0);
    for _ in 0..8 {
        memory.add_text(&"x".repeat(100_000));
    }
    let shipping = start(&memory, &[unix(&path)], limits());
    let mut reader = accept(&listener);
    for id in 1..=8 {
        // Longer than the patience in total, shorter for each read.
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(read_lines(&mut reader, 1), [id]);
    }
    wait_until_empty(&memory, &shipping, "collector");
    assert_eq!(status(&shipping, "collector").last_error, None);
}
