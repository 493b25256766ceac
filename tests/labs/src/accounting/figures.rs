//! Metrics, as they are and as a real Prometheus sees them.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{METRICS, Scene, number};
use crate::Lab;
use crate::cleanup::Process;
use xtask::peers;
use xtask::workspace;

/// Where Prometheus listens, inside of the SBC.
const PROMETHEUS: &str = "127.0.0.1:9090";
const PATIENCE: Duration = Duration::from_secs(20);

/// The body of an answer.
fn get(lab: &Lab, address: &str, path: &str) -> Result<String> {
    lab.network.sbc.run(|| {
        let mut stream =
            TcpStream::connect(address).with_context(|| format!("cannot reach {address}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!(
                "{address}{path}: {}",
                head.lines().next().unwrap_or_default()
            );
        }
        Ok(
            if head
                .to_ascii_lowercase()
                .contains("transfer-encoding: chunked")
            {
                unchunked(body)
            } else {
                body.to_owned()
            },
        )
    })
}

/// The pieces of a body, put together (RFC 9112, 7.1).
fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, more)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or_default();
        let (Some(piece), Some(next)) = (more.get(..length), more.get(length + 2..)) else {
            break;
        };
        body.push_str(piece);
        rest = next;
    }
    body
}

/// All counters of the metrics, by series.
pub(super) fn counters(lab: &Lab) -> Result<BTreeMap<String, f64>> {
    let text = get(lab, METRICS, "/metrics")?;
    let read = |line: &str| {
        let (series, value) = line.rsplit_once(' ')?;
        let is_counter = series.split('{').next()?.ends_with("_total");
        Some((
            series.to_owned(),
            value.parse().ok().filter(|_| is_counter)?,
        ))
    };
    Ok(text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(read)
        // Sinks count since the start of the daemon.
        .filter(|(series, _): &(String, f64)| !series.starts_with("blacklist_ship_"))
        .collect())
}

/// A Prometheus that looks at the SBC every second.
pub(super) struct Prometheus {
    _process: Process,
}

impl Prometheus {
    pub(super) fn start(lab: &Lab) -> Result<Self> {
        let alerts = workspace::root()?.join("config/prometheus-alerts.yml");
        let configuration = format!(
            "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files:\n  - {}\n\
             scrape_configs:\n  - job_name: blacklist\n    static_configs:\n      - targets: ['{METRICS}']\n",
            alerts.display()
        );
        let file = lab.folder.join("prometheus.yml");
        std::fs::write(&file, configuration)?;
        let mut command = Command::new(peers::program("prometheus")?);
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                lab.folder.join("tsdb").display()
            ))
            .arg(format!("--web.listen-address={PROMETHEUS}"));
        lab.network.sbc.host(&mut command)?;
        let process = lab.spawn(&mut command, "prometheus.log")?;
        Ok(Self { _process: process })
    }

    /// What it says by now.
    pub(super) fn check(&self, scene: &mut Scene<'_>) -> Result<()> {
        let status = scene.ask(&["status"])?;
        let dropped = number(&status, "/outcomes/dropped/packets");
        let expression = "sum(blacklist_packets_total{outcome=\"dropped\"})";
        let deadline = Instant::now() + PATIENCE;
        let seen = loop {
            let seen = query(scene.lab, expression)?;
            if seen == Some(dropped.to_string()) || Instant::now() > deadline {
                break seen;
            }
            std::thread::sleep(Duration::from_millis(300));
        };
        scene.report.case(
            "Prometheus: dropped packets",
            &dropped.to_string(),
            seen.unwrap_or_default(),
        );
        let resets = [
            "packets",
            "calls",
            "list_packets",
            "rule_calls",
            "trunk_invites",
        ]
        .map(|name| format!("sum(resets(blacklist_{name}_total[1h]))"))
        .join(" + ");
        let resets = query(scene.lab, &resets)?;
        scene.report.case(
            "Prometheus: counters that went back",
            "0",
            resets.unwrap_or_default(),
        );
        let rate = query(
            scene.lab,
            "max(rate(blacklist_calls_total{outcome=\"dropped\"}[5m])) > bool 0",
        )?;
        scene
            .report
            .case("Prometheus: a rate", "1", rate.unwrap_or_default());
        self.rules(scene)
    }

    /// Alert rules are read, and all of them can be evaluated.
    fn rules(&self, scene: &mut Scene<'_>) -> Result<()> {
        let text = get(scene.lab, PROMETHEUS, "/api/v1/rules")?;
        let answer: Value = serde_json::from_str(&text).context("rules that are no JSON")?;
        let groups = answer.pointer("/data/groups").and_then(Value::as_array);
        let rules: Vec<&Value> = groups
            .into_iter()
            .flatten()
            .filter_map(|group| group.get("rules").and_then(Value::as_array))
            .flatten()
            .collect();
        let bad: Vec<String> = rules
            .iter()
            .filter(|rule| rule.get("health").and_then(Value::as_str) != Some("ok"))
            .map(ToString::to_string)
            .collect();
        scene.report.case(
            "Prometheus: alert rules are read",
            "true",
            rules.len() >= 10,
        );
        scene
            .report
            .case("Prometheus: alert rules that fail", "", bad.join(", "));
        let firing: Vec<&str> = rules
            .iter()
            .filter(|rule| rule.get("state").and_then(Value::as_str) == Some("firing"))
            .filter_map(|rule| rule.get("name").and_then(Value::as_str))
            .collect();
        scene
            .report
            .figures
            .insert("firing".to_owned(), firing.into());
        let mut promtool = Command::new(peers::program("promtool")?);
        promtool.args(["check", "rules"]);
        promtool.arg(workspace::root()?.join("config/prometheus-alerts.yml"));
        let (success, output, errors) = scene.daemon.output(&mut promtool)?;
        let seen = if success {
            "well"
        } else {
            &format!("{output}{errors}")
        };
        scene.report.case("promtool check rules", "well", seen);
        Ok(())
    }
}

/// The value of an expression that has one.
fn query(lab: &Lab, expression: &str) -> Result<Option<String>> {
    let encoded: String = expression
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let text = get(lab, PROMETHEUS, &format!("/api/v1/query?query={encoded}"))?;
    let answer: Value = serde_json::from_str(&text).context("an answer that is no JSON")?;
    let value = answer.pointer("/data/result/0/value/1");
    Ok(value.and_then(Value::as_str).map(str::to_owned))
}
