//! What each partition holds, counted, and as the tables say it.

use blacklist_common::pattern::{Class, Kind};
use blacklist_common::scope::{
    SCOPE_HAS_ALLOW_PATTERNS, SCOPE_HAS_EXACT, SCOPE_NAMES_SHIFT, SCOPE_SHAPES, SCOPE_USER_ALLOW,
    ScopeEntry,
};

/// Lengths that prefixes can have.
const PREFIX_LENGTHS: usize = 16;

/// Shapes of wildcards in one partition: there is always room for every length of prefixes.
pub(crate) const PARTITION_SHAPES: usize = SCOPE_SHAPES - (PREFIX_LENGTHS - 1);

/// What of a partition is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A whole number or a name.
    Exact,
    /// A prefix with this number of digits.
    Prefix(u32),
    /// A wildcard of the shape with this number and this number of literals.
    Shape(u8, u8),
    /// A class.
    Class(Class),
    /// A pattern that only user space compares: with names, or with numbers.
    User { names: bool },
}

/// A shape in use.
#[derive(Clone, Copy, Debug)]
struct ShapeUse {
    number: u8,
    literals: u8,
    rules: u32,
}

/// Rules of a partition, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partition {
    exact: u32,
    patterns: [u32; 3],
    user: [u32; 3],
    user_names: [u32; 3],
    lengths: [u32; PREFIX_LENGTHS],
    classes: [u32; Class::ALL.len()],
    shapes: Vec<ShapeUse>,
}

fn count(place: Option<&mut u32>, more: bool) -> bool {
    let Some(place) = place else {
        return false;
    };
    if more {
        *place += 1;
        *place == 1
    } else {
        *place = place.saturating_sub(1);
        *place == 0
    }
}

impl Partition {
    /// Counts a rule that comes or goes. True if what the tables say of the partition changes.
    pub(crate) fn count(&mut self, content: Content, kind: Kind, more: bool) -> bool {
        let kind = kind as usize;
        match content {
            Content::Exact => count(Some(&mut self.exact), more),
            Content::Class(class) => count(self.classes.get_mut(class as usize), more),
            Content::User { names: false } => count(self.user.get_mut(kind), more),
            Content::User { names: true } => count(self.user_names.get_mut(kind), more),
            Content::Prefix(digits) => {
                let length = count(self.lengths.get_mut(digits as usize), more);
                count(self.patterns.get_mut(kind), more) | length
            }
            Content::Shape(number, literals) => {
                let shape = self.count_shape(number, literals, more);
                count(self.patterns.get_mut(kind), more) | shape
            }
        }
    }

    fn count_shape(&mut self, number: u8, literals: u8, more: bool) -> bool {
        let place = self.shapes.iter().position(|shape| shape.number == number);
        let Some(place) = place else {
            if more {
                let at = self.shapes.partition_point(|other| {
                    (std::cmp::Reverse(other.literals), other.number)
                        < (std::cmp::Reverse(literals), number)
                });
                let shape = ShapeUse {
                    number,
                    literals,
                    rules: 1,
                };
                self.shapes.insert(at, shape);
            }
            return more;
        };
        let gone = count(
            self.shapes.get_mut(place).map(|shape| &mut shape.rules),
            more,
        ) && !more;
        if gone {
            self.shapes.remove(place);
        }
        gone
    }

    /// Whether a shape is in use here, or can be.
    pub(crate) fn has_room(&self, number: Option<u8>) -> bool {
        self.shapes.len() < PARTITION_SHAPES
            || self.shapes.iter().any(|shape| Some(shape.number) == number)
    }

    /// Whether a shape is in use here.
    pub(crate) fn uses(&self, number: u8) -> bool {
        self.shapes.iter().any(|shape| shape.number == number)
    }

    /// As the tables say it, but for lists and default.
    pub(crate) fn entry(&self) -> ScopeEntry {
        let mut entry = ScopeEntry::default();
        if self.exact > 0 {
            entry.contents |= SCOPE_HAS_EXACT;
        }
        for (kind, (patterns, user)) in self.patterns.iter().zip(&self.user).enumerate() {
            if *patterns > 0 {
                entry.contents |= SCOPE_HAS_ALLOW_PATTERNS << kind;
            }
            if *user > 0 {
                entry.contents |= SCOPE_USER_ALLOW << kind;
            }
        }
        for (kind, names) in self.user_names.iter().enumerate() {
            if *names > 0 {
                entry.contents |= (SCOPE_USER_ALLOW << SCOPE_NAMES_SHIFT) << kind;
            }
        }
        for (class, rules) in Class::ALL.into_iter().zip(&self.classes) {
            if *rules > 0 {
                entry.classes |= class.bit();
            }
        }
        let lengths = (0..PREFIX_LENGTHS as u8).zip(&self.lengths).rev();
        let lengths = lengths
            .filter(|(_, rules)| **rules > 0)
            .map(|(digits, _)| digits);
        let shapes = self.shapes.iter().map(|shape| shape.number);
        write_shapes(&mut entry, lengths, shapes);
        entry
    }
}

/// Fills the list of lengths and shapes. False if there is no room for all.
pub(crate) fn write_shapes(
    entry: &mut ScopeEntry,
    lengths: impl Iterator<Item = u8>,
    shapes: impl Iterator<Item = u8>,
) -> bool {
    entry.prefix_count = 0;
    entry.shape_count = 0;
    entry.shapes = [0; SCOPE_SHAPES];
    let numbers = lengths
        .map(|number| (number, 1))
        .chain(shapes.map(|number| (number, 0)));
    let mut places = entry.shapes.iter_mut();
    for (number, prefix) in numbers {
        let Some(place) = places.next() else {
            return false;
        };
        *place = number;
        entry.prefix_count += prefix;
        entry.shape_count += 1;
    }
    true
}
