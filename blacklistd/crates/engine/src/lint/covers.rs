//! Whether a pattern matches a number, and whether it matches everything that another one does.

use blacklist_common::number::{MAXIMUM_DIGITS, Number, NumberKind, Party};
use blacklist_common::shape::count_digits;
use blacklist_model::{Detail, MatchKind, Pattern, Subject, Token, wildcard};

use crate::enforcement::tables::digits_of;
use crate::judge::view::Remote;

/// Whether a pattern of numbers or names matches a party; classes are not asked for.
pub(crate) fn matches(pattern: &Pattern, party: &Party) -> bool {
    match pattern.kind() {
        MatchKind::Exact => pattern.number() == Some(party.number) && party.number.is_some(),
        MatchKind::Prefix => pattern.number().is_some_and(|prefix| {
            let kinds = matches!(party.leading.kind(), NumberKind::E164 | NumberKind::Local);
            let shift = 60 - 4 * prefix.digits();
            kinds && party.leading.0 >> shift == prefix.0 >> shift
        }),
        MatchKind::Wildcard => match pattern.shape() {
            Some((shape, key)) => {
                let kinds = matches!(party.leading.kind(), NumberKind::E164 | NumberKind::Local);
                kinds && shape.key(party, count_digits(party.leading)) == Some(key)
            }
            None => {
                let remote = Remote::of(*party);
                pattern.glob().is_some_and(|glob| remote.matches(glob))
            }
        },
        MatchKind::Everything => true,
        MatchKind::Anonymous | MatchKind::Unverified => false,
    }
}

/// Whether everything that `narrow` matches is matched by `broad`; false where that is not
/// certain.
pub(crate) fn covers(broad: &Pattern, narrow: &Pattern) -> bool {
    if broad == narrow || broad.kind() == MatchKind::Everything {
        return true;
    }
    match (broad.classes(), narrow.classes()) {
        (Some(broad), Some(narrow)) => return narrow.0 & !broad.0 == 0,
        (None, None) => {}
        _ => return false,
    }
    if let (MatchKind::Exact, Some(number)) = (narrow.kind(), narrow.number()) {
        if let (Some(Detail::Name(name)), Some(glob)) = (narrow.detail(), broad.glob()) {
            return glob.subject == Subject::Name && glob.matches(name.as_bytes());
        }
        return matches(broad, &Party::of(number));
    }
    let (Some((broad, wide)), Some((narrow, tight))) =
        (wildcard::tokens(broad), wildcard::tokens(narrow))
    else {
        return false;
    };
    let subject = match (broad, narrow) {
        (Subject::Digits(None), Subject::Digits(_)) => true,
        (broad, narrow) => broad == narrow,
    };
    subject && includes(&wide, &tight)
}

/// Whether every text of `narrow` is one of `broad`, both with stars: taken as texts, a star of
/// `narrow` is met by a star of `broad` alone.
fn includes(broad: &[Token], narrow: &[Token]) -> bool {
    // Places in `broad` that can be reached after each token of `narrow`.
    let mut reached = vec![false; broad.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let close = |reached: &mut Vec<bool>| {
        for at in 0..broad.len() {
            if reached.get(at) == Some(&true)
                && broad.get(at) == Some(&Token::Gap)
                && let Some(next) = reached.get_mut(at + 1)
            {
                *next = true;
            }
        }
    };
    close(&mut reached);
    for token in narrow {
        let mut next = vec![false; broad.len() + 1];
        for (at, wide) in broad.iter().enumerate() {
            if reached.get(at) != Some(&true) {
                continue;
            }
            let to = match (wide, token) {
                (Token::Gap, _) => at,
                (_, Token::Gap) => continue,
                (Token::Any, _) => at + 1,
                (Token::Byte(one), Token::Byte(other)) if one == other => at + 1,
                (Token::Byte(_), _) => continue,
            };
            if let Some(place) = next.get_mut(to) {
                *place = true;
            }
        }
        reached = next;
        close(&mut reached);
    }
    reached.last() == Some(&true)
}

/// The prefixes of a pattern's first digits, from the shortest to all of them.
pub(crate) fn prefixes_of(pattern: &Pattern) -> Vec<Pattern> {
    let Some((Subject::Digits(Some(kind)), tokens)) = wildcard::tokens(pattern) else {
        return Vec::new();
    };
    let mut packed = 0_u64;
    let mut prefixes = Vec::new();
    for (place, token) in (0..MAXIMUM_DIGITS).zip(tokens) {
        let Token::Byte(byte) = token else {
            break;
        };
        let Some(nibble) = blacklist_model::nibble(char::from(byte)) else {
            break;
        };
        packed |= u64::from(nibble) << (60 - 4 * place);
        let number = Number::from_nibbles(kind, packed, place + 1);
        prefixes.push(Pattern::of_number(MatchKind::Prefix, number));
    }
    prefixes
}

/// The smallest and the largest number that begins so, as they are ordered.
pub(crate) fn range_of(prefix: Number) -> (Number, Number) {
    let digits = digits_of(prefix).len();
    let rest = (1_u64 << (60 - 4 * digits)) - 1;
    (Number(prefix.0 & !rest), Number(prefix.0 | rest))
}
