//! Check what a server supports, its response limits, and its indexes.

use super::facts::{Indexes, Limits, RootDse};
use super::{Finding, Verdict};

/// RFC 2696.
const PAGING: &str = "1.2.840.113556.1.4.319";
/// A smaller page makes a sync slow.
const SMALL_PAGE: u32 = 100;

/// Whether the server supports paged results: nothing can be synced without.
#[must_use]
pub fn paging(server: &str, dse: &RootDse) -> Finding {
    let new = |verdict, what: &str| Finding::new("paging", verdict, what).at(server);
    match dse.controls.iter().any(|known| known == PAGING) {
        _ if dse.controls.is_empty() => new(Verdict::CantTell, "whether it can page").seen("it does not show its controls").mend(
            "Let the service account read the root DSE (supportedControl): without it nothing is imported from this server.",
        ),
        true => new(Verdict::Ok, "it can page (RFC 2696)"),
        false => new(Verdict::Error, "it can't page (RFC 2696): nothing can be imported")
            .mend("Switch the paged results control on at the server."),
    }
}

/// Whether the base DN is a naming context of the server, or lies below one.
#[must_use]
pub fn base(server: &str, dn: &str, found: &Result<bool, String>) -> Finding {
    let new = |verdict, what: &str| Finding::new("base_dn", verdict, what).at(server);
    match found {
        Ok(true) => new(Verdict::Ok, "the base DN can be read").seen(dn),
        Ok(false) => new(Verdict::Error, "the base DN is not there, or is not shown to the service account")
            .seen(dn)
            .mend("Mend base_dn in the settings, or let the service account read it."),
        Err(why) => {
            new(Verdict::Error, "the base DN can't be read").seen(why).mend("See the log of the server.")
        }
    }
}

/// The response limits of a domain controller. We respect all of them; small ones cost time.
#[must_use]
pub fn limits(found: &Result<Limits, String>) -> Finding {
    let new = |verdict, what: &str| Finding::new("limits", verdict, what);
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            return new(Verdict::CantTell, "how the server cuts its answers").seen(why).mend(
                "Nothing has to be done: pages and ranges are followed to their end whatever the limit.",
            );
        }
    };
    let told = |name: &str, limit: Option<u32>| limit.map(|limit| format!("{name} {limit}"));
    let evidence: Vec<String> =
        [told("MaxPageSize", found.page), told("MaxValRange", found.values)].into_iter().flatten().collect();
    if found.page.is_some_and(|page| page < SMALL_PAGE) {
        return new(Verdict::Warning, "the server answers in very small pages")
            .seen(evidence.join(", "))
            .mend("Set MaxPageSize of the query policy back to 1000 (ntdsutil, \"ldap policies\").");
    }
    new(Verdict::Ok, "pages and ranges are followed to their end").seen(evidence.join(", "))
}

/// Whether the attributes used to find people have an index.
#[must_use]
pub fn indexes(found: &Indexes) -> Finding {
    let new = |verdict, what: &str| Finding::new("indexes", verdict, what);
    let found = match found {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => return unread_indexes("no attribute was shown"),
        Err(why) => return unread_indexes(why),
    };
    let named = |indexed: bool| {
        let names: Vec<&str> =
            found.iter().filter(|(_, has)| *has == indexed).map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    };
    if found.iter().all(|(_, indexed)| *indexed) {
        return new(Verdict::Ok, "everything that people are looked up by has an index").seen(named(true));
    }
    new(Verdict::Warning, "attributes that people are looked up by have no index").seen(named(false)).mend(
        "Each sign-in then searches through everybody. Active Directory: set bit 1 of searchFlags at the attribute in the \
         schema. OpenLDAP: olcDbIndex: <attribute> eq.",
    )
}

fn unread_indexes(why: &str) -> Finding {
    Finding::new("indexes", Verdict::CantTell, "whether what people are looked up by has an index")
        .seen(why)
        .mend("Look at olcDbIndex of the database (OpenLDAP): uid, mail, entryUUID and member want \"eq\".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_paging_is_of_no_use() {
        let dse = |controls: &[&str]| RootDse {
            controls: controls.iter().map(|oid| (*oid).to_owned()).collect(),
            ..RootDse::default()
        };
        assert_eq!(paging("s", &dse(&[PAGING])).verdict, Verdict::Ok);
        assert_eq!(paging("s", &dse(&["1.2.3"])).verdict, Verdict::Error);
        assert_eq!(paging("s", &dse(&[])).verdict, Verdict::CantTell);
    }

    #[test]
    fn the_base_is_there_or_it_is_not() {
        let of = |found| base("s", "DC=x", &found).verdict;
        assert_eq!(
            [of(Ok(true)), of(Ok(false)), of(Err("53".into()))],
            [Verdict::Ok, Verdict::Error, Verdict::Error]
        );
    }

    #[test]
    fn only_tiny_pages_are_worth_a_warning() {
        let of = |page| limits(&Ok(Limits { page, values: Some(1500) })).verdict;
        assert_eq!(of(Some(1000)), Verdict::Ok);
        assert_eq!(of(None), Verdict::Ok);
        assert_eq!(of(Some(50)), Verdict::Warning);
        assert_eq!(limits(&Err("50".into())).verdict, Verdict::CantTell);
    }

    #[test]
    fn one_missing_index_is_enough() {
        let pair = |name: &str, indexed| (name.to_owned(), indexed);
        assert_eq!(indexes(&Ok(vec![pair("mail", true), pair("uid", true)])).verdict, Verdict::Ok);
        let finding = indexes(&Ok(vec![pair("mail", false), pair("uid", true)]));
        assert_eq!((finding.verdict, finding.evidence.as_deref()), (Verdict::Warning, Some("mail")));
        assert_eq!(indexes(&Ok(vec![])).verdict, Verdict::CantTell);
        assert_eq!(indexes(&Err("50".into())).verdict, Verdict::CantTell);
    }
}
