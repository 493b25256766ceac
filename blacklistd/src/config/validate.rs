//! From [`Spec`] to [`Configuration`], by taking every key apart: one that is forgotten here does
//! not compile.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::MAXIMUM_DIGITS;
use blacklist_common::rule::MAXIMUM_SLOTS;
use toml::Spanned;

use super::configuration::{Configuration, Interface};
use super::spec::{DialPlanSpec, InterfaceSpec, KernelSpec, LevelSpec, LogSpec, SafetySpec, Spec};
use super::{answering, companion, dial_plan, journal, rules, ship, trunk};
use blacklist_kernel::KernelSettings;
use blacklist_model::NO_DIAL_PLAN;
use blacklist_problems::Problems;

/// UDP ports that the program can judge.
const MAXIMUM_PORTS: usize = 64;
/// Bytes of an interface's name at most (`IFNAMSIZ` without its NUL).
const MAXIMUM_INTERFACE_NAME: usize = 15;

/// Judges everything; what is wrong is noted.
pub(super) fn validate(spec: Spec, problems: &mut Problems) -> Configuration {
    let complete = problems.is_empty();
    let Spec {
        mode,
        control_socket,
        control_group,
        state_directory,
        pin_directory,
        ports,
        default_dial_plan,
        interface,
        dial_plan: plans,
        trunk: trunks,
        safety: SafetySpec { emergency },
        rules,
        calls,
        metrics,
        answering,
        companion,
        ship: sinks,
        kernel,
        log: LogSpec { level },
    } = spec;
    let mode = mode.into_inner();
    let known: BTreeSet<String> = plans.keys().map(|name| name.get_ref().clone()).collect();
    let default_dial_plan = trunk::named_plan(&default_dial_plan, &known, complete, problems);
    let dial_plans = validate_dial_plans(plans, problems);
    let plan = default_dial_plan
        .as_ref()
        .and_then(|name| dial_plans.get(name))
        .copied()
        .unwrap_or_default();
    let rules = rules::validate(rules, &plan, problems);
    let around = trunk::Surroundings {
        dial_plans: &known,
        default_dial_plan: default_dial_plan.as_deref(),
        mode,
        complete,
    };
    let trunks = trunk::validate(trunks, &around, problems);
    let names: Vec<&str> = trunks.iter().map(|trunk| trunk.name.as_str()).collect();
    let companion = companion::validate(companion, &names, problems);
    let ports = validate_ports(ports, problems);
    Configuration {
        mode,
        control_socket: absolute(control_socket, "control_socket", problems),
        control_group: Some(control_group.into_inner()).filter(|group| !group.is_empty()),
        state_directory: absolute(state_directory, "state_directory", problems),
        interfaces: validate_interfaces(interface, complete, problems),
        dial_plans,
        trunks,
        rules,
        emergency: validate_emergency(emergency, problems),
        calls: journal::calls(&calls, problems),
        metrics: journal::metrics(&metrics, problems),
        answering: answering::validate(answering, &ports, problems),
        companion,
        ports,
        ship: ship::validate(sinks, problems),
        kernel: validate_kernel(kernel, pin_directory, problems),
        log_level: log_level(level),
        default_dial_plan,
    }
}

const fn log_level(level: LevelSpec) -> tracing::Level {
    match level {
        LevelSpec::Error => tracing::Level::ERROR,
        LevelSpec::Warn => tracing::Level::WARN,
        LevelSpec::Info => tracing::Level::INFO,
        LevelSpec::Debug => tracing::Level::DEBUG,
    }
}

fn validate_dial_plans(
    plans: BTreeMap<Spanned<String>, Spanned<DialPlanSpec>>,
    problems: &mut Problems,
) -> BTreeMap<String, DialPlan> {
    let mut dial_plans = BTreeMap::new();
    for (name, plan) in plans {
        if name.get_ref() == NO_DIAL_PLAN {
            problems.add(
                name.span(),
                "a dial plan cannot be named \"none\": the word means no dial plan",
            );
        }
        let plan = dial_plan::validate(plan.into_inner(), name.get_ref(), problems);
        dial_plans.insert(name.into_inner(), plan);
    }
    dial_plans
}

/// A path; one that is not whole is noted.
pub(super) fn absolute(path: Spanned<String>, key: &str, problems: &mut Problems) -> PathBuf {
    if !Path::new(path.get_ref()).is_absolute() {
        problems.add(
            path.span(),
            format!("{key} must be a whole path that begins with /"),
        );
    }
    PathBuf::from(path.into_inner())
}

fn validate_ports(ports: Spanned<Vec<Spanned<i64>>>, problems: &mut Problems) -> Vec<u16> {
    if ports.get_ref().is_empty() || ports.get_ref().len() > MAXIMUM_PORTS {
        problems.add(
            ports.span(),
            format!("ports must name 1 to {MAXIMUM_PORTS} UDP ports, usually ports = [5060]"),
        );
    }
    let mut list = Vec::new();
    for port in ports.into_inner() {
        match u16::try_from(*port.get_ref()) {
            Ok(0) | Err(_) => {
                problems.add(port.span(), "a port is a number from 1 to 65535");
            }
            Ok(number) if list.contains(&number) => {
                problems.add(port.span(), format!("port {number} is given twice"));
            }
            Ok(number) => list.push(number),
        }
    }
    list
}

fn validate_interfaces(
    specs: Vec<Spanned<InterfaceSpec>>,
    complete: bool,
    problems: &mut Problems,
) -> Vec<Interface> {
    if specs.is_empty() && complete {
        problems.add(
            0..0,
            "no interface is named: add [[interface]] with name = \"eth0\", the interface on which calls arrive",
        );
    }
    let mut list: Vec<Interface> = Vec::new();
    for spec in specs {
        let InterfaceSpec { name, xdp } = spec.into_inner();
        let text = name.get_ref();
        let bad = |c: char| c == '/' || c == ':' || c.is_whitespace() || c.is_control();
        if text.is_empty()
            || text.len() > MAXIMUM_INTERFACE_NAME
            || text.contains(bad)
            || text == "."
            || text == ".."
        {
            problems.add(
                name.span(),
                format!(
                    "\"{text}\" is not an interface name: see `ip link` for those of this host"
                ),
            );
        }
        if list.iter().any(|other| other.name == *text) {
            problems.add(name.span(), format!("interface \"{text}\" is given twice"));
        }
        list.push(Interface {
            name: name.into_inner(),
            xdp,
        });
    }
    list
}

fn validate_emergency(numbers: Vec<Spanned<String>>, problems: &mut Problems) -> Vec<String> {
    let mut list = Vec::new();
    for number in numbers {
        let text = number.get_ref();
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty()
            || digits.len() > MAXIMUM_DIGITS as usize
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            problems.add(
                number.span(),
                format!("\"{text}\" is no emergency number: write digits, such as \"112\""),
            );
            continue;
        }
        list.push(digits.to_owned());
    }
    list
}

/// A number of `[kernel]` in its bounds.
pub(super) fn bounded(
    value: &Spanned<i64>,
    key: &str,
    bounds: RangeInclusive<u32>,
    problems: &mut Problems,
) -> u32 {
    match u32::try_from(*value.get_ref()) {
        Ok(number) if bounds.contains(&number) => number,
        _ => {
            problems.add(
                value.span(),
                format!("{key} must be {} to {}", bounds.start(), bounds.end()),
            );
            *bounds.start()
        }
    }
}

fn validate_kernel(
    spec: KernelSpec,
    pin_directory: Spanned<String>,
    problems: &mut Problems,
) -> KernelSettings {
    let KernelSpec {
        maximum_rules,
        maximum_calls,
        event_bytes,
        tables,
    } = spec;
    let bytes = bounded(&event_bytes, "event_bytes", 4096..=1 << 30, problems);
    if !bytes.is_power_of_two() {
        problems.add(
            event_bytes.span(),
            format!(
                "event_bytes must be a power of two, for example {}",
                bytes.next_power_of_two()
            ),
        );
    }
    KernelSettings {
        pin_directory: absolute(pin_directory, "pin_directory", problems),
        maximum_rules: bounded(
            &maximum_rules,
            "maximum_rules",
            1..=MAXIMUM_SLOTS - 1,
            problems,
        ),
        maximum_calls: bounded(&maximum_calls, "maximum_calls", 1024..=16_777_216, problems),
        event_bytes: bytes,
        tables,
    }
}
