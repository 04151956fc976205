//! A rotation of the sealing key never overwrites a concurrent change.

use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::factor::FactorId;
use cloudsync_idp::domain::secret::{Hashed, Sealed};
use cloudsync_idp::domain::signing_key::KeyState;
use cloudsync_idp::store::{
    AuditFilter, KeyChange, KeysOutcome, NewSettings, NodeRow, Resealed, SaveOutcome, Store,
};

use super::{NOW, event, on_both};

on_both!(
    a_version_is_resealed_only_if_unchanged,
    a_secret_is_resealed_only_if_unchanged,
    a_private_key_is_resealed_only_in_the_generation_that_was_read,
    a_key_is_retired_once,
    a_node_is_listed_while_it_reports,
);

async fn a_version_is_resealed_only_if_unchanged(store: &Store) {
    for (generation, document) in [(0, "one"), (1, "two")] {
        let version = NewSettings {
            policy_generation: 1,
            document,
            changed_clients: &[],
            targets: &[],
            mark: &Hashed([1; 32]),
        };
        let saved = store.settings().save_settings(generation, version, &event()).await.unwrap();
        assert_eq!(saved, SaveOutcome::Saved(generation + 1));
    }
    let newest = store.settings().settings_before(i64::MAX).await.unwrap().unwrap();
    let first = store.settings().settings_before(newest.generation).await.unwrap().unwrap();
    assert_eq!((newest.document.as_str(), first.document.as_str()), ("two", "one"));
    assert_eq!(store.settings().settings_before(first.generation).await.unwrap(), None);
    for read in [&newest, &first] {
        assert!(store.settings().reseal_settings(read, "again", &Hashed([2; 32])).await.unwrap());
        assert!(!store.settings().reseal_settings(read, "late", &Hashed([3; 32])).await.unwrap());
    }
    let written = store.settings().settings().await.unwrap().unwrap();
    assert_eq!((written.document.as_str(), written.mark), ("again", Some(vec![2; 32])));
    assert_eq!((written.generation, written.policy_generation), (2, 1), "it is the same version");
}

async fn a_secret_is_resealed_only_if_unchanged(store: &Store) {
    let (_, factor) = super::factors::equipped(store).await;
    let read = store.settings().sealed_factors("", 10).await.unwrap();
    assert_eq!(read, [(factor.id.clone(), factor.secret.clone())]);
    assert_eq!(store.settings().sealed_factors(&factor.id.0, 10).await.unwrap(), []);
    let again =
        |new: u8| Resealed { id: factor.id.clone(), old: factor.secret.clone(), new: Sealed(vec![new; 9]) };
    let gone = Resealed { id: FactorId("gone".into()), ..again(3) };
    assert_eq!(store.settings().reseal_factors(&[again(1), gone]).await.unwrap(), 1);
    assert_eq!(store.settings().reseal_factors(&[again(2)]).await.unwrap(), 0, "it has changed meanwhile");
    let now = store.identity().factors(&factor.account).await.unwrap();
    assert_eq!((&now[0].secret, now[0].last_step), (&Sealed(vec![1; 9]), factor.last_step));
}

async fn a_private_key_is_resealed_only_in_the_generation_that_was_read(store: &Store) {
    let key = super::settings::key("a", KeyState::Current);
    let put = store.settings().change_keys(0, &[KeyChange::Put(key)], None).await.unwrap();
    assert_eq!(put, KeysOutcome::Changed);
    let again = |content: u8| KeyChange::Reseal { kid: "a".into(), sealed_private: Sealed(vec![content; 5]) };
    assert_eq!(
        store.settings().change_keys(1, &[again(1)], Some(&event())).await.unwrap(),
        KeysOutcome::Changed
    );
    assert_eq!(store.settings().change_keys(1, &[again(2)], None).await.unwrap(), KeysOutcome::Overtaken);
    let (generation, keys) = store.settings().signing_keys().await.unwrap();
    assert_eq!((generation, &keys[0].sealed_private), (2, &Sealed(vec![1; 5])));
}

async fn a_key_is_retired_once(store: &Store) {
    assert_eq!(store.settings().sealing_key_retired_at("01020304").await.unwrap(), None);
    for at in [NOW, NOW + 5] {
        store
            .settings()
            .retire_sealing_key("01020304", &Event::new(at, Decision::KeysRotated))
            .await
            .unwrap();
    }
    assert_eq!(store.settings().sealing_key_retired_at("01020304").await.unwrap(), Some(NOW));
    assert_eq!(store.login().audit_page(None, 10, &AuditFilter::All).await.unwrap().len(), 1);
}

async fn a_node_is_listed_while_it_reports(store: &Store) {
    let node = |id: &str, keys: &[&str], noted_at| NodeRow {
        id: id.into(),
        host: format!("host of {id}"),
        sealing_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        noted_at,
    };
    store.settings().note_node(&node("a", &["1"], NOW)).await.unwrap();
    store.settings().note_node(&node("b", &["1", "2"], NOW + 5)).await.unwrap();
    store.settings().note_node(&node("a", &["2", "1"], NOW + 9)).await.unwrap();
    let (a, b) = (node("a", &["2", "1"], NOW + 9), node("b", &["1", "2"], NOW + 5));
    assert_eq!(store.settings().nodes(NOW).await.unwrap(), [a.clone(), b]);
    assert_eq!(store.settings().nodes(NOW + 6).await.unwrap(), std::slice::from_ref(&a));
    store.settings().forget_node("b").await.unwrap();
    assert_eq!(store.settings().nodes(0).await.unwrap(), [a]);
    store.settings().note_node(&node("c", &[], NOW + 100_000_000)).await.unwrap();
    assert_eq!(store.settings().nodes(0).await.unwrap().len(), 1, "the other has not reported for a day");
}
