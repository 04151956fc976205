//! Record that a client still sends the secret before the current one, so that an administrator knows whether it
//! may end.

use crate::domain::HOUR;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::client::Client;
use crate::domain::throttle::Window;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;

/// Records it, once an hour for each client.
pub async fn used(parts: &LoginParts, visit: &Visit, client: &Client) -> Result<(), Fault> {
    let now = parts.now();
    let window = Window::of(now, HOUR);
    let key = format!("old_secret:{}:{}", window.number, client.client_id);
    if parts.volatile.count(&key, window.left, now).await? > 1 {
        return Ok(());
    }
    let event = Event {
        client_id: Some(client.client_id.clone()),
        keep: Keep::Short,
        ..visit.event(now, Decision::OldSecretUsed)
    };
    Ok(parts.store.login().append(&event).await?)
}
