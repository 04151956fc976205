//! Check what a server supports, its response limits, and its indexes.

use super::facts::{Indexes, Limits, RootDse};
use super::{Finding, Severity};

/// RFC 2696.
const PAGING: &str = "1.2.840.113556.1.4.319";
/// A smaller page makes a sync slow.
const SMALL_PAGE: u32 = 100;

/// Whether the server supports paged results: nothing can be synced without.
#[must_use]
pub fn paging(server: &str, dse: &RootDse) -> Finding {
    let new = |verdict, what: &str| Finding::new("paging", verdict, what).at(server);
    match dse.controls.iter().any(|known| known == PAGING) {
        _ if dse.controls.is_empty() => new(Severity::CantTell, "whether it supports paged results").seen("it does not show its controls").fix(
            "Let the service account read the root DSE (supportedControl): without it nothing can be synced \
             from this server.",
        ),
        true => new(Severity::Ok, "it supports paged results (RFC 2696)"),
        false => new(Severity::Error, "it does not support paged results (RFC 2696): nothing can be synced")
            .fix("Enable the paged results control on the server."),
    }
}

/// Whether the base DN is a naming context of the server, or lies below one.
#[must_use]
pub fn base(server: &str, dn: &str, found: &Result<bool, String>) -> Finding {
    let new = |verdict, what: &str| Finding::new("base_dn", verdict, what).at(server);
    match found {
        Ok(true) => new(Severity::Ok, "the base DN can be read").seen(dn),
        Ok(false) => new(Severity::Error, "the base DN does not exist, or the service account can't see it")
            .seen(dn)
            .fix("Correct base_dn in the settings, or let the service account read it."),
        Err(why) => {
            new(Severity::Error, "the base DN can't be read").seen(why).fix("Check the log of the server.")
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
            return new(Severity::CantTell, "the server's response limits")
                .seen(why)
                .fix("Nothing to do: pages and ranges are read to the end with any limit.");
        }
    };
    let shown = |name: &str, limit: Option<u32>| limit.map(|limit| format!("{name} {limit}"));
    let evidence: Vec<String> = [shown("MaxPageSize", found.page), shown("MaxValRange", found.values)]
        .into_iter()
        .flatten()
        .collect();
    if found.page.is_some_and(|page| page < SMALL_PAGE) {
        return new(Severity::Warning, "the server's pages are very small")
            .seen(evidence.join(", "))
            .fix("Set MaxPageSize of the query policy back to 1000 (ntdsutil, \"ldap policies\").");
    }
    new(Severity::Ok, "pages and ranges are read to the end").seen(evidence.join(", "))
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
        return new(Severity::Ok, "all attributes used to find people have an index").seen(named(true));
    }
    new(Severity::Warning, "some attributes used to find people have no index").seen(named(false)).fix(
        "Without an index, each sign-in reads every entry. Active Directory: set bit 1 of searchFlags of the \
         attribute in the schema. OpenLDAP: olcDbIndex: <attribute> eq.",
    )
}

fn unread_indexes(why: &str) -> Finding {
    Finding::new("indexes", Severity::CantTell, "whether the attributes used to find people have an index")
        .seen(why)
        .fix("Check olcDbIndex of the database (OpenLDAP): uid, mail, entryUUID and member need \"eq\".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_paging_is_an_error() {
        let dse = |controls: &[&str]| RootDse {
            controls: controls.iter().map(|oid| (*oid).to_owned()).collect(),
            ..RootDse::default()
        };
        assert_eq!(paging("s", &dse(&[PAGING])).verdict, Severity::Ok);
        assert_eq!(paging("s", &dse(&["1.2.3"])).verdict, Severity::Error);
        assert_eq!(paging("s", &dse(&[])).verdict, Severity::CantTell);
    }

    #[test]
    fn a_missing_base_is_an_error() {
        let of = |found| base("s", "DC=x", &found).verdict;
        assert_eq!(
            [of(Ok(true)), of(Ok(false)), of(Err("53".into()))],
            [Severity::Ok, Severity::Error, Severity::Error]
        );
    }

    #[test]
    fn only_tiny_pages_cause_a_warning() {
        let of = |page| limits(&Ok(Limits { page, values: Some(1500) })).verdict;
        assert_eq!(of(Some(1000)), Severity::Ok);
        assert_eq!(of(None), Severity::Ok);
        assert_eq!(of(Some(50)), Severity::Warning);
        assert_eq!(limits(&Err("50".into())).verdict, Severity::CantTell);
    }

    #[test]
    fn one_missing_index_causes_a_warning() {
        let pair = |name: &str, indexed| (name.to_owned(), indexed);
        assert_eq!(indexes(&Ok(vec![pair("mail", true), pair("uid", true)])).verdict, Severity::Ok);
        let finding = indexes(&Ok(vec![pair("mail", false), pair("uid", true)]));
        assert_eq!((finding.verdict, finding.evidence.as_deref()), (Severity::Warning, Some("mail")));
        assert_eq!(indexes(&Ok(vec![])).verdict, Severity::CantTell);
        assert_eq!(indexes(&Err("50".into())).verdict, Severity::CantTell);
    }
}
