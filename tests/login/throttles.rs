//! Wrong tries are counted by name, by address and altogether, on all nodes together; codes make people wait longer and
//! longer; and none of it keeps the owner of a name out of a browser of their own.

use std::sync::Arc;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::Account;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId};
use cloudsync_idp::domain::evidence::{Evidence, Method};
use cloudsync_idp::domain::throttle::{BEFORE_PASSWORD, CODES_BEFORE};
use cloudsync_idp::domain::{DAY, MINUTE, Millis, SECOND};
use cloudsync_idp::flow::installation::context::{Parts, Visit};
use cloudsync_idp::flow::installation::device::Device;
use cloudsync_idp::flow::installation::fault::Fault;
use cloudsync_idp::flow::limits::throttle::{Admission, Asker, CodeSubject, CodeTry, admit, admit_code};
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::store::AuditFilter;
use uuid::Uuid;

use crate::support::lab;
use crate::support::provider::{Provider, Setup, ldap_settings};

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
    a_name_takes_so_many_wrong_tries_a_minute,
    a_right_password_gives_its_try_back,
    a_household_and_a_listed_network_have_their_own_limit,
    a_subscriber_with_many_networks_uses_up_nothing_of_others,
    all_spellings_of_a_name_are_one,
    all_strangers_together_have_a_limit,
    who_is_refused_by_address_uses_up_no_name,
    strangers_do_not_keep_an_owner_out,
    of_many_at_once_so_many_get_through,
    five_codes_are_free_and_then_the_wait_grows,
    a_right_code_ends_the_count_and_the_wait,
    strangers_and_thieves_make_no_owner_wait,
    one_stranger_shuts_the_code_door_for_nobody_else,
    all_addresses_together_have_so_many_codes,
    a_newer_password_makes_a_stranger_of_the_browser,
    of_many_codes_at_once_one_gets_through_a_wait,
);

/// A provider whose clock stands still; nobody is asked in its directory.
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

    fn parts(&self) -> &Parts {
        &self.provider.parts
    }

    pub fn later(&self, by: Millis) {
        self.parts().clock.advance(by);
    }

    fn stranger(&self) -> Device {
        Device::open(self.parts(), None)
    }

    /// A browser in which somebody has signed in with this name.
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
        let cookie = self.stranger().with((&link.directory, link.entry), name, &evidence);
        Device::open(self.parts(), Some(&cookie))
    }

    /// Somebody of the directory, whose account is in the store.
    async fn alice(&self) -> Account {
        self.provider.sync().await.expect("the first import");
        let found = self.parts().store.identity().account_by_email(ALICE).await.expect("the store");
        found.expect("an account")
    }

    async fn tries(&self, device: &Device, address: &str, name: &str) -> Result<Admission, u32> {
        let visit = visit(address);
        let asker = Asker { visit: &visit, client_id: "cloudsync", device };
        admit(self.parts(), &asker, name).await.map_err(seconds)
    }

    /// Wrong tries of strangers until one is refused.
    async fn wrong(&self, address: &str, name: &str) -> (usize, u32) {
        let device = self.stranger();
        for count in 0..50 {
            if let Err(seconds) = self.tries(&device, address, name).await {
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
        admit_code(self.parts(), &asker, whose).await.map_err(seconds)
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

async fn a_name_takes_so_many_wrong_tries_a_minute(scene: Scene) {
    scene.later(20 * SECOND);
    assert_eq!(scene.wrong("192.0.2.1", "alice").await, (3, 40));
    assert_eq!(scene.wrong("192.0.2.2", " ALICE ").await, (0, 40), "case and blanks make no other name");
    assert_eq!(scene.wrong("192.0.2.3", "nobody-has-this").await, (3, 40), "nor does it matter who has it");
    scene.later(39 * SECOND);
    assert_eq!(scene.wrong("192.0.2.2", "alice").await, (0, 1));
    scene.later(SECOND);
    assert_eq!(scene.wrong("192.0.2.4", "alice").await, (3, 60));
    let causes = scene.causes().await;
    assert_eq!(causes, ["throttled_name"; 3], "one event a window and name");
}

async fn a_right_password_gives_its_try_back(scene: Scene) {
    let device = scene.stranger();
    for _ in 0..20 {
        let admission = scene.tries(&device, "192.0.2.1", "alice").await.expect("nothing counts");
        admission.give_back(scene.parts()).await.expect("it is given back");
    }
    let admission = scene.tries(&device, "192.0.2.1", "alice").await.expect("admitted");
    scene.later(MINUTE);
    assert_eq!(scene.wrong("192.0.2.1", "alice").await.0, 3);
    admission.give_back(scene.parts()).await.expect("it is given back");
    assert_eq!(scene.wrong("192.0.2.2", "alice").await.0, 0, "it was counted in another minute");
}

async fn a_household_and_a_listed_network_have_their_own_limit(scene: Scene) {
    let device = scene.stranger();
    let spray = async |address: fn(usize) -> String| {
        for count in 0..8 {
            match scene.tries(&device, &address(count), &format!("name{count}")).await {
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

async fn a_subscriber_with_many_networks_uses_up_nothing_of_others(scene: Scene) {
    let limits = "[throttle]\naddress_per_minute = 5\noverall_per_minute = 50\nname_per_minute = 0\n";
    scene.provider.apply(limits, Mode::Merge).await.expect("good settings");
    let device = scene.stranger();
    let mut admitted = 0;
    // ten /64 of one /56, and ten /56 of one /48
    for network in (0..10).chain((1..10).map(|wide| wide << 8)) {
        for host in 0..6 {
            let address = format!("2001:db8:7:{network:x}::{host}");
            admitted += usize::from(scene.tries(&device, &address, "alice").await.is_ok());
        }
    }
    assert_eq!(admitted, 20, "four times as many as an address has");
    let _ =
        scene.tries(&device, "2001:db8:8::1", "alice").await.expect("not all that strangers have together");

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
    let _ = code.expect("the name's page is open to others");
}

async fn all_spellings_of_a_name_are_one(scene: Scene) {
    let device = scene.stranger();
    for (name, count) in [("zoe", 0), ("CORP\\Zoe", 1), ("ZOE@corp.example.org", 2)] {
        let address = format!("192.0.2.{count}");
        let _ = scene.tries(&device, &address, name).await.expect("three are free");
    }
    for name in ["zoe", "CORP\\zoe", "zoe@elsewhere.example"] {
        assert!(scene.tries(&device, "192.0.2.9", name).await.is_err(), "{name}");
    }
    let _ = scene.tries(&device, "192.0.2.9", "zoey").await.expect("another name");
}

async fn all_strangers_together_have_a_limit(scene: Scene) {
    let device = scene.stranger();
    for count in 0..9 {
        let _ = scene.tries(&device, &format!("192.0.2.{count}"), &format!("name{count}")).await.expect("ok");
    }
    assert_eq!(scene.tries(&device, "192.0.2.100", "zoe").await.err(), Some(60));
    assert_eq!(scene.causes().await, ["throttled_overall"]);
}

async fn who_is_refused_by_address_uses_up_no_name(scene: Scene) {
    for name in ["one", "two", "three", "four", "five"] {
        let _ = scene.tries(&scene.stranger(), "192.0.2.1", name).await.expect("five are free");
    }
    for _ in 0..20 {
        assert!(scene.tries(&scene.stranger(), "192.0.2.1", "alice").await.is_err());
    }
    assert_eq!(scene.wrong("192.0.2.2", "alice").await.0, 3);
}

async fn strangers_do_not_keep_an_owner_out(scene: Scene) {
    let alice = scene.alice().await;
    let owner = scene.browser_of("CORP\\alice", &alice);
    while scene.tries(&scene.stranger(), "192.0.2.1", "CORP\\alice").await.is_ok() {}
    for count in 0..20 {
        let _ = scene.tries(&scene.stranger(), "192.0.2.1", &format!("{count}")).await;
        let _ = scene.tries(&scene.stranger(), &format!("198.51.100.{count}"), &format!("{count}")).await;
    }
    for _ in 0..10 {
        let admission = scene.tries(&owner, "192.0.2.1", "corp\\ALICE").await.expect("the owner gets in");
        admission.give_back(scene.parts()).await.expect("it is given back");
    }
    assert!(
        scene.tries(&owner, "192.0.2.1", "bob").await.is_err(),
        "known by one name is not known by another"
    );
    for _ in 0..3 {
        let _ = scene.tries(&owner, "192.0.2.1", "CORP\\alice").await.expect("three wrong ones");
    }
    assert_eq!(scene.tries(&owner, "192.0.2.1", "CORP\\alice").await.err(), Some(60), "who stole the cookie");
    assert_eq!(scene.causes().await.last().map(String::as_str), Some("throttled_browser"));
}

async fn of_many_at_once_so_many_get_through(scene: Scene) {
    let scene = Arc::new(scene);
    let tries: Vec<_> = (0..40)
        .map(|count| {
            let scene = Arc::clone(&scene);
            let address = format!("192.0.2.{count}");
            tokio::spawn(async move { scene.tries(&scene.stranger(), &address, "alice").await.is_ok() })
        })
        .collect();
    let mut admitted = 0;
    for tried in tries {
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
        status: Status::Active,
        expires_at: None,
        generation: 1,
        password_changed_at: None,
        seen_at: None,
    }
}

async fn five_codes_are_free_and_then_the_wait_grows(scene: Scene) {
    let (device, person) = (scene.stranger(), person());
    let whose = CodeSubject::Account(&person);
    for _ in 0..5 {
        let _ = scene.code(&device, whose).await.expect("free");
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        assert_eq!(scene.code(&device, whose).await.err(), Some(wait));
        scene.later(Millis::from(wait) * SECOND - 1);
        assert_eq!(
            scene.code(&scene.stranger(), whose).await.err(),
            Some(1),
            "starting again changes nothing"
        );
        scene.later(1);
        let _ = scene.code(&device, whose).await.expect("one more");
    }
    assert_eq!(scene.causes().await, ["throttled_code"; 7], "one event a wait");
    scene.later(DAY);
    for _ in 0..5 {
        let _ = scene.code(&device, whose).await.expect("a day later all is forgotten");
    }
}

async fn a_right_code_ends_the_count_and_the_wait(scene: Scene) {
    let (device, person) = (scene.stranger(), person());
    let whose = CodeSubject::Account(&person);
    for _ in 0..4 {
        let _ = scene.code(&device, whose).await.expect("free");
    }
    let unread = scene.code(&device, whose).await.expect("the fifth");
    unread.give_back(scene.parts()).await.expect("it could not be looked at");
    let fifth = scene.code(&device, whose).await.expect("so this is the fifth");
    assert!(scene.code(&device, whose).await.is_err());
    fifth.right(scene.parts()).await;
    for _ in 0..5 {
        let _ = scene.code(&device, whose).await.expect("all are free again");
    }
    assert_eq!(scene.code(&device, whose).await.err(), Some(30));
}

async fn strangers_and_thieves_make_no_owner_wait(scene: Scene) {
    let (thief, person) = (scene.stranger(), person());
    let owner = scene.browser_of("alice", &person);
    while scene.code(&thief, CodeSubject::Name("alice")).await.is_ok() {}
    let _ =
        scene.code(&thief, CodeSubject::Account(&person)).await.expect("before and after are counted apart");
    while scene.code(&thief, CodeSubject::Account(&person)).await.is_ok() {}
    let _ = scene
        .code(&owner, CodeSubject::Account(&person))
        .await
        .expect("the owner's browser is counted apart");
    assert_eq!(scene.code(&thief, CodeSubject::Name("ALICE")).await.err(), Some(30));
}

async fn one_stranger_shuts_the_code_door_for_nobody_else(scene: Scene) {
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
        right.right(scene.parts()).await;
    }
}

async fn all_addresses_together_have_so_many_codes(scene: Scene) {
    let device = scene.stranger();
    for host in 0..100 {
        let address = format!("198.51.100.{host}");
        match scene.code_from(&address, &device, CodeSubject::Name("alice")).await {
            Ok(code) if host % 2 == 0 => code.right(scene.parts()).await,
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

async fn a_newer_password_makes_a_stranger_of_the_browser(scene: Scene) {
    let alice = scene.alice().await;
    let owner = scene.browser_of("alice", &alice);
    while scene.tries(&scene.stranger(), "192.0.2.1", "alice").await.is_ok() {}
    let admission = scene.tries(&owner, "192.0.2.1", "alice").await.expect("the owner gets in");
    admission.give_back(scene.parts()).await.expect("it is given back");
    let set_at = alice.password_changed_at.unwrap_or_default().max(scene.parts().now()) + 1;
    let changed = [(alice.id.clone(), set_at)];
    scene.parts().store.login().passwords_changed(&changed, scene.parts().now()).await.expect("the store");
    assert!(scene.tries(&owner, "192.0.2.1", "alice").await.is_err(), "known no more");
    let alice = scene.alice().await;
    let renewed = scene.browser_of("alice", &alice);
    let admission = scene.tries(&renewed, "192.0.2.1", "alice").await.expect("after a new sign-in");
    admission.give_back(scene.parts()).await.expect("it is given back");
    let visit = Event::new(scene.parts().now(), Decision::FactorsReset);
    scene.parts().store.identity().reset_factors(&alice.id, &visit).await.expect("the store");
    assert!(scene.tries(&renewed, "192.0.2.1", "alice").await.is_err(), "nor after a reset");
}

async fn of_many_codes_at_once_one_gets_through_a_wait(scene: Scene) {
    let (device, person) = (scene.stranger(), person());
    while scene.code(&device, CodeSubject::Account(&person)).await.is_ok() {}
    scene.later(30 * SECOND);
    let node = scene.provider.another_process().await;
    let shared = matches!(node.volatile, cloudsync_idp::volatile::Volatile::Redis(_));
    let nodes = [scene.parts().clone(), if shared { node } else { scene.parts().clone() }];
    let tries: Vec<_> = (0..20)
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
    for tried in tries {
        admitted += usize::from(tried.await.expect("it ends"));
    }
    assert_eq!(admitted, 1);
}
