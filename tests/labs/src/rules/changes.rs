//! Rules, lists and scopes changed while they are in force, and rules whose time comes and goes.

use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Scene, numbers, words};

/// How long the rules that end or begin within the lab take to do so.
const SOON: Duration = Duration::from_secs(4);

/// Changes everything once and back again, with calls in between.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    refusals(scene)?;
    told(scene)?;
    lists_are_one_row(scene)?;
    let timed = Timed::begin(scene)?;
    there(scene)?;
    back(scene)?;
    timed.end(scene)
}

fn refusals(scene: &mut Scene<'_>) -> Result<()> {
    let rows: [(&str, &str, &str); 10] = [
        (
            "refused: hides an emergency number",
            "rule add 911",
            "911 is an emergency number",
        ),
        ("refused: duplicate", "rule add '+1 415 555 0101'", "rule "),
        (
            "refused: too long a number",
            "rule add +12345678901234567890",
            "digits",
        ),
        ("refused: no such list", "rule add +491 --list spma", "spma"),
        (
            "refused: no such scope",
            "rule add +491 --scope account:nobody",
            "account:nobody",
        ),
        (
            "refused: no schedule",
            "rule add +491 --schedule 'mo-xx 08:00'",
            "mo-xx",
        ),
        (
            "refused: no time",
            "rule add +491 --until tomorrow",
            "tomorrow",
        ),
        (
            "refused: over before it begins",
            "rule add +491 --from 2030-01-02 --until 2030-01-01",
            "2030",
        ),
        (
            "refused: the default list stays",
            "list remove default",
            "default",
        ),
        ("refused: a list that is there", "list add shared", "shared"),
    ];
    let before = scene.generation()?;
    for (name, command, expected) in rows {
        scene.refused(name, &words(command), expected)?;
    }
    let after = scene.generation()?;
    scene.report.case(
        "refusals change nothing",
        &format!("generation {before}"),
        format!("generation {after}"),
    );
    Ok(())
}

/// Changes that are made, with a word about them; none of them is kept.
fn told(scene: &mut Scene<'_>) -> Result<()> {
    let rows: [(&str, &str, &str); 5] = [
        (
            "told: a broader rule blocks it already",
            "+3390011* --scope account:acme",
            "matches all of it",
        ),
        (
            "told: an allow rule of the same scope stands before it",
            "+8266009*",
            "matches all of it",
        ),
        (
            "told: a mandatory rule stands before it",
            "+82551234 --allow --scope number:+13125550130",
            "matches all of it",
        ),
        ("told: blocks a number of our own", "+13125550130", "own"),
        (
            "told: blocks a large share of the calls seen lately",
            "*",
            "calls seen lately",
        ),
    ];
    for (name, rule, expected) in rows {
        let answer = scene.ask(&words(&format!("rule add --dry-run {rule}")))?;
        let warnings = answer
            .get("warnings")
            .cloned()
            .unwrap_or_default()
            .to_string();
        let seen = if warnings.contains(expected) {
            expected
        } else {
            &warnings
        };
        scene.report.case(name, expected, seen.to_owned());
    }
    let before = scene.generation()?;
    scene.ask(&words("rule add +99871 +99872 +99873 --comment several"))?;
    let after = scene.generation()?;
    scene.report.case(
        "several rules are one generation",
        &(before + 1).to_string(),
        after.to_string(),
    );
    Ok(())
}

fn lists_are_one_row(scene: &mut Scene<'_>) -> Result<()> {
    let list = scene.ask(&["list", "show", "shared"])?;
    let scopes = list.get("scopes").and_then(Value::as_array).map(Vec::len);
    let seen = format!(
        "{}, {} scopes",
        numbers(&list, &["rules"]),
        scopes.unwrap_or_default()
    );
    scene.report.case(
        "a caller for 25 numbers is one row",
        "rules 1, 25 scopes",
        seen,
    );
    Ok(())
}

/// Numbers of the rules that are changed.
struct Ids {
    edited: String,
    disabled: String,
    removed: String,
}

fn there(scene: &mut Scene<'_>) -> Result<()> {
    let ids = ids(scene)?;
    scene.ask(&["list", "disable", "shared"])?;
    scene.ask(&["rule", "edit", &ids.edited, "--pattern", "+14155550102"])?;
    scene.ask(&["rule", "disable", &ids.disabled])?;
    scene.ask(&["rule", "remove", &ids.removed])?;
    scene.ask(&["scope", "member", "remove", "group:sales", "+13125550131"])?;
    scene.ask(&["scope", "edit", "number:+13125550140", "--default", "unset"])?;
    scene.ask(&["list", "assign", "vip", "number:+13125550120"])?;
    scene.place(
        "list disabled | +2348012345 | +13125550200 | through
         rule edited: its old number | +14155550101 | | through
         rule edited: its new number | +14155550102 | | blocked: exact
         rule disabled | +4930777 | | blocked: prefix
         rule removed, another list's surfaces | +551112345 | | blocked: in the second list
         no member any more | +819000001 | +13125550131 | blocked: account
         default taken back | +13105550050 | +13125550140 | through
         list assigned to one scope more | +497112345 | +13125550120 | through: known to the account
         begins soon | +99811 | | through
         ends soon | +99812 | | blocked: ends soon
         in force all week | +99813 | | blocked: all week
         in force on another day | +99814 | | through",
    )
}

fn back(scene: &mut Scene<'_>) -> Result<()> {
    let ids = ids_of_names(scene, ["exact", "exact in a prefix"])?;
    let [edited, disabled] = ids;
    scene.ask(&["list", "enable", "shared"])?;
    scene.ask(&["rule", "edit", &edited, "--pattern", "+14155550101"])?;
    scene.ask(&["rule", "enable", &disabled])?;
    scene.add_rule("in the first list", &["+551112345"])?;
    scene.ask(&["scope", "member", "add", "group:sales", "+13125550131"])?;
    scene.ask(&["scope", "edit", "number:+13125550140", "--default", "block"])?;
    scene.ask(&["list", "unassign", "vip", "number:+13125550120"])?;
    scene.place(
        "list enabled | +2348012345 | +13125550200 | blocked: one of 25
         rule edited back | +14155550101 | | blocked: exact
         rule enabled | +4930777 | | blocked: exact in a prefix
         a rule added later has a higher id | +551112345 | | blocked: in the second list
         member again | +819000001 | +13125550131 | through: group allows
         default set again | +13105550050 | +13125550140 | blocked: default of number:+13125550140
         list taken off that scope | +497112345 | +13125550120 | blocked: everything",
    )
}

fn ids(scene: &Scene<'_>) -> Result<Ids> {
    let [edited, disabled, removed] =
        ids_of_names(scene, ["exact", "exact in a prefix", "in the first list"])?;
    Ok(Ids {
        edited,
        disabled,
        removed,
    })
}

/// Numbers of rules by their comments.
pub(super) fn ids_of_names<const N: usize>(
    scene: &Scene<'_>,
    names: [&str; N],
) -> Result<[String; N]> {
    let list = scene.ask(&["rule", "list"])?;
    let rules = list
        .get("rules")
        .and_then(Value::as_array)
        .context("`rule list` printed no rules")?;
    let id_of = |name: &str| {
        rules
            .iter()
            .find(|rule| rule.get("comment").and_then(Value::as_str) == Some(name))
            .and_then(|rule| rule.get("id"))
            .map(Value::to_string)
            .with_context(|| format!("there is no rule \"{name}\""))
    };
    let found: Vec<String> = names
        .iter()
        .map(|name| id_of(name))
        .collect::<Result<_>>()?;
    found
        .try_into()
        .map_err(|_| anyhow::anyhow!("names and numbers differ"))
}

/// Rules that begin and end while other things are tried.
struct Timed {
    over: Instant,
}

impl Timed {
    fn begin(scene: &Scene<'_>) -> Result<Self> {
        let soon = format!("{}s", SOON.as_secs());
        let today = weekday(0);
        let yesterday = weekday(6);
        scene.add_rule("begins soon", &["+99811", "--from", &in_time(SOON)?])?;
        scene.add_rule("ends soon", &["+99812", "--for", &soon])?;
        scene.add_rule("all week", &["+99813", "--schedule", "mo-su 00:00-24:00"])?;
        let other = format!("{yesterday} 00:00-24:00");
        scene.add_rule("another day", &["+99814", "--schedule", &other])?;
        let this = format!("{today} 00:00-24:00 UTC");
        scene.add_rule("this day", &["+99815", "--schedule", &this])?;
        Ok(Self {
            // Times of rules are whole seconds.
            over: Instant::now() + SOON + Duration::from_millis(1300),
        })
    }

    fn end(self, scene: &mut Scene<'_>) -> Result<()> {
        std::thread::sleep(self.over.saturating_duration_since(Instant::now()));
        scene.place(
            "has begun | +99811 | | blocked: begins soon
             has ended | +99812 | | through
             in force today | +99815 | | blocked: this day",
        )
    }
}

/// A weekday in UTC, so many days from today on.
fn weekday(later: u64) -> &'static str {
    // 1 January 1970 was a Thursday.
    const DAYS: [&str; 7] = ["th", "fr", "sa", "su", "mo", "tu", "we"];
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let day = (since.as_secs() / 86_400 + later) % 7;
    usize::try_from(day)
        .ok()
        .and_then(|day| DAYS.get(day))
        .copied()
        .unwrap_or("mo")
}

/// A time from now on, RFC 3339.
fn in_time(later: Duration) -> Result<String> {
    let output = Command::new("date")
        .args(["--utc", "+%Y-%m-%dT%H:%M:%SZ", "--date"])
        .arg(format!("{} seconds", later.as_secs()))
        .output()
        .context("cannot run date")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
