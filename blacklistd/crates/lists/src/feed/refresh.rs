//! One attempt to refresh a feed: fetch, read, decide, change.

use std::collections::HashSet;
use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use blacklist_model::{FeedState, LineCounts, Refreshed, Subscription};

use crate::exchange::{CsvReader, MergeError, Rejects, read_all};

use super::decision::{Staged, judge};
use super::fetch::{Fetched, Fetcher, Validators};
use super::host::FeedHost;
use super::plan::FeedPlan;
use super::subscription::{settings, source};
use blacklist_system::files;

/// All feeds of the daemon.
pub struct Feeds {
    pub(super) host: Arc<dyn FeedHost>,
    fetcher: Fetcher,
    folder: PathBuf,
    /// One feed at a time: concurrent attempts would undo each other.
    turn: Mutex<()>,
}

/// Why a try has changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// There is no such feed.
    #[error("there is no feed \"{0}\": see `blacklistd feed list`")]
    NotFound(String),
    /// The feed or the daemon failed.
    #[error("feed {name}: {reason}; what is in force stays")]
    Kept {
        /// The feed.
        name: String,
        /// Why.
        reason: String,
    },
}

/// Bad lines that are returned.
const SHOWN: usize = 20;

impl Feeds {
    /// Fetched feeds are stored in `folder` while they are read.
    pub fn new(host: Arc<dyn FeedHost>, folder: PathBuf) -> Self {
        Self {
            host,
            fetcher: Fetcher::default(),
            folder,
            turn: Mutex::new(()),
        }
    }

    /// Refreshes a feed; blocks until it is done. `is_forced` accepts a feed that has shrunk, and
    /// one that its source calls unchanged. The result is stored in any case.
    ///
    /// # Errors
    /// Nothing was changed; the error says why.
    pub fn refresh(&self, name: &str, is_forced: bool) -> Result<Refreshed, RefreshError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = |reason| RefreshError::Kept {
            name: name.to_owned(),
            reason,
        };
        let feeds = self.host.feeds().map_err(kept)?;
        let Some(feed) = feeds
            .into_iter()
            .find(|feed| feed.subscription.name == name)
        else {
            return Err(RefreshError::NotFound(name.to_owned()));
        };
        let mut state = feed.state;
        let result = self.attempt(&feed.subscription, &mut state, is_forced);
        state.tried_at = Some(self.host.now());
        match &result {
            Ok(_) => {
                state.good_at = state.tried_at;
                state.failures = 0;
                state.problem = None;
            }
            Err(reason) => {
                state.failures = state.failures.saturating_add(1);
                state.problem = Some(reason.clone());
            }
        }
        self.host.save(name, &state).map_err(kept)?;
        result.map_err(kept)
    }

    fn attempt(
        &self,
        subscription: &Subscription,
        state: &mut FeedState,
        is_forced: bool,
    ) -> Result<Refreshed, String> {
        let known = Validators {
            etag: state.etag.clone().filter(|_| !is_forced),
            last_modified: state.last_modified.clone().filter(|_| !is_forced),
        };
        let staging = Staging::at(&self.folder, &subscription.name)?;
        let source = source(subscription)?;
        let fetched = self
            .fetcher
            .fetch(&source, &known, subscription.max_bytes, &staging.path)
            .map_err(|error| error.to_string())?;
        let validators = match fetched {
            Fetched::Unchanged => {
                return Ok(Refreshed {
                    name: subscription.name.clone(),
                    is_changed: false,
                    counts: LineCounts::default(),
                    bad_lines: Vec::new(),
                    summary: "unchanged".to_owned(),
                    generation: None,
                });
            }
            Fetched::New(validators) => validators,
        };
        let refreshed = self.take_over(subscription, state.entries, &staging.path, is_forced)?;
        state.etag = validators.etag;
        state.last_modified = validators.last_modified;
        state.entries = Some(refreshed.counts.rules);
        state.bad_lines = refreshed.counts.bad;
        Ok(refreshed)
    }

    /// Reads the fetched file twice: to judge it, and to take what is new. So memory grows by 16
    /// bytes per entry, whatever their length.
    fn take_over(
        &self,
        subscription: &Subscription,
        previous: Option<u64>,
        staged: &Path,
        is_forced: bool,
    ) -> Result<Refreshed, String> {
        let keys = Keys::default();
        let mut fresh = HashSet::new();
        let mut rejects = Rejects::new(b"", None);
        let counts = self.read(subscription, staged, &mut rejects, |key, _| {
            fresh.insert(keys.of(key));
        })?;
        judge(subscription, previous, Staged { counts }, is_forced)?;

        let now = self.host.now();
        let keep = subscription.keep()?;
        let mut plan = FeedPlan {
            aged_until: (!keep.is_zero()).then(|| now.checked_add(keep).unwrap_or(now)),
            ..FeedPlan::default()
        };
        self.host.held(&subscription.name, &mut |held| {
            plan.held(&held, &keys.of(&held.key), &mut fresh, now);
        })?;
        if !fresh.is_empty() {
            self.read(
                subscription,
                staged,
                &mut Rejects::new(b"", None),
                |key, rule| {
                    if fresh.remove(&keys.of(key)) {
                        plan.add.push(rule);
                    }
                },
            )?;
        }
        let summary = plan.summary();
        let generation = if plan.is_empty() {
            None
        } else {
            Some(self.host.change(&subscription.name, plan)?)
        };
        let mut bad_lines = rejects.into_shown();
        bad_lines.truncate(SHOWN);
        Ok(Refreshed {
            name: subscription.name.clone(),
            is_changed: true,
            counts,
            bad_lines,
            summary,
            generation,
        })
    }

    fn read(
        &self,
        subscription: &Subscription,
        staged: &Path,
        rejects: &mut Rejects<'_>,
        mut take: impl FnMut(&str, blacklist_model::RuleSpec),
    ) -> Result<LineCounts, String> {
        let file = files::open(staged).map_err(|error| error.to_string())?;
        let mut reader = CsvReader::open(file, subscription.base(), &settings(subscription)?)
            .map_err(|error| error.to_string())?;
        let host = &self.host;
        read_all(
            &mut reader,
            rejects,
            |rule| {
                let key = host.canonical(&rule)?;
                Ok((key.clone(), (key, rule)))
            },
            |_, (key, rule)| {
                take(&key, rule);
                Ok::<(), Infallible>(())
            },
        )
        .map_err(|error| match error {
            MergeError::File(error) => error.to_string(),
            MergeError::Taker(never) => match never {},
        })
    }
}

/// Identities, hashed to 128 bits.
#[derive(Default)]
struct Keys(RandomState, RandomState);

impl Keys {
    fn of(&self, key: &str) -> u128 {
        u128::from(self.0.hash_one(key)) << 64 | u128::from(self.1.hash_one(key))
    }
}

/// The file that holds a feed while it is read; deleted when dropped.
struct Staging {
    path: PathBuf,
}

impl Staging {
    fn at(folder: &Path, name: &str) -> Result<Self, String> {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        Ok(Self {
            path: folder.join(format!("{name}.new")),
        })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // It may not exist; a leftover file is overwritten by the next attempt.
        let _ = files::remove(&self.path);
    }
}
