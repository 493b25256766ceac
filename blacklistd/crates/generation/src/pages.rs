//! A copy-on-write array: a copy costs a pointer for each page, and a write copies only its page.

use std::sync::Arc;

/// Values in pages of `SIZE`.
#[derive(Clone, Debug)]
pub struct Pages<T, const SIZE: usize> {
    /// The last page is full-sized too.
    pages: Vec<Arc<[T]>>,
    length: usize,
}

impl<T, const SIZE: usize> Default for Pages<T, SIZE> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            length: 0,
        }
    }
}

impl<T: Copy + Default, const SIZE: usize> Pages<T, SIZE> {
    /// An array of default values, which share 1 page until they are written.
    pub fn blank(length: usize) -> Self {
        let mut pages = Self::default();
        pages.grow(length);
        pages
    }

    /// Extends it to at least `length` with default values.
    pub fn grow(&mut self, length: usize) {
        if length <= self.length {
            return;
        }
        let more = length.div_ceil(SIZE) - self.pages.len();
        if more > 0 {
            let page: Arc<[T]> = std::iter::repeat_n(T::default(), SIZE).collect();
            self.pages.extend(std::iter::repeat_n(page, more));
        }
        self.length = length;
    }

    /// Adds a value.
    pub fn push(&mut self, value: T) {
        let place = self.length;
        self.grow(place + 1);
        if let Some(held) = self.get_mut(place) {
            *held = value;
        }
    }

    /// A value for writing; copies its page if it is shared.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        if place >= self.length {
            return None;
        }
        let page = self.pages.get_mut(place / SIZE)?;
        Arc::make_mut(page).get_mut(place % SIZE)
    }
}

impl<T, const SIZE: usize> Pages<T, SIZE> {
    /// A value; `None` past the end.
    #[inline]
    pub fn get(&self, place: usize) -> Option<&T> {
        // The last page holds unused default values past the end.
        if place >= self.length {
            return None;
        }
        self.pages.get(place / SIZE)?.get(place % SIZE)
    }

    /// Number of values.
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no values.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All values, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let all = self.pages.iter().flat_map(|page| page.iter());
        all.take(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = Pages<u32, 4>;

    fn all(pages: &Small) -> Vec<u32> {
        pages.iter().copied().collect()
    }

    #[test]
    fn holds_what_a_vector_holds() {
        let mut pages = Small::blank(3);
        let mut vector = vec![0; 3];
        for value in 1..20 {
            pages.push(value);
            vector.push(value);
        }
        *pages.get_mut(1).unwrap() = 99;
        vector[1] = 99;
        pages.grow(30);
        vector.resize(30, 0);
        pages.grow(10);
        assert_eq!((all(&pages), pages.len()), (vector.clone(), 30));
        for place in 0..40 {
            assert_eq!(pages.get(place), vector.get(place), "{place}");
            assert_eq!(pages.get_mut(place).copied(), vector.get(place).copied());
        }
    }

    #[test]
    fn a_copy_keeps_what_it_was_made_of() {
        let mut pages = Small::blank(6);
        let copy = pages.clone();
        for place in 0..6 {
            *pages.get_mut(place).unwrap() = 7;
        }
        pages.push(8);
        assert_eq!(all(&copy), [0; 6]);
        assert_eq!(all(&pages), [7, 7, 7, 7, 7, 7, 8]);
    }

    #[test]
    fn only_what_is_written_is_copied() {
        let mut pages = Small::default();
        (0..12).for_each(|value| pages.push(value));
        let copy = pages.clone();
        *pages.get_mut(5).unwrap() = 99;
        let shared = |page: usize| Arc::ptr_eq(&pages.pages[page], &copy.pages[page]);
        assert_eq!([shared(0), shared(1), shared(2)], [true, false, true]);
    }
}
