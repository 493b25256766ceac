//! The shapes of wildcards that the kernel knows, by number. A shape that nothing uses any more
//! keeps its number until another one needs it, so that a change that is taken back finds it again.

use std::collections::HashMap;

use blacklist_common::shape::{FIRST_WILDCARD_SHAPE, MAXIMUM_SHAPES, Shape};

#[derive(Clone, Copy, Debug)]
struct Entry {
    shape: Shape,
    uses: u32,
}

/// Shapes with their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    /// The first has the number [`FIRST_WILDCARD_SHAPE`].
    entries: Vec<Entry>,
    numbers: HashMap<Shape, u8>,
    /// A number was given to another shape: what the kernel has under it may still be in use.
    pub(crate) reused: bool,
}

impl Shapes {
    /// The shape of a number.
    pub(crate) fn get(&self, number: u8) -> Option<&Shape> {
        let place = u32::from(number).checked_sub(FIRST_WILDCARD_SHAPE)?;
        self.entries.get(place as usize).map(|entry| &entry.shape)
    }

    /// The number of a shape that has one.
    pub(crate) fn number(&self, shape: &Shape) -> Option<u8> {
        self.numbers.get(shape).copied()
    }

    /// Whether a shape has a number or can have one.
    pub(crate) fn has_room(&self, shape: &Shape) -> bool {
        self.numbers.contains_key(shape)
            || self.entries.len() < (MAXIMUM_SHAPES - FIRST_WILDCARD_SHAPE) as usize
            || self.entries.iter().any(|entry| entry.uses == 0)
    }

    /// One more partition uses a shape: its number. None if there is no room.
    pub(crate) fn take(&mut self, shape: &Shape) -> Option<u8> {
        if let Some(number) = self.number(shape) {
            self.entry_mut(number)?.uses += 1;
            return Some(number);
        }
        let entry = Entry {
            shape: *shape,
            uses: 1,
        };
        let room = (MAXIMUM_SHAPES - FIRST_WILDCARD_SHAPE) as usize;
        let place = if self.entries.len() < room {
            self.entries.push(entry);
            self.entries.len() - 1
        } else {
            let place = self.entries.iter().position(|entry| entry.uses == 0)?;
            let idle = self.entries.get_mut(place)?;
            self.numbers.remove(&idle.shape);
            *idle = entry;
            self.reused = true;
            place
        };
        let number = u8::try_from(place + FIRST_WILDCARD_SHAPE as usize).ok()?;
        self.numbers.insert(*shape, number);
        Some(number)
    }

    /// A partition does not use a shape any more.
    pub(crate) fn release(&mut self, number: u8) {
        if let Some(entry) = self.entry_mut(number) {
            entry.uses = entry.uses.saturating_sub(1);
        }
    }

    fn entry_mut(&mut self, number: u8) -> Option<&mut Entry> {
        let place = u32::from(number).checked_sub(FIRST_WILDCARD_SHAPE)?;
        self.entries.get_mut(place as usize)
    }

    /// All, in the order of their numbers.
    pub(crate) fn list(&self) -> Vec<Shape> {
        self.entries.iter().map(|entry| entry.shape).collect()
    }
}
