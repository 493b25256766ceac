//! Random changes of messages: kernel and host read each the same, whatever it means.

use std::time::{Duration, Instant};

use blacklist_tests::corpus;
use blacklist_tests::datagram::Datagram;
use blacklist_tests::lab::Lab;
use blacklist_tests::rows;
use blacklist_tests::rules::World;
use blacklist_tests::standard::{
    self, CALLED_FROM_TO, MONITOR, NO_PLAN, OUTBOUND, PLAIN, PLAIN_V6, REMOTE_PARTY, TRUSTED,
    TRUSTED_V6,
};
use fastrand::Rng;

use crate::{mutation, regressions};

/// Frames without which the test is not done.
const LEAST: u64 = 100_000;
/// Frames with which it is done.
const GOAL: u64 = 300_000;
/// Time after which it is done with [`LEAST`].
const ENOUGH: Duration = Duration::from_secs(60);

const PEERS: [&str; 9] = [
    PLAIN,
    TRUSTED,
    PLAIN_V6,
    TRUSTED_V6,
    REMOTE_PARTY,
    CALLED_FROM_TO,
    NO_PLAN,
    OUTBOUND,
    MONITOR,
];

/// Messages to be changed; large ones would only make the test slow.
fn pool() -> Vec<Vec<u8>> {
    let invites = corpus::all()
        .into_iter()
        .filter(|message| message.is_invite);
    rows::texts()
        .into_iter()
        .map(|(_, text)| text)
        .chain(invites.map(|message| message.text))
        .filter(|text| text.len() < 3000)
        .collect()
}

/// The frame of a seed.
fn frame(pool: &[Vec<u8>], seed: u64) -> blacklist_tests::datagram::Frame {
    let mut random = Rng::with_seed(seed);
    let mut text = pool[random.usize(..pool.len())].clone();
    mutation::mutate(&mut random, &mut text);
    let datagram = Datagram::new(PEERS[random.usize(..PEERS.len())], text.clone());
    let cut = random.usize(..text.len().max(1)) / 8 * 8;
    if random.u8(..8) == 0 && cut >= 8 {
        datagram.fragments(&[cut]).swap_remove(0)
    } else {
        datagram.frame()
    }
}

#[test]
fn kernel_and_host_agree_on_changed_messages() {
    agree(standard::world());
}

#[test]
fn kernel_and_host_agree_on_patterns_of_every_kind() {
    agree(standard::patterns());
}

fn agree(world: World) {
    let mut lab = Lab::open(world);
    regressions::run(&mut lab);
    let pool = pool();
    let first = std::env::var("BLACKLIST_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let first: u64 = first.unwrap_or(0x5EED_0000_0000);
    let started = Instant::now();
    let mut judged = 0_u64;
    let mut decided = 0_u64;
    let mut done = 0_u64;
    while done < GOAL && (done < LEAST || started.elapsed() < ENOUGH) {
        let seed = first + done;
        let frame = frame(&pool, seed);
        match lab.agree(&frame) {
            Ok(seen) => {
                judged += u64::from(seen.caller.is_some());
                decided += u64::from(seen.slot != 0);
            }
            Err(why) => {
                let path = regressions::keep(&format!("seed-{seed}"), &frame.bytes);
                panic!(
                    "seed {seed}: {why}\nthe frame is kept in {}",
                    path.display()
                );
            }
        }
        done += 1;
    }
    println!(
        "{done} frames, {judged} with a caller, {decided} decided by a rule, {:?}",
        started.elapsed()
    );
    assert!(
        decided * 10 > done,
        "too few changed messages were judged: a rule decided {decided} of {done}"
    );
    assert!(
        decided * 10 < done * 8,
        "too few changes matter: a rule decided {decided} of {done}"
    );
}
