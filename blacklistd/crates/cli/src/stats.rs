//! `blacklistd stats`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_figures::{
    BusyNumber, Counts, DEFAULT_TOP, HourFigures, NamedCounts, RuleFigures, Stats, Sums,
    TrunkFigures,
};

/// Of which period, and how much of it.
#[derive(Debug, clap::Args)]
pub(super) struct StatsCommand {
    /// From this time on, in whole hours: 2h (two hours ago), today, 2026-12-24, or RFC 3339.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Until this time; a date is included.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Today only.
    #[arg(long, conflicts_with_all = ["since", "until"])]
    today: bool,
    /// Maximum number of rows to show of each kind.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_TOP)]
    top: usize,
}

pub(super) fn run(command: &StatsCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let since = if command.today {
        Some("today".to_owned())
    } else {
        command.since.clone()
    };
    let target = Target::new("/v1/stats")
        .maybe("since", since)
        .maybe("until", command.until.as_ref())
        .key("top", command.top);
    let stats: Stats = client.get(&target)?;
    if json {
        return output::json(&stats);
    }
    Ok(view(&stats, command.top))
}

fn counts(counts: Counts) -> String {
    format!(
        "{}, {}",
        blacklist_model::count(counts.calls, "call"),
        blacklist_model::count(counts.packets, "packet")
    )
}

fn summary(stats: &Stats) -> String {
    let Sums {
        shares,
        held_calls,
        held_seconds,
        lost,
        forgotten,
        recounted,
        ..
    } = &stats.sums;
    let from = stats.since.as_deref().unwrap_or("the beginning");
    let to = stats.until.as_deref().unwrap_or("now");
    let share = stats
        .blocked_share
        .map(|share| format!("{share:.1} % of judged calls"));
    output::lines(&[
        ("period", format!("from {from} to {to}")),
        ("blocked", counts(shares.blocked)),
        ("share", share.unwrap_or_default()),
        ("monitored", counts(shares.monitored)),
        ("passed", counts(shares.passed)),
        (
            "ambiguous",
            if shares.ambiguous.packets > 0 {
                blacklist_model::count(shares.ambiguous.packets, "packet")
            } else {
                String::new()
            },
        ),
        (
            "held",
            if *held_calls > 0 {
                format!(
                    "{} on the line, {} in all",
                    blacklist_model::count(*held_calls, "call"),
                    blacklist_model::count(held_seconds / 60, "minute")
                )
            } else {
                String::new()
            },
        ),
        (
            "lost",
            if *lost > 0 {
                format!(
                    "{} not in the log, because its events were lost; counted all the same",
                    blacklist_model::count(*lost, "call")
                )
            } else {
                String::new()
            },
        ),
        (
            "forgotten",
            if *forgotten > 0 {
                format!(
                    "{} made room before they were over: at most that many were counted twice ({} known); raise maximum_calls",
                    blacklist_model::count(*forgotten, "call"),
                    recounted
                )
            } else {
                String::new()
            },
        ),
    ])
}

fn view(stats: &Stats, top: usize) -> String {
    let mut parts = vec![summary(stats)];
    let named = |list: &[NamedCounts]| -> Vec<(String, u64)> {
        list.iter()
            .take(top)
            .map(|one| (one.name.clone(), one.calls))
            .collect()
    };
    let busy = |list: &[BusyNumber]| -> Vec<(String, u64)> {
        list.iter()
            .map(|one| (with_error(one), one.calls))
            .collect()
    };
    parts.extend(chart(
        "calls by hour, blocked and monitored",
        &hours(&stats.hours),
    ));
    parts.extend(chart("calls by action", &named(&stats.sums.actions)));
    parts.extend(chart("calls by list", &named(&stats.sums.lists)));
    parts.extend(chart("most blocked callers", &busy(&stats.callers)));
    parts.extend(chart("most called by them", &busy(&stats.called)));
    parts.extend(trunks(&stats.sums.trunks));
    if stats.rules.is_empty() {
        parts.push("no rule has decided a call".to_owned());
    } else {
        parts.push(rules(&stats.rules));
    }
    parts.join("\n\n")
}

fn with_error(busy: &BusyNumber) -> String {
    if busy.error == 0 {
        busy.number.clone()
    } else {
        format!("{} (at most {} too many)", busy.number, busy.error)
    }
}

/// The last day's hours.
fn hours(list: &[HourFigures]) -> Vec<(String, u64)> {
    let skipped = list.len().saturating_sub(24);
    list.iter()
        .skip(skipped)
        .map(|hour| {
            let time = hour.time.trim_end_matches(":00:00Z").replace('T', " ");
            (format!("{time} h UTC"), hour.blocked + hour.monitored)
        })
        .collect()
}

/// Characters of the longest bar.
const BAR: u64 = 40;

/// Bars, one below the other; none if there is nothing to show.
fn chart(title: &str, rows: &[(String, u64)]) -> Option<String> {
    let most = rows
        .iter()
        .map(|(_, calls)| *calls)
        .max()
        .filter(|most| *most > 0)?;
    let width = rows.iter().map(|(name, _)| name.chars().count()).max()?;
    let mut lines = vec![title.to_owned()];
    for (name, calls) in rows {
        lines.push(
            format!("  {name:<width$} {calls:>9} {}", bar(*calls, most))
                .trim_end()
                .to_owned(),
        );
    }
    Some(lines.join("\n"))
}

/// A bar of blocks, to an eighth.
fn bar(value: u64, most: u64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(value) * u128::from(BAR) * 8 / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or_default();
    let part = PARTS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

fn trunks(list: &[TrunkFigures]) -> Option<String> {
    if list.is_empty() {
        return None;
    }
    let columns = ["trunk", "blocked", "monitored", "passed", "ambiguous"];
    let mut table = output::table(columns, &["blocked", "monitored", "passed", "ambiguous"]);
    for trunk in list {
        table.add_row([
            if trunk.name.is_empty() {
                "(no trunk)".to_owned()
            } else {
                trunk.name.clone()
            },
            trunk.shares.blocked.calls.to_string(),
            trunk.shares.monitored.calls.to_string(),
            trunk.shares.passed.calls.to_string(),
            trunk.shares.ambiguous.packets.to_string(),
        ]);
    }
    Some(format!("calls by trunk (ambiguous: packets)\n{table}"))
}

fn rules(rules: &[RuleFigures]) -> String {
    let columns = [
        "rule", "pattern", "kind", "list", "scopes", "calls", "packets",
    ];
    let mut table = output::table(columns, &["rule", "calls", "packets"]);
    for rule in rules {
        let is_gone = rule.id.0 != 0 && rule.pattern.is_empty();
        table.add_row([
            if rule.id.0 == 0 {
                String::new()
            } else {
                rule.id.to_string()
            },
            if is_gone {
                "(removed)".to_owned()
            } else {
                rule.pattern.clone()
            },
            if is_gone {
                String::new()
            } else {
                rule.kind.as_str().to_owned()
            },
            rule.list.clone(),
            rule.scopes.as_deref().unwrap_or_default().join(", "),
            rule.calls.to_string(),
            rule.packets.to_string(),
        ]);
    }
    format!("rules that decided most calls\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        for (value, most, length) in [(0, 7, 0), (7, 7, 40), (1, 2, 20), (1, 1_000_000, 0)] {
            assert_eq!(
                bar(value, most).chars().count(),
                length,
                "{value} of {most}"
            );
        }
        assert_eq!(bar(1, 320), "▏");
        assert_eq!(bar(u64::MAX, u64::MAX).chars().count(), 40);
    }

    #[test]
    fn a_chart_without_calls_is_left_out() {
        assert_eq!(chart("x", &[]), None);
        assert_eq!(chart("x", &[("a".to_owned(), 0)]), None);
        let rows = [("a".to_owned(), 2), ("bcd".to_owned(), 1)];
        let text = chart("x", &rows).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "x");
        assert!(lines[1].starts_with("  a           2 ███"), "{text}");
        assert!(lines[2].starts_with("  bcd         1 ███"), "{text}");
    }
}
