//! Small arrays whose length is a power of two, by an index that is masked: none can lead outside.

/// The value at an index.
#[inline(always)]
pub(crate) fn get<T: Copy + Default, const LENGTH: usize>(list: &[T; LENGTH], index: usize) -> T {
    const { assert!(LENGTH.is_power_of_two()) };
    match list.get(index & (LENGTH - 1)) {
        Some(value) => *value,
        None => T::default(),
    }
}

/// Sets the value at an index.
#[inline(always)]
pub(crate) fn set<T, const LENGTH: usize>(list: &mut [T; LENGTH], index: usize, value: T) {
    const { assert!(LENGTH.is_power_of_two()) };
    if let Some(place) = list.get_mut(index & (LENGTH - 1)) {
        *place = value;
    }
}
