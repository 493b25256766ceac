//! Callers that are different numbers, in no order.

/// The number of a rule: E.164, twelve digits, by a permutation of the ten digits behind 49.
pub(crate) fn text(index: u32) -> String {
    // Odd and not a multiple of 5: no two products are equal modulo 10^10.
    let scattered = u64::from(index) * 2_654_435_761 % 10_000_000_000;
    format!("+49{scattered:010}")
}
