//! Events of the ring: looked at, released, and found again by a daemon that had not released them.

use blacklist_common::event::Event;

use super::*;

fn event(number: u64) -> Event {
    Event {
        time: number,
        ..Event::default()
    }
}

fn times(kernel: &mut Kernel) -> Vec<u64> {
    std::iter::from_fn(|| kernel.next_event())
        .map(|event| event.time)
        .collect()
}

#[test]
fn events_stay_until_they_are_released() {
    let (memory, mut kernel) = open(PatternTables::Hashed);
    (1..=3).for_each(|number| memory.send_event(&event(number)).unwrap());
    let mut ring = kernel.take_ring().unwrap();
    assert_eq!(ring.next_event().unwrap().time, 1);
    ring.release();
    assert_eq!(ring.next_event().unwrap().time, 2);
    drop((ring, kernel));
    let mut kernel = Kernel::in_memory(&memory).unwrap();
    assert_eq!(times(&mut kernel), [2, 3]);
}

#[test]
fn events_that_find_no_room_are_counted_as_lost() {
    let (memory, mut kernel) = open(PatternTables::Hashed);
    let mut sent = 0;
    // Many times round, so that records lie over the end of the data.
    for round in 0..50 {
        let lost = kernel.tally().lost_events().unwrap();
        let mut held = Vec::new();
        while kernel.tally().lost_events().unwrap() == lost {
            memory.send_event(&event(sent)).unwrap();
            held.push(sent);
            sent += 1;
        }
        held.pop();
        assert!(held.len() > 10, "round {round}");
        assert_eq!(times(&mut kernel), held, "round {round}");
        assert_eq!(kernel.tally().lost_events().unwrap(), round + 1);
    }
}
