//! Which part of an outcome may be done at once, and which waits until the directory is read completely.

use super::*;

#[test]
fn suspensions_wait_and_updates_do_not() {
    let mine = account();
    let leaver = seen_with(|seen| {
        seen.expires_at = Some(NOW);
        email(seen, "left@example.com");
    });
    let (now, later) = decided(&leaver, Some(&mine), None, false).split_suspension(Some(&mine));
    assert_eq!(
        said(&now),
        ("update", Some("left@example.com"), None),
        "the address is free for another entry"
    );
    assert!(matches!(&now.action, Action::Update(_, change) if change.expires_at == mine.expires_at));
    let later = later.expect("the suspension");
    assert_eq!(said(&later), ("expired", None, None));
    assert!(matches!(&later.action, Action::Suspend(_, _, change) if change.expires_at == Some(NOW)));

    let outside = seen_with(|seen| seen.in_scope = false);
    let (now, later) = decided(&outside, Some(&mine), Some(&mine), false).split_suspension(Some(&mine));
    assert_eq!((said(&now).0, later.map(|later| said(&later).0)), ("keep", Some("out_of_scope")));
    let off = suspended(SuspendedBecause::Disabled);
    for outcome in [decided(&seen(), Some(&off), Some(&off), false), decided(&seen(), None, None, false)] {
        assert_eq!(outcome.clone().split_suspension(Some(&off)), (outcome, None));
    }
}
