//! Thousands of wrong passwords, from many addresses and browsers and on several nodes at once, against
//! directories that lock an account at the fourth (the smallest threshold that leaves its owner an attempt):
//! no account is locked, and the owners get in meanwhile.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};

use super::{GENERIC, TOO_MANY, assert_refused, right, with_policy};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, AdLab, LdapLab};
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ad_settings};
use crate::support::relying_party::RelyingParty;
use crate::support::{count, measured};

/// How many browsers type at the same time.
const AT_ONCE: usize = 24;
/// How many wrong passwords each browser types before the next one takes over.
const EACH: usize = 5;

/// How many wrong passwords, for how many people.
fn how_many() -> (usize, usize) {
    (count(300, 10_000), count(25, usize::MAX))
}

/// Types one wrong password after another, for one name after another, and checks that all are refused alike.
async fn spray(cloudsync: &RelyingParty, names: &[String], attempts: usize) {
    let guesser = async |number: usize| {
        let place = u32::try_from(number % 4000).expect("a small number");
        let browser = Browser::at(Ipv4Addr::from(0x7f32_0001_u32 + place));
        let page = browser.follow(&cloudsync.authorize(&[]).url).await;
        for guess in number * EACH..((number + 1) * EACH).min(attempts) {
            let name = &names[guess % names.len()];
            let answer = guess_once(&browser, &page, name, &format!("Guess-{guess}")).await;
            assert_not_in(&answer);
        }
    };
    stream::iter((0..attempts.div_ceil(EACH)).map(guesser))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
}

/// A wrong password, or too many attempts.
fn assert_not_in(answer: &Page) {
    let expected = if answer.status.as_u16() == 429 { TOO_MANY } else { GENERIC };
    assert_refused(answer, expected);
}

/// A request shed under load (503) was not tried, so it is sent again.
async fn guess_once(browser: &Browser, page: &Page, name: &str, password: &str) -> Page {
    for _ in 0..50 {
        let answer = browser.submit(page, name, password).await;
        if answer.status.as_u16() != 503 {
            return answer;
        }
    }
    panic!("{name}: shed fifty times");
}

/// The owner signs in, again and again, in a known browser.
async fn owner(cloudsync: &RelyingParty, browser: &Browser, times: usize) {
    for _ in 0..times {
        let arrived = signs_in(cloudsync, browser, "alice", right()).await;
        assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
    }
}

async fn signs_in(cloudsync: &RelyingParty, browser: &Browser, name: &str, password: &str) -> Page {
    browser.sign_in(&cloudsync.authorize(&[("prompt", "login")]), name, password).await
}

/// How many people have each value.
fn table<'a>(values: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut table = BTreeMap::new();
    for value in values {
        *table.entry(value).or_default() += 1;
    }
    table
}

/// What a domain has counted: by person, `badPwdCount` and `lockoutTime`.
fn counts_of(lab: &AdLab) -> BTreeMap<String, (String, String)> {
    let filter = "(&(objectClass=user)(department=*))";
    let people = lab.admin.each(&lab.base_dn, filter, &["sAMAccountName", "badPwdCount", "lockoutTime"]);
    let number = |values: &[String]| values.first().cloned().unwrap_or_else(|| "0".to_owned());
    people
        .into_iter()
        .map(|of| (of["sAMAccountName"].concat(), (number(&of["badPwdCount"]), number(&of["lockoutTime"]))))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn active_directory_locks_no_account_and_the_owner_gets_in() {
    let lab = lab::own_ad(&[("LOCKOUT", "4")]);
    let provider = Provider::start(Setup::new(&format!("{NO_THROTTLE}{}", ad_settings(&lab)))).await;
    provider.sync().await.expect("the first sync");
    let (cloudsync, browser) = (provider.cloudsync(), Browser::new());
    owner(&cloudsync, &browser, 1).await;

    let (attempts, people) = how_many();
    let before = counts_of(&lab);
    let forms = |name: &String| [name.clone(), format!("CORP\\{name}"), format!("{name}@corp.example.com")];
    let names: Vec<String> = before.keys().take(people).flat_map(forms).collect();
    join(spray(&cloudsync, &names, attempts), owner(&cloudsync, &browser, attempts / 50)).await;

    let after = counts_of(&lab);
    let counted = table(after.values().map(|(count, _)| count.as_str()));
    let locked = |counts: &BTreeMap<String, (String, String)>| {
        let locked = counts.iter().filter(|(_, (_, time))| time != "0");
        locked.map(|(name, (_, time))| (name.clone(), time.clone())).collect::<Vec<_>>()
    };
    measured(&format!(
        "Samba AD, lockout threshold 4, {attempts} wrong passwords for {} of {} people: badPwdCount => people {counted:?}; \
         lockoutTime set before {:?}, after {:?}",
        people.min(after.len()),
        after.len(),
        locked(&before),
        locked(&after),
    ));
    assert_eq!(locked(&after), locked(&before));
    for (name, (count, _)) in &after {
        let most = before[name].0.parse::<u32>().expect("a number").max(2);
        assert!(count.parse::<u32>().expect("a number") <= most, "{name}: {count}");
    }
    owner(&cloudsync, &browser, 1).await;
}

/// What OpenLDAP has counted: by person, how many `pwdFailureTime` there are and `pwdAccountLockedTime`.
fn failures_of(lab: &LdapLab) -> BTreeMap<String, (usize, String)> {
    let attributes = ["uid", "pwdFailureTime", "pwdAccountLockedTime"];
    let people = lab.admin.each(&lab.base_dn, "(objectClass=inetOrgPerson)", &attributes);
    let failures = |of: &std::collections::HashMap<String, Vec<String>>| {
        (of["pwdFailureTime"].len(), of["pwdAccountLockedTime"].concat())
    };
    people.iter().map(|of| (of["uid"].concat(), failures(of))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn openldap_locks_no_account_and_the_owner_gets_in() {
    let lab = lab::own_ldap(&[("LOCKOUT", "4"), ("USERS", "50")]);
    let provider = Provider::start(Setup::new(&format!("{NO_THROTTLE}{}", with_policy(&lab)))).await;
    provider.sync().await.expect("the first sync");
    let (cloudsync, browser) = (provider.cloudsync(), Browser::new());
    owner(&cloudsync, &browser, 1).await;

    let (attempts, people) = how_many();
    let before = failures_of(&lab);
    let forms = |name: &String| [name.clone(), format!("CORP\\{name}")];
    let names: Vec<String> = before.keys().take(people).flat_map(forms).collect();
    join(spray(&cloudsync, &names, attempts), owner(&cloudsync, &browser, attempts / 50)).await;

    let after = failures_of(&lab);
    let mut counted = BTreeMap::<usize, usize>::new();
    for (failures, _) in after.values() {
        *counted.entry(*failures).or_default() += 1;
    }
    let locked = |counts: &BTreeMap<String, (usize, String)>| {
        counts.values().filter(|(_, locked)| !locked.is_empty()).count()
    };
    measured(&format!(
        "OpenLDAP ppolicy, pwdMaxFailure 4, {attempts} wrong passwords for {} of {} people: values of pwdFailureTime => \
         people {counted:?}; pwdAccountLockedTime set before for {}, after for {}",
        people.min(after.len()),
        after.len(),
        locked(&before),
        locked(&after),
    ));
    assert_eq!(locked(&after), locked(&before));
    assert!(counted.keys().all(|failures| *failures <= 2), "{counted:?}");
    owner(&cloudsync, &browser, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_one_budget() {
    let lab = lab::strict_ad();
    let (store, volatile) = (lab::postgres().url(), lab::redis().url());
    let settings = format!("{NO_THROTTLE}{}", ad_settings(lab));
    let provider = Provider::start(Setup { store, volatile, ..Setup::new(&settings) }).await;
    let node = provider.another_node().await;
    let nodes = [&provider.url, &node.url].map(|url| RelyingParty::new(url, "cloudsync", None));
    let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), right());
    let known = Browser::new();
    let arrived = signs_in(&nodes[0], &known, &person.account, right()).await;
    assert!(arrived.parameter("code").is_some(), "{}", arrived.text());

    let bad = || lab.admin.read(&person.dn, "badPwdCount").concat();
    let strangers: Vec<Browser> = (0..16).map(|_| Browser::new()).collect();
    at_once(&nodes, &strangers.iter().collect::<Vec<_>>(), &person.account).await;
    assert_eq!(bad(), "2", "strangers share two attempts");
    let stranger = signs_in(&nodes[1], &strangers[0], &person.account, right()).await;
    assert_refused(&stranger, TOO_MANY);

    let arrived = signs_in(&nodes[1], &known, &person.account, right()).await;
    assert!(arrived.parameter("code").is_some(), "the owner, at the other node: {}", arrived.text());
    at_once(&nodes, &[&known; 12], &person.account).await;
    let (counted, locked) = (bad(), lab.admin.read(&person.dn, "lockoutTime").concat());
    measured(&format!(
        "two nodes, one known browser, threshold 4: badPwdCount {counted}, lockoutTime {locked:?}"
    ));
    assert_eq!(counted, "3", "the last attempt is never used");
    assert!(["", "0"].contains(&locked.as_str()), "{locked}");
}

/// All send a wrong password at the same instant, half of them to each node.
async fn at_once(nodes: &[RelyingParty; 2], browsers: &[&Browser], name: &str) {
    let opened = browsers.iter().zip(nodes.iter().cycle()).map(async |(browser, node)| {
        let page = browser.follow(&node.authorize(&[("prompt", "login")]).url).await;
        (*browser, page)
    });
    let opened = join_all(opened).await;
    let answers = join_all(opened.iter().map(async |(browser, page)| {
        let password = lab::unique("wrong");
        browser.submit(page, name, &password).await
    }));
    for answer in answers.await {
        assert_not_in(&answer);
    }
}
