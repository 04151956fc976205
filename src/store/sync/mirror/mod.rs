//! The mirror of the directories: every person, group and container as a feed last told of them, who is a member of what,
//! and how far the feed has been read. A page and the cursor that it brings are one transaction. Each writing transaction
//! compares the mirror's version and counts it up: a writer that lost its lease writes nothing.
//!
//! People who changed, or whose groups did, are `dirty`: they wait to be judged, and what was done to their accounts is
//! written together with that they were.

mod dirty;
mod edges;
mod gone;
mod groups;
mod held;
mod logins;
mod moves;
mod objects;
mod page;
mod people;
mod settle;
mod state;
mod told;

pub use people::{MirroredPerson, Waiting};
pub use settle::Judged;
pub(in crate::store) use settle::{account_rewritten, forget, mails_freed, settle, touch};
pub(in crate::store) use state::is_at;

use crate::domain::Millis;
use crate::domain::cursor::Cursor;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Member;

use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Cells;
use crate::store::engine::value::Value;

/// More groups than this are not read one by one: everything is.
pub const MOST_REREAD: usize = 1_000;

/// What a writer gets who says which version of the mirror it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a writer that was overtaken must stop"]
pub enum Fenced<T> {
    /// It is written; the version is one higher.
    Done(T),
    /// Somebody else has written meanwhile (or another scan is under way): nothing was written.
    Overtaken,
}

/// The number of a full scan; 0 before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScanId(pub i64);

/// How far a directory is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorState {
    /// Counts the writing transactions.
    pub version: i64,
    /// How far the changes have been read; `None` before the first complete scan.
    pub cursor: Option<Cursor>,
    /// When nothing was left to read, the last time.
    pub caught_up_at: Option<Millis>,
    /// When the last complete scan ended.
    pub scanned_at: Option<Millis>,
    /// The scan that is under way, or was cut off.
    pub scan: Option<ScanState>,
    /// The fingerprint of the scope settings that everybody was judged by, or waits to be.
    pub judged_by: Option<String>,
    /// Why everything must be read though there is a cursor: what came with it was not followed to its end.
    pub owes: Option<String>,
    /// Accounts that the mirror does not have are still to be looked at.
    pub strays_due: bool,
    /// The groups have changed since [`crate::store::Store::refresh_directory_groups`].
    pub groups_stale: bool,
}

/// A scan that is under way, or was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanState {
    pub id: ScanId,
    /// Where the directory stood when it began.
    pub from: Cursor,
    /// How many objects it has shown.
    pub seen: u64,
    pub started_at: Millis,
}

/// A scan that may begin to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    pub id: ScanId,
    /// It was begun before and cut off: what it has written is not written again.
    pub resumed: bool,
    /// How many objects it has shown already.
    pub seen: u64,
}

/// What a page changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Items that were told.
    pub told: u64,
    /// Objects that were new or differed.
    pub written: u64,
    /// Objects that are gone.
    pub gone: u64,
    /// Memberships that came or went.
    pub edges: u64,
    /// Groups, or which group is in which, changed: see [`crate::store::Store::refresh_directory_groups`].
    pub groups_changed: bool,
    /// Groups that list an old name of something that was renamed, moved or deleted: the server may have rewritten them
    /// without a word, so they must be read again. In a scan only beside people: the groups were read before.
    pub reread: Vec<EntryId>,
    /// More than [`MOST_REREAD`] of them, or a container is gone and not what was in it: everything must be read again.
    pub too_many: bool,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Person,
    Group,
    /// An OU, a container or a domain.
    Container,
}

impl Kind {
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

/// An id as the mirror's tables have it.
fn id_value(id: EntryId) -> Value {
    id.0.as_bytes().to_vec().into()
}

/// Reads an id.
fn id_cell(cells: Cells<'_>, column: &'static str) -> Result<EntryId> {
    cells.parsed(column, |bytes: Vec<u8>| uuid::Uuid::from_slice(&bytes).ok().map(EntryId))
}

/// A member as the tables have it: the bytes of the id, the path of the name, or a short name.
fn member_bytes(member: &Member) -> Vec<u8> {
    match (member.login(), EntryId::from_entry_uuid(&member.0)) {
        (Some(login), _) => login_bytes(login).unwrap_or_default(),
        (None, Some(id)) => id.0.as_bytes().to_vec(),
        (None, None) => crate::domain::dn::path_of_key(&member.0),
    }
}

/// A short name: a zero byte before it, which begins no path, and of odd length, which no id has. `None` for what is none.
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

/// Sixteen bytes are an id: the path of a name as short as that is no person's and no group's.
fn member_id(member: &[u8]) -> Option<EntryId> {
    uuid::Uuid::from_slice(member).ok().map(EntryId)
}

/// The end of the range of paths that begin with this one: its last byte is the zero that ends its last level.
fn path_end(path: &[u8]) -> Vec<u8> {
    let mut end = path.to_vec();
    if let Some(last) = end.last_mut() {
        *last = 1;
    }
    end
}
