//! What must not lose a packet, nor a call without saying so.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::mount::{MsFlags, mount};
use serde_json::Value;

use super::traffic::{self, Kind};
use super::{Scene, array, configuration, number};
use crate::cleanup::Undo;

/// One after the other.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.send(&[Kind::Listed, Kind::Prefix], 10_000, 2)?;
    scene.balance("a flood")?;
    killed(scene, 1, "killed in a flood")?;
    killed(scene, 4, "killed again and again")?;
    changed(scene)?;
    overflown(scene)?;
    made_anew(scene)
}

/// Kills the daemon while calls come, and starts it again.
fn killed(scene: &mut Scene<'_>, times: u32, stage: &str) -> Result<()> {
    const CALLS: u32 = 12_000;
    let configuration = configuration(scene.lab);
    for _ in 0..times {
        let first = scene.books.expect(Kind::Listed, CALLS, 2);
        let lab = scene.lab;
        std::thread::scope(|scope| -> Result<()> {
            let flood =
                scope.spawn(move || traffic::send(lab, Kind::Listed, first..first + CALLS, 2));
            std::thread::sleep(Duration::from_millis(30));
            scene.daemon.kill()?;
            scene.restart(&configuration)?;
            match flood.join() {
                Ok(result) => result,
                Err(_) => anyhow::bail!("the sender panicked"),
            }
        })?;
    }
    scene.balance(stage)
}

/// Rules go, come and move while calls come: what decided a packet differs, and all sums agree.
fn changed(scene: &mut Scene<'_>) -> Result<()> {
    const CALLS: u32 = 20_000;
    let stage = "rules change in a flood";
    let before = scene.ask(&["stats", "--top", "1000"])?;
    let first = scene.books.expect(Kind::Prefix, CALLS, 1);
    let lab = scene.lab;
    let done = std::thread::scope(|scope| -> Result<bool> {
        let flood = scope.spawn(move || traffic::send(lab, Kind::Prefix, first..first + CALLS, 1));
        for _ in 0..10 {
            let found = scene.ask(&["rule", "list", "--search", "4930", "--match", "prefix"])?;
            let id = array(&found, "rules")?
                .iter()
                .find(|rule| rule.get("kind").and_then(Value::as_str) == Some("block"))
                .map(|rule| number(rule, "/id").to_string())
                .context("no rule for +4930*")?;
            scene.ask(&["rule", "edit", &id, "--list", "nuisance"])?;
            scene.ask(&["rule", "edit", &id, "--list", "default"])?;
            scene.ask(&["rule", "remove", &id])?;
            scene.ask(&["rule", "add", "+4930*"])?;
        }
        match flood.join() {
            Ok(result) => result.map(|()| true),
            Err(_) => anyhow::bail!("the sender panicked"),
        }
    })?;
    scene
        .report
        .case(&format!("{stage}: all was sent"), "true", done);
    std::thread::sleep(Duration::from_millis(300));
    let after = scene.ask(&["stats", "--top", "1000"])?;
    let more = |pointer: &str| number(&after, pointer) - number(&before, pointer);
    let sum = |stats: &Value, key: &str| -> Result<u64> {
        let list = array(stats, key)?;
        Ok(list.iter().map(|one| number(one, "/packets")).sum())
    };
    let blocked = more("/blocked/packets");
    scene.report.case(
        &format!("{stage}: blocked and passed"),
        &CALLS.to_string(),
        blocked + more("/passed/packets"),
    );
    for key in ["rules", "lists", "actions"] {
        let seen = sum(&after, key)? - sum(&before, key)?;
        scene
            .report
            .case(&format!("{stage}: by {key}"), &blocked.to_string(), seen);
    }
    let rows = scene.exported()?;
    let named = rows.iter().filter(|row| number(row, "/rule") == 0).count();
    scene
        .report
        .case(&format!("{stage}: rows without a rule"), "0", named);
    scene.nothing_goes_back(stage)?;
    scene.books.correct(blocked, u64::from(CALLS) - blocked);
    Ok(())
}

/// More calls than the ring holds, while nobody reads it.
fn overflown(scene: &mut Scene<'_>) -> Result<()> {
    const CALLS: u32 = 100_000;
    let before = number(&scene.ask(&["stats"])?, "/lost");
    scene.daemon.kill()?;
    scene.send(&[Kind::Listed], CALLS, 1)?;
    scene.restart(&configuration(scene.lab))?;
    scene.wait_until_counted()?;
    let stats = scene.ask(&["stats"])?;
    let lost = number(&stats, "/lost") - before;
    // 16 MiB of events of 264 bytes.
    let some = (CALLS - 63_550 - 100..CALLS - 60_000).contains(&u32::try_from(lost)?);
    scene
        .report
        .case("the ring overflows: some are lost", "true", some);
    scene.seen_is_logged_and_lost("the ring overflows")?;
    scene.nothing_goes_back("the ring overflows")
}

/// Tables of another size: the kernel's counters begin anew, the sums do not.
fn made_anew(scene: &mut Scene<'_>) -> Result<()> {
    const CALLS: u32 = 1000;
    let before = scene.ask(&["status"])?;
    scene.daemon.kill()?;
    // Nobody has looked at these when the tables go.
    scene.send(&[Kind::Listed], CALLS, 2)?;
    let other = format!(
        "{}\n[kernel]\nmaximum_calls = 200000\n",
        configuration(scene.lab)
    );
    scene.restart(&other)?;
    let after = scene.ask(&["status"])?;
    let dropped = |status: &Value| number(status, "/outcomes/dropped/packets");
    scene.report.case(
        "tables made anew: all that the others counted",
        &(dropped(&before) + 2 * u64::from(CALLS)).to_string(),
        dropped(&after),
    );
    scene.nothing_goes_back("tables made anew")?;
    scene.send(Kind::all(), 20, 3)?;
    scene.balance("tables made anew: and on")
}

/// A disk without room, and a log that is damaged.
pub(super) fn of_the_disk(scene: &mut Scene<'_>) -> Result<()> {
    let disk = scene.lab.folder.join("disk");
    std::fs::create_dir(&disk)?;
    scene.lab.cleanup.make(Undo::Mount(disk.clone()), || {
        mount(
            Some("tmpfs"),
            &disk,
            Some("tmpfs"),
            MsFlags::empty(),
            Some("size=24m"),
        )
        .context("cannot mount a small disk")
    })?;
    let state = format!("state_directory = {:?}", scene.lab.folder.join("state"));
    let configuration =
        configuration(scene.lab).replace(&state, &format!("state_directory = {disk:?}"));
    scene.daemon.kill()?;
    scene.restart(&configuration)?;
    scene.ask(&["list", "add", "nuisance"])?;
    scene.ask(&["rule", "add", "+14155550101", "--list", "nuisance"])?;
    full(scene, &disk)?;

    scene.daemon.kill()?;
    let log = disk.join("calls.db");
    let bytes = std::fs::read(&log)?;
    let mut damaged = bytes;
    damaged.iter_mut().take(4096).for_each(|byte| *byte = b'x');
    std::fs::write(&log, damaged)?;
    // The newest pages stand there too: with them it would be whole again.
    std::fs::write(disk.join("calls.db-wal"), "x")?;
    scene.restart(&configuration)?;
    let status = scene.ask(&["status"])?;
    let problems = status
        .get("problems")
        .map(Value::to_string)
        .unwrap_or_default();
    scene.report.case(
        "a damaged log is put aside",
        "true",
        problems.contains("calls.db.damaged-1") && disk.join("calls.db.damaged-1").exists(),
    );
    let before = number(&status, "/log/newest");
    let blocked = number(&status, "/outcomes/dropped/calls");
    let first = scene.books.expect(Kind::Listed, 100, 1);
    traffic::send(scene.lab, Kind::Listed, first..first + 100, 1)?;
    let seen = wait(scene, |status| {
        number(status, "/log/newest") == before + 100
    })?;
    scene.report.case(
        "and calls are blocked and logged",
        "100 blocked, 100 in the log",
        format!(
            "{} blocked, {} in the log",
            number(&seen, "/outcomes/dropped/calls") - blocked,
            number(&seen, "/log/newest") - before
        ),
    );
    Ok(())
}

/// No room for the log: calls are blocked, health says so, and nothing is lost that is not counted.
fn full(scene: &mut Scene<'_>, disk: &std::path::Path) -> Result<()> {
    const CALLS: u32 = 20_000;
    let before = scene.ask(&["status"])?;
    let filler = disk.join("filler");
    fill(&filler)?;
    let first = scene.books.expect(Kind::Listed, CALLS, 1);
    traffic::send(scene.lab, Kind::Listed, first..first + CALLS, 1)?;
    let status = wait(scene, |status| {
        status.get("health").and_then(Value::as_str) == Some("degraded")
    })?;
    let problems = status
        .get("problems")
        .map(Value::to_string)
        .unwrap_or_default();
    scene.report.case(
        "disk full: health says so",
        "true",
        problems.contains("calls.db refused"),
    );
    let dropped = |status: &Value| number(status, "/outcomes/dropped/calls");
    let all = wait(scene, |status| {
        dropped(status) - dropped(&before) >= u64::from(CALLS)
    })?;
    scene.report.case(
        "disk full: calls are blocked",
        &CALLS.to_string(),
        dropped(&all) - dropped(&before),
    );
    std::fs::remove_file(&filler)?;
    let well = wait(scene, |status| {
        status.get("health").and_then(Value::as_str) == Some("ok")
            && number(status, "/log/waiting_bytes") == 0
    })?;
    let rows = number(&well, "/log/newest") - number(&before, "/log/newest");
    let lost = number(&well, "/events/lost") - number(&before, "/events/lost");
    scene.report.case(
        "room again: in the log, or lost",
        &CALLS.to_string(),
        rows + lost,
    );
    scene
        .report
        .case("room again: some are in the log", "true", rows > 1000);
    Ok(())
}

/// Writes until there is no room.
fn fill(path: &std::path::Path) -> Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path)?;
    let block = vec![0; 1 << 16];
    for size in [1 << 16, 512] {
        let part = block.get(..size).unwrap_or_default();
        while file.write_all(part).is_ok() {}
    }
    Ok(())
}

/// Asks for the status until it is as wanted, or patience ends.
fn wait(scene: &Scene<'_>, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let status = scene.ask(&["status"])?;
        if is_wanted(&status) || Instant::now() > deadline {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
