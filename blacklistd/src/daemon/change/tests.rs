//! Random histories of changes, made as in the daemon but without the kernel: what is
//! exported can be applied again, here and to an empty store, and decides the same calls alike.

mod histories;

use std::path::Path;

use fastrand::Rng;
use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::daemon::apply::{Application, Applied};
use crate::daemon::export::Export;
use crate::daemon::load;
use blacklist_engine::reference::RefCall;
use blacklist_engine::{Circumstances, Counted, RuleSet, Severity};
use blacklist_lists::exchange::RulesFile;
use blacklist_model::{ListEdit, MatchKind, RuleAction, RuleEdit, RuleKind, RuleSpec};
use blacklist_store::rules::Store;

/// A Monday; all is decided then.
const NOW: &str = "2026-06-15T10:00:00Z";

/// A daemon without a kernel.
struct House {
    folder: TempDir,
    store: Store,
    rules: RuleSet,
    names: Arc<NameTable>,
    configuration: Arc<ActiveConfiguration>,
}

fn configuration() -> crate::config::Configuration {
    let text = "[[interface]]\nname = \"lo\"\n[dial_plan.us]\ncountry_code = \"1\"\nnational_prefix = \"1\"\nnational_lengths = [10, 10]\n";
    crate::config::parse(Path::new("x"), text).unwrap()
}

fn load(store: &Store) -> (RuleSet, NameTable) {
    let loaded = load::load(store, &configuration(), Vec::new()).unwrap();
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
            names: Arc::new(names),
            configuration: Arc::new(ActiveConfiguration::new(configuration())),
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
        let mut change = Change::begin(store, self.names.clone(), self.configuration.clone());
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
        let names = Arc::make_mut(&mut self.names);
        for edit in name_edits {
            names.edit(edit);
        }
        names.tally.merge(&added, &removed);
        Ok((value, true))
    }

    fn export(&self) -> String {
        let export = Export {
            reader: Store::reader(self.folder.path()).unwrap(),
            configuration: self.configuration.clone(),
            names: self.names.clone(),
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
            .snapshot()
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

fn add_rule(change: &mut Change<'_>, spec: &RuleSpec) -> Result<(), ChangeError> {
    let draft = change.draft(spec)?;
    Ok(change.add_rules(vec![draft], "manual").map(drop)?)
}

fn edit_rule(change: &mut Change<'_>, id: RuleId, edit: &RuleEdit) -> Result<(), ChangeError> {
    let configuration = change.configuration();
    let before = change.rule(id)?;
    let edited = rows::draft(&before)?.edited(edit, configuration.dial_plans(), change);
    let after = rows::row(&change.read(edited)?, before.made, &before.origin);
    Ok(change.put_rule(Some(&before), &after)?)
}

fn edit_list(change: &mut Change<'_>, name: &str, edit: &ListEdit) -> Result<(), ChangeError> {
    let before = change.list_row(name)?;
    let after = change.edited_list(&before, edit)?;
    change.replace_list(&before, &after)
}

fn roll_back(change: &mut Change<'_>, to: u64) -> Result<(), ChangeError> {
    let head = change.number() - 1;
    let mut undone = Undone::of(change.generation(to)?);
    change.step(head, to, &mut undone)
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
            change.add_list(&toml::from_str("name = \"spam\"").unwrap())?;
            add_rule(change, &spec)
        })
        .unwrap();
    let allow = ListEdit {
        kind: Some(RuleKind::Allow),
        ..ListEdit::default()
    };
    let make_allow = |change: &mut Change<'_>| edit_list(change, "spam", &allow);
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
    house
        .change(|change| edit_rule(change, id, &comment))
        .unwrap();
    assert_eq!(house.rules.get(id).unwrap().action, None);

    // Back to the list that blocks, to what was left, and on from there to blocking again.
    for to in [left - 1, left] {
        house.change(|change| roll_back(change, to)).unwrap();
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
            "rules.toml:4: the rule +14155550100 is already on line 1; write it once",
        ),
        (
            ["inbound", "both"],
            "rules.toml:4: the rule +14155550100 is already on line 1 for calls of one direction; write one rule for both",
        ),
        (
            ["both", "outbound"],
            "rules.toml:4: the rule +14155550100 is already on line 1; write it once",
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

#[test]
fn a_file_that_narrows_a_rule_replaces_it() {
    let mut house = House::new();
    let rule = "[[rule]]\npattern = \"+14155550100\"\ndirection = ";
    for direction in ["both", "inbound", "both"] {
        let applied = house.apply(&format!("{rule}\"{direction}\"\n")).unwrap();
        assert_eq!(applied.0.added, 1, "{direction}");
        assert_eq!(house.rules.len(), 1, "{direction}");
    }
}
