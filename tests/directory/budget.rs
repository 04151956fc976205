//! Reserve attempts: in known and unknown browsers, for people and for unknown names, on several nodes at
//! once, with directories that lock an account at the fourth wrong password.

use std::sync::Arc;

use cloudsync_idp::directory::DirectoryError;
use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::entry::{DirectoryId, Entry};
use cloudsync_idp::domain::lockout::Browser::{self, Known, Unknown};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::flow::installation::context::LoginParts;
use cloudsync_idp::flow::installation::current::Site;
use cloudsync_idp::flow::installation::fault::Fault;
use cloudsync_idp::flow::limits::budget::{
    AttemptResult, PasswordAttempt, Reservation, Reserved, Subject, reserve,
};
use tokio::time::Duration;

use super::{deadline, one};
use crate::support::bind;
use crate::support::lab::{self, AdLab};
use crate::support::provider::{Provider, Setup, ad_settings, ldap_settings};

fn corp(parts: &LoginParts) -> Arc<Site> {
    Arc::clone(parts.current().site(&DirectoryId("corp".into())).expect("the directory of the test"))
}

async fn ask(parts: &LoginParts, subject: Subject<'_>, browser: Browser) -> Result<Reserved, Fault> {
    let password = Plain::new(lab::unique("password"));
    reserve(parts, &corp(parts), PasswordAttempt { subject, browser, password: &password }, deadline()).await
}

async fn granted(parts: &LoginParts, subject: Subject<'_>, browser: Browser) -> Option<Reservation> {
    go(ask(parts, subject, browser).await.expect("a decision"))
}

fn go(reserved: Reserved) -> Option<Reservation> {
    if let Reserved::Go(reservation) = reserved { Some(reservation) } else { None }
}

/// One attempt as a sign-in makes it; `None` when none is left.
async fn attempt(parts: &LoginParts, login: &str, password: &str, browser: Browser) -> Option<bool> {
    let site = corp(parts);
    let entry: Entry = one(&site.directory, login).await;
    let password = Plain::new(password);
    let attempt = PasswordAttempt { subject: Subject::Entry(&entry), browser, password: &password };
    let reservation = go(reserve(parts, &site, attempt, deadline()).await.expect("a decision"))?;
    let bound = bind(&site.directory, &entry, &password, deadline()).await;
    reservation.settle(parts, AttemptResult::by_bind(&bound)).await.expect("it is written");
    Some(bound.expect("an answer").outcome.proves_password())
}

async fn provider() -> Provider {
    Provider::start(Setup::new(&ad_settings(lab::strict_ad()))).await
}

fn new_login(lab: &AdLab) -> (String, String) {
    let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    (person.account, person.dn)
}

#[tokio::test]
async fn unknown_browsers_stop_early_and_the_owner_before_the_last_attempt() {
    let (lab, provider) = (lab::strict_ad(), provider().await);
    let (parts, right) = (&provider.parts.login(), lab.user_password.as_str());
    let (login, dn) = new_login(lab);
    let story = [
        ("wrong", Unknown, Some(false)),
        ("typo", Unknown, Some(false)),
        ("another", Unknown, None),
        (right, Unknown, None),
        (right, Known, Some(true)),
        ("wrong", Unknown, Some(false)),
        (right, Unknown, Some(true)),
        ("wrong", Known, Some(false)),
        ("typo", Known, Some(false)),
        ("another", Known, Some(false)),
        (right, Known, None),
    ];
    for (number, (password, browser, expected)) in story.into_iter().enumerate() {
        assert_eq!(attempt(parts, &login, password, browser).await, expected, "try {number}");
    }
    assert_eq!(lab.admin.read(&dn, "badPwdCount"), ["3"]);
    assert!(["", "0"].contains(&lab.admin.read(&dn, "lockoutTime").concat().as_str()));
}

#[tokio::test]
async fn attempts_used_elsewhere_count() {
    let (lab, provider) = (lab::strict_ad(), provider().await);
    let (login, _) = new_login(lab);
    let site = corp(&provider.parts.login());
    let entry = one(&site.directory, &login).await;
    for _ in 0..3 {
        bind(&site.directory, &entry, &Plain::new("wrong"), deadline()).await.expect("an answer");
    }
    for browser in [Unknown, Known] {
        assert_eq!(attempt(&provider.parts.login(), &login, "wrong", browser).await, None);
    }
}

#[tokio::test]
async fn an_attempt_that_the_domain_does_not_count_is_not_counted_here() {
    let (lab, provider) = (lab::strict_ad(), provider().await);
    let right = lab.user_password.as_str();
    for login in ["dora", "emil", "fred", "gina"] {
        for _ in 0..4 {
            assert_eq!(attempt(&provider.parts.login(), login, right, Unknown).await, Some(true), "{login}");
        }
    }
}

#[tokio::test]
async fn attempts_with_an_unknown_name_run_out_and_return_as_a_person_s_do() {
    let lab = lab::strict_ldap();
    let settings = ldap_settings(&[lab]).replace(
        "[directories.scope]",
        &format!("password_policy = \"{}\"\n[directories.scope]", lab.dn("cn=default,ou=policies")),
    );
    let clock = cloudsync_idp::clock::Clock::fixed(1_900_000_000_000);
    let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
    let parts = &provider.parts.login();
    let name = lab::unique("nobody");
    let subject = Subject::Name(&name);
    for (browser, left) in [(Unknown, true), (Unknown, true), (Unknown, false), (Known, true), (Known, false)]
    {
        let reservation = granted(parts, subject, browser).await;
        assert_eq!(reservation.is_some(), left, "{browser:?}");
        if let Some(reservation) = reservation {
            reservation.settle(parts, AttemptResult::Counted).await.expect("it is written");
        }
    }
    parts.clock.advance(15 * MINUTE);
    assert!(granted(parts, subject, Known).await.is_none(), "the window begins with the last try");
    parts.clock.advance(MINUTE);
    assert!(granted(parts, subject, Unknown).await.is_some());
}

#[tokio::test]
async fn the_attempts_of_one_name_do_not_use_up_another_s() {
    let provider = provider().await;
    let parts = &provider.parts.login();
    for number in 0..6_000 {
        let name = format!("nobody{}", number % 3_000);
        let reservation = granted(parts, Subject::Name(&name), Unknown).await;
        let reservation = reservation.unwrap_or_else(|| panic!("{name} was tried once at most"));
        reservation.settle(parts, AttemptResult::Refused).await.expect("it is written");
    }
    for number in 0..3_000 {
        let name = format!("nobody{number}");
        assert!(granted(parts, Subject::Name(&name), Unknown).await.is_none(), "{name} was tried");
    }
}

#[tokio::test]
async fn one_attempt_at_a_time() {
    let (lab, provider) = (lab::strict_ad(), provider().await);
    let parts = &provider.parts.login();
    let (login, _) = new_login(lab);
    let entry = one(&corp(parts).directory, &login).await;
    let subject = Subject::Entry(&entry);
    let first = granted(parts, subject, Known).await.expect("the first");
    let soon = tokio::time::Instant::now() + Duration::from_millis(100);
    let password = Plain::new("wrong");
    let attempt = PasswordAttempt { subject, browser: Known, password: &password };
    let hurried = reserve(parts, &corp(parts), attempt, soon).await;
    assert!(matches!(hurried, Err(Fault::Directory(DirectoryError::Busy))), "{hurried:?}");
    let (second, settled) =
        tokio::join!(granted(parts, subject, Known), first.settle(parts, AttemptResult::Accepted));
    settled.expect("it is written");
    second.expect("the next one").settle(parts, AttemptResult::Counted).await.expect("it is written");
    let third = granted(parts, subject, Unknown).await.expect("one more");
    third.settle(parts, AttemptResult::Counted).await.expect("it is written");
    assert!(granted(parts, subject, Unknown).await.is_none(), "and it sees what the one before has spent");
}

#[tokio::test]
async fn many_nodes_spend_one_budget() {
    let lab = lab::strict_ad();
    let setup = Setup { volatile: lab::redis().url(), ..Setup::new(&ad_settings(lab)) };
    let provider = Provider::start(setup).await;
    let other = provider.another_process().await;
    let (login, dn) = new_login(lab);
    let wrongs: Vec<String> = (0..24).map(|number| format!("wrong {number}")).collect();
    let tries = (0..24).map(|number| {
        let parts = if number % 2 == 0 { provider.parts.login() } else { other.login() };
        let browser = if number % 3 == 0 { Known } else { Unknown };
        let (login, wrong) = (&login, &wrongs[number]);
        async move { attempt(&parts, login, wrong, browser).await }
    });
    let tries = futures_util::future::join_all(tries).await;
    let sent = tries.iter().flatten().count();
    assert!((2..=3).contains(&sent), "{tries:?}");
    assert_eq!(lab.admin.read(&dn, "badPwdCount"), [sent.to_string()]);
    assert!(["", "0"].contains(&lab.admin.read(&dn, "lockoutTime").concat().as_str()));
}

#[tokio::test]
async fn the_same_wrong_password_again_is_no_new_attempt() {
    let (lab, provider) = (lab::strict_ad(), provider().await);
    let (parts, right) = (&provider.parts.login(), lab.user_password.as_str());
    let (login, dn) = new_login(lab);
    let reset = format!("{right}-reset");
    for password in [reset.as_str(), reset.as_str(), reset.as_str()] {
        attempt(parts, &login, password, Unknown).await;
    }
    assert_eq!(attempt(parts, &login, &reset, Known).await, None, "in no browser");
    assert_eq!(lab.admin.read(&dn, "badPwdCount"), ["1"], "it was sent once");
    assert_eq!(attempt(parts, &login, "typo", Unknown).await, Some(false), "another one is a try");
    assert_eq!(attempt(parts, &login, right, Known).await, Some(true));
    assert_eq!(attempt(parts, &login, &reset, Unknown).await, Some(false), "the right one ends the memory");
    lab.admin.set_ad_password(&dn, &reset);
    assert_eq!(attempt(parts, &login, &reset, Unknown).await, Some(true), "a reset to the very password");
}

#[tokio::test]
async fn a_refused_password_is_kept_until_the_window_ends() {
    let lab = lab::strict_ad();
    let clock = cloudsync_idp::clock::Clock::fixed(cloudsync_idp::clock::Clock::System.now());
    let provider = Provider::start(Setup { clock, ..Setup::new(&ad_settings(lab)) }).await;
    let (login, dn) = new_login(lab);
    assert_eq!(attempt(&provider.parts.login(), &login, "wrong", Unknown).await, Some(false));
    provider.parts.clock.advance(29 * MINUTE);
    assert_eq!(attempt(&provider.parts.login(), &login, "wrong", Unknown).await, None);
    provider.parts.clock.advance(2 * MINUTE);
    assert_eq!(attempt(&provider.parts.login(), &login, "wrong", Unknown).await, Some(false));
    assert_eq!(lab.admin.read(&dn, "badPwdCount"), ["2"]);
}
