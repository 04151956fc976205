//! What is done for a person whose suspension waits for an administrator.

use super::*;

#[test]
fn suspensions_wait_and_updates_do_not() {
    let mine = account();
    let leaver = seen_with(|seen| {
        seen.expires_at = Some(NOW);
        email(seen, "left@example.com");
    });
    let now = decided(&leaver, Some(&mine), None, false).without_suspension(Some(&mine));
    assert_eq!(
        said(&now),
        ("update", Some("left@example.com"), None),
        "the address is free for another entry"
    );
    assert!(matches!(&now.action, Action::Update(_, change) if change.expires_at == mine.expires_at));

    let outside = seen_with(|seen| seen.in_scope = false);
    let now = decided(&outside, Some(&mine), Some(&mine), false).without_suspension(Some(&mine));
    assert_eq!(said(&now).0, "keep");
    let off = suspended(SuspendedBecause::Disabled);
    for outcome in [decided(&seen(), Some(&off), Some(&off), false), decided(&seen(), None, None, false)] {
        assert_eq!(outcome.clone().without_suspension(Some(&off)), outcome);
    }
}
