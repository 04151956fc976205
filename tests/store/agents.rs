//! Agents: a code is good once, a key is replaced by its owner only, and a revoked agent stays out.

use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::{HOUR, Millis};
use cloudsync_idp::store::{AgentEnrolment, AgentRow, AgentTunnelRow, NewAgent, Store};

use super::{NOW, hash, on_both};

on_both!(
    a_code_is_good_once_and_within_its_time,
    a_name_belongs_to_one_agent_that_is_not_revoked,
    only_the_enrolled_key_is_replaced,
    a_revoked_agent_stays_revoked,
    a_node_notes_all_of_its_connections,
);

const KEY: &[u8] = &[1; 32];

fn event(at: Millis, decision: Decision) -> Event {
    Event::new(at, decision)
}

async fn invite(store: &Store, id: &str, name: &str, code: u8) -> bool {
    let directory = DirectoryId("corp".into());
    let code = hash(code);
    let agent = NewAgent { id, name, directory: &directory, code: &code, code_until: NOW + HOUR };
    store.settings().invite_agent(agent, &event(NOW, Decision::AgentInvited)).await.unwrap()
}

async fn enrol(store: &Store, id: &str, code: u8, at: Millis) -> bool {
    let (code, targets) = (hash(code), ["dc1:636".to_owned()]);
    let enrolment = AgentEnrolment { id, code: &code, public_key: KEY, targets: &targets };
    store.settings().enrol_agent(enrolment, &event(at, Decision::AgentEnrolled)).await.unwrap()
}

async fn agent(store: &Store, id: &str) -> AgentRow {
    store.settings().agent(id).await.unwrap().expect("an agent")
}

async fn a_code_is_good_once_and_within_its_time(store: &Store) {
    assert!(invite(store, "a", "hq", 1).await);
    assert!(!enrol(store, "a", 2, NOW).await, "another code");
    assert!(!enrol(store, "b", 1, NOW).await, "another agent");
    assert!(!enrol(store, "a", 1, NOW + HOUR).await, "too late");
    assert_eq!(agent(store, "a").await.public_key, None);
    assert!(enrol(store, "a", 1, NOW + HOUR - 1).await);
    assert!(!enrol(store, "a", 1, NOW + HOUR - 1).await, "a second time");
    let row = agent(store, "a").await;
    assert_eq!((row.public_key.as_deref(), row.targets.as_slice()), (Some(KEY), &["dc1:636".to_owned()][..]));
}

async fn a_name_belongs_to_one_agent_that_is_not_revoked(store: &Store) {
    assert!(invite(store, "a", "hq", 1).await);
    assert!(invite(store, "b", "hq", 2).await, "an unused invitation is replaced");
    assert!(store.settings().agent("a").await.unwrap().is_none() && !enrol(store, "a", 1, NOW).await);
    assert!(enrol(store, "b", 2, NOW).await);
    assert!(!invite(store, "c", "hq", 3).await, "it is taken");
    assert!(store.settings().revoke_agent("b", &event(NOW, Decision::AgentRevoked)).await.unwrap());
    assert!(invite(store, "c", "hq", 3).await);
    assert_eq!(store.settings().agents().await.unwrap().len(), 2);
}

async fn only_the_enrolled_key_is_replaced(store: &Store) {
    assert!(invite(store, "a", "hq", 1).await && enrol(store, "a", 1, NOW).await);
    let renew = async |old: &[u8], new: &[u8]| {
        let event = event(NOW + 1, Decision::AgentKeyRenewed);
        store.settings().renew_agent_key("a", (old, new), &event).await.unwrap()
    };
    assert!(!renew(&[9; 32], &[2; 32]).await);
    assert!(renew(KEY, &[2; 32]).await && !renew(KEY, &[3; 32]).await);
    let row = agent(store, "a").await;
    assert_eq!((row.public_key, row.key_at), (Some(vec![2; 32]), Some(NOW + 1)));
}

async fn a_revoked_agent_stays_revoked(store: &Store) {
    assert!(invite(store, "a", "hq", 1).await && enrol(store, "a", 1, NOW).await);
    let revoked = event(NOW, Decision::AgentRevoked);
    assert!(store.settings().revoke_agent("a", &revoked).await.unwrap());
    assert!(!store.settings().revoke_agent("a", &revoked).await.unwrap());
    let changed = event(NOW, Decision::AgentTargetsChanged);
    assert!(!store.settings().note_agent_targets("a", &["x:636".to_owned()], &changed).await.unwrap());
    let renewed = event(NOW, Decision::AgentKeyRenewed);
    assert!(!store.settings().renew_agent_key("a", (KEY, &[2; 32]), &renewed).await.unwrap());
    assert!(invite(store, "b", "branch", 2).await);
    assert!(store.settings().revoke_agent("b", &revoked).await.unwrap(), "an invited one");
    assert!(!enrol(store, "b", 2, NOW).await);
}

async fn a_node_notes_all_of_its_connections(store: &Store) {
    let row = |agent: &str, node: &str, streams| AgentTunnelRow {
        agent: agent.into(),
        node: node.into(),
        host: "idp1".into(),
        version: "1".into(),
        address: "192.0.2.1".into(),
        since: NOW,
        seen_at: NOW,
        streams,
        bytes_sent: 1,
        bytes_received: 2,
        rtt_ms: 3,
    };
    let (one, two) = (row("a", "n1", 1), row("a", "n2", 2));
    store.settings().note_agent_tunnels("n1", &[one.clone(), row("b", "n1", 0)], NOW).await.unwrap();
    store.settings().note_agent_tunnels("n2", &[two.clone()], NOW).await.unwrap();
    store.settings().note_agent_tunnels("n1", &[one.clone()], NOW).await.unwrap();
    assert_eq!(store.settings().agent_tunnels(NOW).await.unwrap(), [one, two.clone()]);
    store.settings().note_agent_tunnels("n1", &[], NOW).await.unwrap();
    assert_eq!(store.settings().agent_tunnels(NOW).await.unwrap(), [two]);
    assert!(store.settings().agent_tunnels(NOW + 1).await.unwrap().is_empty());
}
