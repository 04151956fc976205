//! uSNChanged: each change of an object writes the server's counter into it, so changed objects have a higher
//! number than the last one read (MS-ADTS 3.1.1.1.9). Deleted objects are found among the tombstones, if the
//! account may see those. The numbers are valid at one server only.

use super::dirsync::MOST;
use crate::directory::error::DirectoryError;
use crate::directory::feed::objects::active_directory::{self, ID, Lists, is_any};
use crate::directory::feed::server::{DatabaseSession, PAGE, Pages, deleted_objects};
use crate::directory::feed::{BY_GROUPS, FeedError};
use crate::directory::message::{ExtraFilter, GroupDependency, LdapFilter, control};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;

/// How to request changes from one server.
pub(crate) struct UsnChanged {
    pub(crate) context: Dn,
    /// The account sees tombstones.
    pub(crate) tombstones: bool,
}

impl UsnChanged {
    /// The changes since. The counter was read before, so changes during this read may be reported twice.
    pub(crate) async fn changes_since(
        &self,
        session: &mut DatabaseSession<'_>,
        extra: Option<&ExtraFilter>,
        since: i64,
    ) -> Result<Vec<Item>, FeedError> {
        let directory = session.link.directory.clone();
        let newer = LdapFilter::at_least("uSNChanged", since.saturating_add(1));
        let changed = LdapFilter::all([newer.clone(), is_any(directory.naming())]);
        let changed = ids(session, self.context.as_str(), changed, false).await?;
        let mut items = active_directory::read(session, extra, &changed, Lists::Read).await?;
        if self.tombstones {
            let deleted = LdapFilter::all([newer, LdapFilter::equals("isDeleted", "TRUE")]);
            let deleted = ids(session, &deleted_objects(&self.context), deleted, true).await?;
            items.extend(deleted.into_iter().map(Item::Gone));
        }
        let by_groups = extra.is_some_and(|extra| extra.group_dependency() != GroupDependency::None);
        if by_groups && items.iter().any(|item| !matches!(item, Item::Person(_))) {
            return Err(FeedError::Reset(BY_GROUPS.to_owned()));
        }
        Ok(items)
    }
}

async fn ids(
    session: &mut DatabaseSession<'_>,
    base: &str,
    filter: LdapFilter,
    deleted: bool,
) -> Result<Vec<EntryId>, FeedError> {
    let (connection, link) = session.parts();
    let mut pages = Pages::new(connection, filter, ID).at(base, deleted.then(control::show_deleted));
    let mut ids = Vec::new();
    while let Some(page) = pages.next(link, PAGE).await? {
        let naming = link.directory.naming();
        let page = page.iter().map(|object| naming.id(object));
        ids.extend(page.collect::<Result<Vec<EntryId>, DirectoryError>>()?);
        if ids.len() > MOST {
            return Err(FeedError::Reset(format!("more than {MOST} objects have changed")));
        }
    }
    Ok(ids)
}
