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
        _ if dse.controls.is_empty() => new(Verdict::CantTell, "whether it supports paged results").seen("it does not show its controls").mend(
            "Let the service account read the root DSE (supportedControl): without it nothing can be synced \
             from this server.",
        ),
        true => new(Verdict::Ok, "it supports paged results (RFC 2696)"),
        false => new(Verdict::Error, "it does not support paged results (RFC 2696): nothing can be synced")
            .mend("Enable the paged results control on the server."),
    }
}

/// Whether the base DN is a naming context of the server, or lies below one.
#[must_use]
pub fn base(server: &str, dn: &str, found: &Result<bool, String>) -> Finding {
    let new = |verdict, what: &str| Finding::new("base_dn", verdict, what).at(server);
    match found {
        Ok(true) => new(Verdict::Ok, "the base DN can be read").seen(dn),
        Ok(false) => new(Verdict::Error, "the base DN does not exist, or the service account can't see it")
            .seen(dn)
            .mend("Correct base_dn in the settings, or let the service account read it."),
        Err(why) => {
            new(Verdict::Error, "the base DN can't be read").seen(why).mend("Check the log of the server.")
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
            return new(Verdict::CantTell, "the server's response limits")
                .seen(why)
                .mend("Nothing to do: pages and ranges are read to the end with any limit.");
        }
    };
    let told = |name: &str, limit: Option<u32>| limit.map(|limit| format!("{name} {limit}"));
    let evidence: Vec<String> =
        [told("MaxPageSize", found.page), told("MaxValRange", found.values)].into_iter().flatten().collect();
    if found.page.is_some_and(|page| page < SMALL_PAGE) {
        return new(Verdict::Warning, "the server's pages are very small")
            .seen(evidence.join(", "))
            .mend("Set MaxPageSize of the query policy back to 1000 (ntdsutil, \"ldap policies\").");
    }
    new(Verdict::Ok, "pages and ranges are read to the end").seen(evidence.join(", "))
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
        return new(Verdict::Ok, "all attributes used to find people have an index").seen(named(true));
    }
    new(Verdict::Warning, "some attributes used to find people have no index").seen(named(false)).mend(
        "Without an index, each sign-in reads every entry. Active Directory: set bit 1 of searchFlags of the \
         attribute in the schema. OpenLDAP: olcDbIndex: <attribute> eq.",
    )
}

fn unread_indexes(why: &str) -> Finding {
    Finding::new("indexes", Verdict::CantTell, "whether the attributes used to find people have an index")
        .seen(why)
        .mend("Check olcDbIndex of the database (OpenLDAP): uid, mail, entryUUID and member need \"eq\".")
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
