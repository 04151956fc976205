//! Which part of an outcome may be done at once, and which waits until the directory is read completely.

use super::*;

#[test]
fn what_takes_away_waits_and_what_gives_does_not() {
    let mine = account();
    let leaver = seen_with(|seen| {
        seen.expires_at = Some(NOW);
        email(seen, "left@example.com");
    });
    let (now, later) = decided(&leaver, Some(&mine), None, false).in_two(Some(&mine));
    assert_eq!(said(&now), ("update", Some("left@example.com"), None), "the mail is free for somebody else");
    assert!(matches!(&now.action, Action::Update(_, change) if change.expires_at == mine.expires_at));
    let later = later.expect("the suspension");
    assert_eq!(said(&later), ("expired", None, None));
    assert!(matches!(&later.action, Action::Suspend(_, _, change) if change.expires_at == Some(NOW)));

    let outside = seen_with(|seen| seen.in_scope = false);
    let (now, later) = decided(&outside, Some(&mine), Some(&mine), false).in_two(Some(&mine));
    assert_eq!((said(&now).0, later.map(|later| said(&later).0)), ("keep", Some("out_of_scope")));
    let off = suspended(SuspendedBecause::Disabled);
    for outcome in [decided(&seen(), Some(&off), Some(&off), false), decided(&seen(), None, None, false)] {
        assert_eq!(outcome.clone().in_two(Some(&off)), (outcome, None));
    }
}
