//! No refusal before a right password reveals whether a person exists: whatever the reason, the page is the
//! same to the byte and takes the same time to the millisecond.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::faults::at_ports;
use super::{GENERIC, assert_refused, right, with_policy};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ad_settings};
use crate::support::relay::{Mode, Relay};
use crate::support::{count, measured};

const EVERYONE: &str = "[second_factor]\nrequired = \"everyone\"\n";

/// The page without the parts that differ between requests: form token, attempt id, login, and the typed
/// name. Each removed part leaves its length.
pub fn masked(page: &Page, name: &str) -> String {
    let fields = page.fields();
    let mut body = page.body.clone();
    for secret in [&fields["pending"], &fields["csrf"]] {
        body = body.replace(secret.as_str(), &"*".repeat(secret.len()));
    }
    if let Some(id) = body.split("<code>").nth(1).and_then(|rest| rest.split('<').next()) {
        body = body.replace(&id.to_owned(), &"*".repeat(id.len()));
    }
    let initial = name.chars().next().expect("a letter").to_uppercase().to_string();
    body.replace(name, "name").replace(&format!(">{initial}<"), "><")
}

/// All that a browser receives: status, headers and cookies, and the masked page.
fn sent(page: &Page, name: &str) -> (u16, Vec<(String, String)>, usize, String) {
    let varying = ["date", "set-cookie"];
    let headers = page.headers.iter().filter(|(header, _)| !varying.contains(&header.as_str()));
    let headers = headers.map(|(header, value)| (header.clone(), value.clone())).collect();
    (page.status.as_u16(), headers, page.cookies.iter().map(String::len).sum(), masked(page, name))
}

/// The responses to several wrong passwords for a name, one of them sent twice.
async fn refusals(provider: &Provider, name: &str) -> Vec<(u16, Vec<(String, String)>, usize, String)> {
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    let mut pages = Vec::new();
    for password in ["wrong", "wrong", "wrong again", "and again"] {
        let mut answer = browser.submit(&page, name, password).await;
        if let Some(next) = answer.location.clone() {
            pages.push((answer.status.as_u16(), Vec::new(), next.len(), String::new()));
            answer = browser.follow(&answer.absolute(&next)).await;
        }
        pages.push(sent(&answer, name));
    }
    pages
}

#[tokio::test]
async fn refusals_by_openldap_are_identical_to_the_byte() {
    let lab = lab::strict_ldap();
    for policy in ["", EVERYONE] {
        let provider =
            Provider::start(Setup::new(&format!("{policy}{NO_THROTTLE}{}", with_policy(lab)))).await;
        let add = |unit: &str| lab.admin.add_inet_person(&lab.dn(unit), right());
        let [wrong, locked, outside] = ["ou=people", "ou=people", "ou=outside"].map(add);
        provider.sync().await.expect("the first sync");
        lab.admin.replace(&locked.dn, "pwdAccountLockedTime", &["000001010000Z"]);
        let unknown = refusals(&provider, &format!("q{}", &wrong.account[1..])).await;
        assert_eq!(unknown.len(), if policy.is_empty() { 4 } else { 5 }, "{unknown:?}");
        for (person, what) in [(&wrong, "wrong"), (&locked, "locked"), (&outside, "out of scope")] {
            assert_eq!(refusals(&provider, &person.account).await, unknown, "{what}, {policy:?}");
        }
    }
}

#[tokio::test]
async fn refusals_by_active_directory_are_identical_to_the_byte() {
    let lab = lab::strict_ad();
    for policy in ["", EVERYONE] {
        let settings = format!("{policy}{NO_THROTTLE}{}", ad_settings(lab));
        let provider = Provider::start(Setup::new(&settings)).await;
        let inside = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), right());
        let outside = lab.admin.add_person(&lab.dn("OU=Outside"), right());
        provider.sync().await.expect("the first sync");
        let unknown = refusals(&provider, &format!("q{}", &inside.account[1..])).await;
        for (person, what) in [(&inside, "wrong"), (&outside, "out of scope")] {
            assert_eq!(refusals(&provider, &person.account).await, unknown, "{what}, {policy:?}");
        }
        let unknown = refusals(&provider, "nemo").await;
        assert_eq!(refusals(&provider, "hugo").await, unknown, "locked, {policy:?}");
    }
}

/// How long the refusal of a first wrong password takes.
async fn wait(provider: &Provider, name: &str) -> Duration {
    wait_for(provider, name, "wrong").await
}

async fn wait_for(provider: &Provider, name: &str, password: &str) -> Duration {
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    let sent = Instant::now();
    let answer = browser.submit(&page, name, password).await;
    let waited = sent.elapsed();
    assert_refused(&answer, GENERIC);
    waited
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_take_the_same_time() {
    let pairs = count(12, 300);
    let lab = lab::own_ldap(&[("LOCKOUT", "3"), ("USERS", "320")]);
    let locked: String = (0..pairs / 3).map(|number| lock(&lab.dn(&person(number)))).collect();
    lab.admin.apply(&locked);
    let outside: String = (0..pairs / 3).map(|number| add(&lab.dn("ou=outside"), number)).collect();
    lab.admin.apply(&outside);
    let provider =
        Provider::start(Setup::new(&format!("{EVERYONE}{NO_THROTTLE}{}", with_policy(&lab)))).await;
    provider.sync().await.expect("the first sync");
    wait(&provider, "warm-up").await;
    let mut times = [const { Vec::new() }; 4];
    for number in 0..pairs {
        let name = match number % 3 {
            0 => format!("u{:07}", number / 3),
            1 => format!("v{:07}", number / 3),
            _ => format!("u{:07}", pairs / 3 + number / 3),
        };
        // Each name once, so that each gets a bind; the order changes, because the second finds warm caches.
        if number % 2 == 0 {
            times[number % 3].push(wait(&provider, &name).await);
        }
        times[3].push(wait(&provider, &format!("w{number:07}")).await);
        if number % 2 == 1 {
            times[number % 3].push(wait(&provider, &name).await);
        }
    }
    let all = median(times[..3].concat());
    let [locked, outside, wrong, unknown] = times.map(median);
    measured(&format!(
        "refusals, medians of {pairs} interleaved pairs: a name that nobody has {unknown:?}, one that somebody has {all:?} \
         (wrong password {wrong:?}, locked {locked:?}, out of scope {outside:?})"
    ));
    let most = Duration::from_millis(2).max(unknown / 10);
    assert!(all.abs_diff(unknown) <= most, "{all:?} {unknown:?}");
}

/// How long each of three simultaneous attempts with one name takes, the fastest first.
async fn waits_of_three_at_once(provider: &Provider, name: &str) -> [Duration; 3] {
    let attempts =
        ["wrong", "wrong again", "wrong once more"].map(|password| wait_for(provider, name, password));
    let mut waited = join_all(attempts).await;
    waited.sort();
    waited.try_into().expect("three")
}

/// Binds take 200 ms, and the name has attempts left for all three: a second attempt that waits for the bind
/// of the first must not reveal that the person exists.
#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_refusals_take_the_same_time() {
    let pairs = count(3, 40);
    let lab = lab::own_ldap(&[("LOCKOUT", "10")]);
    let relay = Relay::to(&lab.addr, lab.port).await;
    let policy = format!("password_policy = \"{}\"\n[directories.scope]", lab.dn("cn=default,ou=policies"));
    let directory = at_ports(&lab, "unencrypted_loopback_only", &[relay.port])
        .replace("assumed_lockout_threshold = 0\n", "")
        .replace("[directories.scope]", &policy);
    let provider = Provider::start(Setup::new(&format!("{NO_THROTTLE}{directory}"))).await;
    provider.sync().await.expect("the first sync");
    wait(&provider, "warm-up").await;
    relay.set(Mode::SlowBinds);
    let mut times = [const { [const { Vec::new() }; 3] }; 2];
    for number in 0..pairs {
        let person = lab.admin.add_inet_person(&lab.dn("ou=people"), right());
        let names = [person.account, format!("q{number:07}")];
        let first = number % 2;
        for index in [first, 1 - first] {
            let waited = waits_of_three_at_once(&provider, &names[index]).await;
            times[index].iter_mut().zip(waited).for_each(|(all, one)| all.push(one));
        }
    }
    let [somebody, nobody] = times.map(|ranks| ranks.map(median));
    measured(&format!(
        "refusals of three attempts at once, medians of {pairs} interleaved pairs, binds of 200 ms: a name that somebody has \
         {somebody:?}, one that nobody has {nobody:?}"
    ));
    for (somebody, nobody) in somebody.iter().zip(nobody) {
        // A waiting attempt looks again every 40 ms, and a bind takes 200 ms.
        assert!(somebody.abs_diff(nobody) <= Duration::from_millis(120), "{somebody:?} {nobody:?}");
    }
}

fn person(number: usize) -> String {
    format!("uid=u{number:07},ou=people")
}

fn lock(dn: &str) -> String {
    format!(
        "dn: {dn}\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n\n"
    )
}

fn add(unit: &str, number: usize) -> String {
    let name = format!("v{number:07}");
    let password = right();
    format!(
        "dn: uid={name},{unit}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n\
         mail: {name}@example.org\nuserPassword: {password}\n\n"
    )
}
