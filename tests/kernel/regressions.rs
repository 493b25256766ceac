//! Frames on which kernel and host once differed; kept in `data/regressions`, one frame each.

use std::fs;
use std::path::PathBuf;

use blacklist_tests::corpus;
use blacklist_tests::lab::Lab;
use blacklist_tests::reading;
use blacklist_tests::standard;

/// Ports that are judged.
pub(crate) const PORTS: [u16; 2] = [5060, 5080];

/// Keeps a frame on which a random test failed. Where it is.
pub(crate) fn keep(name: &str, frame: &[u8]) -> PathBuf {
    let folder = corpus::data("regressions");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.bin"));
    fs::write(&path, frame).unwrap();
    path
}

/// Asks kernel and host about every frame that was kept.
pub(crate) fn run(lab: &mut Lab) {
    let Ok(entries) = fs::read_dir(corpus::data("regressions")) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        let frame = reading::read(&fs::read(&path).unwrap(), &PORTS);
        let result = if frame.text.is_some() {
            lab.agree(&frame).map(drop)
        } else {
            let seen = lab.ask(&frame.bytes);
            if seen.outcome.is_dropped() {
                Err(format!("dropped: {seen:?}"))
            } else {
                Ok(())
            }
        };
        result.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    }
}

#[test]
fn frames_that_were_kept() {
    run(&mut Lab::open(standard::world()));
}
