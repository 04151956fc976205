//! People with a deciding attribute that the service account may not read: an error that names it, and never
//! a person without it.

use cloudsync_idp::directory::DirectoryError;
use cloudsync_idp::domain::entry::PasswordState;

use super::{ad, deadline, find, ldap, name, one};
use crate::support::lab;

/// Denies all authenticated users to read one attribute (by its schemaIDGUID).
fn hide(dn: &str, guid: &str) {
    lab::ad().rule(dn, &format!("(OD;;RP;{guid};;AU)"));
}

#[tokio::test]
async fn a_hidden_attribute_that_every_account_has_makes_the_person_unreadable() {
    let lab = lab::ad();
    let corp = ad(lab);
    let table = [
        ("accountExpires", "bf967915-0de6-11d0-a285-00aa003049e2"),
        ("pwdLastSet", "bf967a0a-0de6-11d0-a285-00aa003049e2"),
        ("primaryGroupID", "bf967a00-0de6-11d0-a285-00aa003049e2"),
    ];
    for (attribute, guid) in table {
        let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
        let id = one(&corp, &person.account).await.id;
        hide(&person.dn, guid);
        for answer in [
            corp.find(&name(&person.account), deadline()).await.map(drop),
            corp.read(id, deadline()).await.map(drop),
        ] {
            let names_it = matches!(&answer, Err(DirectoryError::Unreadable { attribute: reported, .. }) if *reported == attribute);
            assert!(names_it, "{attribute}: {answer:?}");
        }
        lab.admin.delete(&person.dn);
    }
}

#[tokio::test]
async fn a_hidden_lock_shows_only_in_the_bind() {
    let lab = lab::ad();
    let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    hide(&person.dn, "2cc4b836-b63f-4940-8d23-ea7acf06af56");
    let entry = one(&ad(lab), &person.account).await;
    lab.admin.delete(&person.dn);
    assert_eq!((entry.locked, entry.password), (None, PasswordState::Unknown));
}

#[tokio::test]
async fn any_of_several_uids_is_a_name() {
    let lab = lab::ldap();
    let person = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
    let alias = format!("Alias.{}", person.account);
    lab.admin.add_values(&person.dn, "uid", &[&alias]);
    let org = ldap(lab);
    for typed in [&person.account, &alias, &alias.to_lowercase()] {
        let entry = one(&org, typed).await;
        assert_eq!((&entry.login_name, &entry.other_login_names), (&person.account, &vec![alias.clone()]));
    }
    let second = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
    lab.admin.add_values(&second.dn, "uid", &[&alias]);
    assert!(matches!(find(&org, &alias).await, cloudsync_idp::directory::Found::Ambiguous(2)));
}
