//! `[directories.scope]`: what is synced from a directory.

use serde::{Deserialize, Serialize};

/// What is synced: selected OUs and groups, minus exclusions, minus what the filter rejects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeSettings {
    pub organizational_units: Vec<SelectedUnit>,
    /// Including the members of nested groups at any depth.
    pub groups: Vec<String>,
    /// OUs whose whole subtree is excluded, even if selected.
    pub exclude_organizational_units: Vec<String>,
    /// Groups whose members, at any depth, are excluded, even if selected.
    pub exclude_groups: Vec<String>,
    /// An LDAP filter that people must match as well; empty: none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filter: String,
}

/// How much of an OU is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    #[default]
    Subtree,
    /// Only the entries directly in it, without its sub-OUs.
    OneLevel,
}

/// One selected OU. In a file, a plain DN means the whole subtree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct SelectedUnit {
    pub dn: String,
    pub depth: Depth,
}

impl From<&str> for SelectedUnit {
    fn from(dn: &str) -> Self {
        Self { dn: dn.to_owned(), depth: Depth::Subtree }
    }
}

/// The two ways to write a selected OU.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Subtree(String),
    Table {
        dn: String,
        #[serde(default)]
        depth: Depth,
    },
}

impl From<Written> for SelectedUnit {
    fn from(written: Written) -> Self {
        match written {
            Written::Subtree(dn) => Self { dn, depth: Depth::Subtree },
            Written::Table { dn, depth } => Self { dn, depth },
        }
    }
}

impl From<SelectedUnit> for Written {
    fn from(unit: SelectedUnit) -> Self {
        match unit.depth {
            Depth::Subtree => Self::Subtree(unit.dn),
            Depth::OneLevel => Self::Table { dn: unit.dn, depth: unit.depth },
        }
    }
}
