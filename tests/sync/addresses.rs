//! Email addresses of a directory: invalid and forbidden ones, and one form for each address.

use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::load_accounts::import;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::{Subtree, account, conflicts_of, corp, is_active, suspended, synced};
use crate::support::browser::{Browser, Page};
use crate::support::desk;
use crate::support::lab::{Person, unique};
use crate::support::provider::{CLIENT, Provider, Setup};
use crate::support::rows::Decisions;

async fn signed_in(provider: &Provider, subtree: &Subtree, name: &str) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, &subtree.password).await
}

async fn refused_by_address(provider: &Provider, subtree: &Subtree, person: &Person) {
    let page = signed_in(provider, subtree, &person.account).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());
    assert!(page.text().contains("Your email address can\u{2019}t be used"), "{}", page.text());
}

#[tokio::test]
async fn an_invalid_address_creates_no_account_and_holds_back_nobody_else() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (new, known, fine) = (subtree.person(), subtree.person(), subtree.person());
        subtree.mail(&new, "n/a");
        let report = synced(&provider).await;
        assert_eq!(conflicts_of(&report), [(new.account.as_str(), "mail_invalid")]);
        assert!(is_active(&provider, &fine.mail).await);
        assert_eq!(account(&provider, "n/a").await, None);
        refused_by_address(&provider, &subtree, &new).await;

        // An existing account keeps its address, and gets in again when the directory is corrected.
        let cloudsync = provider.cloudsync();
        let tokens = cloudsync.exchange(&signed_in(&provider, &subtree, &known.account).await).await;
        assert_eq!(tokens.payload("id_token")["email_verified"], true);
        subtree.mail(&known, "known at example");
        let report = synced(&provider).await;
        assert_eq!(conflicts_of(&report).len(), 2, "{:?}", report.conflicts);
        assert!(is_active(&provider, &known.mail).await);
        refused_by_address(&provider, &subtree, &known).await;
        let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.text("error"), "invalid_grant", "earlier tokens are refused too");
        subtree.mail(&known, &known.mail);
        subtree.mail(&new, &new.mail);
        assert!(synced(&provider).await.conflicts.is_empty());
        assert_eq!(signed_in(&provider, &subtree, &known.account).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn an_address_in_a_forbidden_domain_is_a_conflict() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let own = if subtree.is_ad { "example.com" } else { "example.org" };
        let settings = subtree.settings(&subtree.unit, "");
        let provider = Provider::start(Setup::new(&settings)).await;
        let (fine, foreign) = (subtree.person(), subtree.person());
        let partner = format!("{}@partner.example", foreign.account);
        subtree.mail(&foreign, &partner);
        assert!(synced(&provider).await.conflicts.is_empty(), "any domain is allowed if none is set");
        let narrowed = settings
            .replace("[directories.scope]", &format!("email_domains = [\"{own}\"]\n[directories.scope]"));
        let provider = Provider::start(Setup::new(&narrowed)).await;
        assert_eq!(conflicts_of(&synced(&provider).await), [(foreign.account.as_str(), "mail_foreign")]);
        assert!(is_active(&provider, &fine.mail).await);
        refused_by_address(&provider, &subtree, &foreign).await;
        subtree.mail(&foreign, &foreign.mail.to_uppercase());
        assert!(synced(&provider).await.conflicts.is_empty());
        // An account that got the address before it was forbidden cannot sign in either.
        subtree.mail(&foreign, &partner);
        assert_eq!(conflicts_of(&synced(&provider).await), [(foreign.account.as_str(), "mail_foreign")]);
        refused_by_address(&provider, &subtree, &foreign).await;
    }
}

/// A sign-in stores nothing then; what it cannot store must not hide that the address is forbidden.
#[tokio::test]
async fn a_forbidden_address_stays_forbidden_while_the_sync_is_paused() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let person = subtree.person();
        synced(&provider).await;
        let cloudsync = provider.cloudsync();
        let tokens = cloudsync.exchange(&signed_in(&provider, &subtree, &person.account).await).await;
        let settings = subtree
            .settings(&subtree.unit, "")
            .replace("[directories.scope]", "email_domains = [\"elsewhere.example\"]\n[directories.scope]");
        provider.apply(&format!("{CLIENT}\n{settings}"), Mode::Replace).await.expect("good settings");
        let now = provider.parts.now();
        provider.parts.store.sync().pause(&corp(), now).await.expect("the store answers");
        // A later expiry is a change that waits for the sync to be resumed.
        match subtree.is_ad {
            true => subtree.admin.replace(&person.dn, "accountExpires", &["160000000000000000"]),
            false => subtree.admin.replace(&person.dn, "pwdEndTime", &["20990101000000Z"]),
        }
        refused_by_address(&provider, &subtree, &person).await;
        let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.text("error"), "invalid_grant", "earlier tokens are refused too");
        let trail =
            provider.parts.store.login().audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
        let refused = trail.iter().find(|row| row.cause.as_deref() == Some("mail_present"));
        let detail = format!("{:?}", refused.expect("refused by the address").detail);
        assert!(detail.contains("email_domains"), "the reason names the setting: {detail}");
    }
}

/// Active Directory accepts letters of every script in an address, other directories only the encoded form.
#[tokio::test]
async fn an_international_domain_has_one_form() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (one, two) = (subtree.person(), subtree.person());
        let domain = unique("b\u{fc}cher");
        let (decoded, encoded) = (format!("{}@{domain}.example", one.account), {
            let encoded = idna::domain_to_ascii(&format!("{domain}.example")).expect("a domain");
            format!("{}@{encoded}", one.account)
        });
        subtree.mail(&one, if subtree.is_ad { &decoded } else { &encoded });
        let file = format!("id,email,name\n42,{},One\n", decoded.to_uppercase());
        import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file");
        let report = synced(&provider).await;
        assert_eq!((report.counts.linked, report.counts.created), (1, 1), "{:?}", report.conflicts);
        for typed in [&decoded, &encoded] {
            let page = signed_in(&provider, &subtree, typed).await;
            let tokens = provider.cloudsync().exchange(&page).await;
            assert_eq!(tokens.payload("id_token")["sub"], "42", "{typed}");
        }
        subtree.mail(&two, &encoded);
        assert_eq!(conflicts_of(&synced(&provider).await), [(two.account.as_str(), "mail_taken")]);
    }
}

#[tokio::test]
async fn a_leaver_without_an_address_is_no_conflict() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (leaver, gone_before) = (subtree.person(), subtree.person());
        subtree.disable(&gone_before);
        subtree.mail(&gone_before, "");
        synced(&provider).await;
        subtree.disable(&leaver);
        subtree.mail(&leaver, "");
        let report = synced(&provider).await;
        assert!(report.conflicts.is_empty(), "{:?}", report.conflicts);
        assert!(suspended(&provider, &leaver.mail).await.is_some());
        subtree.enable(&leaver);
        assert_eq!(conflicts_of(&synced(&provider).await), [(leaver.account.as_str(), "no_mail")]);
    }
}

/// Entering another's login name as an email address makes it ambiguous for nobody, and finds nobody.
#[tokio::test]
async fn a_login_name_used_as_an_email_address_finds_only_its_owner() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (owner, thief) = (subtree.person(), subtree.person());
        let (name, mail) = if subtree.is_ad {
            (format!("{}@corp.example.com", owner.account), owner.mail.clone())
        } else {
            let (name, mail) = (format!("{}@names.example", owner.account), format!("own-{}", owner.mail));
            let dn = format!("cn={},{}", owner.account, subtree.unit);
            let fields = [("objectClass", "inetOrgPerson"), ("cn", &owner.account), ("sn", "Owner")];
            let own = [("uid", name.as_str()), ("mail", &mail), ("userPassword", &subtree.password)];
            subtree.admin.add(&dn, &[fields.as_slice(), &own].concat());
            (name, mail)
        };
        // More than a search returns.
        let crowd: Vec<Person> = (0..12).map(|_| subtree.person()).collect();
        for person in crowd.iter().chain([&thief]) {
            subtree.mail(person, &name);
        }
        let page = signed_in(&provider, &subtree, &name).await;
        let claims = provider.cloudsync().exchange(&page).await.payload("id_token");
        assert_eq!(claims["email"], mail.as_str());
        synced(&provider).await;
        let again = provider.cloudsync().exchange(&signed_in(&provider, &subtree, &name).await).await;
        assert_eq!(again.payload("id_token")["sub"], claims["sub"]);
    }
}
