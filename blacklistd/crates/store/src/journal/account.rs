use std::sync::Arc;

use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::rule::Action;
use blacklist_common::tables::Counter;

use super::passage::Passage;
use blacklist_figures::Shares;

/// What a sum counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// Packets with an outcome.
    Outcome(Outcome),
    /// Calls decided by a rule or a scope's default, by id in the slot table.
    Rule(u32),
    /// Calls decided by the rules of a list; list 0 is that of scopes' defaults.
    List(u32),
    /// Calls decided with an action.
    Action(Action),
    /// INVITEs of a trunk, by its name; the empty name is that of peers that belong to no trunk.
    Trunk(Arc<str>, Share),
    /// Calls that the companion was asked about; packets are questions.
    Companion(Passage),
    /// Calls that were held on the line; packets are seconds.
    Held,
    /// Blocked calls that are missing from the log.
    Lost,
    /// Calls that the kernel forgot before they were over.
    Forgotten,
    /// Retransmissions that are known to be counted as calls.
    Recounted,
    /// Rows written to the log.
    Logged,
}

impl Account {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Outcome(_) => "outcome",
            Self::Rule(_) => "rule",
            Self::List(_) => "list",
            Self::Action(_) => "action",
            Self::Trunk(..) => "trunk",
            Self::Companion(_) => "companion",
            Self::Held => "held",
            Self::Lost => "lost",
            Self::Forgotten => "forgotten",
            Self::Recounted => "recounted",
            Self::Logged => "logged",
        }
    }

    /// Adds its sum to the calls of both paths. Calls that the companion let through are not added,
    /// because the kernel counts them too.
    pub fn add_to(&self, shares: &mut Shares, sum: Counter) {
        match self {
            Self::Outcome(outcome) => shares.add_outcome(*outcome, sum),
            Self::Companion(passage) if passage.is_logged() => {
                passage
                    .share()
                    .into_iter()
                    .for_each(|share| shares.add(share, sum));
            }
            _ => {}
        }
    }

    pub(super) fn key(&self) -> String {
        match self {
            Self::Outcome(outcome) => outcome.as_str().to_owned(),
            Self::Rule(id) | Self::List(id) => id.to_string(),
            Self::Action(action) => action.as_str().to_owned(),
            Self::Trunk(name, share) => format!("{} {name}", share.as_str()),
            Self::Companion(passage) => passage.as_str().to_owned(),
            Self::Held | Self::Lost | Self::Forgotten | Self::Recounted | Self::Logged => {
                String::new()
            }
        }
    }

    /// Parses the words stored in the database; `None` for what a later version counts.
    pub(super) fn from_words(kind: &str, key: &str) -> Option<Self> {
        Some(match kind {
            "outcome" => Self::Outcome(find(&Outcome::ALL, key, |one| one.as_str())?),
            "rule" => Self::Rule(key.parse().ok()?),
            "list" => Self::List(key.parse().ok()?),
            "action" => Self::Action(find(&Action::ALL, key, |one| one.as_str())?),
            "trunk" => {
                let (share, name) = key.split_once(' ')?;
                Self::Trunk(name.into(), find(&Share::ALL, share, |one| one.as_str())?)
            }
            "companion" => Self::Companion(find(&Passage::ALL, key, |one| one.as_str())?),
            "held" => Self::Held,
            "lost" => Self::Lost,
            "forgotten" => Self::Forgotten,
            "recounted" => Self::Recounted,
            "logged" => Self::Logged,
            _ => return None,
        })
    }
}

fn find<T: Copy>(all: &[T], word: &str, as_str: impl Fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|one| as_str(*one) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_come_back_from_their_words() {
        let accounts = [
            Account::Outcome(Outcome::TooLong),
            Account::Rule(0x8000_0000),
            Account::List(0),
            Account::Action(Action::Monitor),
            Account::Trunk("a carrier".into(), Share::Blocked),
            Account::Trunk("".into(), Share::Ambiguous),
            Account::Companion(Passage::Diverted),
            Account::Held,
            Account::Lost,
            Account::Forgotten,
            Account::Recounted,
            Account::Logged,
        ];
        for account in accounts {
            let again = Account::from_words(account.kind(), &account.key());
            assert_eq!(again, Some(account));
        }
    }
}
