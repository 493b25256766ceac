//! Enums whose variants are words: each word is defined once, for display, JSON, the database and
//! the command line.

/// An enum whose variants are words.
pub trait Word: Copy + Send + Sync + 'static {
    /// All variants, each with its word and its meaning.
    const WORDS: &'static [(Self, &'static str, &'static str)];
}

/// Defines an enum whose variants are words. `--help` shows a variant's comment.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident $(default $default:ident)? {
        $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $name {
            /// All variants.
            $visibility const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// Its word.
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The variant of a word.
            $visibility fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        $(impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        })?

        impl $crate::Word for $name {
            const WORDS: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$variant, $word, concat!($($doc,)*))),*];
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word: std::borrow::Cow<'de, str> =
                    $crate::serde::Deserialize::deserialize(deserializer)?;
                Self::from_word(&word).ok_or_else(|| {
                    $crate::serde::de::Error::unknown_variant(&word, &[$($word),*])
                })
            }
        }
    };
}
