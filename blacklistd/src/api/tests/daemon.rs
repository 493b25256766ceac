//! The daemon itself: its status and figures, a replay of calls, and the end of judging.

use super::*;

/// A capture (pcap, raw IPv4) of an INVITE.
fn capture() -> Vec<u8> {
    let text = "INVITE sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n\
        From: <sip:+14155550100@x>;tag=1\r\nTo: <sip:100@x>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\
        Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    let udp = u16::try_from(8 + text.len()).unwrap();
    let mut packet = vec![0x45, 0];
    packet.extend((20 + udp).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 9, 192, 0, 2, 1]);
    for word in [5060, 5060, udp, 0] {
        packet.extend(word.to_be_bytes());
    }
    packet.extend(text.as_bytes());
    let length = u32::try_from(packet.len()).unwrap();
    // Magic, version 2.4, time zone, accuracy, longest packet, link type; then one packet.
    let header = [
        0xA1B2_C3D4,
        0x0004_0002,
        0,
        0,
        65_535,
        101,
        1_780_000_000,
        0,
        length,
        length,
    ];
    let header = header.into_iter().flat_map(u32::to_le_bytes);
    header.chain(packet).collect()
}

/// Writes the configuration as it was at the start, with more in front.
fn add_to_configuration(daemon: &TestDaemon, more: &str) {
    let path = daemon.folder.path().join("blacklistd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let whole = text.find("state_directory").unwrap();
    std::fs::write(path, format!("{more}{}", &text[whole..])).unwrap();
}

pub(super) fn rows() -> Vec<Step> {
    vec![
        row("POST", "/v1/rules", json!([{"pattern": "+14155550100"}]), 201, json!({})),
        row("GET", "/v1/status", "", 200, json!({
            "generation": 2, "health": "ok", "interfaces": [{"name": "lo", "attached": true, "xdp_mode": "generic"}]})),
        row("POST", "/v1/status", "", 405, error("does not do that")),
        row("GET", "/v1/stats", "", 200, json!({})),
        row("GET", "/v1/stats?by=colour", "", 400, json!("~unknown field `by`")),
        row("GET", "/v1/live", "", 200, json!({})),
        row("POST", "/v1/live", "", 405, error("does not do that")),
        row("GET", "/metrics", "", 200, json!("~blacklist_")),
        row("POST", "/metrics", "", 405, error("does not do that")),
        row("POST", "/v1/replay", "", 400, error("this is not a capture: it is empty")),
        row("POST", "/v1/replay", "", 200, json!({"blocked": 1, "passed": 0, "disagreements": 0, "calls": [{
            "caller": "+14155550100", "called": "100", "agree": true, "now": {"decided_by": "rule 1"}}]})).with_body(capture()),
        row("POST", "/v1/replay", "no capture", 400, error("tcpdump -w")),
        row("GET", "/v1/reload", "", 405, error("does not do that")),
        row("POST", "/v1/reload", "", 200, json!({"generation": 2})),
        Step::Do(|daemon| add_to_configuration(daemon, "colour = 1\n")),
        row("POST", "/v1/reload", "", 409, error("colour")),
        row("GET", "/v1/status", "", 200, json!({
            "health": "degraded", "problems": ["~the one before stays in force"]})),
        Step::Do(|daemon| add_to_configuration(daemon, "")),
        row("POST", "/v1/reload", "", 200, json!({"generation": 2})),
        row("GET", "/v1/status", "", 200, json!({"health": "ok", "problems": []})),
        row("GET", "/v1/detach", "", 405, error("does not do that")),
        row("POST", "/v1/detach", "", 200, json!({"interfaces": ["lo"]})),
        row("GET", "/v1/status", "", 200, json!({
            "health": "degraded", "interfaces": [{"name": "lo", "attached": false}]})),
    ]
}
