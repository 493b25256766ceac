//! Wildcards: which can be expressed as masks on a number, how a dial plan changes them, and which
//! are left to user space.

use std::fmt::{self, Write as _};

use blacklist_common::dial_plan::{DialPlan, Digits};
use blacklist_common::hash;
use blacklist_common::number::{MAXIMUM_DIGITS, NIBBLE_HASH, NIBBLE_STAR, Number, NumberKind};
use blacklist_common::pattern::{NIBBLE_ANY, NIBBLE_GAP};
use blacklist_common::shape::{Piece, Shape};

use super::glob::{Glob, MAXIMUM_TOKENS, Subject, Token};
use super::pattern::{Detail, MatchKind, Pattern};
use super::reading::{self, invalid};
use super::rule::Refusal;
use super::written::{Mark, nibble};

/// Whether all literals can be part of a number.
pub(super) fn is_numeric(marks: &[Mark]) -> bool {
    marks.iter().all(|mark| match mark {
        Mark::Literal(character) => {
            *character == '+' || is_separator(*character) || nibble(*character).is_some()
        }
        Mark::Any | Mark::Gap => true,
    })
}

/// A visual separator (RFC 3966, section 3) or a blank.
pub(super) const fn is_separator(character: char) -> bool {
    matches!(character, '-' | '.' | '(' | ')' | ' ')
}

/// A wildcard on names.
pub(super) fn name(marks: &[Mark], written: &str) -> Result<Pattern, Refusal> {
    let mut tokens = Vec::with_capacity(marks.len());
    for mark in marks {
        match mark {
            Mark::Any => tokens.push(Token::Any),
            Mark::Gap => tokens.push(Token::Gap),
            Mark::Literal(character) => {
                judge_character(*character, written)?;
                let mut bytes = [0; 4];
                let bytes = character.to_ascii_lowercase().encode_utf8(&mut bytes);
                tokens.extend(bytes.bytes().map(Token::Byte));
            }
        }
    }
    glob(Subject::Name, tokens, written)
}

fn judge_character(character: char, written: &str) -> Result<(), Refusal> {
    match character {
        '@' => invalid(format!(
            "pattern \"{written}\" has a host: a rule names the part in front of @ alone"
        )),
        ';' | ':' => invalid(format!(
            "pattern \"{written}\": what follows \"{character}\" is never compared; leave it out"
        )),
        '%' => invalid(format!(
            "pattern \"{written}\": write the character itself instead of its percent escape"
        )),
        '<' | '>' | '"' => invalid(format!(
            "pattern \"{written}\" has a character that no caller can have"
        )),
        _ if character.is_control() => invalid(format!(
            "pattern \"{written}\" has a character that no caller can have"
        )),
        _ => Ok(()),
    }
}

fn glob(subject: Subject, tokens: Vec<Token>, written: &str) -> Result<Pattern, Refusal> {
    if tokens.len() > MAXIMUM_TOKENS {
        return invalid(format!(
            "pattern \"{written}\" is longer than {MAXIMUM_TOKENS} characters"
        ));
    }
    let glob = Glob {
        subject,
        tokens: tokens.into(),
    };
    let mut state = hash::START;
    for byte in glob.to_string().bytes() {
        state = hash::add(state, byte);
    }
    let number = Number::from_text_hash(hash::finish(state));
    Ok(Pattern::with_detail(
        MatchKind::Wildcard,
        number,
        Detail::Glob(glob),
    ))
}

/// Whether a wildcard begins with the plan's country code and a 0.
fn begins_with_zero(pieces: &[Piece], plan: &DialPlan) -> bool {
    let count = plan.country_code.count;
    (0..=count).zip(pieces).all(|(index, piece)| {
        let digit = (plan.country_code.packed >> (60 - 4 * (index & 15)) & 0xF) as u8;
        *piece == Piece::Digit(digit)
    }) && pieces.len() > count as usize
}

/// A wildcard on numbers.
pub(super) fn number(marks: &[Mark], written: &str, plan: &DialPlan) -> Result<Pattern, Refusal> {
    let mut pieces = Vec::with_capacity(marks.len());
    let mut plus = false;
    for mark in marks {
        pieces.push(match mark {
            Mark::Any => Piece::Any,
            Mark::Gap => Piece::Gap,
            Mark::Literal('+') if pieces.is_empty() && !plus => {
                plus = true;
                continue;
            }
            Mark::Literal(character) => match nibble(*character) {
                Some(nibble) => Piece::Digit(nibble),
                None => {
                    return invalid(format!(
                        "pattern \"{written}\" is not a number: + is allowed only once, at the front"
                    ));
                }
            },
        });
    }
    let (kind, pieces) = if plus {
        if plan.keeps_no_zero() && begins_with_zero(&pieces, plan) {
            return invalid(format!(
                "pattern \"{written}\" can never match: no number keeps a 0 after its country code; write it without"
            ));
        }
        (Some(NumberKind::E164), pieces)
    } else {
        by_plan(pieces, written, plan)?
    };
    let digits = pieces.iter().filter(|piece| **piece != Piece::Gap).count();
    if digits > MAXIMUM_DIGITS as usize {
        return invalid(format!(
            "pattern \"{written}\" can never match: it needs a number of at least {digits} digits, and none has more than {MAXIMUM_DIGITS} (ITU-T E.164)"
        ));
    }
    if digits == MAXIMUM_DIGITS as usize && pieces.contains(&Piece::Gap) {
        return invalid(format!(
            "pattern \"{written}\": its {MAXIMUM_DIGITS} digits leave nothing that * could stand for, because no number is longer (ITU-T E.164): write it without *"
        ));
    }
    if let Some((shape, key)) = Shape::of(kind, &pieces) {
        return Ok(Pattern::with_detail(
            MatchKind::Wildcard,
            key,
            Detail::Shape(shape),
        ));
    }
    let tokens = pieces.iter().map(|piece| match piece {
        Piece::Any => Token::Any,
        Piece::Gap => Token::Gap,
        Piece::Digit(digit) => Token::Byte(character(*digit)),
    });
    glob(Subject::Digits(kind), tokens.collect(), written)
}

/// The character of a nibble, see [`super::nibble`].
pub const fn character(nibble: u8) -> u8 {
    match nibble {
        NIBBLE_STAR => b'*',
        NIBBLE_HASH => b'#',
        digit => b'0' + digit,
    }
}

/// Kind and pieces of the canonical numbers that a wildcard without `+` means.
fn by_plan(
    pieces: Vec<Piece>,
    written: &str,
    plan: &DialPlan,
) -> Result<(Option<NumberKind>, Vec<Piece>), Refusal> {
    if pieces.first() == Some(&Piece::Gap) {
        // A plan changes only the beginning of a number.
        return Ok((None, pieces));
    }
    if !pieces.contains(&Piece::Gap) {
        return fixed(pieces, written, plan);
    }
    let literals = pieces
        .iter()
        .take_while(|piece| matches!(piece, Piece::Digit(_)))
        .count();
    let (head, rest) = pieces.split_at_checked(literals).unwrap_or((&pieces, &[]));
    if head.is_empty() {
        if *plan == DialPlan::default() {
            return Ok((Some(NumberKind::Local), pieces));
        }
        return two_ways(written);
    }
    let text = |pieces: &[Piece]| -> String {
        let character = |piece: &Piece| match piece {
            Piece::Any => "?".to_owned(),
            Piece::Gap => "*".to_owned(),
            Piece::Digit(NIBBLE_STAR) => "\\*".to_owned(),
            Piece::Digit(digit) => char::from(character(*digit)).to_string(),
        };
        pieces.iter().map(character).collect()
    };
    let digits: String = head
        .iter()
        .filter_map(|piece| match piece {
            Piece::Digit(digit) => Some(char::from(character(*digit))),
            Piece::Any | Piece::Gap => None,
        })
        .collect();
    let number = reading::beginning(&digits, &text(rest), written, plan)?;
    let head = (0..number.digits()).map(|index| Piece::Digit(number.nibble(index)));
    Ok((
        Some(number.kind()),
        head.chain(rest.iter().copied()).collect(),
    ))
}

fn two_ways<T>(written: &str) -> Result<T, Refusal> {
    invalid(format!(
        "pattern \"{written}\" can be read in two ways, because ? may stand for a digit of a dialling prefix: write + and the country code in front, or use --dial-plan none to compare the digits as they stand"
    ))
}

/// A pattern of a fixed length, as the plan reads numbers of that length.
fn fixed(
    pieces: Vec<Piece>,
    written: &str,
    plan: &DialPlan,
) -> Result<(Option<NumberKind>, Vec<Piece>), Refusal> {
    let count = pieces.len() as u32;
    let symbols = |piece: &Piece| matches!(piece, Piece::Digit(digit) if *digit >= NIBBLE_STAR);
    if pieces.iter().any(symbols) {
        return Ok((Some(NumberKind::Local), pieces));
    }
    for prefix in &plan.international_prefixes {
        match begins(&pieces, prefix) {
            Begins::No => {}
            Begins::Perhaps => return two_ways(written),
            Begins::Yes => return Ok((Some(NumberKind::E164), after(&pieces, prefix.count))),
        }
    }
    let national = |skip: u32| {
        let code = plan.country_code;
        let lead =
            (0..code.count).map(|at| Piece::Digit((code.packed >> (60 - 4 * at)) as u8 & 15));
        Ok((
            Some(NumberKind::E164),
            lead.chain(after(&pieces, skip)).collect(),
        ))
    };
    let rest = count.saturating_sub(plan.national_prefix.count);
    if (u32::from(plan.national_minimum)..=u32::from(plan.national_maximum)).contains(&rest) {
        match begins(&pieces, &plan.national_prefix) {
            Begins::No => {}
            Begins::Perhaps => return two_ways(written),
            Begins::Yes => return national(plan.national_prefix.count),
        }
    }
    let bare = u32::from(plan.bare_national_minimum)..=u32::from(plan.bare_national_maximum);
    if plan.bare_national_maximum != 0 && bare.contains(&count) {
        return national(0);
    }
    if plan.bare_international_minimum != 0 && count >= u32::from(plan.bare_international_minimum) {
        match pieces.first() {
            Some(Piece::Digit(0)) | None => {}
            Some(Piece::Digit(_)) => return Ok((Some(NumberKind::E164), pieces)),
            Some(Piece::Any | Piece::Gap) => return two_ways(written),
        }
    }
    Ok((Some(NumberKind::Local), pieces))
}

fn after(pieces: &[Piece], skip: u32) -> Vec<Piece> {
    pieces.iter().skip(skip as usize).copied().collect()
}

/// Whether the numbers of a pattern begin with a dialling prefix.
enum Begins {
    No,
    Perhaps,
    Yes,
}

fn begins(pieces: &[Piece], prefix: &Digits) -> Begins {
    if prefix.count == 0 || pieces.len() as u32 <= prefix.count {
        return Begins::No;
    }
    let mut begins = Begins::Yes;
    for (at, piece) in (0..prefix.count).zip(pieces) {
        let digit = (prefix.packed >> (60 - 4 * at)) as u8 & 15;
        match piece {
            Piece::Digit(other) if *other != digit => return Begins::No,
            Piece::Digit(_) => {}
            Piece::Any | Piece::Gap => begins = Begins::Perhaps,
        }
    }
    begins
}

/// Writes a wildcard that the kernel matches.
pub(super) fn write_shape(f: &mut fmt::Formatter<'_>, shape: &Shape, key: Number) -> fmt::Result {
    if key.0 >> 60 == NumberKind::E164 as u64 {
        f.write_char('+')?;
    }
    let mut gap = false;
    for place in 0..MAXIMUM_DIGITS {
        match key.nibble(place) {
            NIBBLE_ANY => f.write_char('?')?,
            NIBBLE_GAP if gap => {}
            NIBBLE_GAP => {
                gap = true;
                f.write_char('*')?;
            }
            NIBBLE_STAR => f.write_str("\\*")?,
            digit @ 0..=NIBBLE_HASH => f.write_char(char::from(character(digit)))?,
            _ => break,
        }
    }
    if shape.open != 0 && !gap {
        f.write_char('*')?;
    }
    Ok(())
}

/// The pieces of a wildcard or of a prefix's digits, for comparing patterns with each other.
pub fn tokens(pattern: &Pattern) -> Option<(Subject, Vec<Token>)> {
    if let Some(glob) = pattern.glob() {
        return Some((glob.subject, glob.tokens.to_vec()));
    }
    let number = pattern.number().unwrap_or(pattern.word());
    let kind = match number.0 >> 60 {
        1 => Some(NumberKind::E164),
        2 => Some(NumberKind::Local),
        _ if pattern.kind() == MatchKind::Wildcard => None,
        _ => return None,
    };
    let mut tokens = Vec::with_capacity(MAXIMUM_DIGITS as usize + 1);
    for place in 0..MAXIMUM_DIGITS {
        match number.nibble(place) {
            NIBBLE_ANY => tokens.push(Token::Any),
            NIBBLE_GAP if tokens.last() == Some(&Token::Gap) => {}
            NIBBLE_GAP => tokens.push(Token::Gap),
            digit @ 0..=NIBBLE_HASH => tokens.push(Token::Byte(character(digit))),
            _ => break,
        }
    }
    let open = pattern.kind() == MatchKind::Prefix
        || pattern.shape().is_some_and(|(shape, _)| shape.open != 0);
    if open && tokens.last() != Some(&Token::Gap) {
        tokens.push(Token::Gap);
    }
    Some((Subject::Digits(kind), tokens))
}
