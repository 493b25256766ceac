//! What the media host asks the daemon.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::Answering;
use crate::daemon::core::Shared;
use crate::dialog::Transmit;
use crate::host::{Note, Office, Parties, PinAnswer};

/// The daemon, as the media host sees it.
pub(super) struct Desk(pub(super) Shared);

impl Desk {
    fn answering(&self) -> &Answering {
        self.0.answering()
    }
}

impl Office for Desk {
    fn check_pin(&self, _parties: &Parties, _digits: &str) -> PinAnswer {
        PinAnswer::NoPin
    }

    fn grant(&self, _parties: &Parties, _lifetime: Duration) {}

    fn note(&self, fingerprint: u64, note: Note) {
        let journal = self.0.journal();
        match note {
            Note::Status(status) => {
                journal.note_answer(fingerprint, status);
                *self.answering().count().sent.entry(status).or_default() += 1;
            }
            Note::Pin(answer) => journal.note_pin(fingerprint, answer.as_str()),
            Note::Ended(time) => journal.note_end(fingerprint, time.as_secs()),
        }
    }

    fn is_trunk(&self, address: IpAddr) -> bool {
        let table = self.answering().table();
        table.configuration.trunk_of(address).1.is_some()
    }

    fn transmit(&self, from: SocketAddr) -> Option<Arc<dyn Transmit>> {
        self.answering().open.transmit(from)
    }
}
