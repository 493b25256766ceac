//! Judges a dial plan: digits, lengths, and what would make it read numbers in a way that nobody
//! means.

use blacklist_common::dial_plan::{DialPlan, Digits, INTERNATIONAL_PREFIXES};
use blacklist_common::number::MAXIMUM_DIGITS;
use toml::Spanned;

use super::spec::DialPlanSpec;
use blacklist_problems::Problems;

/// Digits of a country code at most (ITU-T E.164, 6.2.1).
const MAXIMUM_COUNTRY_CODE: usize = 3;

/// Judges a plan; what is wrong is noted and left empty.
pub(super) fn validate(spec: DialPlanSpec, name: &str, problems: &mut Problems) -> DialPlan {
    let DialPlanSpec {
        country_code,
        national_prefix,
        international_prefixes,
        national_lengths,
        bare_national_lengths,
        bare_international_minimum,
    } = spec;
    let code = country_code.get_ref();
    if code.is_empty() || code.len() > MAXIMUM_COUNTRY_CODE || code.starts_with('0') {
        problems.add(
            country_code.span(),
            format!(
                "country_code of dial plan \"{name}\" must be 1 to 3 digits and not begin with 0"
            ),
        );
    }
    let prefix = match &national_prefix {
        Some(prefix) => digits(prefix, "national_prefix", name, problems),
        None => Digits::default(),
    };
    if prefix.count != 0 && national_lengths.is_none() {
        problems.add(
            national_prefix.map_or(0..0, |prefix| prefix.span()),
            format!(
                "dial plan \"{name}\" has a national_prefix, but no national_lengths: add the fewest and the most digits after the prefix, for example national_lengths = [6, 13]"
            ),
        );
    }
    let (national_minimum, national_maximum) = lengths(
        national_lengths.as_ref(),
        "national_lengths",
        name,
        problems,
    );
    let (bare_national_minimum, bare_national_maximum) = lengths(
        bare_national_lengths.as_ref(),
        "bare_national_lengths",
        name,
        problems,
    );
    DialPlan {
        country_code: digits(&country_code, "country_code", name, problems),
        national_prefix: prefix,
        international_prefixes: prefixes(&international_prefixes, name, problems),
        national_minimum,
        national_maximum,
        bare_national_minimum,
        bare_national_maximum,
        bare_international_minimum: bare_minimum(bare_international_minimum, name, problems),
        ..DialPlan::default()
    }
}

fn digits(text: &Spanned<String>, key: &str, name: &str, problems: &mut Problems) -> Digits {
    match Digits::parse(text.get_ref().as_bytes()) {
        Some(digits) => digits,
        None => {
            problems.add(
                text.span(),
                format!("{key} of dial plan \"{name}\" must be digits, at most {MAXIMUM_DIGITS}"),
            );
            Digits::default()
        }
    }
}

fn prefixes(
    list: &[Spanned<String>],
    name: &str,
    problems: &mut Problems,
) -> [Digits; INTERNATIONAL_PREFIXES] {
    let mut prefixes = [Digits::default(); INTERNATIONAL_PREFIXES];
    if let Some(extra) = list.get(INTERNATIONAL_PREFIXES) {
        problems.add(
            extra.span(),
            format!(
                "dial plan \"{name}\" has more than {INTERNATIONAL_PREFIXES} international_prefixes"
            ),
        );
    }
    for (place, text) in prefixes.iter_mut().zip(list) {
        if text.get_ref().is_empty() {
            problems.add(
                text.span(),
                format!("an international prefix of dial plan \"{name}\" is empty: leave it out"),
            );
        }
        *place = digits(text, "international_prefixes", name, problems);
    }
    // The longest first, so that "00" does not take the place of "0011".
    prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.count));
    prefixes
}

fn lengths(
    pair: Option<&Spanned<Vec<i64>>>,
    key: &str,
    name: &str,
    problems: &mut Problems,
) -> (u8, u8) {
    let Some(pair) = pair else {
        return (0, 0);
    };
    let bounds = match pair.get_ref().as_slice() {
        [minimum, maximum] => u8::try_from(*minimum).ok().zip(u8::try_from(*maximum).ok()),
        _ => None,
    };
    match bounds {
        Some((minimum, maximum))
            if minimum >= 1 && minimum <= maximum && u32::from(maximum) <= MAXIMUM_DIGITS =>
        {
            (minimum, maximum)
        }
        _ => {
            problems.add(
                pair.span(),
                format!(
                    "{key} of dial plan \"{name}\" must be the fewest and the most digits, [1, 1] to [15, 15]"
                ),
            );
            (0, 0)
        }
    }
}

fn bare_minimum(minimum: Option<Spanned<i64>>, name: &str, problems: &mut Problems) -> u8 {
    let Some(minimum) = minimum else {
        return 0;
    };
    match u8::try_from(*minimum.get_ref()) {
        Ok(digits) if u32::from(digits) <= MAXIMUM_DIGITS => digits,
        _ => {
            problems.add(
                minimum.span(),
                format!(
                    "bare_international_minimum of dial plan \"{name}\" must be 0 (none) to 15"
                ),
            );
            0
        }
    }
}
