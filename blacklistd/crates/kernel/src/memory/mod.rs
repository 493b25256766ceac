//! Tables and links in this process's memory, which behave like the kernel's: for tests and
//! simulations without privileges. What is here outlives the [`super::Kernel`] that uses it, as
//! pinned tables do.

mod judge;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aya::maps::MapError;
use aya::sys::SyscallError;
use blacklist_common::event::Event;
use blacklist_common::object::{SLOTS, map};
use blacklist_common::shape::MAXIMUM_SHAPES;
use blacklist_common::tables::{MAXIMUM_ANSWER_PORTS, MAXIMUM_TRUNKS, PORT_WORDS};
use blacklist_generation::MAXIMUM_GRANTS;
use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::object::{call_buckets, counter_slots};
use super::plain::{AbiType, bytes, value};
use super::ring::page_size;
use super::{Attachment, KernelError, KernelSettings, XdpMode, interface};

/// `BPF_EXIST` (linux/bpf.h): an entry that is absent is not made.
const EXISTING: u64 = 2;
/// Calls sent to the daemon that the kernel's table holds; the largest hash table of one size.
const STEERED_CALLS: u32 = 65_536;

/// How a table is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By index; each entry is there and begins as zeros.
    Array,
    /// By key.
    Hash,
    /// By the longest prefix.
    Trie,
    /// By index, as memory.
    Memory,
    /// By slot; each holds a table.
    Maps,
}

/// Asked before each system call that writes, with the table's name; it may refuse it.
type Watcher = Box<dyn FnMut(&str) -> Result<(), Errno> + Send>;

/// One table.
pub(super) struct Object {
    name: &'static str,
    kind: Kind,
    capacity: u32,
    watcher: Arc<Mutex<Option<Watcher>>>,
    entries: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
    slots: Mutex<[Option<Arc<Object>>; SLOTS as usize]>,
    /// What is mapped.
    file: File,
}

/// What a kernel holds: tables, and the program on interfaces.
#[derive(Clone)]
pub struct Memory(Arc<State>);

struct State {
    /// Another one for each state.
    identity: u32,
    settings: KernelSettings,
    watcher: Arc<Mutex<Option<Watcher>>>,
    objects: Mutex<HashMap<&'static str, Arc<Object>>>,
    links: Mutex<BTreeMap<String, XdpMode>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes before the writer's position in the file of the ring, and again before the data.
fn page() -> u64 {
    page_size().map_or(4096, |bytes| bytes as u64)
}

fn refused(call: &'static str, errno: Errno) -> MapError {
    MapError::SyscallError(SyscallError {
        call,
        io_error: io::Error::from(errno),
    })
}

impl Object {
    fn ask_watcher(&self) -> Result<(), MapError> {
        let mut watcher = lock(&self.watcher);
        let asked = watcher.as_mut().map_or(Ok(()), |ask| ask(self.name));
        asked.map_err(|errno| refused("bpf_map_update_elem", errno))
    }

    fn check_index(&self, key: &[u8]) -> Result<(), MapError> {
        let index = value::<u32>(key).unwrap_or(u32::MAX);
        if matches!(self.kind, Kind::Hash | Kind::Trie) || index < self.capacity {
            return Ok(());
        }
        Err(MapError::OutOfBounds {
            index,
            max_entries: self.capacity,
        })
    }

    pub(super) fn get<K: AbiType, V: AbiType + Copy>(&self, key: &K) -> Result<V, MapError> {
        let key = bytes(key);
        self.check_index(key)?;
        let entries = lock(&self.entries);
        let found = entries.get(key).and_then(|bytes| value(bytes));
        let blank = || value(&vec![0; size_of::<V>()]).filter(|_| self.kind == Kind::Array);
        found.or_else(blank).ok_or(MapError::KeyNotFound)
    }

    pub(super) fn set<K: AbiType, V: AbiType>(
        &self,
        key: &K,
        value: &V,
        flags: u64,
    ) -> Result<(), MapError> {
        let key = bytes(key);
        self.check_index(key)?;
        self.ask_watcher()?;
        let mut entries = lock(&self.entries);
        let is_there = self.kind == Kind::Array || entries.contains_key(key);
        if flags & EXISTING != 0 && !is_there {
            return Err(refused("bpf_map_update_elem", Errno::ENOENT));
        }
        if !is_there && entries.len() >= self.capacity as usize {
            let full = if self.kind == Kind::Trie {
                Errno::ENOSPC
            } else {
                Errno::E2BIG
            };
            return Err(refused("bpf_map_update_elem", full));
        }
        entries.insert(key.to_vec(), bytes(value).to_vec());
        Ok(())
    }

    pub(super) fn remove<K: AbiType>(&self, key: &K) -> Result<(), MapError> {
        self.ask_watcher()?;
        let removed = lock(&self.entries).remove(bytes(key));
        removed
            .map(drop)
            .ok_or_else(|| refused("bpf_map_delete_elem", Errno::ENOENT))
    }

    pub(super) fn entries<K: AbiType + Copy, V: AbiType + Copy>(&self) -> Vec<(K, V)> {
        let entries = lock(&self.entries);
        let read = |(key, held): (&Vec<u8>, &Vec<u8>)| Some((value(key)?, value(held)?));
        entries.iter().filter_map(read).collect()
    }

    /// Puts a table into a slot of a map of maps.
    pub(super) fn put(&self, slot: u32, table: &Arc<Self>) -> Result<(), MapError> {
        self.check_index(bytes(&slot))?;
        self.ask_watcher()?;
        if let Some(place) = lock(&self.slots).get_mut(slot as usize) {
            *place = Some(table.clone());
        }
        Ok(())
    }

    fn slot(&self, slot: u32) -> Option<Arc<Self>> {
        lock(&self.slots).get(slot as usize)?.clone()
    }

    /// The file that is mapped.
    pub(super) fn memory(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Memory {
    /// Nothing: as a kernel that no program was loaded into.
    pub fn new(settings: &KernelSettings) -> Self {
        static STATES: AtomicU32 = AtomicU32::new(0);
        Self(Arc::new(State {
            identity: STATES.fetch_add(1, Ordering::Relaxed),
            settings: settings.clone(),
            watcher: Arc::default(),
            objects: Mutex::default(),
            links: Mutex::default(),
        }))
    }

    /// Has each system call that writes announced by the name of its table, before it is made; an
    /// error is what the call returns.
    pub fn watch(&self, watcher: impl FnMut(&str) -> Result<(), Errno> + Send + 'static) {
        *lock(&self.0.watcher) = Some(Box::new(watcher));
    }

    /// Ends what [`Self::watch`] began.
    pub fn unwatch(&self) {
        *lock(&self.0.watcher) = None;
    }

    pub(super) fn settings(&self) -> &KernelSettings {
        &self.0.settings
    }

    pub(super) fn identity(&self) -> String {
        format!("memory/{}", self.0.identity)
    }

    /// A table that no name leads to; `bytes` are those of all entries where it is used as memory.
    pub(super) fn create(
        &self,
        name: &'static str,
        kind: Kind,
        capacity: u32,
        bytes: u64,
    ) -> Result<Arc<Object>, KernelError> {
        let fail = |error: io::Error| KernelError::failed("making a table in memory", error);
        let file = File::from(
            memfd_create(name, MFdFlags::MFD_CLOEXEC).map_err(|errno| fail(errno.into()))?,
        );
        file.set_len(bytes).map_err(fail)?;
        let object = Arc::new(Object {
            name,
            kind,
            capacity,
            watcher: self.0.watcher.clone(),
            entries: Mutex::default(),
            slots: Mutex::default(),
            file,
        });
        object.ask_watcher().map_err(|error| {
            KernelError::failed("making a table in memory", super::object::chain(&error))
        })?;
        Ok(object)
    }

    /// The table of a name; made where it is absent.
    pub(super) fn open(
        &self,
        name: &'static str,
        kind: Kind,
        entry_size: usize,
    ) -> Result<Arc<Object>, KernelError> {
        if let Some(object) = lock(&self.0.objects).get(name) {
            return Ok(object.clone());
        }
        let capacity = self.capacity(name);
        let bytes = match (kind, name) {
            (_, map::EVENTS) => 2 * (page() + u64::from(capacity)),
            (Kind::Memory, _) => u64::from(capacity) * entry_size as u64,
            _ => 0,
        };
        let object = self.create(name, kind, capacity, bytes)?;
        lock(&self.0.objects).insert(name, object.clone());
        Ok(object)
    }

    /// Entries of a table, as the program defines it.
    fn capacity(&self, name: &str) -> u32 {
        let settings = &self.0.settings;
        match name {
            map::COUNTERS | map::RULES => counter_slots(settings),
            map::CALLS => call_buckets(settings),
            map::CALLS_STOCK => settings.maximum_calls,
            map::EVENTS => settings.event_bytes,
            map::SHAPES => SLOTS * MAXIMUM_SHAPES,
            map::TRUNKS => SLOTS * MAXIMUM_TRUNKS,
            map::TRAFFIC => MAXIMUM_TRUNKS,
            map::PORTS => SLOTS * PORT_WORDS,
            map::ANSWER_PORTS | map::REPLY_PORTS => MAXIMUM_ANSWER_PORTS,
            map::GRANTS => MAXIMUM_GRANTS as u32,
            map::STEERED => STEERED_CALLS,
            map::OUTCOMES => 64,
            map::SETTINGS | map::LOST | map::FORGOTTEN => 1,
            _ => SLOTS,
        }
    }

    fn object(&self, name: &str) -> Option<Arc<Object>> {
        lock(&self.0.objects).get(name).cloned()
    }

    pub(super) fn attach(&self, name: &str, mode: XdpMode) -> Result<Attachment, KernelError> {
        let index = interface::index(name)?;
        lock(&self.0.links).insert(name.to_owned(), mode);
        Ok(Attachment {
            interface: name.to_owned(),
            index,
            mode,
            alive: true,
        })
    }

    /// The program on interfaces.
    pub fn attachments(&self) -> Vec<Attachment> {
        let links = lock(&self.0.links);
        let attachment = |(name, mode): (&String, &XdpMode)| {
            let index = interface::index(name).unwrap_or(0);
            Attachment {
                interface: name.clone(),
                index,
                mode: *mode,
                alive: index != 0,
            }
        };
        links.iter().map(attachment).collect()
    }

    /// Takes the program off an interface, as somebody else might.
    ///
    /// # Errors
    /// It is not attached there.
    pub fn detach(&self, name: &str) -> Result<(), KernelError> {
        let removed = lock(&self.0.links).remove(name);
        removed.map(drop).ok_or_else(|| {
            KernelError::failed(
                format!("detaching from {name}"),
                io::Error::from(Errno::ENOENT),
            )
        })
    }

    /// Removes links and tables; who has a table open keeps it. Returns the interfaces.
    pub(super) fn remove(&self) -> Vec<String> {
        lock(&self.0.objects).clear();
        std::mem::take(&mut *lock(&self.0.links))
            .into_keys()
            .collect()
    }

    /// Writes an event into the ring, as the program does; one that finds no room is counted as
    /// lost.
    ///
    /// # Errors
    /// The ring was not opened, or cannot be written to.
    pub fn send_event(&self, event: &Event) -> Result<(), KernelError> {
        let fail = |error: io::Error| KernelError::failed("writing an event", error);
        let ring = self
            .object(map::EVENTS)
            .ok_or_else(|| fail(Errno::ENOENT.into()))?;
        let position = |offset| -> Result<u64, KernelError> {
            let mut word = [0; 8];
            ring.file.read_exact_at(&mut word, offset).map_err(fail)?;
            Ok(u64::from_ne_bytes(word))
        };
        let (released, written) = (position(0)?, position(page())?);
        let mut record = (size_of::<Event>() as u32).to_ne_bytes().to_vec();
        record.extend_from_slice(&[0; 4]);
        record.extend_from_slice(bytes(event));
        record.resize(record.len().next_multiple_of(8), 0);
        let (size, length) = (u64::from(ring.capacity), record.len() as u64);
        if written - released + length > size {
            let lost = self
                .object(map::LOST)
                .ok_or_else(|| fail(Errno::ENOENT.into()))?;
            let count: u64 = lost.get(&0_u32).unwrap_or_default();
            return lost
                .set(&0_u32, &(count + 1), 0)
                .map_err(|error| KernelError::failed("counting a lost event", error));
        }
        // The data is there twice, one copy after the other, so that no record ends at the border.
        for (index, byte) in (written..).zip(&record) {
            for copy in [0, size] {
                let offset = 2 * page() + (index & (size - 1)) + copy;
                ring.file.write_all_at(&[*byte], offset).map_err(fail)?;
            }
        }
        let position = (written + length).to_ne_bytes();
        ring.file.write_all_at(&position, page()).map_err(fail)
    }
}
