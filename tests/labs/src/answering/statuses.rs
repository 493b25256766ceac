//! The status that each rule asks for.

use anyhow::Result;

use super::{SBC, Scene};

/// What a rule says, and what its caller hears.
const ROWS: [(&str, &str); 9] = [
    ("reject:403", "403 Forbidden"),
    ("reject:404", "404 Not Found"),
    ("reject:433", "433 Anonymity Disallowed"),
    ("reject:480", "480 Temporarily Unavailable"),
    ("reject:486", "486 Busy Here"),
    ("reject:600", "600 Busy Everywhere"),
    ("reject:603", "603 Decline"),
    ("reject:607", "607 Unwanted"),
    ("reject:network-blocked", "603 Network Blocked"),
];

const REASON: &str =
    "SIP;cause=603;text=\"v=analytics1;url=https://example.com/redress;id=lab-1\";location=LN";

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    for (place, (action, status)) in ROWS.into_iter().enumerate() {
        let number = format!("+1415555020{place}");
        scene
            .daemon
            .ask(&["rule", "add", &number, "--action", action])?;
        let caller = scene.caller("198.18.0.1:5080", &number, SBC)?;
        let heard = scene.refused(action, &caller, status)?;
        let reason = heard
            .map(|heard| heard.header("Reason"))
            .unwrap_or_default();
        let expected = if status == "603 Network Blocked" {
            REASON
        } else {
            ""
        };
        scene
            .report
            .case(&format!("{action}: Reason"), expected, reason);
    }
    anonymous(scene)?;
    rejected(scene)
}

fn anonymous(scene: &mut Scene<'_>) -> Result<()> {
    scene
        .daemon
        .ask(&["rule", "add", "anonymous", "--action", "reject"])?;
    let nobody = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";
    let caller = scene.caller("198.18.0.1:5081", nobody, SBC)?;
    scene.refused("anonymous", &caller, "433 Anonymity Disallowed")?;
    Ok(())
}

/// 608 only to those who understand it.
fn rejected(scene: &mut Scene<'_>) -> Result<()> {
    let number = "+14155550300";
    scene
        .daemon
        .ask(&["rule", "add", number, "--action", "reject:608"])?;
    let mut caller = scene.caller("198.18.0.1:5082", number, SBC)?;
    scene.refused("608 to who does not know it", &caller, "603 Decline")?;
    caller = scene.caller("198.18.0.1:5082", number, SBC)?;
    caller.more = "Feature-Caps: *;+sip.608\r\n".to_owned();
    let heard = scene.refused("608 to who knows it", &caller, "608 Rejected")?;
    let card = heard
        .map(|heard| heard.header("Call-Info"))
        .unwrap_or_default();
    scene.report.case(
        "608: where the card is",
        "<https://example.com/card>;purpose=jwscard",
        card,
    );
    Ok(())
}
