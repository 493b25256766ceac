//! The meaning of a cell: the words of each field, and what spreadsheets do to numbers.

use blacklist_model::{RuleAction, RuleDirection, RuleKind, RuleSpec};

use super::columns::Field;

/// Sets a field of a rule from a cell; an empty cell changes nothing. A file that we wrote
/// (`is_ours`) has not been through a spreadsheet.
pub(super) fn put(
    rule: &mut RuleSpec,
    field: Field,
    cell: &str,
    is_ours: bool,
) -> Result<(), String> {
    let text = cell.trim();
    if field == Field::Comment {
        cell.clone_into(&mut rule.comment);
    }
    if text.is_empty() {
        return Ok(());
    }
    match field {
        Field::Pattern if is_ours => rule.pattern = cell.to_owned(),
        Field::Pattern => rule.pattern = number(text)?,
        Field::Comment => {}
        Field::Kind => rule.kind = Some(kind(text)?),
        Field::List => rule.list = text.to_owned(),
        Field::Scope => rule.scopes = scopes(text),
        Field::Direction => {
            rule.direction = Some(word(
                text,
                field,
                "inbound, outbound or both",
                RuleDirection::from_word,
            )?);
        }
        Field::Action => {
            rule.action = Some(word(
                text,
                field,
                "drop, monitor, pass, reject or reject with a status, such as reject:607",
                RuleAction::from_word,
            )?);
        }
        Field::Mandatory => rule.mandatory = Some(yes_or_no(text, field)?),
        Field::Enabled => rule.enabled = yes_or_no(text, field)?,
        Field::ValidFrom => rule.valid_from = Some(text.to_owned()),
        Field::ValidUntil => rule.valid_until = Some(text.to_owned()),
        Field::Schedule => rule.schedule = Some(text.to_owned()),
        Field::DialPlan => rule.dial_plan = Some(text.to_owned()),
    }
    Ok(())
}

/// The text of a field; empty if the rule does not set it.
pub(super) fn get(rule: &RuleSpec, field: Field) -> String {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    match field {
        Field::Pattern => rule.pattern.clone(),
        Field::Comment => rule.comment.clone(),
        Field::Kind => rule
            .kind
            .map(|kind| kind.as_str().to_owned())
            .unwrap_or_default(),
        Field::List => rule.list.clone(),
        Field::Scope => rule.scopes.join(" "),
        Field::Direction => rule
            .direction
            .map(|direction| direction.as_str().to_owned())
            .unwrap_or_default(),
        Field::Action => rule
            .action
            .map(|action| action.as_str().to_owned())
            .unwrap_or_default(),
        Field::Mandatory => rule.mandatory.map(yes).unwrap_or_default(),
        Field::Enabled => yes(rule.enabled),
        Field::ValidFrom => rule.valid_from.clone().unwrap_or_default(),
        Field::ValidUntil => rule.valid_until.clone().unwrap_or_default(),
        Field::Schedule => rule.schedule.clone().unwrap_or_default(),
        Field::DialPlan => rule.dial_plan.clone().unwrap_or_default(),
    }
}

/// A number or pattern as a spreadsheet may have wrapped it: `="+4930123"`, `'+4930123`.
fn number(text: &str) -> Result<String, String> {
    let bare = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .or_else(|| text.strip_prefix('\''))
        .filter(|rest| rest.starts_with(|first: char| "+0123456789(".contains(first)))
        .unwrap_or(text)
        .trim();
    if is_scientific(bare) {
        return Err(format!(
            "\"{bare}\" is what a spreadsheet makes of a long number; its digits are lost: \
             format the column as text and export again"
        ));
    }
    if let Some(whole) = bare.strip_suffix(".0")
        && whole.len() > 3
        && whole.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Ok(whole.to_owned());
    }
    Ok(bare.to_owned())
}

/// `4.91515E+12`, `4,9E12`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    is_number(exponent)
        && exponent.len() <= 2
        && whole.len() == 1
        && is_number(whole)
        && is_number(fraction)
}

fn kind(text: &str) -> Result<RuleKind, String> {
    match text.to_ascii_lowercase().as_str() {
        "block" | "blocked" | "blacklist" | "deny" => Ok(RuleKind::Block),
        "allow" | "allowed" | "whitelist" | "permit" => Ok(RuleKind::Allow),
        _ => Err(format!("kind \"{text}\" is none of block, allow")),
    }
}

/// Scopes separated by blanks, commas or semicolons.
fn scopes(text: &str) -> Vec<String> {
    text.split([' ', ',', ';', '\t'])
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}

fn word<T>(
    text: &str,
    field: Field,
    known: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, String> {
    read(text.to_ascii_lowercase().as_str())
        .ok_or_else(|| format!("{field} \"{text}\" is none of {known}"))
}

fn yes_or_no(text: &str, field: Field) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "on" => Ok(true),
        "no" | "n" | "false" | "0" | "off" => Ok(false),
        _ => Err(format!("{field} \"{text}\" is neither yes nor no")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_of_spreadsheets() {
        let rows = [
            ("+4930123", Ok("+4930123")),
            ("=\"0049 30\"", Ok("0049 30")),
            ("'+4930", Ok("+4930")),
            ("4930123.0", Ok("4930123")),
            ("1.0", Ok("1.0")),
            ("alice", Ok("alice")),
            ("E164", Ok("E164")),
            ("4.91515E+12", Err("its digits are lost")),
            ("4,9e12", Err("its digits are lost")),
            ("4E+10", Err("its digits are lost")),
        ];
        for (text, expected) in rows {
            match (number(text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                (found, expected) => panic!("{text}: {found:?}, expected {expected:?}"),
            }
        }
    }
}
