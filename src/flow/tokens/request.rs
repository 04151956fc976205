//! One token request of an authenticated client.

use crate::domain::audit::{Decision, Event};
use crate::domain::client::Client;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;

/// One request of an authenticated client, under the settings in force.
#[derive(Clone, Copy)]
pub struct ClientRequest<'a> {
    pub parts: &'a LoginParts,
    pub current: &'a Current,
    pub visit: &'a Visit,
    pub client: &'a Client,
}

impl ClientRequest<'_> {
    /// An audit event of this request, about nobody yet.
    pub(super) fn event(&self, decision: Decision) -> Event {
        let client_id = Some(self.client.client_id.clone());
        Event { client_id, ..self.visit.event(self.parts.now(), decision) }
    }
}
