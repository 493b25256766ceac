//! The rows of the demo, out of `calls.txt`: who calls whom in which spelling, and what should become
//! of it. How a row becomes a message is in `message`.

use anyhow::{Result, bail};

use crate::rows::{rows, under, words};

const TABLE: &str = include_str!("calls.txt");
/// The SBC's main number.
const MAIN: &str = "+13125550100";

/// What should become of a call; the rule that names it, if one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Dropped, by this rule.
    Blocked(&'static str),
    /// Answered, because of this rule if there is one.
    Through(Option<&'static str>),
    /// Answered, and logged as what this rule would have blocked.
    Watched(&'static str),
}

/// Where a call comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A trunk that is only believed its From.
    Carrier4,
    /// The same over IPv6.
    Carrier6,
    /// A trunk whose asserted identities are believed.
    Trusted,
}

/// How the message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As every client writes it.
    Plain,
    /// The same, by our own sender, which knows how often it sent.
    Counted,
    /// With a P-Asserted-Identity of this number.
    Asserted(&'static str),
    /// `f:`, `t:`, `i:`, `m:`, `l:`.
    Compact,
    /// From on a line of its own after a fold.
    Folded,
    /// `fRoM :` with blanks and tabs.
    Blanks,
    /// A display name that looks like another address.
    Display(&'static str),
    /// With a To tag: a request inside a dialog.
    InDialog,
    /// With a Subject that names this number as if it were a From.
    Subject(&'static str),
}

/// A call to be placed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) from: Origin,
    /// The caller's user part, or a whole URI if it has a scheme.
    pub(crate) caller: &'static str,
    /// The called user part.
    pub(crate) called: &'static str,
    pub(crate) shape: Shape,
    pub(crate) expected: Expected,
}

/// The rules by their names, and what `rule add` is given for each.
pub(crate) fn rules() -> Result<Vec<(&'static str, Vec<&'static str>)>> {
    let rows = rows(under(TABLE, "rules")?);
    rows.map(|row| match *row {
        [name, arguments] => Ok((name, words(arguments))),
        _ => bail!("a rule has two columns: {}", row.join(" | ")),
    })
    .collect()
}

/// Every call of the demo.
pub(crate) fn calls() -> Result<Vec<Row>> {
    rows(under(TABLE, "calls")?)
        .map(|row| Row::of(&row))
        .collect()
}

impl Row {
    fn of(row: &[&'static str]) -> Result<Self> {
        let [name, caller, called, expected, more @ ..] = row else {
            bail!("a call has four columns: {}", row.join(" | "));
        };
        Ok(Self {
            name,
            from: match more.first().copied().unwrap_or_default() {
                "" => Origin::Carrier4,
                "ipv6" => Origin::Carrier6,
                "trusted" => Origin::Trusted,
                other => bail!("a call from nowhere: {other}"),
            },
            caller,
            called: if called.is_empty() { MAIN } else { called },
            shape: Shape::of(more.get(1).copied().unwrap_or("plain"))?,
            expected: Expected::of(expected)?,
        })
    }
}

impl Shape {
    fn of(text: &'static str) -> Result<Self> {
        Ok(match text.split_once(' ').unwrap_or((text, "")) {
            ("plain", _) => Self::Plain,
            ("counted", _) => Self::Counted,
            ("asserted", number) => Self::Asserted(number),
            ("compact", _) => Self::Compact,
            ("folded", _) => Self::Folded,
            ("blanks", _) => Self::Blanks,
            ("display", number) => Self::Display(number),
            ("in-dialog", _) => Self::InDialog,
            ("subject", number) => Self::Subject(number),
            _ => bail!("a call is not written so: {text}"),
        })
    }
}

impl Expected {
    fn of(text: &'static str) -> Result<Self> {
        Ok(match text.split_once(": ") {
            None if text == "through" => Self::Through(None),
            Some(("through", rule)) => Self::Through(Some(rule)),
            Some(("blocked", rule)) => Self::Blocked(rule),
            Some(("watched", rule)) => Self::Watched(rule),
            _ => bail!("this does not become of a call: {text}"),
        })
    }

    /// The rule that should name the call.
    pub(crate) fn rule(self) -> Option<&'static str> {
        match self {
            Self::Through(rule) => rule,
            Self::Blocked(rule) | Self::Watched(rule) => Some(rule),
        }
    }

    /// Whether the call should be dropped.
    pub(crate) fn is_blocked(self) -> bool {
        matches!(self, Self::Blocked(_))
    }

    /// Whether the daemon should log the call.
    pub(crate) fn is_logged(self) -> bool {
        matches!(self, Self::Blocked(_) | Self::Watched(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_read_and_its_rule_is_there() {
        let rules = rules().unwrap();
        for call in calls().unwrap() {
            let rule = call.expected.rule();
            assert!(
                rule.is_none_or(|rule| rules.iter().any(|(name, _)| *name == rule)),
                "{call:?}"
            );
        }
    }
}
