//! `cloudsync-idp doctor` against real directories, healthy and broken: findings and exit status.

use super::process::{Installation, Ran, free_port};
use crate::support::lab::{self, AdLab};
use crate::support::provider::{CLIENT, ad_settings, ldap_settings};

fn with(directory: &str) -> Installation {
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{directory}"));
    idp
}

/// The findings of the first directory as (check, verdict, all texts).
fn findings(idp: &Installation) -> Vec<(String, String, String)> {
    let ran = idp.run(&["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let list = report["directories"][0]["findings"].as_array().expect("findings").clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|one| {
            let all = [&one["what"], &one["evidence"], &one["fix"]].map(text).join(" | ");
            (text(&one["check"]), text(&one["verdict"]), all)
        })
        .collect()
}

/// The one finding of a check.
fn of(all: &[(String, String, String)], check: &str) -> (String, String) {
    let found: Vec<_> = all.iter().filter(|(known, _, _)| known == check).collect();
    assert_eq!(found.len(), 1, "{check}: {all:#?}");
    (found[0].1.clone(), found[0].2.clone())
}

fn verdicts(all: &[(String, String, String)], expected: &[(&str, &str)]) {
    for (check, verdict) in expected {
        assert_eq!(of(all, check).0, *verdict, "{check}: {all:#?}");
    }
}

/// An OU of this test's own, and settings with only this OU in scope.
fn own_unit(ad: &AdLab) -> (String, String) {
    let unit = ad.dn(&format!("OU={}", lab::unique("doctor")));
    ad.admin.add(&unit, &[("objectClass", "organizationalUnit")]);
    let settings = ad_settings(ad)
        .replace(&format!("OU=Staff,{}", ad.base_dn), &unit)
        .replace("[directories.scope]", "assumed_lockout_threshold = 0\n[directories.scope]")
        .replace(&format!("\"CN=CloudSync,OU=Groups,{}\"", ad.base_dn), "");
    (unit, settings)
}

#[test]
fn a_healthy_domain_has_no_findings_to_fix() {
    let ad = lab::ad();
    let (unit, settings) = own_unit(ad);
    ad.admin.add_person(&unit, &ad.user_password);
    let idp = with(&settings);
    let ran = idp.run(&["doctor"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("Example Corp (corp): "), "{}", ran.out);
    assert!(!ran.out.contains(&ad.service_password), "no secrets");
    let all = findings(&idp);
    let well = [
        "authority",
        "name",
        "port",
        "tls",
        "tls_suites",
        "certificate",
        "bind",
        "signing",
        "clock",
        "paging",
        "sync_feed",
        "base_dn",
        "deleted_objects",
        "dirsync",
        "limits",
        "indexes",
        "lockout",
        "scope",
        "people",
        "attributes",
        "mail_missing",
        "mail_duplicate",
        "smart_card",
        "token_groups",
        "mail_self_writable",
    ];
    verdicts(&all, &well.map(|check| (check, "ok")));
    verdicts(&all, &[("fine_grained_policies", "info")]);
    assert!(of(&all, "people").1.starts_with("1 enabled person"), "{all:#?}");
    assert!(of(&all, "tls_suites").1.contains("TLS13_AES_256_GCM_SHA384"), "{all:#?}");
    assert!(of(&all, "lockout").1.starts_with("5 wrong passwords lock an account"), "{all:#?}");
    assert!(of(&all, "limits").1.contains("MaxPageSize 1000, MaxValRange 1500"), "{all:#?}");

    let below = settings.replace(&format!("base_dn = \"{}\"", ad.base_dn), &format!("base_dn = \"{unit}\""));
    let all = findings(&with(&below));
    verdicts(&all, &["deleted_objects", "dirsync"].map(|check| (check, "ok")));
}

#[test]
fn people_with_problems_are_counted_and_named() {
    let ad = lab::ad();
    let (unit, settings) = own_unit(ad);
    let [one, other, card, nobody, off] = [(); 5].map(|()| ad.admin.add_person(&unit, &ad.user_password));
    ad.admin.replace(&other.dn, "mail", &[&one.mail.to_uppercase()]);
    ad.admin.replace(&card.dn, "userAccountControl", &["328192"]); // 0x50200: a smart card is required
    ad.admin.replace(&nobody.dn, "mail", &[]);
    ad.admin.replace(&off.dn, "mail", &[]);
    ad.admin.replace(&off.dn, "userAccountControl", &["66050"]);
    let all = findings(&with(&settings));
    assert!(of(&all, "people").1.starts_with("enabled people in scope: 4"), "{all:#?}");
    let table = [
        ("mail_duplicate", vec![&one.dn, &other.dn]),
        ("smart_card", vec![&card.dn]),
        ("mail_missing", vec![&nobody.dn]),
    ];
    for (check, names) in table {
        let (verdict, said) = of(&all, check);
        assert_eq!(verdict, "warning", "{check}");
        assert!(names.iter().all(|name| said.contains(name.as_str())), "{check}: {said}");
        assert!(!said.contains(&off.dn), "who is disabled troubles nobody: {said}");
    }
    assert_eq!(with(&settings).run(&["doctor"]).status, Some(1));
}

#[test]
fn an_address_that_people_can_change_is_an_error_if_declared_safe() {
    let ad = lab::ad();
    let (unit, settings) = own_unit(ad);
    let person = ad.admin.add_person(&unit, &ad.user_password);
    // the right to write mail for the entry itself (Principal Self)
    ad.rule(&person.dn, "(OA;;WP;bf967961-0de6-11d0-a285-00aa003049e2;;PS)");
    let (verdict, said) = of(&findings(&with(&settings)), "mail_self_writable");
    assert_eq!(verdict, "error");
    assert!(said.contains(&person.dn) && said.contains("S-1-5-10"), "{said}");
    let modest =
        settings.replace("email_written_by_admins_only = true", "email_written_by_admins_only = false");
    assert_eq!(of(&findings(&with(&modest)), "mail_self_writable").0, "info");
}

#[test]
fn attributes_hidden_from_the_service_account_are_an_error() {
    let ad = lab::ad();
    let (unit, settings) = own_unit(ad);
    let person = ad.admin.add_person(&unit, &ad.user_password);
    // userAccountControl is not for everybody to read
    ad.rule(&person.dn, "(OD;;RP;bf967a68-0de6-11d0-a285-00aa003049e2;;AU)");
    let (verdict, said) = of(&findings(&with(&settings)), "attributes");
    assert!(verdict == "error" && said.contains("userAccountControl (1 times)"), "{said}");
    let hidden = ad.dn(&format!("OU={}", lab::unique("hidden")));
    ad.admin.add(&hidden, &[("objectClass", "organizationalUnit")]);
    ad.rule(&hidden, "(D;;RPLCLO;;;AU)");
    let idp = with(&settings.replace(&unit, &hidden));
    let (verdict, said) = of(&findings(&idp), "scope");
    assert!(verdict == "error" && said.contains(&hidden), "{said}");
    assert_eq!(idp.run(&["doctor"]).status, Some(2));
}

#[test]
fn openldap_tells_less_and_says_so() {
    let ldap = lab::ldap();
    let idp = with(&ldap_settings(&[ldap]));
    let ran = idp.run(&["doctor"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let all = findings(&idp);
    let well = [
        "tls",
        "tls_suites",
        "bind",
        "paging",
        "sync_feed",
        "base_dn",
        "scope",
        "people",
        "attributes",
        "mail_duplicate",
    ];
    verdicts(&all, &well.map(|check| (check, "ok")));
    verdicts(&all, &["clock", "indexes", "mail_self_writable"].map(|check| (check, "can't tell")));
    verdicts(&all, &[("lockout", "warning")]);
    let policy =
        format!("password_policy = \"cn=default,ou=policies,{}\"\n[directories.scope]", ldap.base_dn);
    idp.apply(&ldap_settings(&[ldap]).replace("[directories.scope]", &policy));
    assert!(of(&findings(&idp), "lockout").1.starts_with("5 wrong passwords lock an account"));

    let silent = lab::own_ldap(&[("SYNCPROV", "no")]);
    let (verdict, said) = of(&findings(&with(&ldap_settings(&[&silent]))), "sync_feed");
    assert!(verdict == "info" && said.contains("does not support") && said.contains("syncprov"), "{said}");
}

#[test]
fn a_wrong_password_is_tried_once_whatever_has_it() {
    let ad = lab::ad();
    let account = ad.admin.add_person(&ad.dn("OU=Outside"), &ad.user_password);
    let one = ad_settings(ad).replace(&ad.service_dn, &account.dn).replace(&ad.service_password, "wrong");
    let server = format!("{{ host = \"{}\", port = 636, tls_name = \"{}\" }}", ad.addr, ad.host_name);
    let two = one.replace("servers = [", &format!("servers = [{server}, "));
    let other = two
        .replace("\"corp\"", "\"other\"")
        .replace("Example Corp", "Other Corp")
        .replace("\"CORP\"", "\"OTHER\"");
    let idp = with(&format!("{two}{other}"));
    let ran = idp.run(&["doctor"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert_eq!(ran.out.matches("its name or password is wrong").count(), 1, "{}", ran.out);
    assert_eq!(ran.out.matches("the service account's bind was not tried").count(), 3, "{}", ran.out);
    assert_eq!(ad.admin.read(&account.dn, "badPwdCount"), ["1"]);
}

#[test]
fn a_domain_that_demands_signing_says_so_in_words() {
    let ad = lab::own_ad(&[("STRONG_AUTH", "yes")]);
    let tls = format!("port = 636, tls_name = \"{}\"", ad.host_name);
    let plain = ad_settings(&ad)
        .replace(&tls, "port = 389")
        .replace("netbios_name", "encryption = \"unencrypted_loopback_only\"\nnetbios_name");
    let all = findings(&with(&plain));
    let (verdict, said) = of(&all, "signing");
    assert_eq!(verdict, "error");
    assert!(said.contains("Transport encryption required") && said.contains("ldaps"), "{said}");
}

#[test]
fn what_can_not_be_reached_or_looked_at_is_another_status() {
    let idp = with(
        &ldap_settings(&[lab::ldap()]).replace(&lab::ldap().tls_port.to_string(), &free_port().to_string()),
    );
    let ran = idp.run(&["doctor"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(
        ran.out.contains("FAIL") && ran.out.contains("the port does not accept connections"),
        "{}",
        ran.out
    );
    let refused = |idp: &Installation, arguments: &[&str], said: &str| {
        let Ran { status, out, err } = idp.run(arguments);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(said), "{err}");
    };
    refused(&idp, &["doctor", "--directory", "crop"], "there is no directory \"crop\"; there are: corp");
    refused(&Installation::new(), &["doctor"], "settings apply FILE");
}

#[test]
fn a_missing_selection_is_named_and_groups_count_after_a_sync() {
    let ad = lab::ad();
    let gone = ad.dn("OU=Gone");
    let settings = ad_settings(ad).replace(&format!("OU=Staff,{}", ad.base_dn), &gone);
    let idp = with(&settings);
    let all = findings(&idp);
    let (verdict, said) = of(&all, "scope");
    assert!(verdict == "error" && said.contains(&gone), "{said}");
    assert!(all.iter().any(|(check, verdict, _)| check == "people" && verdict == "can't tell"), "{all:#?}");
    idp.apply(&ad_settings(ad));
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    idp.apply(&ad_settings(ad).replace(&format!("\"OU=Staff,{}\"", ad.base_dn), ""));
    let (verdict, said) = of(&findings(&idp), "people");
    assert!(verdict == "ok" && said.contains("enabled people in scope: "), "{said}");
}

#[test]
fn a_settings_file_is_tested_before_it_is_applied() {
    let ldap = lab::ldap();
    let idp = Installation::new();
    idp.apply(CLIENT);
    let stored = idp.run(&["settings", "export"]).out;
    let tested = |settings: &str| {
        let file = idp.write("draft.toml", settings).display().to_string();
        let ran = idp.run(&["doctor", "--settings", &file, "--json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
        let findings = report["directories"][0]["findings"].as_array().expect("findings");
        let of = |check: &str| {
            let found = findings.iter().find(|one| one["check"] == check);
            found.map(|one| one["verdict"].as_str().unwrap_or_default().to_owned())
        };
        (ran.status, ["port", "bind", "people"].map(of))
    };
    let good = ldap_settings(&[ldap]);
    let ok = || Some("ok".to_owned());
    assert_eq!(tested(&good), (Some(1), [ok(), ok(), ok()]), "a warning: there is no lockout policy");
    let closed = good.replace(&ldap.tls_port.to_string(), &free_port().to_string());
    assert_eq!(tested(&closed), (Some(2), [Some("error".to_owned()), None, None]));
    assert_eq!(idp.run(&["settings", "export"]).out, stored, "nothing is stored");
    let empty = idp.write("empty.toml", "").display().to_string();
    assert!(idp.run(&["doctor", "--settings", &empty]).err.contains("no directory is configured"));
}
