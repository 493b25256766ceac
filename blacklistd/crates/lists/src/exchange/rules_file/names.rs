//! Names in a file: no list and no scope stands in it twice. Whether what a rule speaks of is there
//! is for those to say who know what is there already.

use std::collections::HashMap;

use super::{Placed, Problem, RulesFile};

impl RulesFile {
    /// Names that stand twice.
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
                text: format!(
                    "the {what} \"{name}\" stands on line {first} already; write it once"
                ),
            });
        }
    }
    problems
}
