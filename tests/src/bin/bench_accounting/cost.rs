//! What an event costs the packet that tells it: nanoseconds for each dropped packet by test runs,
//! with the same rules, where the packet repeats a call, begins one, or begins one while the ring
//! has no room.

use std::sync::Arc;

use anyhow::bail;
use blacklist_common::dial_plan::DialPlan;
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::scope::{SCOPE_HAS_EXACT, ScopeEntry};
use blacklist_common::tables::TrunkEntry;
use blacklist_generation::Buckets;
use blacklist_kernel::{Kernel, KernelSettings, PatternTables, Tables};
use blacklist_tests::measuring::{median, run, vary};
use blacklist_tests::private_bpf::PrivateBpf;
use blacklist_tests::report::Report;

use crate::fill::number;
use crate::frames::{self, Frame};

const RULES: u32 = 10_000;
const REPEATS: u32 = 50_000;
const RUNS: usize = 21;
/// Room for the events of one run.
const EVENT_BYTES: u32 = 1 << 24;
/// The configuration's default.
const MAXIMUM_CALLS: u32 = 65_536;

/// What packets are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packets {
    Repeated,
    Told,
    Lost,
}

/// Measures with our own tables, and with the kernel's.
pub(crate) fn measure(object: &[u8], report: &mut Report) -> anyhow::Result<()> {
    report.section("nanoseconds per dropped packet of 985 bytes, 10,000 exact rules");
    for (of, tables, program) in [
        ("", PatternTables::Hashed, "vary"),
        ("stock tables: ", PatternTables::Stock, "vary_stock"),
    ] {
        let bpf = PrivateBpf::mount()?;
        let settings = KernelSettings {
            pin_directory: bpf.path().join("bench"),
            maximum_rules: 2 * RULES,
            maximum_calls: MAXIMUM_CALLS,
            event_bytes: EVENT_BYTES,
            tables,
        };
        let mut kernel = Kernel::open_object(&settings, object)?;
        kernel.install(&rules()?, 1)?;
        let frame = Frame::new("cost")?;
        let mut base = f64::NAN;
        for (name, packets) in [
            ("a call that is repeated, no event", Packets::Repeated),
            ("each packet a new call and an event", Packets::Told),
            ("each packet a new call, ring full", Packets::Lost),
        ] {
            let figure = cost(&mut kernel, program, &frame, packets)?;
            report.row(&format!("{of}{name}"), "ns", figure);
            if packets == Packets::Repeated {
                base = figure;
            } else {
                report.row(
                    &format!("{of}{name}: of a repeated call"),
                    "ratio",
                    figure / base,
                );
            }
        }
    }
    Ok(())
}

fn rules() -> anyhow::Result<Tables> {
    let mut buckets = Buckets::with_room(RULES as usize);
    for index in 0..RULES {
        let key = EntryKey::exact(0, number(&frames::caller(index))?);
        let rule = RuleRef::new(1 + index, Action::Drop, ReasonClass::OwnList, false);
        buckets.set(&key, Kind::Block, rule);
    }
    let entry = ScopeEntry {
        contents: SCOPE_HAS_EXACT,
        ..ScopeEntry::default()
    };
    Ok(Tables {
        buckets: Arc::new(buckets),
        scopes: vec![entry, ScopeEntry::default()],
        trunks: vec![TrunkEntry {
            identity: [1, 0, 0, 0],
            dial_plan: DialPlan::default(),
            ..TrunkEntry::default()
        }],
        ports: vec![5060],
        ..Tables::default()
    })
}

/// Takes all events out of the ring.
fn drain(kernel: &mut Kernel) -> u64 {
    let mut count = 0;
    while kernel.next_event().is_some() {
        count += 1;
    }
    count
}

/// Median of runs, without the change of the number.
fn cost(
    kernel: &mut Kernel,
    program: &str,
    frame: &Frame,
    packets: Packets,
) -> anyhow::Result<f64> {
    match packets {
        Packets::Repeated => vary(kernel.programs()?, frame.one_call())?,
        Packets::Told => vary(kernel.programs()?, frame.new_calls())?,
        // Goes on behind the calls of the runs before.
        Packets::Lost => {}
    }
    // What the first runs find is not what all others find.
    for _ in 0..2 {
        run(kernel.programs()?, program, &frame.bytes, REPEATS)?;
    }
    let mut figures = Vec::new();
    for _ in 0..RUNS {
        if packets != Packets::Lost {
            drain(kernel);
        }
        let before = kernel.tally().lost_events()?;
        let took = run(kernel.programs()?, program, &frame.bytes, REPEATS)?;
        let lost = kernel.tally().lost_events()? - before;
        let told = if packets == Packets::Lost {
            0
        } else {
            drain(kernel)
        };
        let expected = match packets {
            Packets::Repeated => (0, 0),
            Packets::Told => (u64::from(REPEATS), 0),
            Packets::Lost => (0, u64::from(REPEATS)),
        };
        if (told, lost) != expected {
            bail!("{REPEATS} packets: {told} events were told and {lost} lost");
        }
        let change = run(kernel.programs()?, "vary_only", &frame.bytes, REPEATS)?;
        figures.push(took - change);
    }
    Ok(median(figures))
}
