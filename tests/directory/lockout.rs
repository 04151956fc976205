//! How close a person is to a lockout: the policies of real servers, their counts, and who may read them.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::directory::{Directory, LockoutState};
use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::bind::BindOutcome;
use cloudsync_idp::domain::lockout::{LockoutPolicy, spent};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings;

use super::{ad, ad_settings, deadline, ldap_settings, one, open};
use crate::support::bind;
use crate::support::lab::{self, AdLab, Admin, LdapLab, Person};

const DOMAIN: LockoutPolicy = LockoutPolicy { threshold: 4, window: 30 * MINUTE };
const OPENLDAP: LockoutPolicy = LockoutPolicy { threshold: 4, window: 15 * MINUTE };

/// The domain, read by this account, with this assumed threshold.
fn domain(lab: &AdLab, (account, password): (&str, &str), assumed: Option<u32>) -> Directory {
    let settings = settings::Directory {
        assumed_lockout_threshold: assumed,
        service_account: account.to_owned(),
        ..ad_settings(lab)
    };
    Directory::new(&settings, Plain::new(password)).expect("good settings")
}

/// OpenLDAP with this default policy.
fn openldap(lab: &LdapLab, policy: &str, assumed: Option<u32>) -> Directory {
    let settings = settings::Directory {
        password_policy: policy.to_owned(),
        assumed_lockout_threshold: assumed,
        ..ldap_settings(lab)
    };
    open(lab, &settings)
}

async fn standing(directory: &Directory, login: &str) -> LockoutState {
    let entry = one(directory, login).await;
    directory.lockout(Some(&entry), deadline()).await.expect("an answer")
}

async fn try_wrong(directory: &Directory, login: &str) {
    let entry = one(directory, login).await;
    let bound = bind(directory, &entry, &Plain::new("wrong"), deadline()).await.expect("an answer");
    assert!(!bound.outcome.proves_password());
}

fn new_person(lab: &AdLab) -> Person {
    lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password)
}

#[tokio::test]
async fn a_domain_shows_its_lockout_policy_and_counts() {
    let lab = lab::strict_ad();
    let person = new_person(lab);
    let corp = domain(lab, (&lab.service_dn, &lab.service_password), None);
    let before = standing(&corp, &person.account).await;
    assert_eq!((before.policy, before.counts[0].count), (DOMAIN, 0));
    let (server, ours) = (before.server_now.expect("a time"), Clock::System.now());
    assert!(server.abs_diff(ours) < 3_000, "{server} {ours}");

    for count in [1, 2] {
        try_wrong(&corp, &person.account).await;
        let standing = standing(&corp, &person.account).await;
        let now = standing.server_now.expect("a time");
        assert_eq!(spent(&standing.counts, 0, standing.policy, now), count);
        assert_eq!(spent(&standing.counts, 0, standing.policy, now + 31 * MINUTE), 0);
    }
    let entry = one(&corp, &person.account).await;
    let right = Plain::new(lab.user_password.clone());
    let bound = bind(&corp, &entry, &right, deadline()).await.expect("an answer");
    assert_eq!(bound.outcome, BindOutcome::Accepted);
    assert_eq!(standing(&corp, &person.account).await.counts[0].count, 0, "a right password ends the count");
    assert_eq!(corp.stats().searches.opened, 1);
}

#[tokio::test]
async fn without_an_entry_the_default_policy_applies() {
    let lab = lab::strict_ad();
    let corp = domain(lab, (&lab.service_dn, &lab.service_password), None);
    let nobody = corp.lockout(None, deadline()).await.expect("an answer");
    assert_eq!((nobody.policy, nobody.counts), (DOMAIN, vec![]));
}

/// A fine-grained policy for one person. By default only domain administrators may read its attributes.
fn fine_grained(lab: &AdLab, person: &Person, threshold: &str) -> String {
    let name = lab::unique("policy");
    let dn = lab.dn(&format!("CN={name},CN=Password Settings Container,CN=System"));
    add_fine_grained(&lab.admin, &dn, &person.dn, threshold);
    dn
}

pub(super) fn add_fine_grained(admin: &Admin, dn: &str, person: &str, threshold: &str) {
    let attributes = [
        ("objectClass", "msDS-PasswordSettings"),
        ("msDS-PasswordSettingsPrecedence", "10"),
        ("msDS-PasswordReversibleEncryptionEnabled", "FALSE"),
        ("msDS-PasswordHistoryLength", "0"),
        ("msDS-PasswordComplexityEnabled", "FALSE"),
        ("msDS-MinimumPasswordLength", "7"),
        ("msDS-MinimumPasswordAge", "0"),
        ("msDS-MaximumPasswordAge", "-9223372036854775808"),
        ("msDS-LockoutThreshold", threshold),
        ("msDS-LockoutObservationWindow", "-6000000000"),
        ("msDS-LockoutDuration", "-6000000000"),
        ("msDS-PSOAppliesTo", person),
    ];
    admin.add(dn, &attributes);
}

#[tokio::test]
async fn a_readable_fine_grained_policy_applies() {
    let lab = lab::own_ad(&[("LOCKOUT", "5")]);
    let (person, other) = (new_person(&lab), new_person(&lab));
    let admin = (lab.admin.name.as_str(), lab.admin.password.as_str());
    let domain_policy = LockoutPolicy { threshold: 5, ..DOMAIN };
    let plain = domain(&lab, admin, Some(3));
    assert_eq!(
        standing(&plain, &person.account).await.policy,
        domain_policy,
        "nothing is hidden, so nothing assumed"
    );

    let own = LockoutPolicy { threshold: 7, window: 10 * MINUTE };
    let name = fine_grained(&lab, &person, "7");
    let reads = domain(&lab, admin, Some(3));
    assert_eq!(standing(&reads, &person.account).await.policy, own);
    assert_eq!(standing(&reads, &other.account).await.policy, domain_policy);
    lab.admin.replace(&name, "msDS-LockoutThreshold", &["2"]);
    let reads = domain(&lab, admin, Some(3));
    assert_eq!(standing(&reads, &person.account).await.policy.threshold, 2);
    assert_eq!(
        standing(&reads, &other.account).await.policy.threshold,
        2,
        "the strictest of all that may be meant"
    );

    let service = (lab.service_dn.as_str(), lab.service_password.as_str());
    let unset = domain(&lab, service, None);
    assert_eq!(standing(&unset, &other.account).await.policy, domain_policy, "the domain's own counts");
    assert_eq!(
        standing(&unset, &person.account).await.policy.threshold,
        3,
        "a hidden policy of their own is named"
    );
    for (assumed, threshold) in [(Some(0), 5), (Some(3), 3), (Some(9), 5)] {
        let guesses = domain(&lab, service, assumed);
        for account in [&person.account, &other.account] {
            assert_eq!(standing(&guesses, account).await.policy.threshold, threshold, "assumed {assumed:?}");
        }
    }
}

#[tokio::test]
async fn the_count_of_the_pdc_emulator_counts_where_it_is_another_server() {
    // Two domains with the same names act as two domain controllers of one: the first names the second as its
    // emulator.
    let first = lab::own_ad(&[("LOCKOUT", "3"), ("PDC", "dc2")]);
    let second = lab::own_ad(&[("LOCKOUT", "3"), ("HOST", "dc2")]);
    let mut settings = ad_settings(&first);
    settings.servers.extend(ad_settings(&second).servers);
    let cas = [&first, &second].map(|lab| std::fs::read_to_string(&lab.ca_pem_path).expect("a CA"));
    settings.ca_pem = Some(cas.concat());
    let both = Directory::new(&settings, Plain::new(first.service_password.clone())).expect("good settings");

    let elsewhere = ad(&second);
    try_wrong(&elsewhere, "alice").await;
    try_wrong(&elsewhere, "alice").await;
    let counts =
        |standing: &LockoutState| standing.counts.iter().map(|tries| tries.count).collect::<Vec<_>>();
    assert_eq!(counts(&standing(&both, "alice").await), [0, 2]);
    assert_eq!(both.stats().current, 0, "a query to it does not make it the first server");
    second.kill();
    assert_eq!(counts(&standing(&both, "alice").await), [0], "an emulator that is away stops nobody");
}

#[tokio::test]
async fn openldap_shows_the_lockout_in_the_entry_and_its_policy() {
    let lab = lab::strict_ldap();
    let person = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
    let org = openldap(lab, &lab.dn("cn=default,ou=policies"), None);
    for count in [0, 1, 2] {
        let standing = standing(&org, &person.account).await;
        assert_eq!((standing.policy, standing.server_now), (OPENLDAP, None));
        assert_eq!((standing.counts[0].count, standing.counts[0].times.len()), (count, count as usize));
        try_wrong(&org, &person.account).await;
    }
    let unlocked = LockoutPolicy::NEVER;
    let table = [
        ("", Some(4), LockoutPolicy::assumed(4)),
        ("", Some(0), unlocked),
        ("", None, LockoutPolicy::unreadable()),
        ("cn=gone,dc=example,dc=org", Some(4), LockoutPolicy::assumed(4)),
    ];
    for (policy, assumed, expected) in table {
        let org = openldap(lab, policy, assumed);
        assert_eq!(standing(&org, "alice").await.policy, expected, "{policy:?} {assumed:?}");
    }
}

#[tokio::test]
async fn a_policy_that_an_entry_names_comes_before_the_default() {
    let lab = lab::strict_ldap();
    let dn = lab.dn(&format!("cn={},ou=policies", lab::unique("policy")));
    let classes = [("objectClass", "device"), ("objectClass", "pwdPolicy"), ("pwdAttribute", "userPassword")];
    lab.admin.add(&dn, &[classes.as_slice(), &[("pwdLockout", "TRUE"), ("pwdMaxFailure", "9")]].concat());
    let person = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
    lab.admin.replace(&person.dn, "pwdPolicySubentry", &[&dn]);
    let org = openldap(lab, &lab.dn("cn=default,ou=policies"), None);
    let policy = standing(&org, &person.account).await.policy;
    assert_eq!(policy.threshold, 9);
    assert!(policy.window > 24 * 60 * MINUTE, "without an interval nothing is forgotten");
    assert_eq!(standing(&org, "alice").await.policy, OPENLDAP);
    lab.admin.replace(&dn, "pwdLockout", &["FALSE"]);
    let org = openldap(lab, &lab.dn("cn=default,ou=policies"), None);
    assert_eq!(standing(&org, &person.account).await.policy, LockoutPolicy::NEVER);
}
