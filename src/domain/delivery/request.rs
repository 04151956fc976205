//! Requests to a target, still without HTTP and JSON, and the resources in its answers.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::attribute::Values;

/// The `id` of a resource at the target (RFC 7643 section 3.1); any text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(pub String);

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a resource is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    ExternalId,
    /// `userName`, or `displayName` of a group.
    Name,
    /// Every page of the list is read and compared with both: for targets without filters.
    List,
}

/// All members of a Team Share, for a PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// Those that are wished here.
    pub own: BTreeSet<RemoteId>,
    /// Those that nobody here knows.
    pub guests: BTreeSet<RemoteId>,
}

/// One request. A resource that is looked for comes without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Find(By),
    Read {
        id: RemoteId,
        members: bool,
    },
    Create {
        values: Values,
    },
    Patch {
        id: RemoteId,
        /// For `If-Match` (RFC 7644 section 3.14).
        etag: Option<String>,
        values: Values,
    },
    /// PUT: the resource as it was read, with these changes.
    Replace {
        over: Box<Seen>,
        values: Values,
        members: Option<Members>,
    },
    AddMembers {
        id: RemoteId,
        members: BTreeSet<RemoteId>,
    },
    RemoveMembers {
        id: RemoteId,
        members: BTreeSet<RemoteId>,
    },
    Delete {
        id: RemoteId,
    },
}

impl Request {
    /// Whether it changes something at the target.
    #[must_use]
    pub fn writes(&self) -> bool {
        !matches!(self, Self::Find(_) | Self::Read { .. })
    }
}

/// A resource as the target has shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: RemoteId,
    pub etag: Option<String>,
    /// The attributes that are delivered; `None` where the resource has no value.
    pub values: Values,
    /// `None`: not asked for, or not shown.
    pub members: Option<BTreeSet<RemoteId>>,
    /// The whole resource: a PUT keeps what nobody here knows.
    pub raw: serde_json::Value,
}
