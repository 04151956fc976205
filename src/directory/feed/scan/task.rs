//! The task that reads everything and hands over one page after another.

use std::collections::HashSet;

use tokio::sync::mpsc;

use crate::directory::connection::Connection;
use crate::directory::error::DirectoryError;
use crate::directory::feed::server::{PAGE, Pages, ServerLink};
use crate::directory::message::LdapFilter;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;

/// A page, the end, or an error.
pub(super) type Part = Result<Option<Vec<Item>>, DirectoryError>;

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

/// A full read in progress.
pub(super) struct ScanTask {
    pub(super) link: ServerLink,
    pub(super) parts: mpsc::Sender<Part>,
}

impl ScanTask {
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
