//! Questions to the loaded program: a test run on a synthesised frame (Linux,
//! Documentation/bpf/bpf_prog_run.rst).

use std::net::{IpAddr, SocketAddr};

use aya::Ebpf;
use aya::maps::{Array, MapData};
use aya::programs::{TestRun as _, TestRunOptions, Xdp};
use blacklist_common::answer::Answer as RawAnswer;
use blacklist_common::object::map;
use blacklist_common::outcome::Outcome;
use etherparse::PacketBuilder;

use super::object::{chain, take};
use super::plain::Plain;
use super::{Answer, KernelError, PatternTables};

/// The map in which the program leaves its answer.
pub(super) struct Answers {
    map: Array<MapData, Plain<RawAnswer>>,
    program: &'static str,
}

fn failed(error: &dyn std::error::Error) -> KernelError {
    KernelError::failed("asking the kernel", chain(error))
}

impl Answers {
    pub(super) fn take(ebpf: &mut Ebpf, tables: PatternTables) -> Result<Self, KernelError> {
        Ok(Self {
            map: take(ebpf, map::ANSWER)?
                .try_into()
                .map_err(|error: aya::maps::MapError| failed(&error))?,
            program: tables.asked(),
        })
    }

    /// Runs the asking program on a frame.
    pub(super) fn ask(&self, ebpf: &Ebpf, frame: &[u8]) -> Result<Answer, KernelError> {
        let program: &Xdp = ebpf
            .program(self.program)
            .ok_or_else(|| KernelError::failed("asking the kernel", "no such program"))?
            .try_into()
            .map_err(|error: aya::programs::ProgramError| failed(&error))?;
        let mut options = TestRunOptions::new();
        options.data_in = Some(frame);
        program.test_run(options).map_err(|error| failed(&error))?;
        let answer = self.map.get(&0, 0).map_err(|error| failed(&error))?.0;
        let outcome = u8::try_from(answer.outcome)
            .ok()
            .and_then(Outcome::from_number)
            .unwrap_or(Outcome::Internal);
        Ok(Answer {
            outcome,
            slot: answer.slot,
            caller: answer.caller,
            called: answer.called,
        })
    }
}

/// A frame that carries a message in UDP. Both addresses must be of one family.
pub(super) fn frame(
    source: SocketAddr,
    destination: SocketAddr,
    message: &[u8],
) -> Result<Vec<u8>, KernelError> {
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let builder = match (source.ip(), destination.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => builder.ipv4(from.octets(), to.octets(), 64),
        (IpAddr::V6(from), IpAddr::V6(to)) => builder.ipv6(from.octets(), to.octets(), 64),
        _ => {
            return Err(KernelError::failed(
                "asking the kernel",
                format!("{source} and {destination} are not of one address family"),
            ));
        }
    };
    let mut frame = Vec::with_capacity(message.len() + 64);
    builder
        .udp(source.port(), destination.port())
        .write(&mut frame, message)
        .map_err(|error| failed(&error))?;
    Ok(frame)
}
