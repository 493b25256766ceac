//! Arguments that are one of some words.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use blacklist_model::Word;

/// Reads one of the words of an enum; `--help` says what each of them means.
pub(super) fn word<T: Word>() -> impl TypedValueParser<Value = T> {
    let values = T::WORDS.iter().map(|(_, word, meaning)| {
        PossibleValue::new(*word).help(meaning.trim().trim_end_matches('.'))
    });
    PossibleValuesParser::new(values).try_map(|text: String| {
        let found = T::WORDS.iter().find(|(_, word, _)| *word == text);
        found
            .map(|(value, ..)| *value)
            .ok_or("there is no such word")
    })
}
