//! A daemon on a machine that a test sets: time passes when the test says so, random numbers come
//! from a seed, and datagrams stay in memory.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::*;
use blacklist_sip::invite::Invite;
use blacklist_system::Machine;
use blacklist_system::datagrams::Family;
use blacklist_system::simulated::{MemoryNetwork, Seeded, SetClocks};

/// Runs a test on a machine, in all threads.
fn on<T>(machine: Machine, test: impl AsyncFnOnce() -> T) -> T {
    let _entered = machine.clone().enter();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .on_thread_start(move || std::mem::forget(machine.clone().enter()))
        .build()
        .unwrap()
        .block_on(test())
}

fn clocks() -> Arc<SetClocks> {
    Arc::new(SetClocks::at("2026-06-15T10:00:00Z".parse().unwrap()))
}

async fn add(daemon: &TestDaemon, rule: Value) -> u16 {
    let body = json!([rule]).to_string().into_bytes();
    ask(daemon, "POST", "/v1/rules", body).await.0
}

#[test]
fn a_grant_and_a_rule_end_when_time_has_passed() {
    let clocks = clocks();
    let machine = Machine {
        clocks: clocks.clone(),
        ..Machine::default()
    };
    on(machine, async || {
        let daemon = TestDaemon::start();
        let grant = json!({"local": "+13125550177", "remote": "+14155550100", "seconds": 900});
        let body = grant.to_string().into_bytes();
        let (status, _, answer) = ask(&daemon, "POST", "/v1/grants", body).await;
        assert_eq!(status, 201, "{answer}");
        let rule = json!({"pattern": "+14155550100", "valid_until": "2026-06-15T10:30:00Z"});
        assert_eq!(add(&daemon, rule).await, 201);
        let grants = async || ask(&daemon, "GET", "/v1/grants", Vec::new()).await.2;
        let rules = async || ask(&daemon, "GET", "/v1/rules", Vec::new()).await.2;
        for (minutes, has_grant, is_in_force) in
            [(14, true, true), (2, false, true), (15, false, false)]
        {
            clocks.pass(Duration::from_secs(60 * minutes));
            let seen = grants().await;
            let count = seen["grants"].as_array().unwrap().len();
            assert_eq!(
                count,
                usize::from(has_grant),
                "after {minutes} more: {seen}"
            );
            let seen = rules().await;
            assert_eq!(
                seen["rules"][0]["in_force"], is_in_force,
                "after {minutes} more"
            );
        }
    });
}

#[test]
fn a_seed_gives_the_same_pin_again() {
    let made = || {
        let machine = Machine {
            randomness: Arc::new(Seeded(AtomicU64::new(7))),
            ..Machine::default()
        };
        on(machine, async || {
            let daemon = TestDaemon::start();
            let (status, _, answer) = ask(&daemon, "PUT", "/v1/pins/global", b"{}".to_vec()).await;
            assert_eq!(status, 200, "{answer}");
            answer["pin"].as_str().unwrap().to_owned()
        })
    };
    assert_eq!(made(), made());
}

#[test]
fn a_rejected_call_is_answered_from_the_address_that_it_called() {
    let network = Arc::new(MemoryNetwork::default());
    let machine = Machine {
        network: network.clone(),
        ..Machine::default()
    };
    on(machine, async || {
        let trunk = "[[trunk]]\nname = \"carrier\"\npeers = [\"192.0.2.0/24\"]\n";
        let daemon = TestDaemon::start_with(trunk);
        let rule = json!({"pattern": "+14155550100", "action": "reject:486"});
        assert_eq!(add(&daemon, rule).await, 201);
        let heart = daemon
            .daemon
            .enforcement
            .lock()
            .kernel
            .take_heart()
            .unwrap();
        let answerer = daemon.daemon.answering.start(heart).unwrap();
        let socket = loop {
            if let Some(socket) = network.socket(Family::Four, 25060) {
                break socket;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let (peer, called) = (
            "192.0.2.1:5060".parse().unwrap(),
            "198.51.100.1".parse().unwrap(),
        );
        let listed = Invite::between("+14155550100", "+13125550100").text();
        socket.deliver(&listed, peer, called);
        let sent = loop {
            match socket.take_sent().pop() {
                Some(sent) => break sent,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        answerer.end();
        let (text, to, from) = sent;
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("SIP/2.0 486 "), "{text}");
        assert_eq!((to, from), (peer, Some(called)));
    });
}
