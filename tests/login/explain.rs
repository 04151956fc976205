//! `explain` names the first gate that fails, for each person of the domain.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::gates::{Gate, Judgement, Verdict};
use cloudsync_idp::flow::support::explain::{explain, tries};

use super::right;
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ad_settings};
use crate::support::rows::AccountRows;

async fn explained(provider: &Provider, name: &str) -> Judgement {
    let current = provider.parts.current();
    let site = current.site(&DirectoryId("corp".into())).expect("the directory of the test");
    explain(&provider.parts.login(), site, name).await.expect("an answer")
}

#[tokio::test]
async fn the_first_failing_gate_is_the_true_reason() {
    let provider = Provider::for_ad(lab::ad()).await;
    let table = [
        ("alice", None),
        ("CORP\\alice", None),
        ("alice@example.com", None),
        ("bob", None),
        ("ada", None),
        ("zoe", None),
        ("carol", Some(Gate::InScope)),
        ("dora", Some(Gate::Enabled)),
        ("emil", Some(Gate::NotExpired)),
        ("fred", Some(Gate::PasswordUsable)),
        ("gina", Some(Gate::PasswordUsable)),
        ("hugo", Some(Gate::NotLocked)),
        ("jan", Some(Gate::MailPresent)),
        ("nobody", Some(Gate::Found)),
        ("*", Some(Gate::Found)),
        ("", Some(Gate::Found)),
    ];
    for (name, gate) in table {
        let judgement = explained(&provider, name).await;
        assert_eq!(judgement.refusal(), gate, "{name}: {judgement:?}");
        assert!(judgement.passed().is_none(), "an explanation is no sign-in");
        let bound = judgement.gates().iter().find(|judged| judged.gate == Gate::Bound);
        assert_eq!(bound.map(|judged| judged.verdict), Some(Verdict::NotTried), "{name}");
    }
}

#[tokio::test]
async fn an_email_address_of_another_account_is_named_with_its_owner() {
    let ad = lab::ad();
    let [person, owner] = [(); 2].map(|()| ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right()));
    let provider = Provider::for_ad(ad).await;
    ad.admin.replace(&person.dn, "mail", &[&owner.mail]);
    let before = provider.parts.store.identity().account_by_email(&person.mail).await.expect("the store");
    let judgement = explained(&provider, &person.account).await;
    assert_eq!(judgement.refusal(), Some(Gate::MailMatches), "{judgement:?}");
    let owner = provider
        .parts
        .store
        .identity()
        .account_by_email(&owner.mail)
        .await
        .expect("the store")
        .expect("Alice");
    let gates = serde_json::to_string(&judgement).expect("plain data");
    assert!(gates.contains(&owner.id.0) && gates.contains(&person.mail), "{gates}");
    let after = provider.parts.store.identity().account_by_email(&person.mail).await.expect("the store");
    assert!(before.is_some() && before == after, "nothing was written");
}

#[tokio::test]
async fn a_newcomer_is_judged_as_if_already_synced() {
    let ad = lab::ad();
    let provider = Provider::for_ad(ad).await;
    let person = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
    let judgement = explained(&provider, &person.account).await;
    assert_eq!(judgement.refusal(), None, "{judgement:?}");
    let written = provider.parts.store.identity().account_by_email(&person.mail).await.expect("the store");
    assert_eq!(written, None, "nothing was written");
}

#[tokio::test]
async fn used_up_attempts_are_reported() {
    let ad = lab::strict_ad();
    let throttle = NO_THROTTLE.replace("name_per_minute = 0", "name_per_minute = 100");
    let settings = format!("{throttle}{}", ad_settings(ad));
    // The throttle counts from minute to minute: on a running clock the two attempts may fall into two of them.
    let clock = Clock::fixed(Clock::System.now());
    let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
    let person = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
    let (parts, current) = (&provider.parts.login(), provider.parts.current());
    let corp = current.site(&DirectoryId("corp".into())).expect("the directory of the test");
    let attempts_of = async |name: &str| tries(parts, corp, name).await.expect("an answer");
    let before = attempts_of(&person.account).await;
    assert!(before.stops_unknown().is_none() && before.person.is_some_and(|count| count.until.is_none()));

    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    for password in ["wrong", "wrong again"] {
        browser.submit(&page, &person.account, password).await;
    }
    let used_up = attempts_of(&person.account).await;
    let stopped = used_up.stops_unknown().expect("strangers have no attempt left");
    assert_eq!((stopped.spent, stopped.threshold, stopped.unknown_browser_limit), (2, 4, Some(2)));
    assert!(stopped.until.is_some() && used_up.stops_known().is_none(), "{used_up:?}");
    assert_eq!(used_up.name.spent, 2);
    let by_name = &used_up.throttles[0];
    assert_eq!((by_name.throttle, by_name.wrong, by_name.most), ("throttled_name", 2, 100));
    assert!(attempts_of("nobody").await.person.is_none());
}
