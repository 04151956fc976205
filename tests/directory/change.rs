//! Change a password with the old one: who may, what is refused and with which reason, and what never
//! happens.

use cloudsync_idp::directory::Directory;
use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::bind::{BindOutcome, BindRefusal};
use cloudsync_idp::domain::entry::Entry;
use cloudsync_idp::domain::password::{ChangeOutcome, ChangeRefusal, PasswordRules};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, Encryption};

use super::{ad, ad_settings, deadline, ldap, ldap_settings, one, open, plain_settings};
use crate::support::lab::{self, AdLab, LdapLab, Person};

const NEW: &str = "A-New-Passw0rd!";

async fn change(directory: &Directory, entry: &Entry, old: &str, new: &str) -> ChangeOutcome {
    let (old, new) = (Plain::new(old), Plain::new(new));
    directory.change_password(entry, &old, &new, deadline()).await.expect("an answer")
}

async fn bind(directory: &Directory, entry: &Entry, password: &str) -> BindOutcome {
    crate::support::bind(directory, entry, &Plain::new(password), deadline())
        .await
        .expect("an answer")
        .outcome
}

fn refused(why: ChangeRefusal) -> ChangeOutcome {
    ChangeOutcome::Refused(why)
}

fn in_domain(lab: &AdLab) -> Person {
    lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password)
}

fn in_openldap(lab: &LdapLab) -> Person {
    lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password)
}

#[tokio::test]
async fn the_new_password_works_even_for_a_person_who_could_not_bind() {
    let lab = lab::strict_ad();
    let corp = ad(lab);
    let person = in_domain(lab);
    lab.admin.replace(&person.dn, "userAccountControl", &["512"]);
    lab.admin.replace(&person.dn, "pwdLastSet", &["0"]);
    let entry = one(&corp, &person.account).await;
    let must_change = BindOutcome::Refused(BindRefusal::PasswordMustChange);
    assert_eq!(bind(&corp, &entry, &lab.user_password).await, must_change);
    assert_eq!(entry.password_changed_at, None);
    assert_eq!(change(&corp, &entry, &lab.user_password, NEW).await, ChangeOutcome::Accepted);
    assert_eq!(bind(&corp, &entry, NEW).await, BindOutcome::Accepted);
    assert!(one(&corp, &person.account).await.password_changed_at.is_some());
}

#[tokio::test]
async fn a_domain_gives_the_reason_of_a_refusal() {
    let lab = lab::strict_ad();
    let (corp, right) = (ad(lab), lab.user_password.as_str());
    let entry = one(&corp, &in_domain(lab).account).await;
    let table = [
        (right, "Sh0rt!", refused(ChangeRefusal::TooShortOrSimple)),
        (right, "onlylowercaseletters", refused(ChangeRefusal::TooShortOrSimple)),
        (right, right, refused(ChangeRefusal::InHistory)),
        ("not-the-password", NEW, ChangeOutcome::WrongOldPassword),
        ("", NEW, ChangeOutcome::WrongOldPassword),
        (right, "", refused(ChangeRefusal::TooShortOrSimple)),
    ];
    for (old, new, expected) in table {
        assert_eq!(change(&corp, &entry, old, new).await, expected, "{old:?} to {new:?}");
    }
    assert_eq!(
        lab.admin.read(entry.dn.as_str(), "badPwdCount"),
        ["1"],
        "the one wrong password that was sent"
    );
    assert_eq!(bind(&corp, &entry, right).await, BindOutcome::Accepted, "and nothing has changed");
}

#[tokio::test]
async fn a_password_that_was_just_set_can_not_be_changed_yet() {
    let lab = lab::own_ad(&[("LOCKOUT", "3")]);
    let corp = ad(&lab);
    let entry = one(&corp, &in_domain(&lab).account).await;
    lab.admin.replace(&lab.base_dn, "minPwdAge", &["-864000000000"]);
    let outcome = change(&corp, &entry, &lab.user_password, NEW).await;
    assert_eq!(outcome, refused(ChangeRefusal::TooYoung));
}

async fn rules(directory: &Directory, entry: &Entry) -> Option<PasswordRules> {
    directory.password_rules(entry, deadline()).await.expect("an answer")
}

#[tokio::test]
async fn the_rules_are_the_domain_s_or_the_fine_grained_policy_s() {
    let lab = lab::own_ad(&[("LOCKOUT", "5")]);
    let person = in_domain(&lab);
    lab.admin.replace(&lab.base_dn, "minPwdLength", &["9"]);
    lab.admin.replace(&lab.base_dn, "minPwdAge", &["-864000000000"]);
    let corp = ad(&lab);
    let entry = one(&corp, &person.account).await;
    let of_domain = PasswordRules { length: 9, complexity: true, history: 24, age: DAY };
    assert_eq!(rules(&corp, &entry).await, Some(of_domain));

    let name = lab.dn("CN=own,CN=Password Settings Container,CN=System");
    super::lockout::add_fine_grained(&lab.admin, &name, &person.dn, "0");
    let settings = settings::Directory { service_account: lab.admin.name.clone(), ..ad_settings(&lab) };
    let reads = Directory::new(&settings, Plain::new(lab.admin.password.clone())).expect("good settings");
    let entry = one(&reads, &person.account).await;
    let own = PasswordRules { length: 7, complexity: false, history: 0, age: 0 };
    assert_eq!(rules(&reads, &entry).await, Some(own));
    assert_eq!(rules(&corp, &entry).await, None, "its attributes are shown to administrators only");
}

#[tokio::test]
async fn the_rules_of_openldap_are_those_of_the_named_policy() {
    let lab = lab::strict_ldap();
    let entry = one(&ldap(lab), "alice").await;
    assert_eq!(rules(&ldap(lab), &entry).await, None, "no policy is named");
    let password_policy = lab.dn("cn=default,ou=policies");
    let named = open(lab, &settings::Directory { password_policy, ..ldap_settings(lab) });
    let expected = PasswordRules { length: 8, complexity: false, history: 3, age: 0 };
    assert_eq!(rules(&named, &entry).await, Some(expected));
}

#[tokio::test]
async fn in_openldap_a_person_changes_their_own_password() {
    let lab = lab::strict_ldap();
    let org = ldap(lab);
    for must_change in [false, true] {
        let person = in_openldap(lab);
        if must_change {
            lab.admin.replace(&person.dn, "pwdReset", &["TRUE"]);
        }
        let entry = one(&org, &person.account).await;
        assert_eq!(change(&org, &entry, &lab.user_password, NEW).await, ChangeOutcome::Accepted);
        assert_eq!(bind(&org, &entry, NEW).await, BindOutcome::Accepted);
        assert!(!bind(&org, &entry, &lab.user_password).await.proves_password());
        assert!(one(&org, &person.account).await.password_changed_at.is_some());
    }
}

#[tokio::test]
async fn openldap_gives_the_reason_of_a_refusal() {
    let lab = lab::strict_ldap();
    let (org, right) = (ldap(lab), lab.user_password.as_str());
    let entry = one(&org, &in_openldap(lab).account).await;
    let table = [
        (right, "short", refused(ChangeRefusal::TooShortOrSimple)),
        (right, right, refused(ChangeRefusal::InHistory)),
        ("not-the-password", NEW, ChangeOutcome::WrongOldPassword),
    ];
    for (old, new, expected) in table {
        assert_eq!(change(&org, &entry, old, new).await, expected, "{old:?} to {new:?}");
    }
    assert_eq!(lab.admin.read(entry.dn.as_str(), "pwdFailureTime").len(), 1);
    for (login, why) in [("gina", ChangeRefusal::NotAllowed), ("hugo", ChangeRefusal::NotAllowed)] {
        let entry = one(&org, login).await;
        assert_eq!(change(&org, &entry, right, NEW).await, refused(why), "{login} may not bind");
    }
}

#[tokio::test]
async fn openldap_refuses_passwords_changed_too_recently_and_people_without_permission() {
    let lab = lab::strict_ldap();
    let org = ldap(lab);
    let rules = [
        ("pwdMinAge", "86400", ChangeRefusal::TooYoung),
        ("pwdAllowUserChange", "FALSE", ChangeRefusal::NotAllowed),
    ];
    for (attribute, value, why) in rules {
        let policy = lab.dn(&format!("cn={},ou=policies", lab::unique("policy")));
        let classes =
            [("objectClass", "device"), ("objectClass", "pwdPolicy"), ("pwdAttribute", "userPassword")];
        lab.admin.add(&policy, &[classes.as_slice(), &[(attribute, value)]].concat());
        let person = in_openldap(lab);
        lab.admin.replace(&person.dn, "pwdPolicySubentry", &[&policy]);
        let entry = one(&org, &person.account).await;
        assert_eq!(change(&org, &entry, &lab.user_password, NEW).await, refused(why), "{attribute}");
    }
}

#[tokio::test]
async fn nothing_is_sent_in_clear_text() {
    let lab = lab::strict_ldap();
    let clear = open(lab, &plain_settings(lab, &[(lab.addr.as_str(), lab.port)]));
    let person = in_openldap(lab);
    let entry = one(&clear, &person.account).await;
    assert_eq!(change(&clear, &entry, "wrong", NEW).await, refused(ChangeRefusal::NotAllowed));
    assert!(lab.admin.read(&person.dn, "pwdFailureTime").is_empty());

    let lab = lab::strict_ad();
    let mut settings =
        settings::Directory { encryption: Encryption::UnencryptedLoopbackOnly, ..ad_settings(lab) };
    settings.servers[0].tls_name = None;
    let clear = Directory::new(&settings, Plain::new(lab.service_password.clone())).expect("good settings");
    let person = in_domain(lab);
    let entry = one(&clear, &person.account).await;
    assert_eq!(change(&clear, &entry, "wrong", NEW).await, refused(ChangeRefusal::NotAllowed));
    assert!(["", "0"].contains(&lab.admin.read(&person.dn, "badPwdCount").concat().as_str()));
}

#[tokio::test]
async fn the_service_account_s_password_can_not_be_changed() {
    let lab = lab::strict_ad();
    let corp = ad(lab);
    let service = one(&corp, "svc-sync").await;
    let outcome = change(&corp, &service, &lab.service_password, NEW).await;
    assert_eq!(outcome, ChangeOutcome::WrongOldPassword);
}
