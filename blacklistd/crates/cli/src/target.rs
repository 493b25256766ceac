//! What a request is for: a path with names in it, followed by a query.

use std::fmt::Display;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A path and its query.
#[derive(Clone, Debug)]
pub(super) struct Target {
    text: String,
    has_query: bool,
}

impl Target {
    /// A path as given.
    pub(super) fn new(path: &str) -> Self {
        Self {
            text: path.to_owned(),
            has_query: false,
        }
    }

    /// One more part of the path, with any characters.
    pub(super) fn part(mut self, part: impl Display) -> Self {
        let part = part.to_string();
        self.text.push('/');
        self.text
            .extend(utf8_percent_encode(&part, NON_ALPHANUMERIC));
        self
    }

    /// One more key of the query.
    pub(super) fn key(mut self, key: &str, value: impl Display) -> Self {
        let value = value.to_string();
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(key);
        self.text.push('=');
        self.text
            .extend(utf8_percent_encode(&value, NON_ALPHANUMERIC));
        self
    }

    /// One more key, if there is a value.
    pub(super) fn maybe(self, key: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.key(key, value),
            None => self,
        }
    }

    /// One more key, if it is set.
    pub(super) fn flag(self, key: &str, is_set: bool) -> Self {
        self.maybe(key, is_set.then_some(true))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_holds_stays_in_its_place() {
        let target = Target::new("/v1/scopes")
            .part("number:+1/x y")
            .key("search", "50%&=ä")
            .maybe("limit", None::<u64>)
            .flag("force", true);
        assert_eq!(
            target.as_str(),
            "/v1/scopes/number%3A%2B1%2Fx%20y?search=50%25%26%3D%C3%A4&force=true"
        );
    }
}
