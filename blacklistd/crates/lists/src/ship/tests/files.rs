//! Files: rotation, torn lines, what was written before a crash.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;
use crate::ship::file::{Written, written};
use crate::ship::sink::text_of;

fn lines(texts: &[&str]) -> Vec<LogLine> {
    (1..)
        .zip(texts)
        .map(|(id, text)| LogLine {
            id,
            json: (*text).to_owned(),
        })
        .collect()
}

#[test]
fn what_of_a_batch_is_written_already() {
    let batch = lines(&["{one}", "{two}", "{three}"]);
    let rows = [
        ("empty", "", true, (0, 0, false)),
        ("other lines", "{zero}\n", true, (0, 0, false)),
        ("first", "{zero}\n{one}\n", true, (1, 0, false)),
        ("two", "{one}\n{two}\n", true, (2, 0, false)),
        ("all", "{one}\n{two}\n{three}\n", true, (3, 0, false)),
        ("second alone", "{two}\n", true, (0, 0, false)),
        ("other torn", "{zero}\n{xyz", true, (0, 0, true)),
        ("first begun", "{zero}\n{on", true, (0, 3, false)),
        ("first without its newline", "{one}", true, (0, 5, false)),
        ("third begun", "{one}\n{two}\n{th", true, (2, 3, false)),
        (
            "other torn behind two",
            "{one}\n{two}\n{z",
            true,
            (2, 0, true),
        ),
        (
            "torn behind all",
            "{one}\n{two}\n{three}\n{z",
            true,
            (3, 0, true),
        ),
        ("end of a long line", "{on", false, (0, 0, true)),
        ("cut before a begun line", "o}\n{on", false, (0, 3, false)),
    ];
    for (name, tail, is_whole, (lines, bytes, is_torn)) in rows {
        let found = written(tail.as_bytes(), is_whole, &batch, &text_of(&batch));
        let expected = Written {
            lines,
            bytes,
            is_torn,
        };
        assert_eq!(found, expected, "{name}");
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn lines_come_in_their_order_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let memory = Memory::with(1700);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    wait_until_empty(&memory, &shipping, "archive");
    memory.add(3);
    shipping.wake();
    wait_until_empty(&memory, &shipping, "archive");
    assert_eq!(ids(&read(&path)), (1..=1703).collect::<Vec<u64>>());
    let status = status(&shipping, "archive");
    assert_eq!((status.delivered, status.skipped), (1703, 0));
    assert_eq!(status.last_error, None);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");
}

#[test]
fn a_rotated_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let aside = folder.path().join("calls.jsonl.1");
    let memory = Memory::with(2);
    let shipping = start(&memory, &[file("archive", &path)], limits());
    wait_until_empty(&memory, &shipping, "archive");
    let more = || {
        memory.add(1);
        shipping.wake();
        wait_until_empty(&memory, &shipping, "archive");
        ids(&read(&path))
    };
    fs::rename(&path, &aside).unwrap();
    assert_eq!(more(), [3], "renamed");
    assert_eq!(ids(&read(&aside)), [1, 2]);
    assert_eq!(more(), [3, 4], "nothing happened");
    fs::remove_file(&path).unwrap();
    assert_eq!(more(), [5], "removed");
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(more(), [6], "renamed and made anew");
    fs::write(&path, "").unwrap();
    assert_eq!(more(), [7], "emptied in place");
    assert_eq!(status(&shipping, "archive").last_error, None);
}

#[test]
fn what_a_crash_has_left() {
    // Rows 1 to 3 were shipped, and the cursor is where it was last stored.
    let all: String = (1..=5)
        .map(|id| format!("{{\"id\":{id},\"text\":\"\"}}\n"))
        .collect();
    let line = all.len() / 5;
    let rows = [
        ("nothing was written", 3 * line, 3, all.clone()),
        ("all was written", 5 * line, 3, all.clone()),
        ("one was written", 4 * line, 3, all.clone()),
        ("the next one is begun", 3 * line + 7, 3, all.clone()),
        (
            "behind a written one, one is begun",
            4 * line + 1,
            3,
            all.clone(),
        ),
        ("only a newline is missing", 4 * line - 1, 3, all.clone()),
        ("nothing was ever kept", 2 * line + 3, 0, all.clone()),
        (
            "another line is torn",
            2 * line + 9,
            3,
            format!("{}\n{}", &all[..2 * line + 9], &all[3 * line..]),
        ),
    ];
    for (name, bytes, cursor, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        fs::write(&path, &all[..bytes]).unwrap();
        let memory = Memory::with(5);
        memory.set_cursor("archive", cursor);
        let shipping = start(&memory, &[file("archive", &path)], limits());
        wait_until_empty(&memory, &shipping, "archive");
        assert_eq!(read(&path), expected, "{name}");
    }
}

#[test]
fn what_is_no_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later").join("calls.jsonl");
    let pipe = folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let memory = Memory::with(2);
    let sinks = [
        file("no-folder", &path),
        file("folder", folder.path()),
        file("pipe", &pipe),
    ];
    let shipping = start(&memory, &sinks, limits());
    let rows = [
        ("no-folder", "make its folder"),
        ("folder", "Is a directory"),
        ("pipe", "is not a file"),
    ];
    for (name, expected) in rows {
        wait_for(name, || status(&shipping, name).last_error.is_some());
        let error = status(&shipping, name).last_error.unwrap();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(error.contains(folder.path().to_str().unwrap()), "{error}");
        assert!(status(&shipping, name).failing_since.is_some(), "{name}");
        assert_eq!(status(&shipping, name).behind, Some(2), "{name}");
    }
    fs::create_dir(path.parent().unwrap()).unwrap();
    wait_until_empty(&memory, &shipping, "no-folder");
    assert_eq!(ids(&read(&path)), [1, 2]);
    assert!(status(&shipping, "no-folder").last_error.is_some());
}
