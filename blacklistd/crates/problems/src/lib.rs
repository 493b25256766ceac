//! Mistakes in TOML files written by operators, collected with their lines and reported all at
//! once.

mod sentence;

use std::ops::Range;

pub use sentence::{nearest, remove_from_table, sentence};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: String,
}

/// The mistakes found so far in a text.
pub struct Problems {
    ends_of_lines: Vec<usize>,
    list: Vec<Problem>,
}

impl Problems {
    /// An empty collection for a text.
    pub fn new(text: &str) -> Self {
        Self {
            ends_of_lines: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
            list: Vec::new(),
        }
    }

    /// The line of an offset in the text, from 1.
    pub fn line(&self, at: usize) -> usize {
        1 + self.ends_of_lines.partition_point(|end| *end < at)
    }

    /// Adds a mistake at a position in the text.
    pub fn add(&mut self, span: Range<usize>, text: impl Into<String>) {
        let problem = Problem {
            line: self.line(span.start),
            text: text.into(),
        };
        if !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }

    /// Number of mistakes.
    pub const fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All mistakes, together with `others`, sorted by line.
    pub fn into_sorted(mut self, others: impl IntoIterator<Item = Problem>) -> Vec<Problem> {
        self.list.extend(others);
        self.list.sort_by_key(|problem| problem.line);
        self.list
    }
}
