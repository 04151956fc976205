//! The connections of an agent: one to each node of the provider. Behind a balancer an agent can't choose the node, so it
//! connects again until it has reached each; a node that it has reached already says so and nothing else happens.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;

use rand::RngExt;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant};

use super::enter::Entered;
use super::reach::Reachable;
use super::serve::{ServeEnd, serve};
use super::{Incoming, Outgoing};
use crate::domain::agent::pause;

/// A connection that has lasted so long was no failure.
const LASTED: Duration = Duration::from_secs(60);
/// How often an agent that has reached all nodes looks whether there is a new one.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// The failures after which the longest pause follows at once: nothing changes until somebody does something.
const HOPELESS: u32 = 6;

/// The connections that an agent has, and when it tries to get another one.
pub(super) struct Connections {
    reachable: Arc<Reachable>,
    serving: JoinSet<(String, Duration, ServeEnd)>,
    connected: BTreeSet<String>,
    /// All nodes, as last heard.
    nodes: Vec<String>,
    failures: u32,
    next_try: Instant,
}

impl Connections {
    pub(super) fn new(reachable: Arc<Reachable>) -> Self {
        let (serving, connected) = (JoinSet::new(), BTreeSet::new());
        Self { reachable, serving, connected, nodes: Vec::new(), failures: 0, next_try: Instant::now() }
    }

    /// The nodes that the agent is connected to.
    pub(super) fn nodes(&self) -> Vec<String> {
        self.connected.iter().cloned().collect()
    }

    pub(super) fn next_try(&self) -> Instant {
        self.next_try
    }

    /// Serves a new connection.
    pub(super) fn add(&mut self, entered: Entered, incoming: Incoming, outgoing: Outgoing) {
        let (node, reachable) = (entered.node.clone(), Arc::clone(&self.reachable));
        self.serving.spawn(async move {
            let began = Instant::now();
            let why = serve(&reachable, incoming, outgoing).await;
            (node, began.elapsed(), why)
        });
        self.connected.insert(entered.node);
        self.nodes = entered.nodes;
        self.failures = 0;
        self.plan();
    }

    /// A try has reached a node that the agent is connected to.
    pub(super) fn reached_again(&mut self, nodes: Vec<String>) {
        self.nodes = nodes;
        self.failures = self.failures.saturating_add(1);
        self.plan();
    }

    /// A try has failed; `hopeless`: for a reason that lasts.
    pub(super) fn failed(&mut self, hopeless: bool) {
        self.failures = if hopeless { HOPELESS } else { self.failures.saturating_add(1) };
        self.wait();
    }

    /// Returns when a connection was lost. Nothing is lost when this is dropped before.
    pub(super) async fn lost(&mut self) {
        let Some(ended) = self.serving.join_next().await else { return pending().await };
        match ended {
            Ok((node, lasted, why)) => {
                tracing::warn!(node, %why, "the connection to the provider has ended");
                self.connected.remove(&node);
                self.failures = if lasted < LASTED { self.failures.saturating_add(1) } else { 1 };
            }
            Err(error) => {
                // It is not known which one: the nodes that still have theirs say so.
                tracing::error!(%error, "a connection to the provider has failed");
                self.connected.clear();
                self.failures = self.failures.saturating_add(1);
            }
        }
        self.wait();
    }

    /// Soon, as long as nodes are missing.
    fn plan(&mut self) {
        if self.nodes.iter().all(|node| self.connected.contains(node)) {
            self.failures = 0;
            self.next_try = Instant::now() + LOOK_AGAIN;
        } else {
            self.wait();
        }
    }

    fn wait(&mut self) {
        let millis = pause(self.failures, rand::rng().random_range(0.0..1.0));
        self.next_try = Instant::now() + Duration::from_millis(millis.unsigned_abs());
    }
}
