//! Whole attempts with a feed in a file and a fake daemon.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use blacklist_model::{Feed, FeedState, Refreshed, RuleSpec, Subscription};
use jiff::Timestamp;

use super::{at, counts};
use crate::feed::*;

/// A daemon with one list.
struct House {
    now: Mutex<Timestamp>,
    feeds: Mutex<Vec<Feed>>,
    rules: Mutex<BTreeMap<u32, (RuleSpec, Option<Timestamp>)>>,
    changes: Mutex<Vec<String>>,
}

impl FeedHost for House {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn feeds(&self) -> Result<Vec<Feed>, String> {
        Ok(self.feeds.lock().unwrap().clone())
    }

    fn save(&self, name: &str, state: &FeedState) -> Result<(), String> {
        let mut feeds = self.feeds.lock().unwrap();
        let feed = feeds
            .iter_mut()
            .find(|feed| feed.subscription.name == name)
            .unwrap();
        feed.state = state.clone();
        Ok(())
    }

    fn canonical(&self, rule: &RuleSpec) -> Result<String, String> {
        let plain = rule.pattern.replace(' ', "");
        if plain
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'+')
        {
            Ok(plain)
        } else {
            Err(format!("\"{}\" is not a number", rule.pattern))
        }
    }

    fn held(&self, _: &str, take: &mut dyn FnMut(FeedRule)) -> Result<(), String> {
        for (id, (rule, aged_until)) in self.rules.lock().unwrap().iter() {
            take(FeedRule {
                id: *id,
                key: self.canonical(rule)?,
                aged_until: *aged_until,
            });
        }
        Ok(())
    }

    fn change(&self, _: &str, plan: FeedPlan) -> Result<u64, String> {
        let mut rules = self.rules.lock().unwrap();
        let mut changes = self.changes.lock().unwrap();
        changes.push(plan.summary());
        for id in plan.remove {
            rules.remove(&id).unwrap();
        }
        for id in plan.age {
            rules.get_mut(&id).unwrap().1 = plan.aged_until;
        }
        for id in plan.revive {
            rules.get_mut(&id).unwrap().1 = None;
        }
        for rule in plan.add {
            let id = rules.last_key_value().map_or(1, |(id, _)| id + 1);
            rules.insert(id, (rule, None));
        }
        Ok(changes.len() as u64)
    }
}

impl House {
    fn with(subscription: Subscription) -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(at(0)),
            feeds: Mutex::new(vec![Feed {
                subscription,
                state: FeedState::default(),
            }]),
            rules: Mutex::default(),
            changes: Mutex::default(),
        })
    }

    fn patterns(&self) -> Vec<String> {
        let rules = self.rules.lock().unwrap();
        rules
            .values()
            .map(|(rule, _)| rule.pattern.clone())
            .collect()
    }

    fn state(&self) -> FeedState {
        self.feeds.lock().unwrap()[0].state.clone()
    }
}

/// A feed in a file, and a daemon that has subscribed to it.
struct Scene {
    folder: tempfile::TempDir,
    house: Arc<House>,
    feeds: Feeds,
}

impl Scene {
    fn new(change: impl FnOnce(&mut Subscription)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("feed.csv");
        let mut subscription = Subscription::of("spam", source.to_str().unwrap(), "spam");
        change(&mut subscription);
        let house = House::with(subscription);
        let feeds = Feeds::new(Arc::clone(&house) as _, folder.path().join("feeds"));
        Self {
            folder,
            house,
            feeds,
        }
    }

    fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("feed.csv"), text).unwrap();
    }

    fn refresh(&self, text: &str) -> Result<Refreshed, String> {
        self.write(text);
        self.feeds
            .refresh("spam", false)
            .map_err(|error| error.to_string())
    }
}

#[test]
fn a_feed_takes_the_place_of_its_predecessor() {
    let scene = Scene::new(|_| {});
    let first = scene.refresh("+491\n+49 2\n+492\n").unwrap();
    assert_eq!((first.counts, first.generation), (counts(2, 1, 0), Some(1)));
    assert_eq!(scene.house.patterns(), ["+491", "+49 2"]);
    let second = scene.refresh("number\n+492\n+493\n+494\n").unwrap();
    assert_eq!(
        second.summary,
        "2 added, 1 removed, 0 vanished and kept for a while, 0 back again"
    );
    assert_eq!(scene.house.patterns(), ["+49 2", "+493", "+494"]);
    assert!(
        scene
            .house
            .rules
            .lock()
            .unwrap()
            .values()
            .all(|(rule, _)| rule.list == "spam")
    );
    let same = scene.feeds.refresh("spam", false).unwrap();
    assert_eq!((same.is_changed, same.generation), (false, None));
    let reordered = scene.refresh("number\n+494\n+493\n+492\n#\n").unwrap();
    assert_eq!((reordered.is_changed, reordered.generation), (true, None));
    assert_eq!(
        std::fs::read_dir(scene.folder.path().join("feeds"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_broken_feed_changes_nothing() {
    let good: String = (100..200).map(|number| format!("+49{number}\n")).collect();
    let scene = Scene::new(|subscription| subscription.max_bytes = 5000);
    scene.refresh(&good).unwrap();
    let before = scene.house.patterns();
    let shrunk: String = (100..149).map(|number| format!("+49{number}\n")).collect();
    let spoilt = format!("{good}{}", "not a number\n".repeat(6));
    let rows = [
        ("shrank from 100 entries to 49", shrunk.clone()),
        ("the feed is empty", String::new()),
        ("the feed is empty", "# nothing\n\n".to_owned()),
        ("6 of 106 lines are not rules", spoilt),
        (
            "lines are not rules",
            "<html><body>Service unavailable</body></html>\n".to_owned(),
        ),
        ("no column of the first line", "a,b\n1,2\n".to_owned()),
        ("save the sheet as CSV", "PK\u{3}\u{4}...".to_owned()),
        ("larger than 5000 bytes", good.repeat(10)),
    ];
    for (failures, (expected, text)) in (1..).zip(rows) {
        let error = scene.refresh(&text).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(error.ends_with("what is in force stays"), "{error}");
        assert_eq!(scene.house.patterns(), before);
        let state = scene.house.state();
        assert_eq!((state.failures, state.entries), (failures, Some(100)));
        assert!(state.problem.unwrap().contains(expected));
    }
    std::fs::remove_file(scene.folder.path().join("feed.csv")).unwrap();
    let error = scene.feeds.refresh("spam", false).unwrap_err().to_string();
    assert!(error.contains("cannot read"), "{error}");

    scene.write(&shrunk);
    scene.feeds.refresh("spam", true).unwrap();
    assert_eq!(scene.house.patterns().len(), 49);
    assert_eq!(scene.house.state().problem, None);
    assert_eq!(
        scene.feeds.refresh("ham", false),
        Err(RefreshError::NotFound("ham".to_owned()))
    );
}

#[test]
fn vanished_entries_may_stay_for_a_while() {
    let scene = Scene::new(|subscription| subscription.keep = Some("30d".to_owned()));
    scene.refresh("+491\n+492\n").unwrap();
    let gone = scene.refresh("+492\n+493\n").unwrap();
    assert_eq!(
        gone.summary,
        "1 added, 0 removed, 1 vanished and kept for a while, 0 back again"
    );
    let until = at(30 * 86_400);
    assert_eq!(scene.house.rules.lock().unwrap()[&1].1, Some(until));
    *scene.house.now.lock().unwrap() = at(86_400);
    let still_gone = scene.refresh("+492\n+493\n+494\n").unwrap();
    assert_eq!(
        still_gone.summary,
        "1 added, 0 removed, 0 vanished and kept for a while, 0 back again"
    );
    assert_eq!(
        scene.house.rules.lock().unwrap()[&1].1,
        Some(until),
        "the first day counts"
    );
    let back = scene.refresh("+491\n+492\n").unwrap();
    assert_eq!(
        back.summary,
        "0 added, 0 removed, 2 vanished and kept for a while, 1 back again"
    );
    assert_eq!(scene.house.rules.lock().unwrap()[&1].1, None);
    *scene.house.now.lock().unwrap() = at(60 * 86_400);
    let ended = scene.refresh("+491\n+492\n# later\n").unwrap();
    assert_eq!(
        ended.summary,
        "0 added, 2 removed, 0 vanished and kept for a while, 0 back again"
    );
    assert_eq!(scene.house.patterns(), ["+491", "+492"]);
}

#[tokio::test]
async fn the_task_tries_what_is_due() {
    let scene = Scene::new(|_| {});
    scene.write("+491\n");
    let house = Arc::clone(&scene.house);
    let feeds = Arc::new(scene.feeds);
    let wake = Arc::new(tokio::sync::Notify::new());
    let task = tokio::spawn(Arc::clone(&feeds).run(Arc::clone(&wake)));
    let wait = async |expected: usize| {
        let deadline = Instant::now() + Duration::from_secs(5);
        while house.patterns().len() != expected {
            assert!(Instant::now() < deadline, "{:?}", house.state());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    wait(1).await;
    std::fs::write(scene.folder.path().join("feed.csv"), "+491\n+492\n").unwrap();
    *house.now.lock().unwrap() = at(3600);
    wake.notify_one();
    wait(2).await;
    task.abort();
}
