//! Writes lines as entries of the systemd journal, by its native protocol
//! (<https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>): one datagram for each.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::libc::{EMSGSIZE, ENOBUFS};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, sendmsg};

use super::signal::Signal;
use super::sink::{Failure, Sink};
use super::source::Line;

/// Pause while the journal's queue is full.
const PAUSE: Duration = Duration::from_millis(10);

/// Fields of every entry.
const FIELDS: &[u8] = b"PRIORITY=6\nSYSLOG_IDENTIFIER=blacklistd-calls\nBLACKLIST_EVENT=call\n";

/// A sink that writes to the journal.
pub(super) struct JournaldSink {
    path: PathBuf,
    patience: Duration,
    socket: Option<UnixDatagram>,
}

impl JournaldSink {
    pub(super) fn new(path: PathBuf, patience: Duration) -> Self {
        Self {
            path,
            patience,
            socket: None,
        }
    }

    fn socket(&mut self) -> io::Result<&UnixDatagram> {
        if self.socket.is_none() {
            let socket = UnixDatagram::unbound()?;
            socket.set_nonblocking(true)?;
            self.socket = Some(socket);
        }
        self.socket
            .as_ref()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))
    }

    fn send(&mut self, entry: &[u8], signal: &Signal) -> io::Result<()> {
        let (path, patience) = (self.path.clone(), self.patience);
        let socket = self.socket()?;
        let deadline = Instant::now() + patience;
        loop {
            let result = match socket.send_to(entry, &path) {
                Err(error) if matches!(error.raw_os_error(), Some(EMSGSIZE | ENOBUFS)) => {
                    send_as_file(socket, &path, entry)
                }
                result => result.map(drop),
            };
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if Instant::now() >= deadline || signal.pause(PAUSE) {
                        return Err(io::Error::new(
                            io::ErrorKind::TimedOut,
                            "it takes no entries",
                        ));
                    }
                }
                result => return result,
            }
        }
    }
}

impl Sink for JournaldSink {
    fn deliver(&mut self, lines: &[Line], signal: &Signal) -> Result<(), Failure> {
        for (delivered, line) in lines.iter().enumerate() {
            if let Err(error) = self.send(&entry(&line.json), signal) {
                let reason = format!(
                    "the journal cannot be written at {}: {error}",
                    self.path.display()
                );
                return Err(Failure {
                    delivered,
                    ..Failure::new(reason)
                });
            }
        }
        Ok(())
    }
}

/// An entry as the protocol encodes it; a text with newlines is preceded by its length.
pub(super) fn entry(message: &str) -> Vec<u8> {
    let mut entry = FIELDS.to_vec();
    if message.contains('\n') {
        entry.extend_from_slice(b"MESSAGE\n");
        entry.extend_from_slice(&(message.len() as u64).to_le_bytes());
    } else {
        entry.extend_from_slice(b"MESSAGE=");
    }
    entry.extend_from_slice(message.as_bytes());
    entry.push(b'\n');
    entry
}

/// Sends an entry that is too large for a datagram as a sealed memory file.
fn send_as_file(socket: &UnixDatagram, path: &Path, entry: &[u8]) -> io::Result<()> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let mut file = File::from(memfd_create("blacklistd-call", flags)?);
    file.write_all(entry)?;
    let seals = SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_WRITE
        | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    sendmsg(
        socket.as_raw_fd(),
        &[],
        &[ControlMessage::ScmRights(&[file.as_raw_fd()])],
        MsgFlags::MSG_NOSIGNAL,
        Some(&UnixAddr::new(path)?),
    )?;
    Ok(())
}
