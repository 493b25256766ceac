//! Checksums of datagrams whose port was replaced.

/// A UDP checksum (RFC 768) after one of the words under it was replaced (RFC 1624, 3, equation 3).
/// All three in one order of bytes, on which the sum does not depend. An absent checksum, which is
/// zero, stays absent.
#[inline(always)]
pub const fn replaced(checksum: u16, before: u16, after: u16) -> u16 {
    if checksum == 0 {
        return 0;
    }
    let mut sum = !checksum as u32 & 0xFFFF;
    sum += !before as u32 & 0xFFFF;
    sum += after as u32;
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    let checksum = !(sum as u16);
    if checksum == 0 { 0xFFFF } else { checksum }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    /// The sum over all words.
    fn whole(words: &[u16]) -> u16 {
        let mut sum: u32 = words.iter().map(|word| u32::from(*word)).sum();
        while sum > 0xFFFF {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        match !(sum as u16) {
            0 => 0xFFFF,
            other => other,
        }
    }

    #[test]
    fn a_replaced_word_gives_the_sum_over_all_words() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as u16
        };
        for _ in 0..10_000 {
            let mut words: Vec<u16> = (0..8).map(|_| next()).collect();
            let before = words[3];
            let checksum = whole(&words);
            words[3] = next();
            assert_eq!(replaced(checksum, before, words[3]), whole(&words));
        }
    }

    #[test]
    fn none_stays_none() {
        assert_eq!(replaced(0, 5060, 25060), 0);
    }
}
