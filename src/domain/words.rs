//! Enums that are stored, and printed as JSON, as one word for each variant.

/// Defines such an enum: `pub enum Name { Variant = "word", … }`.
macro_rules! words {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$note])* $variant,)+
        }

        impl $name {
            /// All words.
            #[allow(dead_code)]
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in the store and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Parses the word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|one| one.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&word).ok_or_else(|| serde::de::Error::custom(format!("{word:?} is unknown")))
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    words! {
        /// A direction.
        pub enum Direction {
            Up = "up",
            FarDown = "far_down",
        }
    }

    #[test]
    fn each_word_is_read_as_it_was_written() {
        for one in [Direction::Up, Direction::FarDown] {
            assert_eq!(Direction::parse(one.as_str()), Some(one));
            let json = serde_json::to_string(&one).expect("JSON");
            assert_eq!(json, format!("\"{one}\""));
            assert_eq!(serde_json::from_str::<Direction>(&json).expect("a word"), one);
        }
        assert_eq!(Direction::parse("FarDown"), None);
        assert!(serde_json::from_str::<Direction>("\"far\"").is_err());
    }
}
