//! The real program and the host's engine, filled with the same rules and asked the same.

use std::net::IpAddr;

use aya::programs::{SchedClassifier, TestRun as _, TestRunOptions, Xdp};
use blacklist_common::event::Event;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::Action;
use blacklist_common::tables::{Counter, SETTING_GRANTS, SETTING_MONITOR};
use blacklist_kernel::{Answer, Change, Kernel, KernelSettings, PatternTables};

use crate::datagram::Frame;
use crate::host::Host;
use crate::private_bpf::PrivateBpf;
use crate::rules::World;

/// XDP's verdicts (linux/bpf.h, `enum xdp_action`).
const XDP_DROP: u32 = 1;
const XDP_PASS: u32 = 2;

/// Go on with the next program (linux/pkt_cls.h).
const TC_ACT_UNSPEC: i32 = -1;

/// Smallest frame that a test run takes: an Ethernet header (net/bpf/test_run.c).
pub const LEAST_FRAME: usize = 14;

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Whether it was dropped.
    pub dropped: bool,
    /// The frame behind the program.
    pub frame: Vec<u8>,
}

/// A kernel and a host with the same rules.
pub struct Lab {
    /// The kernel's side.
    pub kernel: Kernel,
    /// The same program with the kernel's stock tables; loaded when it is first asked.
    stock: Option<Kernel>,
    world: World,
    host: Host,
    settings: u32,
    answers: Vec<Action>,
    tables: PatternTables,
    // Behind the kernel: its pins are gone only when it is.
    bpf: PrivateBpf,
}

/// Calls that are remembered in tests.
pub const MAXIMUM_CALLS: u32 = 4096;

/// How the program is loaded for tests.
pub fn settings(bpf: &PrivateBpf) -> KernelSettings {
    KernelSettings {
        pin_directory: bpf.path().join("blacklist"),
        maximum_rules: 64,
        maximum_calls: MAXIMUM_CALLS,
        event_bytes: 1 << 16,
        tables: PatternTables::Hashed,
    }
}

fn open(settings: &KernelSettings, world: &World) -> Kernel {
    let mut kernel = Kernel::open(settings).unwrap_or_else(|error| panic!("{error}"));
    let number = kernel.generation() + 1;
    kernel
        .install(&world.tables(), number)
        .unwrap_or_else(|error| panic!("{error}"));
    kernel
}

impl Lab {
    /// Loads the program and installs the rules.
    ///
    /// # Panics
    /// Without root, and if the kernel refuses anything.
    pub fn open(world: World) -> Self {
        Self::open_with(world, PatternTables::Hashed)
    }

    /// As [`Self::open`], with these tables.
    ///
    /// # Panics
    /// As [`Self::open`].
    pub fn open_with(world: World, tables: PatternTables) -> Self {
        assert!(
            nix::unistd::geteuid().is_root(),
            "this test loads a program into the kernel and needs root: run `cargo xtask test`, \
             which compiles as you and runs the tests as root"
        );
        let bpf = PrivateBpf::mount().unwrap_or_else(|error| panic!("{error:#}"));
        Self {
            kernel: open(
                &KernelSettings {
                    tables,
                    ..settings(&bpf)
                },
                &world,
            ),
            tables,
            stock: None,
            world,
            host: Host::default(),
            settings: 0,
            answers: Vec::new(),
            bpf,
        }
    }

    /// How the program is loaded here; for a second look at the same pinned state.
    pub fn settings(&self) -> KernelSettings {
        settings(&self.bpf)
    }

    /// Leaves the program and loads it anew from what is pinned, as a daemon that restarts.
    #[must_use]
    pub fn restarted(self) -> Self {
        let Self {
            kernel,
            world,
            host,
            settings: flags,
            answers,
            tables,
            bpf,
            stock: _,
        } = self;
        drop(kernel);
        let kernel = Kernel::open(&KernelSettings {
            tables,
            ..settings(&bpf)
        })
        .unwrap_or_else(|error| panic!("{error}"));
        Self {
            kernel,
            stock: None,
            world,
            host,
            settings: flags,
            answers,
            tables,
            bpf,
        }
    }

    /// Puts other rules in force. Returns the generation's number.
    pub fn install(&mut self, world: World) -> u64 {
        self.world = world;
        let number = self.kernel.generation() + 1;
        let tables = self.world.tables();
        self.kernel.install(&tables, number).unwrap();
        if let Some(stock) = &mut self.stock {
            stock.install(&tables, number).unwrap();
        }
        number
    }

    /// Makes single changes, so that the kernel has the rules of `world` too.
    pub fn apply(&mut self, world: World, changes: &[Change]) {
        self.world = world;
        let number = self.kernel.generation() + 1;
        self.kernel.apply(changes, number).unwrap();
        if let Some(stock) = &mut self.stock {
            stock.apply(changes, number).unwrap();
        }
    }

    /// Lets everything through, or not.
    pub fn monitor(&mut self, monitor: bool) {
        self.settings = if monitor { SETTING_MONITOR } else { 0 };
        self.kernel.set_monitor(monitor).unwrap();
        if let Some(stock) = &mut self.stock {
            stock.set_monitor(monitor).unwrap();
        }
    }

    /// What the program with the stock tables says of a frame.
    fn ask_stock(&mut self, frame: &[u8]) -> Answer {
        let stock = self.stock.get_or_insert_with(|| {
            let settings = KernelSettings {
                tables: PatternTables::Stock,
                ..settings(&self.bpf)
            };
            let mut stock = open(&settings, &self.world);
            stock
                .set_monitor(self.settings & SETTING_MONITOR != 0)
                .unwrap();
            stock.set_answers(&[], 0, &self.answers).unwrap();
            stock
        });
        stock.ask_frame(frame).unwrap()
    }

    /// What the kernel says of a frame.
    pub fn ask(&self, frame: &[u8]) -> Answer {
        self.kernel.ask_frame(frame).unwrap()
    }

    /// What the host says of a text.
    pub fn judge(&mut self, peer: IpAddr, text: &[u8], fragment: bool) -> Answer {
        let settings = self.settings & !SETTING_GRANTS | self.world.grant_setting();
        self.host.judge(&self.world, peer, text, fragment, settings)
    }

    /// Asks both; the answer if they agree.
    ///
    /// # Errors
    /// A sentence that has both answers.
    pub fn agree(&mut self, frame: &Frame) -> Result<Answer, String> {
        let kernel = self.ask(&frame.bytes);
        let stock = self.ask_stock(&frame.bytes);
        if kernel != stock {
            return Err(format!(
                "the tables differ:\n  ours  {kernel:?}\n  stock {stock:?}"
            ));
        }
        let Some(text) = &frame.text else {
            let judged = kernel.caller.is_some() || kernel.called.is_some() || kernel.slot != 0;
            if judged || kernel.outcome.is_dropped() {
                return Err(format!(
                    "the kernel judged what it must not read: {kernel:?}"
                ));
            }
            return Ok(kernel);
        };
        let host = self.judge(frame.source, text, frame.fragment);
        if kernel == host {
            Ok(kernel)
        } else {
            Err(format!(
                "kernel and host differ:\n  kernel {kernel:?}\n  host   {host:?}"
            ))
        }
    }

    /// Says which calls the daemon answers, and where.
    pub fn answer(&mut self, ports: &[(u16, u16)], mark: u32, actions: &[Action]) {
        self.kernel.set_answers(ports, mark, actions).unwrap();
        self.settings = self.kernel.flags();
        self.answers = actions.to_vec();
    }

    /// Sends a frame through the enforcing program. Whether it was dropped.
    ///
    /// # Panics
    /// At any verdict but pass and drop.
    pub fn send(&mut self, frame: &[u8]) -> bool {
        self.send_whole(frame).dropped
    }

    /// As [`Self::send`], with the frame as it is behind the program.
    ///
    /// # Panics
    /// As [`Self::send`].
    pub fn send_whole(&mut self, frame: &[u8]) -> Sent {
        let program: &Xdp = self
            .kernel
            .programs()
            .unwrap()
            .program(match self.tables {
                PatternTables::Hashed => "blacklist",
                PatternTables::Stock => "blacklist_stock",
            })
            .unwrap()
            .try_into()
            .unwrap();
        let mut options = TestRunOptions::new();
        options.data_in = Some(frame);
        let mut behind = vec![0; frame.len()];
        options.data_out = Some(&mut behind);
        let result = program.test_run(options).unwrap();
        let dropped = match result.return_value {
            XDP_DROP => true,
            XDP_PASS => false,
            other => panic!("the program returned {other}"),
        };
        Sent {
            dropped,
            frame: behind,
        }
    }

    /// Sends a frame with a mark through the program on the way out; the frame behind it.
    ///
    /// # Panics
    /// If the program does not let it go on.
    pub fn leave(&mut self, frame: &[u8], mark: u32) -> Vec<u8> {
        let program: &SchedClassifier = self
            .kernel
            .programs()
            .unwrap()
            .program("replies")
            .unwrap()
            .try_into()
            .unwrap();
        // linux/bpf.h, `struct __sk_buff`: length, kind of packet, mark, and more.
        let mut context = [0; 192];
        context[8..12].copy_from_slice(&mark.to_ne_bytes());
        let mut behind = vec![0; frame.len()];
        let mut options = TestRunOptions::new();
        options.data_in = Some(frame);
        options.data_out = Some(&mut behind);
        options.ctx_in = Some(&context);
        let verdict = program.test_run(options).unwrap().return_value;
        assert_eq!(verdict.cast_signed(), TC_ACT_UNSPEC);
        behind
    }

    /// Calls and packets of a rule.
    pub fn counter(&self, slot: u32) -> Counter {
        self.kernel.tally().counter(slot)
    }

    /// Calls and packets of an outcome.
    pub fn outcome(&self, outcome: Outcome) -> Counter {
        self.kernel.tally().outcomes().unwrap()[outcome as usize].1
    }

    /// All events of blocked calls that wait; those of passed ones are thrown away.
    pub fn events(&mut self) -> Vec<Event> {
        let is_logged =
            |event: &Event| Outcome::from_number(event.outcome).is_some_and(Outcome::is_logged);
        let mut events = self.all_events();
        events.retain(is_logged);
        events
    }

    /// All events that wait.
    pub fn all_events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.kernel.next_event()).collect()
    }
}
