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

use super::parts::Daemon;
use super::{journal, start};
use crate::config::{Configuration, parse};
use blacklist_system::clock;

/// A daemon that judges calls on the loopback interface.
pub(crate) struct TestDaemon {
    pub(crate) daemon: Daemon,
    /// What outlives it in the kernel.
    pub(crate) memory: Memory,
    /// What outlives it on the disk.
    pub(crate) folder: TempDir,
}

fn configuration(folder: &TempDir, more: &str) -> (PathBuf, Configuration) {
    let path = folder.path().join("blacklistd.toml");
    let text = format!(
        "state_directory = \"{0}/state\"\ncontrol_socket = \"{0}/socket\"\n\
         default_dial_plan = \"us\"\n[kernel]\nmaximum_rules = 1000\n\
         [[interface]]\nname = \"lo\"\nxdp = \"generic\"\n\
         [dial_plan.us]\ncountry_code = \"1\"\nnational_prefix = \"1\"\nnational_lengths = [10, 10]\n{more}",
        folder.path().display()
    );
    std::fs::write(&path, &text).unwrap();
    let configuration = parse(&path, &text).unwrap();
    (path, configuration)
}

impl TestDaemon {
    /// The first start.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// The first start, with more in its configuration.
    pub(crate) fn start_with(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let numbers = "pattern\n+13125550100\n+13125550101\n";
        std::fs::write(folder.path().join("numbers.csv"), numbers).unwrap();
        let (_, settings) = configuration(&folder, more);
        let memory = Memory::new(&settings.kernel);
        Self::start_over_with(memory, folder, more)
    }

    /// A start over what one before has left.
    pub(crate) fn start_over(memory: Memory, folder: TempDir) -> Self {
        Self::start_over_with(memory, folder, "")
    }

    fn start_over_with(memory: Memory, folder: TempDir, more: &str) -> Self {
        let (path, configuration) = configuration(&folder, more);
        start::make_state_directory(&configuration.state_directory).unwrap();
        let open = |_: &_| Kernel::in_memory(&memory);
        let daemon = start::start_over(&path, configuration, open).unwrap();
        Self {
            daemon,
            memory,
            folder,
        }
    }

    /// Two calls come: the first rule refuses one, the other passes and is in the sample. The
    /// program tells of them, and the log takes them. Once.
    pub(crate) fn receive_calls(&self) {
        let refused = RuleRef::new(1, Action::Drop, ReasonClass::OwnList, false);
        let calls = [
            ("+14155550100", Outcome::Dropped, refused, 0),
            (
                "+14155550101",
                Outcome::NoRule,
                RuleRef::NONE,
                EVENT_SAMPLED,
            ),
        ];
        for (index, (caller, outcome, rule, flags)) in calls.into_iter().enumerate() {
            let event = event(index, caller, outcome);
            let event = Event {
                rule,
                flags,
                ..event
            };
            self.memory.send_event(&event).unwrap();
        }
        let daemon = &self.daemon;
        let (writer, thread) = journal::start(
            daemon.enforcement.lock().kernel.take_ring().unwrap(),
            daemon.journal.clone(),
            daemon.rules.clone(),
            daemon.problems.clone(),
            daemon.shipping.clone(),
        )
        .unwrap();
        writer.end();
        thread.join().unwrap();
    }
}

/// What the program tells of a call to the extension 100.
fn event(index: usize, caller: &str, outcome: Outcome) -> Event {
    let number = |text: &str| {
        let party = user_part::canonical(text.as_bytes(), &DialPlan::default());
        party.unwrap().number
    };
    let mut event = Event {
        time: clock::monotonic(),
        generation: 1,
        caller: number(caller),
        called: number("100"),
        fingerprint: index as u64 + 7,
        source_port: 5060,
        destination_port: 5060,
        outcome: outcome as u8,
        identity: IdentitySource::From as u8,
        ..Event::default()
    };
    let call_id = format!("call-{}", index + 1);
    for (field, length, text) in [
        (&mut event.caller_user[..], &mut event.caller_length, caller),
        (&mut event.called_user[..], &mut event.called_length, "100"),
        (&mut event.call_id[..], &mut event.call_id_length, &call_id),
    ] {
        field[..text.len()].copy_from_slice(text.as_bytes());
        *length = u8::try_from(text.len()).unwrap();
    }
    event
}
