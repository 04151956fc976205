//! Settings and signing keys: of two writers one wins, and the other learns of it.

use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::client::SigningAlgorithm;
use cloudsync_idp::domain::secret::{Hashed, Sealed};
use cloudsync_idp::domain::signing_key::KeyState;
use cloudsync_idp::store::{
    AuditFilter, KeyChange, KeyRow, KeysOutcome, NewSettings, SaveOutcome, SettingsVersion, Store,
};

use super::{NOW, event, on_both};

on_both!(
    a_document_is_saved_only_on_top_of_the_one_that_was_read,
    of_two_concurrent_rotations_one_succeeds,
    steps_are_written_together
);

fn version(document: &str, policy_generation: i64) -> NewSettings<'_> {
    NewSettings { policy_generation, document, changed_clients: &[], targets: &[], mark: &Hashed([9; 32]) }
}

async fn a_document_is_saved_only_on_top_of_the_one_that_was_read(store: &Store) {
    assert_eq!(store.settings().settings().await.unwrap(), None);
    assert_eq!(store.settings().settings_generation().await.unwrap(), 0);
    let changed = Event::new(NOW, Decision::SettingsChanged);
    assert_eq!(
        store.settings().save_settings(0, version("one", 0), &changed).await.unwrap(),
        SaveOutcome::Saved(1)
    );
    assert_eq!(
        store.settings().save_settings(0, version("another", 0), &changed).await.unwrap(),
        SaveOutcome::Conflict
    );
    assert_eq!(
        store.settings().save_settings(7, version("another", 0), &changed).await.unwrap(),
        SaveOutcome::Conflict
    );
    assert_eq!(
        store.settings().save_settings(1, version("two", 2), &changed).await.unwrap(),
        SaveOutcome::Saved(2)
    );
    assert_eq!(
        store.settings().settings().await.unwrap(),
        Some(SettingsVersion {
            generation: 2,
            policy_generation: 2,
            document: "two".to_owned(),
            mark: Some(vec![9; 32]),
        })
    );
    assert_eq!(store.settings().settings_generation().await.unwrap(), 2);
    let trail = store.login().audit_page(None, 10, &AuditFilter::All).await.unwrap();
    assert_eq!(trail.len(), 2, "a refused save leaves no event");
    assert_eq!(trail[0].decision, "settings_changed");
}

pub(super) fn key(kid: &str, state: KeyState) -> KeyRow {
    KeyRow {
        kid: kid.into(),
        alg: SigningAlgorithm::ES256,
        state,
        public_jwk: "{}".into(),
        sealed_private: Sealed(vec![1, 2, 3]),
        created_at: NOW,
        state_since: NOW,
    }
}

async fn of_two_concurrent_rotations_one_succeeds(store: &Store) {
    let (generation, none) = store.settings().signing_keys().await.unwrap();
    assert_eq!((generation, none.len()), (0, 0));
    let tries = (0..8).map(|number| {
        let store = store.clone();
        let change = KeyChange::Put(key(&format!("k{number}"), KeyState::Current));
        tokio::spawn(async move { store.settings().change_keys(0, &[change], None).await.unwrap() })
    });
    let tries: Vec<_> = tries.collect();
    let mut won = 0;
    for tried in tries {
        won += u32::from(tried.await.unwrap() == KeysOutcome::Changed);
    }
    assert_eq!(won, 1);
    let (generation, keys) = store.settings().signing_keys().await.unwrap();
    assert_eq!((generation, keys.len()), (1, 1));
    assert_eq!(store.settings().keys_generation().await.unwrap(), 1);
}

async fn steps_are_written_together(store: &Store) {
    let first = [KeyChange::Put(key("a", KeyState::Current)), KeyChange::Put(key("b", KeyState::Next))];
    assert_eq!(store.settings().change_keys(0, &first, Some(&event())).await.unwrap(), KeysOutcome::Changed);
    let two_currents = [KeyChange::Put(key("c", KeyState::Current))];
    assert!(
        store.settings().change_keys(1, &two_currents, None).await.is_err(),
        "two current keys of one algorithm"
    );
    assert_eq!(store.settings().keys_generation().await.unwrap(), 1, "the failed change wrote nothing");
    let turn = [
        KeyChange::State { kid: "a".into(), state: KeyState::Retired, since: NOW + 1 },
        KeyChange::State { kid: "b".into(), state: KeyState::Current, since: NOW + 1 },
    ];
    assert_eq!(store.settings().change_keys(1, &turn, None).await.unwrap(), KeysOutcome::Changed);
    assert_eq!(
        store.settings().change_keys(2, &[KeyChange::Remove { kid: "a".into() }], None).await.unwrap(),
        KeysOutcome::Changed
    );
    let (_, keys) = store.settings().signing_keys().await.unwrap();
    let expected = KeyRow { state_since: NOW + 1, ..key("b", KeyState::Current) };
    assert_eq!(keys, [expected]);
}
