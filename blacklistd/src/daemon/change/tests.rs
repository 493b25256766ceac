//! Random histories of changes through the real way of a change, without the kernel: what is
//! exported can be applied again, here and to an empty store, and decides the same calls alike.

use std::path::Path;
use std::sync::RwLock;

use fastrand::Rng;
use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::daemon::apply::{Application, Applied};
use crate::daemon::export::Export;
use crate::daemon::start;
use crate::exchange::RulesFile;
use crate::rules::reference::{RefCall, RefWorld};
use crate::rules::{
    Circumstances, Counted, ListEdit, ListSpec, MatchKind, Override, RuleAction, RuleDirection,
    RuleEdit, RuleKind, RuleSet, RuleSpec, ScopeSpec, Severity,
};
use crate::store::Store;

/// A Monday; all is decided then.
const NOW: &str = "2026-06-15T10:00:00Z";
const LISTS: [&str; 4] = ["default", "spam", "friends", "shared"];
const SCOPES: [&str; 5] = [
    "global",
    "account:acme",
    "group:sales",
    "number:+9",
    "number:90",
];
const KINDS: [RuleKind; 2] = [RuleKind::Block, RuleKind::Allow];
const DIRECTIONS: [RuleDirection; 3] = [
    RuleDirection::Inbound,
    RuleDirection::Outbound,
    RuleDirection::Both,
];
const ACTIONS: [RuleAction; 4] = [
    RuleAction::Drop,
    RuleAction::Monitor,
    RuleAction::Pass,
    RuleAction::Pin,
];

/// A daemon without a kernel.
struct House {
    folder: TempDir,
    store: Store,
    rules: RuleSet,
    names: RwLock<NameTable>,
    plans: Arc<PlanTable>,
}

fn configuration() -> crate::config::Configuration {
    let text = "[[interface]]\nname = \"lo\"\n[dial_plan.us]\ncountry_code = \"1\"\nnational_prefix = \"1\"\nnational_lengths = [10, 10]\n";
    crate::config::parse(Path::new("x"), text).unwrap()
}

fn load(store: &Store) -> (RuleSet, NameTable) {
    let loaded = start::load(store, &configuration(), Vec::new()).unwrap();
    assert_eq!(loaded.refused, [], "rules on the disk");
    let mut rules = loaded.rules;
    rules.advance(NOW.parse().unwrap());
    (rules, loaded.names)
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (rules, names) = load(&store);
        Self {
            folder,
            store,
            rules,
            names: RwLock::new(names),
            plans: PlanTable::of(&configuration()),
        }
    }

    /// Makes a change, if nothing refuses it; whether it changed anything.
    fn change<T>(
        &mut self,
        build: impl FnOnce(&mut Change<'_>) -> Result<T, ChangeError>,
    ) -> Result<(T, bool), String> {
        self.change_unless(build, |finding| finding.severity == Severity::Refuse)
    }

    fn change_unless<T>(
        &mut self,
        build: impl FnOnce(&mut Change<'_>) -> Result<T, ChangeError>,
        is_refused: impl Fn(&Finding) -> bool,
    ) -> Result<(T, bool), String> {
        let now: Timestamp = NOW.parse().unwrap();
        let cause = Cause {
            at: now,
            author: "test".to_owned(),
            source: "test".to_owned(),
            kind: ChangeKind::Apply,
        };
        let store = self.store.begin(cause).unwrap();
        let mut change = Change::begin(store, self.names.read().unwrap(), self.plans.clone());
        let value = build(&mut change).map_err(|error| error.to_string())?;
        let Change {
            store,
            names,
            mutations,
            name_edits,
            added,
            removed,
            ..
        } = change;
        drop(names);
        if mutations.is_empty() {
            return Ok((value, false));
        }
        let findings = self.rules.lint(&mutations, &Circumstances::default());
        if let Some(finding) = findings.into_iter().find(is_refused) {
            return Err(finding.sentence);
        }
        let applied = self.rules.apply(now, &mutations);
        applied.map_err(|refusal| refusal.to_string())?;
        store.commit("test").unwrap();
        let mut names = self.names.write().unwrap();
        for edit in name_edits {
            names.edit(edit);
        }
        names.tally.merge(&added, &removed);
        Ok((value, true))
    }

    fn export(&self) -> String {
        let export = Export {
            reader: Store::reader(self.folder.path()).unwrap(),
            plans: self.plans.clone(),
            names: self.names.read().unwrap().clone(),
            filter: &RuleFilter::default(),
        };
        let mut text = Vec::new();
        export.toml(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn apply(&mut self, text: &str) -> Result<(Applied, bool), String> {
        let file = RulesFile::read(text).map_err(|problems| format!("{problems:?}"))?;
        let application = Application {
            name: "rules.toml",
            file: &file,
        };
        self.change(|change| application.make(change, &mut HashMap::new()))
    }

    /// What becomes of a call, and by what.
    fn decide(&self, call: &RefCall) -> String {
        let judged = self
            .rules
            .standing()
            .judge(&call.message(), &call.trunk(), 0);
        let by = judged.decided_by.map(|counted| match counted {
            Counted::Rule(id) => {
                let rule = self.rules.get(id).unwrap();
                let list = self.rules.list(rule.list).unwrap();
                format!(
                    "{} {} {:?}",
                    list.name,
                    rule.pattern,
                    self.rules.effective(rule)
                )
            }
            Counted::Default(scope) => self.rules.scope(scope).unwrap().name.to_string(),
        });
        format!("{:?} {by:?}", judged.judgement.step)
    }
}

fn any<T: Clone>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())].clone()
}

fn perhaps<T>(rng: &mut Rng, value: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    rng.bool().then(|| value(rng))
}

fn set_or_inherit<T>(rng: &mut Rng, value: impl FnOnce(&mut Rng) -> T) -> Override<T> {
    match rng.u32(0..4) {
        0 => Override::Inherit,
        1 => Override::Set(value(rng)),
        _ => Override::Keep,
    }
}

fn some_scopes(rng: &mut Rng) -> Vec<String> {
    let count = rng.usize(0..3);
    (0..count).map(|_| any(rng, &SCOPES).to_owned()).collect()
}

/// A pattern of few, so that rules meet.
fn any_pattern(rng: &mut Rng) -> String {
    let world = RefWorld::random(rng, 3);
    let few = ["+1", "1*", "anonymous", "*", "12", "bob"].map(str::to_owned);
    let drawn: Vec<String> = world.rules.into_iter().map(|rule| rule.pattern).collect();
    if rng.bool() {
        any(rng, &few)
    } else {
        any(rng, &drawn)
    }
}

fn any_schedule(rng: &mut Rng) -> String {
    any(
        rng,
        &[
            "mo-fr 08:00-18:00",
            "su 10:00-12:00",
            "sa-mo 22:00-11:00 Europe/Berlin",
        ],
    )
    .to_owned()
}

fn any_day(rng: &mut Rng) -> String {
    format!("2026-06-{:02}", rng.u32(10..21))
}

fn any_rule(rng: &mut Rng) -> RuleSpec {
    RuleSpec {
        list: any(rng, &LISTS).to_owned(),
        kind: perhaps(rng, |rng| any(rng, &KINDS)),
        scopes: some_scopes(rng),
        direction: perhaps(rng, |rng| any(rng, &DIRECTIONS)),
        action: perhaps(rng, |rng| any(rng, &ACTIONS)),
        mandatory: perhaps(rng, Rng::bool),
        dial_plan: perhaps(rng, |_| "us".to_owned()),
        enabled: rng.u32(0..10) > 0,
        schedule: (rng.u32(0..5) == 0).then(|| any_schedule(rng)),
        valid_from: (rng.u32(0..6) == 0).then(|| any_day(rng)),
        valid_until: (rng.u32(0..6) == 0).then(|| any_day(rng)),
        ..RuleSpec::of(&any_pattern(rng))
    }
}

fn any_rule_edit(rng: &mut Rng) -> RuleEdit {
    RuleEdit {
        list: (rng.u32(0..6) == 0).then(|| any(rng, &LISTS).to_owned()),
        kind: set_or_inherit(rng, |rng| any(rng, &KINDS)),
        scopes: set_or_inherit(rng, some_scopes),
        direction: set_or_inherit(rng, |rng| any(rng, &DIRECTIONS)),
        action: set_or_inherit(rng, |rng| any(rng, &ACTIONS)),
        mandatory: set_or_inherit(rng, Rng::bool),
        dial_plan: (rng.u32(0..8) == 0).then(|| any(rng, &["us", "none"]).to_owned()),
        comment: perhaps(rng, |rng| format!("comment {}", rng.u8(..))),
        enabled: (rng.u32(0..6) == 0).then(|| rng.bool()),
        schedule: set_or_inherit(rng, any_schedule),
        valid_until: set_or_inherit(rng, any_day),
        ..RuleEdit::default()
    }
}

fn any_list_edit(rng: &mut Rng) -> ListEdit {
    ListEdit {
        kind: perhaps(rng, |rng| any(rng, &KINDS)),
        direction: perhaps(rng, |rng| any(rng, &DIRECTIONS)),
        action: set_or_inherit(rng, |rng| any(rng, &ACTIONS)),
        mandatory: perhaps(rng, Rng::bool),
        enabled: (rng.u32(0..6) == 0).then(|| rng.bool()),
        scopes: perhaps(rng, some_scopes),
        ..ListEdit::default()
    }
}

/// Makes one random change, or none if it is refused.
fn step(house: &mut House, rng: &mut Rng) -> Result<bool, String> {
    let ids: Vec<RuleId> = house.rules.iter().map(|rule| rule.id).collect();
    let done = match rng.u32(0..20) {
        0..7 => {
            let spec = any_rule(rng);
            house.change(|change| {
                let draft = change.draft(&spec)?;
                Ok(change.add_rules(vec![draft], "manual").map(drop)?)
            })
        }
        7..11 if !ids.is_empty() => {
            let (id, edit) = (any(rng, &ids), any_rule_edit(rng));
            house.change(|change| {
                let plans = change.plans();
                let before = change.rule(id)?;
                let edited = rows::draft(&before)?.edited(&edit, plans.plans(), change);
                let after = rows::row(&change.read(edited)?, before.made, &before.origin);
                Ok(change.put_rule(Some(&before), &after)?)
            })
        }
        11 if !ids.is_empty() => {
            let id = any(rng, &ids);
            house.change(|change| {
                let row = change.rule(id)?;
                Ok(change.remove_rules(&[row])?)
            })
        }
        12..16 => {
            let (name, edit) = (any(rng, &LISTS), any_list_edit(rng));
            house.change(|change| {
                let Ok(before) = change.list_row(name) else {
                    let spec = ListSpec {
                        name: name.to_owned(),
                        kind: edit.kind.unwrap_or_default(),
                        direction: edit.direction.unwrap_or_default(),
                        action: edit.action.over(None),
                        mandatory: edit.mandatory.unwrap_or_default(),
                        enabled: true,
                        scopes: edit.scopes.unwrap_or_default(),
                        comment: String::new(),
                    };
                    return change.add_list(&spec).map(drop);
                };
                let after = change.edited_list(&before, &edit)?;
                change.replace_list(&before, &after)
            })
        }
        16 if rng.u32(0..4) == 0 => {
            let name = any(rng, &LISTS);
            house.change(|change| {
                let row = change.list_row(name)?;
                change.remove_list(&row, true).map(drop)
            })
        }
        17 | 18 => {
            let (name, policy) = (any(rng, &SCOPES), any_policy(rng));
            let members = if name.contains("number") || name == "global" {
                Vec::new()
            } else {
                vec!["+9".to_owned(), "90".to_owned()]
            };
            house.change(|change| match change.scope_row(name) {
                Ok(row) if rng.u32(0..5) == 0 => change.remove_scope(&row),
                Ok(row) => Ok(change.put_scope(&ScopeRow { policy, ..row })?),
                Err(_) => {
                    let spec = ScopeSpec {
                        name: name.to_owned(),
                        policy,
                        members,
                        dial_plan: None,
                        comment: String::new(),
                    };
                    change.add_scope_of(&spec).map(drop)
                }
            })
        }
        _ => {
            let head = house.store.head().unwrap();
            let to = rng.u64(1..=head.max(1));
            house.change(|change| {
                let mut undone = Undone::of(change.generation(to)?);
                change.step(head, to, &mut undone)
            })
        }
    };
    done.map(|(_, changed)| changed)
}

fn any_policy(rng: &mut Rng) -> DefaultPolicy {
    let policies = [
        DefaultPolicy::Unset,
        DefaultPolicy::Allow,
        DefaultPolicy::Block,
    ];
    any(rng, &policies)
}

/// What is exported is what there is, here and in an empty store.
fn assert_exports(house: &mut House, rng: &mut Rng, name: &str) {
    let text = house.export();
    let mut fresh = House::new();
    let (applied, _) = fresh
        .apply(&text)
        .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    assert_eq!(applied.added, house.rules.len() as u64, "{name}");
    assert_eq!(fresh.export(), text, "{name}");
    for house in [&mut *house, &mut fresh] {
        let (_, changed) = house
            .apply(&text)
            .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert!(
            !changed,
            "{name}: applied again it changes something\n{text}"
        );
    }
    let (on_disk, _) = load(&house.store);
    let reloaded = House {
        rules: on_disk,
        ..House::new()
    };
    for _ in 0..60 {
        let call = RefCall::random(rng);
        let expected = house.decide(&call);
        assert_eq!(fresh.decide(&call), expected, "{name}: {call:?}\n{text}");
        assert_eq!(
            reloaded.decide(&call),
            expected,
            "{name}, reloaded: {call:?}\n{text}"
        );
    }
}

#[test]
fn every_export_can_be_applied_again_whatever_the_history() {
    let (mut made, mut refused) = (0, 0);
    for seed in 0..SEEDS {
        let mut rng = Rng::with_seed(seed);
        let mut house = House::new();
        for number in 0..60 {
            match step(&mut house, &mut rng) {
                Ok(changed) => made += usize::from(changed),
                Err(_) => refused += 1,
            }
            if number % 20 == 19 {
                assert_exports(&mut house, &mut rng, &format!("seed {seed}, step {number}"));
            }
        }
    }
    println!("{made} changes made, {refused} refused");
    assert!(made > refused / 2, "{made} changes made, {refused} refused");
}

const SEEDS: u64 = 40;

/// A list of allow rules of which one drops, as earlier versions made it.
fn left_behind() -> (House, RuleId) {
    let mut house = House::new();
    let spec = RuleSpec {
        list: "spam".to_owned(),
        action: Some(RuleAction::Drop),
        ..RuleSpec::of("+1")
    };
    house
        .change(|change| {
            let list = toml::from_str("name = \"spam\"").unwrap();
            change.add_list(&list)?;
            let draft = change.draft(&spec)?;
            Ok(change.add_rules(vec![draft], "manual").map(drop)?)
        })
        .unwrap();
    let make_allow = |change: &mut Change<'_>| {
        let before = change.list_row("spam")?;
        let edit = ListEdit {
            kind: Some(RuleKind::Allow),
            ..ListEdit::default()
        };
        let after = change.edited_list(&before, &edit)?;
        change.replace_list(&before, &after)
    };
    let refused = house.change(make_allow).unwrap_err();
    assert!(
        refused.contains("list spam cannot become an allow list: settings of rule 1"),
        "{refused}"
    );
    house.change_unless(make_allow, |_| false).unwrap();
    let id = house.rules.iter().next().unwrap().id;
    (house, id)
}

#[test]
fn what_earlier_versions_left_is_exported_edited_and_rolled_back_to_as_it_is_in_force() {
    let (mut house, id) = left_behind();
    let mut rng = Rng::with_seed(1);
    let left = house.store.head().unwrap();
    assert!(!house.export().contains("drop"), "{}", house.export());
    assert_exports(&mut house, &mut rng, "as it was left");

    let comment = RuleEdit {
        comment: Some("x".to_owned()),
        ..RuleEdit::default()
    };
    let edit = |change: &mut Change<'_>| {
        let plans = change.plans();
        let before = change.rule(id)?;
        let edited = rows::draft(&before)?.edited(&comment, plans.plans(), change);
        let after = rows::row(&change.read(edited)?, before.made, &before.origin);
        Ok(change.put_rule(Some(&before), &after)?)
    };
    house.change(edit).unwrap();
    assert_eq!(house.rules.get(id).unwrap().action, None);

    // Back to the list that blocks, to what was left, and on from there to blocking again.
    for to in [left - 1, left] {
        let head = house.store.head().unwrap();
        let step = |change: &mut Change<'_>| {
            let mut undone = Undone::of(change.generation(to)?);
            change.step(head, to, &mut undone)
        };
        house.change(step).unwrap();
        assert_exports(&mut house, &mut rng, "rolled back");
    }
    let rule = house.rules.get(id).unwrap();
    assert_eq!(
        house.rules.effective(rule).unwrap().action,
        RuleAction::Pass
    );
    assert_eq!(rule.action, None);
    assert_eq!(rule.pattern.kind(), MatchKind::Exact);
}

#[test]
fn a_file_that_names_a_rule_twice_is_refused_by_its_line() {
    let rule = |direction: &str| {
        format!("[[rule]]\npattern = \"+14155550100\"\ndirection = \"{direction}\"\n")
    };
    let rows = [
        (
            ["inbound", "inbound"],
            "rules.toml:4: the rule +14155550100 stands on line 1 already; write it once",
        ),
        (
            ["inbound", "both"],
            "rules.toml:4: the rule +14155550100 stands on line 1 already for calls of one direction; write one rule for both",
        ),
        (
            ["both", "outbound"],
            "rules.toml:4: the rule +14155550100 stands on line 1 already; write it once",
        ),
    ];
    for (directions, expected) in rows {
        let mut house = House::new();
        let text = directions.map(rule).concat();
        let seen = house.apply(&text).map(|(applied, _)| applied.added);
        assert_eq!(seen, Err(expected.to_owned()));
    }
    let mut house = House::new();
    let text = ["inbound", "outbound"].map(rule).concat();
    assert_eq!(house.apply(&text).map(|(applied, _)| applied.added), Ok(2));
}
