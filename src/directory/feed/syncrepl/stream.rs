//! Follow changes as they happen with one search (RFC 4533, refreshAndPersist), on a separate connection. A
//! task reads as fast as the server sends, because the LDAP library would buffer unread data without limit.
//! Of each entry only the latest state is kept; when too many are kept, the stream ends, since a full read is
//! then faster. A second connection checks regularly that the server still responds, since a working stream
//! is silent too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ldap3::asn1::{PL, StructureTag};
use ldap3::controls::RefreshMode;
use ldap3::{LdapResult, ResultEntry, Scope};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep, timeout_at};
use uuid::Uuid;

use super::messages::{self, EntryChange, Info};
use crate::directory::connection::{Connection, Driver, Follow, Following};
use crate::directory::error::{DirectoryError, LdapFault};
use crate::directory::feed::objects::ldap::ANY;
use crate::directory::message::control::sync_request;
use crate::directory::message::{LdapFilter, code};
use crate::domain::dn::Dn;

/// How often the server is checked, and the time limit of its response.
const PROBE_EVERY: Duration = Duration::from_secs(3);
const PROBE_TIME: Duration = Duration::from_secs(4);
/// Time limits for accepting the search, and for reporting the changes up to now.
const START_TIME: Duration = Duration::from_secs(10);
const REFRESH_TIME: Duration = Duration::from_secs(120);
/// Changes that follow within this time are returned together.
const TOGETHER: Duration = Duration::from_millis(5);
/// Limits on changed entries that wait to be taken, and on the values in all of them.
const MOST_ENTRIES: usize = 20_000;
const MOST_VALUES: usize = 500_000;
/// RFC 4533 section 2.6.
const SYNC_REFRESH_REQUIRED: u32 = 4096;

/// Why the stream ended.
#[derive(Clone, Debug)]
pub(crate) enum StreamEnd {
    /// The stream can't continue from the last position.
    Reset(String),
    Fault(LdapFault),
    /// The search ended unexpectedly.
    Stopped(DirectoryError),
}

/// The changes since the last call, and the position after them.
#[derive(Debug, Default)]
pub(crate) struct StreamChanges {
    /// `None`: deleted.
    pub(crate) changed: HashMap<Uuid, Option<ResultEntry>>,
    pub(crate) cookie: Option<Vec<u8>>,
}

pub(crate) struct Stream {
    shared: Arc<Shared>,
    _reader: Driver,
    opened: Instant,
}

struct Shared {
    waiting: Mutex<PendingChanges>,
    arrived: Notify,
}

struct PendingChanges {
    taken: StreamChanges,
    values: usize,
    /// The last cookie received, taken or not.
    known: Vec<u8>,
    /// The changes from before the search have all been received.
    refreshed: bool,
    ended: Option<StreamEnd>,
}

/// All entries: people, groups and everything else, because an entry may turn from one into another.
pub(crate) fn everything() -> LdapFilter {
    LdapFilter::present("objectClass")
}

impl Stream {
    /// Starts to follow changes on this connection.
    pub(crate) fn begin(connection: Connection, base: Dn, cookie: Vec<u8>) -> Self {
        let waiting = PendingChanges {
            taken: StreamChanges::default(),
            values: 0,
            known: cookie.clone(),
            refreshed: false,
            ended: None,
        };
        let shared = Arc::new(Shared { waiting: Mutex::new(waiting), arrived: Notify::new() });
        let writer = shared.clone();
        let reader = tokio::spawn(async move {
            let ended = listen(connection, &base, cookie, &writer).await;
            writer.waiting().ended = Some(ended);
            writer.arrived.notify_one();
        });
        Self { shared, _reader: Driver(reader.abort_handle()), opened: Instant::now() }
    }

    /// The next changes; `None` after `patience` without any. Nothing is lost when the caller stops waiting.
    pub(crate) async fn next(&self, patience: Duration) -> Result<Option<StreamChanges>, StreamEnd> {
        let patient = Instant::now() + patience;
        while !self.shared.has_changes()? {
            let refreshed = self.shared.waiting().refreshed;
            // until the server has reported earlier changes, it is unknown whether there are any
            let until = if refreshed { patient } else { self.opened + REFRESH_TIME };
            match timeout_at(until, self.shared.arrived.notified()).await {
                Err(_) if refreshed => return Ok(None),
                Err(_) => return Err(StreamEnd::Fault(LdapFault::Timeout)),
                Ok(()) => {}
            }
        }
        sleep(TOGETHER).await;
        Ok(Some(self.shared.take()))
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, PendingChanges> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Complete changes from before the end are still returned; not if the stream can't continue from its
    /// position.
    fn has_changes(&self) -> Result<bool, StreamEnd> {
        let waiting = self.waiting();
        let any = waiting.refreshed && !(waiting.taken.changed.is_empty() && waiting.taken.cookie.is_none());
        match &waiting.ended {
            Some(ended @ StreamEnd::Reset(_)) => Err(ended.clone()),
            Some(ended) if !any => Err(ended.clone()),
            _ => Ok(any),
        }
    }

    fn take(&self) -> StreamChanges {
        let mut waiting = self.waiting();
        waiting.values = 0;
        std::mem::take(&mut waiting.taken)
    }

    fn update(&self, what: impl FnOnce(&mut PendingChanges)) -> Result<(), StreamEnd> {
        let mut waiting = self.waiting();
        what(&mut waiting);
        let (entries, values) = (waiting.taken.changed.len(), waiting.values);
        if entries > MOST_ENTRIES || (values > MOST_VALUES && entries > 1) {
            waiting.taken = StreamChanges::default();
            let text = format!("too many changes are waiting: {entries} entries with {values} values");
            return Err(StreamEnd::Reset(text));
        }
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }
}

impl PendingChanges {
    fn changed(&mut self, id: Uuid, entry: Option<ResultEntry>) {
        self.values += entry.as_ref().map_or(0, |entry| values(&entry.0));
        if let Some(Some(before)) = self.taken.changed.insert(id, entry) {
            self.values = self.values.saturating_sub(values(&before.0));
        }
    }

    fn cookie(&mut self, cookie: Option<Vec<u8>>) {
        if let Some(cookie) = cookie.filter(|cookie| *cookie != self.known) {
            self.known.clone_from(&cookie);
            self.taken.cookie = Some(cookie);
        }
    }

    /// True while nothing has been received.
    fn is_silent(&self) -> bool {
        self.taken.changed.is_empty() && self.taken.cookie.is_none()
    }
}

/// The number of values in a search entry: `[name, [[type, [value, ...]], ...]]`.
fn values(entry: &StructureTag) -> usize {
    fn inside(tag: &StructureTag) -> &[StructureTag] {
        if let PL::C(parts) = &tag.payload { parts } else { &[] }
    }
    let attributes = inside(entry).get(1).map_or(&[][..], inside);
    attributes.iter().filter_map(|attribute| inside(attribute).get(1)).map(|set| inside(set).len()).sum()
}

async fn listen(mut connection: Connection, base: &Dn, cookie: Vec<u8>, shared: &Shared) -> StreamEnd {
    let search = Follow {
        base: base.as_str(),
        scope: Scope::Subtree,
        filter: &everything(),
        attributes: &ANY,
        control: sync_request(RefreshMode::RefreshAndPersist, Some(cookie)),
    };
    let following = match connection.follow(search, Instant::now() + START_TIME).await {
        Ok(following) => following,
        Err(fault) => return StreamEnd::Fault(fault),
    };
    tokio::select! {
        ended = read(following, shared) => ended,
        fault = watch(&mut connection) => StreamEnd::Fault(fault),
    }
}

/// Returns when the server no longer responds.
async fn watch(connection: &mut Connection) -> LdapFault {
    loop {
        sleep(PROBE_EVERY).await;
        if let Err(fault) = connection.check_alive(Instant::now() + PROBE_TIME).await {
            return fault;
        }
    }
}

async fn read(mut following: Following, shared: &Shared) -> StreamEnd {
    loop {
        let handled = match following.next().await {
            Err(fault) => return StreamEnd::Fault(fault),
            Ok(None) => return ended_by(&following.finish().await, shared.waiting().refreshed),
            Ok(Some(message)) => on_message(message, shared),
        };
        if let Err(ended) = handled {
            return ended;
        }
    }
}

fn on_message(message: ResultEntry, shared: &Shared) -> Result<(), StreamEnd> {
    if message.is_ref() {
        return Ok(());
    }
    if message.is_intermediate() {
        let Some(value) = messages::info_value(&message.0) else { return Ok(()) };
        let info = messages::info(value).ok_or_else(|| garbage("a sync message that can't be read"))?;
        return on_info(info, shared);
    }
    let state = messages::state(&message.1).ok_or_else(|| garbage("an entry without its sync state"))?;
    let entry = match state.change {
        EntryChange::Present => return Err(lists_what_is_present()),
        EntryChange::Changed => Some(message),
        EntryChange::Deleted => None,
    };
    shared.update(|waiting| {
        waiting.changed(state.id, entry);
        waiting.cookie(state.cookie);
    })
}

fn on_info(info: Info, shared: &Shared) -> Result<(), StreamEnd> {
    match info {
        Info::NewCookie(cookie) => shared.update(|waiting| waiting.cookie(Some(cookie))),
        Info::RefreshDelete { cookie, done } => shared.update(|waiting| {
            waiting.cookie(cookie);
            waiting.refreshed |= done;
        }),
        // RFC 4533 section 3.3.1: every entry not reported is deleted. If nothing was reported and the
        // position is the same, it means that nothing has changed.
        Info::RefreshPresent { cookie, done } => {
            let same =
                |waiting: &PendingChanges| cookie.as_ref().is_none_or(|cookie| *cookie == waiting.known);
            if !(shared.waiting().is_silent() && same(&shared.waiting())) {
                return Err(lists_what_is_present());
            }
            shared.update(|waiting| waiting.refreshed |= done)
        }
        Info::Ids { deleted: false, ids, .. } if !ids.is_empty() => Err(lists_what_is_present()),
        Info::Ids { cookie, ids, .. } => shared.update(|waiting| {
            ids.into_iter().for_each(|id| waiting.changed(id, None));
            waiting.cookie(cookie);
        }),
    }
}

fn lists_what_is_present() -> StreamEnd {
    StreamEnd::Reset("the server lists the existing entries instead of the changes".to_owned())
}

fn garbage(what: &str) -> StreamEnd {
    StreamEnd::Fault(LdapFault::Garbage(what.to_owned()))
}

/// A search for changes never ends by itself. RFC 4533 section 2.6 defines 4096; OpenLDAP returns 53 for a
/// cookie newer than its database and 2 for one that it can't parse. Success at once is the response of some
/// servers to an unknown cookie.
fn ended_by(result: &LdapResult, refreshed: bool) -> StreamEnd {
    const PROTOCOL_ERROR: u32 = 2;
    let text = &result.text;
    match result.rc {
        SYNC_REFRESH_REQUIRED => StreamEnd::Reset(format!("the server requests a refresh ({text})")),
        rc @ (PROTOCOL_ERROR | code::UNWILLING_TO_PERFORM) => {
            StreamEnd::Reset(format!("the server refuses the cookie ({rc}: {text})"))
        }
        code::SUCCESS if !refreshed => StreamEnd::Reset("the server does not know the cookie".to_owned()),
        code @ (code::BUSY | code::UNAVAILABLE) => {
            StreamEnd::Fault(LdapFault::Unwilling { code, text: text.clone() })
        }
        rc => StreamEnd::Stopped(DirectoryError::Incomplete(format!(
            "the search for changes ended ({rc}: {text})"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Shared {
        let waiting = PendingChanges {
            taken: StreamChanges::default(),
            values: 0,
            known: b"old".to_vec(),
            refreshed: true,
            ended: None,
        };
        Shared { waiting: Mutex::new(waiting), arrived: Notify::new() }
    }

    #[test]
    fn too_many_untaken_changes_end_the_stream() {
        let shared = shared();
        let add =
            |number: usize| shared.update(|waiting| waiting.changed(Uuid::from_u128(number as u128), None));
        for _ in 0..3 {
            assert!((0..MOST_ENTRIES).all(|number| add(number).is_ok()), "the same ones again and again");
        }
        assert!(matches!(add(MOST_ENTRIES), Err(StreamEnd::Reset(_))));
    }

    #[test]
    fn a_list_of_existing_entries_is_no_list_of_changes() {
        let present = |cookie: &[u8]| Info::RefreshPresent { cookie: Some(cookie.to_vec()), done: true };
        assert!(on_info(present(b"old"), &shared()).is_ok());
        assert!(matches!(on_info(present(b"new"), &shared()), Err(StreamEnd::Reset(_))));
        let stream = shared();
        assert!(on_info(Info::NewCookie(b"new".to_vec()), &stream).is_ok());
        assert!(matches!(on_info(present(b"new"), &stream), Err(StreamEnd::Reset(_))));
        let list = |ids| Info::Ids { cookie: None, deleted: false, ids };
        assert!(on_info(list(Vec::new()), &shared()).is_ok());
        assert!(matches!(on_info(list(vec![Uuid::nil()]), &shared()), Err(StreamEnd::Reset(_))));
    }

    #[test]
    fn changes_before_a_fault_are_returned_first_and_none_before_a_reset() {
        let shared = shared();
        assert!(shared.update(|waiting| waiting.changed(Uuid::nil(), None)).is_ok());
        shared.waiting().ended = Some(StreamEnd::Fault(LdapFault::Timeout));
        assert!(matches!(shared.has_changes(), Ok(true)));
        assert_eq!(shared.take().changed.len(), 1);
        assert!(matches!(shared.has_changes(), Err(StreamEnd::Fault(_))));
        assert!(shared.update(|waiting| waiting.changed(Uuid::nil(), None)).is_ok());
        shared.waiting().ended = Some(StreamEnd::Reset(String::new()));
        assert!(matches!(shared.has_changes(), Err(StreamEnd::Reset(_))));
    }
}
