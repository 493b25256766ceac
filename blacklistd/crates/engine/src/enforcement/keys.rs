//! A rule as the tables hold it: the word that decides, and the keys that its pattern has.

use blacklist_common::number::MAXIMUM_DIGITS;
use blacklist_common::pattern::{Class, EntryKey};
use blacklist_common::rule::{ReasonClass, RuleRef};
use blacklist_common::tables::Direction;
use blacklist_model::{Effective, MatchKind, Pattern};

use crate::enforcement::partitions::Content;

/// A rule as the tables hold it.
pub(crate) const fn reference(effective: &Effective, slot: u32, pattern: &Pattern) -> RuleRef {
    let reason = match pattern.kind() {
        MatchKind::Anonymous => ReasonClass::Anonymous,
        MatchKind::Exact
        | MatchKind::Prefix
        | MatchKind::Wildcard
        | MatchKind::Unverified
        | MatchKind::Everything => ReasonClass::OwnList,
    };
    let action = effective.action.in_tables();
    RuleRef::new(slot, action, reason, effective.mandatory)
}

/// The keys of a pattern that the kernel decides in a partition: several if it is of
/// several classes. Wildcards are of the shape with the number `shape`.
pub(crate) fn keys(
    pattern: &Pattern,
    partition: u32,
    shape: Option<u8>,
) -> Vec<(EntryKey, Content)> {
    match (pattern.kind(), pattern.number()) {
        (MatchKind::Exact, Some(number)) => {
            vec![(EntryKey::exact(partition, number), Content::Exact)]
        }
        (MatchKind::Prefix, Some(number)) => {
            let digits = number.digits().min(MAXIMUM_DIGITS);
            vec![(
                EntryKey::prefix(partition, number, digits),
                Content::Prefix(digits),
            )]
        }
        (MatchKind::Wildcard, _) => match (pattern.shape(), shape) {
            (Some((form, key)), Some(number)) => {
                let content = Content::Shape(number, form.literals);
                vec![(EntryKey::pattern(partition, key), content)]
            }
            _ => Vec::new(),
        },
        _ => {
            let classes = pattern.classes().map(|classes| classes.classes());
            let key = |class: Class| {
                (
                    EntryKey::exact(partition, class.number()),
                    Content::Class(class),
                )
            };
            classes.into_iter().flatten().map(key).collect()
        }
    }
}

/// Whether a pattern can ever match calls of a direction: classes are the caller's, who is the
/// remote party of inbound calls alone.
pub(crate) const fn can_match(pattern: &Pattern, direction: Direction) -> bool {
    match pattern.kind() {
        MatchKind::Anonymous | MatchKind::Unverified => matches!(direction, Direction::Inbound),
        MatchKind::Exact | MatchKind::Prefix | MatchKind::Wildcard | MatchKind::Everything => true,
    }
}
