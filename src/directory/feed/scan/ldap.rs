//! Read everything in another directory than Active Directory: containers, groups with their members, people.

use std::collections::HashSet;

use super::task::{ScanStop, ScanTask};
use crate::directory::connection::Connection;
use crate::directory::error::DirectoryError;
use crate::directory::feed::objects::ldap::{self, CONTAINER, GROUP, ID, PERSON};
use crate::directory::feed::objects::pass_only;
use crate::directory::feed::server::{PAGE, Pages};
use crate::directory::message::{Attributes, ExtraFilter};
use crate::directory::schema::Naming;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{Item, Members};

/// Members in a page of groups, estimated from the last page: one group may have 50,000.
const MEMBERS: usize = 20_000;

/// Converts one object.
type Map = fn(&Naming, &Attributes) -> Result<Option<Item>, DirectoryError>;

impl ScanTask {
    pub(super) async fn read_rfc2307bis(
        &mut self,
        connection: &mut Connection,
        extra: Option<&ExtraFilter>,
    ) -> Result<(), ScanStop> {
        let directory = self.link.directory.clone();
        let naming = directory.naming();
        let containers = Pages::new(connection, ldap::is_container(naming), CONTAINER);
        self.items(containers, ldap::container, None).await?;
        self.groups(Pages::new(connection, ldap::is_group(), GROUP)).await?;
        let passing = match extra {
            Some(extra) => Some(self.passing(connection, extra.and(naming.people()), ID).await?),
            None => None,
        };
        let people = Pages::new(connection, naming.people(), &PERSON);
        self.items(people, ldap::person, passing.as_ref()).await
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
                pass_only(&mut items, passing);
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
                ldap::complete(&mut self.link, &mut object).await?;
                items.extend(ldap::group(directory.naming(), &object)?);
            }
            size = fitting(size, items.iter().map(members).sum());
            self.send_page(items).await?;
        }
        Ok(())
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
    fn pages_of_groups_grow_slowly_and_shrink_at_once() {
        assert_eq!(fitting(1, 0), 2);
        assert_eq!(fitting(1, 50_000), 1);
        assert_eq!(fitting(64, 6_400), 128);
        assert_eq!(fitting(64, 64 * 500), 40);
        assert_eq!(fitting(64, 64 * 50_000), 1);
        assert_eq!(fitting(1_000, 10), 1_000);
    }
}
