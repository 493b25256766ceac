//! What an object with the feature `trace` says of each packet, into the daemon's log.

use aya::Ebpf;
use aya_log::EbpfLogger;
use tracing_log::LogTracer;

/// The records of a tracing object.
pub(super) struct Trace(EbpfLogger<LogTracer>);

impl Trace {
    /// None for a release object, which says nothing.
    pub(super) fn take(ebpf: &mut Ebpf) -> Option<Self> {
        EbpfLogger::init_with_logger(ebpf, LogTracer::new())
            .ok()
            .map(Self)
    }

    /// Writes what has come since the last call, at level debug.
    pub(super) fn flush(&mut self) {
        self.0.flush();
    }
}
