//! Sessions of the admin panel count only together with what they came from, and a break-glass link once.

use cloudsync_idp::domain::admin::{
    Actor, AdminHolder, AdminSession, LINK_LIFETIME, LINK_NOTICE, LINK_SESSION, Role,
};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::secret::Hashed;
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::domain::{HOUR, MINUTE, Millis};
use cloudsync_idp::store::{AuditFilter, LinkUse, NewLink, Store};

use super::{NOW, append, event, first_settings, hash, on_both, person, signed_in};

on_both!(
    a_session_counts_while_its_person_is_signed_in,
    a_session_ends_with_every_change_of_the_account,
    a_link_is_used_once_and_a_new_one_replaces_it,
    expired_rows_are_removed,
    the_trail_names_who_did_it,
);

fn of(session: &Session, number: u8) -> AdminSession {
    AdminSession {
        id_hash: hash(number),
        holder: AdminHolder::Person { account: session.evidence.account.clone(), sid: session.sid.clone() },
        role: Role::Operator,
        factor_at: NOW - 1,
        role_seen_at: NOW,
        created_at: NOW,
        used_at: NOW,
    }
}

fn by_link(made_by: String, at: Millis, number: u8) -> AdminSession {
    AdminSession {
        id_hash: hash(number),
        holder: AdminHolder::Link { made_by },
        role: Role::Owner,
        factor_at: at,
        role_seen_at: at,
        created_at: at,
        used_at: at,
    }
}

async fn signed_in_behind(store: &Store, id: &Hashed) -> Option<Hashed> {
    store.admin().session(id, NOW).await.expect("it reads").expect("there").signed_in
}

async fn with_session(store: &Store) -> (Session, AdminSession) {
    first_settings(store).await;
    let account = person(store, 1, "ada").await;
    let browser = signed_in(store, &account, 1).await;
    let session = of(&browser, 51);
    store.admin().begin(&session, None, &event()).await.expect("it begins");
    (browser, session)
}

async fn a_session_counts_while_its_person_is_signed_in(store: &Store) {
    let (browser, session) = with_session(store).await;
    let found = store.admin().session(&hash(51), NOW).await.expect("it reads").expect("there");
    assert_eq!((&found.session, found.signed_in), (&session, Some(browser.id_hash)));
    assert_eq!(store.admin().session(&hash(52), NOW).await.expect("it reads"), None);

    store.admin().touch(&hash(51), NOW + 9, NOW + 5).await.expect("touched");
    store.admin().touch(&hash(51), NOW + 2, NOW + 1).await.expect("touched");
    let found = store.admin().session(&hash(51), NOW).await.expect("it reads").expect("there").session;
    assert_eq!((found.used_at, found.role_seen_at), (NOW + 9, NOW + 5), "never backwards");

    store.admin().begin(&of(&browser, 53), Some(&hash(51)), &event()).await.expect("it begins");
    assert_eq!(store.admin().session(&hash(51), NOW).await.expect("it reads"), None, "replaced");

    store.login().end_session(&browser.id_hash, &event()).await.expect("signed out");
    assert_eq!(signed_in_behind(store, &hash(53)).await, None);
    assert!(store.admin().end(&hash(53), Some(&event())).await.expect("ended"));
    assert!(!store.admin().end(&hash(53), Some(&event())).await.expect("nothing to end"));
}

async fn a_session_ends_with_every_change_of_the_account(store: &Store) {
    let (browser, _) = with_session(store).await;
    let account = browser.evidence.account.clone();
    let kept = Some(&browser);
    store.identity().end_sessions_of(&account, kept, &event()).await.expect("others ended");
    assert!(signed_in_behind(store, &hash(51)).await.is_some(), "the session itself was kept");
    store.identity().end_all_of(&account, NOW).await.expect("all ended");
    assert_eq!(signed_in_behind(store, &hash(51)).await, None);
}

async fn a_link_is_used_once_and_a_new_one_replaces_it(store: &Store) {
    let make = async |number: u8, at: Millis| {
        let link = NewLink { token_hash: hash(number), made_by: "root@idp", expires_at: at + LINK_LIFETIME };
        let made = Event::new(at, Decision::AdminLinkMade);
        store.admin().make_link(&link, &made).await.expect("made");
    };
    let redeem = async |token: u8, session: u8, at: Millis| {
        let begun =
            |made_by: String| (by_link(made_by, at, session), Event::new(at, Decision::AdminLinkUsed));
        let used = LinkUse { token_hash: &hash(token), at, from: "192.0.2.7", replaces: None };
        store.admin().use_link(&used, begun).await.expect("it answers")
    };
    assert!(!redeem(1, 60, NOW).await, "there is none");
    make(1, NOW).await;
    make(2, NOW).await;
    assert!(!redeem(1, 60, NOW).await, "the second replaced it");
    assert!(!redeem(2, 60, NOW + LINK_LIFETIME).await, "too late");
    assert!(!redeem(2, 60, NOW - MINUTE - 1).await, "a clock that was set back");
    assert_eq!(store.admin().used_links(0).await.expect("it reads"), []);
    assert!(store.admin().has_usable_link(NOW).await.expect("it reads"));
    assert!(!store.admin().has_usable_link(NOW + LINK_LIFETIME).await.expect("it reads"));

    let (first, second) = tokio::join!(redeem(2, 61, NOW + 1), redeem(2, 62, NOW + 1));
    assert!(first != second, "one of two at once");
    let winner = if first { 61 } else { 62 };
    let found = store.admin().session(&hash(winner), NOW + 1).await.expect("it reads").expect("there");
    assert_eq!(found.session, by_link("root@idp".into(), NOW + 1, winner));
    assert_eq!(found.signed_in, None);
    assert!(!redeem(2, 63, NOW + 2).await, "used");
    make(3, NOW + 3).await;
    let used = store.admin().used_links(NOW).await.expect("it reads");
    let shown: Vec<_> =
        used.iter().map(|link| (link.made_by.as_str(), link.used_at, link.used_from.as_str())).collect();
    assert_eq!(shown, [("root@idp", NOW + 1, "192.0.2.7")], "it is still known");
    let confirm = async |by, at| store.admin().confirm_link(by, at, &event()).await.expect("it answers");
    assert!(!confirm("root@idp", NOW).await && !confirm("eve@idp", NOW + 1).await, "there is no such use");
    assert!(confirm("root@idp", NOW + 1).await && !confirm("root@idp", NOW + 1).await, "once");
    assert_eq!(store.admin().used_links(NOW).await.expect("it reads"), [], "nobody is warned any more");
    assert_eq!(store.admin().used_links(NOW + 1).await.expect("it reads"), []);
    assert_eq!(
        store.admin().session(&hash(winner), NOW + 1).await.expect("it reads"),
        None,
        "ended by link 3"
    );
    assert!(redeem(3, 64, NOW + 4).await);
    assert_eq!(store.admin().end_links(&event()).await.expect("ended"), 1);
    assert_eq!(store.admin().session(&hash(64), NOW + 4).await.expect("it reads"), None);
    for round in 0..10 {
        let at = NOW + 10 + i64::from(round);
        let (one, two) = (100 + 2 * round, 101 + 2 * round);
        tokio::join!(make(one, at), make(two, at));
        let used = (redeem(one, one, at).await, redeem(two, two, at).await);
        assert!(used.0 != used.1, "one of two links that were made at once: {used:?}");
    }
}

async fn expired_rows_are_removed(store: &Store) {
    let (browser, _) = with_session(store).await;
    let link = NewLink { token_hash: hash(1), made_by: "root@idp", expires_at: NOW + LINK_LIFETIME };
    store.admin().make_link(&link, &event()).await.expect("made");
    let begun = |made_by: String| (by_link(made_by, NOW, 61), event());
    let used = LinkUse { token_hash: &hash(1), at: NOW, from: "192.0.2.7", replaces: None };
    assert!(store.admin().use_link(&used, begun).await.expect("it answers"));
    let expire = async |now| store.admin().expire(30 * MINUTE, 8 * HOUR, now).await.expect("removed");
    let left = async |number| store.admin().session(&hash(number), NOW).await.expect("it reads").is_some();

    store.admin().touch(&hash(51), NOW + LINK_SESSION, NOW).await.expect("touched");
    store.admin().touch(&hash(61), NOW + LINK_SESSION, NOW).await.expect("touched");
    expire(NOW + LINK_SESSION - 1).await;
    assert!(left(51).await && left(61).await);
    expire(NOW + LINK_SESSION).await;
    assert!(left(51).await && !left(61).await, "a link's session is shorter");
    expire(NOW + LINK_SESSION + 30 * MINUTE).await;
    assert!(!left(51).await, "idle");
    store.admin().begin(&of(&browser, 52), None, &event()).await.expect("it begins");
    expire(NOW + LINK_NOTICE).await;
    assert!(!left(52).await);
    assert_eq!(store.admin().used_links(0).await.expect("it reads"), [], "nobody is told any more");
}

async fn the_trail_names_who_did_it(store: &Store) {
    let actor = Actor::break_glass("root@idp".into());
    append(store, &Event::new(NOW, Decision::AdminEntered).by(&actor)).await;
    append(store, &event()).await;
    let rows = store.login().audit_page(None, 2, &AuditFilter::All).await.expect("it reads");
    let shown: Vec<_> = rows.iter().map(|row| (row.actor.as_deref(), row.role.as_deref())).collect();
    assert_eq!(shown, [(None, None), (Some("break-glass root@idp"), Some("owner"))]);
}
