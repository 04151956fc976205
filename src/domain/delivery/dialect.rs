//! What a target can do. The default is what every target understands; what it announces only adds to that.

use serde::{Deserialize, Serialize};

/// How PATCH is written (RFC 7644 section 3.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchForm {
    /// One operation for each attribute, with its path.
    WithPath,
    /// One operation without a path, with all attributes as its value.
    WithoutPath,
}

/// How `active` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveForm {
    Boolean,
    /// `"true"` and `"false"`.
    Text,
}

/// The abilities of one target (RFC 7643 section 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dialect {
    /// `None`: PUT instead.
    pub patch: Option<PatchForm>,
    /// How many attributes one PATCH may change; `None`: any number.
    pub attributes_per_patch: Option<u32>,
    pub active: ActiveForm,
    /// Whether resources can be looked for by a filter.
    pub filter: bool,
    /// Whether it compares `If-Match`.
    pub etag: bool,
    /// The most resources on one page.
    pub page: u32,
    /// The most members in one request.
    pub members_per_request: u32,
}

/// AWS IAM Identity Center takes no more members in one request.
pub const MEMBERS: u32 = 100;

/// Resources on one page, if the target names no limit.
pub const PAGE: u32 = 100;

impl Default for Dialect {
    fn default() -> Self {
        Self {
            patch: None,
            attributes_per_patch: None,
            active: ActiveForm::Boolean,
            filter: false,
            etag: false,
            page: PAGE,
            members_per_request: MEMBERS,
        }
    }
}
