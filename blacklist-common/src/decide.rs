//! The lookup order: what happens to a call, by which rule, in which step. The kernel program and
//! the engine both call [`decide`]; they differ only in their [`Tables`].

use crate::clear::Clear;
use crate::number::{Number, Party};
use crate::repeat::{self, Repeat, Stepper};
use crate::rule::RuleRef;
use crate::tables::{
    Call, Direction, ExactKey, ExactValue, GLOBAL_SCOPE, GrantKey, MAXIMUM_SCOPES,
    NUMBER_PROTECTED, NumberEntry, PrefixKey, SCOPE_HAS_ALLOW_PREFIXES, SCOPE_HAS_BLOCK_PREFIXES,
    SCOPE_HAS_EXACT, Tables, partition,
};

/// The step of the order that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Step {
    /// A protected number.
    SafetyFloor = 1,
    /// A grant for the two parties.
    Grant = 2,
    /// A block rule that no narrower whitelist lifts.
    MandatoryBlock = 3,
    /// An allow rule.
    AllowRule = 4,
    /// A block rule.
    BlockRule = 5,
    /// No rule: the default of the scope.
    Default = 6,
}

impl Step {
    /// The name for people and for `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SafetyFloor => "safety-floor",
            Self::Grant => "grant",
            Self::MandatoryBlock => "mandatory-block",
            Self::AllowRule => "allow-rule",
            Self::BlockRule => "block-rule",
            Self::Default => "default",
        }
    }
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// In which step.
    pub step: Step,
    /// By which rule; none for the steps that need none.
    pub rule: RuleRef,
}

impl Decision {
    /// Whether the call does not go through.
    #[inline(always)]
    pub const fn blocks(&self) -> bool {
        match self.step {
            Step::SafetyFloor | Step::Grant | Step::AllowRule => false,
            Step::MandatoryBlock | Step::BlockRule => true,
            Step::Default => self.rule.is_some(),
        }
    }
}

/// Is told what each scope has to say; explanations are made from it.
pub trait Observe {
    /// `allow` and `block` are the most specific rules of each kind that `scope` has for the call.
    fn scope(&mut self, scope: u32, allow: RuleRef, block: RuleRef);
}

/// Nobody wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl Observe for Unobserved {
    #[inline(always)]
    fn scope(&mut self, _scope: u32, _allow: RuleRef, _block: RuleRef) {}
}

/// The walk over the scopes of a call, broadest first.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Walk {
    local: Party,
    remote: Party,
    entry: NumberEntry,
    direction: u32,
    /// 1 if grants are asked for.
    grants: u32,
    /// The narrowest scope's allow rule so far.
    allow: RuleRef,
    /// The broadest scope's block rule so far.
    block: RuleRef,
    /// The broadest mandatory block rule that no allow rule of its own or a broader scope lifts.
    mandatory: RuleRef,
    /// The narrowest scope's default so far.
    default_block: RuleRef,
}

impl Walk {
    /// Begins the walk of a call. `grants` says whether there are any.
    #[inline(always)]
    pub fn begin(&mut self, direction: Direction, call: &Call, grants: bool) {
        let (local, remote) = match direction {
            Direction::Inbound => (call.called, call.caller),
            Direction::Outbound => (call.caller, call.called),
        };
        self.clear();
        self.local = local;
        self.remote = remote;
        self.direction = direction as u32;
        self.grants = u32::from(grants);
    }
}

// SAFETY: integers only; the size is checked where it is cleared.
unsafe impl Clear for Walk {}

struct ScopeStep<'a, T, O> {
    walk: &'a mut Walk,
    tables: &'a T,
    observer: &'a mut O,
}

impl<T: Tables, O: Observe> Stepper for ScopeStep<'_, T, O> {
    #[inline(always)]
    fn step(&mut self, index: u32) -> repeat::Step {
        let walk = &mut *self.walk;
        let mut scope = GLOBAL_SCOPE;
        if index > 0 {
            match walk
                .entry
                .scopes
                .get((index as usize - 1) & (MAXIMUM_SCOPES - 1))
            {
                Some(id) => scope = *id,
                None => return repeat::Step::Stop,
            }
        }
        let direction = if walk.direction == 0 {
            Direction::Inbound
        } else {
            Direction::Outbound
        };
        let partition = partition(scope, direction);
        let contents = self.tables.scope(partition);
        let (allow, block) = scope_rules(self.tables, partition, contents.contents, &walk.remote);
        self.observer.scope(scope, allow, block);
        if allow.is_some() {
            walk.allow = allow;
        }
        if block.is_some() {
            if !walk.block.is_some() {
                walk.block = block;
            }
            if block.is_mandatory() && !walk.mandatory.is_some() && !walk.allow.is_some() {
                walk.mandatory = block;
            }
        }
        walk.default_block = contents.default_block;
        repeat::Step::Again
    }
}

/// The most specific rules that one scope has for a party: exact, then the longest prefix.
#[inline(always)]
fn scope_rules<T: Tables>(
    tables: &T,
    partition: u32,
    contents: u32,
    remote: &Party,
) -> (RuleRef, RuleRef) {
    let ExactValue {
        mut allow,
        mut block,
    } = if contents & SCOPE_HAS_EXACT != 0 {
        tables.exact(&ExactKey::new(partition, remote.number))
    } else {
        ExactValue::default()
    };
    let key = PrefixKey::new(partition, remote.leading);
    if contents & SCOPE_HAS_ALLOW_PREFIXES != 0 && !allow.is_some() {
        allow = tables.allow_prefix(&key);
    }
    if contents & SCOPE_HAS_BLOCK_PREFIXES != 0 && !block.is_some() {
        block = tables.block_prefix(&key);
    }
    (allow, block)
}

#[inline(always)]
fn is_protected<T: Tables>(tables: &T, number: Number) -> (bool, NumberEntry) {
    match tables.number(number) {
        Some(entry) => (entry.flags & NUMBER_PROTECTED != 0, entry),
        None => (false, NumberEntry::default()),
    }
}

/// Decides the call that `walk` was made of.
#[inline(never)]
pub fn decide<R: Repeat, T: Tables, O: Observe>(
    tables: &T,
    walk: &mut Walk,
    observer: &mut O,
) -> Decision {
    let (protected, entry) = is_protected(tables, walk.local.number);
    if protected || is_protected(tables, walk.remote.number).0 {
        return Decision {
            step: Step::SafetyFloor,
            rule: RuleRef::NONE,
        };
    }
    let pair = GrantKey {
        local: walk.local.number,
        remote: walk.remote.number,
    };
    if walk.grants != 0 && tables.granted(&pair) {
        return Decision {
            step: Step::Grant,
            rule: RuleRef::NONE,
        };
    }
    let count = entry.scope_count;
    walk.entry = entry;
    R::repeat(
        1 + count.min(MAXIMUM_SCOPES as u32),
        &mut ScopeStep {
            walk,
            tables,
            observer,
        },
    );
    let (step, rule) = if walk.mandatory.is_some() {
        (Step::MandatoryBlock, walk.mandatory)
    } else if walk.allow.is_some() {
        (Step::AllowRule, walk.allow)
    } else if walk.block.is_some() {
        (Step::BlockRule, walk.block)
    } else {
        (Step::Default, walk.default_block)
    };
    Decision { step, rule }
}
