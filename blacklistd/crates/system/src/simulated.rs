//! Parts of a machine that a test sets or counts.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::clock::Clocks;
use crate::datagrams::{Datagram, Datagrams, Family, Network};
use crate::files::{Files, HostFiles};
use crate::random::Randomness;

/// Clocks that stand still until they are moved.
pub struct SetClocks {
    monotonic: AtomicU64,
    /// Nanoseconds since 1970.
    wall: AtomicI64,
}

impl SetClocks {
    /// An hour after boot, at this time.
    pub fn at(wall: Timestamp) -> Self {
        let nanoseconds = i64::try_from(wall.as_nanosecond()).unwrap_or(i64::MAX);
        Self {
            monotonic: AtomicU64::new(3_600_000_000_000),
            wall: AtomicI64::new(nanoseconds),
        }
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.monotonic.fetch_add(nanoseconds, Ordering::Relaxed);
        self.set_wall_by(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX));
    }

    /// Sets the wall clock alone, forward or back.
    pub fn set_wall_by(&self, time: SignedDuration) {
        let nanoseconds = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        self.wall.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl Clocks for SetClocks {
    fn monotonic(&self) -> u64 {
        self.monotonic.load(Ordering::Relaxed)
    }

    fn wall(&self) -> Timestamp {
        let nanoseconds = i128::from(self.wall.load(Ordering::Relaxed));
        Timestamp::from_nanosecond(nanoseconds).unwrap_or_default()
    }
}

/// Bytes that a seed repeats (SplitMix64).
pub struct Seeded(pub AtomicU64);

impl Randomness for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        for part in bytes.chunks_mut(8) {
            let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (to, from) in part.iter_mut().zip((word ^ (word >> 31)).to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }
}

/// Files of the host, of which a test may refuse some: what it is asked about is what is done and the path.
pub struct RefusedFiles<F>(pub F);

impl<F: Fn(&str, &std::path::Path) -> io::Result<()> + Send + Sync> Files for RefusedFiles<F> {
    fn open(
        &self,
        path: &std::path::Path,
        options: &std::fs::OpenOptions,
    ) -> io::Result<std::fs::File> {
        (self.0)("open", path)?;
        HostFiles.open(path, options)
    }

    fn rename(&self, from: &std::path::Path, to: &std::path::Path) -> io::Result<()> {
        (self.0)("rename", from)?;
        HostFiles.rename(from, to)
    }

    fn remove(&self, path: &std::path::Path) -> io::Result<()> {
        (self.0)("remove", path)?;
        HostFiles.remove(path)
    }
}

/// A datagram that was sent: its text, whom to, and from which address of the host.
pub type Sent = (Vec<u8>, SocketAddr, Option<IpAddr>);

/// A socket in memory.
pub struct MemorySocket {
    port: u16,
    family: Family,
    waiting: Mutex<VecDeque<(Vec<u8>, SocketAddr, IpAddr)>>,
    sent: Mutex<Vec<Sent>>,
    /// As many as wait.
    signal: EventFd,
}

impl MemorySocket {
    /// Lets a datagram come.
    pub fn deliver(&self, text: &[u8], source: SocketAddr, local: IpAddr) {
        lock(&self.waiting).push_back((text.to_vec(), source, local));
        let _ = self.signal.write(1);
    }

    /// What was sent since the last call.
    pub fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut *lock(&self.sent))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsFd for MemorySocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signal.as_fd()
    }
}

impl Datagrams for MemorySocket {
    fn receive(&self, buffer: &mut [u8]) -> nix::Result<Option<Datagram>> {
        let Some((text, source, local)) = lock(&self.waiting).pop_front() else {
            return Ok(None);
        };
        self.signal.read()?;
        // What does not fit is cut off, as by the kernel.
        let length = text.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(text) {
            *to = from;
        }
        Ok(Some(Datagram {
            source,
            length,
            local: Some(local),
        }))
    }

    fn send(&self, text: &[u8], to: SocketAddr, from: Option<IpAddr>) -> nix::Result<()> {
        lock(&self.sent).push((text.to_vec(), to, from));
        Ok(())
    }
}

/// A network in memory: its sockets are reached by their ports.
#[derive(Default)]
pub struct MemoryNetwork(Mutex<Vec<Arc<MemorySocket>>>);

impl MemoryNetwork {
    /// The socket that is bound to a port.
    pub fn socket(&self, family: Family, port: u16) -> Option<Arc<MemorySocket>> {
        let sockets = lock(&self.0);
        let mut bound = sockets.iter();
        bound
            .find(|socket| socket.port == port && socket.family == family)
            .cloned()
    }
}

impl Network for MemoryNetwork {
    fn bind(&self, family: Family, port: u16, _mark: u32) -> nix::Result<Arc<dyn Datagrams>> {
        if self.socket(family, port).is_some() {
            return Err(nix::errno::Errno::EADDRINUSE);
        }
        let flags = EfdFlags::EFD_SEMAPHORE | EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC;
        let socket = Arc::new(MemorySocket {
            port,
            family,
            waiting: Mutex::default(),
            sent: Mutex::default(),
            signal: EventFd::from_flags(flags)?,
        });
        lock(&self.0).push(socket.clone());
        Ok(socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, Moment, clock, files, random, spawn};

    #[test]
    fn a_thread_and_those_that_it_starts_are_on_a_machine_until_it_is_left() {
        let clocks = Arc::new(SetClocks::at("2026-11-20T12:00:00Z".parse().unwrap()));
        let machine = Machine {
            clocks: clocks.clone(),
            ..Machine::default()
        };
        let entered = machine.enter();
        let begun = Moment::now();
        clocks.pass(Duration::from_secs(90));
        assert_eq!(begun.elapsed(), Duration::from_secs(90));
        let there = spawn("test", clock::now).unwrap().join().unwrap();
        assert_eq!(clock::shown(there), "2026-11-20T12:01:30.000Z");
        clocks.set_wall_by(SignedDuration::from_hours(-1));
        assert_eq!(clock::shown(clock::now()), "2026-11-20T11:01:30.000Z");
        assert_eq!(begun.elapsed(), Duration::from_secs(90), "not set back");
        drop(entered);
        assert!(clock::now() > there, "the host's clock");
    }

    #[test]
    fn files_are_refused_and_bytes_repeated() {
        let refuse = |what: &str, _: &std::path::Path| match what {
            "open" => Err(io::Error::other("no disk")),
            _ => Ok(()),
        };
        let machine = || Machine {
            files: Arc::new(RefusedFiles(refuse)),
            randomness: Arc::new(Seeded(AtomicU64::new(1))),
            ..Machine::default()
        };
        let draw = || {
            let _entered = machine().enter();
            let error = files::read(std::path::Path::new("/dev/null")).unwrap_err();
            assert_eq!(error.to_string(), "no disk");
            random::bytes::<20>().unwrap()
        };
        assert_eq!(draw(), draw());
        assert_ne!(random::u64().unwrap(), random::u64().unwrap());
    }
}
