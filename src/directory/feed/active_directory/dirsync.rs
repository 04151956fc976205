//! DirSync: the domain controller's own replication of changes, requested by LDAP (MS-ADTS 3.1.1.3.4.1.3). It
//! reports which objects have changed, and which members joined and left a group, so that one change in a
//! group of 50,000 costs one value. The rest is read from the objects again, since DirSync shows neither
//! `memberOf` nor unchanged attributes.
//!
//! It does not report objects below an OU that was moved, nor groups with a renamed or deleted member: a
//! mirror must identify objects by id.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use ldap3::{LdapResult, Scope};

use crate::directory::connection::{Query, SearchResponse};
use crate::directory::error::DirectoryError;
use crate::directory::feed::objects::active_directory::{self, ID, Lists, by_ids};
use crate::directory::feed::server::{DatabaseSession, refusal};
use crate::directory::feed::{BY_GROUPS, FeedError};
use crate::directory::message::dirsync::{
    DirSyncProgress, INCREMENTAL_VALUES, OBJECT_SECURITY, extended_names, progress, request,
};
use crate::directory::message::paging::whole;
use crate::directory::message::{Attributes, ExtraFilter, GroupDependency, LdapFilter, code};
use crate::directory::schema::mirrored;
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{Item, Member, Members};
use crate::domain::schema::Schema;
use crate::domain::shortfall::Shortfall;

/// How much a server should send at once. Windows obeys; Samba sends everything.
const PART: u32 = 512 * 1_024;
/// With more changes than this, everything is read instead: that costs no more time, and no memory.
pub(crate) const MOST: usize = 5_000;
/// A change of one of these attributes matters to a mirror. `name` changes with each rename and move, the
/// classes come with each new object; computed attributes and those local to a server are never reported.
static WATCHED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let more = ["objectClass", "objectCategory", "name", "isDeleted", "groupType", "member"];
    let mut watched = mirrored(Schema::ActiveDirectory, &more);
    // The one never changes, the other changes with the groups.
    watched.retain(|name| !["objectGUID", "memberOf"].contains(name));
    watched
});
const JOINED: &str = "member;range=1-1";
const LEFT: &str = "member;range=0-0";

/// How to request changes from one server.
pub(crate) struct DirSyncFeed {
    context: Dn,
    flags: u32,
    watched: Vec<String>,
    /// The extra filter may use `memberOf`, which changes with the group and not with the person.
    groups: GroupDependency,
}

/// The result of trying DirSync at a server.
pub(crate) enum DirSyncTrial {
    /// It reports changes, with the shortfall if not of everything.
    Serves(DirSyncFeed, Option<Shortfall>),
    Never(Shortfall),
}

/// The changes, and the position after them.
pub(crate) struct DirSyncChanges {
    pub(crate) items: Vec<Item>,
    pub(crate) progress: DirSyncProgress,
}

/// What DirSync reports of one object.
#[derive(Default)]
struct ReportedObject {
    deleted: bool,
    /// The report does not determine the member list: it must be read.
    whole: bool,
    /// Not new, and under another name.
    renamed: bool,
    joined: Vec<Vec<u8>>,
    left: Vec<Vec<u8>>,
}

impl DirSyncFeed {
    /// Tries it, with the right to replicate (flag 0) or else only what the account may see (object
    /// security). A cookie spares a large directory the search through everything.
    pub(crate) async fn try_out(
        session: &mut DatabaseSession<'_>,
        context: Dn,
        extra: Option<&ExtraFilter>,
        cookie: &[u8],
    ) -> Result<DirSyncTrial, DirectoryError> {
        let more = extra.map(ExtraFilter::attributes).unwrap_or_default();
        let groups = extra.map_or(GroupDependency::None, ExtraFilter::group_dependency);
        let mut watched: Vec<String> = WATCHED.iter().map(|name| (*name).to_owned()).collect();
        watched.extend(more.into_iter().filter(|name| {
            !name.is_empty() && !WATCHED.iter().any(|known| known.eq_ignore_ascii_case(name))
        }));
        let mut refusals = Vec::new();
        for flags in [INCREMENTAL_VALUES, INCREMENTAL_VALUES | OBJECT_SECURITY] {
            let dirsync = Self { context: context.clone(), flags, watched: watched.clone(), groups };
            match dirsync.is_served(session, cookie).await? {
                Ok(()) => {
                    return Ok(DirSyncTrial::Serves(
                        dirsync,
                        refusals.pop().map(Shortfall::NoReplicationRight),
                    ));
                }
                Err(refused) => refusals.push(refused),
            }
        }
        Ok(DirSyncTrial::Never(Shortfall::DirSyncRefused(refusals.join("; "))))
    }

    async fn is_served(
        &self,
        session: &mut DatabaseSession<'_>,
        cookie: &[u8],
    ) -> Result<Result<(), String>, DirectoryError> {
        let mut answer = session.answer(&self.cookie_query(cookie)).await?;
        if !cookie.is_empty() && !matches!(answer.result.rc, code::SUCCESS | code::INSUFFICIENT_ACCESS_RIGHTS)
        {
            answer = session.answer(&self.cookie_query(&[])).await?;
        }
        Ok(match (answer.result.rc, progress(&answer.result.ctrls)) {
            (code::SUCCESS, Some(_)) => Ok(()),
            (code::SUCCESS, None) => Err("no cookie was returned".to_owned()),
            _ => Err(refusal(&answer.result)),
        })
    }

    /// Finds at most one object. Its cookie still covers the whole naming context: the filter selects which
    /// changes are shown, not what the cookie covers. (Windows and Samba keep a counter and a vector of
    /// counters in it.)
    fn cookie_query<'a>(&'a self, cookie: &[u8]) -> Query<'a> {
        self.query(cookie, LdapFilter::equals("objectClass", "domainDNS"), ID)
    }

    fn query<'a>(&'a self, cookie: &[u8], filter: LdapFilter, attributes: &'a [&'a str]) -> Query<'a> {
        Query {
            base: self.context.as_str(),
            scope: Scope::Subtree,
            filter,
            attributes,
            controls: vec![request(self.flags, PART, cookie)],
            most: MOST,
            stop_at_most: false,
        }
    }

    /// The cookie for the current state.
    pub(crate) async fn now(&self, session: &mut DatabaseSession<'_>) -> Result<Vec<u8>, DirectoryError> {
        let mut cookie = Vec::new();
        loop {
            let answer = session.answer(&self.cookie_query(&cookie)).await?;
            let progress = checked(&answer.result)?;
            if !progress.more {
                return Ok(progress.cookie);
            }
            if progress.cookie == cookie {
                return Err(DirectoryError::Incomplete("DirSync does not end".to_owned()));
            }
            cookie = progress.cookie;
        }
    }

    /// The changes since the cookie.
    pub(crate) async fn changes_since(
        &self,
        session: &mut DatabaseSession<'_>,
        extra: Option<&ExtraFilter>,
        cookie: &[u8],
    ) -> Result<DirSyncChanges, FeedError> {
        let answer = self.ask(session, cookie).await?;
        let progress = checked(&answer.result)?;
        let directory = session.link.directory.clone();
        let mut reported: BTreeMap<EntryId, ReportedObject> = BTreeMap::new();
        for object in &answer.entries {
            reported.entry(directory.naming().id(object)?).or_default().add(object);
        }
        drop(answer);
        Ok(DirSyncChanges { items: self.items(session, extra, &reported).await?, progress })
    }

    async fn ask(
        &self,
        session: &mut DatabaseSession<'_>,
        cookie: &[u8],
    ) -> Result<SearchResponse, FeedError> {
        let watched: Vec<&str> = self.watched.iter().map(String::as_str).collect();
        let mut query = self.query(cookie, active_directory::is_or_was_any(), &watched);
        if session.link.features().extended_dn {
            query.controls.push(extended_names());
        }
        let answer = session.bounded(&query).await?;
        let answer =
            answer.ok_or_else(|| FeedError::Reset(format!("more than {MOST} objects have changed")))?;
        match answer.result.rc {
            // Samba's result for a cookie that it can't parse. Whatever the code, the same request without
            // this cookie worked when the feed was opened.
            code::UNAVAILABLE_CRITICAL_EXTENSION
            | code::OPERATIONS_ERROR
            | code::PROTOCOL_ERROR
            | code::UNWILLING_TO_PERFORM => {
                Err(FeedError::Reset(format!("the cookie was refused ({})", refusal(&answer.result))))
            }
            _ => Ok(answer),
        }
    }

    /// The current objects, and the changes of each member list.
    async fn items(
        &self,
        session: &mut DatabaseSession<'_>,
        extra: Option<&ExtraFilter>,
        reported: &BTreeMap<EntryId, ReportedObject>,
    ) -> Result<Vec<Item>, FeedError> {
        let mut changed = members(session, reported).await?;
        let mut ids: BTreeSet<EntryId> =
            reported.iter().filter(|(_, reported)| !reported.deleted).map(|(id, _)| *id).collect();
        match self.groups {
            GroupDependency::None => {}
            GroupDependency::Direct => ids.extend(changed.values().flat_map(member_ids)),
            GroupDependency::Nested if changed.is_empty() => {}
            GroupDependency::Nested => return Err(FeedError::Reset(BY_GROUPS.to_owned())),
        }
        if ids.len() > MOST {
            return Err(FeedError::Reset(format!("more than {MOST} objects have changed")));
        }
        let ids: Vec<EntryId> = ids.into_iter().collect();
        let mut items = active_directory::read(session, extra, &ids, Lists::Skipped).await?;
        let whole = |id| reported.get(&id).is_some_and(|reported| reported.whole);
        active_directory::read_members(session, &mut items, whole).await?;
        for item in &mut items {
            if let Item::Group(group) = item
                && group.members == Members::NotTold
            {
                group.members = changed.remove(&group.id).unwrap_or(Members::NotTold);
            }
        }
        let deleted = reported.iter().filter(|(_, reported)| reported.deleted);
        items.extend(deleted.map(|(id, _)| Item::Gone(*id)));
        let renamed = |id| reported.get(&id).is_some_and(|reported| reported.renamed || reported.whole);
        if self.groups != GroupDependency::None && items.iter().any(|item| renames_a_group(item, renamed)) {
            return Err(FeedError::Reset(BY_GROUPS.to_owned()));
        }
        Ok(items)
    }
}

/// Whether a group may have been renamed or deleted: its members then match other filters, and are not
/// reported.
fn renames_a_group(item: &Item, renamed: impl Fn(EntryId) -> bool) -> bool {
    match item {
        Item::Person(_) => false,
        Item::Group(_) | Item::Container { .. } => renamed(item.id()),
        Item::Gone(_) => true,
    }
}

impl ReportedObject {
    fn add(&mut self, object: &Attributes) {
        // RFC 4512 section 2.5: an attribute without values is one that was removed
        let undeleted = object.has("isDeleted") && !object.is_true("isDeleted");
        self.deleted = object.is_true("isDeleted");
        self.whole |= undeleted || object.has("member");
        self.renamed |= object.has("name") && !object.has("objectClass");
        self.joined.extend_from_slice(object.all(JOINED));
        self.left.extend_from_slice(object.all(LEFT));
    }
}

/// Members that joined and left, by group.
async fn members(
    session: &mut DatabaseSession<'_>,
    reported: &BTreeMap<EntryId, ReportedObject>,
) -> Result<HashMap<EntryId, Members>, DirectoryError> {
    let mut changed = HashMap::new();
    for (id, reported) in reported.iter().filter(|(_, reported)| !reported.deleted) {
        if reported.joined.is_empty() && reported.left.is_empty() {
            continue;
        }
        let (joined, left) =
            (by_ids(session, &reported.joined).await?, by_ids(session, &reported.left).await?);
        changed.insert(*id, Members::Changed { joined, left });
    }
    Ok(changed)
}

fn member_ids(members: &Members) -> Vec<EntryId> {
    let Members::Changed { joined, left } = members else { return Vec::new() };
    let id = |member: &Member| EntryId::from_entry_uuid(&member.0);
    joined.iter().chain(left).filter_map(id).collect()
}

/// Only success with a cookie may continue.
fn checked(result: &LdapResult) -> Result<DirSyncProgress, DirectoryError> {
    whole(result)?;
    let none = || DirectoryError::Incomplete("DirSync returned no cookie to continue from".to_owned());
    progress(&result.ctrls).ok_or_else(none)
}
