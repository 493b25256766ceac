//! Figures of a measurement, for people or as one JSON object. The same form as that of the
//! measurements of the package `tests`.

use serde_json::{Value, json};

/// Rows and goals in the order in which they were measured.
#[derive(Debug)]
pub(crate) struct Figures {
    name: &'static str,
    rows: Vec<Value>,
    goals: Vec<Value>,
    notes: Vec<String>,
    text: String,
}

/// On which side of its limit a goal is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    AtLeast(f64),
    Below(f64),
}

impl Limit {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(limit) => value >= limit,
            Self::Below(limit) => value < limit,
        }
    }

    const fn words(self) -> (&'static str, &'static str, f64) {
        match self {
            Self::AtLeast(limit) => ("at_least", "at least", limit),
            Self::Below(limit) => ("below", "below", limit),
        }
    }
}

impl Figures {
    /// No figures yet; `name` is the measurement's.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            rows: Vec::new(),
            goals: Vec::new(),
            notes: Vec::new(),
            text: String::new(),
        }
    }

    /// Begins a section of the table.
    pub(super) fn section(&mut self, name: &str) {
        self.text.push_str(&format!("\n{name}\n"));
    }

    /// Adds a figure; it is told at once, because measuring takes its time.
    pub(super) fn row(&mut self, name: &str, unit: &str, figure: f64) {
        let figure = rounded(figure);
        eprintln!("{name}: {figure:.3} {unit}");
        self.text
            .push_str(&format!("  {name:<72} {figure:>14.3} {unit}\n"));
        self.rows
            .push(json!({"name": name, "value": figure, "unit": unit}));
    }

    /// Adds a sentence about how it was measured.
    pub(super) fn note(&mut self, sentence: &str) {
        eprintln!("{sentence}");
        self.text.push_str(&format!("  {sentence}\n"));
        self.notes.push(sentence.to_owned());
    }

    /// Adds a goal. A figure that there is none of misses it.
    pub(super) fn goal(&mut self, measure: &str, value: Option<f64>, limit: Limit) {
        let value = value.map(rounded);
        let is_met = value.is_some_and(|value| limit.is_met(value));
        let (key, words, bound) = limit.words();
        let mut goal = json!({"measure": measure, "value": value, "met": is_met});
        if let Some(goal) = goal.as_object_mut() {
            goal.insert(key.to_owned(), json!(bound));
        }
        self.goals.push(goal);
        let word = if is_met { "met" } else { "missed" };
        let seen = value.map_or("not measured".to_owned(), |value| value.to_string());
        self.text.push_str(&format!(
            "  goal: {measure}: {seen} ({words} {bound}): {word}\n"
        ));
    }

    /// Prints all.
    pub(crate) fn print(&self, json: bool) {
        if json {
            println!(
                "{}",
                json!({"name": self.name, "rows": self.rows, "goals": self.goals, "notes": self.notes})
            );
        } else {
            println!("{}", self.text);
        }
    }
}

fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_on_its_side_of_the_limit() {
        let rows = [
            ("above", Some(1.5), Limit::AtLeast(1.0), true),
            ("at it", Some(1.0), Limit::AtLeast(1.0), true),
            ("under", Some(0.9), Limit::AtLeast(1.0), false),
            ("below", Some(4.9), Limit::Below(5.0), true),
            ("not below", Some(5.0), Limit::Below(5.0), false),
            ("not measured", None, Limit::Below(5.0), false),
        ];
        for (name, value, limit, met) in rows {
            let mut figures = Figures::new("test");
            figures.goal(name, value, limit);
            let goal = figures.goals.first().unwrap();
            assert_eq!(goal.get("met"), Some(&json!(met)), "{name}");
        }
    }
}
