//! Who is found by which name, and which attributes are read.

use cloudsync_idp::directory::{Directory, DirectoryError, Found, ObjectKind};
use cloudsync_idp::domain::entry::PasswordState;
use cloudsync_idp::domain::profile::ProfileAttribute;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, EmailAttribute};

use super::{ad, ad_settings, deadline, dn, find, ldap, name, one};
use crate::support::lab;

#[tokio::test]
async fn every_form_of_a_name_finds_the_same_person() {
    let corp = ad(lab::ad());
    let alice = one(&corp, "alice").await;
    assert_eq!(alice.dn, dn(&lab::ad().dn("CN=Alice Adams,OU=Sales,OU=Staff")));
    for typed in [
        "ALICE",
        "CORP\\alice",
        "corp\\Alice",
        "corp.example.com\\alice",
        "alice@corp.example.com",
        "Alice@Example.com",
    ] {
        assert_eq!(one(&corp, typed).await.id, alice.id, "{typed}");
    }
    for typed in ["OTHER\\alice", "alice@other.example.com", "nobody", "al", "Alice Adams"] {
        assert_eq!(find(&corp, typed).await, Found::None, "{typed}");
    }
}

#[tokio::test]
async fn openldap_finds_people_by_uid_and_email_address() {
    let org = ldap(lab::ldap());
    let alice = one(&org, "alice").await;
    assert_eq!(alice.email.as_deref(), Some("alice@example.org"));
    assert_eq!(one(&org, "Alice@example.ORG").await.id, alice.id);
    assert_eq!(one(&org, "example.org\\ALICE").await.id, alice.id);
    assert_eq!(find(&org, "OTHER\\alice").await, Found::None);
    assert!(alice.sid.is_none());
    assert!(alice.direct_groups.contains(&dn(&lab::ldap().dn("cn=Sales,ou=groups"))));
}

#[tokio::test]
async fn typed_text_is_never_filter_syntax() {
    let (corp, org) = (ad(lab::ad()), ldap(lab::ldap()));
    for typed in [
        "*",
        "a*",
        "alice)(objectClass=*",
        "*)(|(objectClass=*",
        "alice\\2a",
        "alice*@example.com",
        "(alice)",
        "CN=Alice Adams",
        "alice,OU=Staff",
        "aliçe",
        "\u{ff41}lice",
    ] {
        assert_eq!(find(&corp, typed).await, Found::None, "{typed}");
        assert_eq!(find(&org, typed).await, Found::None, "{typed}");
    }
}

#[tokio::test]
async fn every_state_of_an_account_is_read() {
    let corp = ad(lab::ad());
    assert!(one(&corp, "dora").await.disabled);
    assert!(one(&corp, "emil").await.expires_at.is_some_and(|end| end < 1_500_000_000_000));
    assert_eq!(one(&corp, "fred").await.password, PasswordState::MustChange);
    assert_eq!(one(&corp, "gina").await.password, PasswordState::Expired);
    assert_eq!(one(&corp, "hugo").await.locked, Some(true));
    assert_eq!(one(&corp, "jan").await.email, None);
    let zoe = one(&corp, "zoe").await;
    assert_eq!(zoe.attributes.get(ProfileAttribute::Name), Some("O'Brien, Zo\u{eb} (Ops)"));
    assert_eq!(
        (zoe.attributes.get(ProfileAttribute::GivenName), zoe.attributes.get(ProfileAttribute::FamilyName)),
        (Some("Zo\u{eb}"), Some("O'Brien"))
    );
    let alice = one(&corp, "alice").await;
    assert!(!alice.disabled && alice.locked == Some(false) && alice.expires_at.is_none());
    assert_eq!(alice.password, PasswordState::Usable);
    assert!(alice.sid.as_ref().is_some_and(|sid| sid.sibling(513) == alice.primary_group));
}

#[tokio::test]
async fn openldap_returns_its_own_error_codes() {
    let org = ldap(lab::ldap());
    assert!(one(&org, "hugo").await.disabled, "locked by an administrator for good");
    assert_eq!(one(&org, "fred").await.password, PasswordState::MustChange);
    let plain = one(&org, "bob").await;
    assert!(!plain.disabled && plain.locked == Some(false) && plain.password == PasswordState::Usable);
}

#[tokio::test]
async fn the_email_address_comes_from_the_configured_attribute() {
    let by = |email_attribute| {
        let settings = settings::Directory { email_attribute, ..ad_settings(lab::ad()) };
        Directory::new(&settings, Plain::new(lab::ad().service_password.clone())).expect("good settings")
    };
    let (proxy, principal) = (by(EmailAttribute::ProxyAddresses), by(EmailAttribute::UserPrincipalName));
    assert_eq!(one(&proxy, "alice").await.email.as_deref(), Some("alice@example.com"));
    assert_eq!(one(&proxy, "alice@example.com").await.login_name, "alice");
    assert_eq!(one(&principal, "alice").await.email.as_deref(), Some("alice@corp.example.com"));
    assert_eq!(find(&principal, "alice@example.com").await, Found::None);
}

#[tokio::test]
async fn computers_contacts_and_groups_are_not_people() {
    let lab = lab::ad();
    let (computer, contact) = (lab.dn("CN=PC1,OU=Outside"), lab.dn("CN=Contact One,OU=Outside"));
    lab.admin.add(
        &computer,
        &[("objectClass", "computer"), ("sAMAccountName", "PC1$"), ("mail", "pc1@example.com")],
    );
    lab.admin.add(&contact, &[("objectClass", "contact"), ("mail", "contact1@example.com")]);
    let corp = ad(lab);
    for typed in ["PC1$", "pc1@example.com", "contact1@example.com", "Domain Users", "Sales", "DC1$"] {
        assert_eq!(find(&corp, typed).await, Found::None, "{typed}");
    }
}

#[tokio::test]
async fn a_name_of_two_people_matches_nobody() {
    let lab = lab::ad();
    let shared = "shared-by-two@example.com";
    for _ in 0..2 {
        let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
        lab.admin.replace(&person.dn, "mail", &[shared]);
    }
    assert_eq!(find(&ad(lab), shared).await, Found::Ambiguous(2));
}

#[tokio::test]
async fn too_many_people_with_one_name_match_nobody() {
    let lab = lab::ldap();
    let shared = "shared-by-many@example.org";
    for _ in 0..12 {
        let person = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
        lab.admin.replace(&person.dn, "mail", &[shared]);
    }
    assert!(matches!(find(&ldap(lab), shared).await, Found::Ambiguous(_)));
}

#[tokio::test]
async fn a_person_is_read_by_id_after_a_move() {
    let lab = lab::ad();
    let corp = ad(lab);
    let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    let entry = one(&corp, &person.account).await;
    let moved = lab.admin.move_to(&person.dn, "CN=Somebody\\, Else", &lab.dn("OU=Sales,OU=Staff"));
    let again = corp.read(entry.id, deadline()).await.expect("an answer").expect("the person");
    assert_eq!(again.dn, dn(&moved));
    lab.admin.delete(&moved);
    assert_eq!(corp.read(entry.id, deadline()).await, Ok(None));
    let org = ldap(lab::ldap());
    let alice = one(&org, "alice").await;
    assert_eq!(org.read(alice.id, deadline()).await, Ok(Some(alice)));
}

#[tokio::test]
async fn people_outside_the_base_are_not_found() {
    let lab = lab::ad();
    let bob = one(&ad(lab), "bob").await;
    let settings = settings::Directory { base_dn: lab.dn("OU=Staff"), ..ad_settings(lab) };
    let staff = Directory::new(&settings, Plain::new(lab.service_password.clone())).expect("good settings");
    assert_eq!(one(&staff, "alice").await.login_name, "alice");
    assert_eq!(find(&staff, "bob").await, Found::None);
    assert_eq!(staff.read(bob.id, deadline()).await, Ok(None));
    assert_eq!(staff.resolve(&bob.dn, deadline()).await, Ok(None));
}

#[tokio::test]
async fn objects_are_resolved() {
    let lab = lab::ad();
    let corp = ad(lab);
    let table = [
        (lab.dn("OU=Staff"), ObjectKind::Container),
        (lab.dn("cn=users"), ObjectKind::Container),
        (lab.base_dn.clone(), ObjectKind::Container),
        (lab.dn("CN=CloudSync,OU=Groups"), ObjectKind::Group),
        (lab.dn("CN=Bob Brown,OU=Outside"), ObjectKind::Person),
    ];
    for (text, kind) in table {
        let object = corp.resolve(&dn(&text), deadline()).await.expect("an answer").expect(&text);
        assert_eq!((object.kind, &object.dn), (kind, &dn(&text)));
    }
    assert_eq!(corp.resolve(&dn(&lab.dn("OU=Nowhere")), deadline()).await, Ok(None));
    let org = ldap(lab::ldap());
    let group = org.resolve(&dn(&lab::ldap().dn("cn=CloudSync,ou=groups")), deadline()).await;
    assert_eq!(group.expect("an answer").map(|group| group.kind), Some(ObjectKind::Group));
}

#[tokio::test]
async fn a_wrong_base_is_an_error_and_not_an_empty_result() {
    let lab = lab::ad();
    let settings = settings::Directory { base_dn: "DC=other,DC=org".into(), ..ad_settings(lab) };
    let other = Directory::new(&settings, Plain::new(lab.service_password.clone())).expect("good settings");
    let answer = other.find(&name("alice"), deadline()).await;
    assert!(matches!(answer, Err(DirectoryError::Refused { .. })), "{answer:?}");
}

#[tokio::test]
async fn an_email_address_belongs_to_its_owner_and_not_to_a_matching_login_name() {
    let lab = lab::ad();
    let directory = ad(lab);
    let [owner, namesake] = [(); 2].map(|()| lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password));
    let domain = lab.base_dn.replace("DC=", "").replace(',', ".");
    let mail = format!("{}@{domain}", namesake.account);
    lab.admin.replace(&owner.dn, "mail", &[&mail]);
    let typed = find(&directory, &mail).await;
    let Found::One(meant) = typed else { panic!("the name means one person: {typed:?}") };
    assert_eq!(meant.dn, dn(&namesake.dn), "the person with this principal or login name");
    for spelling in [mail.clone(), mail.to_uppercase()] {
        let Ok(Found::One(found)) = directory.person_with_email(&spelling, deadline()).await else {
            panic!("{spelling}: one has it");
        };
        assert_eq!(found.dn, dn(&owner.dn));
    }
    lab.admin.replace(&namesake.dn, "mail", &[&mail]);
    assert_eq!(directory.person_with_email(&mail, deadline()).await, Ok(Found::Ambiguous(2)));
    assert_eq!(directory.person_with_email("nobody@else.example", deadline()).await, Ok(Found::None));
}
