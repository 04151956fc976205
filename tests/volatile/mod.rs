//! The contract of short-lived state: every test runs in memory and on Redis.

use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::secret::Sealed;
use cloudsync_idp::volatile::{LONGEST_KEY, TakeResult, Volatile, VolatileError};

use crate::support::lab;
use crate::support::relay::{Mode, Relay};
use crate::support::until;

/// The start time of every test.
const NOW: Millis = 1_800_000_000_000;
const CODE: &str = "code";

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&super::Volatile::open("memory").await.expect("it opens")).await;
            })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&super::fresh_redis().await).await;
            })*
        }
    };
}

on_both!(
    what_was_put_is_read_until_it_expires,
    a_value_is_taken_once_and_leaves_a_note,
    of_many_who_take_one_value_one_gets_it,
    kinds_keep_out_of_each_others_way,
    a_count_begins_anew_after_its_window,
    of_many_who_count_each_gets_its_own_number,
    a_key_has_a_longest_form_and_any_letters,
    a_count_is_looked_at_given_back_and_forgotten,
    a_count_given_back_keeps_its_window_until_the_last_one,
    of_many_who_count_and_give_back_none_is_left,
    a_claim_is_held_by_one_until_it_lets_go_or_time_is_up,
    a_claim_is_released_by_its_holder_alone,
    of_many_who_claim_one_gets_it,
);

async fn fresh_redis() -> Volatile {
    let url = tokio::task::spawn_blocking(|| lab::redis().url()).await.expect("Redis runs");
    Volatile::open(&url).await.expect("it opens")
}

fn value(text: &str) -> Sealed {
    Sealed(text.as_bytes().to_vec())
}

async fn what_was_put_is_read_until_it_expires(volatile: &Volatile) {
    volatile.ping().await.unwrap();
    volatile.put(CODE, "k", value("one"), NOW + 10, NOW).await.unwrap();
    assert_eq!(volatile.get(CODE, "k", NOW).await.unwrap(), Some(value("one")));
    volatile.put(CODE, "k", Sealed(vec![0, 255, 10]), NOW + 20, NOW).await.unwrap();
    assert_eq!(volatile.get(CODE, "k", NOW + 19).await.unwrap(), Some(Sealed(vec![0, 255, 10])));
    assert_eq!(volatile.get(CODE, "k", NOW + 20).await.unwrap(), None);
    assert_eq!(volatile.take(CODE, "k", NOW + 20, b"").await.unwrap(), TakeResult::Unknown);
    assert_eq!(volatile.get(CODE, "unknown", NOW).await.unwrap(), None);
    volatile.put(CODE, "past", value("x"), NOW - 1, NOW).await.unwrap();
    assert_eq!(volatile.get(CODE, "past", NOW).await.unwrap(), None);
}

async fn a_value_is_taken_once_and_leaves_a_note(volatile: &Volatile) {
    volatile.put(CODE, "k", value("one"), NOW + 10, NOW).await.unwrap();
    assert_eq!(volatile.take(CODE, "k", NOW + 1, b"family").await.unwrap(), TakeResult::First(value("one")));
    assert_eq!(
        volatile.take(CODE, "k", NOW + 2, b"other").await.unwrap(),
        TakeResult::Again(b"family".to_vec())
    );
    assert_eq!(volatile.get(CODE, "k", NOW + 2).await.unwrap(), None, "what was taken can't be read");
    assert_eq!(volatile.take(CODE, "k", NOW + 9, b"").await.unwrap(), TakeResult::Again(b"family".to_vec()));
    assert_eq!(volatile.take(CODE, "k", NOW + 10, b"").await.unwrap(), TakeResult::Unknown);
    assert_eq!(volatile.take(CODE, "unknown", NOW, b"").await.unwrap(), TakeResult::Unknown);
    volatile.put(CODE, "quiet", value("one"), NOW + 10, NOW).await.unwrap();
    volatile.take(CODE, "quiet", NOW, b"").await.unwrap();
    assert_eq!(volatile.take(CODE, "quiet", NOW, b"late").await.unwrap(), TakeResult::Again(Vec::new()));
}

async fn of_many_who_take_one_value_one_gets_it(volatile: &Volatile) {
    volatile.put(CODE, "k", value("one"), NOW + 10, NOW).await.unwrap();
    let takers: Vec<_> = (0..100)
        .map(|number: u8| {
            let volatile = volatile.clone();
            tokio::spawn(async move { volatile.take(CODE, "k", NOW, &[number]).await.unwrap() })
        })
        .collect();
    let (mut first, mut notes) = (0, Vec::new());
    for taker in takers {
        match taker.await.unwrap() {
            TakeResult::First(content) => {
                assert_eq!(content, value("one"));
                first += 1;
            }
            TakeResult::Again(note) => notes.push(note),
            TakeResult::Unknown => panic!("it was there"),
        }
    }
    assert_eq!(first, 1);
    assert!(notes.iter().all(|note| *note == notes[0]), "all read the note of the one");
}

async fn kinds_keep_out_of_each_others_way(volatile: &Volatile) {
    volatile.put(CODE, "k", value("code"), NOW + 10, NOW).await.unwrap();
    volatile.put("pending", "k", value("pending"), NOW + 10, NOW).await.unwrap();
    assert_eq!(volatile.count("k", 10, NOW).await.unwrap(), 1);
    assert_eq!(volatile.take("pending", "k", NOW, b"").await.unwrap(), TakeResult::First(value("pending")));
    assert_eq!(volatile.get(CODE, "k", NOW).await.unwrap(), Some(value("code")));
    assert_eq!(volatile.count("k", 10, NOW).await.unwrap(), 2);
}

async fn a_count_begins_anew_after_its_window(volatile: &Volatile) {
    for (at, expected) in [(0, 1), (5, 2), (9, 3), (10, 1), (19, 2), (40, 1)] {
        assert_eq!(volatile.count("alice", 10, NOW + at).await.unwrap(), expected, "at {at}");
    }
    assert_eq!(volatile.count("bob", 10, NOW).await.unwrap(), 1);
}

async fn of_many_who_count_each_gets_its_own_number(volatile: &Volatile) {
    let counting: Vec<_> = (0..100)
        .map(|_| {
            let volatile = volatile.clone();
            tokio::spawn(async move { volatile.count("alice", 10, NOW).await.unwrap() })
        })
        .collect();
    let mut numbers = Vec::new();
    for counted in counting {
        numbers.push(counted.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<u64>>());
}

async fn a_key_has_a_longest_form_and_any_letters(volatile: &Volatile) {
    let longest = "x".repeat(LONGEST_KEY);
    assert_eq!(volatile.count(&longest, 10, NOW).await.unwrap(), 1);
    let longer = format!("{longest}x");
    assert!(matches!(volatile.count(&longer, 10, NOW).await, Err(VolatileError::KeyTooLong)));
    assert!(matches!(volatile.get(CODE, &longer, NOW).await, Err(VolatileError::KeyTooLong)));
    for odd in ["", "a b\r\nDEL x", "\0", "*", "Zoë"] {
        volatile.put(CODE, odd, value(odd), NOW + 10, NOW).await.unwrap();
    }
    assert_eq!(volatile.get(CODE, "\0", NOW).await.unwrap(), Some(value("\0")));
    assert_eq!(volatile.get(CODE, "", NOW).await.unwrap(), Some(value("")));
}

async fn a_count_is_looked_at_given_back_and_forgotten(volatile: &Volatile) {
    assert_eq!(volatile.counted("alice", NOW).await.unwrap(), 0);
    volatile.uncount("alice", NOW).await.unwrap();
    assert_eq!(volatile.count("alice", 10, NOW).await.unwrap(), 1, "never below none");
    assert_eq!(volatile.count("alice", 10, NOW).await.unwrap(), 2);
    assert_eq!(volatile.counted("alice", NOW + 9).await.unwrap(), 2);
    assert_eq!(volatile.counted("alice", NOW + 10).await.unwrap(), 0, "the window is over");
    volatile.uncount("alice", NOW + 1).await.unwrap();
    assert_eq!(volatile.counted("alice", NOW + 1).await.unwrap(), 1);
    volatile.count("bob", 10, NOW).await.unwrap();
    volatile.forget("bob").await.unwrap();
    volatile.forget("nobody").await.unwrap();
    assert_eq!(volatile.counted("bob", NOW).await.unwrap(), 0);
    assert_eq!(volatile.counted("alice", NOW).await.unwrap(), 1, "only bob is forgotten");
}

async fn a_count_given_back_keeps_its_window_until_the_last_one(volatile: &Volatile) {
    volatile.count("k", 10, NOW).await.unwrap();
    volatile.count("k", 10, NOW + 5).await.unwrap();
    volatile.uncount("k", NOW + 6).await.unwrap();
    assert_eq!(volatile.counted("k", NOW + 9).await.unwrap(), 1);
    volatile.uncount("k", NOW + 10).await.unwrap();
    assert_eq!(volatile.counted("k", NOW + 9).await.unwrap(), 1, "what is over is not taken from");
    volatile.uncount("k", NOW + 9).await.unwrap();
    assert_eq!(volatile.count("k", 10, NOW + 9).await.unwrap(), 1);
    assert_eq!(volatile.counted("k", NOW + 18).await.unwrap(), 1, "a new window began");
}

async fn of_many_who_count_and_give_back_none_is_left(volatile: &Volatile) {
    let trying: Vec<_> = (0..100)
        .map(|_| {
            let volatile = volatile.clone();
            tokio::spawn(async move {
                volatile.count("alice", 10, NOW).await.unwrap();
                volatile.uncount("alice", NOW).await.unwrap();
            })
        })
        .collect();
    for tried in trying {
        tried.await.unwrap();
    }
    assert_eq!(volatile.counted("alice", NOW).await.unwrap(), 0);
}

async fn a_claim_is_held_by_one_until_it_lets_go_or_time_is_up(volatile: &Volatile) {
    assert!(volatile.claim("k", "a", NOW + 10, NOW).await.unwrap());
    assert!(!volatile.claim("k", "b", NOW + 10, NOW).await.unwrap());
    assert!(!volatile.claim("k", "a", NOW + 99, NOW + 9).await.unwrap(), "not even by its holder");
    assert!(volatile.claim("other", "b", NOW + 10, NOW).await.unwrap());
    assert!(volatile.claim("k", "b", NOW + 30, NOW + 10).await.unwrap(), "time is up");
    assert_eq!(volatile.claimed_until("k", NOW + 29).await.unwrap(), Some(NOW + 30));
    assert_eq!(volatile.claimed_until("k", NOW + 30).await.unwrap(), None);
    volatile.release("k", "b").await.unwrap();
    assert_eq!(volatile.claimed_until("k", NOW + 11).await.unwrap(), None);
    assert!(volatile.claim("k", "c", NOW + 30, NOW + 11).await.unwrap(), "it was let go");
    assert!(volatile.claim("past", "a", NOW - 1, NOW).await.unwrap());
    assert!(volatile.claim("past", "b", NOW + 1, NOW).await.unwrap());
    assert_eq!(volatile.count("k", 10, NOW).await.unwrap(), 1, "a count of that key is another thing");
}

async fn a_claim_is_released_by_its_holder_alone(volatile: &Volatile) {
    volatile.release("k", "a").await.unwrap();
    assert!(volatile.claim("k", "slow", NOW + 10, NOW).await.unwrap());
    assert!(volatile.claim("k", "next", NOW + 30, NOW + 10).await.unwrap());
    volatile.release("k", "slow").await.unwrap();
    assert!(
        !volatile.claim("k", "third", NOW + 30, NOW + 11).await.unwrap(),
        "who was too slow released nothing"
    );
}

async fn of_many_who_claim_one_gets_it(volatile: &Volatile) {
    let claiming: Vec<_> = (0..100)
        .map(|number| {
            let volatile = volatile.clone();
            let holder = format!("holder {number}");
            tokio::spawn(async move { volatile.claim("k", &holder, NOW + 10, NOW).await.unwrap() })
        })
        .collect();
    let mut got = 0;
    for claimed in claiming {
        got += usize::from(claimed.await.unwrap());
    }
    assert_eq!(got, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_leave_room_for_counts_and_claims_in_a_small_redis() {
    let redis = tokio::task::spawn_blocking(|| lab::small_redis(3 << 20)).await.expect("Redis runs");
    let volatile = Volatile::open(&redis.only_url()).await.expect("it opens");
    let mut kept = 0;
    let full = loop {
        let put = volatile.put(CODE, &format!("k{kept}"), Sealed(vec![7; 16 << 10]), NOW + 60_000, NOW).await;
        match put {
            Ok(()) if kept < 1_000 => kept += 1,
            ended => break ended,
        }
    };
    assert!(matches!(full, Err(VolatileError::Full)), "after {kept}: {full:?}");
    for number in 0..500 {
        let (key, value) = (number.to_string(), Sealed(vec![7; 64]));
        volatile.put_reserved("tries", &key, value, NOW + 60_000, NOW).await.expect("room for tries");
        volatile.count(&format!("c{number}"), 60_000, NOW).await.expect("room for counts");
        assert!(
            volatile.claim(&format!("c{number}"), "h", NOW + 60_000, NOW).await.expect("room for claims")
        );
    }
}

#[tokio::test]
async fn a_wrong_url_is_refused_and_an_absent_server_named() {
    for url in ["", "Memory", "http://x", "redis://:::"] {
        assert!(matches!(Volatile::open(url).await, Err(VolatileError::Url(_))), "{url}");
    }
    let absent = Volatile::open("redis://127.0.4.1:24998/0").await;
    assert!(matches!(absent, Err(VolatileError::Unavailable(_))));
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable() {
    let frozen = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("it listens");
    let url = format!("redis://{}/", frozen.local_addr().expect("an address"));
    assert!(matches!(Volatile::open(&url).await, Err(VolatileError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_slow_to_start_is_waited_for() {
    let url = tokio::task::spawn_blocking(|| lab::redis().url()).await.expect("Redis runs");
    let (host, rest) = url.trim_start_matches("redis://").split_once(':').expect("an address");
    let (port, database) = rest.split_once('/').expect("a database");
    let relay = Relay::to(host, port.parse().expect("a port")).await;
    relay.set(Mode::Cut);
    let url = format!("redis://127.0.0.1:{}/{database}", relay.port);
    let opening = tokio::spawn(async move { Volatile::open(&url).await });
    until("several attempts were made", async || relay.connections() > 4).await;
    relay.set(Mode::Pass);
    opening.await.expect("no panic").expect("it opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_whose_response_was_lost_is_not_repeated() {
    let url = tokio::task::spawn_blocking(|| lab::redis().url()).await.expect("Redis runs");
    let (host, rest) = url.trim_start_matches("redis://").split_once(':').expect("an address");
    let (port, database) = rest.split_once('/').expect("a database");
    let relay = Relay::to(host, port.parse().expect("a port")).await;
    let volatile =
        Volatile::open(&format!("redis://127.0.0.1:{}/{database}", relay.port)).await.expect("it opens");
    let direct = Volatile::open(&url).await.expect("it opens");
    volatile.put(CODE, "k", value("one"), NOW + 10, NOW).await.unwrap();
    assert_eq!(volatile.count("given back", 10, NOW).await.unwrap(), 1);
    assert_eq!(volatile.count("given back", 10, NOW).await.unwrap(), 2);

    relay.set(Mode::Cut);
    let before = relay.connections();
    let calls = futures_util::future::join5(
        volatile.count("n", 10, NOW),
        volatile.uncount("given back", NOW),
        volatile.take(CODE, "k", NOW, b"family"),
        volatile.claim("c", "holder", NOW + 10, NOW),
        async {
            until("they were heard", async || direct.counted("n", NOW).await.unwrap() == 1).await;
            until("they came again", async || relay.connections() > before).await;
            relay.set(Mode::Pass);
        },
    );
    let (counted, given_back, taken, claimed, ()) = calls.await;
    assert_eq!(counted.unwrap(), 1);
    given_back.unwrap();
    assert_eq!(taken.unwrap(), TakeResult::First(value("one")));
    assert!(claimed.unwrap(), "held by this very call");
    assert_eq!(direct.counted("n", NOW).await.unwrap(), 1, "counted once");
    assert_eq!(direct.counted("given back", NOW).await.unwrap(), 1, "given back once");
    assert_eq!(direct.take(CODE, "k", NOW, b"").await.unwrap(), TakeResult::Again(b"family".to_vec()));
    assert!(!direct.claim("c", "holder", NOW + 10, NOW).await.unwrap());
}
