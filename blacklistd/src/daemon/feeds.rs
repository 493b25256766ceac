//! The daemon as subscriptions see it, and changes of subscriptions.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::change::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use super::rows;
use blacklist_engine::{Finding, Naming, Severity};
use blacklist_lists::feed;
use blacklist_lists::feed::{FeedHost, FeedPlan, FeedRule, Feeds, RefreshError};
use blacklist_model::{
    Draft, Names as _, Refusal, Repetition, RuleId, RuleIdentity, RuleSpec, ScopeId, SeenRules,
    no_list,
};
use blacklist_model::{Feed, FeedState, Refreshed, Subscription};
use blacklist_store::rules::{ChangeKind, FeedRow, Reading as _, RuleFilter, RuleRow};

/// A feed is judged by its own limits; nobody is there to be warned.
const FORCED: ChangeOptions = ChangeOptions {
    force: true,
    dry_run: false,
};

/// Scopes of local numbers that are not there are numbered from here on; they are only compared.
const FIRST_UNUSED_SCOPE: ScopeId = ScopeId(1 << 31);

/// The origin of a feed's rules.
fn origin(name: &str) -> String {
    format!("feed:{name}")
}

/// What problems of a feed are noted by.
fn subject(name: &str) -> String {
    format!("feed {name}")
}

fn no_feed(name: &str) -> Refusal {
    Refusal::Unknown(format!(
        "there is no feed \"{name}\": see `blacklistd feed list`"
    ))
}

fn unreadable(name: &str, error: &serde_json::Error) -> String {
    format!("feed {name} in the rules' database cannot be read: {error}")
}

/// The daemon, as feeds see it.
struct Host(Arc<Changes>);

impl FeedHost for Host {
    fn now(&self) -> Timestamp {
        rows::whole_second()
    }

    fn feeds(&self) -> Result<Vec<Feed>, String> {
        all_of(&self.0)
    }

    fn save(&self, name: &str, state: &FeedState) -> Result<(), String> {
        let text = serde_json::to_string(state).map_err(|error| error.to_string())?;
        let problem = state.problem.as_ref();
        let problem = problem.map(|problem| format!("feed {name}: {problem}"));
        self.0.problems.note(&subject(name), problem);
        let store = self.0.rules.store.lock();
        store
            .save_feed_state(name, &text)
            .map_err(|error| error.to_string())
    }

    fn canonical(&self, rule: &RuleSpec) -> Result<String, String> {
        let configuration = self.0.settings.active();
        let rules = self.0.rules.in_force.read();
        let mut names = Naming::new(&rules, FIRST_UNUSED_SCOPE);
        let draft = Draft::from_spec(rule, configuration.dial_plans(), &mut names);
        let draft = draft.map_err(|refusal| refusal.to_string())?;
        let list = rules.list(draft.rule.list);
        let list = list.ok_or_else(|| no_list(&rule.list).to_string())?;
        let identity = RuleIdentity::of(&draft.rule, list);
        Ok(identity.key(|scope| names.scope_name(scope)))
    }

    fn held(&self, name: &str, take: &mut dyn FnMut(FeedRule)) -> Result<(), String> {
        let reader = self.0.rules.reader();
        let reader = reader.map_err(|error| error.to_string())?;
        let rules = self.0.rules.in_force.read();
        let names = Naming::new(&rules, FIRST_UNUSED_SCOPE);
        let filter = RuleFilter {
            origin: Some(origin(name)),
            ..RuleFilter::default()
        };
        let read = reader.for_each_rule(&filter, |row: RuleRow| {
            if let Some(list) = rules.list(row.list) {
                let rule = rows::rule(&row)?;
                let identity = RuleIdentity::of(&rule, list);
                take(FeedRule {
                    id: row.id.0,
                    key: identity.key(|scope| names.scope_name(scope)),
                    aged_until: row.valid_until,
                });
            }
            Ok::<(), ChangeError>(())
        });
        read.map_err(|error| ChangeError::from(error).to_string())
    }

    fn change(&self, name: &str, plan: FeedPlan) -> Result<u64, String> {
        let author = Author {
            name: "blacklistd".to_owned(),
            source: origin(name),
        };
        let summary = plan.summary();
        let changed = self
            .0
            .make(ChangeKind::Feed, &author, FORCED, |change| {
                let refused = change.take_feed(&self.0, name, plan)?;
                let refused = match refused {
                    0 => String::new(),
                    refused => format!(
                        ", {refused} refused (`blacklistd import --dry-run` of its file says why)"
                    ),
                };
                Ok(((), format!("feed {name}: {summary}{refused}")))
            })
            .map_err(|error| error.to_string())?;
        match changed.generation {
            Some(generation) => Ok(generation.number),
            None => Ok(self.0.enforcement.lock().kernel.generation()),
        }
    }
}

impl Change<'_> {
    fn take_feed(
        &mut self,
        changes: &Changes,
        name: &str,
        plan: FeedPlan,
    ) -> Result<usize, ChangeError> {
        let FeedPlan {
            add,
            remove,
            age,
            aged_until,
            revive,
        } = plan;
        let mut gone = Vec::with_capacity(remove.len());
        for id in remove {
            gone.push(self.rule(RuleId(id))?);
        }
        self.remove_rules(&gone)?;
        let ends = age.into_iter().map(|id| (id, aged_until));
        for (id, valid_until) in ends.chain(revive.into_iter().map(|id| (id, None))) {
            let before = self.rule(RuleId(id))?;
            let after = RuleRow {
                valid_until,
                ..before.clone()
            };
            self.put_rule(Some(&before), &after)?;
        }
        let mut drafts: Vec<Draft> = Vec::with_capacity(add.len());
        let mut seen = SeenRules::default();
        let mut overlapping = 0;
        for spec in &add {
            let draft = self.draft(spec)?;
            let in_file = self.repetition(&mut seen, &draft, 0)?;
            // What somebody else has put into the list already needs no second rule.
            let is_covered = changes
                .rules
                .in_force
                .read()
                .repeated(&draft.rule)
                .map(|(_, covered)| covered);
            match (in_file, is_covered) {
                (Repetition::Covered(_), _) | (_, Some(true)) => {}
                (Repetition::Overlaps(_), _) | (_, Some(false)) => overlapping += 1,
                (Repetition::New, None) => drafts.push(draft),
            }
        }
        self.add_rules(drafts, &origin(name))?;
        // A number that must not be blocked does not keep the rest of a feed out.
        let (refusals, warnings): (Vec<Finding>, Vec<Finding>) = self
            .lint(changes)
            .into_iter()
            .partition(|finding| finding.severity == Severity::Refuse);
        let refused: HashSet<RuleId> = refusals.iter().filter_map(|finding| finding.rule).collect();
        self.withdraw(&refused)?;
        self.set_findings(warnings);
        Ok(refused.len() + overlapping)
    }
}

/// All subscriptions with what became of them.
fn all_of(changes: &Changes) -> Result<Vec<Feed>, String> {
    let reader = changes.rules.reader().map_err(|error| error.to_string())?;
    let rows: Vec<FeedRow> = reader.all().map_err(|error| error.to_string())?;
    let mut feeds = Vec::with_capacity(rows.len());
    for FeedRow { name, subscription } in rows {
        let state = reader
            .feed_state(&name)
            .map_err(|error| error.to_string())?;
        feeds.push(Feed {
            subscription: serde_json::from_str(&subscription)
                .map_err(|error| unreadable(&name, &error))?,
            state: match state {
                Some(text) => {
                    serde_json::from_str(&text).map_err(|error| unreadable(&name, &error))?
                }
                None => FeedState::default(),
            },
        });
    }
    Ok(feeds)
}

/// The subscriptions, and what fetches them.
pub(crate) struct Subscriptions {
    changes: Arc<Changes>,
    feeds: Arc<Feeds>,
    /// Notified when a subscription was changed.
    changed: Arc<Notify>,
}

impl Subscriptions {
    pub(super) fn new(changes: Arc<Changes>) -> Self {
        let folder = changes.rules.directory().join("feeds");
        Self {
            feeds: Arc::new(Feeds::new(Arc::new(Host(changes.clone())), folder)),
            changes,
            changed: Arc::new(Notify::new()),
        }
    }

    /// Fetches feeds when they are due, for ever.
    pub(crate) async fn run(self: Arc<Self>) {
        self.feeds.clone().run(self.changed.clone()).await;
    }

    /// Fetches a feed at once.
    ///
    /// # Errors
    /// There is no such feed, or what it has is not taken.
    pub(crate) fn refresh(&self, name: &str, is_forced: bool) -> Result<Refreshed, RefreshError> {
        self.feeds.refresh(name, is_forced)
    }

    /// All subscriptions with what became of them.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn all(&self) -> Result<Vec<Feed>, String> {
        all_of(&self.changes)
    }

    /// Adds a subscription, or puts it in place of the one with its name.
    ///
    /// # Errors
    /// It is refused; nothing is changed.
    pub(crate) fn put(
        &self,
        subscription: &Subscription,
        replace: bool,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<()>, ChangeError> {
        feed::judge_subscription(subscription).map_err(ChangeError::Input)?;
        let name = &subscription.name;
        let kind = if replace {
            ChangeKind::FeedEdit
        } else {
            ChangeKind::FeedAdd
        };
        let changed = self.changes.make(kind, author, options, |change| {
            let there = change.store().get::<FeedRow>(name)?.is_some();
            if there && !replace {
                return Err(Refusal::Conflict(format!(
                    "there is a feed {name} already: remove it first, or give this one another name"
                ))
                .into());
            }
            if !there && replace {
                return Err(no_feed(name).into());
            }
            if change.list(&subscription.list).is_none() {
                return Err(no_list(&subscription.list).into());
            }
            change
                .configuration()
                .dial_plans()
                .find(subscription.dial_plan.as_deref())?;
            let text = serde_json::to_string(subscription)
                .map_err(|error| ChangeError::Input(error.to_string()))?;
            let row = FeedRow {
                name: name.clone(),
                subscription: text,
            };
            change.put_feed(name, Some(&row))?;
            let verb = if replace { "changed" } else { "added" };
            Ok(((), format!("feed {name} was {verb}")))
        })?;
        self.changed.notify_one();
        Ok(changed)
    }

    /// Ends a subscription; its rules stay unless they are to go with it. Returns how many went.
    ///
    /// # Errors
    /// There is no such feed.
    pub(crate) fn remove(
        &self,
        name: &str,
        with_rules: bool,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<u64>, ChangeError> {
        let changed = self
            .changes
            .make(ChangeKind::FeedRemove, author, options, |change| {
                if change.store().get::<FeedRow>(&name.to_owned())?.is_none() {
                    return Err(no_feed(name).into());
                }
                let mut removed = 0;
                if with_rules {
                    let filter = RuleFilter {
                        origin: Some(origin(name)),
                        ..RuleFilter::default()
                    };
                    let rules = change.rules_of(&filter)?;
                    change.remove_rules(&rules)?;
                    removed = rules.len() as u64;
                }
                change.put_feed(name, None)?;
                Ok((removed, format!("feed {name} was removed")))
            })?;
        if !options.dry_run {
            self.changes.problems.note(&subject(name), None);
        }
        self.changed.notify_one();
        Ok(changed)
    }
}
