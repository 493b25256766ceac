//! The five tables of which one is seen, and what was set for each.

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pane {
    /// Rules that decide most.
    Rules,
    /// Callers of most blocked calls.
    Callers,
    /// Called parties of most blocked calls.
    Called,
    /// Blocked calls.
    Calls,
    /// Calls that passed.
    Seen,
}

impl Pane {
    /// In the order of their keys.
    pub(super) const ALL: [Self; 5] = [
        Self::Rules,
        Self::Callers,
        Self::Called,
        Self::Calls,
        Self::Seen,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Callers => "callers",
            Self::Called => "called",
            Self::Calls => "blocked calls",
            Self::Seen => "seen",
        }
    }

    /// Where nothing is there.
    pub(super) const fn nothing(self) -> &'static str {
        match self {
            Self::Rules => "no rule has decided a call yet",
            Self::Callers | Self::Called => "no call has been blocked today",
            Self::Calls => "no call has been blocked",
            Self::Seen => "no call has passed since blacklistd began",
        }
    }

    /// Of the key 1 to 5.
    pub(super) fn of_key(key: char) -> Option<Self> {
        let place = key.to_digit(10)?.checked_sub(1)?;
        Self::ALL.get(usize::try_from(place).ok()?).copied()
    }

    /// So many further, round and round.
    fn further(self, steps: usize) -> Self {
        let mut round = Self::ALL.into_iter().cycle();
        round.by_ref().find(|pane| *pane == self);
        round.nth(steps.saturating_sub(1)).unwrap_or(self)
    }

    pub(super) fn next(self) -> Self {
        self.further(1)
    }

    pub(super) fn previous(self) -> Self {
        self.further(Self::ALL.len() - 1)
    }
}

/// What was set for a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The column that it is sorted by.
    pub(super) sort: usize,
    pub(super) is_reversed: bool,
    /// What a row must have in it.
    pub(super) filter: String,
    /// The selected row's key; none for whatever row is the first.
    pub(super) selected: Option<String>,
    /// Its last place, if it is gone.
    pub(super) place: usize,
}

impl Settings {
    fn sorted_by(sort: usize) -> Self {
        Self {
            sort,
            ..Self::default()
        }
    }
}

/// The settings of all tables.
#[derive(Clone, Debug)]
pub(super) struct AllSettings {
    rules: Settings,
    callers: Settings,
    called: Settings,
    calls: Settings,
    seen: Settings,
}

impl Default for AllSettings {
    /// What is busiest now comes first, or what is newest.
    fn default() -> Self {
        Self {
            rules: Settings::sorted_by(4),
            callers: Settings::sorted_by(1),
            called: Settings::sorted_by(1),
            calls: Settings::default(),
            seen: Settings::default(),
        }
    }
}

impl AllSettings {
    pub(super) const fn of(&self, pane: Pane) -> &Settings {
        match pane {
            Pane::Rules => &self.rules,
            Pane::Callers => &self.callers,
            Pane::Called => &self.called,
            Pane::Calls => &self.calls,
            Pane::Seen => &self.seen,
        }
    }

    pub(super) const fn of_mut(&mut self, pane: Pane) -> &mut Settings {
        match pane {
            Pane::Rules => &mut self.rules,
            Pane::Callers => &mut self.callers,
            Pane::Called => &mut self.called,
            Pane::Calls => &mut self.calls,
            Pane::Seen => &mut self.seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_follow_each_other_in_a_ring() {
        assert_eq!(Pane::Rules.next(), Pane::Callers);
        assert_eq!(Pane::Seen.next(), Pane::Rules);
        assert_eq!(Pane::Rules.previous(), Pane::Seen);
        assert_eq!(Pane::Calls.previous(), Pane::Called);
        assert_eq!(Pane::of_key('1'), Some(Pane::Rules));
        assert_eq!(Pane::of_key('5'), Some(Pane::Seen));
        for key in ['0', '6', 'x'] {
            assert_eq!(Pane::of_key(key), None, "{key}");
        }
    }
}
