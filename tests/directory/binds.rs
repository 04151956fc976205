//! Bind as a person: the result for each state of an account, and binds that are never sent.

use cloudsync_idp::directory::Directory;
use cloudsync_idp::domain::bind::{BindOutcome, BindRefusal};
use cloudsync_idp::domain::entry::Entry;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings;

use super::{ad, ad_settings, deadline, ldap, one};
use crate::support::lab;

const WRONG: &str = "not-the-password";

async fn bind(directory: &Directory, entry: &Entry, password: &str) -> BindOutcome {
    crate::support::bind(directory, entry, &Plain::new(password), deadline())
        .await
        .expect("an answer")
        .outcome
}

fn refused(why: BindRefusal) -> BindOutcome {
    BindOutcome::Refused(why)
}

#[tokio::test]
async fn active_directory_gives_the_reason_of_a_refusal() {
    let corp = ad(lab::ad());
    let right = lab::ad().user_password.as_str();
    let table = [
        ("alice", right, BindOutcome::Accepted),
        ("zoe", right, BindOutcome::Accepted),
        ("dora", right, refused(BindRefusal::Disabled)),
        ("emil", right, refused(BindRefusal::AccountExpired)),
        ("fred", right, refused(BindRefusal::PasswordMustChange)),
        ("gina", right, refused(BindRefusal::PasswordExpired)),
        ("hugo", right, refused(BindRefusal::Locked)),
        ("hugo", WRONG, refused(BindRefusal::Locked)),
        ("dora", WRONG, refused(BindRefusal::InvalidCredentials)),
    ];
    for (login, password, expected) in table {
        let entry = one(&corp, login).await;
        assert_eq!(bind(&corp, &entry, password).await, expected, "{login}");
    }
}

#[tokio::test]
async fn openldap_gives_the_reason_in_the_policy_control() {
    let org = ldap(lab::ldap());
    let right = lab::ldap().user_password.as_str();
    let table = [
        ("alice", right, BindOutcome::Accepted),
        ("warned", right, BindOutcome::Accepted),
        ("fred", right, refused(BindRefusal::PasswordMustChange)),
        ("gina", right, refused(BindRefusal::PasswordExpired)),
        ("hugo", right, refused(BindRefusal::Locked)),
        ("alice", WRONG, refused(BindRefusal::InvalidCredentials)),
    ];
    for (login, password, expected) in table {
        let entry = one(&org, login).await;
        assert_eq!(bind(&org, &entry, password).await, expected, "{login}");
    }
}

#[tokio::test]
async fn one_wrong_password_counts_once() {
    let lab = lab::ad();
    let corp = ad(lab);
    let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    let entry = one(&corp, &person.account).await;
    assert_eq!(bind(&corp, &entry, WRONG).await, refused(BindRefusal::InvalidCredentials));
    assert_eq!(lab.admin.read(&person.dn, "badPwdCount"), ["1"]);
    assert_eq!(bind(&corp, &entry, &lab.user_password).await, BindOutcome::Accepted);
}

#[tokio::test]
async fn a_blank_password_is_never_sent() {
    let lab = lab::ad();
    let corp = ad(lab);
    let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    let entry = one(&corp, &person.account).await;
    for blank in ["", "\0", "\0\0\0\0"] {
        assert_eq!(bind(&corp, &entry, blank).await, refused(BindRefusal::InvalidCredentials));
    }
    assert!(["", "0"].contains(&lab.admin.read(&person.dn, "badPwdCount").concat().as_str()));
    assert_eq!(corp.stats().binds.opened, 0);
}

#[tokio::test]
async fn a_blank_password_is_refused_even_if_the_server_would_accept_it() {
    let lab = lab::own_ldap(&[("UNAUTH", "yes")]);
    let org = ldap(&lab);
    let alice = one(&org, "alice").await;
    assert_eq!(bind(&org, &alice, "").await, refused(BindRefusal::InvalidCredentials));
}

#[tokio::test]
async fn nobody_signs_in_as_the_service_account() {
    let lab = lab::ad();
    for service_account in
        [lab.service_dn.clone(), "svc-sync@corp.example.com".into(), "CORP\\svc-sync".into()]
    {
        let settings = settings::Directory { service_account, ..ad_settings(lab) };
        let corp =
            Directory::new(&settings, Plain::new(lab.service_password.clone())).expect("good settings");
        let service = one(&corp, "svc-sync").await;
        assert!(corp.is_service_account(&service));
        assert_eq!(
            bind(&corp, &service, &lab.service_password).await,
            refused(BindRefusal::InvalidCredentials)
        );
        assert_eq!(corp.stats().binds.opened, 0);
    }
}

#[tokio::test]
async fn a_connection_serves_one_person_after_another() {
    for (directory, right) in
        [(ad(lab::ad()), &lab::ad().user_password), (ldap(lab::ldap()), &lab::ldap().user_password)]
    {
        let (alice, bob) = (one(&directory, "alice").await, one(&directory, "bob").await);
        assert_eq!(bind(&directory, &alice, right).await, BindOutcome::Accepted);
        assert_eq!(bind(&directory, &bob, WRONG).await, refused(BindRefusal::InvalidCredentials));
        assert_eq!(bind(&directory, &bob, right).await, BindOutcome::Accepted);
        assert_eq!((directory.stats().binds.opened, directory.stats().searches.opened), (1, 1));
    }
}

#[tokio::test]
async fn a_person_deleted_since_is_refused() {
    let lab = lab::ldap();
    let org = ldap(lab);
    let person = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
    let entry = one(&org, &person.account).await;
    lab.admin.delete(&person.dn);
    assert!(!bind(&org, &entry, &lab.user_password).await.proves_password());
}
