//! What the kernel says of an interface of this network namespace (netdevice(7), linux/ethtool.h).

use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::libc::{
    IFF_RUNNING, IFF_UP, Ioctl, SIOCGIFFLAGS, SIOCGIFMTU, c_char, c_short, c_void, ifreq, ioctl,
};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

/// `SIOCETHTOOL` of linux/sockios.h.
const ETHTOOL: Ioctl = 0x8946;
/// `ETHTOOL_GDRVINFO` of linux/ethtool.h.
const GET_DRIVER: u32 = 3;
/// `ETHTOOL_GFLAGS`.
const GET_FLAGS: u32 = 0x25;
/// `ETH_FLAG_LRO`: packets are merged by the card.
const LRO: u32 = 1 << 15;

/// `struct ethtool_value`.
#[repr(C)]
struct Value {
    command: u32,
    data: u32,
}

/// `struct ethtool_drvinfo`.
#[repr(C)]
struct DriverInfo {
    command: u32,
    driver: [u8; 32],
    others: [u8; 160],
}

/// Asks about one interface.
pub(super) struct Card {
    socket: OwnedFd,
    request: ifreq,
}

impl Card {
    /// None if no interface can have that name, or there is no room for a socket.
    pub(super) fn new(interface: &str) -> Option<Self> {
        let socket = socket(
            AddressFamily::Inet,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC,
            None,
        )
        .ok()?;
        // SAFETY: all bytes zero are a valid value of this structure of integers and pointers.
        let mut request: ifreq = unsafe { std::mem::zeroed() };
        // One byte is left for the NUL at the end.
        if interface.len() >= request.ifr_name.len() {
            return None;
        }
        for (place, byte) in request.ifr_name.iter_mut().zip(interface.bytes()) {
            *place = byte.cast_signed() as c_char;
        }
        Some(Self { socket, request })
    }

    fn ask(&mut self, question: Ioctl) -> bool {
        // SAFETY: the request names an interface, and what it points to, where the question wants
        // that, lives in the caller's frame and has the size that its command fills.
        let result = unsafe { ioctl(self.socket.as_raw_fd(), question, &raw mut self.request) };
        result == 0
    }

    /// Asks ethtool; `T` begins with the command.
    fn ask_ethtool<T>(&mut self, question: &mut T) -> bool {
        self.request.ifr_ifru.ifru_data = std::ptr::from_mut(question).cast::<c_void>().cast();
        self.ask(ETHTOOL)
    }

    /// Whether it is up and has a carrier; none if there is no such interface.
    pub(super) fn is_up(&mut self) -> Option<bool> {
        if !self.ask(SIOCGIFFLAGS) {
            return None;
        }
        // SAFETY: the question fills this member.
        let flags = unsafe { self.request.ifr_ifru.ifru_flags };
        let wanted = (IFF_UP | IFF_RUNNING) as c_short;
        Some(flags & wanted == wanted)
    }

    /// The longest packet, in bytes.
    pub(super) fn mtu(&mut self) -> Option<u32> {
        if !self.ask(SIOCGIFMTU) {
            return None;
        }
        // SAFETY: the question fills this member.
        let mtu = unsafe { self.request.ifr_ifru.ifru_mtu };
        u32::try_from(mtu).ok()
    }

    /// The driver's name.
    pub(super) fn driver(&mut self) -> Option<String> {
        let mut info = DriverInfo {
            command: GET_DRIVER,
            driver: [0; 32],
            others: [0; 160],
        };
        if !self.ask_ethtool(&mut info) {
            return None;
        }
        let name = info.driver.split(|byte| *byte == 0).next()?;
        Some(String::from_utf8_lossy(name).into_owned()).filter(|name| !name.is_empty())
    }

    /// Whether the card merges packets (LRO).
    pub(super) fn merges(&mut self) -> Option<bool> {
        let mut value = Value {
            command: GET_FLAGS,
            data: 0,
        };
        self.ask_ethtool(&mut value)
            .then_some(value.data & LRO != 0)
    }
}

const _: () = assert!(size_of::<DriverInfo>() == 196);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_answers_and_what_is_not_there_does_not() {
        let mut lo = Card::new("lo").unwrap();
        assert!(lo.is_up().is_some());
        assert!(lo.mtu().unwrap() > 0);
        assert_ne!(lo.merges(), Some(true));
        let mut none = Card::new("no-such-one").unwrap();
        assert_eq!(none.is_up(), None);
        assert_eq!(
            (none.mtu(), none.driver(), none.merges()),
            (None, None, None)
        );
        assert!(Card::new(&"x".repeat(16)).is_none());
    }
}
