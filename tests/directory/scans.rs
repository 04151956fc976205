//! Long reads: complete, or an error; never a part that passes for the whole.

use std::collections::HashSet;

use cloudsync_idp::directory::{Directory, DirectoryError};
use cloudsync_idp::domain::entry::Entry;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings;

use super::{ad, dn, ldap, ldap_settings, plain_settings};
use crate::support::lab;
use crate::support::relay::{Mode, Relay};

async fn everybody(directory: &Directory, base: &str) -> Result<Vec<Entry>, DirectoryError> {
    let mut scan = directory.people(&dn(base));
    let mut people = Vec::new();
    while let Some(page) = scan.next().await? {
        people.extend(page);
    }
    Ok(people)
}

fn logins(people: &[Entry]) -> HashSet<&str> {
    people.iter().map(|entry| entry.login_name.as_str()).collect()
}

#[tokio::test]
async fn a_domain_is_read_whole_and_without_its_machinery() {
    let lab = lab::own_ad(&[("USERS", "700")]);
    let corp = ad(&lab);
    let people = everybody(&corp, &lab.base_dn).await.expect("all of them");
    let logins = logins(&people);
    assert_eq!(logins.len(), people.len());
    for login in ["alice", "bob", "dora", "user000000", "user000699", "svc-sync"] {
        assert!(logins.contains(login), "{login}");
    }
    assert!(!logins.contains("DC1$"), "computers are no people");
    let staff = everybody(&corp, &lab.dn("OU=Staff")).await.expect("all of them");
    assert!(staff.iter().all(|entry| entry.dn.is_within(&dn(&lab.dn("OU=Staff")))));
    assert!(staff.len() > 100 && staff.len() < people.len() - 700);
}

#[tokio::test]
async fn openldap_is_read_page_by_page() {
    let lab = lab::own_ldap(&[("USERS", "2600")]);
    let org = ldap(&lab);
    let mut scan = org.people(&dn(&lab.dn("ou=people")));
    let mut seen = HashSet::new();
    while let Some(page) = scan.next().await.expect("a page") {
        assert!(page.len() <= 500);
        seen.extend(page.into_iter().map(|entry| entry.id));
    }
    assert!(seen.len() > 2_700, "{}", seen.len());
    let (mut emails, mut with_mail) = (org.emails(&dn(&lab.dn("ou=people"))), 0);
    while let Some(page) = emails.next().await.expect("a page") {
        assert!(page.iter().all(|(id, email)| seen.contains(id) && email.contains('@')));
        with_mail += page.len();
    }
    assert_eq!(with_mail + emails.skipped().nameless, seen.len());
    assert!(with_mail < seen.len(), "jan has no mail");
    assert_eq!(emails.next().await, Ok(None));
}

#[tokio::test]
async fn a_size_limit_is_an_error_and_not_the_end() {
    let lab = lab::own_ldap(&[("USERS", "700")]);
    let settings =
        settings::Directory { service_account: lab.dn("uid=alice,ou=people"), ..ldap_settings(&lab) };
    let limited = Directory::new(&settings, Plain::new(lab.user_password.clone())).expect("good settings");
    let people = everybody(&limited, &lab.base_dn).await;
    assert!(matches!(people, Err(DirectoryError::Incomplete(_))), "{people:?}");
}

#[tokio::test]
async fn references_are_counted_and_a_referral_is_an_error() {
    let lab = lab::own_ldap(&[]);
    let elsewhere = lab.dn("ou=elsewhere");
    lab.admin.add(
        &elsewhere,
        &[
            ("objectClass", "referral"),
            ("objectClass", "extensibleObject"),
            ("ou", "elsewhere"),
            ("ref", "ldap://other.example.org/ou=elsewhere,dc=example,dc=org"),
        ],
    );
    let org = ldap(&lab);
    let mut scan = org.people(&dn(&lab.base_dn));
    while scan.next().await.expect("a page").is_some() {}
    assert_eq!(scan.skipped().references, 1);
    let people = everybody(&org, &elsewhere).await;
    assert!(matches!(people, Err(DirectoryError::Incomplete(_))), "{people:?}");
}

#[tokio::test]
async fn a_read_that_breaks_in_the_middle_is_an_error() {
    let lab = lab::own_ldap(&[("USERS", "1200")]);
    for mode in [Mode::Cut, Mode::CutInside, Mode::Garble] {
        let relay = Relay::to(&lab.addr, lab.port).await;
        let org = super::open(&lab, &plain_settings(&lab, &[("127.0.0.1", relay.port)]));
        let mut scan = org.people(&dn(&lab.base_dn));
        assert!(scan.next().await.expect("the first page").is_some());
        relay.set(mode);
        assert!(scan.next().await.is_err(), "{mode:?}");
        assert_eq!(scan.next().await, Ok(None), "and it stays at its end");
    }
}

#[tokio::test]
async fn a_base_that_is_not_there_is_an_error() {
    let lab = lab::ldap();
    let people = everybody(&ldap(lab), &lab.dn("ou=nowhere")).await;
    assert!(matches!(people, Err(DirectoryError::Incomplete(_))), "{people:?}");
}

/// A directory without the memberof overlay shows no `memberOf`; so does one whose group was there before the person.
#[tokio::test]
async fn groups_are_asked_where_people_do_not_say_them() {
    let lab = lab::own_ldap(&[]);
    let (island, group) = (lab.dn("ou=island"), lab.dn("cn=castaways,ou=groups"));
    lab.admin.add(&island, &[("objectClass", "organizationalUnit"), ("ou", "island")]);
    let member = format!("uid=robinson,{island}");
    lab.admin.add(&group, &[("objectClass", "groupOfNames"), ("cn", "castaways"), ("member", &member)]);
    let fields =
        [("objectClass", "inetOrgPerson"), ("uid", "robinson"), ("cn", "Robinson"), ("sn", "Crusoe")];
    lab.admin.add(&member, &fields);
    assert!(lab.admin.read(&member, "memberOf").is_empty());
    let people = everybody(&ldap(&lab), &island).await.expect("all of them");
    assert_eq!(people[0].direct_groups, [dn(&group)]);
}
