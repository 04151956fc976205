//! Failed attempts are counted by name, by address and in total, on all nodes together; wrong codes make
//! people wait longer and longer; and none of it keeps the owner of a name out of their own browser.

use std::sync::Arc;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::Account;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId};
use cloudsync_idp::domain::evidence::{Evidence, Method};
use cloudsync_idp::domain::throttle::{BEFORE_PASSWORD, CODES_BEFORE};
use cloudsync_idp::domain::{DAY, MINUTE, Millis, SECOND};
use cloudsync_idp::flow::installation::context::{LoginParts, Visit};
use cloudsync_idp::flow::installation::device::Device;
use cloudsync_idp::flow::installation::fault::Fault;
use cloudsync_idp::flow::limits::throttle::{Admission, Asker, CodeSubject, CodeTry, admit, admit_code};
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::store::AuditFilter;
use uuid::Uuid;

use crate::support::lab;
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::rows::AccountRows;

/// A whole minute of the clock, so that windows begin here.
const NOW: Millis = 1_800_000_000_000;
const ALICE: &str = "alice@example.org";
const LIMITS: &str = r#"
[throttle]
name_per_minute = 3
address_per_minute = 5
overall_per_minute = 9
networks = [{ cidr = "10.0.0.0/8", address_per_minute = 7 }, { cidr = "10.9.0.0/16", address_per_minute = 0 }]
"#;

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::Scene::new("memory").await).await;
            })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let url = tokio::task::spawn_blocking(|| super::lab::redis().url()).await.expect("Redis runs");
                super::$name(super::Scene::new(&url).await).await;
            })*
        }
    };
}

on_both!(
    a_name_has_a_limit_of_failed_attempts_per_minute,
    a_right_password_is_not_counted,
    an_ipv6_network_and_a_listed_network_have_their_own_limit,
    a_subscriber_with_many_networks_does_not_use_up_the_limits_of_others,
    all_spellings_of_a_name_share_one_limit,
    all_strangers_together_have_a_limit,
    attempts_refused_by_address_do_not_count_for_the_name,
    strangers_do_not_keep_an_owner_out,
    simultaneous_attempts_do_not_exceed_the_limit,
    after_five_free_codes_the_wait_grows,
    a_right_code_ends_the_count_and_the_wait,
    strangers_and_thieves_do_not_make_the_owner_wait,
    one_stranger_does_not_use_up_the_codes_of_others,
    all_addresses_together_have_a_limit_of_codes,
    after_a_newer_password_the_browser_is_unknown,
    after_a_wait_one_of_many_simultaneous_codes_is_admitted,
);

/// A provider whose clock stands still; its directory is not contacted.
pub struct Scene {
    pub provider: Provider,
}

impl Scene {
    pub async fn new(volatile: &str) -> Self {
        let clock = Clock::fixed(NOW);
        let settings = format!("{LIMITS}\n{}", ldap_settings(&[lab::patient_ldap()]));
        let setup = Setup { clock, volatile: volatile.to_owned(), ..Setup::new(&settings) };
        Self { provider: Provider::start(setup).await }
    }

    fn parts(&self) -> LoginParts {
        self.provider.parts.login()
    }

    pub fn later(&self, by: Millis) {
        self.parts().clock.advance(by);
    }

    fn stranger(&self) -> Device {
        Device::open(&self.parts(), None)
    }

    /// A browser in which this person has signed in with this name.
    fn browser_of(&self, name: &str, account: &Account) -> Device {
        let evidence = Evidence {
            account: account.id.clone(),
            methods: vec![Method::Pwd],
            auth_time: self.parts().now(),
            account_generation: account.generation,
            policy_generation: 1,
            password_set_at: account.password_changed_at,
        };
        let link = account.link.as_ref().expect("a link");
        let cookie = self.stranger().with(&link.directory, link.entry, name, &evidence);
        Device::open(&self.parts(), Some(&cookie))
    }

    /// A person of the directory, whose account is in the store.
    async fn alice(&self) -> Account {
        self.provider.sync().await.expect("the first sync");
        let found = self.parts().store.identity().account_by_email(ALICE).await.expect("the store");
        found.expect("an account")
    }

    async fn attempt(&self, device: &Device, address: &str, name: &str) -> Result<Admission, u32> {
        let visit = visit(address);
        let asker = Asker { visit: &visit, client_id: "cloudsync", device };
        admit(&self.parts(), &asker, name).await.map_err(seconds)
    }

    /// Failed attempts of strangers until one is refused.
    async fn wrong(&self, address: &str, name: &str) -> (usize, u32) {
        let device = self.stranger();
        for count in 0..50 {
            if let Err(seconds) = self.attempt(&device, address, name).await {
                return (count, seconds);
            }
        }
        (50, 0)
    }

    async fn code(&self, device: &Device, whose: CodeSubject<'_>) -> Result<CodeTry, u32> {
        self.code_from("192.0.2.1", device, whose).await
    }

    async fn code_from(
        &self,
        address: &str,
        device: &Device,
        whose: CodeSubject<'_>,
    ) -> Result<CodeTry, u32> {
        let visit = visit(address);
        let asker = Asker { visit: &visit, client_id: "cloudsync", device };
        admit_code(&self.parts(), &asker, whose).await.map_err(seconds)
    }

    async fn causes(&self) -> Vec<String> {
        let rows =
            self.parts().store.login().audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
        let throttled = rows.into_iter().filter(|row| row.decision == "sign_in_throttled");
        throttled.filter_map(|row| row.cause).rev().collect()
    }
}

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

fn entry() -> EntryId {
    EntryId(Uuid::from_u128(7))
}

fn visit(address: &str) -> Visit {
    Visit { attempt_id: "7K3PW-0QX9M".into(), address: address.to_owned(), user_agent: String::new() }
}

fn seconds(error: Fault) -> u32 {
    match error {
        Fault::Throttled { seconds } => seconds,
        other => panic!("{other}"),
    }
}

async fn a_name_has_a_limit_of_failed_attempts_per_minute(scene: Scene) {
    scene.later(20 * SECOND);
    assert_eq!(scene.wrong("192.0.2.1", "alice").await, (3, 40));
    assert_eq!(scene.wrong("192.0.2.2", " ALICE ").await, (0, 40), "case and blanks make no difference");
    assert_eq!(
        scene.wrong("192.0.2.3", "nobody-has-this").await,
        (3, 40),
        "the limit is the same if nobody has the name"
    );
    scene.later(39 * SECOND);
    assert_eq!(scene.wrong("192.0.2.2", "alice").await, (0, 1));
    scene.later(SECOND);
    assert_eq!(scene.wrong("192.0.2.4", "alice").await, (3, 60));
    let causes = scene.causes().await;
    assert_eq!(causes, ["throttled_name"; 3], "one event per window and name");
}

async fn a_right_password_is_not_counted(scene: Scene) {
    let device = scene.stranger();
    for _ in 0..20 {
        let admission = scene.attempt(&device, "192.0.2.1", "alice").await.expect("nothing counts");
        admission.give_back(&scene.parts()).await.expect("it is given back");
    }
    let admission = scene.attempt(&device, "192.0.2.1", "alice").await.expect("admitted");
    scene.later(MINUTE);
    assert_eq!(scene.wrong("192.0.2.1", "alice").await.0, 3);
    admission.give_back(&scene.parts()).await.expect("it is given back");
    assert_eq!(scene.wrong("192.0.2.2", "alice").await.0, 0, "it was counted in another minute");
}

async fn an_ipv6_network_and_a_listed_network_have_their_own_limit(scene: Scene) {
    let device = scene.stranger();
    let spray = async |address: fn(usize) -> String| {
        for count in 0..8 {
            match scene.attempt(&device, &address(count), &format!("name{count}")).await {
                Ok(admission) => drop(admission),
                Err(_) => return count,
            }
        }
        8
    };
    assert_eq!(spray(|count| format!("2001:db8::{count}")).await, 5, "one /64");
    scene.later(MINUTE);
    assert_eq!(spray(|count| format!("2001:db8:0:{count}::1")).await, 8, "many of them");
    scene.later(MINUTE);
    assert_eq!(spray(|_| "10.1.1.1".to_owned()).await, 7, "a hospital");
    scene.later(MINUTE);
    assert_eq!(spray(|_| "10.9.1.1".to_owned()).await, 8, "no limit");
    assert_eq!(scene.causes().await, ["throttled_address", "throttled_address"]);
}

async fn a_subscriber_with_many_networks_does_not_use_up_the_limits_of_others(scene: Scene) {
    let limits = "[throttle]\naddress_per_minute = 5\noverall_per_minute = 50\nname_per_minute = 0\n";
    scene.provider.apply(limits, Mode::Merge).await.expect("good settings");
    let device = scene.stranger();
    let mut admitted = 0;
    // Ten /64 of one /56, and ten /56 of one /48.
    for network in (0..10).chain((1..10).map(|wide| wide << 8)) {
        for host in 0..6 {
            let address = format!("2001:db8:7:{network:x}::{host}");
            admitted += usize::from(scene.attempt(&device, &address, "alice").await.is_ok());
        }
    }
    assert_eq!(admitted, 20, "four times as many as an address has");
    let _ = scene
        .attempt(&device, "2001:db8:8::1", "alice")
        .await
        .expect("strangers have attempts left in total");

    let mut typed = 0;
    for _ in 0..6 * 60 {
        for network in [0, 1, 2, 3, 0x100, 0x200, 0x300, 0x400, 0x500, 0x600] {
            let address = format!("2001:db8:7:{network:x}::1");
            typed += u64::from(scene.code_from(&address, &device, CodeSubject::Name("alice")).await.is_ok());
        }
        scene.later(MINUTE - 1);
    }
    assert!((20..CODES_BEFORE).contains(&typed), "{typed}");
    let code = scene.code_from("2001:db8:8::1", &device, CodeSubject::Name("alice")).await;
    let _ = code.expect("others can still type codes for the name");
}

async fn all_spellings_of_a_name_share_one_limit(scene: Scene) {
    let device = scene.stranger();
    for (name, count) in [("zoe", 0), ("CORP\\Zoe", 1), ("ZOE@corp.example.org", 2)] {
        let address = format!("192.0.2.{count}");
        let _ = scene.attempt(&device, &address, name).await.expect("three are free");
    }
    for name in ["zoe", "CORP\\zoe", "zoe@elsewhere.example"] {
        assert!(scene.attempt(&device, "192.0.2.9", name).await.is_err(), "{name}");
    }
    let _ = scene.attempt(&device, "192.0.2.9", "zoey").await.expect("another name");
}

async fn all_strangers_together_have_a_limit(scene: Scene) {
    let device = scene.stranger();
    for count in 0..9 {
        let _ =
            scene.attempt(&device, &format!("192.0.2.{count}"), &format!("name{count}")).await.expect("ok");
    }
    assert_eq!(scene.attempt(&device, "192.0.2.100", "zoe").await.err(), Some(60));
    assert_eq!(scene.causes().await, ["throttled_overall"]);
}

async fn attempts_refused_by_address_do_not_count_for_the_name(scene: Scene) {
    for name in ["one", "two", "three", "four", "five"] {
        let _ = scene.attempt(&scene.stranger(), "192.0.2.1", name).await.expect("five are free");
    }
    for _ in 0..20 {
        assert!(scene.attempt(&scene.stranger(), "192.0.2.1", "alice").await.is_err());
    }
    assert_eq!(scene.wrong("192.0.2.2", "alice").await.0, 3);
}

async fn strangers_do_not_keep_an_owner_out(scene: Scene) {
    let alice = scene.alice().await;
    let owner = scene.browser_of("CORP\\alice", &alice);
    while scene.attempt(&scene.stranger(), "192.0.2.1", "CORP\\alice").await.is_ok() {}
    for count in 0..20 {
        let _ = scene.attempt(&scene.stranger(), "192.0.2.1", &format!("{count}")).await;
        let _ = scene.attempt(&scene.stranger(), &format!("198.51.100.{count}"), &format!("{count}")).await;
    }
    for _ in 0..10 {
        let admission =
            scene.attempt(&owner, "192.0.2.1", "corp\\ALICE").await.expect("the owner is admitted");
        admission.give_back(&scene.parts()).await.expect("it is given back");
    }
    assert!(
        scene.attempt(&owner, "192.0.2.1", "bob").await.is_err(),
        "the browser is known for one name only"
    );
    for _ in 0..3 {
        let _ = scene.attempt(&owner, "192.0.2.1", "CORP\\alice").await.expect("three failed attempts");
    }
    assert_eq!(
        scene.attempt(&owner, "192.0.2.1", "CORP\\alice").await.err(),
        Some(60),
        "a thief of the cookie is limited too"
    );
    assert_eq!(scene.causes().await.last().map(String::as_str), Some("throttled_browser"));
}

async fn simultaneous_attempts_do_not_exceed_the_limit(scene: Scene) {
    let scene = Arc::new(scene);
    let attempts: Vec<_> = (0..40)
        .map(|count| {
            let scene = Arc::clone(&scene);
            let address = format!("192.0.2.{count}");
            tokio::spawn(async move { scene.attempt(&scene.stranger(), &address, "alice").await.is_ok() })
        })
        .collect();
    let mut admitted = 0;
    for tried in attempts {
        admitted += usize::from(tried.await.expect("it ends"));
    }
    assert!((1..=3).contains(&admitted), "never more: {admitted}");
}

fn person() -> Account {
    use cloudsync_idp::domain::account::{AccountId, Link, Profile, Status};
    Account {
        id: AccountId("a1".into()),
        link: Some(Link { directory: corp(), entry: entry(), sid: None }),
        profile: Profile::default(),
        profile_changed_at: None,
        status: Status::Active,
        expires_at: None,
        generation: 1,
        password_changed_at: None,
        seen_at: None,
    }
}

async fn after_five_free_codes_the_wait_grows(scene: Scene) {
    let (device, person) = (scene.stranger(), person());
    let whose = CodeSubject::Account(&person);
    for _ in 0..5 {
        let _ = scene.code(&device, whose).await.expect("free");
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        assert_eq!(scene.code(&device, whose).await.err(), Some(wait));
        scene.later(Millis::from(wait) * SECOND - 1);
        assert_eq!(scene.code(&scene.stranger(), whose).await.err(), Some(1), "a new login changes nothing");
        scene.later(1);
        let _ = scene.code(&device, whose).await.expect("one more");
    }
    assert_eq!(scene.causes().await, ["throttled_code"; 7], "one event per wait");
    scene.later(DAY);
    for _ in 0..5 {
        let _ = scene.code(&device, whose).await.expect("after a day the count starts again");
    }
}

async fn a_right_code_ends_the_count_and_the_wait(scene: Scene) {
    let (device, person) = (scene.stranger(), person());
    let whose = CodeSubject::Account(&person);
    for _ in 0..4 {
        let _ = scene.code(&device, whose).await.expect("free");
    }
    let unread = scene.code(&device, whose).await.expect("the fifth");
    unread.give_back(&scene.parts()).await.expect("it could not be checked");
    let fifth = scene.code(&device, whose).await.expect("so this is the fifth");
    assert!(scene.code(&device, whose).await.is_err());
    fifth.right(&scene.parts()).await;
    for _ in 0..5 {
        let _ = scene.code(&device, whose).await.expect("all are free again");
    }
    assert_eq!(scene.code(&device, whose).await.err(), Some(30));
}

async fn strangers_and_thieves_do_not_make_the_owner_wait(scene: Scene) {
    let (thief, person) = (scene.stranger(), person());
    let owner = scene.browser_of("alice", &person);
    while scene.code(&thief, CodeSubject::Name("alice")).await.is_ok() {}
    let _ = scene
        .code(&thief, CodeSubject::Account(&person))
        .await
        .expect("codes before and after the password are counted separately");
    while scene.code(&thief, CodeSubject::Account(&person)).await.is_ok() {}
    let _ = scene
        .code(&owner, CodeSubject::Account(&person))
        .await
        .expect("the owner's browser is counted separately");
    assert_eq!(scene.code(&thief, CodeSubject::Name("ALICE")).await.err(), Some(30));
}

async fn one_stranger_does_not_use_up_the_codes_of_others(scene: Scene) {
    let device = scene.stranger();
    let forms = ["alice", "CORP\\alice", "ALICE@corp.example.com"];
    let mut typed = 0;
    for _ in 0..24 * 60 {
        for form in forms {
            typed +=
                u64::from(scene.code_from("2001:db8::1", &device, CodeSubject::Name(form)).await.is_ok());
        }
        scene.later(MINUTE / 4);
    }
    assert!((20..=CODES_BEFORE * 2 / 3).contains(&typed), "in six hours, in all forms together: {typed}");
    let device = scene.stranger();
    assert!(scene.code_from("2001:db8::9", &device, CodeSubject::Name("alice")).await.is_err(), "one /64");
    for form in forms {
        let right = scene.code_from("192.0.2.9", &device, CodeSubject::Name(form)).await.expect("the owner");
        right.right(&scene.parts()).await;
    }
}

async fn all_addresses_together_have_a_limit_of_codes(scene: Scene) {
    let device = scene.stranger();
    for host in 0..100 {
        let address = format!("198.51.100.{host}");
        match scene.code_from(&address, &device, CodeSubject::Name("alice")).await {
            Ok(code) if host % 2 == 0 => code.right(&scene.parts()).await,
            Ok(code) => drop(code),
            Err(seconds) => panic!("{host}: {seconds}"),
        }
    }
    for host in 0..40 {
        let address = format!("203.0.113.{host}");
        assert!(scene.code_from(&address, &device, CodeSubject::Name("alice")).await.is_err(), "{host}");
    }
    scene.later(BEFORE_PASSWORD);
    let _ =
        scene.code_from("203.0.113.1", &device, CodeSubject::Name("alice")).await.expect("another window");
}

async fn after_a_newer_password_the_browser_is_unknown(scene: Scene) {
    let alice = scene.alice().await;
    let owner = scene.browser_of("alice", &alice);
    while scene.attempt(&scene.stranger(), "192.0.2.1", "alice").await.is_ok() {}
    let admission = scene.attempt(&owner, "192.0.2.1", "alice").await.expect("the owner is admitted");
    admission.give_back(&scene.parts()).await.expect("it is given back");
    let set_at = alice.password_changed_at.unwrap_or_default().max(scene.parts().now()) + 1;
    let changed = [(alice.id.clone(), set_at)];
    scene.parts().store.login().passwords_changed(&changed, scene.parts().now()).await.expect("the store");
    assert!(scene.attempt(&owner, "192.0.2.1", "alice").await.is_err(), "not known any more");
    let alice = scene.alice().await;
    let renewed = scene.browser_of("alice", &alice);
    let admission = scene.attempt(&renewed, "192.0.2.1", "alice").await.expect("after a new sign-in");
    admission.give_back(&scene.parts()).await.expect("it is given back");
    let visit = Event::new(scene.parts().now(), Decision::FactorsReset);
    scene.parts().store.identity().reset_factors(&alice.id, &visit).await.expect("the store");
    assert!(scene.attempt(&renewed, "192.0.2.1", "alice").await.is_err(), "not known after a reset");
}

async fn after_a_wait_one_of_many_simultaneous_codes_is_admitted(scene: Scene) {
    let (device, person) = (scene.stranger(), person());
    while scene.code(&device, CodeSubject::Account(&person)).await.is_ok() {}
    scene.later(30 * SECOND);
    let node = scene.provider.another_process().await;
    let shared = matches!(node.volatile, cloudsync_idp::volatile::Volatile::Redis(_));
    let nodes = [scene.parts(), if shared { node.login() } else { scene.parts() }];
    let attempts: Vec<_> = (0..20)
        .map(|count| {
            let (parts, person) = (nodes[count % 2].clone(), person.clone());
            tokio::spawn(async move {
                let (visit, device) = (visit("192.0.2.1"), Device::open(&parts, None));
                let asker = Asker { visit: &visit, client_id: "cloudsync", device: &device };
                admit_code(&parts, &asker, CodeSubject::Account(&person)).await.is_ok()
            })
        })
        .collect();
    let mut admitted = 0;
    for tried in attempts {
        admitted += usize::from(tried.await.expect("it ends"));
    }
    assert_eq!(admitted, 1);
}
