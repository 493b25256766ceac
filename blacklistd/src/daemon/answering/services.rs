//! What the media host asks of the daemon.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::Answering;
use crate::daemon::change::Lifetime;
use crate::daemon::pins::PinTry;
use blacklist_store::pin::Attempt;
use blacklist_voice::dialog::Transmit;
use blacklist_voice::host::{CallNote, CallServices, Parties, PinAnswer};

/// The daemon, as the media host sees it.
pub(super) struct HostServices(pub(super) Arc<Answering>);

impl CallServices for HostServices {
    fn check_pin(&self, parties: &Parties, digits: &str) -> PinAnswer {
        let asked = PinTry {
            local: &parties.local,
            caller: &parties.remote,
            digits: digits.as_bytes(),
        };
        match self.0.pins.check(&asked) {
            Ok(Attempt::Right { .. }) => PinAnswer::Right,
            Ok(Attempt::Wrong { wait }) => PinAnswer::Wrong(wait),
            Ok(Attempt::Locked { .. }) => PinAnswer::Locked,
            Ok(Attempt::NoPin) => PinAnswer::NoPin,
            Err(error) => {
                tracing::error!("a PIN was not compared: {error}");
                PinAnswer::Locked
            }
        }
    }

    fn grant(&self, parties: &Parties, lifetime: Duration) {
        let lifetime = Lifetime::For(lifetime);
        let by = "the right PIN";
        let granted = self
            .0
            .changes
            .grant(&parties.local, &parties.remote, lifetime, by);
        // A caller without a number gets none: it would be everybody's who has none.
        if let Err(error) = granted {
            tracing::debug!("no grant was written: {error}");
        }
    }

    fn record(&self, fingerprint: u64, note: CallNote) {
        let journal = &self.0.journal;
        match note {
            CallNote::Status(status) => {
                journal.note_answer(fingerprint, status);
                *self.0.count().sent.entry(status).or_default() += 1;
            }
            CallNote::Pin(answer) => journal.note_pin(fingerprint, answer.as_str()),
            CallNote::Ended { time, is_held } => {
                journal.note_end(fingerprint, time.as_secs(), is_held);
            }
        }
    }

    fn is_trunk(&self, address: IpAddr) -> bool {
        let configuration = self.0.settings.active();
        configuration.trunk_of(address).1.is_some()
    }

    fn transmit(&self, from: SocketAddr) -> Option<Arc<dyn Transmit>> {
        self.0.open.transmit(from)
    }
}
