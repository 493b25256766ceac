//! Calls through the proxy, which writes down what it has seen.

use anyhow::Result;

use super::{ALICE, ALICE_NUMBER, BOB, BOB_NUMBER, SOON, Scene, seen};
use crate::phone::{Answers, Stage};
use crate::proxy::{Proxy, Routing};

/// Where the proxy listens: the SBC's own port.
const PROXY: &str = "198.18.0.2:5060";

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let sbc = &scene.lab.network.sbc;
    let proxy = Proxy::start(scene.lab, sbc, PROXY.parse()?, Routing::To(BOB.parse()?))?;
    let uri = format!("sip:{BOB_NUMBER}@{PROXY}");
    scene.talk(&uri, "through the proxy")?;
    let requests = proxy.seen()?;
    let methods: Vec<&str> = requests
        .iter()
        .map(|request| request.method.as_str())
        .collect();
    scene.report.case(
        "the proxy has seen the call from its beginning to its end",
        "INVITE ACK BYE",
        methods.join(" "),
    );
    let sources: Vec<&str> = requests
        .iter()
        .map(|request| request.source.as_str())
        .collect();
    scene.report.case(
        "it has seen who sent what",
        &[ALICE, ALICE, BOB].join(" "),
        sources.join(" "),
    );
    let id = requests
        .first()
        .map(|request| request.call_id.clone())
        .unwrap_or_default();
    let same = requests.iter().all(|request| request.call_id == id)
        && scene
            .alice
            .messages()?
            .iter()
            .any(|message| message.header("Call-ID") == id);
    scene
        .report
        .case("it is the caller's Call-ID", "true", same);
    scene.call(Answers::ByHand, &uri, ALICE_NUMBER)?;
    seen(&scene.bob, Stage::Incoming);
    scene.alice.hang_up()?;
    let reason = seen(&scene.bob, Stage::Closed);
    scene.report.case(
        "through the proxy: given up",
        "Connection reset by peer",
        reason,
    );
    proxy.end()?;
    declined(scene, &uri)
}

fn declined(scene: &mut Scene<'_>, uri: &str) -> Result<()> {
    let (sbc, routing) = (&scene.lab.network.sbc, Routing::Decline { children: 2 });
    let proxy = Proxy::start(scene.lab, sbc, PROXY.parse()?, routing)?;
    scene.alice.dial(uri, ALICE_NUMBER)?;
    let reason = scene.alice.wait_for(Stage::Closed, SOON);
    scene.report.case(
        "a proxy that declines",
        "603 Decline",
        reason.unwrap_or_default(),
    );
    proxy.end()
}
