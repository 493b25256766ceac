//! A UDP socket that answers from the address to which a request came.

use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo, in6_pktinfo};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrIn,
    SockaddrIn6, SockaddrStorage, bind, recvmsg, sendmsg, setsockopt, socket, sockopt,
};

/// Bytes that wait to be read.
const RECEIVE_BUFFER: usize = 4 << 20;

/// To which address of ours a datagram came.
#[derive(Clone, Copy)]
enum Here {
    Four(in_pktinfo),
    Six(in6_pktinfo),
    Unknown,
}

impl Here {
    /// An address of this host.
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::Four(in_pktinfo {
                ipi_ifindex: 0,
                ipi_spec_dst: in_addr {
                    s_addr: u32::from_ne_bytes(address.octets()),
                },
                ipi_addr: in_addr { s_addr: 0 },
            }),
            IpAddr::V6(address) => Self::Six(in6_pktinfo {
                ipi6_addr: nix::libc::in6_addr {
                    s6_addr: address.octets(),
                },
                ipi6_ifindex: 0,
            }),
        }
    }

    /// The address.
    fn address(self) -> Option<IpAddr> {
        match self {
            Self::Four(info) => Some(IpAddr::V4(info.ipi_addr.s_addr.to_ne_bytes().into())),
            Self::Six(info) => Some(IpAddr::V6(info.ipi6_addr.s6_addr.into())),
            Self::Unknown => None,
        }
    }
}

/// A datagram that came.
pub(super) struct Datagram {
    pub(super) source: SocketAddr,
    pub(super) length: usize,
    here: Here,
}

impl Datagram {
    /// The address of this host that it came to.
    pub(super) fn local(&self) -> Option<IpAddr> {
        self.here.address()
    }
}

/// A bound socket.
pub(super) struct Socket(OwnedFd);

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Socket {
    /// Binds a port of all addresses of a family; its packets carry a mark, if it is not 0.
    pub(super) fn bind(family: AddressFamily, port: u16, mark: u32) -> nix::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = Self(socket(family, SockType::Datagram, flags, None)?);
        setsockopt(&socket, sockopt::Mark, &mark)?;
        // More than the limit of the host; less is no reason not to answer.
        if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER).is_err() {
            let _ = setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER);
        }
        let descriptor = socket.0.as_raw_fd();
        if family == AddressFamily::Inet6 {
            setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
            setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
            let any = SocketAddrV6::new(std::net::Ipv6Addr::UNSPECIFIED, port, 0, 0);
            bind(descriptor, &SockaddrIn6::from(any))?;
        } else {
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
            let any = SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, port);
            bind(descriptor, &SockaddrIn::from(any))?;
        }
        Ok(socket)
    }

    /// Takes a datagram; none if none waits.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> nix::Result<Option<Datagram>> {
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
        let mut here = Here::Unknown;
        for control in message.cmsgs()? {
            match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => here = Here::Four(info),
                ControlMessageOwned::Ipv6PacketInfo(info) => here = Here::Six(info),
                _ => {}
            }
        }
        let source = message.address.as_ref().and_then(address);
        Ok(source.map(|source| Datagram {
            source,
            length: message.bytes,
            here,
        }))
    }

    /// Sends from the address to which a datagram came.
    pub(super) fn send(&self, text: &[u8], to: SocketAddr, from: &Datagram) -> nix::Result<()> {
        self.send_as(text, to, from.here)
    }

    /// Sends from an address of this host.
    pub(super) fn send_from(&self, text: &[u8], to: SocketAddr, from: IpAddr) -> nix::Result<()> {
        self.send_as(text, to, Here::of(from))
    }

    fn send_as(&self, text: &[u8], to: SocketAddr, here: Here) -> nix::Result<()> {
        let parts = [IoSlice::new(text)];
        let (four, six);
        // Where the packet leaves is for the routes to say.
        let controls = match here {
            Here::Four(info) if to.is_ipv4() => {
                four = in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: info.ipi_addr,
                    ipi_addr: in_addr { s_addr: 0 },
                };
                vec![ControlMessage::Ipv4PacketInfo(&four)]
            }
            Here::Six(info) if to.is_ipv6() => {
                six = in6_pktinfo {
                    ipi6_addr: info.ipi6_addr,
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
