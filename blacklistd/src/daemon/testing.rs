//! A daemon in this process, without privileges: its tables are in memory, its state in a folder
//! that vanishes.

use std::path::PathBuf;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::event::{EVENT_SAMPLED, Event};
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::tables::IdentitySource;
use blacklist_common::user_part;
use blacklist_kernel::{Kernel, Memory};
use tempfile::TempDir;

use super::core::Shared;
use super::{journal, start};
use crate::config::{Configuration, parse};
use crate::model::clock;

/// A daemon that judges calls on the loopback interface.
pub(crate) struct TestDaemon {
    pub(crate) shared: Shared,
    /// What outlives it in the kernel.
    pub(crate) memory: Memory,
    /// What outlives it on the disk.
    pub(crate) folder: TempDir,
}

fn configuration(folder: &TempDir) -> (PathBuf, Configuration) {
    let path = folder.path().join("blacklistd.toml");
    let text = format!(
        "state_directory = \"{0}/state\"\ncontrol_socket = \"{0}/socket\"\n\
         default_dial_plan = \"us\"\n[kernel]\nmaximum_rules = 1000\n\
         [[interface]]\nname = \"lo\"\nxdp = \"generic\"\n\
         [dial_plan.us]\ncountry_code = \"1\"\nnational_prefix = \"1\"\nnational_lengths = [10, 10]\n",
        folder.path().display()
    );
    std::fs::write(&path, &text).unwrap();
    let configuration = parse(&path, &text).unwrap();
    (path, configuration)
}

impl TestDaemon {
    /// The first start.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (_, settings) = configuration(&folder);
        let memory = Memory::new(&settings.kernel);
        Self::start_over(memory, folder)
    }

    /// A start over what one before has left.
    pub(crate) fn start_over(memory: Memory, folder: TempDir) -> Self {
        let (path, configuration) = configuration(&folder);
        start::make_state_directory(&configuration.state_directory).unwrap();
        let open = |_: &_| Kernel::in_memory(&memory);
        let shared = start::start_over(&path, configuration, open).unwrap();
        Self {
            shared,
            memory,
            folder,
        }
    }

    /// Has a call of the first rule refused, as the program tells it, and takes it into the log.
    /// Once.
    pub(crate) fn refuse_a_call(&self) {
        let mut event = Event {
            time: clock::monotonic(),
            generation: 1,
            fingerprint: 7,
            source_port: 5060,
            destination_port: 5060,
            outcome: Outcome::Dropped as u8,
            identity: IdentitySource::From as u8,
            flags: EVENT_SAMPLED,
            rule: RuleRef::new(1, Action::Drop, ReasonClass::OwnList, false),
            ..Event::default()
        };
        for (field, length, text) in [
            (&mut event.caller_user[..], &mut event.caller_length, "+14155550100"),
            (&mut event.called_user[..], &mut event.called_length, "100"),
            (&mut event.call_id[..], &mut event.call_id_length, "call-1"),
        ] {
            field[..text.len()].copy_from_slice(text.as_bytes());
            *length = u8::try_from(text.len()).unwrap();
        }
        let plan = DialPlan::default();
        let read = |text: &[u8]| user_part::canonical(text, &plan).unwrap();
        event.caller = read(b"+14155550100").number;
        event.called = read(b"100").number;
        self.memory.send_event(&event).unwrap();
        let (writer, thread) = journal::start(&self.shared).unwrap();
        writer.end();
        thread.join().unwrap();
    }
}
