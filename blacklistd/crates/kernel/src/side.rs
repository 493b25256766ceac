//! Where tables and programs are: in the kernel, or in this process's memory.

use aya::Ebpf;
use aya::maps::{ArrayOfMaps, Map, MapData, MapError};
use blacklist_common::object::{MMAPABLE, map};

use super::ask::Answers;
use super::mapped::Mapped;
use super::maps::{KernelTable, PerCpu, Table, Tables};
use super::memory::{Kind, Memory};
use super::object::{chain, take, take_array};
use super::pins::Pins;
use super::plain::AbiType;
use super::ring::EventRing;
use super::{Answer, Attachment, KernelError, PatternTables, XdpMode, attach, object, pins};

/// Where they are.
pub(super) enum Side {
    /// In the kernel.
    Kernel(Box<Loaded>),
    /// In memory.
    #[cfg_attr(
        not(any(test, feature = "memory")),
        expect(dead_code, reason = "made for tests and simulations alone")
    )]
    Memory(Memory),
}

/// The loaded program.
pub(super) struct Loaded {
    pub(super) ebpf: Ebpf,
    pub(super) pins: Pins,
    tables: PatternTables,
    answers: Answers,
}

impl Side {
    /// The object, once it is loaded.
    pub(super) fn loaded(
        mut ebpf: Ebpf,
        pins: Pins,
        tables: PatternTables,
    ) -> Result<Self, KernelError> {
        Ok(Self::Kernel(Box::new(Loaded {
            answers: Answers::take(&mut ebpf, tables)?,
            ebpf,
            pins,
            tables,
        })))
    }

    /// A table by its name.
    pub(super) fn table<A, K, V>(
        &mut self,
        name: &'static str,
    ) -> Result<Table<A, K, V>, KernelError>
    where
        A: KernelTable<K, V> + TryFrom<Map, Error = MapError>,
        K: AbiType + Copy,
        V: AbiType + Copy,
    {
        Ok(match self {
            Self::Kernel(loaded) => Table::Kernel(loaded.typed(name)?),
            Self::Memory(memory) => Table::memory(memory.open(name, A::KIND, 0)?),
        })
    }

    /// The slots of a map of maps by its name.
    pub(super) fn tables<A>(&mut self, name: &'static str) -> Result<Tables<A>, KernelError>
    where
        ArrayOfMaps<MapData, A>: TryFrom<Map, Error = MapError>,
    {
        Ok(match self {
            Self::Kernel(loaded) => Tables::Kernel(loaded.typed(name)?),
            Self::Memory(memory) => Tables::Memory(memory.open(name, Kind::Maps, 0)?),
        })
    }

    /// An array that each processor has, by its name.
    pub(super) fn per_cpu<V: AbiType + Copy>(
        &mut self,
        name: &'static str,
    ) -> Result<PerCpu<V>, KernelError> {
        Ok(match self {
            Self::Kernel(loaded) => PerCpu::Kernel(loaded.typed(name)?),
            Self::Memory(memory) => PerCpu::Memory(memory.open(name, Kind::Array, 0)?),
        })
    }

    /// An array of `entries` by its name, as memory.
    pub(super) fn mapped<V: AbiType>(
        &mut self,
        name: &'static str,
        entries: u32,
    ) -> Result<Mapped<V>, KernelError> {
        match self {
            Self::Kernel(loaded) => Mapped::new(take_array(&mut loaded.ebpf, name)?.fd(), entries),
            Self::Memory(memory) => {
                let object = memory.open(name, Kind::Memory, size_of::<V>())?;
                Mapped::new(object.memory(), entries)
            }
        }
    }

    /// The event ring.
    pub(super) fn ring(&mut self, size: u32) -> Result<EventRing, KernelError> {
        match self {
            Self::Kernel(loaded) => match take(&mut loaded.ebpf, map::EVENTS)? {
                Map::RingBuf(data) => EventRing::new(data.fd(), size),
                _ => Err(KernelError::failed(
                    "looking for a table",
                    "EVENTS is not a ring",
                )),
            },
            Self::Memory(memory) => {
                let object = memory.open(map::EVENTS, Kind::Memory, 1)?;
                EventRing::new(object.memory(), size)
            }
        }
    }

    /// What makes tables for a new generation.
    pub(super) fn maker(&self) -> Maker {
        match self {
            Self::Kernel(_) => Maker::Kernel,
            Self::Memory(memory) => Maker::Memory(memory.clone()),
        }
    }

    pub(super) fn attach(
        &mut self,
        interface: &str,
        mode: XdpMode,
    ) -> Result<Attachment, KernelError> {
        match self {
            Self::Kernel(loaded) => {
                let program = object::program(&mut loaded.ebpf, loaded.tables.program())?;
                attach::attach(program, &loaded.pins, interface, mode)
            }
            Self::Memory(memory) => memory.attach(interface, mode),
        }
    }

    pub(super) fn attachments(&self) -> Vec<Attachment> {
        match self {
            Self::Kernel(loaded) => attach::attachments(&loaded.pins),
            Self::Memory(memory) => memory.attachments(),
        }
    }

    pub(super) fn detach(&self, interface: &str) -> Result<(), KernelError> {
        match self {
            Self::Kernel(loaded) => {
                let path = loaded.pins.link(interface);
                std::fs::remove_file(&path).map_err(|error| {
                    KernelError::failed(format!("removing {}", path.display()), error)
                })
            }
            Self::Memory(memory) => memory.detach(interface),
        }
    }

    /// Removes all links and tables; the interfaces that were set free.
    pub(super) fn remove(&self) -> Result<Vec<String>, KernelError> {
        match self {
            Self::Kernel(loaded) => pins::remove(loaded.pins.directory()),
            Self::Memory(memory) => Ok(memory.remove()),
        }
    }

    pub(super) fn remove_other_states(&self) -> Result<(), KernelError> {
        match self {
            Self::Kernel(loaded) => loaded.pins.remove_other_states(),
            Self::Memory(_) => Ok(()),
        }
    }

    pub(super) fn ask_frame(&self, frame: &[u8]) -> Result<Answer, KernelError> {
        match self {
            Self::Kernel(loaded) => loaded.answers.ask(&loaded.ebpf, frame),
            Self::Memory(memory) => memory.ask_frame(frame),
        }
    }
}

impl Loaded {
    /// A map by its name, as what it is.
    fn typed<M: TryFrom<Map, Error = MapError>>(&mut self, name: &str) -> Result<M, KernelError> {
        take(&mut self.ebpf, name)?.try_into().map_err(|error| {
            KernelError::failed(format!("opening the kernel's table {name}"), chain(&error))
        })
    }
}

/// Makes the tables of a new generation.
pub(super) enum Maker {
    /// In the kernel.
    Kernel,
    /// In memory.
    Memory(Memory),
}

impl Maker {
    /// A new table; `name` is for people.
    pub(super) fn create<A, K, V>(
        &self,
        name: &'static str,
        entries: u32,
        flags: u32,
    ) -> Result<Table<A, K, V>, KernelError>
    where
        A: KernelTable<K, V>,
        K: AbiType + Copy,
        V: AbiType + Copy,
    {
        Ok(match self {
            Self::Kernel => {
                Table::Kernel(A::create(entries, flags).map_err(super::filling::failed(name))?)
            }
            Self::Memory(memory) => {
                let is_mapped = flags & MMAPABLE != 0;
                let kind = if is_mapped { Kind::Memory } else { A::KIND };
                let bytes = u64::from(entries) * size_of::<V>() as u64;
                let bytes = if is_mapped { bytes } else { 0 };
                Table::memory(memory.create(name, kind, entries, bytes)?)
            }
        })
    }
}
