//! Read the objects that match a filter page by page (RFC 2696). A list without a proper end is an error.

use ldap3::Scope;
use ldap3::controls::RawControl;
use tokio::time::{Duration, Instant};

use super::link::ServerLink;
use crate::directory::connection::{Connection, Query};
use crate::directory::error::DirectoryError;
use crate::directory::message::paging::{checked, paged};
use crate::directory::message::{Attributes, LdapFilter};
use crate::domain::dn::Dn;

/// Time limit for one page.
const PAGE_TIME: Duration = Duration::from_secs(30);
/// Empty pages in a row before the read is given up.
const EMPTY_PAGES: u32 = 1_000;
/// Objects in a page.
pub(crate) const PAGE: usize = 1_000;

/// Objects of one kind, page by page.
pub(crate) struct Pages<'a> {
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
    pub(crate) fn new(
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
    pub(crate) fn at(self, base: &'a str, control: Option<RawControl>) -> Self {
        Self { base: Some(base), control, ..self }
    }

    pub(crate) async fn next(
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
}
