//! A generation is filled before it is switched to, and one that cannot be filled changes nothing.

use std::sync::{Arc, Mutex};

use blacklist_common::tables::GrantKey;
use blacklist_generation::GrantEnd;
use nix::errno::Errno;

use super::*;
use crate::{Change, XdpMode};

const BOTH_TABLES: [PatternTables; 2] = [PatternTables::Hashed, PatternTables::Stock];

/// Installs a generation; the tables that were written, and who was blocked before each write.
fn watched(memory: &Memory, kernel: &mut Kernel, tables: &Tables) -> Vec<(String, [bool; 2])> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (noted, asked) = (seen.clone(), memory.clone());
    memory.watch(move |name| {
        let blocked = blocked(&asked);
        noted.lock().unwrap().push((name.to_owned(), blocked));
        Ok(())
    });
    kernel.install(tables, kernel.generation() + 1).unwrap();
    memory.unwatch();
    Arc::into_inner(seen).unwrap().into_inner().unwrap()
}

#[test]
fn all_tables_are_filled_before_the_switch() {
    for kind in BOTH_TABLES {
        let (memory, mut kernel) = open(kind);
        kernel.install(&blocking(&[ONE]), 1).unwrap();
        // Twice, so that slots which were in force before are filled again.
        for (callers, before, after) in [
            ([TWO], [true, false], [false, true]),
            ([ONE], [false, true], [true, false]),
            ([TWO], [true, false], [false, true]),
        ] {
            let seen = watched(&memory, &mut kernel, &blocking(&callers));
            let switch = seen
                .iter()
                .position(|(name, _)| name == "SETTINGS")
                .unwrap();
            let (filling, since) = seen.split_at(switch + 1);
            for name in [
                "number", "scope", "peer", "PORTS", "TRUNKS", "NUMBERS", "SCOPES", "PEERS",
            ] {
                assert!(
                    filling.iter().any(|(table, _)| table == name),
                    "{kind:?}: {name}"
                );
            }
            assert!(
                filling.iter().all(|(_, blocked)| *blocked == before),
                "{kind:?}: {seen:?}"
            );
            // The wait for packets that read the word before it changed.
            assert_eq!(since, [("PEERS".to_owned(), after)], "{kind:?}");
            assert_eq!(blocked(&memory), after, "{kind:?}");
        }
    }
}

#[test]
fn out_of_memory_leaves_the_generation_in_force() {
    for kind in BOTH_TABLES {
        let (memory, mut kernel) = open(kind);
        kernel.install(&blocking(&[ONE]), 1).unwrap();
        let mut allowed = 0;
        loop {
            let mut left = allowed;
            memory.watch(move |_| {
                left -= 1;
                if left == -1 {
                    Err(Errno::ENOMEM)
                } else {
                    Ok(())
                }
            });
            let installed = kernel.install(&blocking(&[TWO]), 2);
            memory.unwatch();
            let Err(error) = installed else { break };
            let error = error.to_string();
            assert!(
                error.contains("Cannot allocate memory"),
                "{kind:?}: {error}"
            );
            assert_eq!(
                blocked(&memory),
                [true, false],
                "{kind:?}: {allowed} writes, {error}"
            );
            assert_eq!(kernel.generation(), 1, "{kind:?}: {allowed} writes");
            // Its own tables are still the ones that single changes are made in.
            let key = EntryKey::exact(0, number(ONE));
            kernel
                .apply(&[Change::Entry(key, Kind::Block, block(3))], 1)
                .unwrap();
            let answer = memory.ask_frame(&invite(ONE)).unwrap();
            assert_eq!(answer.slot, 3, "{kind:?}: {allowed} writes");
            allowed += 1;
        }
        assert!(allowed > 1000, "only {allowed} writes were refused");
        assert_eq!(blocked(&memory), [false, true]);
    }
}

fn grant(caller: &str) -> GrantKey {
    GrantKey {
        local: number("+12015550100"),
        remote: number(caller),
    }
}

#[test]
fn grants_are_replaced_and_slots_freed() {
    let (memory, mut kernel) = open(PatternTables::Hashed);
    let with = |grants: &[&str]| Tables {
        grants: grants
            .iter()
            .map(|caller| (grant(caller), GrantEnd::Open))
            .collect(),
        ..blocking(&[ONE, TWO])
    };
    kernel.install(&with(&[ONE]), 1).unwrap();
    assert_eq!(blocked(&memory), [false, true]);
    kernel.install(&with(&[TWO]), 2).unwrap();
    assert_eq!(blocked(&memory), [true, false]);
    kernel.apply(&[Change::Grant(grant(TWO), None)], 3).unwrap();
    assert_eq!(blocked(&memory), [true, true]);
    let over = GrantEnd::At("2001-01-01T00:00:00Z".parse().unwrap());
    kernel
        .apply(&[Change::Grant(grant(ONE), Some(over))], 4)
        .unwrap();
    assert_eq!(blocked(&memory), [true, true], "a grant that is over");
    assert_eq!(kernel.slots().unwrap(), [(1, 1001), (2, 1002)]);
    kernel
        .apply(&[Change::Slot(1, 0), Change::Slot(5, 77)], 5)
        .unwrap();
    assert_eq!(kernel.slots().unwrap(), [(2, 1002), (5, 77)]);
}

#[test]
fn a_restart_finds_what_was_in_force() {
    for kind in BOTH_TABLES {
        let (memory, mut kernel) = open(kind);
        kernel.install(&blocking(&[ONE]), 7).unwrap();
        kernel.set_monitor(false).unwrap();
        kernel.attach("lo", XdpMode::Generic).unwrap();
        let identity = kernel.tally().identity().to_owned();
        drop(kernel);
        assert_eq!(blocked(&memory), [true, false], "enforced without a daemon");
        let mut kernel = Kernel::in_memory(&memory).unwrap();
        assert_eq!(kernel.generation(), 7);
        assert_eq!(kernel.slots().unwrap(), [(1, 1001)]);
        assert_eq!(kernel.tally().identity(), identity);
        assert_eq!(kernel.attachments()[0].interface, "lo");
        assert!(
            kernel.apply(&[], 8).is_err(),
            "no generation of this daemon"
        );
        kernel.install(&blocking(&[TWO]), 8).unwrap();
        assert_eq!(blocked(&memory), [false, true]);
        assert_eq!(kernel.remove_all().unwrap(), ["lo"]);
        assert!(kernel.attachments().is_empty());
    }
}
