//! The kernel's side: loads the program, fills its tables, attaches it, reads its counters.
//! Only this room names aya.

mod ask;
mod attach;
mod error;
mod generation;
mod interface;
mod mapped;
mod object;
mod patterns;
mod pins;
mod plain;
mod preconditions;
mod trace;

use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, RawFd};
use std::path::{Path, PathBuf};

use aya::Ebpf;
use aya::maps::{Array, MapData, MapError, PerCpuArray, RingBuf};
use blacklist_common::event::Event;
use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{
    ABI_VERSION, Counter, SETTING_MONITOR, Settings, SlotEntry, generation, table_slot,
};

use ask::Answers;
use generation::{Inner, Outer};
use mapped::Mapped;
use object::{chain, take};
use pins::Pins;
use plain::Plain;
use trace::Trace;

pub use crate::generation::{Change, Tables};
pub use error::KernelError;

/// How the kernel looks up numbers, prefixes and wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PatternTables {
    /// By our own table.
    #[default]
    Hashed,
    /// By the kernel's hash table and trie: slower, for reference.
    Stock,
}

impl PatternTables {
    /// The word for people and for the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hashed => "hashed",
            Self::Stock => "stock",
        }
    }
}

/// How the program is loaded and where it is pinned.
#[derive(Clone, Debug)]
pub struct KernelSettings {
    /// Folder on a bpf file system.
    pub pin_directory: PathBuf,
    /// Counter slots, that is rules that can be in force at once.
    pub maximum_rules: u32,
    /// Call-IDs remembered to tell retransmissions from calls.
    pub maximum_calls: u32,
    /// Bytes of the event ring, a power of two.
    pub event_bytes: u32,
    /// How patterns are looked up.
    pub tables: PatternTables,
}

/// How a program is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XdpMode {
    /// In the driver.
    Native,
    /// Behind the driver, on socket buffers.
    Generic,
}

/// The program on one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Interface name.
    pub interface: String,
    /// Its index.
    pub index: u32,
    /// Native or generic.
    pub mode: XdpMode,
    /// False if the interface it was attached to is gone (deleted, perhaps created anew).
    pub alive: bool,
}

/// What the kernel program says about a frame, without counting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where its way ended.
    pub outcome: Outcome,
    /// The rule's counter slot; 0 for none.
    pub slot: u32,
    /// Canonical caller as the kernel reads it.
    pub caller: Number,
    /// Canonical called party as the kernel reads it.
    pub called: Number,
}

/// The loaded program, its tables and links.
pub struct Kernel {
    pins: Pins,
    tables: PatternTables,
    ebpf: Ebpf,
    outer: Outer,
    /// The maps of the generation in force, once one was installed here.
    inner: Option<Inner>,
    settings: Array<MapData, Plain<Settings>>,
    in_force: Settings,
    counters: Mapped<Counter>,
    slots: Mapped<SlotEntry>,
    outcomes: PerCpuArray<MapData, Plain<Counter>>,
    lost: PerCpuArray<MapData, u64>,
    events: RingBuf<MapData>,
    answers: Answers,
    trace: Option<Trace>,
}

fn table(name: &'static str) -> impl Fn(MapError) -> KernelError {
    move |error| KernelError::failed(format!("using the kernel's {name} table"), chain(&error))
}

impl Kernel {
    /// Takes over what is pinned, or loads and pins it. A pinned state of another layout stays in
    /// force until [`Self::install`] and [`Self::attach`] have replaced it, in this order.
    ///
    /// # Errors
    /// Missing capabilities, an old kernel, no BTF, no bpf file system, a program that the kernel
    /// refuses. Nothing is changed then.
    pub fn open(settings: &KernelSettings) -> Result<Self, KernelError> {
        Self::open_object(settings, object::OBJECT)
    }

    /// As [`Self::open`], with an object other than the one in this binary: for tracing and
    /// measurements.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_object(settings: &KernelSettings, object: &[u8]) -> Result<Self, KernelError> {
        preconditions::check()?;
        preconditions::check_pin_directory(&settings.pin_directory)?;
        let pins = Pins::new(settings);
        let was_there = pins.map("SETTINGS").exists();
        pins.create()?;
        let opened = Self::load(settings, pins.clone(), object);
        if opened.is_err() && !was_there {
            pins.remove_state()?;
        }
        opened
    }

    fn load(settings: &KernelSettings, pins: Pins, object: &[u8]) -> Result<Self, KernelError> {
        let tables = settings.tables;
        let mut ebpf = object::load(settings, &pins, object)?;
        let slots = object::counter_slots(settings);
        let settings: Array<MapData, Plain<Settings>> = take(&mut ebpf, "SETTINGS")?
            .try_into()
            .map_err(table("settings"))?;
        let in_force = settings.get(&0, 0).map_err(table("settings"))?.0;
        Ok(Self {
            pins,
            tables,
            outer: Outer::take(&mut ebpf)?,
            inner: None,
            settings,
            in_force,
            counters: Mapped::new(object::take_array(&mut ebpf, "COUNTERS")?.fd(), slots)?,
            slots: Mapped::new(object::take_array(&mut ebpf, "RULES")?.fd(), slots)?,
            outcomes: take(&mut ebpf, "OUTCOMES")?
                .try_into()
                .map_err(table("outcome"))?,
            lost: take(&mut ebpf, "LOST")?.try_into().map_err(table("loss"))?,
            events: take(&mut ebpf, "EVENTS")?
                .try_into()
                .map_err(table("event"))?,
            answers: Answers::take(&mut ebpf, tables)?,
            trace: Trace::take(&mut ebpf),
            ebpf,
        })
    }

    /// Rule ids by counter slot, as the pinned state has them; to keep slots over a restart.
    ///
    /// # Errors
    /// None at present; the table is in memory.
    pub fn slots(&self) -> Result<Vec<(u32, u32)>, KernelError> {
        Ok((1..self.slots.len())
            .filter_map(|slot| {
                let entry = self.slots.get(slot).filter(|entry| entry.rule != 0)?;
                Some((u32::try_from(slot).ok()?, entry.rule))
            })
            .collect())
    }

    /// Fills a new generation, then switches to it. `number` is the generation's, as events and
    /// [`Self::generation`] name it.
    ///
    /// # Errors
    /// A table that has no room or a system call that fails; the generation in force stays.
    pub fn install(&mut self, tables: &Tables, number: u64) -> Result<(), KernelError> {
        let inner = Inner::fill(tables, self.tables)?;
        let slot = 1 - table_slot(self.in_force.active);
        self.outer.set(slot, &inner, tables)?;
        for (slot, rule) in &tables.slots {
            self.set_slot(*slot, *rule)?;
        }
        self.write_settings(Settings {
            active: number << 1 | u64::from(slot),
            abi_version: ABI_VERSION,
            ..self.in_force
        })?;
        // Packets that read the word before it changed are done when this returns; only then may
        // their slot be filled again.
        self.outer.wait(slot, &inner)?;
        self.inner = Some(inner);
        Ok(())
    }

    /// Changes single entries of the generation in force, which becomes generation `number`.
    ///
    /// # Errors
    /// A table that has no room ([`KernelError::is_full`]) or a system call that fails. Earlier
    /// changes of the list stay made: install a whole generation, the one from before or, where a
    /// table was full, the new one, which gets more room.
    pub fn apply(&mut self, changes: &[Change], number: u64) -> Result<(), KernelError> {
        let Some(mut inner) = self.inner.take() else {
            return Err(KernelError::failed(
                "changing a rule",
                "no generation is installed",
            ));
        };
        let slot = table_slot(self.in_force.active);
        let result = changes.iter().try_for_each(|change| match change {
            Change::Slot(slot, rule) => self.set_slot(*slot, *rule),
            other => inner.apply(other, &mut self.outer, slot),
        });
        self.inner = Some(inner);
        result?;
        self.write_settings(Settings {
            active: number << 1 | u64::from(slot),
            ..self.in_force
        })
    }

    fn set_slot(&mut self, slot: u32, rule: u32) -> Result<(), KernelError> {
        let entry = SlotEntry { rule, padding: 0 };
        if slot != 0 && self.slots.set(slot as usize, entry) {
            return Ok(());
        }
        Err(KernelError::Full {
            table: "counter",
            capacity: u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX),
        })
    }

    /// Generation in force.
    pub fn generation(&self) -> u64 {
        generation(self.in_force.active)
    }

    /// Attaches to an interface, or replaces our own program there without a gap. A mode other
    /// than before takes the program off for a moment.
    ///
    /// # Errors
    /// No such interface, another program on it, a driver that does not take it.
    pub fn attach(&mut self, interface: &str, mode: XdpMode) -> Result<Attachment, KernelError> {
        let program = object::program(&mut self.ebpf, self.tables.program())?;
        attach::attach(program, &self.pins, interface, mode)
    }

    /// Removes the pinned state of other layouts, which no attached program uses any more.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove_other_states(&self) -> Result<(), KernelError> {
        self.pins.remove_other_states()
    }

    /// What is attached.
    pub fn attachments(&self) -> Vec<Attachment> {
        attach::attachments(&self.pins)
    }

    /// Takes the program off an interface.
    ///
    /// # Errors
    /// A pin that cannot be removed.
    pub fn detach(&mut self, interface: &str) -> Result<(), KernelError> {
        let path = self.pins.link(interface);
        std::fs::remove_file(&path)
            .map_err(|error| KernelError::failed(format!("removing {}", path.display()), error))
    }

    /// Everything is decided, counted and logged, and let through.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn set_monitor(&mut self, monitor: bool) -> Result<(), KernelError> {
        let mut settings = self.in_force;
        settings.flags &= !SETTING_MONITOR;
        if monitor {
            settings.flags |= SETTING_MONITOR;
        }
        self.write_settings(settings)
    }

    fn write_settings(&mut self, settings: Settings) -> Result<(), KernelError> {
        self.settings
            .set(0, Plain(settings), 0)
            .map_err(table("settings"))?;
        self.in_force = settings;
        Ok(())
    }

    /// Counters of all slots that are not zero.
    ///
    /// # Errors
    /// None at present; the table is in memory.
    pub fn counters(&self) -> Result<Vec<(u32, Counter)>, KernelError> {
        Ok((1..self.counters.len())
            .filter_map(|slot| {
                let counter = self
                    .counters
                    .get(slot)
                    .filter(|counter| counter.packets != 0)?;
                Some((u32::try_from(slot).ok()?, counter))
            })
            .collect())
    }

    /// Counters of one slot; zero for a slot that does not exist.
    pub fn counter(&self, slot: u32) -> Counter {
        self.counters.get(slot as usize).unwrap_or_default()
    }

    /// Sets a slot's counters to zero; before it is given to another rule.
    ///
    /// # Errors
    /// A slot that does not exist.
    pub fn reset_counter(&mut self, slot: u32) -> Result<(), KernelError> {
        if self.counters.set(slot as usize, Counter::default()) {
            return Ok(());
        }
        Err(KernelError::failed(
            "resetting a counter",
            format!("no slot {slot}"),
        ))
    }

    /// Packets, and calls where a rule decided, by outcome, in the order of [`Outcome::ALL`].
    ///
    /// # Errors
    /// A system call that fails.
    pub fn outcomes(&self) -> Result<Vec<(Outcome, Counter)>, KernelError> {
        Outcome::ALL
            .into_iter()
            .map(|outcome| {
                let values = self
                    .outcomes
                    .get(&u32::from(outcome as u8), 0)
                    .map_err(table("outcome"))?;
                let mut sum = Counter::default();
                for Plain(counter) in values.iter() {
                    sum.calls = sum.calls.wrapping_add(counter.calls);
                    sum.packets = sum.packets.wrapping_add(counter.packets);
                }
                Ok((outcome, sum))
            })
            .collect()
    }

    /// Events that did not fit the ring, since the state was made.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn lost_events(&self) -> Result<u64, KernelError> {
        let values = self.lost.get(&0, 0).map_err(table("loss"))?;
        Ok(values.iter().sum())
    }

    /// Descriptor that becomes readable when there are events (for `AsyncFd`).
    pub fn event_descriptor(&self) -> RawFd {
        self.events.as_raw_fd()
    }

    /// Takes the next event; none if the ring is empty.
    pub fn next_event(&mut self) -> Option<Event> {
        let item = self.events.next()?;
        if item.len() < size_of::<Event>() {
            return None;
        }
        // SAFETY: the record is at least as long as an event, which consists of integers and
        // arrays of bytes; any alignment is fine.
        Some(unsafe { item.as_ptr().cast::<Event>().read_unaligned() })
    }

    /// Writes what a tracing object said of packets to the log; nothing with a release object.
    pub fn flush_trace(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.flush();
        }
    }

    /// Runs the program on a synthesised INVITE from `source` without counting it.
    ///
    /// # Errors
    /// A system call that fails, addresses of two families, a message longer than a packet.
    pub fn ask(
        &self,
        source: SocketAddr,
        destination: SocketAddr,
        message: &[u8],
    ) -> Result<Answer, KernelError> {
        self.ask_frame(&ask::frame(source, destination, message)?)
    }

    /// Runs the program on a whole frame without counting it.
    ///
    /// # Errors
    /// A system call that fails; a frame shorter than an Ethernet header.
    pub fn ask_frame(&self, frame: &[u8]) -> Result<Answer, KernelError> {
        self.answers.ask(&self.ebpf, frame)
    }

    /// The loaded programs, for measurements and test runs.
    pub fn programs(&mut self) -> &mut Ebpf {
        &mut self.ebpf
    }

    /// Removes programs, maps and links that are pinned in a folder. Returns the interfaces that
    /// were set free.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove(pin_directory: &Path) -> Result<Vec<String>, KernelError> {
        let interfaces = pins::linked_interfaces(pin_directory);
        pins::remove_all(pin_directory)?;
        Ok(interfaces)
    }
}
