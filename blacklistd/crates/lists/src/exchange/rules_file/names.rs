//! Checks that no list and no scope occurs twice in a file. Whether the names in rules exist is
//! checked by the caller.

use std::collections::HashMap;

use super::{Placed, Problem, RulesFile};

impl RulesFile {
    /// The names that occur twice.
    pub(super) fn repeated(&self) -> Vec<Problem> {
        let mut problems = repeated(&self.lists, |list| &list.name, "list");
        problems.extend(repeated(&self.scopes, |scope| &scope.name, "scope"));
        problems
    }
}

fn repeated<T>(placed: &[Placed<T>], name: impl Fn(&T) -> &str, what: &str) -> Vec<Problem> {
    let mut lines = HashMap::new();
    let mut problems = Vec::new();
    for one in placed {
        let name = name(&one.value);
        let first = *lines.entry(name).or_insert(one.line);
        if first != one.line {
            problems.push(Problem {
                line: one.line,
                text: format!("the {what} \"{name}\" is already on line {first}; write it once"),
            });
        }
    }
    problems
}
