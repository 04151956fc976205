//! The lab itself: each server starts, responds, follows its options, and ends with its owner.

use std::net::TcpStream;

use crate::support::lab::{self, Person};

#[test]
fn the_domain_knows_its_people_and_takes_changes() {
    let ad = lab::ad();
    let hugo = ad.dn("CN=Hugo Hale,OU=Engineering,OU=Staff");
    assert_eq!(ad.admin.read(&hugo, "msDS-User-Account-Control-Computed"), ["16"], "locked, for good");
    let person: Person = ad.admin.add_person(&ad.dn("OU=Staff"), &ad.user_password);
    ad.admin.replace(&person.dn, "mail", &["zoë@example.com"]);
    assert_eq!(ad.admin.read(&person.dn, "mail"), ["zoë@example.com"]);
    let moved = ad.admin.move_to(&person.dn, "CN=O'Brien\\, Zoë", &ad.dn("OU=Outside"));
    ad.admin.set_ad_password(&moved, "An0ther-Passw0rd!");
    ad.admin.delete(&moved);
}

#[test]
fn openldap_is_frozen_killed_and_started_again() {
    let ldap = lab::own_ldap(&[("USERS", "20")]);
    let person = ldap.admin.add_inet_person(&ldap.dn("ou=people"), &ldap.user_password);
    ldap.pause();
    ldap.resume();
    ldap.kill();
    ldap.restart();
    assert_eq!(ldap.admin.read(&person.dn, "mail"), [person.mail]);
    assert_eq!(ldap.admin.read(&ldap.dn("uid=u0000019,ou=people"), "uid"), ["u0000019"]);
    // Its port may be another server's by then.
    let process = ldap.processes();
    assert!(!process.are_gone());
    drop(ldap);
    assert!(process.are_gone(), "with their owner");
}

#[test]
fn two_openldaps_stand_side_by_side() {
    let (one, other) = (lab::ldap(), lab::own_ldap(&[]));
    assert_ne!(one.tls_port, other.tls_port);
    for server in [one, &other] {
        assert!(TcpStream::connect((server.addr.as_str(), server.port)).is_ok());
    }
}

#[test]
fn postgresql_gives_a_new_database_each_time() {
    let (one, other) = (lab::postgres().url(), lab::postgres().url());
    assert_ne!(one, other);
}

#[test]
fn redis_gives_a_new_database_each_time() {
    let (one, other) = (lab::redis().url(), lab::redis().url());
    assert_ne!(one, other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_provider_of_scim_is_killed_and_started_again() {
    let server = lab::own_scim2_server();
    assert_eq!(server.target().get("Users").await.body["totalResults"], 0);
    server.kill();
    assert!(server.processes().are_gone());
    server.restart();
    assert_eq!(server.target().get("Users").await.status, 200);
    let process = server.processes();
    drop(server);
    assert!(process.are_gone(), "with their owner");
}
