//! Media ports: even ports of a range (RFC 3550, section 11), each bound when it is allocated and
//! released when it is dropped.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use blacklist_system::random;
use tokio::net::UdpSocket;

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
pub enum PortsError {
    /// The range has no even port above the privileged ones.
    #[error(
        "the range of media ports {first}-{last} has no even port above 1023: give it at least two ports for each call"
    )]
    Range {
        /// Its first port.
        first: u16,
        /// Its last port.
        last: u16,
    },
    /// All are in use.
    #[error("all {0} media ports are taken: give more, or allow fewer calls")]
    Taken(usize),
    /// The address cannot be bound.
    #[error("cannot listen for media on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The system has no random numbers.
    #[error("cannot choose a media port: {0}")]
    Random(io::Error),
}

#[derive(Debug)]
struct PortPool {
    taken: HashSet<u16>,
    /// Where the search continues: a port that was just released is reused last, so that late
    /// packets of its last call do not reach the next one.
    next: usize,
}

/// Allocates ports. Copies share them.
#[derive(Clone, Debug)]
pub struct Ports {
    address: IpAddr,
    first: u16,
    count: usize,
    state: Arc<Mutex<PortPool>>,
}

/// A bound port.
#[derive(Debug)]
pub struct Port {
    socket: UdpSocket,
    port: u16,
    state: Arc<Mutex<PortPool>>,
}

impl Ports {
    /// The ports of a range, at a local address.
    ///
    /// # Errors
    /// The range contains no usable port.
    pub fn new(address: IpAddr, range: RangeInclusive<u16>) -> Result<Self, PortsError> {
        let (first, last) = (*range.start(), *range.end());
        let start = u32::from(first).next_multiple_of(2);
        let count = (u32::from(last) + 2).saturating_sub(start) / 2;
        let wrong = PortsError::Range { first, last };
        let (Ok(start), Ok(count)) = (u16::try_from(start), usize::try_from(count)) else {
            return Err(wrong);
        };
        if start < 1024 || count == 0 {
            return Err(wrong);
        }
        let first_port = random::u32().map_err(PortsError::Random)?;
        Ok(Self {
            address,
            first: start,
            count,
            state: Arc::new(Mutex::new(PortPool {
                taken: HashSet::new(),
                next: first_port as usize % count,
            })),
        })
    }

    /// Number of ports.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Number of ports in use.
    pub fn taken(&self) -> usize {
        lock(&self.state).taken.len()
    }

    /// Binds a port; has to be called within a runtime.
    ///
    /// # Errors
    /// All are in use, by calls or by other programs, or the address is not local.
    pub fn bind(&self) -> Result<Port, PortsError> {
        let mut state = lock(&self.state);
        for _ in 0..self.count {
            let place = state.next;
            state.next = (place + 1) % self.count;
            let Some(port) = u16::try_from(place * 2)
                .ok()
                .and_then(|offset| self.first.checked_add(offset))
            else {
                continue;
            };
            if state.taken.contains(&port) {
                continue;
            }
            let address = SocketAddr::new(self.address, port);
            match bind(address) {
                Ok(socket) => {
                    state.taken.insert(port);
                    return Ok(Port {
                        socket,
                        port,
                        state: Arc::clone(&self.state),
                    });
                }
                // Another program uses it.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(source) => return Err(PortsError::Bind { address, source }),
            }
        }
        Err(PortsError::Taken(self.count))
    }
}

impl Port {
    /// Its number.
    pub const fn number(&self) -> u16 {
        self.port
    }

    /// Its socket.
    pub const fn socket(&self) -> &UdpSocket {
        &self.socket
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        lock(&self.state).taken.remove(&self.port);
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    // Tokio panics without a runtime.
    tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
    let socket = std::net::UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

fn lock(state: &Mutex<PortPool>) -> MutexGuard<'_, PortPool> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
