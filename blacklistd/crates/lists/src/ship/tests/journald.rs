//! The journal's native protocol, read by a test socket.

use std::fs::File;
use std::io::{IoSliceMut, Read as _, Seek as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, RawFd};
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixAddr, recvmsg};

use super::*;
use crate::ship::journald::entry;

const HEAD: &str = "PRIORITY=6\nSYSLOG_IDENTIFIER=blacklistd-calls\nBLACKLIST_EVENT=call\n";

fn journal(path: &Path) -> UnixDatagram {
    let journal = UnixDatagram::bind(path).unwrap();
    journal.set_read_timeout(Some(DEADLINE)).unwrap();
    journal
}

fn journald(path: &Path) -> SinkSettings {
    let socket = path.into();
    sink("journal", SinkTarget::Journald { socket })
}

/// An entry, and whether it came as a file.
fn receive(journal: &UnixDatagram) -> (String, bool) {
    let mut buffer = vec![0; 400_000];
    let mut control = nix::cmsg_space!([RawFd; 1]);
    let mut slices = [IoSliceMut::new(&mut buffer)];
    let message = recvmsg::<UnixAddr>(
        journal.as_raw_fd(),
        &mut slices,
        Some(&mut control),
        MsgFlags::MSG_CMSG_CLOEXEC,
    )
    .unwrap();
    let length = message.bytes;
    let descriptor = message.cmsgs().unwrap().find_map(|part| match part {
        ControlMessageOwned::ScmRights(descriptors) => descriptors.first().copied(),
        _ => None,
    });
    let Some(descriptor) = descriptor else {
        return (String::from_utf8(buffer[..length].to_vec()).unwrap(), false);
    };
    assert_eq!(length, 0);
    // SAFETY: the descriptor has just been received and nothing else owns it.
    let mut file = unsafe { File::from_raw_fd(descriptor) };
    let seals = fcntl(&file, FcntlArg::F_GET_SEALS).unwrap();
    for seal in [
        SealFlag::F_SEAL_SEAL,
        SealFlag::F_SEAL_SHRINK,
        SealFlag::F_SEAL_GROW,
        SealFlag::F_SEAL_WRITE,
    ] {
        assert!(SealFlag::from_bits_truncate(seals).contains(seal));
    }
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    (text, true)
}

#[test]
fn entries_as_the_protocol_writes_them() {
    let rows: [(&str, &str, &[u8]); 3] = [
        ("plain", "{\"id\":1}", b"MESSAGE={\"id\":1}\n"),
        (
            "with an equals sign",
            "{\"a\":\"b=c\"}",
            b"MESSAGE={\"a\":\"b=c\"}\n",
        ),
        (
            "with a newline",
            "{\n}",
            b"MESSAGE\n\x03\0\0\0\0\0\0\0{\n}\n",
        ),
    ];
    for (name, message, expected) in rows {
        let whole = [HEAD.as_bytes(), expected].concat();
        assert_eq!(entry(message), whole, "{name}");
    }
}

#[test]
fn lines_are_entries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let memory = Memory::with(1);
    let large = "x".repeat(300_000);
    memory.add_text(&large);
    memory.add(1);
    let shipping = start(&memory, &[journald(&path)], limits());
    wait_for("an error", || {
        status(&shipping, "journal").last_error.is_some()
    });
    let error = status(&shipping, "journal").last_error.unwrap();
    assert!(
        error.starts_with("the journal cannot be written at "),
        "{error}"
    );
    let journal = journal(&path);
    for (id, text) in [(1, ""), (2, large.as_str()), (3, "")] {
        let expected = format!("{HEAD}MESSAGE={{\"id\":{id},\"text\":\"{text}\"}}\n");
        let (found, is_file) = receive(&journal);
        assert!(found == expected, "{id}: {} bytes", found.len());
        assert_eq!(is_file, id == 2, "{id}");
    }
    wait_until_empty(&memory, &shipping, "journal");
}

#[test]
fn a_full_queue_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let journal = journal(&path);
    let memory = Memory::with(1200);
    let shipping = start(&memory, &[journald(&path)], limits());
    wait_for("a full queue", || {
        status(&shipping, "journal").last_error.is_some()
    });
    let error = status(&shipping, "journal").last_error.unwrap();
    assert!(error.ends_with("it takes no entries"), "{error}");
    for id in 1..=1200 {
        let (found, _) = receive(&journal);
        assert!(found.contains(&format!("{{\"id\":{id},")), "{id}: {found}");
    }
    wait_until_empty(&memory, &shipping, "journal");
    assert_eq!(status(&shipping, "journal").delivered, 1200);
}
