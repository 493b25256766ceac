//! `[answering]`: how blocked calls are answered.

use toml::Spanned;

use super::configuration::AnsweringSettings;
use super::media::{self, Parts};
use super::spec::{AnsweringSpec, ContactSpec};
use super::validate::bounded;
use blacklist_model::RejectStatus;
use blacklist_problems::Problems;
use blacklist_sip::answer::{Contact, StatusSettings};

/// Judges `[answering]`; `ports` are those that are judged.
pub(super) fn validate(
    spec: AnsweringSpec,
    ports: &[u16],
    problems: &mut Problems,
) -> AnsweringSettings {
    let AnsweringSpec {
        enabled,
        port,
        mark,
        reply_hook,
        maximum_per_second,
        listed,
        anonymous,
        card,
        contact,
        media,
        torment,
        pin,
        target,
    } = spec;
    let first = bounded(&port, "port", 1024..=65_535, problems);
    let last = first + u32::try_from(ports.len()).unwrap_or(u32::MAX).max(1) - 1;
    let taken = ports
        .iter()
        .find(|port| (first..=last).contains(&u32::from(**port)));
    if last > 65_535 {
        problems.add(
            port.span(),
            format!(
                "there are {} judged ports, and each needs one from port on: {last} is none",
                ports.len()
            ),
        );
    } else if let Some(taken) = taken {
        problems.add(
            port.span(),
            format!("the ports {first} to {last} are for answers, and {taken} of them is judged: choose others"),
        );
    }
    let answers = first..=last;
    let sip_ports: Vec<u16> = answers
        .filter_map(|port| u16::try_from(port).ok())
        .chain(ports.iter().copied())
        .collect();
    let parts = Parts {
        media,
        torment,
        pin,
        targets: target,
    };
    let host = media::validate(parts, &sip_ports, problems);
    let mut statuses = StatusSettings {
        contact: read_contact(contact, problems),
        card: address(card, "card", problems),
        ..StatusSettings::default()
    };
    for (key, word, place) in [
        ("listed", &listed, &mut statuses.listed),
        ("anonymous", &anonymous, &mut statuses.anonymous),
    ] {
        match RejectStatus::from_word(word.get_ref()) {
            Some(status) => *place = status,
            None => {
                let words = RejectStatus::ALL.map(RejectStatus::as_str).join(", ");
                problems.add(word.span(), format!("{key} must be one of {words}"));
            }
        }
    }
    for (word, status) in [(&listed, statuses.listed), (&anonymous, statuses.anonymous)] {
        if let Some(lacks) = statuses.lacks(status) {
            problems.add(word.span(), lacks);
        }
    }
    AnsweringSettings {
        enabled,
        port: u16::try_from(first).unwrap_or(u16::MAX),
        mark: bounded(&mark, "mark", 1..=u32::MAX, problems),
        reply_hook,
        maximum_per_second: bounded(
            &maximum_per_second,
            "maximum_per_second",
            1..=1_000_000,
            problems,
        ),
        statuses,
        host,
    }
}

/// What a SIP header can hold inside of quotes without escapes, and of that no blanks.
fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | ';' | '<' | '>' | ','))
}

/// An `https` address; empty for none.
fn address(text: Spanned<String>, key: &str, problems: &mut Problems) -> String {
    let value = text.get_ref();
    let is_right = value.starts_with("https://") && is_plain(value);
    if !value.is_empty() && !is_right {
        problems.add(
            text.span(),
            format!("{key} must be an address that begins with https://, without blanks, quotes and semicolons"),
        );
    }
    text.into_inner()
}

fn read_contact(spec: ContactSpec, problems: &mut Problems) -> Contact {
    let ContactSpec {
        url,
        tel,
        email,
        id,
        location,
    } = spec;
    let digits = |text: &str| {
        text.strip_prefix('+').is_some_and(|digits| {
            (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let mut checked = |text: Spanned<String>, is_right: bool, sentence: &str| {
        if !text.get_ref().is_empty() && !is_right {
            problems.add(text.span(), sentence);
        }
        text.into_inner()
    };
    let is_tel = digits(tel.get_ref());
    let tel = checked(tel, is_tel, "tel must be + and up to 15 digits");
    let is_email = email.get_ref().contains('@') && is_plain(email.get_ref());
    let email = checked(
        email,
        is_email,
        "email must be an address such as help@example.com",
    );
    let is_id = id.get_ref().len() <= 64
        && id
            .get_ref()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let id = checked(id, is_id, "id must be up to 64 letters, digits, _ and -");
    let is_location = ["U", "LPN", "LN", "TN", "RLN", "RPN"].contains(&location.get_ref().as_str());
    let location = checked(
        location,
        is_location,
        "location must be U, LPN, LN, TN, RLN or RPN (RFC 8606)",
    );
    Contact {
        url: address(url, "url", problems),
        tel,
        email,
        id,
        location,
    }
}
