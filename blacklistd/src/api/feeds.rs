//! `/v1/feeds`: lists that somebody else keeps.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use blacklist_model::{Feed, FeedState, Refreshed, Subscription};
use blacklist_wire::{FeedList, FeedObject, FeedRemoved};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{RulesState, Subscriptions};
use blacklist_lists::feed::{RefreshError, next_try};
use blacklist_store::rules::{Reading as _, RuleFilter};
use blacklist_system::clock;

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct RemoveQuery {
    #[serde(default)]
    with_rules: bool,
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match &error {
            RefreshError::NotFound(_) => Self::not_found(error.to_string()),
            RefreshError::Kept { .. } => Self::conflict(error.to_string()),
        }
    }
}

fn feed_object(rules: &RulesState, feed: Feed) -> Result<FeedObject, ApiError> {
    let filter = RuleFilter {
        origin: Some(format!("feed:{}", feed.subscription.name)),
        list: rules
            .names()
            .list_named(&feed.subscription.list)
            .map(|list| list.row.id),
        ..RuleFilter::default()
    };
    let every = feed.subscription.every().ok();
    let next = every
        .filter(|_| feed.subscription.enabled)
        .map(|every| next_try(&feed.state, every, clock::now()).to_string());
    Ok(FeedObject {
        rules: rules.reader()?.count(&filter)?,
        next_try: next,
        feed,
    })
}

fn find(
    subscriptions: &Subscriptions,
    rules: &RulesState,
    name: &str,
) -> Result<FeedObject, ApiError> {
    let feeds = subscriptions.all().map_err(ApiError::internal)?;
    let feed = feeds
        .into_iter()
        .find(|feed| feed.subscription.name == name)
        .ok_or_else(|| ApiError::from(RefreshError::NotFound(name.to_owned())))?;
    feed_object(rules, feed)
}

pub(super) async fn list(
    State(subscriptions): State<Arc<Subscriptions>>,
    State(rules): State<Arc<RulesState>>,
) -> Result<Json<FeedList>, ApiError> {
    spawn_blocking(move || {
        let feeds = subscriptions.all().map_err(ApiError::internal)?;
        let feeds = feeds.into_iter().map(|feed| feed_object(&rules, feed));
        Ok(Json(FeedList {
            feeds: feeds.collect::<Result<_, _>>()?,
        }))
    })
    .await?
}

pub(super) async fn show(
    State(subscriptions): State<Arc<Subscriptions>>,
    State(rules): State<Arc<RulesState>>,
    Path(name): Path<String>,
) -> Result<Json<FeedObject>, ApiError> {
    spawn_blocking(move || Ok(Json(find(&subscriptions, &rules, &name)?))).await?
}

pub(super) async fn add(
    change: ChangeRequest,
    State(subscriptions): State<Arc<Subscriptions>>,
    Object(subscription): Object<Subscription>,
) -> Result<(StatusCode, Json<FeedObject>), ApiError> {
    change
        .make(move |changes, author, options| {
            subscriptions.put(&subscription, false, author, options)?;
            let feed = Feed {
                subscription,
                state: FeedState::default(),
            };
            Ok((
                StatusCode::CREATED,
                Json(feed_object(&changes.rules, feed)?),
            ))
        })
        .await
}

/// Puts a whole subscription in place of the one with its name.
pub(super) async fn edit(
    change: ChangeRequest,
    State(subscriptions): State<Arc<Subscriptions>>,
    Path(name): Path<String>,
    Object(subscription): Object<Subscription>,
) -> Result<Json<FeedObject>, ApiError> {
    if subscription.name != name {
        return Err(ApiError::bad_request(format!(
            "the feed {name} cannot have another name: add one and remove this"
        )));
    }
    change
        .make(move |changes, author, options| {
            subscriptions.put(&subscription, true, author, options)?;
            Ok(Json(find(&subscriptions, &changes.rules, &name)?))
        })
        .await
}

pub(super) async fn remove(
    change: ChangeRequest,
    State(subscriptions): State<Arc<Subscriptions>>,
    Path(name): Path<String>,
    Query(RemoveQuery { with_rules }): Query<RemoveQuery>,
) -> Result<Json<FeedRemoved>, ApiError> {
    change
        .make(move |_, author, options| {
            let changed = subscriptions.remove(&name, with_rules, author, options)?;
            Ok(Json(FeedRemoved {
                name,
                removed_rules: changed.value,
            }))
        })
        .await
}

/// Tries a feed at once; `?force=true` takes over what has shrunk.
pub(super) async fn run(
    change: ChangeRequest,
    State(subscriptions): State<Arc<Subscriptions>>,
    Path(name): Path<String>,
) -> Result<Json<Refreshed>, ApiError> {
    change
        .make(move |_, _, options| Ok(Json(subscriptions.refresh(&name, options.force)?)))
        .await
}
