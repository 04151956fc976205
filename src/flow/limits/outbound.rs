//! Limit the connections that administrators have this server make to hosts that they type: in rate, in
//! number, in time, and by address. Otherwise a page that tests a connection would be a tool to look around
//! in the network of the server.

use ipnet::IpNet;
use tokio::sync::Semaphore;
use tokio::time::{Duration, timeout};

use crate::domain::Millis;
use crate::domain::network::is_loopback;
use crate::domain::outbound::AddressRule;
use crate::domain::settings::{Directory, Encryption, Server, Settings};
use crate::domain::throttle::{Window, in_seconds};
use crate::flow::installation::fault::Fault;
use crate::volatile::Volatile;

/// How many tests and look-ups one administrator may begin in a minute. To set up a directory takes six, and
/// more if something typed is wrong.
const A_MINUTE: u64 = 12;
/// How many all of them may begin in a minute.
const A_MINUTE_IN_ALL: u64 = 40;
/// How many live questions about people one administrator may ask in a minute, and all of them.
const PEOPLE_A_MINUTE: u64 = 60;
const PEOPLE_A_MINUTE_IN_ALL: u64 = 240;
/// How many requests a minute the access tokens of one admin may make, and those of all admins.
const TOKENS_A_MINUTE: u64 = 120;
const TOKENS_A_MINUTE_IN_ALL: u64 = 600;
/// The same for people who had no role when the directory was last read. Any person can get such a token: they are
/// counted apart, so that they take no room from admins.
const STRANGERS_A_MINUTE: u64 = 30;
const STRANGERS_A_MINUTE_IN_ALL: u64 = 120;
/// How long a test may take, with the time that it waits for others.
const LONGEST: Duration = Duration::from_secs(60);

/// How long a look-up may take whose result a page waits for.
const LONGEST_LOOK: Duration = Duration::from_secs(20);

/// The tests that run at once in this process.
static RUNNING: Semaphore = Semaphore::const_new(2);

/// Counts a test of this administrator, or fails with [`Fault::Throttled`]. One who has reached their own limit
/// uses up nothing of the others'.
pub async fn admit(volatile: &Volatile, admin: &str, now: Millis) -> Result<(), Fault> {
    admit_within(volatile, "outbound", admin, [A_MINUTE, A_MINUTE_IN_ALL], now).await
}

/// Counts a question of this administrator to a directory about a person, as [`admit`] does: it waits for
/// the same connections as the sign-ins.
pub async fn admit_person(volatile: &Volatile, admin: &str, now: Millis) -> Result<(), Fault> {
    admit_within(volatile, "live", admin, [PEOPLE_A_MINUTE, PEOPLE_A_MINUTE_IN_ALL], now).await
}

/// Counts a request with an access token of this person, whose role is asked of the directory each time.
pub async fn admit_token(
    volatile: &Volatile,
    account: &str,
    has_role: bool,
    now: Millis,
) -> Result<(), Fault> {
    let (what, limits) = if has_role {
        ("token", [TOKENS_A_MINUTE, TOKENS_A_MINUTE_IN_ALL])
    } else {
        ("stranger", [STRANGERS_A_MINUTE, STRANGERS_A_MINUTE_IN_ALL])
    };
    admit_within(volatile, what, account, limits, now).await
}

async fn admit_within(
    volatile: &Volatile,
    what: &str,
    admin: &str,
    [most, most_in_all]: [u64; 2],
    now: Millis,
) -> Result<(), Fault> {
    let window = Window::at(now);
    let own = format!("{what}:{}:{admin}", window.number);
    let all = format!("{what}:{}", window.number);
    for (key, most) in [(own, most), (all, most_in_all)] {
        if volatile.count(&key, window.left, now).await? > most {
            return Err(Fault::Throttled { seconds: in_seconds(window.left) });
        }
    }
    Ok(())
}

/// Runs a test beside at most one other. `None` if it took too long.
pub async fn run<T>(test: impl Future<Output = T>) -> Option<T> {
    run_within(LONGEST, test).await
}

/// The same for a look-up whose result a page waits for.
pub async fn look<T>(look: impl Future<Output = T>) -> Option<T> {
    run_within(LONGEST_LOOK, look).await
}

async fn run_within<T>(longest: Duration, test: impl Future<Output = T>) -> Option<T> {
    let limited = async {
        let _slot = RUNNING.acquire().await.ok()?;
        Some(test.await)
    };
    timeout(longest, limited).await.ok().flatten()
}

/// What a test of these settings may connect to. `None`: anything, because all servers are stored already, and
/// this process connects to them anyway.
#[must_use]
pub fn address_rule(stored: &Settings, tested: &Directory) -> Option<AddressRule> {
    let known: Vec<(String, u16)> = stored.directories.iter().flat_map(endpoints).collect();
    if endpoints(tested).all(|endpoint| known.contains(&endpoint)) {
        return None;
    }
    let networks = stored.admin.outbound_networks.iter();
    Some(AddressRule {
        ports: stored.admin.outbound_ports.clone(),
        // An invalid network is never stored.
        networks: networks.filter_map(|network| network.parse::<IpNet>().ok()).collect(),
        loopback: known.iter().any(|(host, _)| is_loopback(host)),
    })
}

fn endpoints(directory: &Directory) -> impl Iterator<Item = (String, u16)> {
    let usual = if directory.encryption == Encryption::Ldaps { 636 } else { 389 };
    let endpoint = move |server: &Server| (server.host.trim().to_lowercase(), server.port.unwrap_or(usual));
    directory.servers.iter().map(endpoint)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::domain::MINUTE;

    fn directory(servers: &[(&str, Option<u16>)]) -> Directory {
        let server = |(host, port): &(&str, Option<u16>)| Server {
            host: (*host).to_owned(),
            port: *port,
            tls_name: None,
            via: None,
        };
        Directory { servers: servers.iter().map(server).collect(), ..Directory::default() }
    }

    #[tokio::test]
    async fn tests_are_counted_for_each_administrator_and_for_all() {
        let volatile = Volatile::open("memory").await.expect("memory");
        let admit = |admin: &'static str, now| admit(&volatile, admin, now);
        for _ in 0..A_MINUTE {
            admit("ada", 0).await.expect("within her limit");
        }
        for _ in 0..20 {
            let refused = admit("ada", 1).await;
            assert!(matches!(refused, Err(Fault::Throttled { seconds: 60 })), "{refused:?}");
        }
        for admin in ["bob", "cleo"] {
            for _ in 0..A_MINUTE {
                admit(admin, 1).await.expect("what ada could not begin is not counted for the others");
            }
        }
        for _ in 3 * A_MINUTE..A_MINUTE_IN_ALL {
            admit("dan", 1).await.expect("within the limit of all");
        }
        assert!(admit("dan", 1).await.is_err(), "40 in all");
        assert!(admit("ada", MINUTE).await.is_ok(), "the next minute");
    }

    #[tokio::test]
    async fn tokens_of_strangers_take_no_room_from_admins() {
        let volatile = Volatile::open("memory").await.expect("memory");
        for number in 0..100 * STRANGERS_A_MINUTE_IN_ALL {
            let person = format!("stranger {}", number % 50);
            let admitted = admit_token(&volatile, &person, false, 0).await;
            assert_eq!(admitted.is_ok(), number < STRANGERS_A_MINUTE_IN_ALL, "{number}");
        }
        for number in 0..=TOKENS_A_MINUTE {
            let admitted = admit_token(&volatile, "ada", true, 0).await;
            assert_eq!(admitted.is_ok(), number < TOKENS_A_MINUTE, "{number}");
        }
    }

    #[test]
    fn only_stored_servers_are_tested_without_a_rule() {
        let stored = Settings {
            directories: vec![directory(&[("DC1.x", None), ("dc2.x", Some(22))])],
            ..Settings::default()
        };
        for (servers, is_free) in [
            (&[("dc1.X", Some(636))][..], true),
            (&[("dc2.x", Some(22)), ("dc1.x", None)][..], true),
            (&[("dc1.x", Some(22))][..], false),
            (&[("dc1.x", None), ("dc3.x", None)][..], false),
        ] {
            assert_eq!(address_rule(&stored, &directory(servers)).is_none(), is_free, "{servers:?}");
        }
        let rule = address_rule(&stored, &directory(&[("dc3.x", None)])).expect("a rule");
        assert_eq!((rule.ports.as_slice(), rule.loopback), (&[389, 636, 3268, 3269][..], false));
    }

    #[test]
    fn a_stored_server_on_this_machine_allows_loopback() {
        let mut stored =
            Settings { directories: vec![directory(&[("127.0.0.1", Some(1636))])], ..Settings::default() };
        stored.admin.outbound_networks = vec!["169.254.1.0/24".to_owned()];
        let rule = address_rule(&stored, &directory(&[("dc3.x", None)])).expect("a rule");
        assert!(rule.loopback && rule.networks.len() == 1);
    }

    #[tokio::test]
    async fn two_tests_run_at_once_and_none_runs_for_ever() {
        let (began, longest) = (Instant::now(), Duration::from_millis(100));
        let endless = || run_within(longest, std::future::pending::<()>());
        let third = run_within(longest, async { Instant::now() - began });
        let (one, other, third) = tokio::join!(endless(), endless(), third);
        assert_eq!((one, other), (None, None));
        assert!(third.is_none_or(|waited| waited >= longest), "{third:?}: not beside two others");
        assert_eq!(run(async { 4 }).await, Some(4));
    }
}
