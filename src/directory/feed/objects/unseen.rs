//! Decide whether objects that a read by id did not find are gone, or exist while the service account may not
//! see their kind. The latter are not gone, and nothing is known about them.

use std::collections::HashSet;

use crate::directory::connection::Query;
use crate::directory::error::DirectoryError;
use crate::directory::feed::server::{BATCH, DatabaseSession, ServerLink};
use crate::directory::message::paging::whole;
use crate::directory::message::{Attributes, LdapFilter, code};
use crate::directory::schema::Naming;
use crate::domain::entry::EntryId;

/// The attributes that show people, groups and containers in Active Directory.
const KIND: [&str; 2] = ["objectClass", "objectCategory"];

/// The objects among these that a domain controller has and does not let the service account read. Each is
/// requested by name: an account that may list its container learns that it exists, while no filter matches
/// hidden attributes.
pub(crate) async fn hidden_in_ad(
    session: &mut DatabaseSession<'_>,
    ids: impl Iterator<Item = EntryId>,
) -> Result<HashSet<EntryId>, DirectoryError> {
    let directory = session.link.directory.clone();
    let mut hidden = HashSet::new();
    for id in ids {
        let answer = session.answer(&Query::read(&format!("<GUID={id}>"), &KIND)).await?;
        // Nowhere, or in another domain of the forest.
        if matches!(answer.result.rc, code::NO_SUCH_OBJECT | code::REFERRAL) {
            continue;
        }
        whole(&answer.result)?;
        if answer.entries.iter().any(|object| is_hidden(directory.naming(), object, &KIND)) {
            hidden.insert(id);
        }
    }
    Ok(hidden)
}

/// The same in another directory, if the service account may search by entryUUID.
pub(crate) async fn hidden_in_ldap(
    link: &mut ServerLink,
    ids: &[EntryId],
) -> Result<HashSet<EntryId>, DirectoryError> {
    let directory = link.directory.clone();
    let naming = directory.naming();
    let mut hidden = HashSet::new();
    for batch in ids.chunks(BATCH) {
        let found = link.find(batch, LdapFilter::present("entryUUID"), &["objectClass", "entryUUID"]).await?;
        for object in found.iter().filter(|object| is_hidden(naming, object, &KIND[..1])) {
            hidden.insert(naming.id(object)?);
        }
    }
    Ok(hidden)
}

/// Whether this object within our base hides its kind.
fn is_hidden(naming: &Naming, object: &Attributes, kind: &[&str]) -> bool {
    let hidden = naming.holds(&object.dn) && kind.iter().any(|name| object.all(name).is_empty());
    if hidden {
        let dn = &object.dn;
        tracing::warn!(%dn, "the service account may not read the classes of this entry; it stays unchanged");
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dn::Dn;
    use crate::domain::schema::Schema;
    use crate::domain::settings::EmailAttribute;

    #[test]
    fn an_object_with_a_visible_kind_or_outside_the_base_is_not_hidden() {
        let base = Dn::parse("DC=x").expect("a DN");
        let naming = Naming::new(Schema::ActiveDirectory, EmailAttribute::Mail, base, "X");
        let (class, category) = (("objectClass", b"user".as_slice()), ("objectCategory", b"CN=P".as_slice()));
        let is = |dn: &str, values: &[(&str, &[u8])]| is_hidden(&naming, &Attributes::of(dn, values), &KIND);
        assert!(is("CN=a,DC=x", &[]) && is("CN=a,DC=x", &[class]) && is("CN=a,DC=x", &[category]));
        assert!(!is("CN=a,DC=x", &[class, category]), "it is of a kind that is not kept");
        assert!(!is("CN=a,DC=y", &[]), "it has left the base DN");
    }
}
