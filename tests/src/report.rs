//! Figures of a measurement, for people or as one JSON object.

use serde_json::{Value, json};

/// Rows and goals in the order in which they were measured.
#[derive(Debug)]
pub struct Report {
    name: &'static str,
    rows: Vec<Value>,
    goals: Vec<Value>,
    text: String,
}

impl Report {
    /// No figures yet; `name` is the measurement's.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            rows: Vec::new(),
            goals: Vec::new(),
            text: String::new(),
        }
    }

    /// Begins a section of the table.
    pub fn section(&mut self, name: &str) {
        self.text.push_str(&format!("\n{name}\n"));
    }

    /// Adds a figure; it is told at once, because measuring takes its time.
    pub fn row(&mut self, name: &str, unit: &str, figure: f64) {
        let figure = (figure * 1000.0).round() / 1000.0;
        eprintln!("{name}: {figure:.3} {unit}");
        self.text
            .push_str(&format!("  {name:<72} {figure:>14.3} {unit}\n"));
        self.rows
            .push(json!({"name": name, "value": figure, "unit": unit}));
    }

    /// Adds a goal.
    pub fn at_most(&mut self, measure: &str, value: f64, limit: f64) {
        let value = value.round();
        self.goals.push(json!({
            "measure": measure,
            "value": value,
            "at_most": limit,
            "met": value <= limit,
        }));
        let word = if value <= limit { "met" } else { "missed" };
        self.text.push_str(&format!(
            "  goal: {measure}: {value} (at most {limit}): {word}\n"
        ));
    }

    /// Prints all.
    pub fn print(&self, json: bool) {
        if json {
            println!(
                "{}",
                json!({"name": self.name, "rows": self.rows, "goals": self.goals})
            );
        } else {
            println!("{}", self.text);
        }
    }
}
