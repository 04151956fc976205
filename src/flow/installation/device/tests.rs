//! A browser and its people, without a store.

use uuid::Uuid;

use super::*;
use crate::domain::account::{AccountId, Link, Profile, Status};

const NOW: Millis = 1_800_000_000_000;

fn sealer(byte: u8) -> Arc<Sealer> {
    Arc::new(Sealer::new(&[byte; 32]).expect("a key"))
}

fn opened_at(cookie: Option<&str>, now: Millis) -> Device {
    Device::sealed_by(&sealer(7), cookie, "fresh".repeat(8), now)
}

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

fn entry(number: u128) -> EntryId {
    EntryId(Uuid::from_u128(number))
}

fn signed_in(at: Millis) -> Evidence {
    Evidence {
        account: AccountId("a1".into()),
        methods: Vec::new(),
        auth_time: at,
        account_generation: 3,
        policy_generation: 1,
        password_set_at: Some(NOW - DAY),
    }
}

fn with(device: &Device, number: u128, name: &str, now: Millis) -> String {
    device.with(&corp(), entry(number), name, &signed_in(now))
}

fn account(number: u128) -> Account {
    Account {
        id: AccountId("a1".into()),
        link: Some(Link { directory: corp(), entry: entry(number), sid: None }),
        profile: Profile::default(),
        profile_changed_at: None,
        status: Status::Active,
        expires_at: None,
        generation: 3,
        password_changed_at: Some(NOW - DAY),
        seen_at: None,
    }
}

fn has_name(device: &Device, name: &str) -> bool {
    let digest = device.name(name);
    device.content.people.iter().any(|person| person.names.contains(&digest))
}

#[test]
fn people_who_have_signed_in_are_known_by_entry_and_by_typed_name() {
    let cookie = with(&opened_at(None, NOW), 1, "CORP\\Alice", NOW);
    let cookie = with(&opened_at(Some(&cookie), NOW), 1, "alice@example.com", NOW);
    let device = opened_at(Some(&cookie), NOW);
    for (name, known) in
        [("corp\\alice", true), (" ALICE@example.com ", true), ("alice", false), ("bob", false)]
    {
        assert_eq!(has_name(&device, name), known, "{name}");
    }
    assert!(device.knows(&account(1)) && !device.knows(&account(2)));
    let link = Some(Link { directory: DirectoryId("lab".into()), entry: entry(1), sid: None });
    assert!(!device.knows(&Account { link, ..account(1) }));
    assert_eq!(device.serial(), "fresh".repeat(8), "the browser stays itself");
}

#[test]
fn a_newer_password_or_a_reset_makes_a_known_browser_unknown() {
    let cookie = with(&opened_at(None, NOW), 1, "alice", NOW);
    let device = opened_at(Some(&cookie), NOW);
    let later = Some(NOW - DAY + 1);
    assert!(!device.knows(&Account { password_changed_at: later, ..account(1) }));
    assert!(!device.knows(&Account { generation: 4, ..account(1) }));
    assert!(device.knows(&Account { password_changed_at: None, ..account(1) }));
    let unsaid = Evidence { password_set_at: None, ..signed_in(NOW) };
    let cookie = opened_at(None, NOW).with(&corp(), entry(1), "alice", &unsaid);
    let device = opened_at(Some(&cookie), NOW);
    assert!(device.knows(&Account { password_changed_at: Some(NOW), ..account(1) }), "our clock stands in");
    assert!(!device.knows(&Account { password_changed_at: Some(NOW + 1), ..account(1) }));
}

#[test]
fn a_name_leads_to_the_directory_of_its_last_sign_in() {
    let lab = DirectoryId("lab".into());
    let cookie = with(&opened_at(None, NOW), 1, "alice", NOW);
    let cookie = opened_at(Some(&cookie), NOW).with(&lab, entry(2), "Alice", &signed_in(NOW));
    let cookie = with(&opened_at(Some(&cookie), NOW), 3, "bob", NOW);
    let device = opened_at(Some(&cookie), NOW);
    let home = |name: &str, among: &[&DirectoryId]| device.home_of(name, among).map(ToString::to_string);
    assert_eq!(home("alice", &[&corp(), &lab]).as_deref(), Some("lab"));
    assert_eq!(home("alice", &[&corp()]).as_deref(), Some("corp"), "the lab is gone");
    assert_eq!(home("BOB", &[&corp(), &lab]).as_deref(), Some("corp"));
    assert_eq!(home("carol", &[&corp(), &lab]), None);
    assert_eq!(home("alice", &[]), None);
}

#[test]
fn a_cookie_that_we_did_not_set_makes_an_unknown_browser() {
    let ours = with(&opened_at(None, NOW), 1, "alice", NOW);
    let another = Device::sealed_by(&sealer(8), None, "x".repeat(43), NOW);
    let foreign = with(&another, 1, "alice", NOW);
    let cut = &ours[..ours.len() - 4];
    for cookie in [None, Some(""), Some("nonsense"), Some(cut), Some(foreign.as_str())] {
        assert!(!has_name(&opened_at(cookie, NOW), "alice"), "{cookie:?}");
    }
}

#[test]
fn people_are_forgotten_six_months_after_their_last_sign_in() {
    let cookie = with(&opened_at(None, NOW), 1, "alice", NOW);
    assert!(has_name(&opened_at(Some(&cookie), NOW + KNOWN_FOR - 1), "alice"));
    assert!(!has_name(&opened_at(Some(&cookie), NOW + KNOWN_FOR), "alice"));
    let later = with(&opened_at(Some(&cookie), NOW + DAY), 1, "alice", NOW + DAY);
    assert!(has_name(&opened_at(Some(&later), NOW + KNOWN_FOR), "alice"));
}

#[test]
fn five_people_with_four_names_fit_into_the_longest_cookie() {
    let mut cookie = with(&opened_at(None, NOW), 0, "nobody", NOW);
    for person in 1..=5 {
        for name in 0..9 {
            let device = opened_at(Some(&cookie), NOW);
            let name = format!("{}{person}.{name}", "long".repeat(80));
            cookie = with(&device, person, &name, NOW);
        }
    }
    let device = opened_at(Some(&cookie), NOW);
    assert!(cookie.len() <= 2_500, "{}", cookie.len());
    assert!(!has_name(&device, "nobody") && device.knows(&account(1)));
    assert!(has_name(&device, &format!("{}1.8", "long".repeat(80))));
    assert!(!has_name(&device, &format!("{}1.0", "long".repeat(80))), "the oldest form is forgotten");
}
