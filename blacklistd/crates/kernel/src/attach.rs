//! The program on interfaces: attached in the mode that was asked for, replaced without a gap.

use std::io;

use aya::programs::links::{FdLink, PinnedLink};
use aya::programs::xdp::{XdpLink, XdpMode as AyaMode};
use aya::programs::{ProgramError, Xdp, loaded_programs};

use super::object::chain;
use super::pins::Pins;
use super::{Attachment, KernelError, XdpMode, interface};

/// Attaches the program to an interface. Ours from before is replaced through its link; somebody
/// else's is left alone.
pub(super) fn attach(
    program: &mut Xdp,
    pins: &Pins,
    name: &str,
    mode: XdpMode,
) -> Result<Attachment, KernelError> {
    let index = interface::index(name)?;
    let before = interface::attached(index)?;
    if let Some(link) = live_link(pins, name, before)? {
        if before.map(|attached| attached.mode) == Some(mode) {
            replace(program, link, name)?;
            return attachment(name, index, mode);
        }
        // A link cannot change its mode: for this moment nothing is judged.
        drop(link.unpin().map_err(|error| {
            KernelError::failed(format!("taking the program off interface {name}"), error)
        })?);
    } else if let Some(other) = before {
        return Err(KernelError::Occupied {
            interface: name.to_owned(),
            program: describe(other.program),
        });
    }
    attach_anew(program, pins, name, index, mode)?;
    attachment(name, index, mode)
}

/// Our link on an interface, if the interface still has the program of it. A link whose interface
/// was deleted is removed.
fn live_link(
    pins: &Pins,
    name: &str,
    attached: Option<interface::Attached>,
) -> Result<Option<PinnedLink>, KernelError> {
    let path = pins.link(name);
    if !path.exists() {
        return Ok(None);
    }
    let fail = |error: &dyn std::error::Error| {
        KernelError::failed(
            format!("opening the link of interface {name}"),
            chain(error),
        )
    };
    let link = PinnedLink::from_pin(&path).map_err(|error| fail(&error))?;
    let link = FdLink::from(link);
    let program = link.info().map_err(|error| fail(&error))?.program_id();
    drop(link);
    if attached.map(|attached| attached.program) == Some(program) {
        return PinnedLink::from_pin(&path)
            .map(Some)
            .map_err(|error| fail(&error));
    }
    std::fs::remove_file(&path).map_err(|error| fail(&error))?;
    Ok(None)
}

fn replace(program: &mut Xdp, link: PinnedLink, name: &str) -> Result<(), KernelError> {
    let fail = |error: &dyn std::error::Error| {
        KernelError::failed(
            format!("replacing the program on interface {name}"),
            chain(error),
        )
    };
    let link = XdpLink::try_from(FdLink::from(link)).map_err(|error| fail(&error))?;
    let id = program.attach_to_link(link).map_err(|error| fail(&error))?;
    // The pin holds the link; this descriptor of it is not needed.
    drop(program.take_link(id).map_err(|error| fail(&error))?);
    Ok(())
}

fn attach_anew(
    program: &mut Xdp,
    pins: &Pins,
    name: &str,
    index: u32,
    mode: XdpMode,
) -> Result<(), KernelError> {
    let flags = match mode {
        XdpMode::Native => AyaMode::Driver,
        XdpMode::Generic => AyaMode::Skb,
    };
    let fail = |error: &dyn std::error::Error| {
        KernelError::failed(format!("attaching to interface {name}"), chain(error))
    };
    let id = program
        .attach_to_if_index(index, flags)
        .map_err(|error| refusal(name, index, mode, &error))?;
    let link = program.take_link(id).map_err(|error| fail(&error))?;
    let link = FdLink::try_from(link).map_err(|error| fail(&error))?;
    link.pin(pins.link(name)).map_err(|error| fail(&error))?;
    Ok(())
}

/// Why the kernel did not attach.
fn refusal(name: &str, index: u32, mode: XdpMode, error: &ProgramError) -> KernelError {
    let busy = os_error(error) == Some(nix::errno::Errno::EBUSY as i32);
    if busy {
        let program = interface::attached(index).ok().flatten().map_or_else(
            || "one that came this moment".to_owned(),
            |other| describe(other.program),
        );
        return KernelError::Occupied {
            interface: name.to_owned(),
            program,
        };
    }
    match mode {
        XdpMode::Native => KernelError::NoNativeMode {
            interface: name.to_owned(),
            why: chain(error),
        },
        XdpMode::Generic => {
            KernelError::failed(format!("attaching to interface {name}"), chain(error))
        }
    }
}

/// The number that the kernel gave for an error, wherever it stands in the chain of causes.
fn os_error(error: &(dyn std::error::Error + 'static)) -> Option<i32> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return io.raw_os_error();
    }
    error.source().and_then(os_error)
}

fn describe(id: u32) -> String {
    let name = loaded_programs()
        .filter_map(Result::ok)
        .find(|program| program.id() == id)
        .and_then(|program| program.name_as_str().map(str::to_owned));
    match name {
        Some(name) if !name.is_empty() => format!("`{name}` (id {id})"),
        _ => format!("id {id}"),
    }
}

fn attachment(name: &str, index: u32, mode: XdpMode) -> Result<Attachment, KernelError> {
    match interface::attached(index)? {
        Some(attached) if attached.mode == mode => Ok(Attachment {
            interface: name.to_owned(),
            index,
            mode,
            alive: true,
        }),
        _ => Err(KernelError::failed(
            format!("attaching to interface {name}"),
            "the kernel does not show the program in the mode that was asked for",
        )),
    }
}

/// What is attached, as far as it still is.
pub(super) fn attachments(pins: &Pins) -> Vec<Attachment> {
    pins.linked_interfaces()
        .into_iter()
        .map(|name| {
            let index = interface::index(&name).unwrap_or(0);
            let attached = interface::attached(index).ok().flatten();
            let program = PinnedLink::from_pin(pins.link(&name))
                .ok()
                .and_then(|link| Some(FdLink::from(link).info().ok()?.program_id()));
            let ours = attached.filter(|attached| Some(attached.program) == program);
            Attachment {
                interface: name,
                index,
                mode: ours.map_or(XdpMode::Native, |attached| attached.mode),
                alive: index != 0 && ours.is_some(),
            }
        })
        .collect()
}
