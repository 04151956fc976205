//! Read everything in a domain in pages: containers, groups, people. Member lists are not read: `memberOf` of
//! each object gives the same, and a group of 50,000 costs nothing.

use std::collections::HashSet;

use super::task::{ScanStop, ScanTask};
use crate::directory::connection::Connection;
use crate::directory::feed::objects::active_directory::{self, ANY, ID};
use crate::directory::feed::objects::pass_only;
use crate::directory::feed::server::{DatabaseSession, PAGE, Pages};
use crate::directory::message::{ExtraFilter, LdapFilter};
use crate::domain::entry::EntryId;

impl ScanTask {
    pub(super) async fn read_active_directory(
        &mut self,
        connection: &mut Connection,
        extra: Option<&ExtraFilter>,
    ) -> Result<(), ScanStop> {
        let directory = self.link.directory.clone();
        let people = directory.naming().people();
        self.kind(connection, active_directory::is_container(), None).await?;
        self.kind(connection, active_directory::is_group(), None).await?;
        let passing = match extra {
            Some(extra) => Some(self.passing(connection, extra.and(people.clone()), ID).await?),
            None => None,
        };
        self.kind(connection, people, passing.as_ref()).await
    }

    async fn kind(
        &mut self,
        connection: &mut Connection,
        filter: LdapFilter,
        passing: Option<&HashSet<EntryId>>,
    ) -> Result<(), ScanStop> {
        let directory = self.link.directory.clone();
        let mut pages = Pages::new(connection, filter, &ANY);
        while let Some(page) = pages.next(&self.link, PAGE).await? {
            let mut items = Vec::with_capacity(page.len());
            for mut object in page {
                if object.slice("memberOf").is_some() {
                    let mut session = DatabaseSession::begin(&mut self.link).await?;
                    active_directory::complete(&mut session, &mut object, "memberOf").await?;
                    session.end();
                }
                items.extend(active_directory::item(directory.naming(), &object)?);
            }
            if let Some(passing) = passing {
                pass_only(&mut items, passing);
            }
            self.send_page(items).await?;
        }
        Ok(())
    }
}
