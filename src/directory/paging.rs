//! Long reads: all people or groups of a subtree, page by page (RFC 2696). The next page is asked for when the last one
//! has been taken, so memory does not grow with the directory. A read that does not come to its proper end is an error:
//! what is missing must never look as if it were gone.

use ldap3::controls::{PagedResults, RawControl};
use ldap3::{LdapResult, Scope};
use tokio::time::{Duration, Instant};

use super::Directory;
use super::attributes::Attributes;
use super::connection::{Answer, Connection, Query};
use super::error::{DirectoryError, Fault, ServerFault};
use super::filter::Filter;
use super::outcome::code;
use super::ppolicy::element;
use super::schema::Naming;
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::settings::Schema;

const PAGE: usize = 500;
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
/// How long one page may take.
pub(super) const PAGE_TIME: Duration = Duration::from_secs(30);
/// How long it may take to find a server.
pub(super) const START_TIME: Duration = Duration::from_secs(10);
/// Pages without anything in them, one after the other, before we stop believing in an end.
pub(super) const EMPTY_PAGES: u32 = 1_000;

/// What an import did not take, for its report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Continuation references to other servers: normal at the head of a domain.
    pub references: usize,
    /// Objects outside what was asked for.
    pub outside: usize,
    /// Objects without a name to sign in with or to be called by.
    pub nameless: usize,
}

/// What one object became.
pub(super) enum Mapped<T> {
    Item(T),
    Outside,
    Nameless,
}

type Map<T> = fn(&Naming, &Attributes) -> Result<Mapped<T>, DirectoryError>;

/// A long read in progress.
pub struct Scan<T> {
    directory: Directory,
    base: Dn,
    filter: Filter,
    attributes: &'static [&'static str],
    groups: Groups,
    map: Map<T>,
    state: State,
    skipped: Skipped,
    empty_pages: u32,
}

/// How an object's own groups come into its attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    /// They do not matter.
    Ignored,
    /// As `memberOf`, the rest of it included where the server has cut it.
    MemberOf,
    /// The same, if this directory keeps `memberOf`; else every group is asked whom it lists.
    MemberOfIfKept,
    /// It does not.
    Asked,
}

enum State {
    Fresh,
    /// The cookie belongs to its connection.
    Reading {
        connection: Connection,
        server: String,
        cookie: Vec<u8>,
    },
    Ended,
}

impl Directory {
    /// All people below `base`.
    #[must_use]
    pub fn people(&self, base: &Dn) -> Scan<Entry> {
        let attributes = self.naming().person_attributes();
        let groups = match self.naming().schema {
            Schema::ActiveDirectory => Groups::MemberOf,
            Schema::Rfc2307bis => Groups::MemberOfIfKept,
        };
        self.scan(base, self.naming().people(), attributes, groups, person)
    }

    /// Id and email of all people below `base` that have one: enough to find those who share one.
    #[must_use]
    pub fn emails(&self, base: &Dn) -> Scan<(EntryId, String)> {
        self.scan(base, self.naming().people(), self.naming().email_attributes(), Groups::Ignored, email)
    }

    pub(super) fn scan<T>(
        &self,
        base: &Dn,
        filter: Filter,
        attributes: &'static [&'static str],
        groups: Groups,
        map: Map<T>,
    ) -> Scan<T> {
        let (directory, base, skipped) = (self.clone(), base.clone(), Skipped::default());
        Scan {
            directory,
            base,
            filter,
            attributes,
            groups,
            map,
            state: State::Fresh,
            skipped,
            empty_pages: 0,
        }
    }
}

impl<T> Scan<T> {
    /// The next page; `None` after the last one of a complete list. After an error the read has ended.
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, DirectoryError> {
        let (mut connection, server, cookie) = match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => return Ok(None),
            State::Fresh => self.start().await?,
            State::Reading { connection, server, cookie } => (connection, server, cookie),
        };
        let answer = self.page(&mut connection, &server, cookie).await?;
        let cookie = checked(&answer.result)?;
        self.skipped.references += answer.references;
        self.empty_pages = if answer.entries.is_empty() { self.empty_pages + 1 } else { 0 };
        if self.empty_pages > EMPTY_PAGES {
            return Err(DirectoryError::Incomplete("page after page with nothing in it".to_owned()));
        }
        let items = self.items(answer.entries).await?;
        if !cookie.is_empty() {
            self.state = State::Reading { connection, server, cookie };
        }
        Ok(Some(items))
    }

    /// What was not taken so far.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// A connection of its own: a long read takes no place from those who sign in.
    async fn start(&mut self) -> Result<(Connection, String, Vec<u8>), DirectoryError> {
        let requests = self.directory.requests();
        let (_, server, mut connection) = requests.connection(Instant::now() + START_TIME).await?;
        if !server.features().paging {
            return Err(DirectoryError::Incomplete(format!("{} can't page (RFC 2696)", server.name)));
        }
        let server = server.name.clone();
        if self.groups == Groups::MemberOfIfKept {
            let kept = self.keeps_member_of(&mut connection, &server).await?;
            self.groups = if kept { Groups::MemberOf } else { Groups::Asked };
        }
        Ok((connection, server, Vec::new()))
    }

    /// OpenLDAP keeps `memberOf` only with an overlay, and then only for groups that were written since. Nobody at all
    /// with one means: not kept.
    async fn keeps_member_of(
        &self,
        connection: &mut Connection,
        server: &str,
    ) -> Result<bool, DirectoryError> {
        let query = Query {
            base: self.base.as_str(),
            scope: Scope::Subtree,
            filter: Filter::all([self.filter.clone(), Filter::present("memberOf")]),
            attributes: &["1.1"],
            controls: Vec::new(),
            most: 1,
            stop_at_most: true,
        };
        let answer = connection.search(&query, Instant::now() + PAGE_TIME).await;
        Ok(!answer.map_err(|fault| broken(server, fault))?.entries.is_empty())
    }

    async fn page(
        &self,
        connection: &mut Connection,
        server: &str,
        cookie: Vec<u8>,
    ) -> Result<Answer, DirectoryError> {
        let mut controls: Vec<RawControl> = self.directory.controls();
        controls.push(paged(PAGE, cookie));
        let query = Query {
            base: self.base.as_str(),
            scope: Scope::Subtree,
            filter: self.filter.clone(),
            attributes: self.attributes,
            controls,
            most: PAGE,
            stop_at_most: false,
        };
        connection.search(&query, Instant::now() + PAGE_TIME).await.map_err(|fault| broken(server, fault))
    }

    async fn items(&mut self, entries: Vec<Attributes>) -> Result<Vec<T>, DirectoryError> {
        let mut items = Vec::with_capacity(entries.len());
        for mut object in entries {
            self.find_groups(&mut object).await?;
            if !object.dn.is_within(&self.base) {
                self.skipped.outside += 1;
                continue;
            }
            match (self.map)(self.directory.naming(), &object)? {
                Mapped::Item(item) => items.push(item),
                Mapped::Outside => self.skipped.outside += 1,
                Mapped::Nameless => self.skipped.nameless += 1,
            }
        }
        Ok(items)
    }

    async fn find_groups(&self, object: &mut Attributes) -> Result<(), DirectoryError> {
        let deadline = Instant::now() + PAGE_TIME;
        match self.groups {
            Groups::Ignored => Ok(()),
            Groups::MemberOf | Groups::MemberOfIfKept => {
                self.directory.complete(object, "memberOf", deadline).await
            }
            Groups::Asked => {
                let groups = self.directory.groups_that_list(&object.dn, deadline).await?;
                object
                    .put("memberOf", groups.iter().map(|group| group.as_str().as_bytes().to_vec()).collect());
                Ok(())
            }
        }
    }
}

/// Asks for one page (RFC 2696 section 3).
pub(super) fn paged(size: usize, cookie: Vec<u8>) -> RawControl {
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    RawControl { crit: true, ..PagedResults { size, cookie }.into() }
}

pub(super) fn broken(server: &str, fault: Fault) -> DirectoryError {
    DirectoryError::Unavailable(vec![ServerFault { server: server.to_owned(), fault }])
}

/// Anything but success is a list cut short: a size limit, a referral to another server.
pub(super) fn whole(result: &LdapResult) -> Result<(), DirectoryError> {
    if result.rc == code::SUCCESS {
        return Ok(());
    }
    Err(DirectoryError::Incomplete(format!("the directory answered {}: {}", result.rc, result.text)))
}

/// The cookie of the next page, empty on the last. A page without one is an end that is none.
pub(super) fn checked(result: &LdapResult) -> Result<Vec<u8>, DirectoryError> {
    whole(result)?;
    let control = result.ctrls.iter().find(|control| control.1.ctype == PAGED_RESULTS);
    control.and_then(|control| cookie(control.1.val.as_deref()?)).ok_or_else(|| {
        DirectoryError::Incomplete("a page without the cookie that tells the last one".to_owned())
    })
}

/// `SEQUENCE { size INTEGER, cookie OCTET STRING }` (RFC 2696 section 2).
fn cookie(value: &[u8]) -> Option<Vec<u8>> {
    let (0x30, parts, _) = element(value)? else { return None };
    let (0x02, _, rest) = element(parts)? else { return None };
    let (0x04, cookie, _) = element(rest)? else { return None };
    Some(cookie.to_vec())
}

fn person(naming: &Naming, object: &Attributes) -> Result<Mapped<Entry>, DirectoryError> {
    if !naming.holds(&object.dn) {
        return Ok(Mapped::Outside);
    }
    Ok(naming.person(object)?.map_or(Mapped::Nameless, Mapped::Item))
}

fn email(naming: &Naming, object: &Attributes) -> Result<Mapped<(EntryId, String)>, DirectoryError> {
    if !naming.holds(&object.dn) {
        return Ok(Mapped::Outside);
    }
    let id = naming.id(object)?;
    Ok(naming.email_of(object).map_or(Mapped::Nameless, |email| Mapped::Item((id, email))))
}

#[cfg(test)]
mod tests {
    use ldap3::controls::Control;
    use proptest::prelude::*;

    use super::*;

    fn result(rc: u32, value: Option<&[u8]>) -> LdapResult {
        let ctrls = value
            .map(|value| {
                Control(
                    None,
                    RawControl { ctype: PAGED_RESULTS.into(), crit: false, val: Some(value.to_vec()) },
                )
            })
            .into_iter()
            .collect();
        LdapResult { rc, matched: String::new(), text: String::new(), refs: Vec::new(), ctrls }
    }

    #[test]
    fn only_success_with_a_cookie_goes_on() {
        assert_eq!(checked(&result(0, Some(b"\x30\x05\x02\x01\x00\x04\x00"))), Ok(Vec::new()));
        assert_eq!(checked(&result(0, Some(b"\x30\x07\x02\x01\x00\x04\x02ab"))), Ok(b"ab".to_vec()));
        for cut in [
            result(4, Some(b"\x30\x05\x02\x01\x00\x04\x00")),
            result(10, None),
            result(0, None),
            result(0, Some(b"x")),
            result(88, None),
        ] {
            assert!(matches!(checked(&cut), Err(DirectoryError::Incomplete(_))), "{cut:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = cookie(&bytes);
        }
    }
}
