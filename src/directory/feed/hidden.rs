//! Whether a group that seems to have no members only hides them: a right to read the list may be missing, and then the
//! directory shows the group without it, as if it were empty (RFC 4511 section 4.5.2, MS-ADTS 3.1.1.4.4).

use super::ldap_scan::Pages;
use super::link::Link;
use crate::directory::connection::{Query, root_dse};
use crate::directory::error::DirectoryError;
use crate::directory::filter::Filter;
use crate::directory::outcome::code;
use crate::directory::paging::whole;
use crate::domain::dn::Dn;
use crate::domain::settings::Schema;

const LISTS: [&str; 2] = ["member", "uniqueMember"];
/// RFC 4511 section 4.5.1.8.
const NOTHING: &[&str] = &["1.1"];

/// Asks the server itself, and those who say that they are members.
pub(super) async fn hides_members(link: &mut Link, group: &Dn) -> Result<bool, DirectoryError> {
    let schema = link.directory.naming().schema;
    if shows_a_list(link, group).await? {
        return Ok(false);
    }
    // A group of OpenLDAP has a list that nobody can take away: the class demands it (RFC 4519 section 3.5).
    if schema == Schema::Rfc2307bis && is_openldap(link).await? {
        return Ok(true);
    }
    somebody_is_in(link, group).await
}

async fn shows_a_list(link: &mut Link, group: &Dn) -> Result<bool, DirectoryError> {
    let answer = link.ask(&Query::read(group.as_str(), &LISTS)).await?;
    // What is gone hides nothing: that is told as such.
    if answer.result.rc == code::NO_SUCH_OBJECT {
        return Ok(true);
    }
    whole(&answer.result)?;
    let Some(group) = answer.entries.first() else { return Ok(true) };
    Ok(LISTS.iter().any(|list| group.all_with_options(list).next().is_some()))
}

async fn is_openldap(link: &mut Link) -> Result<bool, DirectoryError> {
    let dse = link.search(&root_dse(&["objectClass"])).await?;
    let mut classes = dse.iter().flat_map(|dse| dse.texts("objectClass"));
    Ok(classes.any(|class| class.eq_ignore_ascii_case("OpenLDAProotDSE")))
}

async fn somebody_is_in(link: &mut Link, group: &Dn) -> Result<bool, DirectoryError> {
    let mut connection = link.take().await?;
    // By a page of one: Samba lets a size limit pass.
    let mut pages = Pages::new(&mut connection, Filter::equals("memberOf", group.as_str()), NOTHING);
    while let Some(page) = pages.next(link, 1).await? {
        if !page.is_empty() {
            return Ok(true);
        }
    }
    link.give_back(connection);
    Ok(false)
}
