//! The kernel's side: loads the program, fills its tables, attaches it, reads its counters.
//! Only this room names aya.

mod ask;
mod attach;
mod error;
mod filling;
mod generation;
mod grants;
mod interface;
mod mapped;
mod maps;
#[cfg_attr(
    not(any(test, feature = "memory")),
    expect(
        dead_code,
        unreachable_pub,
        reason = "made for tests and simulations alone"
    )
)]
mod memory;
mod object;
mod patterns;
mod pins;
mod plain;
mod preconditions;
mod remembered;
mod ring;
mod side;
mod steering;
mod stock;
mod tally;
#[cfg(test)]
mod tests;
mod trace;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aya::Ebpf;
use aya::maps::MapError;
use blacklist_common::event::Event;
use blacklist_common::number::Number;
use blacklist_common::object::map;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{
    ABI_VERSION, SETTING_MONITOR, Settings, SlotEntry, generation, table_slot,
};
use blacklist_model::words;

use generation::{Inner, Outer};
use grants::Grants;
use mapped::Mapped;
use maps::Array;
use object::chain;
use pins::Pins;
use side::Side;
use steering::Steering;
use trace::Trace;

pub use blacklist_generation::{Change, GrantEnd, Tables};
use blacklist_system::Clock;
pub use error::KernelError;
#[cfg(any(test, feature = "memory"))]
pub use memory::Memory;
pub use remembered::Remembered;
pub use ring::EventRing;
pub use steering::{Heartbeat, ReplyHook};
pub use tally::is_blocked;
pub use tally::{OtherTally, Tally};

words! {
    /// How the kernel looks up numbers, prefixes and wildcards.
    pub enum PatternTables default Hashed {
        /// By our own table.
        Hashed = "hashed",
        /// By the kernel's hash table and trie: slower, for reference.
        Stock = "stock",
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

words! {
    /// How a program is attached.
    pub enum XdpMode {
        /// In the driver.
        Native = "native",
        /// After the driver, on socket buffers.
        Generic = "generic",
    }
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
    side: Side,
    tables: PatternTables,
    outer: Outer,
    /// The maps of the generation in force, once one was installed here.
    inner: Option<Inner>,
    grants: Grants,
    settings: Array<Settings>,
    in_force: Settings,
    slots: Mapped<SlotEntry>,
    tally: Arc<Tally>,
    remembered: Arc<Remembered>,
    /// None once it was taken.
    ring: Option<EventRing>,
    steering: Steering,
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
        if object.is_empty() {
            return Err(KernelError::NoObject);
        }
        preconditions::check()?;
        preconditions::check_pin_directory(&settings.pin_directory)?;
        let pins = Pins::new(settings);
        let was_there = pins.map(map::SETTINGS).exists();
        pins.create()?;
        let opened = Self::load(settings, pins.clone(), object);
        if opened.is_err() && !was_there {
            pins.remove_state()?;
        }
        opened
    }

    fn load(settings: &KernelSettings, pins: Pins, object: &[u8]) -> Result<Self, KernelError> {
        let mut ebpf = object::load(settings, &pins, object)?;
        let trace = Trace::take(&mut ebpf);
        let side = Side::loaded(ebpf, pins, settings.tables)?;
        Self::over(side, settings, trace)
    }

    /// The daemon's side of tables and links in memory: what is in them is taken over. For tests
    /// and simulations.
    ///
    /// # Errors
    /// A table that cannot be made.
    #[cfg(any(test, feature = "memory"))]
    pub fn in_memory(memory: &Memory) -> Result<Self, KernelError> {
        Self::over(Side::Memory(memory.clone()), memory.settings(), None)
    }

    fn over(
        mut side: Side,
        settings: &KernelSettings,
        trace: Option<Trace>,
    ) -> Result<Self, KernelError> {
        let tables = settings.tables;
        let slots = object::counter_slots(settings);
        let call_buckets = object::call_buckets(settings);
        let event_bytes = settings.event_bytes;
        let settings: Array<Settings> = side.table(map::SETTINGS)?;
        let in_force = Settings {
            call_buckets,
            ..settings.get(&0).map_err(table("settings"))?
        };
        Ok(Self {
            tables,
            outer: Outer::open(&mut side)?,
            inner: None,
            grants: Grants::open(&mut side)?,
            settings,
            in_force,
            slots: side.mapped(map::RULES, slots)?,
            tally: Arc::new(Tally::open(&mut side, slots)?),
            remembered: Arc::new(Remembered::open(&mut side, tables, call_buckets)?),
            ring: Some(side.ring(event_bytes)?),
            steering: Steering::open(&mut side)?,
            trace,
            side,
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

    /// The id of what a counter slot counts; 0 for none.
    pub fn slot(&self, slot: u32) -> u32 {
        self.slots.get(slot as usize).unwrap_or_default().rule
    }

    /// Fills a new generation, then switches to it. `number` is the generation's, as events and
    /// [`Self::generation`] name it.
    ///
    /// # Errors
    /// A table that has no room or a system call that fails; the generation in force stays.
    pub fn install(&mut self, tables: &Tables, number: u64) -> Result<(), KernelError> {
        let inner = Inner::fill(&self.side.maker(), tables, self.tables)?;
        let slot = 1 - table_slot(self.in_force.active);
        self.outer.set(slot, &inner, tables)?;
        for (slot, rule) in &tables.slots {
            self.set_slot(*slot, *rule)?;
        }
        self.grants.fill(&tables.grants)?;
        let before = self.in_force;
        self.write_settings(Settings {
            active: number << 1 | u64::from(slot),
            abi_version: ABI_VERSION,
            ..self.in_force
        })?;
        // Packets that read the word before it changed are done when this returns; only then may
        // their slot be filled again.
        if let Err(error) = self.outer.wait(slot, &inner) {
            // The generation before is still whole, and its tables are those of `self.inner`.
            self.write_settings(before)?;
            return Err(error);
        }
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
        let now = Clock::read();
        let result = changes.iter().try_for_each(|change| match change {
            Change::Slot(slot, rule) => self.set_slot(*slot, *rule),
            Change::Grant(pair, end) => self.grants.set(*pair, *end, &now),
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
        self.side.attach(interface, mode)
    }

    /// Removes the pinned state of other layouts, which no attached program uses any more.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove_other_states(&self) -> Result<(), KernelError> {
        self.side.remove_other_states()
    }

    /// What is attached.
    pub fn attachments(&self) -> Vec<Attachment> {
        self.side.attachments()
    }

    /// Takes the program off an interface.
    ///
    /// # Errors
    /// A pin that cannot be removed.
    pub fn detach(&mut self, interface: &str) -> Result<(), KernelError> {
        self.side.detach(interface)
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

    /// The settings of the program, `SETTING_...` bits: what is decided by them.
    pub const fn flags(&self) -> u32 {
        self.in_force.flags
    }

    fn write_settings(&mut self, mut settings: Settings) -> Result<(), KernelError> {
        settings.flags = self.grants.flags(settings.flags);
        self.settings
            .set(&0, settings, 0)
            .map_err(table("settings"))?;
        self.in_force = settings;
        Ok(())
    }

    /// What the program counted.
    pub const fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    /// The calls that the program remembers.
    pub const fn remembered(&self) -> &Arc<Remembered> {
        &self.remembered
    }

    /// The event ring, for whoever reads it; once.
    pub const fn take_ring(&mut self) -> Option<EventRing> {
        self.ring.take()
    }

    /// Takes the next event and releases it; none if the ring is empty, or somebody else has it.
    pub fn next_event(&mut self) -> Option<Event> {
        let ring = self.ring.as_mut()?;
        let event = ring.next_event();
        ring.release();
        event
    }

    /// What states of other layouts have counted, oldest first; they are removed by
    /// [`Self::remove_other_states`].
    pub fn other_tallies(&self) -> Vec<OtherTally> {
        tally::others(&self.side)
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
        self.side.ask_frame(frame)
    }

    /// The loaded programs, for measurements and test runs.
    ///
    /// # Errors
    /// All is in memory.
    pub fn programs(&mut self) -> Result<&mut Ebpf, KernelError> {
        match &mut self.side {
            Side::Kernel(loaded) => Ok(&mut loaded.ebpf),
            Side::Memory(_) => Err(KernelError::NoObject),
        }
    }

    /// Takes the program off all interfaces and forgets its tables. Returns the interfaces that
    /// were set free.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove_all(&mut self) -> Result<Vec<String>, KernelError> {
        self.detach_replies();
        self.side.remove()
    }

    /// Removes programs, maps and links that are pinned in a folder. Returns the interfaces that
    /// were set free.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn remove(pin_directory: &Path) -> Result<Vec<String>, KernelError> {
        pins::remove(pin_directory)
    }
}
