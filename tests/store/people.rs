//! People are found by the beginnings of their words, whatever writes their names; an administrator suspends an
//! account here; the audit trail is read by conditions.

use cloudsync_idp::domain::account::{AccountId, Profile, Status, SuspendedBecause};
use cloudsync_idp::domain::account_search::terms;
use cloudsync_idp::domain::admin::Actor;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::profile::{ProfileAttribute, ProfileValues};
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::domain::{HOUR, Millis};
use cloudsync_idp::store::{
    AppliedKind, AuditConditions, AuditFilter, PurgeOutcome, ReactivateOutcome, Store, SuspendOutcome,
};

use super::{NOW, append, apply, change, corp, event, event_at, first_settings, on_both, person, signed_in};
use crate::support::desk;

on_both!(
    a_search_finds_people_by_the_beginning_of_each_word,
    a_search_is_read_in_pages_with_each_person_once,
    every_writer_of_names_writes_their_words,
    a_name_leads_only_to_its_accounts,
    an_account_is_suspended_here_until_it_is_reactivated_here,
    the_directory_does_not_reactivate_who_was_suspended_here,
    the_trail_is_read_by_conditions,
);

fn id(text: &str) -> AccountId {
    AccountId(text.into())
}

fn called(email: &str, login: &str, name: &str) -> Profile {
    Profile {
        email: email.into(),
        login_name: Some(login.into()),
        attributes: ProfileValues::default().with(ProfileAttribute::Name, name.to_owned()),
    }
}

async fn found(store: &Store, search: &str) -> Vec<String> {
    let page = store.identity().search(&terms(search), None, 100).await.expect("it reads");
    assert_eq!(page.next, None);
    page.accounts.into_iter().map(|account| account.id.0).collect()
}

async fn import(store: &Store, people: Vec<(AccountId, Profile)>) {
    let done = store.identity().import_accounts(people, &event(), NOW).await.expect("it loads");
    assert!(done.conflicts.is_empty(), "{:?}", done.conflicts);
}

async fn a_search_finds_people_by_the_beginning_of_each_word(store: &Store) {
    import(
        store,
        vec![
            (id("1"), called("ann@example.com", "ann", "Ann Lee")),
            (id("2"), called("bob@example.com", "bob", "Bob Lee")),
            (id("3"), called("zoe@example.org", "CORP-zoe", "Zoë Östlund")),
        ],
    )
    .await;
    for (search, ids) in [
        ("an", &["1"][..]),
        ("ANN", &["1"]),
        ("lee", &["1", "2"]),
        ("lee bo", &["2"]),
        ("bo lee", &["2"]),
        ("lee example.com", &["1", "2"]),
        ("zoe ost", &["3"]),
        ("ö", &["3"]),
        ("corp-z", &["3"]),
        ("ann@example.c", &["1"]),
        ("lee zoe", &[]),
        ("e%", &["1", "2", "3"]),
        ("%", &[]),
        ("_nn", &[]),
        ("nn", &[]),
        ("", &[]),
    ] {
        assert_eq!(found(store, search).await, ids, "{search}");
    }
}

async fn a_search_is_read_in_pages_with_each_person_once(store: &Store) {
    let people = (0..25).map(|number| {
        let name = format!("Ada Adams Adler-Adam{number:02}");
        (
            id(&format!("p{number:02}")),
            called(&format!("ada{number:02}@example.com"), &format!("adx{number}"), &name),
        )
    });
    import(store, people.collect()).await;
    for search in ["ad example.com", "ad"] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.identity().search(&terms(search), after.as_ref(), 7).await.expect("it reads");
            assert!(page.accounts.len() <= 7);
            seen.extend(page.accounts.into_iter().map(|account| account.id.0));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen.len(), 25, "{search}: {seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 25, "{search}: each once");
    }
}

async fn every_writer_of_names_writes_their_words(store: &Store) {
    let alice = person(store, 1, "alice").await;
    assert_eq!(found(store, "alice").await, [alice.0.as_str()]);
    let renamed = apply(store, 1, Action::Update(alice.clone(), change(1, "alina"))).await;
    assert_eq!(renamed.kind, AppliedKind::Updated);
    assert_eq!(found(store, "alina").await, [alice.0.as_str()]);
    assert_eq!(found(store, "alice").await, [""; 0], "the old name leads nowhere");
    import(store, vec![(id("42"), called("old@example.com", "old", "Old"))]).await;
    import(store, vec![(id("42"), called("new@example.com", "new", "New"))]).await;
    assert_eq!((found(store, "new").await, found(store, "old").await), (vec!["42".to_owned()], vec![]));
    let purged = store.identity().purge(&id("42"), true, &event()).await.expect("it erases");
    assert!(matches!(purged, PurgeOutcome::Erased(_)));
    assert_eq!(found(store, "new").await, [""; 0]);
}

async fn a_name_leads_only_to_its_accounts(store: &Store) {
    import(
        store,
        vec![
            (id("A1"), called("sam@example.com", "Sam", "Bob")),
            (id("2"), called("bob@example.com", "bob", "Sam Sam")),
        ],
    )
    .await;
    for (name, ids) in [
        ("a1", &["A1"][..]),
        ("sam", &["A1"]),
        ("bob", &["2"]),
        ("sam@example.com", &["A1"]),
        ("sa", &[]),
        ("example.com", &[]),
    ] {
        let accounts = store.identity().accounts_called(&[name.to_owned()]).await.expect("it reads");
        let found: Vec<&str> = accounts.iter().map(|account| account.id.0.as_str()).collect();
        assert_eq!(found, ids, "{name}");
    }
}

fn by_desk(decision: Decision, at: Millis) -> Event {
    Event::new(at, decision).by(&desk())
}

async fn an_account_is_suspended_here_until_it_is_reactivated_here(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let session = signed_in(store, &alice, 1).await;
    let (suspended, reactivated) =
        (by_desk(Decision::PersonSuspended, NOW + 1), by_desk(Decision::PersonReactivated, NOW + 2));
    let nobody = store.identity().suspend_here(&id("nobody"), &suspended).await.expect("an answer");
    assert_eq!(nobody, SuspendOutcome::Unknown);
    let active = store.identity().reactivate(&alice, &reactivated).await.expect("an answer");
    assert_eq!(active, ReactivateOutcome::NotSuspendedHere(None));
    let done = store.identity().suspend_here(&alice, &suspended).await.expect("an answer");
    assert!(matches!(done, SuspendOutcome::Done(ended) if ended.sessions == 1), "{done:?}");
    assert!(
        store.login().session(&session.id_hash).await.expect("it reads").is_none(),
        "the session has ended"
    );
    let account = store.identity().account(&alice).await.expect("it reads").expect("there");
    assert_eq!(account.status, Status::Suspended { because: SuspendedBecause::Admin, since: NOW + 1 });
    let again = store.identity().suspend_here(&alice, &suspended).await.expect("an answer");
    assert_eq!(again, SuspendOutcome::Already);
    let taken = store.sync().taken_since(&corp(), 0).await.expect("it reads");
    assert!(taken.is_empty(), "it does not count for the guard");
    assert_eq!(
        store.identity().reactivate(&alice, &reactivated).await.expect("an answer"),
        ReactivateOutcome::Done
    );
    let account = store.identity().account(&alice).await.expect("it reads").expect("there");
    assert_eq!(
        (account.status, account.seen_at),
        (Status::Active, None),
        "judged again before anything is issued"
    );
    let trail = store.login().audit_page(None, 9, &AuditFilter::All).await.expect("it reads");
    let written: Vec<_> = trail.iter().map(|row| (row.decision.as_str(), row.actor.as_deref())).collect();
    let actor = Some("command desk@test");
    assert_eq!(written[..2], [("person_reactivated", actor), ("person_suspended", actor)]);
}

async fn the_directory_does_not_reactivate_who_was_suspended_here(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let gone = Action::Suspend(alice.clone(), SuspendedBecause::Disabled, change(1, "alice"));
    assert_eq!(apply(store, 1, gone).await.kind, AppliedKind::Suspended);
    let refused = store.identity().reactivate(&alice, &event()).await.expect("an answer");
    assert_eq!(refused, ReactivateOutcome::NotSuspendedHere(Some(SuspendedBecause::Disabled)));
    let done = store.identity().suspend_here(&alice, &event()).await.expect("an answer");
    assert!(matches!(done, SuspendOutcome::Done(_)));
    apply(store, 1, Action::Reactivate(alice.clone(), change(1, "alice"))).await;
    let account = store.identity().account(&alice).await.expect("it reads").expect("there");
    assert_eq!(account.status, Status::Suspended { because: SuspendedBecause::Admin, since: NOW });
}

async fn the_trail_is_read_by_conditions(store: &Store) {
    let alice = Actor::command("alice@idp".into());
    for hour in 0..100 {
        let decision = if hour % 10 == 0 { Decision::SettingsChanged } else { Decision::SignedIn };
        let mut event = event_at(NOW + hour * HOUR);
        event.decision = decision;
        event.directory = Some(if hour % 2 == 0 { "corp" } else { "lab" }.to_owned());
        let event = if hour % 20 == 0 { event.by(&alice) } else { event };
        append(store, &event).await;
    }
    let count = async |conditions: AuditConditions| {
        let page = store.login().audit_page(None, 1_000, &AuditFilter::Where(conditions)).await;
        page.expect("it reads").len()
    };
    let none = AuditConditions::default;
    let decision = Some("settings_changed".to_owned());
    let (from, until) = (Some(NOW + 30 * HOUR), Some(NOW + 60 * HOUR));
    assert_eq!(count(none()).await, 100);
    assert_eq!(count(AuditConditions { decision: decision.clone(), ..none() }).await, 10);
    assert_eq!(count(AuditConditions { actor: Some(alice.to_string()), ..none() }).await, 5);
    assert_eq!(count(AuditConditions { directory: Some(corp()), ..none() }).await, 50);
    assert_eq!(count(AuditConditions { from, until, ..none() }).await, 30);
    assert_eq!(count(AuditConditions { from, until, decision, ..none() }).await, 3);
    let decision = Some("settings_changed".to_owned());
    let actor = Some(alice.to_string());
    assert_eq!(
        count(AuditConditions { actor: actor.clone(), decision: decision.clone(), ..none() }).await,
        5
    );
    let other = Some("signed_in".to_owned());
    assert_eq!(count(AuditConditions { actor, decision: other, ..none() }).await, 0, "all conditions hold");
    assert_eq!(count(AuditConditions { decision, directory: Some(corp()), ..none() }).await, 10);
    assert_eq!(count(AuditConditions { client: Some("another".into()), ..none() }).await, 0);
    assert_eq!(count(AuditConditions { from: Some(NOW + 1_000 * HOUR), ..none() }).await, 0);
    assert_eq!(count(AuditConditions { until: Some(NOW), ..none() }).await, 0);
    assert_eq!(count(AuditConditions { account: Some(id("nobody")), ..none() }).await, 0);
    let first = AuditFilter::Where(AuditConditions { from, until, ..none() });
    let newest = store.login().audit_page(None, 10, &first).await.expect("it reads");
    let next = store.login().audit_page(Some(newest[9].id), 100, &first).await.expect("it reads");
    assert_eq!((newest[0].at, next.len()), (NOW + 59 * HOUR, 20));
    let first = AuditFilter::Where(AuditConditions { from, until, oldest_first: true, ..none() });
    let oldest = store.login().audit_page(None, 10, &first).await.expect("it reads");
    let next = store.login().audit_page(Some(oldest[9].id), 100, &first).await.expect("it reads");
    assert_eq!((oldest[0].at, next[0].at, next.len()), (NOW + 30 * HOUR, NOW + 40 * HOUR, 20));
}

/// As an earlier version leaves a store.
async fn forget_words(url: &str) {
    const FORGET: [&str; 2] = ["DELETE FROM account_words", "DELETE FROM facts WHERE name = 'account_words'"];
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let file = rusqlite::Connection::open(path).expect("the file opens");
            file.execute_batch(&FORGET.join("; ")).expect("forgotten");
        }
        None => {
            let pool = sqlx::PgPool::connect(url).await.expect("a connection");
            for sql in FORGET {
                sqlx::query(sql).execute(&pool).await.expect("forgotten");
            }
        }
    }
}

/// A store of an earlier version has accounts without words.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_gives_every_account_its_words() {
    for fresh in [super::Fresh::sqlite().await, super::Fresh::postgres().await] {
        let people = (0..1_100).map(|number| {
            let login = format!("user{number}");
            (id(&format!("{number:04}")), called(&format!("{login}@example.com"), &login, "Ann Lee"))
        });
        import(&fresh.store, people.collect()).await;
        forget_words(&fresh.url).await;
        assert_eq!(found(&fresh.store, "user77").await, [""; 0]);
        let again = Store::open(&fresh.url).await.expect("it opens");
        assert_eq!(found(&again, "user1099").await, ["1099"]);
        assert_eq!(found(&again, "user77").await.len(), 11, "77 and 770 to 779");
    }
}
