//! What becomes of calls that are answered: the media host, holding callers on the line, PINs and
//! the targets of diverted calls.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;

use super::media_spec::{MediaSpec, PinSpec, TargetSpec, TormentSpec};
use super::validate::bounded;
use blacklist_model::{TORMENT_MINUTES, is_name};
use blacklist_problems::Problems;
use blacklist_voice::dialog::Target;
use blacklist_voice::host::{
    Fallback, HostSettings, PinSettings, TargetMethod, TargetSettings, TormentSettings,
};
use blacklist_voice::media::prompts::Language;

/// The parts of the configuration that are judged here.
pub(super) struct Parts {
    pub(super) media: MediaSpec,
    pub(super) torment: TormentSpec,
    pub(super) pin: PinSpec,
    pub(super) targets: Vec<Spanned<TargetSpec>>,
}

/// Judges them; `taken` are ports that have another use.
pub(super) fn validate(parts: Parts, taken: &[u16], problems: &mut Problems) -> HostSettings {
    let MediaSpec {
        enabled,
        first_port,
        last_port,
        leg_port,
        maximum_calls,
        early,
        language,
        prompts,
    } = parts.media;
    let first = port(&first_port, "first_port", problems);
    let last = port(&last_port, "last_port", problems);
    if last <= first {
        problems.add(
            last_port.span(),
            "last_port must be above first_port: a call needs two ports",
        );
    }
    let leg = port(&leg_port, "leg_port", problems);
    if (first..=last).contains(&leg) || taken.contains(&leg) {
        problems.add(
            leg_port.span(),
            format!("leg_port {leg} is a port of media, of answers or of judged calls too: choose another"),
        );
    }
    if let Some(port) = taken.iter().find(|port| (first..=last).contains(*port)) {
        problems.add(
            first_port.span(),
            format!(
                "the ports {first} to {last} are for media, and {port} is for SIP: choose others"
            ),
        );
    }
    let language = language.get_ref().parse().unwrap_or_else(|error| {
        problems.add(language.span(), format!("{error}"));
        Language::English
    });
    HostSettings {
        enabled,
        ports: first..=last,
        leg_port: leg,
        maximum_calls: bounded(&maximum_calls, "maximum_calls", 1..=10_000, problems),
        early,
        language,
        prompts: read_prompts(&prompts, problems),
        torment: read_torment(&parts.torment, problems),
        pin: read_pin(&parts.pin, problems),
        targets: read_targets(parts.targets, problems),
    }
}

fn port(value: &Spanned<i64>, key: &str, problems: &mut Problems) -> u16 {
    let port = bounded(value, key, 1024..=65_535, problems);
    u16::try_from(port).unwrap_or(u16::MAX)
}

/// The folder of own prompts, whose files are read by whoever starts with them.
fn read_prompts(folder: &Spanned<String>, problems: &mut Problems) -> Option<PathBuf> {
    let path = PathBuf::from(folder.get_ref());
    if folder.get_ref().is_empty() {
        return None;
    }
    if !path.is_absolute() {
        problems.add(folder.span(), "prompts must be a path that begins with /");
    }
    Some(path)
}

fn minutes(number: u32) -> Duration {
    Duration::from_secs(u64::from(number) * 60)
}

fn read_torment(spec: &TormentSpec, problems: &mut Problems) -> TormentSettings {
    let lengths = u32::from(*TORMENT_MINUTES.start())..=u32::from(*TORMENT_MINUTES.end());
    TormentSettings {
        length: minutes(bounded(&spec.minutes, "minutes", lengths, problems)),
        maximum_calls: bounded(&spec.maximum_calls, "maximum_calls", 0..=10_000, problems),
        maximum_minutes_per_day: bounded(
            &spec.maximum_minutes_per_day,
            "maximum_minutes_per_day",
            0..=1_000_000,
            problems,
        ),
        maximum_minutes_per_caller: bounded(
            &spec.maximum_minutes_per_caller,
            "maximum_minutes_per_caller",
            0..=1_000_000,
            problems,
        ),
    }
}

fn read_pin(spec: &PinSpec, problems: &mut Problems) -> PinSettings {
    let grant = bounded(&spec.grant_minutes, "grant_minutes", 0..=525_600, problems);
    PinSettings {
        early: spec.early,
        tries: bounded(&spec.tries, "tries", 1..=10, problems),
        proxy: (!spec.proxy.get_ref().is_empty())
            .then(|| address(&spec.proxy, problems))
            .flatten(),
        grant: (grant > 0).then(|| minutes(grant)),
    }
}

fn address(text: &Spanned<String>, problems: &mut Problems) -> Option<Target> {
    match text.get_ref().parse() {
        Ok(target) => Some(target),
        Err(error) => {
            problems.add(text.span(), format!("\"{}\" {error}", text.get_ref()));
            None
        }
    }
}

fn read_targets(specs: Vec<Spanned<TargetSpec>>, problems: &mut Problems) -> Vec<TargetSettings> {
    let mut names = BTreeSet::new();
    specs
        .into_iter()
        .map(|spec| {
            let span = spec.span();
            let target = read_target(&spec.into_inner(), problems);
            if !names.insert(target.name.clone()) {
                problems.add(span, format!("there are two targets \"{}\"", target.name));
            }
            target
        })
        .collect()
}

fn read_target(spec: &TargetSpec, problems: &mut Problems) -> TargetSettings {
    if !is_name(spec.name.get_ref()) {
        problems.add(
            spec.name.span(),
            "a target needs a name of up to 64 letters, digits, \"-\", \"_\" and \".\"",
        );
    }
    if spec.addresses.get_ref().is_empty() {
        problems.add(
            spec.addresses.span(),
            "addresses must have at least one SIP address, such as \"sip:600@192.0.2.10\"",
        );
    }
    let addresses = spec
        .addresses
        .get_ref()
        .iter()
        .filter_map(|text| address(text, problems))
        .collect();
    let method = match spec.method.get_ref().as_str() {
        "leg" => TargetMethod::Leg,
        "302" => TargetMethod::Moved,
        _ => {
            problems.add(spec.method.span(), "method must be \"leg\" or \"302\"");
            TargetMethod::Leg
        }
    };
    let fallback = match spec.fallback.get_ref().as_str() {
        "reject" => Fallback::Reject,
        "drop" => Fallback::Drop,
        _ => {
            problems.add(
                spec.fallback.span(),
                "fallback must be \"reject\" or \"drop\"",
            );
            Fallback::Reject
        }
    };
    let seconds = bounded(
        &spec.answer_within_seconds,
        "answer_within_seconds",
        1..=120,
        problems,
    );
    TargetSettings {
        name: spec.name.get_ref().clone(),
        addresses,
        method,
        answer_within: Duration::from_secs(u64::from(seconds)),
        fallback,
    }
}
