//! The values that statements bind: integers, texts and blobs, which both databases have.

use crate::domain::account::AccountId;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::factor::FactorId;
use crate::domain::grant::GrantId;
use crate::domain::secret::{Hashed, Sealed};

#[derive(Clone)]
pub(in crate::store) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

/// The values of a statement, in the order of `$1`, `$2` ...
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$(crate::store::engine::value::Value::from($value)),*]
    };
}
pub(in crate::store) use values;

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        // PostgreSQL stores no NUL in a text. It is replaced for both databases, so that they store the same.
        let value = if value.contains('\0') { value.replace('\0', "\u{fffd}") } else { value };
        Self::Text(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        value.clone().into()
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Text(None), Self::from)
    }
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        value.clone().into()
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        value.map_or(Self::Text(None), Self::from)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(Some(value))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Blob(value)
    }
}

impl From<&AccountId> for Value {
    fn from(value: &AccountId) -> Self {
        Self::from(&value.0)
    }
}

impl From<&DirectoryId> for Value {
    fn from(value: &DirectoryId) -> Self {
        Self::from(&value.0)
    }
}

impl From<&GrantId> for Value {
    fn from(value: &GrantId) -> Self {
        Self::from(&value.0)
    }
}

impl From<&FactorId> for Value {
    fn from(value: &FactorId) -> Self {
        Self::from(&value.0)
    }
}

impl From<EntryId> for Value {
    fn from(value: EntryId) -> Self {
        value.to_string().into()
    }
}

impl From<&Hashed> for Value {
    fn from(value: &Hashed) -> Self {
        Self::Blob(Some(value.0.to_vec()))
    }
}

impl From<Option<&Hashed>> for Value {
    fn from(value: Option<&Hashed>) -> Self {
        Self::Blob(value.map(|hash| hash.0.to_vec()))
    }
}

impl From<&Sealed> for Value {
    fn from(value: &Sealed) -> Self {
        Self::Blob(Some(value.0.clone()))
    }
}
