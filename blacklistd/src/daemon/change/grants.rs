//! Grants given and revoked.

use std::time::Duration;

use blacklist_common::tables::GrantKey;
use jiff::{SignedDuration, Timestamp};

use super::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use crate::daemon::rows;
use blacklist_engine::Mutation;
use blacklist_model::{NO_DIAL_PLAN, Refusal, read_number};
use blacklist_store::rules::{ChangeKind, GrantRow};

/// How long a grant for one call holds: the kernel does not say of each call that passes whether a
/// grant let it, and repetitions of its INVITE, also those with credentials, need it too.
const ONCE: Duration = Duration::from_secs(60);
/// The longest time; who wants more revokes it themselves.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// How long a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// For this time, in whole seconds.
    For(Duration),
    /// For one call: a minute.
    Once,
    /// Until somebody revokes it.
    UntilRevoked,
}

impl Lifetime {
    /// When one ends that begins at `now`.
    fn until(self, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let length = match self {
            Self::For(length) => length,
            Self::Once => ONCE,
            Self::UntilRevoked => return Ok(None),
        };
        if length.as_secs() == 0 || length > LONGEST {
            return Err(Refusal::Invalid(
                "a grant holds for a second to 366 days, or until it is revoked".to_owned(),
            ));
        }
        let seconds = i64::try_from(length.as_secs()).unwrap_or_default();
        now.checked_add(SignedDuration::from_secs(seconds))
            .map(Some)
            .map_err(|error| Refusal::Invalid(error.to_string()))
    }
}

/// A grant as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GrantRequest {
    /// The party inside.
    pub(crate) local: String,
    /// The party outside.
    pub(crate) remote: String,
    /// Dial plan by which both are read; `none` for none, the default one if it is not named.
    pub(crate) dial_plan: Option<String>,
    /// How long it holds.
    pub(crate) lifetime: Lifetime,
}

impl Changes {
    /// Lets two parties call each other for a while, whatever the rules say; numbers and names in
    /// their canonical spelling, as an explanation has them. `by` says why: `the right PIN`. It is on disk and in the kernel when this returns; it blocks meanwhile.
    ///
    /// # Errors
    /// One of the two is not a number or name (a caller without a number gets no grant: it would be
    /// everybody's who has none), there are too many, or the store or the kernel refused.
    pub(in crate::daemon) fn grant(
        &self,
        local: &str,
        remote: &str,
        lifetime: Lifetime,
        by: &str,
    ) -> Result<GrantRow, ChangeError> {
        let request = GrantRequest {
            local: local.to_owned(),
            remote: remote.to_owned(),
            dial_plan: Some(NO_DIAL_PLAN.to_owned()),
            lifetime,
        };
        let author = Author {
            name: by.to_owned(),
            source: "call".to_owned(),
        };
        let changed = self.add_grant(&request, &author, ChangeOptions::default())?;
        Ok(changed.value)
    }

    /// Adds a grant; one of the same parties gets another end.
    ///
    /// # Errors
    /// As [`Self::grant`].
    pub(crate) fn add_grant(
        &self,
        request: &GrantRequest,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<GrantRow>, ChangeError> {
        self.make(ChangeKind::GrantAdd, author, options, |change| {
            let row = change.put_grant(request, author)?;
            let until = match row.until {
                Some(time) => format!("until {time}"),
                None => "until it is revoked".to_owned(),
            };
            let summary = format!(
                "grant {}: {} and {} may call each other {until}",
                row.id, row.local, row.remote
            );
            Ok((row, summary))
        })
    }

    /// Ends grants.
    ///
    /// # Errors
    /// There is none with one of these ids; nothing is changed.
    pub(crate) fn revoke_grants(
        &self,
        ids: &[u64],
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<Vec<GrantRow>>, ChangeError> {
        self.make(ChangeKind::GrantRevoke, author, options, |change| {
            let mut revoked = Vec::new();
            for id in ids {
                revoked.push(change.revoke_grant(*id)?);
            }
            let texts: Vec<String> = revoked
                .iter()
                .map(|row| format!("{} of {} and {}", row.id, row.local, row.remote))
                .collect();
            let summary = format!("revoked: grant {}", texts.join(", grant "));
            Ok((revoked, summary))
        })
    }
}

impl Change<'_> {
    fn put_grant(
        &mut self,
        request: &GrantRequest,
        author: &Author,
    ) -> Result<GrantRow, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration
            .dial_plans()
            .find(request.dial_plan.as_deref())?;
        let (local, local_number) = read_number(&request.local, &plan, "local number")?;
        let (remote, remote_number) = read_number(&request.remote, &plan, "remote number")?;
        let made = rows::whole_second();
        let row = GrantRow {
            id: self.store.grant_id()?,
            local: local.into(),
            remote: remote.into(),
            until: request.lifetime.until(made)?,
            once: request.lifetime == Lifetime::Once,
            made,
            author: author.name.clone(),
        };
        self.store.put_grant(&row)?;
        let (_, end) = rows::grant(&row)?;
        let pair = GrantKey {
            local: local_number,
            remote: remote_number,
        };
        self.mutations.push(Mutation::PutGrant(pair, end));
        Ok(row)
    }

    fn revoke_grant(&mut self, id: u64) -> Result<GrantRow, ChangeError> {
        let Some(row) = self.store.remove_grant(id)? else {
            return Err(Refusal::Unknown(format!(
                "there is no grant {id}, or it is over: see `blacklistd grant list`"
            ))
            .into());
        };
        let (pair, _) = rows::grant(&row)?;
        self.mutations.push(Mutation::RemoveGrant(pair));
        Ok(row)
    }
}
