//! The rows of the evasion checklist through the loaded program, with both kinds of tables.

use blacklist_tests::lab::Lab;
use blacklist_tests::{rows, standard};

#[test]
fn every_row_and_its_benign_twin() {
    let mut lab = Lab::open(standard::world());
    rows::check_all(|row, digit| {
        let (frame, expected) = row.frame(digit);
        let seen = lab.agree(&frame)?;
        row.check(digit, &seen)?;
        if lab.send(&frame.bytes) == expected.is_dropped() {
            Ok(())
        } else {
            Err(format!(
                "the enforcing program did not do as {}",
                expected.as_str()
            ))
        }
    });
}
