//! Rows as text: a line each, with columns between `|`. A line that begins with `#` is a comment, a
//! line such as `[calls]` a heading.

use anyhow::{Context as _, Result};

/// The columns of each row.
pub(crate) fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().map(str::trim);
    let rows = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| row.split('|').map(str::trim).collect())
}

/// The rows under a heading.
pub(crate) fn under<'a>(text: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = text
        .split_once(&format!("\n[{heading}]\n"))
        .with_context(|| format!("there are no rows under [{heading}]"))?;
    Ok(rest.split("\n[").next().unwrap_or(rest))
}

/// The words of a command; those between single quotes are one.
pub(crate) fn words(command: &str) -> Vec<&str> {
    let parts = command.split('\'').enumerate();
    let words = parts.map(|(place, part)| match place % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_columns_and_headings() {
        let text = "# all\n\n[a]\none | | 3\n# none\n two|2\n\n[b]\nthree\n";
        let a = under(text, "a").unwrap();
        assert_eq!(
            rows(a).collect::<Vec<_>>(),
            [vec!["one", "", "3"], vec!["two", "2"]]
        );
        let b = under(text, "b").unwrap();
        assert_eq!(rows(b).collect::<Vec<_>>(), [["three"]]);
        assert!(under(text, "c").is_err());
    }

    #[test]
    fn quoted_words_are_one() {
        let command = "add '(312) 555' --comment ''  x";
        assert_eq!(words(command), ["add", "(312) 555", "--comment", "", "x"]);
    }
}
