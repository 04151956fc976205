//! Cursors: how far a change feed has been read. A cursor is typed, durable and only moves forward. A cursor
//! that no longer fits the server causes a full read, so that no change is lost.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The ways to learn of changes, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// Active Directory's replication of changes (MS-ADTS 3.1.1.3.4.1.3).
    DirSync,
    /// Active Directory's per-server change counter, with tombstones (MS-ADTS 3.1.1.3.4.1.14).
    UsnChanged,
    /// Content synchronisation (RFC 4533), refreshAndPersist.
    SyncRepl,
    /// All entries are read and compared.
    FullScan,
}

impl FeedKind {
    /// The name to display.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DirSync => "DirSync",
            Self::UsnChanged => "uSNChanged",
            Self::SyncRepl => "syncrepl",
            Self::FullScan => "full scan",
        }
    }

    /// Parses the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::DirSync, Self::UsnChanged, Self::SyncRepl, Self::FullScan];
        all.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for FeedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far one server's changes have been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// `host:port`, for display.
    pub server: String,
    pub position: Position,
}

/// A position in the order of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// DirSync: the server's cookie; the other fields show whether the server is still the same one.
    DirSync {
        cookie: Vec<u8>,
        /// Of the server's database; a restored database has a different one (MS-ADTS 3.1.1.1.9).
        invocation_id: Uuid,
        /// `highestCommittedUSN` when the cookie was received: a smaller one later means that an older
        /// database was restored.
        usn: i64,
    },
    /// uSNChanged: all changes up to this number are known.
    UsnChanged {
        /// Of the server's database.
        invocation_id: Uuid,
        usn: i64,
    },
    /// RFC 4533: the server's cookie.
    SyncRepl {
        cookie: Vec<u8>,
    },
    FullScan,
}

impl Position {
    /// The feed that the position belongs to.
    #[must_use]
    pub fn feed(&self) -> FeedKind {
        match self {
            Self::DirSync { .. } => FeedKind::DirSync,
            Self::UsnChanged { .. } => FeedKind::UsnChanged,
            Self::SyncRepl { .. } => FeedKind::SyncRepl,
            Self::FullScan => FeedKind::FullScan,
        }
    }
}

/// A short form for the sync log, enough to see progress.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DirSync { invocation_id, usn, .. } | Self::UsnChanged { invocation_id, usn } => {
                write!(f, "{} at {}", usn, &invocation_id.to_string()[..8])
            }
            Self::SyncRepl { cookie } => f.write_str(&String::from_utf8_lossy(cookie)),
            Self::FullScan => f.write_str("-"),
        }
    }
}
