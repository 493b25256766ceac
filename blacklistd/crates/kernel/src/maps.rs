//! The kernel's tables that are used by system calls, behind one seam: as aya opens them, or in
//! this process's memory. Tables that are used as memory ([`super::mapped`]) need no seam: they are
//! the same code over another file.

use std::marker::PhantomData;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;

use aya::maps::lpm_trie::{Key, LpmTrie};
use aya::maps::{ArrayOfMaps, HashMap, InnerMap, MapData, MapError, PerCpuArray};

use super::memory::{Kind, Object};
use super::plain::{AbiType, Plain};

/// An array.
pub(super) type Array<V> = Table<aya::maps::Array<MapData, Plain<V>>, u32, V>;
/// A hash table.
pub(super) type Hash<K, V> = Table<HashMap<MapData, Plain<K>, Plain<V>>, K, V>;
/// A trie of prefixes.
pub(super) type Trie<K, V> = Table<LpmTrie<MapData, Plain<K>, Plain<V>>, Key<Plain<K>>, V>;
/// Arrays in the slots of a map of maps.
pub(super) type Arrays<V> = Tables<aya::maps::Array<MapData, Plain<V>>>;
/// Hash tables in the slots of a map of maps.
pub(super) type Hashes<K, V> = Tables<HashMap<MapData, Plain<K>, Plain<V>>>;
/// Tries in the slots of a map of maps.
pub(super) type Tries<K, V> = Tables<LpmTrie<MapData, Plain<K>, Plain<V>>>;

/// What the daemon does with a table of the kernel's.
pub(super) trait KernelTable<K, V>: Sized {
    const KIND: Kind;
    fn create(entries: u32, flags: u32) -> Result<Self, MapError>;
    fn get(&self, key: &K) -> Result<V, MapError>;
    fn set(&mut self, key: &K, value: V, flags: u64) -> Result<(), MapError>;
    fn remove(&mut self, key: &K) -> Result<(), MapError>;
    fn entries(&self) -> Result<Vec<(K, V)>, MapError>;
}

impl<V: AbiType + Copy> KernelTable<u32, V> for aya::maps::Array<MapData, Plain<V>> {
    const KIND: Kind = Kind::Array;

    fn create(entries: u32, flags: u32) -> Result<Self, MapError> {
        Self::create(entries, flags)
    }

    fn get(&self, key: &u32) -> Result<V, MapError> {
        self.get(key, 0).map(|Plain(value)| value)
    }

    fn set(&mut self, key: &u32, value: V, flags: u64) -> Result<(), MapError> {
        self.set(*key, Plain(value), flags)
    }

    /// The kernel removes nothing from an array.
    fn remove(&mut self, _key: &u32) -> Result<(), MapError> {
        Err(MapError::KeyNotFound)
    }

    fn entries(&self) -> Result<Vec<(u32, V)>, MapError> {
        let numbered = (0..).zip(self.iter());
        numbered.map(|(key, value)| Ok((key, value?.0))).collect()
    }
}

impl<K: AbiType + Copy, V: AbiType + Copy> KernelTable<K, V>
    for HashMap<MapData, Plain<K>, Plain<V>>
{
    const KIND: Kind = Kind::Hash;

    fn create(entries: u32, flags: u32) -> Result<Self, MapError> {
        Self::create(entries, flags)
    }

    fn get(&self, key: &K) -> Result<V, MapError> {
        self.get(&Plain(*key), 0).map(|Plain(value)| value)
    }

    fn set(&mut self, key: &K, value: V, flags: u64) -> Result<(), MapError> {
        self.insert(Plain(*key), Plain(value), flags)
    }

    fn remove(&mut self, key: &K) -> Result<(), MapError> {
        self.remove(&Plain(*key))
    }

    fn entries(&self) -> Result<Vec<(K, V)>, MapError> {
        let entries = self.iter();
        entries
            .map(|entry| entry.map(|(Plain(key), Plain(value))| (key, value)))
            .collect()
    }
}

impl<K: AbiType + Copy, V: AbiType + Copy> KernelTable<Key<Plain<K>>, V>
    for LpmTrie<MapData, Plain<K>, Plain<V>>
{
    const KIND: Kind = Kind::Trie;

    fn create(entries: u32, flags: u32) -> Result<Self, MapError> {
        Self::create(entries, flags)
    }

    fn get(&self, key: &Key<Plain<K>>) -> Result<V, MapError> {
        self.get(key, 0).map(|Plain(value)| value)
    }

    fn set(&mut self, key: &Key<Plain<K>>, value: V, flags: u64) -> Result<(), MapError> {
        self.insert(key, Plain(value), flags)
    }

    fn remove(&mut self, key: &Key<Plain<K>>) -> Result<(), MapError> {
        self.remove(key)
    }

    fn entries(&self) -> Result<Vec<(Key<Plain<K>>, V)>, MapError> {
        let entries = self.iter();
        entries
            .map(|entry| entry.map(|(key, Plain(value))| (key, value)))
            .collect()
    }
}

/// A table.
pub(super) enum Table<A, K, V> {
    /// The kernel's.
    Kernel(A),
    /// In memory.
    Memory(Arc<Object>, PhantomData<fn() -> (K, V)>),
}

impl<A: KernelTable<K, V>, K: AbiType + Copy, V: AbiType + Copy> Table<A, K, V> {
    /// A table in memory.
    pub(super) const fn memory(object: Arc<Object>) -> Self {
        Self::Memory(object, PhantomData)
    }

    /// The value of a key; [`MapError::KeyNotFound`] where there is none.
    pub(super) fn get(&self, key: &K) -> Result<V, MapError> {
        match self {
            Self::Kernel(table) => table.get(key),
            Self::Memory(object, _) => object.get(key),
        }
    }

    /// Sets the value of a key.
    pub(super) fn set(&mut self, key: &K, value: V, flags: u64) -> Result<(), MapError> {
        match self {
            Self::Kernel(table) => table.set(key, value, flags),
            Self::Memory(object, _) => object.set(key, &value, flags),
        }
    }

    /// Removes a key; an error where it is absent.
    pub(super) fn remove(&mut self, key: &K) -> Result<(), MapError> {
        match self {
            Self::Kernel(table) => table.remove(key),
            Self::Memory(object, _) => object.remove(key),
        }
    }

    /// All entries, in no order.
    pub(super) fn entries(&self) -> Result<Vec<(K, V)>, MapError> {
        match self {
            Self::Kernel(table) => table.entries(),
            Self::Memory(object, _) => Ok(object.entries()),
        }
    }
}

impl<A: InnerMap, K, V> Table<A, K, V> {
    /// The file that an array is mapped into memory from.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Self::Kernel(table) => table.fd().as_fd(),
            Self::Memory(object, _) => object.memory(),
        }
    }
}

/// The slots of a map of maps.
pub(super) enum Tables<A> {
    /// The kernel's.
    Kernel(ArrayOfMaps<MapData, A>),
    /// In memory.
    Memory(Arc<Object>),
}

impl<A: InnerMap> Tables<A> {
    /// Puts a table into a slot.
    pub(super) fn set<K, V>(&mut self, slot: u32, table: &Table<A, K, V>) -> Result<(), MapError> {
        match (self, table) {
            (Self::Kernel(slots), Table::Kernel(table)) => slots.set(slot, table, 0),
            (Self::Memory(slots), Table::Memory(object, _)) => slots.put(slot, object),
            _ => Err(MapError::ElementNotFound),
        }
    }
}

/// An array that has each entry once for each processor.
pub(super) enum PerCpu<V: AbiType + Copy> {
    /// The kernel's.
    Kernel(PerCpuArray<MapData, Plain<V>>),
    /// In memory, for one processor.
    Memory(Arc<Object>),
}

impl<V: AbiType + Copy> PerCpu<V> {
    /// The values of an entry.
    pub(super) fn get(&self, index: u32) -> Result<Vec<V>, MapError> {
        match self {
            Self::Kernel(array) => {
                let values = array.get(&index, 0)?;
                Ok(values.iter().map(|Plain(value)| *value).collect())
            }
            Self::Memory(object) => Ok(vec![object.get(&index)?]),
        }
    }
}
