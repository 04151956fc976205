//! Agents that die and freeze: another takes over within two seconds, and nobody waits longer than five.

use tokio::time::{Duration, Instant};

use super::process::Agent;
use super::{behind_agents, connected, listed, signs_in};
use crate::support::lab;
use crate::support::until;

const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_agent_is_left_and_another_takes_over() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let first = Agent::connected(&provider, "one", &[listed(lab)]).await;
    provider.sync().await.expect("a sync through the first");
    let _second = Agent::connected(&provider, "two", &[listed(lab)]).await;
    first.signal("-STOP");
    let began = Instant::now();
    // The first request may meet a connection that is frozen: its time limit ends it.
    let page = signs_in(&provider, "alice", &lab.user_password).await;
    assert!(began.elapsed() < LONGEST_WAIT, "{:?}: {}", began.elapsed(), page.text());
    until("the frozen one is out", async || connected(&provider) == ["two"]).await;
    let page = signs_in(&provider, "carol", &lab.user_password).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
    first.signal("-CONT");
    until("it is there again", async || connected(&provider).len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_agent_is_left_at_once() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let mut first = Agent::connected(&provider, "one", &[listed(lab)]).await;
    provider.sync().await.expect("a sync through the first");
    let _second = Agent::connected(&provider, "two", &[listed(lab)]).await;
    first.kill();
    until("it is out", async || connected(&provider) == ["two"]).await;
    let page = signs_in(&provider, "alice", &lab.user_password).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_agent_nobody_waits() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let mut agent = Agent::connected(&provider, "one", &[listed(lab)]).await;
    provider.sync().await.expect("a sync");
    agent.kill();
    until("it is out", async || connected(&provider).is_empty()).await;
    let began = Instant::now();
    let page = signs_in(&provider, "alice", &lab.user_password).await;
    assert!(page.status.is_server_error() && began.elapsed() < LONGEST_WAIT, "{}", page.text());
    agent.restart();
    until("it is there again", async || connected(&provider) == ["one"]).await;
    until("people sign in again", async || {
        signs_in(&provider, "alice", &lab.user_password).await.parameter("code").is_some()
    })
    .await;
}
