//! The mirror of the directories: every person, group and container as a feed last reported it, the
//! memberships, and how far the feed has been read. A page and its cursor are one transaction. Each writing
//! transaction compares and increments the mirror's version: a writer that lost its lease writes nothing.
//!
//! People who changed, or whose groups did, are `dirty`: they wait to be judged; the changes to their
//! accounts and the fact that they were judged are written together.
//!
//! - `directory_groups`: the groups of a directory by the mirror
//! - `dirty`: mark people who must be judged again
//! - `edges`: write memberships
//! - `gone`: remove objects and their names
//! - `groups`: copy the groups into `directory_groups`
//! - `logins`: the short names of people
//! - `moves`: move everything below an object that moved
//! - `objects`: write objects that are new or changed
//! - `page`: write one page of a feed
//! - `people`: read people with their groups
//! - `reported`: a reported object in the columns of the mirror
//! - `settle`: record who was judged, and the consequences
//! - `state`: how far a directory has been read
//! - `stored`: read the stored objects that a page reports
//! - `units`: read where people and containers lie
//! - `writer`: a page that is being written

mod dirty;
mod edges;
mod gone;
mod groups;
mod logins;
mod moves;
mod objects;
mod page;
mod people;
mod reported;
mod settle;
mod state;
mod stored;
mod units;
mod writer;

pub use people::{MirroredPerson, QueuePlace};
pub use settle::SettledPerson;
pub(in crate::store) use settle::{account_rewritten, emails_freed, forget, settle, touch};
pub(in crate::store) use state::is_at;
pub use units::{PlacedKind, PlacedObject};

use crate::domain::Millis;
use crate::domain::cursor::Cursor;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Member;

use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Cells;
use crate::store::engine::value::Value;

/// If more groups than this must be read again, everything is.
pub const MOST_REREAD: usize = 1_000;

/// The result for a writer that names the version of the mirror which it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a writer that was overtaken must stop"]
pub enum Fenced<T> {
    /// Written; the version is one higher.
    Done(T),
    /// Another writer was first (or another scan is in progress): nothing was written.
    Overtaken,
}

/// The number of a full scan; 0 before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScanId(pub i64);

/// How far a directory has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorState {
    /// The number of writing transactions.
    pub version: i64,
    /// How far the changes have been read; `None` before the first complete scan.
    pub cursor: Option<Cursor>,
    /// When nothing was left to read, the last time.
    pub caught_up_at: Option<Millis>,
    pub scanned_at: Option<Millis>,
    /// The scan that is in progress, or was interrupted.
    pub scan: Option<ScanState>,
    /// The fingerprint of the scope settings by which everybody was judged, or waits to be.
    pub judged_by: Option<String>,
    /// Why everything must be read despite a cursor: the consequences of an earlier read were not all
    /// processed.
    pub full_read_due: Option<String>,
    /// Orphaned accounts are still to be judged.
    pub orphans_due: bool,
    /// The groups have changed since [`crate::store::SyncStore::refresh_directory_groups`].
    pub groups_stale: bool,
    /// The attributes of people that the last complete scan has requested.
    pub attributes: Option<String>,
}

/// A scan that is in progress, or was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanState {
    pub id: ScanId,
    /// The directory's position when the scan began.
    pub from: Cursor,
    /// How many objects it has shown.
    pub seen: u64,
    pub started_at: Millis,
}

/// A scan that may begin to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    pub id: ScanId,
    /// It was interrupted before: what it has written is not written again.
    pub resumed: bool,
    /// How many objects it has shown already.
    pub seen: u64,
}

/// What a page changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirrored {
    pub reported: u64,
    /// Objects that were new or changed.
    pub written: u64,
    /// Objects that are gone.
    pub gone: u64,
    /// Memberships that were added or removed.
    pub edges: u64,
    /// Groups or their nesting changed: see [`crate::store::SyncStore::refresh_directory_groups`].
    pub groups_changed: bool,
    /// Groups that list an old name of an object that was renamed, moved or deleted: the server may have
    /// rewritten them without reporting it, so read them again. In a scan only with people: groups come
    /// first.
    pub reread: Vec<EntryId>,
    /// More than [`MOST_REREAD`] of them, or a container is gone but not its content: read everything again.
    pub too_many: bool,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirroredKind {
    Person,
    Group,
    /// An OU, a container or a domain.
    Container,
}

impl MirroredKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Group => "group",
            Self::Container => "container",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Person, Self::Group, Self::Container].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An id as the tables store it.
fn id_value(id: EntryId) -> Value {
    id.0.as_bytes().to_vec().into()
}

/// Reads an id.
fn id_cell(cells: Cells<'_>, column: &'static str) -> Result<EntryId> {
    cells.parsed(column, |bytes: Vec<u8>| uuid::Uuid::from_slice(&bytes).ok().map(EntryId))
}

/// A member as the tables store it: the bytes of the id, the path of the name, or a short name.
fn member_bytes(member: &Member) -> Vec<u8> {
    match (member.login(), EntryId::from_entry_uuid(&member.0)) {
        (Some(login), _) => login_bytes(login).unwrap_or_default(),
        (None, Some(id)) => id.0.as_bytes().to_vec(),
        (None, None) => crate::domain::dn::path_of_key(&member.0),
    }
}

/// A short name: prefixed by a zero byte, with which no path begins, and of odd length, which no id has.
/// `None` for an invalid one.
fn login_bytes(login: &str) -> Option<Vec<u8>> {
    let login = login.trim();
    if login.is_empty() || login.contains('\0') {
        return None;
    }
    let mut bytes = [&[0], login.as_bytes()].concat();
    if bytes.len() % 2 == 0 {
        bytes.push(0);
    }
    Some(bytes)
}

fn is_login(member: &[u8]) -> bool {
    member.first() == Some(&0) && member_id(member).is_none()
}

/// Sixteen bytes are an id: no person or group has a name with a path that short.
fn member_id(member: &[u8]) -> Option<EntryId> {
    uuid::Uuid::from_slice(member).ok().map(EntryId)
}

/// The end of the range of paths that begin with this one: the zero at the end of its last level is raised.
fn path_end(path: &[u8]) -> Vec<u8> {
    let mut end = path.to_vec();
    if let Some(last) = end.last_mut() {
        *last = 1;
    }
    end
}
pub(super) mod directory_groups;
