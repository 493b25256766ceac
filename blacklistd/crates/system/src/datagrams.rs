//! UDP sockets that answer from the address to which a request came.

use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use std::sync::Arc;

use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrIn,
    SockaddrIn6, SockaddrStorage, recvmsg, sendmsg, setsockopt, socket, sockopt,
};

use crate::machine::ask;

/// Binds sockets.
pub trait Network: Send + Sync {
    /// Binds a port of all addresses of a family; its packets carry a mark, if it is not 0.
    ///
    /// # Errors
    /// What the kernel says.
    fn bind(&self, family: Family, port: u16, mark: u32) -> nix::Result<Arc<dyn Datagrams>>;
}

/// A bound socket, which never waits. Its descriptor is readable while a datagram waits.
pub trait Datagrams: AsFd + Send + Sync {
    /// Takes a datagram; none if none waits.
    ///
    /// # Errors
    /// An ICMP error for something that was sent earlier, and what the kernel says.
    fn receive(&self, buffer: &mut [u8]) -> nix::Result<Option<Datagram>>;
    /// Sends from an address of this host, or from that of the route.
    ///
    /// # Errors
    /// What the kernel says.
    fn send(&self, text: &[u8], to: SocketAddr, from: Option<IpAddr>) -> nix::Result<()>;
}

/// The family of a socket's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Four,
    /// IPv6 alone.
    Six,
}

/// Binds a port on the machine of this thread.
///
/// # Errors
/// As [`Network::bind`].
pub fn bind(family: Family, port: u16, mark: u32) -> nix::Result<Arc<dyn Datagrams>> {
    ask(|machine| machine.network.bind(family, port, mark))
}

/// The kernel's sockets.
pub(crate) struct HostNetwork;

impl Network for HostNetwork {
    fn bind(&self, family: Family, port: u16, mark: u32) -> nix::Result<Arc<dyn Datagrams>> {
        Ok(Arc::new(Socket::bind(family, port, mark)?))
    }
}

/// Bytes that wait to be read.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A datagram that came.
#[derive(Clone, Copy, Debug)]
pub struct Datagram {
    /// Who sent it.
    pub source: SocketAddr,
    /// Its bytes in the buffer.
    pub length: usize,
    /// The address of this host that it came to.
    pub local: Option<IpAddr>,
}

/// A bound socket of the kernel.
struct Socket(OwnedFd);

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Socket {
    fn bind(family: Family, port: u16, mark: u32) -> nix::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let address_family = match family {
            Family::Four => AddressFamily::Inet,
            Family::Six => AddressFamily::Inet6,
        };
        let socket = Self(socket(address_family, SockType::Datagram, flags, None)?);
        setsockopt(&socket, sockopt::Mark, &mark)?;
        // More than the limit of the host; less is no reason not to answer.
        if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
            let _ = setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER);
        }
        let descriptor = socket.0.as_raw_fd();
        if family == Family::Six {
            setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
            setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
            let any = SocketAddrV6::new(std::net::Ipv6Addr::UNSPECIFIED, port, 0, 0);
            nix::sys::socket::bind(descriptor, &SockaddrIn6::from(any))?;
        } else {
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
            let any = SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, port);
            nix::sys::socket::bind(descriptor, &SockaddrIn::from(any))?;
        }
        Ok(socket)
    }
}

impl Datagrams for Socket {
    fn receive(&self, buffer: &mut [u8]) -> nix::Result<Option<Datagram>> {
        let mut parts = [IoSliceMut::new(buffer)];
        let mut space = nix::cmsg_space!(in_pktinfo, in6_pktinfo);
        let message = match recvmsg::<SockaddrStorage>(
            self.0.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::empty(),
        ) {
            Err(Errno::EAGAIN) => return Ok(None),
            other => other?,
        };
        let mut local = None;
        for control in message.cmsgs()? {
            local = match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    Some(IpAddr::V4(info.ipi_addr.s_addr.to_ne_bytes().into()))
                }
                ControlMessageOwned::Ipv6PacketInfo(info) => {
                    Some(IpAddr::V6(info.ipi6_addr.s6_addr.into()))
                }
                _ => local,
            };
        }
        let source = message.address.as_ref().and_then(address);
        Ok(source.map(|source| Datagram {
            source,
            length: message.bytes,
            local,
        }))
    }

    fn send(&self, text: &[u8], to: SocketAddr, from: Option<IpAddr>) -> nix::Result<()> {
        let parts = [IoSlice::new(text)];
        let (four, six);
        // Where the packet leaves is for the routes to say.
        let controls = match from {
            Some(IpAddr::V4(from)) if to.is_ipv4() => {
                four = in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: in_addr {
                        s_addr: u32::from_ne_bytes(from.octets()),
                    },
                    ipi_addr: in_addr { s_addr: 0 },
                };
                vec![ControlMessage::Ipv4PacketInfo(&four)]
            }
            Some(IpAddr::V6(from)) if to.is_ipv6() => {
                six = in6_pktinfo {
                    ipi6_addr: in6_addr {
                        s6_addr: from.octets(),
                    },
                    ipi6_ifindex: 0,
                };
                vec![ControlMessage::Ipv6PacketInfo(&six)]
            }
            _ => Vec::new(),
        };
        let to = SockaddrStorage::from(to);
        let descriptor = self.0.as_raw_fd();
        sendmsg(descriptor, &parts, &controls, MsgFlags::empty(), Some(&to))?;
        Ok(())
    }
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(four) = storage.as_sockaddr_in() {
        return Some(SocketAddr::new(IpAddr::V4(four.ip()), four.port()));
    }
    let six = storage.as_sockaddr_in6()?;
    Some(SocketAddr::V6(SocketAddrV6::new(
        six.ip(),
        six.port(),
        0,
        six.scope_id(),
    )))
}
