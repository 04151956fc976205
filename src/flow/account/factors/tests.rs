//! The life of a factor on a real store, with a clock that the test moves.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::clock::Clock;
use crate::domain::account::Profile;
use crate::domain::admin::Actor;
use crate::domain::audit::Event;
use crate::domain::factor::TotpParameters;
use crate::domain::factor::code_at;
use crate::domain::{HOUR, SECOND};
use crate::flow::installation::current::Installation;
use crate::keys::Keys;
use crate::store::{AuditFilter, Store};
use crate::volatile::Volatile;

const NOW: i64 = 1_800_000_000_000;
const STEP: i64 = 30 * SECOND;

struct House {
    parts: LoginParts,
    alice: Account,
    bob: Account,
    _dir: TempDir,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(&format!("sqlite:{}/idp.db", dir.path().display())).await.expect("a store");
        let sealer = Arc::new(Sealer::new(&[7; 32]).expect("a key"));
        let installation =
            Installation::vacant("http://localhost".into(), store.clone(), Arc::clone(&sealer));
        let parts = LoginParts {
            issuer: "http://localhost".into(),
            volatile: Volatile::open("memory").await.expect("memory"),
            keys: Arc::new(Keys::new(sealer)),
            installation: Arc::new(installation),
            clock: Clock::fixed(NOW),
            store,
        };
        let profile = |mail: &str| Profile { email: mail.into(), ..Profile::default() };
        let people = vec![
            (AccountId("alice".into()), profile("alice@example.com")),
            (AccountId("bob".into()), profile("bob@example.com")),
        ];
        let event = Event::new(NOW, Decision::AccountsImported);
        parts.store.identity().import_accounts(people, &event, NOW).await.expect("they load");
        let alice = account(&parts, "alice").await;
        let bob = account(&parts, "bob").await;
        Self { parts, alice, bob, _dir: dir }
    }

    async fn check(&self, account: &Account, typed: &str) -> Checked {
        check(&self.parts, &visit(), &account.id, typed).await.expect("it answers")
    }

    async fn finish(&self, enrolling: &Enrolling, adding: Adding, code: &str) -> Enrolled {
        let new = NewAuthenticator { enrolling, name: "", code };
        finish_enrolment(&self.parts, &visit(), &self.alice, new, adding).await.expect("it answers")
    }

    fn code(&self, enrolling: &Enrolling) -> String {
        code_at(enrolling.secret.bytes(), &enrolling.parameters, self.parts.now()).expect("a code")
    }

    async fn enrol(&self, adding: Adding) -> (Enrolling, Vec<String>) {
        let enrolling = begin_enrolment(&self.parts);
        match self.finish(&enrolling, adding, &self.code(&enrolling)).await {
            Enrolled::Done(codes) => (enrolling, codes),
            other => panic!("{other:?}"),
        }
    }
}

async fn account(parts: &LoginParts, id: &str) -> Account {
    parts.store.identity().account(&AccountId(id.into())).await.expect("it answers").expect("an account")
}

fn visit() -> Visit {
    Visit { attempt_id: "7K3PW-0QX9M".into(), address: "192.0.2.1".into(), user_agent: String::new() }
}

fn otp() -> Checked {
    Checked::Right(Means::Otp)
}

fn desk() -> Actor {
    Actor::command("desk@test".to_owned())
}

#[tokio::test]
async fn nothing_is_stored_before_a_code_proves_it() {
    let house = House::new().await;
    let enrolling = begin_enrolment(&house.parts);
    assert_eq!(house.finish(&enrolling, Adding::First, "000000x").await, Enrolled::WrongCode);
    let standing = account_factors(&house.parts, &house.alice.id).await.unwrap();
    assert_eq!((standing.has_factor(), standing.recovery_left), (false, 0));
    assert!(enrolling.uri("CloudSync", "alice").starts_with("otpauth://totp/CloudSync:alice?secret="));
    let travelled = serde_json::to_vec(&enrolling).expect("it travels");
    assert_eq!(serde_json::from_slice::<Enrolling>(&travelled).expect("and arrives"), enrolling);
    assert!(!format!("{enrolling:?}").contains(&enrolling.secret.to_base32()));
}

#[tokio::test]
async fn a_code_is_valid_once_and_only_for_its_owner() {
    let house = House::new().await;
    let (enrolling, codes) = house.enrol(Adding::First).await;
    assert_eq!(codes.len(), 10);
    let first = house.code(&enrolling);
    assert_eq!(house.check(&house.alice, &first).await, Checked::AlreadyUsed, "it proved the set-up");
    house.parts.clock.advance(STEP);
    let next = house.code(&enrolling);
    assert_eq!(house.check(&house.bob, &next).await, Checked::Wrong);
    assert_eq!(house.check(&house.alice, &format!("{} {}", &next[..3], &next[3..])).await, otp());
    assert_eq!(house.check(&house.alice, &next).await, Checked::AlreadyUsed);
    assert_eq!(house.check(&house.alice, &first).await, Checked::AlreadyUsed, "an older one");
    let wrong = if next == "111111" { "222222" } else { "111111" };
    assert_eq!(house.check(&house.alice, wrong).await, Checked::Wrong);
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_used_code_valid_again() {
    let house = House::new().await;
    let (enrolling, codes) = house.enrol(Adding::First).await;
    house.parts.clock.advance(10 * STEP);
    assert_eq!(house.check(&house.alice, &house.code(&enrolling)).await, otp());
    house.parts.clock.advance(-5 * STEP);
    assert_eq!(house.check(&house.alice, &house.code(&enrolling)).await, Checked::AlreadyUsed);
    assert_eq!(house.check(&house.alice, &codes[0]).await, Checked::Right(Means::Recovery { left: 9 }));
    house.parts.clock.advance(6 * STEP);
    assert_eq!(house.check(&house.alice, &house.code(&enrolling)).await, otp());
}

#[tokio::test]
async fn a_recovery_code_is_valid_once_however_it_is_typed() {
    let house = House::new().await;
    let (_, codes) = house.enrol(Adding::First).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    assert_eq!(house.check(&house.bob, &typed).await, Checked::Wrong);
    assert_eq!(house.check(&house.alice, &typed).await, Checked::Right(Means::Recovery { left: 9 }));
    assert_eq!(house.check(&house.alice, &codes[3]).await, Checked::Wrong);
    let newer = new_recovery_codes(&house.parts, &visit(), &house.alice).await.unwrap().expect("ten");
    assert_eq!(house.check(&house.alice, &codes[4]).await, Checked::Wrong, "an old set");
    assert_eq!(house.check(&house.alice, &newer[9]).await, Checked::Right(Means::Recovery { left: 9 }));
    let trail = AuditFilter::Account(house.alice.id.clone());
    let used = house.parts.store.login().audit_page(None, 1, &trail).await.unwrap().remove(0);
    assert_eq!(
        (used.decision.as_str(), used.attempt_id.as_deref()),
        ("recovery_code_used", Some("7K3PW-0QX9M"))
    );
}

#[tokio::test]
async fn a_second_authenticator_is_added_to_the_first_or_replaces_it() {
    let house = House::new().await;
    let (first, codes) = house.enrol(Adding::First).await;
    let late = begin_enrolment(&house.parts);
    assert_eq!(house.finish(&late, Adding::First, &house.code(&late)).await, Enrolled::NotFirst);
    house.parts.clock.advance(STEP);
    let (second, none) = house.enrol(Adding::Another).await;
    assert!(none.is_empty(), "the codes of before stay good");
    assert_eq!(house.check(&house.alice, &house.code(&first)).await, otp(), "either of them");
    house.parts.clock.advance(STEP);
    assert_eq!(house.check(&house.alice, &house.code(&second)).await, otp());
    let (third, newer) = house.enrol(Adding::Instead).await;
    house.parts.clock.advance(STEP);
    for gone in [house.code(&first), house.code(&second), codes[0].clone()] {
        assert_eq!(house.check(&house.alice, &gone).await, Checked::Wrong);
    }
    assert_eq!(house.check(&house.alice, &house.code(&third)).await, otp());
    assert_eq!(newer.len(), 10);
}

#[tokio::test]
async fn a_set_up_that_began_before_a_reset_fails() {
    let house = House::new().await;
    let enrolling = begin_enrolment(&house.parts);
    reset(&house.parts, &house.alice.id, &desk()).await.unwrap();
    assert_eq!(house.finish(&enrolling, Adding::First, &house.code(&enrolling)).await, Enrolled::Stale);
    assert!(!account_factors(&house.parts, &house.alice.id).await.unwrap().has_factor());
    assert_eq!(new_recovery_codes(&house.parts, &visit(), &house.alice).await.unwrap(), None);
}

#[tokio::test]
async fn a_help_desk_code_is_redeemed_once_by_its_account() {
    let house = House::new().await;
    let redeem = async |account: &Account, typed: &str| {
        redeem_invitation(&house.parts, &visit(), &account.id, typed).await.unwrap()
    };
    let made = invite(&house.parts, &house.alice.id, &desk()).await.unwrap();
    assert_eq!(made.expires_at, NOW + 72 * HOUR);
    assert!(!redeem(&house.bob, &made.code).await);
    assert!(!redeem(&house.alice, "123456").await);
    assert_eq!(house.check(&house.alice, &made.code).await, Checked::Wrong, "it is no recovery code");
    assert!(redeem(&house.alice, &made.code.to_lowercase()).await);
    assert!(!redeem(&house.alice, &made.code).await);
    let late = invite(&house.parts, &house.alice.id, &desk()).await.unwrap();
    house.parts.clock.advance(72 * HOUR);
    assert!(!redeem(&house.alice, &late.code).await);
}

#[tokio::test]
async fn owners_name_and_remove_their_own() {
    let house = House::new().await;
    house.enrol(Adding::First).await;
    let held = account_factors(&house.parts, &house.alice.id).await.unwrap().factors.remove(0);
    let name =
        async |account: &Account, name| rename(&house.parts, &account.id, &held.id, name).await.unwrap();
    assert!(name(&house.alice, " Work phone ").await);
    assert!(!name(&house.alice, "\n").await && !name(&house.bob, "Mine").await);
    let drop_it = async |account: &Account, even_last| {
        remove(&house.parts, &visit(), &account.id, &held.id, even_last).await.unwrap()
    };
    assert!(!drop_it(&house.bob, true).await && !drop_it(&house.alice, false).await);
    let held = account_factors(&house.parts, &house.alice.id).await.unwrap();
    assert_eq!((held.factors[0].name.as_str(), held.recovery_left), ("Work phone", 10));
    assert!(drop_it(&house.alice, true).await);
    let held = account_factors(&house.parts, &house.alice.id).await.unwrap();
    assert_eq!((held.has_factor(), held.recovery_left), (false, 0));
}

#[tokio::test]
async fn authenticators_of_another_system_are_imported() {
    let house = House::new().await;
    house.enrol(Adding::First).await;
    let secret = TotpSecret::from_base32("JBSWY3DPEHPK3PXP").expect("80 bits");
    let file = "name,secret\nALICE@example.com,JBSWY3DPEHPK3PXP\nbob,\
                otpauth://totp/Old:bob?secret=JBSWY3DPEHPK3PXP&digits=8\n";
    let load = async |dry_run| {
        let options = ImportOptions { dry_run, ..ImportOptions::default() };
        import(&house.parts, file.as_bytes(), options, &desk()).await.expect("a good file").lines
    };
    let given = |lines: &[AssignedLine]| lines.iter().map(|line| line.given).collect::<Vec<_>>();
    assert_eq!(given(&load(true).await), [false, true]);
    assert!(!account_factors(&house.parts, &house.bob.id).await.unwrap().has_factor(), "a dry run");
    assert_eq!(given(&load(false).await), [false, true]);
    assert_eq!(given(&load(false).await), [false, false], "once more changes nothing");
    let parameters = TotpParameters { digits: 8, ..TotpParameters::default() };
    let code = code_at(secret.bytes(), &parameters, NOW).expect("a code");
    assert_eq!(house.check(&house.bob, &code).await, otp());
    assert_eq!(house.check(&house.alice, &code).await, Checked::Wrong, "she keeps hers");
}

#[tokio::test]
async fn a_file_with_an_unknown_name_loads_nothing() {
    let house = House::new().await;
    let file = "name,secret\nbob,JBSWY3DPEHPK3PXP\nzoe,JBSWY3DPEHPK3PXP\nbob@example.com,JBSWY3DPEHPK3PXQ\n";
    let error = import(&house.parts, file.as_bytes(), ImportOptions::default(), &desk())
        .await
        .expect_err("a bad file")
        .to_string();
    for part in ["line 3: zoe: no account", "line 4: bob@example.com is also on line 2"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!account_factors(&house.parts, &house.bob.id).await.unwrap().has_factor());
}
