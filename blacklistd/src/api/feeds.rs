//! `/v1/feeds`: lists that somebody else keeps.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use blacklist_model::{Feed, FeedState, Refreshed, Subscription};
use blacklist_wire::{FeedList, FeedObject, FeedRemoved};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::{ApiError, Object};
use super::manner::ChangeRequest;
use crate::daemon::Shared;
use crate::feed::{RefreshError, next_try};
use crate::store::{Reading as _, RuleFilter};

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

fn feed_object(shared: &Shared, feed: Feed) -> Result<FeedObject, ApiError> {
    let filter = RuleFilter {
        origin: Some(format!("feed:{}", feed.subscription.name)),
        list: shared
            .names()
            .list_named(&feed.subscription.list)
            .map(|list| list.row.id),
        ..RuleFilter::default()
    };
    let every = feed.subscription.every().ok();
    let next = every
        .filter(|_| feed.subscription.enabled)
        .map(|every| next_try(&feed.state, every, jiff::Timestamp::now()).to_string());
    Ok(FeedObject {
        rules: shared.reader()?.count(&filter)?,
        next_try: next,
        feed,
    })
}

fn find(shared: &Shared, name: &str) -> Result<FeedObject, ApiError> {
    let feeds = shared.feed_list().map_err(ApiError::internal)?;
    let feed = feeds
        .into_iter()
        .find(|feed| feed.subscription.name == name)
        .ok_or_else(|| ApiError::from(RefreshError::NotFound(name.to_owned())))?;
    feed_object(shared, feed)
}

pub(super) async fn list(State(shared): State<Shared>) -> Result<Json<FeedList>, ApiError> {
    spawn_blocking(move || {
        let feeds = shared.feed_list().map_err(ApiError::internal)?;
        let feeds = feeds.into_iter().map(|feed| feed_object(&shared, feed));
        Ok(Json(FeedList {
            feeds: feeds.collect::<Result<_, _>>()?,
        }))
    })
    .await?
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Json<FeedObject>, ApiError> {
    spawn_blocking(move || Ok(Json(find(&shared, &name)?))).await?
}

pub(super) async fn add(
    change: ChangeRequest,
    Object(subscription): Object<Subscription>,
) -> Result<(StatusCode, Json<FeedObject>), ApiError> {
    change
        .make(move |shared, who, manner| {
            shared.put_feed(&subscription, false, who, manner)?;
            let feed = Feed {
                subscription,
                state: FeedState::default(),
            };
            Ok((StatusCode::CREATED, Json(feed_object(shared, feed)?)))
        })
        .await
}

/// Puts a whole subscription in place of the one with its name.
pub(super) async fn edit(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(subscription): Object<Subscription>,
) -> Result<Json<FeedObject>, ApiError> {
    if subscription.name != name {
        return Err(ApiError::bad_request(format!(
            "the feed {name} cannot have another name: add one and remove this"
        )));
    }
    change
        .make(move |shared, who, manner| {
            shared.put_feed(&subscription, true, who, manner)?;
            Ok(Json(find(shared, &name)?))
        })
        .await
}

pub(super) async fn remove(
    change: ChangeRequest,
    Path(name): Path<String>,
    Query(RemoveQuery { with_rules }): Query<RemoveQuery>,
) -> Result<Json<FeedRemoved>, ApiError> {
    change
        .make(move |shared, who, manner| {
            let changed = shared.remove_feed(&name, with_rules, who, manner)?;
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
    Path(name): Path<String>,
) -> Result<Json<Refreshed>, ApiError> {
    change
        .make(move |shared, _, manner| Ok(Json(shared.feeds().refresh(&name, manner.force)?)))
        .await
}
