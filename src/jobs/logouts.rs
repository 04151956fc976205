//! Tell clients of sessions that have ended: each client by itself, so that one that is away delays no other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};

use super::kept_alive::kept_alive;
use super::{LOGOUTS, PAUSE};
use crate::domain::client::Client;
use crate::flow::installation::context::PanelParts;
use crate::flow::tokens::backchannel::LogoutChannel;

/// How soon is found what another process has ended, and what is to be tried again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The way to a client by its settings, and what is being told now.
struct OpenChannel {
    client: Client,
    /// None if the client does not want to be told, or can't be.
    channel: Option<Arc<LogoutChannel>>,
    telling: Option<AbortHandle>,
}

/// Runs until it is dropped.
pub(super) async fn run(parts: PanelParts) {
    let background = Arc::clone(&parts.operation.process.background);
    kept_alive(LOGOUTS, background, PAUSE, move || tell(parts.clone())).await;
}

async fn tell(parts: PanelParts) {
    let mut channels: HashMap<String, OpenChannel> = HashMap::new();
    let mut telling = JoinSet::new();
    let mut wakes = parts.login.store.identity().logout_wake_ups();
    loop {
        wakes.mark_unchanged();
        while telling.try_join_next().is_some() {}
        let current = parts.login.current();
        channels.retain(|id, _| current.settings.client(id).is_some());
        for client in &current.settings.clients {
            if channels.get(&client.client_id).is_none_or(|open| open.client != *client) {
                channels.insert(client.client_id.clone(), OpenChannel::new(client));
            }
        }
        for open in channels.values_mut().filter(|open| !open.is_telling()) {
            let Some(channel) = open.channel.clone() else { continue };
            let parts = parts.login.clone();
            open.telling = Some(telling.spawn(async move { channel.tell(&parts).await }));
        }
        parts.operation.process.background.lives(LOGOUTS);
        tokio::select! {
            _ = wakes.changed() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

impl OpenChannel {
    fn new(client: &Client) -> Self {
        let channel = match LogoutChannel::new(client) {
            None => None,
            Some(Ok(channel)) => Some(Arc::new(channel)),
            Some(Err(error)) => {
                let id = &client.client_id;
                tracing::error!(client = id, %error, "the client can't be told that sessions have ended");
                None
            }
        };
        Self { client: client.clone(), channel, telling: None }
    }

    fn is_telling(&self) -> bool {
        self.telling.as_ref().is_some_and(|task| !task.is_finished())
    }
}
