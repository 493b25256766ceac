//! What a rule means with its list: the kind, the direction and the action that are in force.

use blacklist_common::number::MAXIMUM_DIGITS;
use blacklist_common::pattern::{Class, EntryKey, Kind};
use blacklist_common::rule::{ReasonClass, RuleRef};
use blacklist_common::tables::Direction;
use blacklist_model::{List, MatchKind, Pattern, Rule, RuleAction, RuleDirection, RuleKind, fits};

use super::partitions::Content;

/// A rule with what it has from its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) kind: Kind,
    pub(super) direction: RuleDirection,
    pub(super) action: RuleAction,
}

impl Resolved {
    pub(super) fn of(rule: &Rule, list: &List) -> Self {
        let kind = rule.kind.unwrap_or(list.kind);
        let action = rule.action.filter(|action| fits(kind, Some(*action)));
        let inherited = list.action.filter(|action| fits(kind, Some(*action)));
        Self {
            kind: match kind {
                RuleKind::Allow => Kind::Allow,
                RuleKind::Block if rule.mandatory.unwrap_or(list.mandatory) => Kind::Mandatory,
                RuleKind::Block => Kind::Block,
            },
            direction: rule.direction.unwrap_or(list.direction),
            action: action.or(inherited).unwrap_or(RuleAction::of_kind(kind)),
        }
    }

    /// As the tables hold it.
    pub(super) const fn reference(&self, slot: u32, pattern: &Pattern) -> RuleRef {
        let reason = match pattern.kind() {
            MatchKind::Anonymous => ReasonClass::Anonymous,
            MatchKind::Exact
            | MatchKind::Prefix
            | MatchKind::Wildcard
            | MatchKind::Unverified
            | MatchKind::Everything => ReasonClass::OwnList,
        };
        let mandatory = matches!(self.kind, Kind::Mandatory);
        RuleRef::new(slot, self.action.in_tables(), reason, mandatory)
    }

    /// The kind for people.
    pub(super) const fn rule_kind(&self) -> RuleKind {
        match self.kind {
            Kind::Allow => RuleKind::Allow,
            Kind::Block | Kind::Mandatory => RuleKind::Block,
        }
    }

    pub(super) fn directions(&self) -> impl Iterator<Item = Direction> + use<> {
        self.direction.directions().iter().copied()
    }
}

/// Where a pattern that the kernel decides stands in a partition: at several keys if it is of
/// several classes. Wildcards are of the shape with the number `shape`.
pub(super) fn keys(
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
pub(super) const fn can_match(pattern: &Pattern, direction: Direction) -> bool {
    match pattern.kind() {
        MatchKind::Anonymous | MatchKind::Unverified => matches!(direction, Direction::Inbound),
        MatchKind::Exact | MatchKind::Prefix | MatchKind::Wildcard | MatchKind::Everything => true,
    }
}
