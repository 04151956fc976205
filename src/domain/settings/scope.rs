//! `[directories.scope]`: what of a directory is synced.

use serde::{Deserialize, Serialize};

/// What of a directory is synced: the union of OUs and groups, minus the exclusions, and of these whom the filter lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeSettings {
    /// Selected OUs.
    pub organizational_units: Vec<SelectedUnit>,
    /// Groups, with the members of the groups inside them at any depth.
    pub groups: Vec<String>,
    /// OUs whose whole subtree stays outside, whatever selects it.
    pub exclude_organizational_units: Vec<String>,
    /// Groups whose members, at any depth, stay outside, whatever selects them.
    pub exclude_groups: Vec<String>,
    /// An LDAP filter that people must pass besides; empty: none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filter: String,
}

/// How much of an OU is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// All that lies below it.
    #[default]
    Subtree,
    /// What lies directly in it, and nothing of the OUs inside it.
    OneLevel,
}

/// One selected OU. In a file a plain DN stands for the whole subtree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct SelectedUnit {
    /// Its DN.
    pub dn: String,
    /// How much of it.
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
