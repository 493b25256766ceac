//! The number that a spelling means, by a dial plan: the code that reads packets, preceded by
//! checks for mistakes that only people make (odd characters, incomplete numbers). Whole patterns
//! are parsed in [`super::written`].

use blacklist_common::dial_plan::{DialPlan, Dialled, Spelling};
use blacklist_common::number::{MAXIMUM_DIGITS, Number, NumberKind, Party};
use blacklist_common::outcome::Outcome;
use blacklist_common::user_part;

use super::pattern::{Detail, MatchKind, Pattern};
use super::rule::Refusal;

pub(super) fn invalid<T>(text: String) -> Result<T, Refusal> {
    Err(Refusal::Invalid(text))
}

/// The user part of a text that may be a URI.
fn user_of(text: &str) -> &str {
    let user = without_scheme(text.trim());
    user.split_once('@').map_or(user, |(user, _host)| user)
}

/// The number as it is shown; anything else as it was spelled.
pub fn number_text(party: &Party, spelled: &str) -> String {
    match party.number.kind() {
        NumberKind::Text => user_of(spelled).to_ascii_lowercase(),
        NumberKind::None => String::new(),
        NumberKind::E164 | NumberKind::Local => party.number.to_string(),
    }
}

pub(super) fn without_scheme(text: &str) -> &str {
    for scheme in ["tel:", "sips:", "sip:"] {
        if let Some((head, rest)) = text.split_at_checked(scheme.len())
            && head.eq_ignore_ascii_case(scheme)
        {
            return rest;
        }
    }
    text
}

/// Refuses what is not a user part, and what looks like a number but would not be read as one.
fn user_part_of<'a>(literal: &'a str, written: &str) -> Result<&'a str, Refusal> {
    let user = without_scheme(literal.trim());
    if user.is_empty() {
        return invalid(format!(
            "pattern \"{written}\" is empty and can never match: write a number such as +14155551234, or a prefix such as +1415*"
        ));
    }
    if user.contains('@') {
        return invalid(format!(
            "pattern \"{written}\" has a host: a rule names the part in front of @ alone"
        ));
    }
    if let Some(at) = user.find([';', ':'])
        && !user
            .get(at..)
            .unwrap_or_default()
            .to_ascii_lowercase()
            .starts_with(";phone-context=")
    {
        return invalid(format!(
            "pattern \"{written}\": what follows \"{}\" is never compared; leave it out",
            user.get(at..=at).unwrap_or_default()
        ));
    }
    if user
        .chars()
        .any(|c| c.is_control() || matches!(c, '<' | '>' | '"'))
    {
        return invalid(format!(
            "pattern \"{written}\" has a character that no caller can have"
        ));
    }
    if user.contains(' ') && user.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return invalid(format!(
            "pattern \"{written}\" is neither a number nor a user name: a user name has no blanks (RFC 3261, 25.1)"
        ));
    }
    let digits = user.chars().filter(char::is_ascii_digit).count();
    let odd = user.chars().find(|c| {
        !matches!(
            c,
            '0'..='9' | '+' | '-' | '.' | '(' | ')' | ' ' | '*' | '#' | '%' | ';'
        )
    });
    if let Some(odd) = odd
        && (digits > 0 || odd.is_numeric())
        && !user.bytes().any(|byte| byte.is_ascii_alphabetic())
    {
        return invalid(format!(
            "pattern \"{written}\" is not a number because of \"{odd}\": write digits, with + in front and - . ( ) or blanks between them"
        ));
    }
    Ok(user)
}

fn canonical(user: &str, written: &str, plan: &DialPlan) -> Result<Party, Refusal> {
    match user_part::canonical(user.as_bytes(), plan) {
        Ok(party) => Ok(party),
        Err(Outcome::TooLong) => invalid(format!("pattern \"{written}\" is too long for a user")),
        Err(other) => invalid(format!(
            "pattern \"{written}\" can never match: a call with it is passed as {}",
            other.as_str()
        )),
    }
}

pub(super) fn too_long<T>(written: &str) -> Result<T, Refusal> {
    invalid(format!(
        "number too long: \"{written}\" has more than {MAXIMUM_DIGITS} digits, which no telephone number has (ITU-T E.164); write its first digits as a prefix with * at the end"
    ))
}

/// The pattern of exactly 1 number or name.
pub(super) fn exact(literal: &str, written: &str, plan: &DialPlan) -> Result<Pattern, Refusal> {
    let user = user_part_of(literal, written)?;
    let party = canonical(user, written, plan)?;
    let text = match party.number.kind() {
        NumberKind::None => {
            return invalid(format!(
                "pattern \"{written}\" has no digit or letter and can never match"
            ));
        }
        NumberKind::E164 | NumberKind::Local => {
            let text = party.number.to_string();
            if party.number.digits() == 0 {
                return invalid(format!("pattern \"{written}\" has no digits"));
            }
            text
        }
        NumberKind::Text if party.leading != party.number => return too_long(written),
        NumberKind::Text
            if user.starts_with('+') && !user.bytes().any(|b| b.is_ascii_alphanumeric()) =>
        {
            return invalid(format!("pattern \"{written}\" has no digits"));
        }
        NumberKind::Text => {
            if user.matches('+').count() > 0 && !user.bytes().any(|byte| byte.is_ascii_alphabetic())
            {
                return invalid(format!(
                    "pattern \"{written}\" is not a number: + is allowed only once, at the front"
                ));
            }
            user.to_ascii_lowercase()
        }
    };
    Ok(if party.number.kind() == NumberKind::Text {
        Pattern::with_detail(MatchKind::Exact, party.number, Detail::Name(text.into()))
    } else {
        Pattern::of_number(MatchKind::Exact, party.number)
    })
}

/// The leading digits of a number, by the plan: those of a prefix, or those in front of a wildcard,
/// whose remainder is `rest`.
pub(super) fn beginning(
    literal: &str,
    rest: &str,
    written: &str,
    plan: &DialPlan,
) -> Result<Number, Refusal> {
    if literal.trim().is_empty() || literal.trim() == "+" {
        return invalid(format!(
            "pattern \"{written}\" is a prefix without digits: write at least one digit in front of *; +?* means every international number, * alone for every call"
        ));
    }
    let user = user_part_of(literal, written)?;
    // Without a plan first, to see whether these are digits at all.
    let plain = canonical(user, written, &DialPlan::default())?;
    match plain.number.kind() {
        NumberKind::E164 | NumberKind::Local if plain.number.digits() > 0 => {}
        NumberKind::Text if plain.leading != plain.number => return too_long(written),
        NumberKind::E164 | NumberKind::Local | NumberKind::Text | NumberKind::None => {
            return invalid(format!("pattern \"{written}\" has no digits"));
        }
    }
    Prefix {
        user,
        rest,
        written,
        plain: plain.number,
    }
    .number(plan)
}

/// A prefix that is being parsed.
struct Prefix<'a> {
    user: &'a str,
    rest: &'a str,
    written: &'a str,
    /// Its digits, read without a plan.
    plain: Number,
}

impl Prefix<'_> {
    /// The prefix's digits by the plan. The lengths by which a plan tells national from local
    /// numbers say nothing about an incomplete number, so where only they could decide, the prefix
    /// is refused.
    fn number(&self, plan: &DialPlan) -> Result<Number, Refusal> {
        let Self {
            user,
            rest,
            written,
            plain,
        } = *self;
        let dialled = dialled(plain, user.starts_with('+'));
        let alone = [plan.national_prefix]
            .into_iter()
            .chain(plan.international_prefixes)
            .any(|digits| {
                digits.count != 0 && digits.count >= dialled.count && begins(&digits, &dialled)
            });
        if alone && dialled.plus == 0 && dialled.symbols == 0 {
            return invalid(format!(
                "pattern \"{written}\" is no more than the beginning of a dialling prefix, which no number keeps: write + and the country code"
            ));
        }
        if plan.keeps_no_zero() && is_country_and_zero(plan, &dialled) {
            return invalid(format!(
                "pattern \"{written}\": no number keeps a 0 after its country code: write what follows it, such as +{}20*",
                plain
                    .to_string()
                    .trim_start_matches('+')
                    .trim_end_matches('0')
            ));
        }
        let of_any_length = DialPlan {
            national_minimum: 1,
            bare_national_maximum: 0,
            bare_international_minimum: 0,
            ..*plan
        };
        let (spelling, _) = of_any_length.spelling(&dialled);
        if spelling != Spelling::Local || dialled.symbols != 0 {
            let party = canonical(user, written, &of_any_length)?;
            return if party.number.kind() == NumberKind::Text {
                too_long(written)
            } else {
                Ok(party.number)
            };
        }
        let national = plan.bare_national_maximum != 0
            && dialled.count <= u32::from(plan.bare_national_maximum);
        let international = plan.bare_international_minimum != 0 && dialled.high >> 60 != 0;
        if international && dialled.count >= u32::from(plan.bare_international_minimum) {
            return Ok(Number::from_nibbles(
                NumberKind::E164,
                dialled.high,
                dialled.count,
            ));
        }
        if national || international {
            let meant = if national {
                in_country(plan, &dialled)
            } else {
                Number::from_nibbles(NumberKind::E164, dialled.high, dialled.count)
            };
            return invalid(format!(
                "pattern \"{written}\" can mean {meant}{rest} or local numbers that begin with {plain}: write {meant}{rest}, or {plain}{rest} with --dial-plan none"
            ));
        }
        Ok(plain)
    }
}

/// Whether a country code and the 0 after it are all that was dialled.
fn is_country_and_zero(plan: &DialPlan, dialled: &Dialled) -> bool {
    let code = plan.country_code;
    dialled.plus != 0 && dialled.count == code.count + 1 && dialled.high == code.packed
}

/// The dialled digits after the country code.
const fn in_country(plan: &DialPlan, dialled: &Dialled) -> Number {
    let code = plan.country_code;
    let count = if code.count > 15 { 15 } else { code.count };
    Number::from_nibbles(
        NumberKind::E164,
        code.packed | dialled.high >> (4 * count),
        code.count + dialled.count,
    )
}

/// The number that a trunk's dial plan makes of a local number, if it is another one.
pub fn read_as(number: Number, plan: &DialPlan) -> Option<Number> {
    let dialled = dialled(number, false);
    let (spelling, _) = plan.spelling(&dialled);
    if number.kind() != NumberKind::Local || spelling == Spelling::Local {
        return None;
    }
    plan.canonical(&dialled).map(|party| party.number)
}

/// Whether `digits` begins with everything that was dialled.
fn begins(digits: &blacklist_common::dial_plan::Digits, dialled: &Dialled) -> bool {
    let shift = 64 - 4 * dialled.count.clamp(1, 15);
    digits.packed >> shift == dialled.high >> shift
}

fn dialled(number: Number, plus: bool) -> Dialled {
    let mut dialled = Dialled {
        plus: u32::from(plus),
        ..Dialled::default()
    };
    for index in 0..number.digits() {
        dialled.push(number.nibble(index));
    }
    dialled
}
