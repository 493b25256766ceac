//! Interfaces: their index, and which XDP program is attached to them (rtnetlink).

use std::collections::BTreeMap;

use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkMessage, LinkXdp, XdpAttached};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::net::if_::if_nametoindex;

use super::{KernelError, XdpMode};

/// What is attached to an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attached {
    /// The program's id.
    pub(super) program: u32,
    /// Where it runs.
    pub(super) mode: XdpMode,
}

/// The index of an interface.
pub(super) fn index(interface: &str) -> Result<u32, KernelError> {
    if_nametoindex(interface).map_err(|_| KernelError::NoSuchInterface(interface.to_owned()))
}

/// The XDP program of an interface; none if it has none.
pub(super) fn attached(index: u32) -> Result<Option<Attached>, KernelError> {
    let message = query(index)
        .map_err(|why| KernelError::failed(format!("asking about interface {index}"), why))?;
    let mut programs = BTreeMap::new();
    let mut mode = None;
    for attribute in message.attributes {
        let LinkAttribute::Xdp(entries) = attribute else {
            continue;
        };
        for entry in entries {
            match entry {
                LinkXdp::Attached(XdpAttached::Driver | XdpAttached::Hardware) => {
                    mode = Some(XdpMode::Native);
                }
                LinkXdp::Attached(XdpAttached::SocketBuffer) => mode = Some(XdpMode::Generic),
                // With programs in several modes the driver's sees the packets first.
                LinkXdp::Attached(XdpAttached::Multiple) => mode = Some(XdpMode::Native),
                LinkXdp::ProgId(id) => drop(programs.insert(0, id)),
                LinkXdp::DrvProgId(id) => drop(programs.insert(1, id)),
                LinkXdp::SkbProgId(id) => drop(programs.insert(2, id)),
                _ => {}
            }
        }
    }
    Ok(programs
        .into_values()
        .find(|id| *id != 0)
        .zip(mode)
        .map(|(program, mode)| Attached { program, mode }))
}

fn query(index: u32) -> Result<LinkMessage, String> {
    let text = |error: std::io::Error| error.to_string();
    let mut socket = Socket::new(NETLINK_ROUTE).map_err(text)?;
    socket.bind_auto().map_err(text)?;
    socket.connect(&SocketAddr::new(0, 0)).map_err(text)?;
    let mut link = LinkMessage::default();
    link.header.index = index;
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST;
    let mut request = NetlinkMessage::new(
        header,
        NetlinkPayload::from(RouteNetlinkMessage::GetLink(link)),
    );
    request.finalize();
    let mut bytes = vec![0; request.header.length as usize];
    request.serialize(&mut bytes);
    socket.send(&bytes, 0).map_err(text)?;
    let (answer, _) = socket.recv_from_full().map_err(text)?;
    let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&answer)
        .map_err(|error| error.to_string())?;
    match message.payload {
        NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewLink(link)) => Ok(link),
        NetlinkPayload::Error(error) => Err(error.to_string()),
        _ => Err("an unexpected answer".to_owned()),
    }
}
