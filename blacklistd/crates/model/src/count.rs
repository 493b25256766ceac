//! Numbers of things in sentences.

/// A number with its noun: "1 call", "3 calls".
pub fn count(number: impl TryInto<u64>, noun: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn one_is_singular() {
        let seen = [0_usize, 1, 2].map(|number| count(number, "call"));
        assert_eq!(seen, ["0 calls", "1 call", "2 calls"]);
    }
}
