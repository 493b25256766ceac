//! `[answering.media]`, `[answering.torment]`, `[answering.pin]` and `[[answering.target]]`, key by
//! key.

use serde::Deserialize;
use toml::Spanned;

use super::spec::built_in;

/// `[answering.media]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MediaSpec {
    pub(super) enabled: bool,
    pub(super) first_port: Spanned<i64>,
    pub(super) last_port: Spanned<i64>,
    pub(super) leg_port: Spanned<i64>,
    pub(super) maximum_calls: Spanned<i64>,
    pub(super) early: bool,
    pub(super) language: Spanned<String>,
    pub(super) prompts: Spanned<String>,
}

impl Default for MediaSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            first_port: built_in(30_000),
            last_port: built_in(30_999),
            leg_port: built_in(25_059),
            maximum_calls: built_in(200),
            early: true,
            language: built_in("en".to_owned()),
            prompts: built_in(String::new()),
        }
    }
}

/// `[answering.torment]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TormentSpec {
    pub(super) minutes: Spanned<i64>,
    pub(super) maximum_calls: Spanned<i64>,
    pub(super) maximum_minutes_per_day: Spanned<i64>,
    pub(super) maximum_minutes_per_caller: Spanned<i64>,
}

impl Default for TormentSpec {
    fn default() -> Self {
        Self {
            minutes: built_in(5),
            maximum_calls: built_in(20),
            maximum_minutes_per_day: built_in(600),
            maximum_minutes_per_caller: built_in(60),
        }
    }
}

/// `[answering.pin]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PinSpec {
    pub(super) early: bool,
    pub(super) tries: Spanned<i64>,
    pub(super) proxy: Spanned<String>,
    pub(super) grant_minutes: Spanned<i64>,
}

impl Default for PinSpec {
    fn default() -> Self {
        Self {
            early: true,
            tries: built_in(3),
            proxy: built_in(String::new()),
            grant_minutes: built_in(0),
        }
    }
}

/// `[[answering.target]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TargetSpec {
    pub(super) name: Spanned<String>,
    pub(super) addresses: Spanned<Vec<Spanned<String>>>,
    pub(super) method: Spanned<String>,
    pub(super) answer_within_seconds: Spanned<i64>,
    pub(super) fallback: Spanned<String>,
}

impl Default for TargetSpec {
    fn default() -> Self {
        Self {
            name: built_in(String::new()),
            addresses: built_in(Vec::new()),
            method: built_in("leg".to_owned()),
            answer_within_seconds: built_in(10),
            fallback: built_in("reject".to_owned()),
        }
    }
}
