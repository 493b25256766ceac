//! A try of a PIN: which PINs there are for the called number, what is written down of the try, and
//! when it is answered.

use std::sync::Arc;
use std::time::Duration;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use jiff::Timestamp;

use super::journal::Journal;
use super::rows;
use super::rules_state::RulesState;
use blacklist_engine::RuleSet;
use blacklist_figures::AttemptFigures;
use blacklist_model::{ScopeId, read_number};
use blacklist_store::journal;
use blacklist_store::pin::{Attempt, Pins, ScopePin};
use blacklist_store::rules::{AttemptRow, Reading as _, Store, StoreError};
use blacklist_system::{Moment, clock};

/// Answers come in steps of this time after the question, so that how long one takes reveals nothing:
/// enough for the PINs of all scopes that a number can have.
const STEP: Duration = Duration::from_millis(500);

/// Bytes of a name in the audit.
const LONGEST_NAME: usize = 64;

/// A try.
#[derive(Clone, Copy)]
pub(crate) struct PinTry<'a> {
    /// The local number that was called, canonical, as an explanation has it.
    pub(crate) local: &'a str,
    /// Who calls, likewise; empty for nobody.
    pub(crate) caller: &'a str,
    /// What they have keyed in.
    pub(crate) digits: &'a [u8],
}

impl std::fmt::Debug for PinTry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinTry")
    }
}

/// What compares PINs, and how often they were tried. The locks of the tries are held beside no other.
pub(crate) struct PinChecks {
    pub(super) pins: Pins,
    pub(super) rules: Arc<RulesState>,
    pub(super) journal: Arc<Journal>,
}

impl PinChecks {
    /// How tries have ended.
    pub(crate) fn figures(&self) -> AttemptFigures {
        self.pins.figures()
    }

    /// Compares what a caller has keyed in with the PINs of the called number: its own, those of its
    /// groups and accounts, the global one; any of them is right. The try is in the audit when this
    /// returns.
    ///
    /// Blocks for half a second, longer if many try at once or a large change is being made: call it
    /// by `spawn_blocking` or on a thread of its own. After a wrong try the caller is to be asked
    /// again when its wait is over, and not before.
    ///
    /// # Errors
    /// The database refused: the caller is to be treated as after a wrong try.
    pub(crate) fn check(&self, asked: &PinTry<'_>) -> Result<Attempt, StoreError> {
        let begun = Moment::now();
        let answer = self.check_at_once(asked);
        std::thread::sleep(rest_of_step(begun.elapsed()));
        answer
    }

    fn check_at_once(&self, asked: &PinTry<'_>) -> Result<Attempt, StoreError> {
        let number = number_of(asked.local);
        let scopes = self.pin_scopes(number);
        let pins = known_pins(&self.rules.reader()?, scopes)?;
        let caller = self.caller_in_audit(asked.caller);
        let asked = PinTry {
            caller: &caller,
            ..*asked
        };
        let (attempt, row, limits) = compare(&self.pins, &pins, &asked, clock::now());
        self.rules.store.lock().save_attempt(&row, &limits)?;
        Ok(attempt)
    }

    /// Ids and names of a number's scopes, broadest first.
    fn pin_scopes(&self, number: Option<Number>) -> Vec<(ScopeId, String)> {
        let ids = ids_of(&self.rules.in_force.read(), number);
        let names = self.rules.names().scope_names(&ids);
        ids.into_iter().zip(names).collect()
    }

    /// The caller, or the pseudonym if the log has pseudonyms.
    fn caller_in_audit(&self, caller: &str) -> String {
        let log = self.journal.log();
        match (log.pseudonyms(), number_of(caller)) {
            (Some(pseudonyms), Some(number)) => journal::shown_pseudonym(pseudonyms.of(number)),
            (Some(_), None) => String::new(),
            (None, _) => caller.to_owned(),
        }
    }

    /// Removes the tries of a caller from the audit; how many there were.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn forget_attempts(&self, number: Number, text: &str) -> Result<u64, StoreError> {
        let mut names = vec![journal::shown(number, text)];
        let pseudonyms = self.journal.log().pseudonyms().cloned();
        names.extend(pseudonyms.map(|one| journal::shown_pseudonym(one.of(number))));
        let store = self.rules.store.lock();
        let mut forgotten = 0;
        for name in names {
            forgotten += store.forget_attempts(&name)?;
        }
        Ok(forgotten)
    }
}

/// The number of a canonical spelling; none for nobody.
fn number_of(text: &str) -> Option<Number> {
    let (_, number) = read_number(text, &DialPlan::default(), "number").ok()?;
    (number.kind() != NumberKind::None).then_some(number)
}

/// Ids of a number's scopes, broadest first; of nobody the global one.
fn ids_of(rules: &RuleSet, number: Option<Number>) -> Vec<ScopeId> {
    let own = number.map(|number| rules.scopes_of(number));
    let mut ids = vec![ScopeId::GLOBAL];
    ids.extend(own.unwrap_or_default());
    ids
}

/// How long an answer has to wait after this time.
fn rest_of_step(elapsed: Duration) -> Duration {
    let steps = elapsed.as_micros() / STEP.as_micros() + 1;
    let end = STEP * u32::try_from(steps).unwrap_or(u32::MAX);
    end.saturating_sub(elapsed)
}

/// The PINs of those scopes that have one.
fn known_pins(store: &Store, scopes: Vec<(ScopeId, String)>) -> Result<Vec<ScopePin>, StoreError> {
    let mut pins = Vec::new();
    for (id, scope) in scopes {
        if let Some(hash) = store.pin_hash(id)? {
            pins.push(ScopePin { scope, hash });
        }
    }
    Ok(pins)
}

/// A name of a stranger as it is stored: of a length that they do not choose, and fit for a terminal.
fn shortened(text: &str) -> String {
    let mut text = blacklist_model::printable(text.as_bytes());
    text.truncate(LONGEST_NAME);
    text
}

/// Compares; also what is to be stored of it.
fn compare(
    pins: &Pins,
    known: &[ScopePin],
    asked: &PinTry<'_>,
    now: Timestamp,
) -> (Attempt, AttemptRow, Vec<blacklist_store::pin::Limit>) {
    let local = shortened(asked.local);
    let subject = format!("number:{local}");
    let checked = pins.check(&subject, known, asked.digits, now.as_millisecond());
    let scope = match &checked.attempt {
        Attempt::Right { scope } => Some(scope.clone()),
        Attempt::Wrong { .. } | Attempt::Locked { .. } | Attempt::NoPin => None,
    };
    let row = AttemptRow {
        at: rows::whole_second(),
        local,
        caller: shortened(asked.caller),
        outcome: checked.tried,
        scope,
    };
    (checked.attempt, row, checked.limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_engine::{Mutation, RuleSet};
    use blacklist_figures::AttemptResult;
    use blacklist_model::{Member, ScopeName, ScopeRecord};
    use blacklist_store::pin::{MAXIMUM_WRONG, Pin};
    use blacklist_store::rules::{AttemptFilter, Cause, ChangeKind};

    const LOCAL: &str = "+13125550199";

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    /// A store in which these scopes have PINs.
    fn store(folder: &std::path::Path, pins: &[(u32, &str)]) -> Store {
        let mut store = Store::open(folder).unwrap();
        let cause = Cause {
            at: second(0),
            author: "ann".to_owned(),
            source: "socket".to_owned(),
            kind: ChangeKind::PinSet,
        };
        let mut change = store.begin(cause).unwrap();
        for (scope, digits) in pins {
            let hash = blacklist_store::pin::hash(&Pin::parse(digits).unwrap()).unwrap();
            change.put_pin(ScopeId(*scope), &hash).unwrap();
        }
        change.commit("").unwrap();
        store
    }

    fn asked(digits: &str) -> PinTry<'_> {
        PinTry {
            local: LOCAL,
            caller: "+14155550100",
            digits: digits.as_bytes(),
        }
    }

    #[test]
    fn a_number_has_the_pins_of_its_scopes_alone() {
        let mut set = RuleSet::empty(std::collections::HashSet::new(), 10);
        let scope = |id, name: &str| {
            Mutation::PutScope(ScopeRecord {
                id: ScopeId(id),
                name: ScopeName::from_canonical(name).unwrap(),
                ..ScopeRecord::global()
            })
        };
        let number = number_of(LOCAL).unwrap();
        let member = Member {
            scope: ScopeId(1),
            number,
        };
        let mutations = [
            scope(1, "account:acme"),
            scope(2, "account:other"),
            scope(3, &format!("number:{LOCAL}")),
            Mutation::AddMember(member),
        ];
        set.apply(second(0), &mutations).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let all = [(0, "2580"), (1, "8642"), (2, "6420"), (3, "97531")];
        let store = store(folder.path(), &all);
        let named = |number: Option<Number>| {
            let ids = ids_of(&set, number).into_iter();
            let scopes = ids.map(|id| (id, format!("scope {id}"))).collect();
            let pins = known_pins(&store, scopes).unwrap();
            pins.into_iter().map(|pin| pin.scope).collect::<Vec<_>>()
        };
        assert_eq!(named(Some(number)), ["scope 0", "scope 1", "scope 3"]);
        assert_eq!(named(number_of("+13125550198")), ["scope 0"]);
        assert_eq!(named(None), ["scope 0"]);
    }

    #[test]
    fn every_try_is_written_down_without_its_digits() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(folder.path(), &[(0, "2580")]);
        let known = known_pins(&store, vec![(ScopeId(0), "global".to_owned())]).unwrap();
        let mut pins = Pins::default();
        let rows = [
            (0, "1379", AttemptResult::Wrong),
            (0, "2580", AttemptResult::Early),
            (10, "2580", AttemptResult::Right),
        ];
        for (at, digits, expected) in rows {
            let (_, row, limits) = compare(&pins, &known, &asked(digits), second(at));
            assert_eq!(row.outcome, expected, "at {at}");
            store.save_attempt(&row, &limits).unwrap();
            // As a daemon that begins anew.
            pins = Pins::new(store.pin_limits().unwrap());
        }
        for turn in 0..=MAXIMUM_WRONG {
            let at = second(20 + 61 * i64::from(turn));
            let (_, row, limits) = compare(&pins, &known, &asked("1379"), at);
            store.save_attempt(&row, &limits).unwrap();
            pins = Pins::new(store.pin_limits().unwrap());
        }
        let all = store.attempts(&AttemptFilter::default(), 50).unwrap();
        assert_eq!(all.len(), 14);
        assert_eq!(all.first().unwrap().outcome, AttemptResult::Locked);
        let right = all
            .iter()
            .find(|row| row.outcome == AttemptResult::Right)
            .unwrap();
        assert_eq!(right.scope.as_deref(), Some("global"));
        assert_eq!(
            (right.local.as_str(), right.caller.as_str()),
            (LOCAL, "+14155550100")
        );
        let shown = format!("{all:?} {:?} {known:?}", asked("1379"));
        for digits in ["1379", "2580", "argon2"] {
            assert!(!shown.contains(digits), "{shown}");
        }
    }

    #[test]
    fn names_of_strangers_are_short_and_fit_for_a_terminal() {
        assert_eq!(shortened("+14155550100"), "+14155550100");
        assert_eq!(shortened("a\u{1b}[2J\u{e4}"), "a\\x1b[2J\\xc3\\xa4");
        assert_eq!(shortened(&"b".repeat(9000)).len(), LONGEST_NAME);
    }

    #[test]
    fn answers_come_in_steps() {
        let rows = [
            (0, 500),
            (1, 499),
            (499, 1),
            (500, 500),
            (700, 300),
            (1600, 400),
        ];
        for (took, rest) in rows {
            let seen = rest_of_step(Duration::from_millis(took));
            assert_eq!(seen, Duration::from_millis(rest), "{took} ms");
        }
    }
}
