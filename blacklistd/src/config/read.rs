//! From text to [`Spec`]. Serde stops at the first mistake; here each one is noted, taken out of
//! the parsed document and the rest is read again, so that an operator sees all of them at once.

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

use super::spec::Spec;
use blacklist_problems::{Problems, remove_from_table, sentence};

/// Mistakes that are listed at most; behind them the file is of another kind.
const MAXIMUM_MISTAKES: usize = 100;

/// Reads the text; what cannot be read is noted and has its default.
pub(super) fn read(text: &str, problems: &mut Problems) -> Spec {
    let (mut document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        problems.add(error.span().unwrap_or(0..0), sentence(error.message()));
    }
    for _ in 0..MAXIMUM_MISTAKES {
        let error = match Spec::deserialize(Deserializer::from(document.clone())) {
            Ok(spec) => return spec,
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        problems.add(span.clone(), sentence(error.message()));
        if !remove_from_table(document.get_mut(), &span) {
            break;
        }
    }
    Spec::default()
}
