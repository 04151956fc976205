//! Read everything in pages (RFC 2696), on a separate connection: containers, groups, people. One page is
//! fetched while the previous one is processed, and no more, so memory does not grow with the directory. A
//! read without a proper end is an error.

use std::collections::HashSet;

use ldap3::Scope;
use ldap3::controls::RawControl;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ldap_objects::{self, CONTAINER, GROUP, ID, PERSON};
use super::link::ServerLink;
use crate::directory::attributes::Attributes;
use crate::directory::connection::{Connection, Query};
use crate::directory::dial::Driver;
use crate::directory::error::DirectoryError;
use crate::directory::filter::{ExtraFilter, LdapFilter};
use crate::directory::paging::{EMPTY_PAGES, PAGE_TIME, checked, paged};
use crate::directory::schema::Naming;
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{Item, Members};
use crate::domain::settings::Schema;

/// Objects in a page.
pub(super) const PAGE: usize = 1_000;
/// Members in a page of groups, estimated from the last page: one group may have 50,000.
const MEMBERS: usize = 20_000;

/// A page, the end, or an error.
type Part = Result<Option<Vec<Item>>, DirectoryError>;

/// A full read.
#[derive(Default)]
pub(super) enum FullReadPages {
    /// None was started, or the last one failed.
    #[default]
    None,
    Fresh,
    Reading {
        parts: mpsc::Receiver<Part>,
        _reader: Driver,
    },
    /// The last one was complete.
    Ended,
}

impl FullReadPages {
    /// The next page; `None` after the last one of a complete read.
    pub(super) async fn next(&mut self, link: &ServerLink, extra: Option<&ExtraFilter>) -> Part {
        if let Self::Fresh = self {
            *self = Self::begin(link.sibling(), extra.cloned());
        }
        let part = match self {
            Self::Reading { parts, .. } => parts.recv().await.unwrap_or_else(|| Err(unfinished())),
            Self::Ended => return Ok(None),
            Self::None | Self::Fresh => return Err(unfinished()),
        };
        match part {
            Ok(Some(_)) => {}
            Ok(None) => *self = Self::Ended,
            Err(_) => *self = Self::None,
        }
        part
    }

    fn begin(link: ServerLink, extra: Option<ExtraFilter>) -> Self {
        let (parts, taken) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            let end = ScanTask { link, parts: parts.clone() }.read(extra.as_ref()).await;
            let end = match end {
                Ok(()) => Ok(None),
                Err(ScanStop::Failed(error)) => Err(error),
                Err(ScanStop::Unwanted) => return,
            };
            // fails only when the caller no longer waits for pages
            let _ = parts.send(end).await;
        });
        Self::Reading { parts: taken, _reader: Driver(task.abort_handle()) }
    }
}

fn unfinished() -> DirectoryError {
    DirectoryError::Incomplete("the read was not finished".to_owned())
}

/// Why a read stops early.
pub(super) enum ScanStop {
    /// The caller takes no more pages.
    Unwanted,
    Failed(DirectoryError),
}

impl From<DirectoryError> for ScanStop {
    fn from(error: DirectoryError) -> Self {
        Self::Failed(error)
    }
}

/// Converts one object.
type Map = fn(&Naming, &Attributes) -> Result<Option<Item>, DirectoryError>;

pub(super) struct ScanTask {
    pub(super) link: ServerLink,
    parts: mpsc::Sender<Part>,
}

impl ScanTask {
    async fn read(&mut self, extra: Option<&ExtraFilter>) -> Result<(), ScanStop> {
        if !self.link.features().paging {
            let text = format!("{} can't page (RFC 2696)", self.link.server);
            return Err(DirectoryError::Incomplete(text).into());
        }
        let mut connection = self.link.connect().await?;
        match self.link.directory.naming().schema {
            Schema::ActiveDirectory => self.read_active_directory(&mut connection, extra).await,
            Schema::Rfc2307bis => self.read_rfc2307bis(&mut connection, extra).await,
        }
    }

    async fn read_rfc2307bis(
        &mut self,
        connection: &mut Connection,
        extra: Option<&ExtraFilter>,
    ) -> Result<(), ScanStop> {
        let directory = self.link.directory.clone();
        let naming = directory.naming();
        let containers = Pages::new(connection, ldap_objects::is_container(naming), CONTAINER);
        self.items(containers, ldap_objects::container, None).await?;
        self.groups(Pages::new(connection, ldap_objects::is_group(), GROUP)).await?;
        let passing = match extra {
            Some(extra) => Some(self.passing(connection, extra.and(naming.people()), ID).await?),
            None => None,
        };
        let people = Pages::new(connection, naming.people(), PERSON);
        self.items(people, ldap_objects::person, passing.as_ref()).await
    }

    async fn items(
        &mut self,
        mut pages: Pages<'_>,
        map: Map,
        passing: Option<&HashSet<EntryId>>,
    ) -> Result<(), ScanStop> {
        let directory = self.link.directory.clone();
        while let Some(page) = pages.next(&self.link, PAGE).await? {
            let mapped = page.iter().filter_map(|object| map(directory.naming(), object).transpose());
            let mut items = mapped.collect::<Result<Vec<Item>, _>>()?;
            if let Some(passing) = passing {
                ldap_objects::pass_only(&mut items, passing);
            }
            self.send_page(items).await?;
        }
        Ok(())
    }

    /// Pages as large as the members of the last one allow, starting with one group.
    async fn groups(&mut self, mut pages: Pages<'_>) -> Result<(), ScanStop> {
        let directory = self.link.directory.clone();
        let mut size = 1;
        while let Some(page) = pages.next(&self.link, size).await? {
            let mut items = Vec::with_capacity(page.len());
            for mut object in page {
                ldap_objects::complete(&mut self.link, &mut object).await?;
                items.extend(ldap_objects::group(directory.naming(), &object)?);
            }
            size = fitting(size, items.iter().map(members).sum());
            self.send_page(items).await?;
        }
        Ok(())
    }

    /// The people that match the extra filter, as decided by the server.
    pub(super) async fn passing(
        &self,
        connection: &mut Connection,
        filter: LdapFilter,
        id: &'static [&'static str],
    ) -> Result<HashSet<EntryId>, DirectoryError> {
        let directory = self.link.directory.clone();
        let mut pages = Pages::new(connection, filter, id);
        let mut passing = HashSet::new();
        while let Some(page) = pages.next(&self.link, PAGE).await? {
            for object in page {
                passing.insert(directory.naming().id(&object)?);
            }
        }
        Ok(passing)
    }

    /// Hands over a page and returns when it has been taken: then the next one may be fetched.
    pub(super) async fn send_page(&self, items: Vec<Item>) -> Result<(), ScanStop> {
        if items.is_empty() {
            return Ok(());
        }
        self.parts.send(Ok(Some(items))).await.map_err(|_| ScanStop::Unwanted)?;
        self.parts.reserve().await.map(drop).map_err(|_| ScanStop::Unwanted)
    }
}

/// Objects of one kind, page by page.
pub(super) struct Pages<'a> {
    connection: &'a mut Connection,
    base: Option<&'a str>,
    control: Option<RawControl>,
    filter: LdapFilter,
    attributes: &'static [&'static str],
    /// `None` after the last page.
    cookie: Option<Vec<u8>>,
    empty: u32,
    ends: Ends,
    /// References were logged: once is enough.
    referred: bool,
}

/// The first and last entry of the previous page: a server or proxy that loses the cookie sends the same page
/// forever.
#[derive(Default)]
struct Ends(Option<(Dn, Dn)>);

impl Ends {
    /// Whether a page begins and ends like the previous one.
    fn repeats(&mut self, page: &[Attributes]) -> bool {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return false };
        let now = Some((first.dn.clone(), last.dn.clone()));
        let again = self.0 == now;
        self.0 = now;
        again
    }
}

impl<'a> Pages<'a> {
    pub(super) fn new(
        connection: &'a mut Connection,
        filter: LdapFilter,
        attributes: &'static [&'static str],
    ) -> Self {
        let cookie = Some(Vec::new());
        Self {
            connection,
            base: None,
            control: None,
            filter,
            attributes,
            cookie,
            empty: 0,
            ends: Ends::default(),
            referred: false,
        }
    }

    /// Reads below another name than the base DN, with a control.
    pub(super) fn at(self, base: &'a str, control: Option<RawControl>) -> Self {
        Self { base: Some(base), control, ..self }
    }

    pub(super) async fn next(
        &mut self,
        link: &ServerLink,
        size: usize,
    ) -> Result<Option<Vec<Attributes>>, DirectoryError> {
        let Some(cookie) = self.cookie.take() else { return Ok(None) };
        let mut controls = link.directory.controls();
        controls.extend(self.control.clone());
        controls.push(paged(size, cookie));
        let query = Query {
            base: self.base.unwrap_or(link.directory.base().as_str()),
            scope: Scope::Subtree,
            filter: self.filter.clone(),
            attributes: self.attributes,
            controls,
            most: size,
            stop_at_most: false,
        };
        let answer = self.connection.search(&query, Instant::now() + PAGE_TIME).await;
        let answer = answer.map_err(|fault| link.broken(fault))?;
        let cookie = checked(&answer.result)?;
        if answer.references > 0 && !std::mem::replace(&mut self.referred, true) {
            let (server, references) = (&link.server, answer.references);
            tracing::info!(server, references, "references to other servers are not followed");
        }
        self.empty = if answer.entries.is_empty() { self.empty + 1 } else { 0 };
        if self.empty > EMPTY_PAGES {
            return Err(DirectoryError::Incomplete("page after page with nothing in it".to_owned()));
        }
        if self.ends.repeats(&answer.entries) {
            return Err(DirectoryError::Incomplete("the same page again and again".to_owned()));
        }
        self.cookie = Some(cookie).filter(|cookie| !cookie.is_empty());
        Ok(Some(answer.entries))
    }
}

fn members(item: &Item) -> usize {
    match item {
        Item::Group(group) => match &group.members {
            Members::All(all) => all.len(),
            Members::NotTold | Members::Changed { .. } => 0,
        },
        _ => 0,
    }
}

/// How many groups the next page may have: at most twice as many, so that a surprise stays small.
fn fitting(size: usize, members: usize) -> usize {
    let each = (members / size).max(1);
    (MEMBERS / each).clamp(1, size * 2).min(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_comes_again_is_noticed() {
        let page = |names: &[&str]| names.iter().map(|dn| Attributes::of(dn, &[])).collect::<Vec<_>>();
        let mut ends = Ends::default();
        assert!(!ends.repeats(&page(&["cn=a,dc=x", "cn=b,dc=x"])));
        assert!(!ends.repeats(&page(&["cn=c,dc=x"])));
        assert!(!ends.repeats(&page(&[])), "nothing in it is counted elsewhere");
        assert!(ends.repeats(&page(&["cn=c,dc=x"])));
        assert!(!ends.repeats(&page(&["cn=c,dc=x", "cn=d,dc=x"])));
    }

    #[test]
    fn pages_of_groups_grow_slowly_and_shrink_at_once() {
        assert_eq!(fitting(1, 0), 2);
        assert_eq!(fitting(1, 50_000), 1);
        assert_eq!(fitting(64, 6_400), 128);
        assert_eq!(fitting(64, 64 * 500), 40);
        assert_eq!(fitting(64, 64 * 50_000), 1);
        assert_eq!(fitting(1_000, 10), 1_000);
    }
}
