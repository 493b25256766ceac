//! `[rules]`: how changes of rules are judged.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::user_part;
use toml::Spanned;

use super::configuration::RuleSettings;
use super::spec::{RulesSpec, WarningsSpec};
use blacklist_problems::Problems;

/// Judges `[rules]`; own numbers are read by the default dial plan.
pub(super) fn validate(spec: RulesSpec, plan: &DialPlan, problems: &mut Problems) -> RuleSettings {
    let RulesSpec {
        warn_share,
        warnings,
        own_numbers,
    } = spec;
    let share = u32::try_from(*warn_share.get_ref()).unwrap_or(u32::MAX);
    if !(1..=100).contains(&share) {
        problems.add(
            warn_share.span(),
            "warn_share is a share in per cent: 1 to 100",
        );
    }
    RuleSettings {
        warn_share: share,
        refuse_warnings: warnings == WarningsSpec::Refuse,
        own_numbers: own_numbers
            .into_iter()
            .filter_map(|number| own_number(&number, plan, problems))
            .collect(),
    }
}

fn own_number(
    written: &Spanned<String>,
    plan: &DialPlan,
    problems: &mut Problems,
) -> Option<Number> {
    let text = written.get_ref().trim();
    match user_part::canonical(text.as_bytes(), plan) {
        Ok(party) if matches!(party.number.kind(), NumberKind::E164 | NumberKind::Local) => {
            Some(party.number)
        }
        Ok(_) | Err(_) => {
            problems.add(
                written.span(),
                format!(
                    "\"{text}\" is not a number: write one of this site's, such as \"+14155550100\""
                ),
            );
            None
        }
    }
}
