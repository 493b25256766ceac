//! Ports are allocated, released and never allocated twice.

use std::net::{IpAddr, Ipv4Addr};

use super::*;

const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[test]
fn ranges() {
    let rows = [
        ("a pair", (10_000, 10_001), Some(1)),
        ("two", (10_000, 10_002), Some(2)),
        ("odd ends", (10_001, 10_005), Some(2)),
        ("only an odd one", (10_001, 10_001), None),
        ("empty", (10_002, 10_000), None),
        ("the last ones", (65_534, 65_535), Some(1)),
        ("the very last one", (65_535, 65_535), None),
        ("all", (1024, 65_535), Some(32_256)),
        ("privileged", (0, 2000), None),
    ];
    for (name, (first, last), count) in rows {
        let found = Ports::new(HOST, first..=last)
            .ok()
            .map(|ports| ports.count());
        assert_eq!(found, count, "{name}");
    }
    let error = Ports::new(HOST, 7..=7).unwrap_err().to_string();
    assert!(
        error.starts_with("the range of media ports 7-7 has no"),
        "{error}"
    );
}

#[tokio::test]
async fn ports_come_back() {
    let ports = free_ports(4);
    let mut taken: Vec<Port> = (0..4).map(|_| ports.bind().unwrap()).collect();
    let mut numbers: Vec<u16> = taken.iter().map(Port::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 4, "each is given out once");
    assert!(numbers.iter().all(|number| number % 2 == 0));
    for port in &taken {
        assert_eq!(port.socket().local_addr().unwrap().port(), port.number());
    }
    assert!(matches!(ports.bind(), Err(PortsError::Taken(4))));
    let back = taken.remove(1).number();
    assert_eq!(ports.taken(), 3);
    assert_eq!(ports.bind().unwrap().number(), back);
    drop(taken);
    assert_eq!(ports.taken(), 0);
}

#[tokio::test]
async fn a_port_of_another_program_is_left_out() {
    let ports = free_ports(2);
    let first = ports.bind().unwrap().number();
    let second = ports.bind().unwrap().number();
    assert_ne!(first, second, "a port that came back is the last one to go");
    let _other = std::net::UdpSocket::bind((HOST, first)).unwrap();
    for _ in 0..3 {
        assert_eq!(ports.bind().unwrap().number(), second);
    }
}

#[test]
fn without_a_runtime_there_is_an_error() {
    let error = Ports::new(HOST, 20_000..=20_999).unwrap().bind();
    assert!(matches!(error, Err(PortsError::Bind { .. })));
}

#[tokio::test]
async fn an_address_of_somebody_else() {
    let ports = Ports::new("192.0.2.1".parse().unwrap(), 20_000..=20_999).unwrap();
    let error = ports.bind().unwrap_err().to_string();
    assert!(
        error.starts_with("cannot listen for media on 192.0.2.1:"),
        "{error}"
    );
}
