//! What a directory has for an email address: whether it is one, whether it may have it, and that one address has one form.

use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::accounts::import;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::{Corner, account, corp, held, is_active, suspended, synced};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{Person, unique};
use crate::support::provider::{CLIENT, Provider, Setup};

async fn signed_in(provider: &Provider, corner: &Corner, name: &str) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, &corner.password).await
}

async fn turned_away(provider: &Provider, corner: &Corner, person: &Person) {
    let page = signed_in(provider, corner, &person.account).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());
    assert!(page.text().contains("Your email address can\u{2019}t be used"), "{}", page.text());
}

#[tokio::test]
async fn what_is_no_address_makes_no_account_and_holds_back_nobody_else() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let (new, known, fine) = (corner.person(), corner.person(), corner.person());
        corner.mail(&new, "n/a");
        let report = synced(&provider).await;
        assert_eq!(held(&report), [(new.account.as_str(), "mail_invalid")]);
        assert!(is_active(&provider, &fine.mail).await);
        assert_eq!(account(&provider, "n/a").await, None);
        turned_away(&provider, &corner, &new).await;

        // Who has an account keeps it with its address, and gets in again when the directory is right.
        let cloudsync = provider.cloudsync();
        let tokens = cloudsync.exchange(&signed_in(&provider, &corner, &known.account).await).await;
        assert_eq!(tokens.payload("id_token")["email_verified"], true);
        corner.mail(&known, "known at example");
        let report = synced(&provider).await;
        assert_eq!(held(&report).len(), 2, "{:?}", report.conflicts);
        assert!(is_active(&provider, &known.mail).await);
        turned_away(&provider, &corner, &known).await;
        let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.text("error"), "invalid_grant", "nor by what was given before");
        corner.mail(&known, &known.mail);
        corner.mail(&new, &new.mail);
        assert!(synced(&provider).await.conflicts.is_empty());
        assert_eq!(signed_in(&provider, &corner, &known.account).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_domain_that_the_directory_may_not_use_is_held_back() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let own = if corner.is_ad { "example.com" } else { "example.org" };
        let settings = corner.settings(&corner.unit, "");
        let provider = Provider::start(Setup::new(&settings)).await;
        let (fine, foreign) = (corner.person(), corner.person());
        let partner = format!("{}@partner.example", foreign.account);
        corner.mail(&foreign, &partner);
        assert!(synced(&provider).await.conflicts.is_empty(), "any domain, where none is named");
        let narrowed = settings
            .replace("[directories.scope]", &format!("email_domains = [\"{own}\"]\n[directories.scope]"));
        let provider = Provider::start(Setup::new(&narrowed)).await;
        assert_eq!(held(&synced(&provider).await), [(foreign.account.as_str(), "mail_foreign")]);
        assert!(is_active(&provider, &fine.mail).await);
        turned_away(&provider, &corner, &foreign).await;
        corner.mail(&foreign, &foreign.mail.to_uppercase());
        assert!(synced(&provider).await.conflicts.is_empty());
        // Of an address that somebody has had before it was forbidden, nothing is left to sign in with.
        corner.mail(&foreign, &partner);
        assert_eq!(held(&synced(&provider).await), [(foreign.account.as_str(), "mail_foreign")]);
        turned_away(&provider, &corner, &foreign).await;
    }
}

/// A sign-in writes nothing then, and what it can't write must not hide that the address is forbidden.
#[tokio::test]
async fn a_forbidden_address_stays_forbidden_while_the_sync_is_paused() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let person = corner.person();
        synced(&provider).await;
        let cloudsync = provider.cloudsync();
        let tokens = cloudsync.exchange(&signed_in(&provider, &corner, &person.account).await).await;
        let settings = corner
            .settings(&corner.unit, "")
            .replace("[directories.scope]", "email_domains = [\"elsewhere.example\"]\n[directories.scope]");
        provider.apply(&format!("{CLIENT}\n{settings}"), Mode::Replace).await.expect("good settings");
        provider
            .parts
            .store
            .sync()
            .pause(&corp(), "a test", provider.parts.now())
            .await
            .expect("the store answers");
        // A later end is a change that waits for the sync to be resumed.
        match corner.is_ad {
            true => corner.admin.replace(&person.dn, "accountExpires", &["160000000000000000"]),
            false => corner.admin.replace(&person.dn, "pwdEndTime", &["20990101000000Z"]),
        }
        turned_away(&provider, &corner, &person).await;
        let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.text("error"), "invalid_grant", "nor by what was given before");
        let trail =
            provider.parts.store.login().audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
        let refused = trail.iter().find(|row| row.cause.as_deref() == Some("mail_present"));
        let detail = format!("{:?}", refused.expect("refused by the address").detail);
        assert!(detail.contains("email_domains"), "the fault of the address is named: {detail}");
    }
}

/// Active Directory takes letters of every script in an address, other directories the encoded form alone.
#[tokio::test]
async fn an_international_domain_has_one_form() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let (one, two) = (corner.person(), corner.person());
        let domain = unique("b\u{fc}cher");
        let (decoded, encoded) = (format!("{}@{domain}.example", one.account), {
            let encoded = idna::domain_to_ascii(&format!("{domain}.example")).expect("a domain");
            format!("{}@{encoded}", one.account)
        });
        corner.mail(&one, if corner.is_ad { &decoded } else { &encoded });
        let file = format!("id,email,name\n42,{},One\n", decoded.to_uppercase());
        import(&provider.parts, file.as_bytes()).await.expect("a good file");
        let report = synced(&provider).await;
        assert_eq!((report.counts.linked, report.counts.created), (1, 1), "{:?}", report.conflicts);
        for typed in [&decoded, &encoded] {
            let page = signed_in(&provider, &corner, typed).await;
            let tokens = provider.cloudsync().exchange(&page).await;
            assert_eq!(tokens.payload("id_token")["sub"], "42", "{typed}");
        }
        corner.mail(&two, &encoded);
        assert_eq!(held(&synced(&provider).await), [(two.account.as_str(), "mail_taken")]);
    }
}

#[tokio::test]
async fn a_leaver_without_an_address_is_no_conflict() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let (leaver, gone_before) = (corner.person(), corner.person());
        corner.disable(&gone_before);
        corner.mail(&gone_before, "");
        synced(&provider).await;
        corner.disable(&leaver);
        corner.mail(&leaver, "");
        let report = synced(&provider).await;
        assert!(report.conflicts.is_empty(), "{:?}", report.conflicts);
        assert!(suspended(&provider, &leaver.mail).await.is_some());
        corner.enable(&leaver);
        assert_eq!(held(&synced(&provider).await), [(leaver.account.as_str(), "no_mail")]);
    }
}

/// Whoever writes another's own name as their mail makes nobody ambiguous, and is not found by it.
#[tokio::test]
async fn a_name_written_as_a_mail_leads_to_its_owner_alone() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let (owner, thief) = (corner.person(), corner.person());
        let (name, mail) = if corner.is_ad {
            (format!("{}@corp.example.com", owner.account), owner.mail.clone())
        } else {
            let (name, mail) = (format!("{}@names.example", owner.account), format!("own-{}", owner.mail));
            let dn = format!("cn={},{}", owner.account, corner.unit);
            let fields = [("objectClass", "inetOrgPerson"), ("cn", &owner.account), ("sn", "Owner")];
            let own = [("uid", name.as_str()), ("mail", &mail), ("userPassword", &corner.password)];
            corner.admin.add(&dn, &[fields.as_slice(), &own].concat());
            (name, mail)
        };
        // More than a search takes.
        let crowd: Vec<Person> = (0..12).map(|_| corner.person()).collect();
        for person in crowd.iter().chain([&thief]) {
            corner.mail(person, &name);
        }
        let page = signed_in(&provider, &corner, &name).await;
        let claims = provider.cloudsync().exchange(&page).await.payload("id_token");
        assert_eq!(claims["email"], mail.as_str());
        synced(&provider).await;
        let again = provider.cloudsync().exchange(&signed_in(&provider, &corner, &name).await).await;
        assert_eq!(again.payload("id_token")["sub"], claims["sub"]);
    }
}
