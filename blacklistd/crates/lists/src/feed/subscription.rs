//! Where a subscription's lines come from and how they are read, and what no subscription may ask for.

use std::path::PathBuf;

use blacklist_model::{Subscription, judge_name};

use crate::exchange::{ColumnMap, CsvSettings, TextEncoding, delimiter_from_name};

/// Where a feed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An HTTP or HTTPS URL.
    Web(String),
    /// A local file.
    File(PathBuf),
}

/// Judges what can be judged without fetching it. Whether list and dial plan exist is for the
/// caller to say.
///
/// # Errors
/// A sentence.
pub fn judge_subscription(subscription: &Subscription) -> Result<(), String> {
    judge_name(&subscription.name, "a feed").map_err(|refusal| refusal.to_string())?;
    source(subscription)?;
    subscription.every()?;
    subscription.keep()?;
    settings(subscription)?;
    if subscription.max_bad > 100 || subscription.max_shrink > 100 {
        return Err("max_bad and max_shrink are percentages: 100 at most".to_owned());
    }
    if subscription.max_bytes == 0 {
        return Err("max_bytes is 0: no feed is that small".to_owned());
    }
    Ok(())
}

/// How it is read.
///
/// # Errors
/// A sentence about map, delimiter or encoding.
pub(super) fn settings(subscription: &Subscription) -> Result<CsvSettings, String> {
    Ok(CsvSettings {
        delimiter: subscription
            .delimiter
            .as_deref()
            .map(delimiter_from_name)
            .transpose()?,
        encoding: match &subscription.encoding {
            Some(name) => TextEncoding::from_name(name)?,
            None => TextEncoding::Detect,
        },
        has_header: None,
        map: subscription
            .map
            .as_deref()
            .map(ColumnMap::parse)
            .transpose()?,
    })
}

/// Where it comes from.
pub(super) fn source(subscription: &Subscription) -> Result<Source, String> {
    let source = subscription.source.trim();
    let scheme = source
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => Ok(Source::Web(source.to_owned())),
        Some("file") => file(source.get(7..).unwrap_or_default()),
        Some(other) => Err(format!(
            "a feed cannot be fetched by {other}; write http://, https:// or the path of a file"
        )),
        None => file(source),
    }
}

fn file(path: &str) -> Result<Source, String> {
    let path = PathBuf::from(path);
    if path.is_absolute() {
        Ok(Source::File(path))
    } else {
        Err(format!(
            "\"{}\" is neither a URL nor a whole path; write http://, https:// or a path from /",
            path.display()
        ))
    }
}
