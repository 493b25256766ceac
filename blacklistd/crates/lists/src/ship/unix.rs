//! Writes lines to a listener on a Unix stream socket. A socket has no acknowledgements, but the
//! kernel reports how much of what was written has not been read: a batch is delivered when nothing
//! of it is left, so what a reader leaves unread is written again to the next one.

use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::libc::{TIOCOUTQ, c_int, ioctl};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};

use super::signal::Signal;
use super::sink::{Failure, Sink, text_of};
use super::source::Line;

/// Pauses while the reader reads: the first, and the maximum.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));

/// A sink that writes to a Unix stream socket.
pub(super) struct UnixSink {
    path: PathBuf,
    patience: Duration,
    stream: Option<UnixStream>,
}

impl UnixSink {
    pub(super) fn new(path: PathBuf, patience: Duration) -> Self {
        Self {
            path,
            patience,
            stream: None,
        }
    }

    fn failure(&self, what: &str, error: &io::Error) -> Failure {
        Failure::new(format!("{what} {}: {error}", self.path.display()))
    }
}

impl Sink for UnixSink {
    fn deliver(&mut self, lines: &[Line], signal: &Signal) -> Result<(), Failure> {
        let text = text_of(lines);
        if let Some(stream) = self.stream.take() {
            match hand_over(&stream, &text, self.patience, signal) {
                Ok(()) => {
                    self.stream = Some(stream);
                    return Ok(());
                }
                // The reader left while nothing was shipped; it may be back already.
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(self.failure("cannot write to", &error)),
            }
        }
        let stream =
            connected(&self.path).map_err(|error| self.failure("cannot connect to", &error))?;
        hand_over(&stream, &text, self.patience, signal)
            .map_err(|error| self.failure("cannot write to", &error))?;
        self.stream = Some(stream);
        Ok(())
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected
    )
}

/// Connects without waiting: a listener with a full backlog is an error.
fn connected(path: &Path) -> io::Result<UnixStream> {
    let socket = socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        None,
    )?;
    match connect(socket.as_raw_fd(), &UnixAddr::new(path)?) {
        Ok(()) => Ok(UnixStream::from(socket)),
        Err(nix::errno::Errno::EAGAIN) => Err(io::Error::new(
            io::ErrorKind::WouldBlock,
            "the listener accepts nobody",
        )),
        Err(error) => Err(error.into()),
    }
}

/// Writes a text and waits until all of it was read; gives up if nothing is read for `patience`.
fn hand_over(
    stream: &UnixStream,
    text: &[u8],
    patience: Duration,
    signal: &Signal,
) -> io::Result<()> {
    let mut rest = text;
    let mut fewest = c_int::MAX;
    let mut deadline = Instant::now() + patience;
    let mut pause = PAUSES.0;
    loop {
        let moved = write_some(stream, rest)?;
        rest = rest.get(moved..).unwrap_or_default();
        let unread = unread(stream)?;
        if rest.is_empty() && unread == 0 {
            // A reader that left has nothing unread either, but the socket has an error.
            return stream.take_error()?.map_or(Ok(()), Err);
        }
        if moved > 0 || unread < fewest {
            fewest = unread;
            deadline = Instant::now() + patience;
            pause = PAUSES.0;
        }
        if Instant::now() >= deadline || signal.pause(pause) {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the reader does not read",
            ));
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Writes as much as possible without waiting; returns the number of bytes.
fn write_some(mut stream: &UnixStream, text: &[u8]) -> io::Result<usize> {
    if text.is_empty() {
        return Ok(0);
    }
    match stream.write(text) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(0)
        }
        result => result,
    }
}

/// Bytes that the reader has not read, as the kernel counts them.
fn unread(stream: &UnixStream) -> io::Result<c_int> {
    let mut count: c_int = 0;
    // SAFETY: the descriptor is open as long as the stream is borrowed, and this request writes 1
    // c_int to `count`, which is one.
    let result = unsafe { ioctl(stream.as_raw_fd(), TIOCOUTQ, &raw mut count) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(count)
}
