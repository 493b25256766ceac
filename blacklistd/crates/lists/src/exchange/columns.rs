//! Which column of a file holds which field of a rule: by the names in its first line, by an
//! operator's map (`number=Company_Phone_Number,comment=Subject`), or, in a plain list, the only
//! one.

use std::fmt;

use blacklist_model::words;
use strsim::jaro_winkler;

use super::ReadError;

words! {
    /// The field in a column, in the order in which columns are written.
    pub enum Field {
        /// The pattern.
        Pattern = "pattern",
        /// The list.
        List = "list",
        /// Block or allow.
        Kind = "kind",
        /// The scopes.
        Scope = "scope",
        /// The direction of calls.
        Direction = "direction",
        /// What happens to a call.
        Action = "action",
        /// Whether it takes precedence over allow rules of narrower scopes.
        Mandatory = "mandatory",
        /// Whether it is enabled.
        Enabled = "enabled",
        /// Start of validity.
        ValidFrom = "valid_from",
        /// End of validity.
        ValidUntil = "valid_until",
        /// Hours of the week at which it is in force.
        Schedule = "schedule",
        /// The dial plan by which the pattern is read.
        DialPlan = "dial_plan",
        /// A comment.
        Comment = "comment",
    }
}

impl Field {
    /// Common names of such a column, in lower case and with `_` for blanks.
    const fn known_names(self) -> &'static [&'static str] {
        match self {
            Self::Pattern => &[
                "pattern",
                "number",
                "caller",
                "phone",
                "phone_number",
                "phonenumber",
                "telephone",
                "telephone_number",
                "tel",
                "msisdn",
                "ani",
                "cli",
                "caller_id",
                "callerid",
                "caller_number",
                "calling_number",
                "company_phone_number",
                "e164",
                "nummer",
                "rufnummer",
                "telefonnummer",
                "numero",
                "prefix",
            ],
            Self::Comment => &[
                "comment",
                "comments",
                "note",
                "notes",
                "description",
                "remark",
                "subject",
                "reason",
                "kommentar",
            ],
            Self::Kind => &["kind", "type"],
            Self::List => &["list", "list_name"],
            Self::Scope => &["scope", "scopes"],
            Self::Direction => &["direction"],
            Self::Action => &["action"],
            Self::Mandatory => &["mandatory"],
            Self::Enabled => &["enabled", "active"],
            Self::ValidFrom => &["valid_from", "not_before", "starts"],
            Self::ValidUntil => &[
                "valid_until",
                "not_after",
                "until",
                "expires",
                "expiry",
                "expires_at",
            ],
            Self::Schedule => &["schedule"],
            Self::DialPlan => &["dial_plan"],
        }
    }

    /// Parses a common name.
    pub fn from_known_name(name: &str) -> Option<Self> {
        let plain = plain(name);
        Self::ALL
            .into_iter()
            .find(|field| field.known_names().contains(&plain.as_str()))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name as it is compared.
fn plain(name: &str) -> String {
    name.trim()
        .chars()
        .map(|character| match character {
            ' ' | '-' | '.' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// Which column holds which field: `FIELD=COLUMN,FIELD=COLUMN`. A column is named as in the first
/// line of the file, or counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap {
    pairs: Vec<(Field, String)>,
}

impl ColumnMap {
    /// Parses a map; `number=` and `caller=` are synonyms of `pattern=`.
    ///
    /// # Errors
    /// The syntax is wrong, a field is unknown or named twice, or the pattern is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pairs: Vec<(Field, String)> = Vec::new();
        for pair in text.split(',') {
            let (name, column) = pair.split_once('=').ok_or_else(|| {
                format!("\"{pair}\" is not a part of a map; write FIELD=COLUMN, such as number=Company_Phone_Number")
            })?;
            let field = Field::from_known_name(name).ok_or_else(|| unknown_field(name))?;
            if pairs.iter().any(|(known, _)| *known == field) {
                return Err(format!(
                    "the map names {field} twice; name one column for it"
                ));
            }
            if column.trim().is_empty() {
                return Err(format!("the map names no column for {field}"));
            }
            pairs.push((field, column.trim().to_owned()));
        }
        if !pairs.iter().any(|(field, _)| *field == Field::Pattern) {
            return Err("the map names no column for the number; add number=COLUMN".to_owned());
        }
        Ok(Self { pairs })
    }

    /// Whether every column is given by its number.
    fn is_counted(&self) -> bool {
        self.pairs
            .iter()
            .all(|(_, column)| column_number(column).is_some())
    }
}

impl fmt::Display for ColumnMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (field, column)) in self.pairs.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{field}={column}")?;
        }
        Ok(())
    }
}

fn column_number(column: &str) -> Option<usize> {
    column.parse::<usize>().ok().filter(|number| *number > 0)
}

fn unknown_field(name: &str) -> String {
    let plain = plain(name);
    let likeness = |field: Field| {
        let likeness = field
            .known_names()
            .iter()
            .map(|known| jaro_winkler(&plain, known));
        likeness.fold(0.0, f64::max)
    };
    let near = Field::ALL
        .into_iter()
        .map(|field| (likeness(field), field))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match near {
        Some((_, field)) => format!("a rule has no \"{name}\"; did you mean {field}?"),
        None => {
            let all: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
            format!("a rule has no \"{name}\"; known are {}", all.join(", "))
        }
    }
}

/// The column of each field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Column of each field, from 0.
    pub(super) places: Vec<(Field, usize)>,
    /// Whether the first line contains names.
    pub(super) has_header: bool,
}

impl Columns {
    /// Finds the columns by the first line. `has_header` is the operator's setting.
    pub(super) fn find(
        first: &[&str],
        map: Option<&ColumnMap>,
        has_header: Option<bool>,
    ) -> Result<Self, ReadError> {
        match map {
            Some(map) => Self::by_map(first, map, has_header),
            None => Self::by_names(first, has_header),
        }
    }

    fn by_map(
        first: &[&str],
        map: &ColumnMap,
        has_header: Option<bool>,
    ) -> Result<Self, ReadError> {
        let mut places = Vec::new();
        let mut is_named = false;
        for (field, column) in &map.pairs {
            let named = first
                .iter()
                .position(|name| name.trim() == column)
                .or_else(|| first.iter().position(|name| plain(name) == plain(column)))
                .filter(|_| has_header != Some(false));
            let place = match (named, column_number(column)) {
                (Some(place), _) => place,
                (None, Some(number)) if number <= first.len() => number - 1,
                _ => {
                    return Err(ReadError::Columns(format!(
                        "there is no column \"{column}\"; the first line has {}",
                        quoted(first)
                    )));
                }
            };
            is_named |= named.is_some();
            places.push((*field, place));
        }
        // Column numbers do not tell whether the first line is a header: it is one if it has no
        // number.
        let pattern = places.iter().find(|(field, _)| *field == Field::Pattern);
        let looks_like_names = pattern
            .and_then(|(_, place)| first.get(*place))
            .is_some_and(|cell| Field::from_known_name(cell) == Some(Field::Pattern));
        let has_header = has_header.unwrap_or(is_named || (map.is_counted() && looks_like_names));
        Ok(Self { places, has_header })
    }

    fn by_names(first: &[&str], has_header: Option<bool>) -> Result<Self, ReadError> {
        let mut places: Vec<(Field, usize)> = Vec::new();
        if has_header != Some(false) {
            for (place, name) in first.iter().enumerate() {
                if let Some(field) = Field::from_known_name(name)
                    && !places.iter().any(|(known, _)| *known == field)
                {
                    places.push((field, place));
                }
            }
        }
        let has_pattern = places.iter().any(|(field, _)| *field == Field::Pattern);
        if has_pattern {
            return Ok(Self {
                places,
                has_header: true,
            });
        }
        if first.len() == 1 {
            return Ok(Self {
                places: vec![(Field::Pattern, 0)],
                has_header: has_header.unwrap_or(false),
            });
        }
        Err(ReadError::Columns(format!(
            "no column of the first line is known to hold numbers: it has {}; name the columns, \
             such as --map number=COLUMN,comment=COLUMN, by name or counted from 1",
            quoted(first)
        )))
    }
}

fn quoted(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(40)
        .map(|name| format!("\"{}\"", name.trim().escape_debug()))
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(first: &[&str], map: &str, header: Option<bool>) -> Result<Columns, String> {
        let map = (!map.is_empty()).then(|| ColumnMap::parse(map).unwrap());
        Columns::find(first, map.as_ref(), header).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_found_by_name_map_or_count() {
        use Field::{Comment, Pattern, ValidUntil};
        type Row<'a> = (
            &'a [&'a str],
            &'a str,
            Option<bool>,
            &'a [(Field, usize)],
            bool,
        );
        let rows: &[Row<'_>] = &[
            (&["+4930123"], "", None, &[(Pattern, 0)], false),
            (&["Number"], "", None, &[(Pattern, 0)], true),
            (&["number"], "", Some(false), &[(Pattern, 0)], false),
            (&["blocked"], "", Some(true), &[(Pattern, 0)], true),
            (
                &["Name", "Phone Number", "Notes"],
                "",
                None,
                &[(Pattern, 1), (Comment, 2)],
                true,
            ),
            (&["a", "b"], "number=2", None, &[(Pattern, 1)], false),
            (&["a", "phone"], "number=2", None, &[(Pattern, 1)], true),
            (
                &["a", "phone"],
                "number=2",
                Some(false),
                &[(Pattern, 1)],
                false,
            ),
            (
                &["Company_Phone_Number", "Created_Date", "Subject"],
                "number=Company_Phone_Number,comment=Subject",
                None,
                &[(Pattern, 0), (Comment, 2)],
                true,
            ),
            (
                &["CALLER", "until"],
                "caller=caller,expires=UNTIL",
                None,
                &[(Pattern, 0), (ValidUntil, 1)],
                true,
            ),
        ];
        for (first, map, header, places, has_header) in rows {
            let found = find(first, map, *header).unwrap();
            assert_eq!(found.places, *places, "{first:?} {map}");
            assert_eq!(found.has_header, *has_header, "{first:?} {map}");
        }
    }

    #[test]
    fn columns_that_are_not_there_are_named() {
        let rows: &[(&[&str], &str, &str)] = &[
            (
                &["a", "b"],
                "",
                "no column of the first line is known to hold numbers: it has \"a\", \"b\"",
            ),
            (
                &["a", "b"],
                "number=c",
                "there is no column \"c\"; the first line has \"a\", \"b\"",
            ),
            (&["a", "b"], "number=3", "there is no column \"3\""),
        ];
        for (first, map, expected) in rows {
            let error = find(first, map, None).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn maps_are_refused_with_a_sentence() {
        let rows = [
            ("number", "\"number\" is not a part of a map"),
            ("numbr=a", "did you mean"),
            ("zzz=a", "known are pattern, list"),
            ("number=a,caller=b", "names pattern twice"),
            ("comment=a", "add number=COLUMN"),
            ("number=", "names no column for pattern"),
        ];
        for (map, expected) in rows {
            let error = ColumnMap::parse(map).unwrap_err();
            assert!(error.contains(expected), "{map}: {error}");
        }
        let map = ColumnMap::parse("number=Company_Phone_Number, comment=Subject").unwrap();
        assert_eq!(
            map.to_string(),
            "pattern=Company_Phone_Number,comment=Subject"
        );
        assert_eq!(ColumnMap::parse(&map.to_string()), Ok(map));
    }
}
